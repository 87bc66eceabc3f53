//! What a client may choose.

use bytes::Bytes;
use uuid::Uuid;

use crate::SyntaxId;
use crate::fragment::{DEFAULT_FRAGMENT, LEAST_FRAGMENT};

/// How a client association behaves. The default is what a client should want.
#[derive(Debug, Clone)]
pub struct Config {
    /// The largest fragment to send and to take, in bytes; at least 1432. Default: 5840, as
    /// Windows offers on TCP.
    pub max_fragment: u16,
    /// The longest answer to take, in bytes over all fragments. Default: 64 MiB.
    pub max_response: usize,
    /// Whether to ask for several outstanding calls on the connection. Where the server does not
    /// agree, calls wait for each other. Default: yes.
    pub multiplex: bool,
    /// The association group to join; 0, the default, makes a new one.
    pub assoc_group_id: u32,
    /// Whether to refuse a server that will not sign headers at level integrity and above.
    /// Default: yes.
    pub require_header_signing: bool,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            max_fragment: DEFAULT_FRAGMENT,
            max_response: 64 * 1024 * 1024,
            multiplex: true,
            assoc_group_id: 0,
            require_header_signing: true,
        }
    }
}

impl Config {
    pub(super) fn fragment(&self) -> u16 {
        self.max_fragment.max(LEAST_FRAGMENT)
    }
}

/// One call of one operation.
#[derive(Debug, Clone)]
pub struct Call {
    /// The interface; it must have been negotiated.
    pub interface: SyntaxId,
    /// The operation.
    pub opnum: u16,
    /// The object, for interfaces that have objects.
    pub object: Option<Uuid>,
    /// The arguments in NDR 2.0, little-endian.
    pub stub: Bytes,
}
