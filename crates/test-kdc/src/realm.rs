//! Realms and who has an account there.

use std::collections::HashMap;

use winreach_kerberos::Principal;
use winreach_kerberos::crypto::{EncryptionType, Key};

use crate::pac::Rights;

/// A user or a service of a realm.
#[derive(Debug, Clone)]
pub struct Account {
    pub(crate) name: Principal,
    password: Option<String>,
    salt: Option<String>,
    etypes: Vec<EncryptionType>,
    pub(crate) keys: Vec<Key>,
    pub(crate) kvno: u32,
    pub(crate) enterprise_name: Option<String>,
    pub(crate) preauthenticates: bool,
    pub(crate) is_disabled: bool,
    pub(crate) is_expired: bool,
    pub(crate) is_trusted_for_delegation: bool,
    pub(crate) rights: Option<Rights>,
}

impl Account {
    fn new(name: &str, password: Option<&str>, etypes: Vec<EncryptionType>) -> Self {
        Self {
            name: name.parse().expect("a name"),
            password: password.map(str::to_owned),
            salt: None,
            etypes,
            keys: Vec::new(),
            kvno: 1,
            enterprise_name: None,
            preauthenticates: true,
            is_disabled: false,
            is_expired: false,
            is_trusted_for_delegation: false,
            rights: None,
        }
    }

    /// Somebody with a password, and AES keys made of it as Windows has them.
    #[must_use]
    pub fn user(name: &str, password: &str) -> Self {
        use EncryptionType::{Aes128CtsHmacSha1, Aes256CtsHmacSha1};
        Self::new(name, Some(password), vec![Aes256CtsHmacSha1, Aes128CtsHmacSha1])
    }

    /// A service with random keys of every type.
    #[must_use]
    pub fn service(name: &str) -> Self {
        Self::new(name, None, EncryptionType::ALL.to_vec())
    }

    /// With keys of these types alone.
    #[must_use]
    pub fn with_etypes(self, etypes: &[EncryptionType]) -> Self {
        Self { etypes: etypes.to_vec(), ..self }
    }

    /// With these keys.
    #[must_use]
    pub fn with_keys(self, keys: Vec<Key>) -> Self {
        Self { keys, ..self }
    }

    /// Its password goes with this salt, and not with realm and name.
    #[must_use]
    pub fn with_salt(self, salt: &str) -> Self {
        Self { salt: Some(salt.to_owned()), ..self }
    }

    /// Its keys have this version.
    #[must_use]
    pub fn with_kvno(self, kvno: u32) -> Self {
        Self { kvno, ..self }
    }

    /// It goes by a user principal name too.
    #[must_use]
    pub fn with_enterprise_name(self, name: &str) -> Self {
        Self { enterprise_name: Some(name.to_owned()), ..self }
    }

    /// It need not show that it knows its key.
    #[must_use]
    pub fn without_preauthentication(self) -> Self {
        Self { preauthenticates: false, ..self }
    }

    /// Nobody can log on as it.
    #[must_use]
    pub fn disabled(self) -> Self {
        Self { is_disabled: true, ..self }
    }

    /// Its password has expired.
    #[must_use]
    pub fn with_expired_password(self) -> Self {
        Self { is_expired: true, ..self }
    }

    /// Clients may hand it their tickets.
    #[must_use]
    pub fn trusted_for_delegation(self) -> Self {
        Self { is_trusted_for_delegation: true, ..self }
    }

    /// Its tickets say what rights it has.
    #[must_use]
    pub fn with_rights(self, rights: Rights) -> Self {
        Self { rights: Some(rights), ..self }
    }

    /// The salt of its keys.
    pub(crate) fn salt(&self, realm: &str) -> String {
        self.salt.clone().unwrap_or_else(|| format!("{realm}{}", self.name.components.concat()))
    }

    pub(crate) fn key(&self, etype: EncryptionType) -> Option<&Key> {
        self.keys.iter().find(|key| key.etype() == etype)
    }

    /// The first type of a request of which it has a key.
    pub(crate) fn choose(&self, wanted: &[i32]) -> Option<EncryptionType> {
        wanted.iter().find_map(|code| {
            EncryptionType::from_code(*code).filter(|etype| self.key(*etype).is_some())
        })
    }

    fn settled(mut self, realm: &str) -> Self {
        let salt = self.salt(realm);
        if self.keys.is_empty() {
            self.keys = self.etypes.iter().map(|etype| self.make_key(*etype, &salt)).collect();
        }
        realm.clone_into(&mut self.name.realm);
        self
    }

    fn make_key(&self, etype: EncryptionType, salt: &str) -> Key {
        match &self.password {
            Some(password) => Key::from_password(etype, password, salt.as_bytes(), None),
            None => Key::random(etype),
        }
        .expect("a key")
    }
}

/// A realm.
#[derive(Debug, Clone)]
pub struct Realm {
    pub(crate) name: String,
    pub(crate) accounts: Vec<Account>,
    pub(crate) routes: HashMap<String, Route>,
}

/// The realm to ask about a host or a realm.
#[derive(Debug, Clone)]
pub(crate) struct Route {
    pub(crate) next: String,
    pub(crate) delegates: bool,
}

impl Realm {
    /// A realm with nobody in it but its ticket-granting service.
    #[must_use]
    pub fn new(name: &str) -> Self {
        let granting = Account::service(&granting(name, name).name());
        Self { name: name.to_owned(), accounts: Vec::new(), routes: HashMap::new() }
            .with(granting.with_etypes(&[EncryptionType::Aes256CtsHmacSha1]))
    }

    /// With another account.
    #[must_use]
    pub fn with(mut self, account: Account) -> Self {
        let account = account.settled(&self.name);
        self.accounts.push(account);
        self
    }

    /// Clients that ask for a service on `target`, a host, or for the way to `target`, a realm, are
    /// sent to the realm `next`.
    #[must_use]
    pub fn with_route(mut self, target: &str, next: &str) -> Self {
        self.routes.insert(target.to_owned(), Route { next: next.to_owned(), delegates: false });
        self
    }

    /// The same, and services beyond may be handed tickets.
    #[must_use]
    pub fn with_delegating_route(mut self, target: &str, next: &str) -> Self {
        self.routes.insert(target.to_owned(), Route { next: next.to_owned(), delegates: true });
        self
    }

    /// Whoever has this name, in whatever case.
    pub(crate) fn account(&self, name: &Principal) -> Option<&Account> {
        self.accounts.iter().find(|account| account.name.same_name_ignoring_case(name))
    }

    /// Whoever has this user principal name.
    pub(crate) fn account_of(&self, enterprise_name: &str) -> Option<&Account> {
        self.accounts.iter().find(|account| {
            account
                .enterprise_name
                .as_ref()
                .is_some_and(|n| n.eq_ignore_ascii_case(enterprise_name))
        })
    }
}

/// The name of a ticket-granting service.
pub(crate) fn granting(realm: &str, issuer: &str) -> Principal {
    Principal::ticket_granting(realm, issuer)
}
