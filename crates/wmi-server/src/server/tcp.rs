//! The server on the network.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use super::Server;
use super::host::{Host, Port};

/// How long calls that run may go on when the server stops.
const GRACE: Duration = Duration::from_secs(5);

/// How long to wait when the system has no more file descriptors.
const PAUSE: Duration = Duration::from_millis(100);

/// A server whose ports are open. Clients can connect, and are served as soon as it
/// [runs](BoundServer::run).
pub struct BoundServer {
    host: Arc<Host>,
    resolver: TcpListener,
    exporter: TcpListener,
    resolver_address: SocketAddr,
    exporter_address: SocketAddr,
}

impl BoundServer {
    pub(super) async fn bind(server: &Server) -> io::Result<Self> {
        let resolver = TcpListener::bind((server.listen, server.resolver_port)).await?;
        let exporter = TcpListener::bind((server.listen, server.exporter_port)).await?;
        let (resolver_address, exporter_address) = (resolver.local_addr()?, exporter.local_addr()?);
        let host = Host::new(server, exporter_address.port());
        Ok(Self { host, resolver, exporter, resolver_address, exporter_address })
    }

    /// Where the resolver listens.
    pub fn resolver_address(&self) -> SocketAddr {
        self.resolver_address
    }

    /// Where the exporter listens.
    pub fn exporter_address(&self) -> SocketAddr {
        self.exporter_address
    }

    /// Serves clients until `shutdown` completes. Calls that run then have five seconds to finish.
    pub async fn run(self, shutdown: impl Future<Output = ()>) {
        let (stop, stopped) = watch::channel(false);
        let mut connections = JoinSet::new();
        tokio::pin!(shutdown);
        let sweeping = self.host.sweep();
        tokio::pin!(sweeping);
        loop {
            let (accepted, port) = tokio::select! {
                () = &mut shutdown => break,
                () = &mut sweeping => continue,
                Some(_) = connections.join_next() => continue,
                accepted = self.resolver.accept() => (accepted, Port::Resolver),
                accepted = self.exporter.accept() => (accepted, Port::Exporter),
            };
            match accepted {
                Ok((stream, peer)) => {
                    let host = Arc::clone(&self.host);
                    connections.spawn(serve(host, stream, peer, port, stopped.clone()));
                }
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    sleep(PAUSE).await;
                }
            }
        }
        drop((self.resolver, self.exporter));
        stop.send_replace(true);
        let all_ended = async { while connections.join_next().await.is_some() {} };
        if timeout(GRACE, all_ended).await.is_err() {
            tracing::warn!("some calls were still running and are given up");
        }
    }
}

async fn serve(
    host: Arc<Host>,
    stream: TcpStream,
    peer: SocketAddr,
    port: Port,
    mut stopped: watch::Receiver<bool>,
) {
    let stop = async move {
        // Fails where the sender is gone, which is a stop as well.
        let _ = stopped.wait_for(|stopped| *stopped).await;
    };
    match stream.set_nodelay(true).and_then(|()| stream.local_addr()) {
        Ok(local) => host.serve_peer(stream, port, (peer, local), stop).await,
        Err(error) => tracing::debug!(%peer, %error, "a connection was lost at once"),
    }
}
