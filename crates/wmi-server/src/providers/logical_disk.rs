//! `Win32_LogicalDisk`: the mounted file systems, each under its mount point.
//!
//! A disk is what stands on a block device, on the network, or in memory; the file systems in
//! which the kernel shows itself are none.

use std::cell::OnceCell;

use crate::provider::{ProviderError, Request};

use super::machine::{Machine, Space};
use super::mounts::{self, Mount};
use super::table::{Source, Table, may_be, table};

/// A mounted file system. Its space is asked for only when wanted: a server that does not answer
/// holds up only those who ask.
pub(super) struct Disk {
    machine: Machine,
    mount: Mount,
    kind: Kind,
    space: OnceCell<Option<Space>>,
}

/// The documented kinds of drives.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Removable = 2,
    Local = 3,
    Network = 4,
    Optical = 5,
    Memory = 6,
}

impl Kind {
    /// Nothing where what is mounted is no disk.
    fn of(mount: &Mount, machine: &Machine) -> Option<Self> {
        Some(match mount.file_system.as_str() {
            "nfs" | "nfs4" | "cifs" | "smb3" | "ceph" | "9p" | "afs" | "gfs2" | "lustre"
            | "fuse.sshfs" | "fuse.glusterfs" | "fuse.s3fs" => Self::Network,
            "tmpfs" | "ramfs" | "devtmpfs" => Self::Memory,
            "iso9660" | "udf" => Self::Optical,
            "overlay" | "aufs" | "zfs" | "virtiofs" | "bcachefs" => Self::Local,
            _ if !mount.source.starts_with('/') => return None,
            _ if is_removable(&mount.source, machine) => Self::Removable,
            _ => Self::Local,
        })
    }
}

/// Whether the drive, or the drive that the partition belongs to, is removable.
fn is_removable(device: &str, machine: &Machine) -> bool {
    let name = device.rsplit('/').next().unwrap_or_default();
    ["removable", "../removable"].iter().any(|file| {
        machine.line(&format!("/sys/class/block/{name}/{file}")).as_deref() == Some("1")
    })
}

impl Disk {
    fn space(&self) -> Option<Space> {
        let ask = || self.machine.kernel().space(&self.machine.path(&self.mount.point));
        *self.space.get_or_init(ask)
    }

    fn description(&self) -> String {
        match self.kind {
            Kind::Removable => "Removable Disk",
            Kind::Local => "Local Fixed Disk",
            Kind::Network => "Network Connection",
            Kind::Optical => "CD-ROM Disc",
            Kind::Memory => "RAM Disk",
        }
        .to_owned()
    }

    /// The name in one of the directories that list block devices by what they hold.
    fn listed_as(&self, list: &str) -> Option<String> {
        let device = self.mount.source.strip_prefix("/dev/")?;
        let directory = format!("/dev/disk/{list}");
        let names = self.machine.names(&directory);
        let points_here = |name: &&String| {
            self.machine.link_name(&format!("{directory}/{name}")).as_deref() == Some(device)
        };
        names.iter().find(points_here).map(|name| mounts::unescaped_name(name))
    }

    fn media_type(&self) -> Option<u32> {
        match self.kind {
            Kind::Removable | Kind::Optical => Some(11),
            Kind::Local => Some(12),
            Kind::Network | Kind::Memory => None,
        }
    }
}

impl Source for Disk {
    fn all(
        machine: &Machine,
        request: &Request,
    ) -> Result<impl Iterator<Item = Self>, ProviderError> {
        let mounts = Mount::all(machine).into_iter();
        let mounts = mounts.filter(|mount| may_be(request, "DeviceID", &mount.point));
        Ok(mounts.filter_map(|mount| {
            let kind = Kind::of(&mount, machine)?;
            Some(Self { machine: machine.clone(), mount, kind, space: OnceCell::new() })
        }))
    }

    fn table() -> Table<Self> {
        table! {
            /// A mounted file system.
            Win32_LogicalDisk: CIM_LogicalDisk = "{8502C4B7-5FBB-11D2-AAC1-006008C78BC7}",
                with disk: Self;
            inherits {
                Caption => disk.mount.point.clone();
                Description => disk.description();
                Name => disk.mount.point.clone();
                CreationClassName => "Win32_LogicalDisk";
                SystemCreationClassName => "Win32_ComputerSystem";
                SystemName => disk.machine.host_name();
                Access => if disk.mount.read_only { 1_u16 } else { 3 };
                BlockSize => disk.space().map(|space| space.block_size);
                NumberOfBlocks => disk.space().map(|space| space.blocks);
                FreeSpace => disk.space().and_then(|s| s.available.checked_mul(s.block_size));
                Size => disk.space().and_then(|s| s.blocks.checked_mul(s.block_size));
            }
            declares {
                /// Where the file system is mounted.
                DeviceID: String [key] => disk.mount.point.clone();
                /// Whether the whole volume is compressed.
                Compressed: bool;
                /// Kind of drive: 2 removable, 3 local, 4 network, 5 optical, 6 memory.
                DriveType: u32 => disk.kind as u32;
                /// Kind of file system.
                FileSystem: String => disk.mount.file_system.clone();
                /// The longest file name, in bytes.
                MaximumComponentLength: u32
                    => disk.space().and_then(|space| u32::try_from(space.name_max).ok());
                /// Kind of medium: 11 removable, 12 fixed.
                MediaType: u32 => disk.media_type();
                /// What a network drive is on its server.
                ProviderName: String
                    => (disk.kind == Kind::Network).then(|| disk.mount.source.clone());
                /// Whether quotas are disabled.
                QuotasDisabled: bool;
                /// Whether quotas were in use and are disabled.
                QuotasIncomplete: bool;
                /// Whether quotas are being worked out anew.
                QuotasRebuilding: bool;
                /// Whether the volume can have quotas.
                SupportsDiskQuotas: bool;
                /// Whether files can be compressed one by one.
                SupportsFileBasedCompression: bool;
                /// Whether the volume wants checking.
                VolumeDirty: bool;
                /// Label of the volume.
                VolumeName: String => disk.listed_as("by-label");
                /// Serial number or UUID of the volume.
                VolumeSerialNumber: String => disk.listed_as("by-uuid");
            }
        }
    }
}
