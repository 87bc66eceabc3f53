//! Keytabs: keys of services, and of users who need no password (MIT Kerberos,
//! `keytab_file_format`).
//!
//! [`Keytab::parse`] reads versions 1 and 2 of the format, [`Keytab::to_bytes`] writes version 2.
//! [`KeytabName`] is where a keytab lies.

mod name;
mod read;
#[cfg(test)]
mod tests;
mod write;

use std::cmp::Reverse;
use std::path::Path;

use zeroize::Zeroizing;

pub use self::name::KeytabName;
use super::error::{FileError, Malformed, Unencodable};
use super::file;
use super::key::RawKey;
use crate::Principal;

/// What the format calls itself in errors.
const FORMAT: &str = "keytab";

/// Keys of principals.
///
/// ```
/// use winreach_kerberos::Principal;
/// use winreach_kerberos::credentials::{Keytab, RawKey, keytab::Entry};
///
/// let service: Principal = "host/server.example.com@EXAMPLE.COM".parse()?;
/// let mut keytab = Keytab::new();
/// for kvno in [3, 4] {
///     let key = RawKey::new(18, [kvno; 32]);
///     keytab.add(Entry { principal: service.clone(), timestamp: 0, kvno: kvno.into(), key });
/// }
/// let keytab = Keytab::parse(&keytab.to_bytes()?)?;
/// assert_eq!(keytab.find(&service, 18, None).map(|entry| entry.kvno), Some(4));
/// assert_eq!(keytab.find(&service, 18, Some(3)).map(|entry| entry.kvno), Some(3));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Keytab {
    entries: Vec<Entry>,
}

/// A key in a keytab.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Whose key it is.
    pub principal: Principal,
    /// When it was written, in seconds since 1970.
    pub timestamp: u32,
    /// Its version; zero where whoever wrote it did not know.
    pub kvno: u32,
    /// The key.
    pub key: RawKey,
}

impl Keytab {
    /// A keytab without keys.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads the bytes of a file.
    ///
    /// # Errors
    /// [`Malformed`].
    pub fn parse(bytes: &[u8]) -> Result<Self, Malformed> {
        read::entries(bytes).map(|entries| Self { entries })
    }

    /// Reads a file.
    ///
    /// # Errors
    /// [`FileError`].
    pub fn read(path: impl AsRef<Path>) -> Result<Self, FileError> {
        let path = path.as_ref();
        Self::parse_file(path, &file::read(FORMAT, path)?)
    }

    /// Reads a file that nobody but its owner has access to: what a host's keys belong in.
    ///
    /// # Errors
    /// [`FileError`]; [`FileError::Exposed`] where others have access.
    pub fn read_private(path: impl AsRef<Path>) -> Result<Self, FileError> {
        let path = path.as_ref();
        Self::parse_file(path, &file::read_private(FORMAT, path)?)
    }

    fn parse_file(path: &Path, bytes: &[u8]) -> Result<Self, FileError> {
        Self::parse(bytes).map_err(|source| FileError::Malformed { path: path.to_owned(), source })
    }

    /// Reads the keytab of some name.
    ///
    /// # Errors
    /// [`FileError`].
    pub fn open(name: &KeytabName) -> Result<Self, FileError> {
        Self::read(name.path())
    }

    /// The bytes of a file in version 2 of the format.
    ///
    /// # Errors
    /// [`Unencodable`].
    pub fn to_bytes(&self) -> Result<Zeroizing<Vec<u8>>, Unencodable> {
        write::entries(&self.entries)
    }

    /// Adds a key behind those that are there.
    pub fn add(&mut self, entry: Entry) {
        self.entries.push(entry);
    }

    /// The keys, in the order of the file.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Those who have keys here, each once, in the order of the file.
    #[must_use]
    pub fn principals(&self) -> Vec<&Principal> {
        let mut principals = Vec::new();
        for entry in &self.entries {
            if !principals.contains(&&entry.principal) {
                principals.push(&entry.principal);
            }
        }
        principals
    }

    /// Encryption types of the newest keys of `principal`, each once, in the order of the file: what
    /// it can prove itself with.
    #[must_use]
    pub fn etypes(&self, principal: &Principal) -> Vec<i32> {
        let own = || self.entries.iter().filter(|entry| entry.principal == *principal);
        let newest = own().reduce(|best, entry| if entry.is_newer(best) { entry } else { best });
        let mut etypes = Vec::new();
        for entry in own().filter(|entry| newest.is_some_and(|newest| newest.kvno == entry.kvno)) {
            if !etypes.contains(&entry.key.etype) {
                etypes.push(entry.key.etype);
            }
        }
        etypes
    }

    /// The key of `principal` for an encryption type: of version `kvno`, or the newest.
    ///
    /// Where no key has that version, one of unknown version may do, or one whose version is the
    /// lowest eight bits of it, which is all that old programs wrote.
    #[must_use]
    pub fn find(&self, principal: &Principal, etype: i32, kvno: Option<u32>) -> Option<&Entry> {
        let keys = || {
            let mut entries = self.entries.iter();
            std::iter::from_fn(move || {
                entries.find(|entry| entry.principal == *principal && entry.key.etype == etype)
            })
        };
        match kvno {
            None => keys().reduce(|best, entry| if entry.is_newer(best) { entry } else { best }),
            Some(kvno) => keys()
                .filter(|entry| [kvno, 0, kvno & 0xff].contains(&entry.kvno))
                .max_by_key(|entry| (entry.kvno == kvno, Reverse(entry.kvno))),
        }
    }
}

impl Entry {
    /// Whether this is a newer key than `other`: one of a higher version, unless the version began
    /// anew at some power of two, which it is known to do where it had eight bits.
    fn is_newer(&self, other: &Self) -> bool {
        const LOW: std::ops::Range<u32> = 0..128;
        const HIGH: std::ops::RangeFrom<u32> = 241..;
        let began_anew = |new: &Self, old: &Self| {
            LOW.contains(&new.kvno) && HIGH.contains(&old.kvno) && new.timestamp >= old.timestamp
        };
        began_anew(self, other) || (!began_anew(other, self) && self.kvno > other.kvno)
    }
}
