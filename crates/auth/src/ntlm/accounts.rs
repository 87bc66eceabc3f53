//! Where an acceptor finds the passwords.

use std::collections::HashMap;

use super::keys::{NtHash, upper_case};

/// The accounts of a server.
///
/// The names come as the client wrote them: compare without regard to case. The domain is empty
/// where the client named none; for a user principal name (`user@realm`) it is the realm.
pub trait Accounts: Send + Sync {
    /// The password hash of an account; `None` where there is no such account.
    fn nt_hash(&self, domain: &str, user: &str) -> Option<NtHash>;

    /// Whether the domain tells one account from another. Where it does not, it is whatever the
    /// client wrote, and is left out of the identity: one account has one identity.
    fn has_domains(&self) -> bool {
        true
    }
}

/// Accounts in memory, found by user name in whatever domain.
#[derive(Debug, Clone, Default)]
pub struct UserTable {
    hashes: HashMap<String, NtHash>,
}

impl UserTable {
    /// A table without accounts.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an account, or gives it another password.
    pub fn insert(&mut self, user: &str, hash: NtHash) {
        self.hashes.insert(upper_case(user), hash);
    }
}

impl Accounts for UserTable {
    fn nt_hash(&self, _domain: &str, user: &str) -> Option<NtHash> {
        self.hashes.get(&upper_case(user)).cloned()
    }
}
