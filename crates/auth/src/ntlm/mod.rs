//! NTLMv2 ([MS-NLMP]): both sides of the exchange, and the protection of messages after it.
//!
//! | leg | from | message | to do |
//! |---|---|---|---|
//! | 1 | client | [`messages::Negotiate`] | offer |
//! | 2 | server | [`messages::Challenge`] | choose, and send a nonce |
//! | 3 | client | [`messages::Authenticate`] | prove to know the password, send a session key |
//!
//! [`Source`] makes the client's side, [`Authenticator`] the server's. Neither speaks or takes
//! anything older than NTLMv2 with extended session security. A client may be
//! [anonymous](Source::anonymous), a server takes no anonymous callers.

mod acceptor;
mod accounts;
mod flags;
mod initiator;
mod keys;
pub mod messages;
mod response;
mod session;
mod source;
mod target_info;
#[cfg(test)]
mod tests;
mod time;
mod wire;

pub use acceptor::{Acceptor, Authenticator, Target};
pub use accounts::{Accounts, UserTable};
pub use flags::NegotiateFlags;
pub use initiator::Initiator;
pub use keys::NtHash;
pub use source::Source;
