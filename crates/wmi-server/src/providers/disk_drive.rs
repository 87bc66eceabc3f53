//! `Win32_DiskDrive`: the block devices with a device behind them, out of `/sys/block`.

use crate::provider::{ProviderError, Request};

use super::machine::Machine;
use super::table::{Source, Table, table};

/// Linux counts the size of a device in units of this many bytes, whatever its sectors.
const SIZE_UNIT: u64 = 512;

/// A disk drive.
pub(super) struct Drive {
    machine: Machine,
    name: String,
    index: u32,
    /// What the device is attached to: the path of its directory.
    device: String,
}

impl Drive {
    fn file(&self, file: &str) -> Option<String> {
        self.machine.line(&format!("/sys/block/{}/{file}", self.name))
    }

    fn is_set(&self, file: &str) -> bool {
        self.file(file).as_deref() == Some("1")
    }

    fn size(&self) -> Option<u64> {
        self.file("size")?.parse::<u64>().ok()?.checked_mul(SIZE_UNIT)
    }

    fn sector(&self) -> Option<u32> {
        self.file("queue/logical_block_size")?.parse().ok()
    }

    fn sectors(&self) -> Option<u64> {
        self.size()?.checked_div(u64::from(self.sector()?))
    }

    fn partitions(&self) -> Option<u32> {
        let directory = format!("/sys/block/{}", self.name);
        let names = self.machine.names(&directory);
        let is_partition = |n: &&String| self.machine.exists(&format!("{directory}/{n}/partition"));
        u32::try_from(names.iter().filter(is_partition).count()).ok()
    }

    /// The documented names of what a drive can be attached to.
    fn interface(&self) -> Option<String> {
        let via = |bus: &str| self.device.split('/').any(|part| part.starts_with(bus));
        let on_scsi =
            self.scsi::<u16>(0).is_some() || self.name.starts_with("nvme") || via("virtio");
        let name = if via("usb") {
            "USB"
        } else if via("ata") {
            "IDE"
        } else if on_scsi {
            "SCSI"
        } else {
            return None;
        };
        Some(name.to_owned())
    }

    /// A part of the address `host:bus:target:unit` that a SCSI device is named by.
    fn scsi<T: std::str::FromStr>(&self, part: usize) -> Option<T> {
        let address = self.device.rsplit('/').next()?;
        let parts: Vec<&str> = address.split(':').collect();
        if parts.len() != 4 {
            return None;
        }
        parts.get(part)?.parse().ok()
    }

    fn serial(&self) -> Option<String> {
        self.file("serial").or_else(|| self.file("device/serial"))
    }

    /// The numbers and names of what the drive can do.
    fn capabilities(&self) -> Vec<(u16, &'static str)> {
        let mut capabilities = vec![(3, "Random Access")];
        if !self.is_set("ro") {
            capabilities.push((4, "Supports Writing"));
        }
        if self.is_set("removable") {
            capabilities.push((7, "Supports Removable Media"));
        }
        capabilities
    }

    /// Virtual drives give a number in place of a name.
    fn manufacturer(&self) -> Option<String> {
        self.file("device/vendor").filter(|vendor| !vendor.starts_with("0x"))
    }

    fn media_type(&self) -> String {
        let removable = self.is_set("removable");
        if removable { "Removable Media" } else { "Fixed hard disk media" }.to_owned()
    }

    fn status(&self) -> Option<String> {
        let state = self.file("device/state")?;
        matches!(state.as_str(), "running" | "live").then(|| "OK".to_owned())
    }
}

/// Optical drives and floppy disks have classes of their own in Windows.
fn is_disk(name: &str) -> bool {
    !name.starts_with("sr") && !name.starts_with("fd")
}

impl Source for Drive {
    fn all(machine: &Machine, _: &Request) -> Result<impl Iterator<Item = Self>, ProviderError> {
        let names = machine.names("/sys/block").into_iter().filter(|name| is_disk(name));
        let drives = names.filter_map(|name| {
            let device = machine.resolve(&format!("/sys/block/{name}/device"))?;
            Some((name, device))
        });
        let drives = (0_u32..).zip(drives);
        Ok(drives.map(|(index, (name, device))| Self {
            machine: machine.clone(),
            name,
            index,
            device,
        }))
    }

    fn table() -> Table<Self> {
        table! {
            /// A disk drive of this computer.
            Win32_DiskDrive: CIM_DiskDrive = "{8502C4B2-5FBB-11D2-AAC1-006008C78BC7}",
                with drive: Self;
            inherits {
                Caption => drive.file("device/model").or_else(|| Some(drive.name.clone()));
                Description => "Disk drive";
                Name => format!("/dev/{}", drive.name);
                Status => drive.status();
                CreationClassName => "Win32_DiskDrive";
                SystemCreationClassName => "Win32_ComputerSystem";
                SystemName => drive.machine.host_name();
                Capabilities => {
                    drive.capabilities().into_iter().map(|(number, _)| number).collect::<Vec<u16>>()
                };
                CapabilityDescriptions => {
                    let names = drive.capabilities().into_iter().map(|(_, name)| name.to_owned());
                    names.collect::<Vec<String>>()
                };
            }
            declares {
                /// Device file of the drive.
                DeviceID: String [key] => format!("/dev/{}", drive.name);
                /// Size of a sector.
                BytesPerSector: u32 [units("bytes")] => drive.sector();
                /// Revision of the drive's own program.
                FirmwareRevision: String
                    => drive.file("device/firmware_rev").or_else(|| drive.file("device/rev"));
                /// Place among the drives.
                Index: u32 => drive.index;
                /// What the drive is attached to: SCSI, IDE, USB.
                InterfaceType: String => drive.interface();
                /// Who made the drive.
                Manufacturer: String => drive.manufacturer();
                /// Whether there is a medium in the drive.
                MediaLoaded: bool => drive.size().map(|size| size > 0);
                /// Kind of medium.
                MediaType: String => drive.media_type();
                /// The maker's name for the drive.
                Model: String => drive.file("device/model");
                /// Partitions that the system has found.
                Partitions: u32 => drive.partitions();
                /// SCSI bus.
                SCSIBus: u32 => drive.scsi::<u32>(1);
                /// SCSI logical unit.
                SCSILogicalUnit: u16 => drive.scsi::<u16>(3);
                /// SCSI host adapter.
                SCSIPort: u16 => drive.scsi::<u16>(0);
                /// SCSI target.
                SCSITargetId: u16 => drive.scsi::<u16>(2);
                /// Sectors a track.
                SectorsPerTrack: u32;
                /// The maker's serial number.
                SerialNumber: String => drive.serial();
                /// Signature in the partition table.
                Signature: u32;
                /// Size of the drive.
                Size: u64 [units("bytes")] => drive.size();
                /// Cylinders.
                TotalCylinders: u64;
                /// Heads.
                TotalHeads: u32;
                /// Sectors.
                TotalSectors: u64 => drive.sectors();
                /// Tracks.
                TotalTracks: u64;
                /// Tracks a cylinder.
                TracksPerCylinder: u32;
            }
        }
    }
}
