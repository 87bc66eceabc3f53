//! From what a user says of himself to what proves it.
//!
//! [`Logon`] takes an account with a password, the tickets that `kinit` left, or a keytab, and the
//! policy by which a mechanism is chosen; it makes the initiators that a client of DCE/RPC, of
//! WS-Management or of SQL Server needs. Here Kerberos meets this machine's `krb5.conf` and its
//! network.
//!
//! ```no_run
//! use winreach_auth::Credentials;
//! use winreach_logon::{Logon, Mechanism};
//!
//! // Who ran kinit is signed on.
//! let me = Logon::current_user().mechanism(Mechanism::Kerberos);
//! // An account of a domain: Kerberos where it can be, NTLM where it cannot.
//! let alice = Logon::with_password(Credentials::new("alice@example.com", "open sesame".into()));
//! ```

mod account;
mod error;
mod logon;
mod realms;

pub use error::LogonError;
pub use logon::{Logon, Mechanism};
