//! A set of accounts.

use std::collections::{BTreeMap, BTreeSet};

use secrecy::{ExposeSecret, SecretString};
use winreach_auth::ntlm::{Accounts, NtHash};
use winreach_auth::{Identity, Sid};

use super::{AccountName, Admission, Permit, PrincipalName};

/// Accounts with the NT hashes of their passwords, and whom else to let in whom a domain vouches for.
#[derive(Clone, Debug, Default)]
pub struct AccountSet {
    pub(super) hashes: BTreeMap<AccountName, NtHash>,
    pub(super) principals: BTreeMap<PrincipalKey, PrincipalName>,
    pub(super) groups: BTreeSet<Sid>,
}

/// What tells one principal from another: its name in lower case, and its realm.
type PrincipalKey = (String, String);

impl AccountSet {
    /// No accounts.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the password of an account, which is made where there is none. Gives back whether it
    /// was there before.
    pub fn set(&mut self, name: AccountName, password: &SecretString) -> bool {
        // A map keeps the key it has; the new spelling of the name should win.
        let before = self.hashes.remove(&name).is_some();
        self.hashes.insert(name, NtHash::of_password(password.expose_secret()));
        before
    }

    /// Removes an account; gives back whether there was one.
    pub fn remove(&mut self, name: &AccountName) -> bool {
        self.hashes.remove(name).is_some()
    }

    /// The names, in alphabetical order.
    pub fn names(&self) -> impl Iterator<Item = &AccountName> {
        self.hashes.keys()
    }

    /// Lets somebody in by Kerberos. Gives back whether he was let in before.
    pub fn permit(&mut self, permit: Permit) -> bool {
        match permit {
            Permit::Principal(name) => self.principals.insert(name.key(), name).is_some(),
            Permit::Group(sid) => !self.groups.insert(sid),
        }
    }

    /// Takes that back; gives back whether it was given.
    pub fn revoke(&mut self, permit: &Permit) -> bool {
        match permit {
            Permit::Principal(name) => self.principals.remove(&name.key()).is_some(),
            Permit::Group(sid) => self.groups.remove(sid),
        }
    }

    /// Who is let in by Kerberos: principals, then groups.
    pub fn permits(&self) -> impl Iterator<Item = Permit> {
        let principals = self.principals.values().cloned().map(Permit::Principal);
        principals.chain(self.groups.iter().cloned().map(Permit::Group))
    }
}

/// The domain does not matter: these are the accounts of this computer, however it is called.
impl Accounts for AccountSet {
    fn nt_hash(&self, _domain: &str, user: &str) -> Option<NtHash> {
        self.hashes.get(&AccountName(user.into())).cloned()
    }

    fn has_domains(&self) -> bool {
        false
    }
}

impl Admission for AccountSet {
    fn admits(&self, caller: &Identity) -> bool {
        let key = (caller.user.to_ascii_lowercase(), caller.domain.clone());
        self.principals.contains_key(&key)
            || caller.sid.iter().chain(&caller.groups).any(|sid| self.groups.contains(sid))
    }
}
