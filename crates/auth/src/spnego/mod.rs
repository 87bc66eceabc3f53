//! SPNEGO (RFC 4178, [MS-SPNG]): peers agree on Kerberos or NTLM, and see afterwards that nobody
//! agreed in their place.
//!
//! | leg | from | token |
//! |---|---|---|
//! | 1 | client | what it offers, best first, and the first token of the first |
//! | 2 | server | what it takes, and the answer of that mechanism, if it was the first |
//! | … | | tokens of the mechanism |
//! | last but one | client | its last token, and a signature of what it offered (`mechListMIC`) |
//! | last | server | that it is done, and its own signature of what the client offered |
//!
//! [`Source`] makes the client's side out of the sources of mechanisms, [`Authenticator`] the
//! server's. The identity of a finished exchange names the mechanism that proved it.
//!
//! ```
//! use std::sync::Arc;
//! use winreach_auth::{AuthLevel, AuthType, Authenticator as _, Credentials, ntlm, spnego};
//! use winreach_auth::{InitiatorSource as _, Authenticators};
//!
//! # async fn example() -> Result<(), winreach_auth::Error> {
//! let alice = Credentials::new("alice", "open sesame".into());
//! let client = spnego::Source::new().with_ntlm(Arc::new(ntlm::Source::new(alice)));
//! let mut initiator = client.initiator("HOST/server", AuthLevel::Privacy).await?;
//!
//! // A server that takes NTLM, by itself and within SPNEGO.
//! let mut users = ntlm::UserTable::new();
//! users.insert("alice", ntlm::NtHash::of_password("open sesame"));
//! let ntlm = Arc::new(ntlm::Authenticator::new(Arc::new(users), ntlm::Target::new("SERVER")));
//! let spnego = Arc::new(spnego::Authenticator::new(ntlm.clone()));
//! let server = Authenticators::new([ntlm as _, spnego as _]);
//! let mut acceptor = server.acceptor(AuthType::Spnego, AuthLevel::Privacy).unwrap();
//!
//! let mut token = None;
//! let caller = loop {
//!     let client = initiator.step(token.as_deref())?;
//!     let server = acceptor.step(&client.token.unwrap_or_default())?;
//!     token = server.token;
//!     if let Some(established) = server.established {
//!         break established.identity;
//!     }
//! };
//! assert_eq!(caller.auth_type, AuthType::Ntlm);
//! # Ok(())
//! # }
//! ```

mod acceptor;
mod failure;
mod initiator;
mod mechanism;
pub mod messages;
mod mic;
mod source;
#[cfg(test)]
mod tests;
mod wire;

pub use acceptor::{Acceptor, Authenticator};
pub use failure::Failure;
pub use initiator::Initiator;
pub use mechanism::{MechType, Mechanism};
pub use source::Source;
