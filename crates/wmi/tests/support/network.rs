//! Connections within the process, whose traffic can be counted, damaged and cut.

use std::collections::HashMap;
use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_core::future::BoxFuture;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf, duplex};
use tokio::task::AbortHandle;
use winreach_auth::ntlm::{Authenticator, NtHash, Target, UserTable};
use winreach_dcom::client::{Connector, Stream};
use winreach_rpc::SyntaxId;
use winreach_rpc::server::{Config, ConnectionInfo, Fault, Request, Service, serve};

use super::PASSWORD;

/// Ports, and what answers there.
pub struct Network {
    ports: HashMap<u16, Arc<dyn Service>>,
    authenticator: Arc<Authenticator>,
    connections: Mutex<Vec<AbortHandle>>,
    traffic: Arc<Traffic>,
}

/// What passed by, and what is to happen to it.
#[derive(Default)]
struct Traffic {
    round_trips: AtomicUsize,
    received: AtomicUsize,
    /// At which byte that the client receives something happens, if at all.
    fault: Mutex<Option<(usize, Damage)>>,
}

#[derive(Clone, Copy, Debug)]
pub enum Damage {
    /// The bit of this number in the byte is another.
    Flip(u8),
    /// The connection ends before the byte.
    Cut,
}

impl Network {
    pub fn new(ports: impl IntoIterator<Item = (u16, Arc<dyn Service>)>) -> Arc<Self> {
        Self::damaged(ports, None)
    }

    pub fn damaged(
        ports: impl IntoIterator<Item = (u16, Arc<dyn Service>)>,
        fault: Option<(usize, Damage)>,
    ) -> Arc<Self> {
        let mut users = UserTable::new();
        users.insert("tester", NtHash::of_password(PASSWORD));
        Arc::new(Self {
            ports: ports.into_iter().collect(),
            authenticator: Arc::new(Authenticator::new(Arc::new(users), Target::new("SERVER"))),
            connections: Mutex::default(),
            traffic: Arc::new(Traffic { fault: Mutex::new(fault), ..Traffic::default() }),
        })
    }

    /// How often the client has waited for an answer so far.
    pub fn round_trips(&self) -> usize {
        self.traffic.round_trips.load(Ordering::Relaxed)
    }

    /// How many bytes the client has received so far.
    pub fn received(&self) -> usize {
        self.traffic.received.load(Ordering::Relaxed)
    }

    /// Ends all connections.
    pub fn cut(&self) {
        self.connections.lock().unwrap().drain(..).for_each(|task| task.abort());
    }
}

impl Connector for Network {
    fn connect<'a>(
        &'a self,
        _host: &'a str,
        port: u16,
    ) -> BoxFuture<'a, io::Result<Box<dyn Stream>>> {
        Box::pin(async move {
            let refused = io::Error::from(io::ErrorKind::ConnectionRefused);
            let service = self.ports.get(&port).ok_or(refused)?;
            let (near, far) = duplex(1 << 16);
            let (service, authenticator) = (Arc::clone(service), Arc::clone(&self.authenticator));
            let task = tokio::spawn(async move {
                let info = ConnectionInfo::default();
                let _ = serve(far, service, authenticator, Config::default(), info).await;
            });
            self.connections.lock().unwrap().push(task.abort_handle());
            Ok(Watched::over(near, &self.traffic))
        })
    }
}

/// Another connector, whose traffic is counted.
pub struct Counting<C> {
    pub connector: C,
    traffic: Arc<Traffic>,
}

impl<C> Counting<C> {
    pub fn new(connector: C) -> Arc<Self> {
        Arc::new(Self { connector, traffic: Arc::default() })
    }

    /// How often the client has waited for an answer so far.
    pub fn round_trips(&self) -> usize {
        self.traffic.round_trips.load(Ordering::Relaxed)
    }

    /// How many bytes the client has received so far.
    pub fn received(&self) -> usize {
        self.traffic.received.load(Ordering::Relaxed)
    }
}

impl<C: Connector> Connector for Counting<C> {
    fn connect<'a>(
        &'a self,
        host: &'a str,
        port: u16,
    ) -> BoxFuture<'a, io::Result<Box<dyn Stream>>> {
        Box::pin(async move {
            let stream = self.connector.connect(host, port).await?;
            Ok(Watched::over(stream, &self.traffic))
        })
    }
}

struct Watched<S> {
    stream: S,
    traffic: Arc<Traffic>,
    /// Whether the client has sent something since it last received something.
    waiting: AtomicBool,
}

impl<S: Stream> Watched<S> {
    fn over(stream: S, traffic: &Arc<Traffic>) -> Box<dyn Stream> {
        let traffic = Arc::clone(traffic);
        Box::new(Self { stream, traffic, waiting: AtomicBool::new(false) })
    }
}

impl<S: Stream> AsyncRead for Watched<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let result = Pin::new(&mut self.stream).poll_read(cx, buffer);
        let count = buffer.filled().len() - before;
        if count == 0 {
            return result;
        }
        if self.waiting.swap(false, Ordering::Relaxed) {
            self.traffic.round_trips.fetch_add(1, Ordering::Relaxed);
        }
        let first = self.traffic.received.fetch_add(count, Ordering::Relaxed);
        match *self.traffic.fault.lock().unwrap() {
            Some((at, Damage::Flip(bit))) if (first..first + count).contains(&at) => {
                buffer.filled_mut()[before + at - first] ^= 1 << bit;
            }
            Some((at, Damage::Cut)) if first + count > at => {
                buffer.set_filled(before + at.saturating_sub(first));
            }
            _ => {}
        }
        result
    }
}

impl<S: Stream> AsyncWrite for Watched<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        data: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.waiting.store(true, Ordering::Relaxed);
        Pin::new(&mut self.stream).poll_write(cx, data)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

/// A service that a closure carries out.
pub struct Scripted<F>(pub F);

impl<F> Service for Scripted<F>
where
    F: Fn(Request) -> BoxFuture<'static, Result<Bytes, Fault>> + Send + Sync + 'static,
{
    fn supports(&self, _: &SyntaxId) -> bool {
        true
    }

    fn call(&self, request: Request) -> BoxFuture<'_, Result<Bytes, Fault>> {
        (self.0)(request)
    }
}
