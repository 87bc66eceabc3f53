//! Client and service, each proving who it is to the other (RFC 4120 section 3.2, RFC 4121 section
//! 4.1, `[MS-KILE] 3.4.5.1`).
//!
//! In DCE style, as DCE/RPC has it, there are three legs without framing; otherwise two, framed.

mod acceptor;
mod initiator;
mod keys;
mod replay;

pub use acceptor::{Acceptance, Acceptor, AcceptorPolicy, KeySource, Refusal};
pub(crate) use initiator::authenticate;
pub use initiator::{Initiator, InitiatorOptions};
pub use replay::ReplayCache;

use crate::crypto::Key;
use crate::protection::{Protection, Role};

/// What two peers share when the exchange is over.
#[derive(Debug, Clone)]
pub struct Session {
    /// The key of every message after the exchange; secret.
    pub key: Key,
    /// Whether the acceptor chose the key.
    pub acceptor_subkey: bool,
    /// Which of the two peers this is.
    pub role: Role,
    /// The number of the first message to send.
    pub send_sequence: u32,
    /// The number of the first message to come.
    pub receive_sequence: u32,
}

impl Session {
    /// The protection of the messages from here on.
    #[must_use]
    pub fn protection(&self) -> Protection {
        Protection::new(
            &self.key,
            self.acceptor_subkey,
            self.role,
            self.send_sequence.into(),
            self.receive_sequence.into(),
        )
    }
}
