//! What a client may choose.

use std::fmt;
use std::sync::Arc;

use uuid::Uuid;
use winreach_auth::{AuthLevel, InitiatorSource};
use winreach_rpc::client::Config;

use super::{AddressPolicy, Connector, TcpConnector};

/// The port of the resolver on every Windows machine.
pub const RESOLVER_PORT: u16 = 135;

/// How a client works.
#[derive(Clone)]
pub struct Options {
    /// The port of the resolver. Default: 135.
    pub resolver_port: u16,
    /// Makes the connections. Default: over TCP.
    pub connector: Arc<dyn Connector>,
    /// Proves who we are.
    pub initiators: Arc<dyn InitiatorSource>,
    /// How calls are protected; raised where an exporter asks for more. At level none nobody is
    /// authenticated, and `initiators` are asked only where it is raised. Default: privacy.
    pub level: AuthLevel,
    /// Whether servers must prove who they are, which NTLM cannot. Default: no.
    pub require_mutual: bool,
    /// Interfaces that will be called, so that they are agreed on in the first bind to an exporter.
    pub preload: Vec<Uuid>,
    /// Where to look for an exporter. Default: at the host that the user named, first.
    pub addresses: AddressPolicy,
    /// How the connections behave.
    pub rpc: Config,
}

impl Options {
    /// The defaults, for a client that these initiators identify.
    pub fn new(initiators: Arc<dyn InitiatorSource>) -> Self {
        Self {
            resolver_port: RESOLVER_PORT,
            connector: Arc::new(TcpConnector::default()),
            initiators,
            level: AuthLevel::Privacy,
            require_mutual: false,
            preload: Vec::new(),
            addresses: AddressPolicy::default(),
            rpc: Config::default(),
        }
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("resolver_port", &self.resolver_port)
            .field("level", &self.level)
            .field("require_mutual", &self.require_mutual)
            .field("preload", &self.preload)
            .field("addresses", &self.addresses)
            .finish_non_exhaustive()
    }
}
