//! Getting tickets: the exchanges with a KDC, without I/O (RFC 4120 section 3).
//!
//! Both exchanges are driven the same way: ask [`request`](AsExchange::request) what to send to a
//! KDC of which realm, hand its answer to [`answer`](AsExchange::answer), and begin again until
//! that gives a credential.

mod cached;
mod initial;
mod kept;
mod key;
mod options;
mod reply;
mod service;
mod tickets;

use std::time::Duration;

pub use initial::AsExchange;
pub use key::Secret;
pub use options::Options;
pub use service::TgsExchange;
pub use tickets::{Clock, Issued, Origin, Tickets};

/// A ticket that is about to expire is not begun with.
const LEEWAY: Duration = Duration::from_secs(60);

/// Something to send to a KDC.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The realm whose KDC is meant.
    pub realm: String,
    /// The message.
    pub bytes: Vec<u8>,
}
