//! `Win32_BIOS`: the firmware, where it has left SMBIOS tables.

use winreach_cim::DateTime;

use crate::provider::{ProviderError, Request};

use super::machine::Machine;
use super::smbios::{self, Structure, kind};
use super::table::{Source, Table, table};

/// The firmware of a machine.
pub(super) struct Firmware {
    machine: Machine,
    /// Only root may read it.
    structure: Option<Structure>,
}

impl Firmware {
    fn line(&self, name: &str) -> Option<String> {
        smbios::identity(&self.machine, name)
    }

    /// `mm/dd/yyyy`, as a date without a time.
    fn released(&self) -> Option<DateTime> {
        let line = self.line("bios_date")?;
        let mut parts = line.split('/');
        let (month, day, year) = (parts.next()?, parts.next()?, parts.next()?);
        format!("{year:0>4}{month:0>2}{day:0>2}000000.000000+000").parse().ok()
    }

    /// The two halves of a version such as `1.13`.
    fn release(&self, name: &str) -> (Option<u8>, Option<u8>) {
        let line = self.line(name).unwrap_or_default();
        let (major, minor) = line.split_once('.').unwrap_or_default();
        (major.parse().ok(), minor.parse().ok())
    }

    /// The numbers of the bits that are set: 32 from the first field, 8 from the extension.
    fn characteristics(&self) -> Option<Vec<u16>> {
        let structure = self.structure.as_ref()?;
        let bits = structure.u64(0x0A)? & 0xFFFF_FFFF;
        let bits = bits | u64::from(structure.u8(0x12).unwrap_or(0)) << 32;
        Some((0..40).filter(|bit| bits >> bit & 1 == 1).collect())
    }

    /// Version of the tables, out of their entry point (SMBIOS 5.2).
    fn tables_version(&self) -> Option<(u16, u16)> {
        let entry = self.machine.bytes("/sys/firmware/dmi/tables/smbios_entry_point")?;
        let at = if entry.starts_with(b"_SM3_") { 7 } else { 6 };
        Some((u16::from(*entry.get(at)?), u16::from(*entry.get(at + 1)?)))
    }
}

impl Source for Firmware {
    fn all(machine: &Machine, _: &Request) -> Result<impl Iterator<Item = Self>, ProviderError> {
        let version = smbios::identity(machine, "bios_version");
        Ok(version.into_iter().map(|_| Self {
            structure: Structure::first(machine, kind::FIRMWARE),
            machine: machine.clone(),
        }))
    }

    fn table() -> Table<Self> {
        table! {
            /// The firmware of this computer.
            Win32_BIOS: CIM_BIOSElement = "{8502C4E1-5FBB-11D2-AAC1-006008C78BC7}",
                with bios: Self;
            inherits {
                Caption => bios.line("bios_version");
                Description => bios.line("bios_version");
                Name => bios.line("bios_version");
                Status => "OK";
                Manufacturer => bios.line("bios_vendor");
                SerialNumber => bios.line("product_serial");
                SoftwareElementID => bios.line("bios_version");
                SoftwareElementState => 3_u16;
                TargetOperatingSystem => 0_u16;
                Version => bios.line("bios_version");
                PrimaryBIOS => true;
            }
            declares {
                /// What the firmware supports, as SMBIOS numbers it.
                BiosCharacteristics: Vec<u16> => bios.characteristics();
                /// Versions of the parts of the firmware.
                BIOSVersion: Vec<String> => bios.line("bios_version").map(|version| vec![version]);
                /// Language of the firmware.
                CurrentLanguage: String;
                /// Major release of the embedded controller.
                EmbeddedControllerMajorVersion: u8 => bios.release("ec_firmware_release").0;
                /// Minor release of the embedded controller.
                EmbeddedControllerMinorVersion: u8 => bios.release("ec_firmware_release").1;
                /// How many languages there are.
                InstallableLanguages: u16;
                /// Which languages there are.
                ListOfLanguages: Vec<String>;
                /// Date of the firmware.
                ReleaseDate: DateTime => bios.released();
                /// Version in the words of SMBIOS.
                SMBIOSBIOSVersion: String => bios.line("bios_version");
                /// Major version of SMBIOS.
                SMBIOSMajorVersion: u16 => bios.tables_version().map(|version| version.0);
                /// Minor version of SMBIOS.
                SMBIOSMinorVersion: u16 => bios.tables_version().map(|version| version.1);
                /// Whether there are SMBIOS tables.
                SMBIOSPresent: bool => true;
                /// Major release of the firmware.
                SystemBiosMajorVersion: u8 => bios.release("bios_release").0;
                /// Minor release of the firmware.
                SystemBiosMinorVersion: u8 => bios.release("bios_release").1;
            }
        }
    }
}
