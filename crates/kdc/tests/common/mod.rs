//! KDCs on loopback that behave as a test wants them to.

#![allow(dead_code, reason = "not every test uses every helper")]

pub(crate) mod dns;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream, UdpSocket};
use winreach_kdc::{Kdc, KdcAddress, Realms};
use winreach_kerberos::transport::Protocol;

pub(crate) const REALM: &str = "EXAMPLE.COM";
pub(crate) const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
pub(crate) const REQUEST: &[u8] = b"a request is opaque";

/// An AS-REP as far as a carrier looks into it, told from others by a byte.
pub(crate) fn reply(mark: u8) -> Vec<u8> {
    vec![0x6b, 5, 0x30, 3, 2, 1, mark]
}

/// A KRB-ERROR with nothing but the version, the type of message and the code.
pub(crate) fn error(code: u8) -> Vec<u8> {
    vec![0x7e, 17, 0x30, 15, 0xa0, 3, 2, 1, 5, 0xa1, 3, 2, 1, 30, 0xa6, 3, 2, 1, code]
}

/// An answer with the length before it.
pub(crate) fn framed(answer: &[u8]) -> Vec<u8> {
    [&u32::try_from(answer.len()).unwrap().to_be_bytes(), answer].concat()
}

/// What happens to the requests at a port.
#[derive(Clone)]
pub(crate) enum Port {
    /// Nothing listens.
    Closed,
    /// They are swallowed.
    Silent,
    /// All but the first few are answered with these bytes.
    Answers { after: usize, bytes: Vec<u8> },
    /// They are answered, but not before this time has passed. Over TCP only.
    Slow { delay: Duration, bytes: Vec<u8> },
}

impl Port {
    pub(crate) fn answers(bytes: Vec<u8>) -> Self {
        Self::Answers { after: 0, bytes }
    }
}

/// What a KDC has seen, in order.
pub(crate) type Seen = Arc<Mutex<Vec<(Protocol, Vec<u8>)>>>;

pub(crate) struct FakeKdc {
    pub(crate) address: SocketAddr,
    seen: Seen,
    /// Keep closed ports from being given to somebody who opens them.
    closed: (Option<UdpSocket>, Option<TcpSocket>),
}

impl FakeKdc {
    /// A KDC at a free port of `ip`; over TCP `bytes` are sent as they are, and the connection ends.
    pub(crate) async fn start(ip: IpAddr, udp: Port, tcp: Port) -> Self {
        let (datagrams, connections) = ports(ip).await;
        let address = datagrams.local_addr().unwrap();
        let seen = Seen::default();
        let mut closed = (None, None);
        if matches!(udp, Port::Closed) {
            // It hears nobody but itself, and the system refuses everybody else.
            datagrams.connect(address).await.unwrap();
            closed.0 = Some(datagrams);
        } else {
            tokio::spawn(serve_udp(datagrams, udp, seen.clone()));
        }
        if matches!(tcp, Port::Closed) {
            closed.1 = Some(connections);
        } else {
            let listener = connections.listen(16).unwrap();
            tokio::spawn(serve_tcp(listener, tcp, seen.clone()));
        }
        Self { address, seen, closed }
    }

    /// A KDC that gives the same answer over UDP and TCP.
    pub(crate) async fn answering(answer: &[u8]) -> Self {
        Self::start(LOOPBACK, Port::answers(answer.into()), Port::answers(framed(answer))).await
    }

    pub(crate) fn kdc(&self) -> KdcAddress {
        self.address.to_string().parse().unwrap()
    }

    pub(crate) fn only(&self, protocol: Protocol) -> KdcAddress {
        KdcAddress { protocol: Some(protocol), ..self.kdc() }
    }

    pub(crate) fn seen(&self) -> Vec<(Protocol, Vec<u8>)> {
        self.seen.lock().unwrap().clone()
    }

    /// The protocols of what it has seen.
    pub(crate) fn ways(&self) -> Vec<Protocol> {
        self.seen().into_iter().map(|(protocol, _)| protocol).collect()
    }
}

/// The same free port for both protocols.
async fn ports(ip: IpAddr) -> (UdpSocket, TcpSocket) {
    for _ in 0..100 {
        let socket = if ip.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }.unwrap();
        let datagrams = UdpSocket::bind((ip, 0)).await.unwrap();
        if socket.bind(datagrams.local_addr().unwrap()).is_ok() {
            return (datagrams, socket);
        }
    }
    panic!("no port is free for both protocols");
}

async fn serve_udp(socket: UdpSocket, port: Port, seen: Seen) {
    let mut buffer = vec![0; 65_536];
    let mut number = 0;
    while let Ok((length, peer)) = socket.recv_from(&mut buffer).await {
        seen.lock().unwrap().push((Protocol::Udp, buffer[..length].to_vec()));
        number += 1;
        if let Port::Answers { after, bytes } = &port
            && number > *after
        {
            socket.send_to(bytes, peer).await.unwrap();
        }
    }
}

async fn serve_tcp(listener: TcpListener, port: Port, seen: Seen) {
    let mut number = 0;
    while let Ok((stream, _)) = listener.accept().await {
        number += 1;
        let answer = match &port {
            Port::Answers { after, bytes } if number > *after => Some((Duration::ZERO, bytes)),
            Port::Slow { delay, bytes } => Some((*delay, bytes)),
            _ => None,
        };
        let answer = answer.map(|(delay, bytes)| (delay, bytes.clone()));
        tokio::spawn(answer_tcp(stream, answer, seen.clone()));
    }
}

async fn answer_tcp(mut stream: TcpStream, answer: Option<(Duration, Vec<u8>)>, seen: Seen) {
    let Ok(length) = stream.read_u32().await else { return };
    let mut request = vec![0; usize::try_from(length).unwrap()];
    stream.read_exact(&mut request).await.unwrap();
    seen.lock().unwrap().push((Protocol::Tcp, request));
    match answer {
        Some((delay, answer)) => {
            tokio::time::sleep(delay).await;
            stream.write_all(&answer).await.unwrap();
        }
        // Until the client goes.
        None => drop(stream.read(&mut [0]).await),
    }
}

/// The transport to these KDCs, in this order.
pub(crate) fn transport(kdcs: impl IntoIterator<Item = KdcAddress>) -> Kdc {
    let none = Kdc::new(Realms { dns_lookup_kdc: false, ..Realms::default() });
    kdcs.into_iter().fold(none, |transport, kdc| transport.with_kdc(REALM, kdc))
}
