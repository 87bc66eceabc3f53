//! How a client reaches a port of a host.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use futures_core::future::BoxFuture;
use socket2::{SockRef, TcpKeepalive};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, lookup_host};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

/// What a connection is made of.
pub trait Stream: AsyncRead + AsyncWrite + Send + Unpin + 'static {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin + 'static> Stream for T {}

/// Makes connections.
pub trait Connector: Send + Sync {
    /// A connection to a port of a host, which is a name or an address.
    fn connect<'a>(
        &'a self,
        host: &'a str,
        port: u16,
    ) -> BoxFuture<'a, io::Result<Box<dyn Stream>>>;
}

/// The name of a host could not be looked up; the source of an [`io::Error`].
#[derive(Debug, thiserror::Error)]
#[error("the name cannot be resolved: {0}")]
pub struct LookupError(io::Error);

impl LookupError {
    /// Whether an error comes from the lookup of a name.
    pub fn is_cause_of(error: &io::Error) -> bool {
        error.get_ref().and_then(|source| source.downcast_ref::<Self>()).is_some()
    }
}

/// Connects over TCP, by IPv4 and IPv6.
///
/// It tries all addresses of a name, each a little later than the one before (as RFC 8305 has it),
/// and takes the first that answers.
#[derive(Clone, Copy, Debug)]
pub struct TcpConnector {
    /// How long an address has before the next one is tried beside it.
    pub stagger: Duration,
    /// How long a connection is silent before the system asks whether the peer is still there.
    pub keep_alive: Duration,
}

impl Default for TcpConnector {
    fn default() -> Self {
        Self { stagger: Duration::from_millis(250), keep_alive: Duration::from_secs(60) }
    }
}

impl Connector for TcpConnector {
    fn connect<'a>(
        &'a self,
        host: &'a str,
        port: u16,
    ) -> BoxFuture<'a, io::Result<Box<dyn Stream>>> {
        Box::pin(async move {
            let addresses: Vec<SocketAddr> = lookup_host((host, port))
                .await
                .map_err(|error| io::Error::new(error.kind(), LookupError(error)))?
                .collect();
            let stream = self.race(addresses).await?;
            stream.set_nodelay(true)?;
            let keep_alive = TcpKeepalive::new().with_time(self.keep_alive);
            SockRef::from(&stream).set_tcp_keepalive(&keep_alive)?;
            Ok(Box::new(stream) as Box<dyn Stream>)
        })
    }
}

impl TcpConnector {
    /// The first of some addresses that takes a connection, or what happened at each.
    async fn race(&self, addresses: Vec<SocketAddr>) -> io::Result<TcpStream> {
        let mut waiting = addresses.into_iter();
        let mut running = JoinSet::new();
        let mut failures: Vec<(SocketAddr, io::Error)> = Vec::new();
        let mut start = |running: &mut JoinSet<_>| {
            waiting.next().map(|address| {
                running.spawn(async move { (address, TcpStream::connect(address).await) })
            })
        };
        let mut more = start(&mut running).is_some();
        let mut next_start = Instant::now() + self.stagger;
        loop {
            tokio::select! {
                () = sleep_until(next_start), if more => {
                    more = start(&mut running).is_some();
                    next_start += self.stagger;
                }
                ended = running.join_next() => match ended {
                    Some(Ok((_, Ok(stream)))) => return Ok(stream),
                    Some(Ok((address, Err(error)))) => {
                        failures.push((address, error));
                        more = more && start(&mut running).is_some();
                    }
                    Some(Err(_)) => {}
                    None if more => more = start(&mut running).is_some(),
                    None => return Err(summary(failures)),
                },
            }
        }
    }
}

/// One error for all addresses.
fn summary(mut failures: Vec<(SocketAddr, io::Error)>) -> io::Error {
    if failures.len() > 1 {
        let kind = failures.first().map_or(io::ErrorKind::Other, |(_, error)| error.kind());
        let list: Vec<String> =
            failures.iter().map(|(address, error)| format!("{address}: {error}")).collect();
        return io::Error::new(kind, list.join(", "));
    }
    match failures.pop() {
        Some((_, error)) => error,
        None => io::Error::new(io::ErrorKind::NotFound, "the name has no address"),
    }
}
