//! Accounts for a running server.

use std::sync::{Mutex, PoisonError};

use winreach_auth::ntlm::{Accounts, NtHash};

use super::file::Stamp;
use super::{AccountFile, AccountFileError, AccountSet};

/// The accounts of a file, read again whenever the file has changed: who is removed from the file
/// cannot log on any more.
///
/// While the file cannot be read (somebody opened it to others, or wrote nonsense into it) nobody
/// can log on; the log says why.
#[derive(Debug)]
pub struct LiveAccounts {
    file: AccountFile,
    read: Mutex<(Stamp, AccountSet)>,
}

impl LiveAccounts {
    /// Reads the file for the first time.
    ///
    /// # Errors
    /// As for [`AccountFile::load`].
    pub fn open(file: AccountFile) -> Result<Self, AccountFileError> {
        let (set, stamp) = file.load_with_stamp()?;
        Ok(Self { file, read: Mutex::new((stamp, set)) })
    }

    fn look_up(&self, domain: &str, user: &str) -> Result<Option<NtHash>, AccountFileError> {
        let stamp = self.file.stamp()?;
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        if read.0 != stamp {
            let (set, stamp) = self.file.load_with_stamp()?;
            *read = (stamp, set);
        }
        Ok(read.1.nt_hash(domain, user))
    }
}

impl Accounts for LiveAccounts {
    fn nt_hash(&self, domain: &str, user: &str) -> Option<NtHash> {
        self.look_up(domain, user).unwrap_or_else(|error| {
            tracing::error!(%error, "nobody can log on");
            None
        })
    }

    fn has_domains(&self) -> bool {
        false
    }
}
