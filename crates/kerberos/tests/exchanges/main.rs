//! The exchanges with a KDC and with a service, each of them against the KDC of
//! `winreach-test-kdc`, which MIT Kerberos gets its tickets of too.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test"
)]

mod ap;
mod caches;
mod flips;
mod logon;
mod lookups;
mod pac;
mod secrecy;
mod tampering;

use std::path::PathBuf;
use std::sync::Arc;

use winreach_kerberos::client::{Issued, Options, Origin, Secret, Tickets};
use winreach_kerberos::credentials::{CacheName, CredentialCache};
use winreach_kerberos::messages::ErrorCode;
use winreach_kerberos::{Credential, Error, Principal};
use winreach_test_kdc::{Account, Realm, TestClock, TestKdc};

const PASSWORD: &str = "open sesame";
const ALICE: &str = "alice@EXAMPLE.COM";
const GRANTING: &str = "krbtgt/EXAMPLE.COM@EXAMPLE.COM";
const HOST: &str = "host/server.example.com";
const HOST_IN_REALM: &str = "host/server.example.com@EXAMPLE.COM";

fn name(text: &str) -> Principal {
    text.parse().unwrap()
}

/// A realm with a user and a service.
fn realm() -> Realm {
    Realm::new("EXAMPLE.COM").with(Account::user("alice", PASSWORD)).with(Account::service(HOST))
}

/// A KDC and the clock that it goes by.
struct World {
    clock: TestClock,
    kdc: TestKdc,
}

impl World {
    fn new(realms: impl IntoIterator<Item = Realm>) -> Self {
        let clock = TestClock::default();
        let kdc = TestKdc::new(realms).with_clock(clock.clock());
        Self { clock, kdc }
    }

    /// With further accounts in one realm.
    fn with(accounts: impl IntoIterator<Item = Account>) -> Self {
        Self::new([accounts.into_iter().fold(realm(), Realm::with)])
    }

    fn tickets(&self, origin: Origin, options: Options) -> Tickets {
        let transport = Arc::new(self.kdc.clone());
        Tickets::new(origin, transport, Arc::default(), options).with_clock(self.clock.clock())
    }

    fn of(&self, client: &str, password: &str, options: Options) -> Tickets {
        self.tickets(by_password(client, password), options)
    }

    fn alice(&self) -> Tickets {
        self.of(ALICE, PASSWORD, Options::default())
    }

    /// The tickets of a cache in a file of this name.
    fn cached(&self, file: &str, cache: &CredentialCache, options: Options) -> Tickets {
        self.tickets(Origin::Cache(written(file, cache)), options)
    }
}

fn by_password(client: &str, password: &str) -> Origin {
    Origin::Logon { client: name(client), secret: Secret::Password(password.into()) }
}

/// Writes a cache, as `kinit` would.
fn written(file: &str, cache: &CredentialCache) -> CacheName {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(file);
    std::fs::write(&path, &*cache.to_bytes().unwrap()).unwrap();
    CacheName::parse(&format!("FILE:{}", path.display())).unwrap()
}

async fn ticket(tickets: &Tickets) -> Result<Credential, Error> {
    tickets.ticket(&name(HOST)).await.map(|Issued { credential, .. }| credential)
}

/// The code with which the KDC refused.
fn code(error: &Error) -> ErrorCode {
    error.code().unwrap_or_else(|| panic!("not refused: {error:?}"))
}
