//! The KDC at a port of loopback (RFC 4120 section 7.2).

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio::task::JoinHandle;
use winreach_kerberos::messages::ErrorCode;

use crate::kdc::TestKdc;
use crate::refusal::Refusal;

/// The longest request.
const MAX_REQUEST: usize = 65_535;

/// A KDC that listens until this is dropped.
#[derive(Debug)]
pub struct Listening {
    /// Where it listens, over UDP and TCP.
    pub address: SocketAddr,
    tasks: [JoinHandle<()>; 2],
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

impl TestKdc {
    /// Listens at a free port of loopback.
    ///
    /// # Errors
    /// When the system has no such port.
    pub async fn listen(&self) -> io::Result<Listening> {
        // A port that is free for TCP is mostly free for UDP; else the next one is.
        for _ in 0..16 {
            let tcp = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
            let address = tcp.local_addr()?;
            if let Ok(udp) = UdpSocket::bind(address).await {
                let tasks = [
                    tokio::spawn(serve_udp(self.clone(), Arc::new(udp))),
                    tokio::spawn(serve_tcp(self.clone(), tcp)),
                ];
                return Ok(Listening { address, tasks });
            }
        }
        Err(io::ErrorKind::AddrInUse.into())
    }
}

async fn serve_udp(kdc: TestKdc, socket: Arc<UdpSocket>) {
    let mut request = vec![0; MAX_REQUEST];
    while let Ok((length, peer)) = socket.recv_from(&mut request).await {
        let Some(mut answer) = kdc.answer(request.get(..length).unwrap_or_default()) else {
            continue;
        };
        if answer.len() > kdc.udp_limit {
            answer = Refusal::from(ErrorCode::KRB_ERR_RESPONSE_TOO_BIG).answer(&kdc, "");
        }
        // Whoever does not hear it asks again.
        let _ = socket.send_to(&answer, peer).await;
    }
}

async fn serve_tcp(kdc: TestKdc, listener: TcpListener) {
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(converse(kdc.clone(), stream));
    }
}

/// Answers one request after the other, each with its length before it.
async fn converse(kdc: TestKdc, mut stream: TcpStream) -> io::Result<()> {
    while let Ok(length) = stream.read_u32().await {
        let length = usize::try_from(length).ok().filter(|length| *length <= MAX_REQUEST);
        let mut request = vec![0; length.ok_or(io::ErrorKind::InvalidData)?];
        stream.read_exact(&mut request).await?;
        let Some(answer) = kdc.answer(&request) else { break };
        stream.write_u32(u32::try_from(answer.len()).unwrap()).await?;
        stream.write_all(&answer).await?;
    }
    Ok(())
}
