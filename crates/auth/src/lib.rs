//! Who a peer is and how a channel is protected: credentials, NTLM, SPNEGO, signing and sealing.
//!
//! A *mechanism* (NTLM; or SPNEGO, which finds out which one to use) authenticates two peers in a few legs and leaves both with a
//! [`SecurityContext`] that signs, seals and verifies every message after it. The layers above
//! only see four small traits:
//!
//! * [`InitiatorSource`] makes an [`Initiator`] for each security context of a client;
//! * [`Authenticator`] makes an [`Acceptor`] for each security context of a server;
//! * both are stepped with the peer's tokens until [`Step::established`] is there.
//!
//! Nothing in this crate does I/O or knows RPC PDUs.
//!
//! ```
//! use std::sync::Arc;
//! use winreach_auth::{
//!     Acceptor as _, AuthLevel, AuthType, Authenticator as _, Credentials, Initiator as _,
//!     ntlm,
//! };
//!
//! # fn main() -> Result<(), winreach_auth::Error> {
//! let mut users = ntlm::UserTable::new();
//! users.insert("alice", ntlm::NtHash::of_password("open sesame"));
//! let server = ntlm::Authenticator::new(Arc::new(users), ntlm::Target::new("SERVER"));
//! let client = ntlm::Source::new(Credentials::new("alice", "open sesame".into()));
//!
//! let mut initiator = client.begin("HOST/server", AuthLevel::Privacy)?;
//! let mut acceptor = server.acceptor(AuthType::Ntlm, AuthLevel::Privacy).unwrap();
//!
//! let negotiate = initiator.step(None)?.token.unwrap();
//! let challenge = acceptor.step(&negotiate)?.token.unwrap();
//! let authenticate = initiator.step(Some(&challenge))?.token.unwrap();
//! let caller = acceptor.step(&authenticate)?.established.unwrap().identity;
//! assert_eq!(caller.user, "alice");
//! # Ok(())
//! # }
//! ```

mod authenticators;
mod context;
mod credentials;
mod error;
mod exchange;
pub mod kerberos;
mod level;
pub mod ntlm;
pub mod spnego;

pub use authenticators::Authenticators;
pub use context::{Pdu, SecurityContext};
pub use credentials::{Account, Credentials};
pub use error::{Error, KerberosFailure, Problem};
pub use exchange::{
    Acceptor, Authenticator, Established, Identity, Initiator, InitiatorSource, LeftOut, Step,
};
pub use level::{AuthLevel, AuthType, ImpersonationLevel};
pub use winreach_kerberos::{Sid, SidError};
