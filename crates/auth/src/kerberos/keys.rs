//! A server's keys out of a keytab.

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use winreach_kerberos::Principal;
use winreach_kerberos::ap::KeySource;
use winreach_kerberos::credentials::FileError;
pub use winreach_kerberos::credentials::Keytab;
use winreach_kerberos::crypto::Key;

/// The keys of a keytab file, read again whenever the file has changed: a new key is good at once,
/// a removed one no more.
///
/// While the file cannot be read nobody can log on; the log says why.
#[derive(Debug)]
pub struct LiveKeytab {
    path: PathBuf,
    read: Mutex<(Stamp, Keytab)>,
}

/// What tells one state of the file from another.
type Stamp = (Option<SystemTime>, u64);

impl LiveKeytab {
    /// Reads the file for the first time.
    ///
    /// # Errors
    /// When the file cannot be read or is no keytab.
    pub fn open(path: impl Into<PathBuf>) -> Result<Self, FileError> {
        let path = path.into();
        let stamp = stamp(&path);
        let keytab = Keytab::read(&path)?;
        Ok(Self { path, read: Mutex::new((stamp, keytab)) })
    }

    /// The principals whose keys the file held when it was read last.
    #[must_use]
    pub fn principals(&self) -> Vec<Principal> {
        let read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        read.1.principals().into_iter().cloned().collect()
    }
}

fn stamp(path: &std::path::Path) -> Stamp {
    std::fs::metadata(path).map_or((None, 0), |meta| (meta.modified().ok(), meta.len()))
}

impl KeySource for LiveKeytab {
    fn keys(&self, server: &Principal, etype: i32, kvno: Option<u32>) -> Vec<Key> {
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        let now = stamp(&self.path);
        if read.0 != now {
            match Keytab::read(&self.path) {
                Ok(keytab) => *read = (now, keytab),
                Err(error) => {
                    tracing::error!(%error, "nobody can log on by Kerberos");
                    return Vec::new();
                }
            }
        }
        read.1.keys(server, etype, kvno)
    }
}
