//! The server within the process.

use std::io;
use std::sync::Arc;

use futures_core::future::BoxFuture;
use tokio::io::duplex;
use winreach_dcom::client::{Connector, RESOLVER_PORT, Stream};
use winreach_rpc::server::ConnectionInfo;

use super::host::{Host, Port};

/// The port that stands for the exporter: the first of those that Windows hands out.
pub(super) const EXPORTER_PORT: u16 = 49152;

/// How much one side may be ahead of the other, in bytes.
const BUFFER: usize = 256 << 10;

/// Connects a client to a server in the same process, without a network. Clones lead to the same
/// objects.
///
/// The host does not matter; the resolver answers at its usual port, wherever the server listens.
/// A connection is served by a task of its own, so connecting needs a tokio runtime.
#[derive(Clone)]
pub struct InProcess {
    host: Arc<Host>,
}

impl InProcess {
    pub(super) fn new(host: Arc<Host>) -> Self {
        Self { host }
    }

    fn open(&self, port: u16) -> io::Result<Box<dyn Stream>> {
        let port = match port {
            RESOLVER_PORT => Port::Resolver,
            port if port == self.host.exporter_port() => Port::Exporter,
            _ => return Err(io::ErrorKind::ConnectionRefused.into()),
        };
        let (client, server) = duplex(BUFFER);
        let host = Arc::clone(&self.host);
        tokio::spawn(async move {
            let stop = std::future::pending();
            let connection = host.serve(server, port, ConnectionInfo::default(), stop);
            // Whoever is connected sees to it that forgotten objects go.
            tokio::select! {
                () = connection => {}
                () = host.sweep() => {}
            }
        });
        Ok(Box::new(client))
    }
}

impl Connector for InProcess {
    fn connect<'a>(
        &'a self,
        _host: &'a str,
        port: u16,
    ) -> BoxFuture<'a, io::Result<Box<dyn Stream>>> {
        Box::pin(std::future::ready(self.open(port)))
    }
}
