//! One KDC over UDP.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use tokio::net::UdpSocket;
use tokio::time::timeout;
use winreach_kerberos::transport::Failure;

use crate::answer::Answer;

/// How long the first datagram has before it is taken for lost; each further one has twice as long.
const RESEND: Duration = Duration::from_secs(1);
/// What a datagram carries at most.
const MAX_DATAGRAM: usize = 65_535;

/// Asks again and again until something comes back; the caller bounds the time.
pub(crate) async fn ask(address: SocketAddr, request: &[u8]) -> Result<Answer, Failure> {
    let io = |error| Failure::Io(Arc::new(error));
    let local: SocketAddr = match address {
        SocketAddr::V4(_) => (Ipv4Addr::UNSPECIFIED, 0).into(),
        SocketAddr::V6(_) => (Ipv6Addr::UNSPECIFIED, 0).into(),
    };
    let socket = UdpSocket::bind(local).await.map_err(io)?;
    // A connected socket takes datagrams of this peer only, and hears that its port is closed.
    socket.connect(address).await.map_err(io)?;
    let mut answer = Vec::with_capacity(MAX_DATAGRAM);
    let mut wait = RESEND;
    loop {
        socket.send(request).await.map_err(io)?;
        if let Ok(received) = timeout(wait, socket.recv_buf(&mut answer)).await {
            received.map_err(io)?;
            answer.shrink_to_fit();
            return Answer::read(answer);
        }
        wait = wait.saturating_mul(2);
    }
}
