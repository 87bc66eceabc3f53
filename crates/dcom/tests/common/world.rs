//! A server in this process: an exporter with a demonstration class, behind streams in memory that
//! are counted, logged and can be tampered with.

#![allow(dead_code, reason = "not every test uses all of it")]

use std::collections::HashMap;
use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use futures_core::future::BoxFuture;
use tokio::io::{AsyncRead, AsyncWrite, DuplexStream, ReadBuf, duplex};
use tokio::task::JoinSet;
use tokio::time::Instant;
use uuid::{Uuid, uuid};
use winreach_auth::{AuthLevel, Credentials, Identity, ntlm};
use winreach_dcom::Status;
use winreach_dcom::client::{Client, Connector, Error, Options, Proxy, Reply, Stream};
use winreach_dcom::server::{
    Activator, Addresses, Call, Exporter, ExporterService, Limits, Object, ResolverService, Results,
};
use winreach_dcom::wire::{InterfacePointer, ObjRef};
use winreach_rpc::server::{Config, ConnectionInfo, Request, Service, serve};
use winreach_rpc::{Fault, SyntaxId};

pub(crate) const CLASS: Uuid = uuid!("5c1a7f0e-0001-4000-8000-000000000001");
pub(crate) const CALCULATOR: Uuid = uuid!("5c1a7f0e-0002-4000-8000-000000000002");
pub(crate) const NAMED: Uuid = uuid!("5c1a7f0e-0003-4000-8000-000000000003");
pub(crate) const ABSENT: Uuid = uuid!("5c1a7f0e-0004-4000-8000-000000000004");

/// ICalculator: doubles a number.
pub(crate) const DOUBLE: u16 = 3;
/// ICalculator: gives another calculator.
pub(crate) const ANOTHER: u16 = 4;
/// ICalculator: never answers.
pub(crate) const STALL: u16 = 5;

pub(crate) const RESOLVER_PORT: u16 = 135;
pub(crate) const EXPORTER_PORT: u16 = 49666;

struct Calculator;

impl Object for Calculator {
    fn interfaces(&self) -> &[Uuid] {
        &[CALCULATOR, NAMED]
    }

    fn call(&self, call: Call) -> BoxFuture<'_, Result<Results, Fault>> {
        Box::pin(async move {
            let mut results = Results::new();
            match (call.iid, call.opnum) {
                (CALCULATOR, DOUBLE) => {
                    let number = call.decoder().u32("number").map_err(|_| Fault::BAD_STUB_DATA)?;
                    results.u32(number * 2);
                    results.u32(0);
                }
                (CALCULATOR, ANOTHER) => {
                    let object: Arc<dyn Object> = Arc::new(Self);
                    match call.export(&object, CALCULATOR) {
                        Ok(reference) => {
                            results.put(&InterfacePointer::from(reference));
                            results.u32(0);
                        }
                        Err(status) => {
                            results.put(&InterfacePointer::null());
                            results.u32(status.0);
                        }
                    }
                }
                (CALCULATOR, STALL) => std::future::pending().await,
                _ => return Err(Fault::OP_RANGE_ERROR),
            }
            Ok(results)
        })
    }
}

struct Class;

impl Activator for Class {
    fn create(&self, clsid: Uuid, _: &Arc<Identity>) -> Result<Arc<dyn Object>, Status> {
        match clsid {
            CLASS => Ok(Arc::new(Calculator)),
            _ => Err(Status::REGDB_E_CLASSNOTREG),
        }
    }
}

/// Changes answers on their way out.
pub(crate) type Alter = Box<dyn Fn(&Request, Bytes) -> Bytes + Send + Sync>;

/// A service that writes down what it is asked, and may change what it answers.
struct Watched<S> {
    service: S,
    log: Arc<Mutex<Vec<(Uuid, u16)>>>,
    alter: Arc<Alter>,
}

impl<S: Service> Service for Watched<S> {
    fn supports(&self, interface: &SyntaxId) -> bool {
        self.service.supports(interface)
    }

    fn call(&self, request: Request) -> BoxFuture<'_, Result<Bytes, Fault>> {
        Box::pin(async move {
            self.log.lock().unwrap().push((request.interface.uuid, request.opnum));
            let results = self.service.call(request.clone()).await?;
            Ok((self.alter)(&request, results))
        })
    }
}

/// The server, and the way to it.
pub(crate) struct World {
    pub(crate) exporter: Exporter,
    /// How often a client wrote and then read an answer, over all connections.
    pub(crate) trips: Arc<AtomicUsize>,
    /// The interface and the method of each request, in order.
    pub(crate) log: Arc<Mutex<Vec<(Uuid, u16)>>>,
    /// No new connection is taken.
    pub(crate) unreachable: Arc<AtomicBool>,
    /// Hosts and ports that do not take connections.
    pub(crate) closed: Arc<Mutex<Vec<(String, u16)>>>,
    /// Hosts and ports that clients came to.
    pub(crate) dialled: Arc<Mutex<Vec<(String, u16)>>>,
    services: HashMap<u16, Arc<dyn Service>>,
    authenticator: Arc<ntlm::Authenticator>,
    connections: Mutex<JoinSet<()>>,
}

impl World {
    pub(crate) fn new() -> Arc<Self> {
        Self::with(Limits::default(), Box::new(|_, results| results))
    }

    pub(crate) fn with(limits: Limits, alter: Alter) -> Arc<Self> {
        let exporter = Exporter::new(Addresses::new("DC1", EXPORTER_PORT), limits);
        let log = Arc::default();
        let alter = Arc::new(alter);
        let resolver = ResolverService::new(exporter.clone(), Arc::new(Class));
        let objects = ExporterService::new(exporter.clone(), [CALCULATOR, NAMED]);
        let services: [(u16, Arc<dyn Service>); 2] = [
            (
                RESOLVER_PORT,
                Arc::new(Watched {
                    service: resolver,
                    log: Arc::clone(&log),
                    alter: Arc::clone(&alter),
                }),
            ),
            (EXPORTER_PORT, Arc::new(Watched { service: objects, log: Arc::clone(&log), alter })),
        ];
        let mut users = ntlm::UserTable::new();
        users.insert("alice", ntlm::NtHash::of_password("open sesame"));
        users.insert("bob", ntlm::NtHash::of_password("swordfish"));
        Arc::new(Self {
            exporter,
            trips: Arc::default(),
            log,
            unreachable: Arc::default(),
            closed: Arc::default(),
            dialled: Arc::default(),
            services: services.into_iter().collect(),
            authenticator: Arc::new(ntlm::Authenticator::new(
                Arc::new(users),
                ntlm::Target::new("DC1"),
            )),
            connections: Mutex::default(),
        })
    }

    /// What a client needs to come here.
    pub(crate) fn options(self: &Arc<Self>, user: &str, password: &str) -> Options {
        let credentials = Credentials::new(user, password.to_owned().into());
        let mut options = Options::new(Arc::new(ntlm::Source::new(credentials)));
        options.connector = Arc::new(Door(Arc::clone(self)));
        options.preload = vec![CALCULATOR];
        options
    }

    pub(crate) fn alice(self: &Arc<Self>) -> Client {
        Client::new(self.options("alice", "open sesame"))
    }

    pub(crate) fn bob(self: &Arc<Self>) -> Client {
        Client::new(self.options("bob", "swordfish"))
    }

    pub(crate) fn trips(&self) -> usize {
        self.trips.load(Ordering::Relaxed)
    }

    /// How often a method was called.
    pub(crate) fn count(&self, interface: Uuid, opnum: u16) -> usize {
        self.log.lock().unwrap().iter().filter(|call| **call == (interface, opnum)).count()
    }

    /// A stream to a port.
    pub(crate) fn dial(&self, host: &str, port: u16) -> io::Result<DuplexStream> {
        self.dialled.lock().unwrap().push((host.to_owned(), port));
        let closed = self.closed.lock().unwrap().contains(&(host.to_owned(), port));
        let Some(service) = self
            .services
            .get(&port)
            .filter(|_| !closed && !self.unreachable.load(Ordering::Relaxed))
        else {
            return Err(io::ErrorKind::ConnectionRefused.into());
        };
        let (here, there) = duplex(1 << 16);
        let serving = serve(
            there,
            Arc::clone(service),
            self.authenticator.clone(),
            Config::default(),
            ConnectionInfo::default(),
        );
        self.connections.lock().unwrap().spawn(async move { drop(serving.await) });
        Ok(here)
    }

    /// Breaks all connections and takes no more.
    pub(crate) fn cut(&self) {
        self.unreachable.store(true, Ordering::Relaxed);
        self.connections.lock().unwrap().abort_all();
    }
}

struct Door(Arc<World>);

impl Connector for Door {
    fn connect<'a>(
        &'a self,
        host: &'a str,
        port: u16,
    ) -> BoxFuture<'a, io::Result<Box<dyn Stream>>> {
        Box::pin(async move {
            let stream = self.0.dial(host, port)?;
            let trips = Arc::clone(&self.0.trips);
            Ok(Box::new(Counted { stream, trips, wrote: false }) as Box<dyn Stream>)
        })
    }
}

/// Counts how often something is read after something was written.
struct Counted {
    stream: DuplexStream,
    trips: Arc<AtomicUsize>,
    wrote: bool,
}

impl AsyncRead for Counted {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let result = Pin::new(&mut self.stream).poll_read(cx, buffer);
        if buffer.filled().len() > before && std::mem::take(&mut self.wrote) {
            self.trips.fetch_add(1, Ordering::Relaxed);
        }
        result
    }
}

impl AsyncWrite for Counted {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.wrote = true;
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

pub(crate) fn soon() -> Instant {
    Instant::now() + Duration::from_secs(10)
}

/// A calculator of a client.
pub(crate) async fn calculator(client: &Client) -> Result<Proxy, Error> {
    client
        .activate("dc1.corp.example", CLASS, &[CALCULATOR], soon())
        .await
        .map(|mut all| all.remove(0))
}

pub(crate) async fn double(calculator: &Proxy, number: u32) -> Result<u32, Error> {
    let reply = calculator.call(DOUBLE, |stub| stub.u32(number), soon()).await?;
    Ok(reply.decoder().u32("result").unwrap())
}

/// The reference to a further calculator.
pub(crate) async fn another(calculator: &Proxy) -> Result<ObjRef, Error> {
    let reply = calculator.call(ANOTHER, |_| {}, soon()).await?;
    Ok(reference(&reply).unwrap())
}

/// The reference in a reply, or the HRESULT.
pub(crate) fn reference(reply: &Reply) -> Result<ObjRef, Status> {
    let mut decoder = reply.decoder();
    let pointer: InterfacePointer = decoder.get().unwrap();
    let hresult = decoder.u32("HRESULT").unwrap();
    pointer.0.ok_or(Status(hresult))
}

/// A client that protects its calls at another level.
pub(crate) fn at_level(world: &Arc<World>, level: AuthLevel) -> Client {
    let mut options = world.options("alice", "open sesame");
    options.level = level;
    Client::new(options)
}
