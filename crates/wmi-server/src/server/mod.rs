//! The server: where the engine meets the network.
//!
//! [`Server::bind`] opens two TCP ports, that of the resolver and that of the exporter;
//! [`Server::connector`] reaches the same services within the process. Both go through the whole
//! stack: RPC association, log-on, activation, objects.

mod authorize;
mod builder;
mod door;
mod host;
mod in_process;
mod keytab;
mod mechanisms;
mod peer;
mod tcp;
mod throttle;

pub use builder::ServerBuilder;
pub use in_process::InProcess;
pub use keytab::{KeytabError, ServiceKeytab};
pub use tcp::BoundServer;

use std::io;
use std::net::IpAddr;
use std::sync::Arc;

use winreach_auth::{AuthType, Authenticator};

use crate::engine::Engine;
use host::Host;

/// A WMI server, ready to be reached.
///
/// ```no_run
/// use std::net::Ipv4Addr;
/// use winreach_wmi_server::Server;
/// use winreach_wmi_server::accounts::{AccountFile, LiveAccounts};
///
/// # async fn run() -> Result<(), Box<dyn std::error::Error>> {
/// let accounts = LiveAccounts::open(AccountFile::new("/etc/winreach/accounts"))?;
/// let server = Server::builder()
///     .accounts(accounts)
///     .listen(Ipv4Addr::UNSPECIFIED.into(), 135, 0)
///     .build()?;
/// let bound = server.bind().await?;
/// println!("ready at {}", bound.resolver_address());
/// bound.run(std::future::pending()).await;
/// # Ok(())
/// # }
/// ```
pub struct Server {
    /// What the computer is called, by itself and by others.
    names: Vec<String>,
    engine: Arc<Engine>,
    authenticator: Arc<dyn Authenticator>,
    /// The security providers that clients can name, the best first.
    services: Vec<AuthType>,
    /// The service principal that clients are told.
    principal: String,
    listen: IpAddr,
    resolver_port: u16,
    exporter_port: u16,
}

impl Server {
    /// Starts to put a server together.
    pub fn builder() -> ServerBuilder {
        ServerBuilder::new()
    }

    /// What answers the queries, for use without a network.
    pub fn engine(&self) -> &Arc<Engine> {
        &self.engine
    }

    /// Opens the ports.
    ///
    /// # Errors
    /// When a port is taken or may not be used.
    pub async fn bind(&self) -> io::Result<BoundServer> {
        BoundServer::bind(self).await
    }

    /// A way in from the same process.
    pub fn connector(&self) -> InProcess {
        InProcess::new(Host::new(self, in_process::EXPORTER_PORT))
    }
}
