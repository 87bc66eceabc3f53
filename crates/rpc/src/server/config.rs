//! What a server allows a client to take.

use std::sync::Arc;
use std::time::Duration;

use super::Groups;
use crate::fragment::DEFAULT_FRAGMENT;

/// The limits of a connection. The default suits a server on an open network.
#[derive(Debug, Clone)]
pub struct Config {
    /// The largest fragment to send and to take, in bytes; at least 1432. Default: 5840, as Windows
    /// on TCP.
    pub max_fragment: u16,
    /// The longest request to take, in bytes over all fragments. Default: 4 MiB
    /// (`[MS-RPCE] 3.3.3.5.4`).
    pub max_request: usize,
    /// Presentation contexts of a connection. Default: 512.
    pub max_presentation_contexts: usize,
    /// Security contexts of a connection, unfinished ones included. Default: 256.
    pub max_security_contexts: usize,
    /// Calls of a connection that may run at the same time. Default: 64.
    pub max_outstanding_calls: usize,
    /// Bytes of all requests of a connection that are running. Default: 16 MiB.
    pub max_outstanding_bytes: usize,
    /// While so many bytes of answers wait for the client to read them, nothing more is read from
    /// it. Default: 1 MiB.
    pub max_unsent_bytes: usize,
    /// A connection must be bound so soon after it was made. Default: 30 s.
    pub bind_timeout: Duration,
    /// A connection on which nothing moves and no call runs is closed after this time; nothing
    /// keeps it open. Default: 15 minutes.
    pub idle_timeout: Option<Duration>,
    /// The association groups, shared by all connections of a server.
    pub groups: Arc<Groups>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            max_fragment: DEFAULT_FRAGMENT,
            max_request: 4 * 1024 * 1024,
            max_presentation_contexts: 512,
            max_security_contexts: 256,
            max_outstanding_calls: 64,
            max_outstanding_bytes: 16 * 1024 * 1024,
            max_unsent_bytes: 1024 * 1024,
            bind_timeout: Duration::from_secs(30),
            idle_timeout: Some(Duration::from_secs(15 * 60)),
            groups: Arc::default(),
        }
    }
}
