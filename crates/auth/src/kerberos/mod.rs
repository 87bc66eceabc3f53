//! Kerberos ([MS-KILE]): both sides of the exchange, and the protection of messages after it.
//!
//! | leg | from | message | to do |
//! |---|---|---|---|
//! | 1 | client | AP-REQ | show a ticket, and that its key is known |
//! | 2 | server | AP-REP | show that the ticket can be read, choose a key |
//! | 3 | client | AP-REP | show that the answer was read |
//!
//! [`Source`] makes the client's side and gets the tickets for it, [`Authenticator`] the server's.
//! The protocol itself is `winreach-kerberos`; here it meets the traits of this crate. Exchanges
//! are in DCE style, without framing, as DCE/RPC has them; the server takes either.

mod acceptor;
mod context;
mod initiator;
mod keys;
mod target;

pub use acceptor::{Acceptor, Authenticator};
pub use initiator::{Initiator, Source};
pub use keys::{Keytab, LiveKeytab};
pub use winreach_kerberos::ap::{AcceptorPolicy, KeySource, ReplayCache};
pub use winreach_kerberos::client::Clock;
pub use winreach_kerberos::credentials::FileError;
pub use winreach_kerberos::crypto::Key;
pub use winreach_kerberos::{Error as KerberosError, Principal, PrincipalError};
