//! Accounts for a running server.

use std::sync::{Mutex, PoisonError};

use winreach_auth::Identity;
use winreach_auth::ntlm::{Accounts, NtHash};

use super::file::Stamp;
use super::{AccountFile, AccountFileError, AccountSet, Admission};

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

    /// Asks the accounts as they are now; nothing where they cannot be read.
    fn ask<T>(&self, question: impl FnOnce(&AccountSet) -> T) -> Option<T> {
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        match self.refresh(&mut read) {
            Ok(()) => Some(question(&read.1)),
            Err(error) => {
                tracing::error!(%error, "nobody can log on");
                None
            }
        }
    }

    fn refresh(&self, read: &mut (Stamp, AccountSet)) -> Result<(), AccountFileError> {
        if read.0 != self.file.stamp()? {
            let (set, stamp) = self.file.load_with_stamp()?;
            *read = (stamp, set);
        }
        Ok(())
    }
}

impl Admission for LiveAccounts {
    fn admits(&self, caller: &Identity) -> bool {
        self.ask(|accounts| accounts.admits(caller)).unwrap_or(false)
    }
}

impl Accounts for LiveAccounts {
    fn nt_hash(&self, domain: &str, user: &str) -> Option<NtHash> {
        self.ask(|accounts| accounts.nt_hash(domain, user)).flatten()
    }

    fn has_domains(&self) -> bool {
        false
    }
}
