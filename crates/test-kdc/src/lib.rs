//! A Kerberos KDC for tests: small, honest unless told otherwise, and in the same process.
//!
//! [`TestKdc`] holds some [`Realm`]s with their [`Account`]s. It is a
//! [`KdcTransport`](winreach_kerberos::transport::KdcTransport) itself, it can
//! [listen](TestKdc::listen) on loopback, and it writes [keytabs](TestKdc::keytab) and
//! [credential caches](TestKdc::cache). [`Tamper`] makes it lie. Nothing here is for anything but
//! tests: no key is wiped, and what cannot be panics.
//!
//! ```
//! use std::sync::Arc;
//! use winreach_kerberos::client::{Options, Origin, Secret, Tickets};
//! use winreach_test_kdc::{Account, Realm, TestKdc};
//!
//! # #[tokio::main(flavor = "current_thread")] async fn main() {
//! let realm = Realm::new("EXAMPLE.COM")
//!     .with(Account::user("alice", "open sesame"))
//!     .with(Account::service("host/server.example.com"));
//! let kdc = TestKdc::new([realm]);
//!
//! let client = "alice@EXAMPLE.COM".parse().unwrap();
//! let origin = Origin::Logon { client, secret: Secret::Password("open sesame".into()) };
//! let tickets = Tickets::new(origin, Arc::new(kdc), Arc::default(), Options::default());
//! let service = "host/server.example.com".parse().unwrap();
//! assert_eq!(tickets.ticket(&service).await.unwrap().credential.client.to_string(), "alice@EXAMPLE.COM");
//! # }
//! ```

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "it serves tests alone: what cannot be fails the test"
)]

mod clock;
mod files;
mod issue;
mod kdc;
mod listen;
mod logon;
pub mod pac;
mod realm;
mod refusal;
mod service;

pub use clock::TestClock;
pub use kdc::{Change, Tamper, TestKdc};
pub use listen::Listening;
pub use realm::{Account, Realm};
