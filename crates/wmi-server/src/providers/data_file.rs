//! `CIM_DataFile`: one file, by its name.
//!
//! `Name` is the absolute path as Linux spells it. It splits as Windows splits its own: `Path` is
//! the directory with its separators, `FileName` and `Extension` are what stands before and behind
//! the last dot, and `Drive` is the mount point, which is the `DeviceID` of a `Win32_LogicalDisk`.

use std::fs::Metadata;
use std::os::unix::fs::PermissionsExt;
use std::time::SystemTime;

use winreach_cim::DateTime;

use crate::provider::{ProviderError, Request};

use super::clock::Clock;
use super::machine::Machine;
use super::mounts::Mount;
use super::table::{Source, Table, table};

/// `WBEM_E_PROVIDER_NOT_CAPABLE`.
const PROVIDER_NOT_CAPABLE: u32 = 0x8004_1024;

/// A regular file.
pub(super) struct DataFile {
    machine: Machine,
    name: String,
    metadata: Metadata,
    mount: Option<Mount>,
    clock: Clock,
}

impl DataFile {
    /// The file of this name; nothing where there is none, or the name has more than one spelling.
    fn find(machine: &Machine, name: &str) -> Option<Self> {
        let plain = |part: &str| !matches!(part, "" | "." | "..") && !part.contains('\0');
        name.strip_prefix('/')?.split('/').all(plain).then_some(())?;
        let metadata = machine.path(name).metadata().ok().filter(Metadata::is_file)?;
        Some(Self {
            name: name.to_owned(),
            metadata,
            mount: Mount::of(machine, name),
            clock: Clock::of(machine),
            machine: machine.clone(),
        })
    }

    /// Directory and name.
    fn split(&self) -> (&str, &str) {
        let at = self.name.rfind('/').map_or(0, |slash| slash + 1);
        self.name.split_at_checked(at).unwrap_or_default()
    }

    /// The name before its last dot, and what stands behind that. A dot in front hides the file
    /// and begins no extension.
    fn stem(&self) -> (&str, &str) {
        let (_, name) = self.split();
        match name.rsplit_once('.') {
            Some((stem, extension)) if !stem.is_empty() => (stem, extension),
            _ => (name, ""),
        }
    }

    fn time(&self, time: std::io::Result<SystemTime>) -> Option<DateTime> {
        self.clock.date_time(time.ok()?)
    }

    fn allows(&self, bits: u32) -> bool {
        self.metadata.permissions().mode() & bits != 0
    }
}

impl Source for DataFile {
    fn all(
        machine: &Machine,
        request: &Request,
    ) -> Result<impl Iterator<Item = Self>, ProviderError> {
        let Some(name) = request.equal_to("Name") else {
            return Err(ProviderError {
                status: PROVIDER_NOT_CAPABLE,
                message: "CIM_DataFile is found by name only: add WHERE Name = '/a/path'"
                    .to_owned(),
            });
        };
        Ok(name.as_str().and_then(|name| Self::find(machine, name)).into_iter())
    }

    fn table() -> Table<Self> {
        table! {
            /// A file of this computer.
            CIM_DataFile: CIM_LogicalFile = "{8502C55A-5FBB-11D2-AAC1-006008C78BC7}",
                with file: Self;
            inherits {
                Caption => file.name.clone();
                Description => file.name.clone();
                InstallDate => file.time(file.metadata.created());
                Status => "OK";
                CreationClassName => "CIM_LogicalFile";
                CreationDate => file.time(file.metadata.created());
                CSCreationClassName => "Win32_ComputerSystem";
                CSName => file.machine.host_name();
                Drive => file.mount.as_ref().map(|mount| mount.point.clone());
                Extension => file.stem().1;
                FileName => file.stem().0;
                FileSize => file.metadata.len();
                FSCreationClassName => "Win32_FileSystem";
                FSName => file.mount.as_ref().map(|mount| mount.file_system.clone());
                Hidden => file.split().1.starts_with('.');
                LastAccessed => file.time(file.metadata.accessed());
                LastModified => file.time(file.metadata.modified());
                Name => file.name.clone();
                Path => file.split().0;
                Readable => file.allows(0o444);
                Writeable => file.allows(0o222);
            }
            declares {
                /// Who made the program in the file.
                Manufacturer: String;
                /// Version of the program in the file.
                Version: String;
            }
        }
    }
}
