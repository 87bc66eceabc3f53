//! A server's keys out of a keytab.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use winreach_kerberos::Principal;
use winreach_kerberos::ap::KeySource;
use winreach_kerberos::credentials::FileError;
pub use winreach_kerberos::credentials::Keytab;
use winreach_kerberos::crypto::Key;

/// The keys of a keytab file, read again whenever the file has changed: a new key is good at once,
/// a removed one no more.
///
/// While the file cannot be read, or others than its owner have access to it, nobody can log on;
/// the log says why.
#[derive(Debug)]
pub struct LiveKeytab {
    path: PathBuf,
    read: Mutex<(Option<Stamp>, Keytab)>,
}

impl LiveKeytab {
    /// Reads the file for the first time.
    ///
    /// # Errors
    /// When the file cannot be read, is open to others than its owner, or is no keytab.
    pub fn open(path: impl Into<PathBuf>) -> Result<Self, FileError> {
        let path = path.into();
        let stamp = Stamp::of(&path).ok();
        let keytab = Keytab::read_private(&path)?;
        Ok(Self { path, read: Mutex::new((stamp, keytab)) })
    }

    /// The principals whose keys the file held when it was read last.
    #[must_use]
    pub fn principals(&self) -> Vec<Principal> {
        let read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        read.1.principals().into_iter().cloned().collect()
    }
}

impl KeySource for LiveKeytab {
    fn keys(&self, server: &Principal, etype: i32, kvno: Option<u32>) -> Vec<Key> {
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Stamp::of(&self.path).ok();
        if now.is_none() || read.0 != now {
            match Keytab::read_private(&self.path) {
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

/// What tells one state of a file from another.
#[cfg(unix)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Stamp {
    device: u64,
    inode: u64,
    size: u64,
    /// Moves with contents and mode.
    changed: (i64, i64),
}

#[cfg(unix)]
impl Stamp {
    fn of(path: &Path) -> io::Result<Self> {
        use std::os::unix::fs::MetadataExt;

        std::fs::metadata(path).map(|metadata| Self {
            device: metadata.dev(),
            inode: metadata.ino(),
            size: metadata.size(),
            changed: (metadata.ctime(), metadata.ctime_nsec()),
        })
    }
}

/// What tells one state of a file from another.
#[cfg(not(unix))]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Stamp {
    size: u64,
    changed: std::time::SystemTime,
}

#[cfg(not(unix))]
impl Stamp {
    fn of(path: &Path) -> io::Result<Self> {
        let metadata = std::fs::metadata(path)?;
        Ok(Self { size: metadata.len(), changed: metadata.modified()? })
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::PermissionsExt;

    use winreach_test_kdc::{Account, Realm, TestKdc};

    use super::*;

    const HOST: &str = "host/server.lab.test@LAB.TEST";

    /// A keytab of the host with a key of this version.
    fn keytab(kvno: u32) -> Keytab {
        let host = Account::service("host/server.lab.test").with_kvno(kvno);
        TestKdc::new([Realm::new("LAB.TEST").with(host)]).keytab(&[HOST])
    }

    #[test]
    fn a_keytab_is_followed_and_must_stay_private() {
        let path = std::env::temp_dir().join(format!("winreach-live-{}", std::process::id()));
        let write = |kvno| {
            fs::write(&path, keytab(kvno).to_bytes().unwrap()).unwrap();
            fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
        };
        write(1);
        let live = LiveKeytab::open(&path).unwrap();
        assert_eq!(live.principals(), [HOST.parse().unwrap()]);
        let keys = || live.keys(&HOST.parse().unwrap(), 18, None);
        let first = keys();
        assert_eq!(first.len(), 1);

        write(2);
        let second = keys();
        assert_eq!(second.len(), 1);
        assert_ne!(first[0].as_bytes(), second[0].as_bytes());

        fs::set_permissions(&path, Permissions::from_mode(0o640)).unwrap();
        assert!(keys().is_empty(), "open to a group");
        assert!(matches!(LiveKeytab::open(&path), Err(FileError::Exposed { mode: 0o640, .. })));
        fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
        assert_eq!(keys()[0].as_bytes(), second[0].as_bytes());
        fs::remove_file(&path).unwrap();
        assert!(keys().is_empty(), "gone");
    }
}
