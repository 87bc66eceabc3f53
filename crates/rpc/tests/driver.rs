//! The tokio drivers over a stream in memory, with a clock that the test moves.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test"
)]

mod common;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use common::{Echo, FIRST, SECOND, alice, alice_with, call, ntlm_accounts, pattern};
use futures_core::future::BoxFuture;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use tokio::sync::{Notify, oneshot};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};
use winreach_auth::AuthLevel;
use winreach_rpc::client::{self, Call, Connection, Error};
use winreach_rpc::pdu::{Bind, Body, Flags, Pdu};
use winreach_rpc::server::{self, ConnectionInfo, Request, Service, serve, serve_until};
use winreach_rpc::{Fault, SyntaxId};

const ECHO: u16 = 3;
const FOREVER: u16 = 4;
const PANIC: u16 = 5;
const SLOW: u16 = 6;

/// Echoes, waits for ever, panics or takes ten seconds, as the operation says.
#[derive(Default)]
struct Moody {
    /// Calls that wait for ever and were not dropped.
    waiting: Arc<AtomicUsize>,
    changed: Arc<Notify>,
}

/// One call that waits for ever.
struct Waiting(Arc<AtomicUsize>, Arc<Notify>);

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
        self.1.notify_one();
    }
}

impl Service for Moody {
    fn supports(&self, interface: &SyntaxId) -> bool {
        Echo.supports(interface)
    }

    fn call(&self, request: Request) -> BoxFuture<'_, Result<Bytes, Fault>> {
        Box::pin(async move {
            match request.opnum {
                ECHO => Ok(request.stub),
                FOREVER => {
                    self.waiting.fetch_add(1, Ordering::SeqCst);
                    let _waiting = Waiting(self.waiting.clone(), self.changed.clone());
                    self.changed.notify_one();
                    std::future::pending().await
                }
                PANIC => panic!("as asked for"),
                SLOW => {
                    sleep(Duration::from_secs(10)).await;
                    Ok(request.stub)
                }
                _ => Err(Fault::OP_RANGE_ERROR),
            }
        })
    }
}

fn start(service: Arc<Moody>) -> (DuplexStream, JoinHandle<Result<(), server::Error>>) {
    start_with(service, server::Config::default())
}

fn start_with(
    service: Arc<Moody>,
    config: server::Config,
) -> (DuplexStream, JoinHandle<Result<(), server::Error>>) {
    let (ours, theirs) = duplex(64 * 1024);
    let info = ConnectionInfo::default();
    (ours, tokio::spawn(serve(theirs, service, ntlm_accounts(), config, info)))
}

fn within(seconds: u64) -> Instant {
    Instant::now() + Duration::from_secs(seconds)
}

async fn open(stream: DuplexStream, level: Option<AuthLevel>) -> Result<Connection, Error> {
    let security = level.map(alice);
    Connection::open(stream, &[FIRST], security, client::Config::default(), within(30)).await
}

fn operation(opnum: u16, stub: impl Into<Bytes>) -> Call {
    Call { opnum, ..call(FIRST, stub) }
}

#[tokio::test(start_paused = true)]
async fn calls_are_made_and_the_last_handle_ends_the_connection() {
    let (stream, server) = start(Arc::default());
    let connection = open(stream, Some(AuthLevel::Privacy)).await.unwrap();
    let another = connection.clone();
    let deadline = within(30);
    assert_eq!(connection.call(operation(ECHO, "one"), deadline).await.unwrap()[..3], b"one"[..]);
    connection.add_interfaces(&[SECOND], deadline).await.unwrap();
    drop(connection);
    let stub = pattern(500_000);
    assert_eq!(another.call(call(SECOND, stub.clone()), deadline).await.unwrap(), stub);
    drop(another);
    server.await.unwrap().unwrap();
}

#[tokio::test(start_paused = true)]
async fn many_calls_at_once_find_their_own_answers() {
    let (stream, _server) = start(Arc::default());
    let connection = open(stream, Some(AuthLevel::Privacy)).await.unwrap();
    let calls: Vec<_> = (0..50)
        .map(|number| {
            let connection = connection.clone();
            tokio::spawn(async move {
                let stub = pattern(number * 997);
                let opnum = if number % 3 == 0 { SLOW } else { ECHO };
                let answer = connection.call(operation(opnum, stub.clone()), within(60)).await;
                assert_eq!(answer.unwrap()[..stub.len()], stub);
            })
        })
        .collect();
    for call in calls {
        call.await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_meets_its_deadline_and_the_server_drops_it() {
    let service = Arc::new(Moody::default());
    let (stream, _server) = start(service.clone());
    let connection = open(stream, Some(AuthLevel::Integrity)).await.unwrap();
    let begun = Instant::now();
    let error = connection.call(operation(FOREVER, ""), within(7)).await.unwrap_err();
    assert!(matches!(error, Error::Deadline), "{error}");
    assert_eq!(begun.elapsed().as_secs(), 7);
    while service.waiting.load(Ordering::SeqCst) > 0 {
        service.changed.notified().await;
    }
    // The connection is still good.
    connection.call(operation(ECHO, "after"), within(7)).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn dropping_the_future_gives_the_call_up() {
    let service = Arc::new(Moody::default());
    let (stream, _server) = start(service.clone());
    let connection = open(stream, None).await.unwrap();
    let call = {
        let connection = connection.clone();
        tokio::spawn(async move { connection.call(operation(FOREVER, ""), within(1000)).await })
    };
    while service.waiting.load(Ordering::SeqCst) == 0 {
        service.changed.notified().await;
    }
    call.abort();
    while service.waiting.load(Ordering::SeqCst) > 0 {
        service.changed.notified().await;
    }
    connection.call(operation(ECHO, ""), within(7)).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_server_that_stalls_meets_the_deadline_of_the_open() {
    let (stream, mut silent) = duplex(1024);
    let begun = Instant::now();
    let error =
        Connection::open(stream, &[FIRST], None, client::Config::default(), within(5)).await;
    assert!(matches!(error.unwrap_err(), Error::Deadline));
    assert_eq!(begun.elapsed().as_secs(), 5);
    // The task has gone and closed the stream.
    let mut bind = Vec::new();
    silent.read_to_end(&mut bind).await.unwrap();
    assert_eq!(common::pdus(&bind).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_server_that_does_not_read_meets_the_deadline_of_the_call() {
    let (stream, server) = start(Arc::default());
    let (ours, mut theirs) = duplex(64);
    let mut stream = stream;
    // A wire that carries the bind and then no more than its own 64 bytes.
    let relay = tokio::spawn(async move {
        let mut buffer = [0; 4096];
        let read = theirs.read(&mut buffer).await.unwrap();
        let mut sent = read;
        stream.write_all(&buffer[..read]).await.unwrap();
        let length = usize::from(u16::from_le_bytes([buffer[8], buffer[9]]));
        while sent < length {
            let read = theirs.read(&mut buffer).await.unwrap();
            stream.write_all(&buffer[..read]).await.unwrap();
            sent += read;
        }
        let read = stream.read(&mut buffer).await.unwrap();
        theirs.write_all(&buffer[..read]).await.unwrap();
        std::future::pending::<(DuplexStream, DuplexStream)>().await
    });
    let connection = open(ours, None).await.unwrap();
    let begun = Instant::now();
    let error = connection.call(operation(ECHO, pattern(10_000)), within(9)).await.unwrap_err();
    assert!(matches!(error, Error::Deadline), "{error}");
    assert_eq!(begun.elapsed().as_secs(), 9);
    drop(connection);
    relay.abort();
    server.abort();
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_dies_fails_every_call() {
    let service = Arc::new(Moody::default());
    let (stream, server) = start(service.clone());
    let connection = open(stream, Some(AuthLevel::Privacy)).await.unwrap();
    let calls: Vec<_> = (0..3)
        .map(|_| {
            let connection = connection.clone();
            tokio::spawn(async move { connection.call(operation(FOREVER, ""), within(100)).await })
        })
        .collect();
    while service.waiting.load(Ordering::SeqCst) < 3 {
        service.changed.notified().await;
    }
    assert!(connection.death().is_none());
    server.abort();
    for call in calls {
        let error = call.await.unwrap().unwrap_err();
        assert!(matches!(error, Error::Closed), "{error}");
    }
    let late = connection.call(operation(ECHO, ""), within(100)).await.unwrap_err();
    assert!(matches!(late, Error::Closed), "{late}");
    assert!(connection.death().is_some());
}

#[tokio::test(start_paused = true)]
async fn an_answer_cut_anywhere_is_an_error_at_once() {
    for cut in 0..100 {
        let (ours, mut theirs) = duplex(64 * 1024);
        let server = tokio::spawn(async move {
            let (mut stream, _server) = start(Arc::default());
            let mut buffer = vec![0; 4096];
            let read = theirs.read(&mut buffer).await.unwrap();
            stream.write_all(&buffer[..read]).await.unwrap();
            let read = stream.read(&mut buffer).await.unwrap();
            theirs.write_all(&buffer[..read.min(cut)]).await.unwrap();
        });
        let begun = Instant::now();
        let error = open(ours, None).await;
        server.await.unwrap();
        if let Err(error) = error {
            assert!(matches!(error, Error::Closed), "{error}");
            assert_eq!(begun.elapsed().as_secs(), 0);
        } else {
            assert!(cut >= 80, "a bind_ack of {cut} bytes");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_wrong_password_is_told_by_the_first_call() {
    let (stream, _server) = start(Arc::default());
    let security = alice_with("open barley", AuthLevel::Privacy);
    let config = client::Config::default();
    let connection =
        Connection::open(stream, &[FIRST], Some(security), config, within(5)).await.unwrap();
    let error = connection.call(operation(ECHO, ""), within(5)).await.unwrap_err();
    assert_eq!(error.fault(), Some(Fault::ACCESS_DENIED));
}

#[tokio::test(start_paused = true)]
async fn a_second_context_protects_its_own_interfaces() {
    let (stream, _server) = start(Arc::default());
    let connection = open(stream, Some(AuthLevel::Packet)).await.unwrap();
    let security = alice(AuthLevel::Privacy);
    connection.add_secured(&[SECOND], security, within(5)).await.unwrap();
    connection.call(call(SECOND, "sealed"), within(5)).await.unwrap();
    connection.call(call(FIRST, "signed"), within(5)).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_call_that_panics_is_a_fault_and_the_others_go_on() {
    let (stream, _server) = start(Arc::default());
    let connection = open(stream, Some(AuthLevel::Privacy)).await.unwrap();
    let error = connection.call(operation(PANIC, ""), within(5)).await.unwrap_err();
    assert_eq!(error.fault(), Some(Fault::UNSPECIFIED));
    let error = connection.call(operation(99, ""), within(5)).await.unwrap_err();
    assert_eq!(error.fault(), Some(Fault::OP_RANGE_ERROR));
    connection.call(operation(ECHO, ""), within(5)).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_client_that_does_not_bind_is_shown_out() {
    let (_stream, server) = start(Arc::default());
    let begun = Instant::now();
    assert!(matches!(server.await.unwrap(), Err(server::Error::BindTimeout)));
    assert_eq!(begun.elapsed().as_secs(), 30);
}

#[tokio::test(start_paused = true)]
async fn an_idle_connection_is_closed_but_not_under_a_running_call() {
    let config =
        server::Config { idle_timeout: Some(Duration::from_secs(5)), ..Default::default() };
    let (stream, server) = start_with(Arc::default(), config);
    let connection = open(stream, Some(AuthLevel::Privacy)).await.unwrap();
    connection.call(operation(SLOW, ""), within(60)).await.unwrap();
    let begun = Instant::now();
    assert!(matches!(server.await.unwrap(), Err(server::Error::Idle)));
    assert_eq!(begun.elapsed().as_secs(), 5);
    let error = connection.call(operation(ECHO, ""), within(60)).await.unwrap_err();
    assert!(matches!(error, Error::Closed), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_server_that_stops_finishes_what_runs() {
    let (ours, theirs) = duplex(64 * 1024);
    let (stop, stopped) = oneshot::channel::<()>();
    let service = Arc::new(Moody::default());
    let server = tokio::spawn(serve_until(
        theirs,
        service,
        ntlm_accounts(),
        server::Config::default(),
        ConnectionInfo::default(),
        async { drop(stopped.await) },
    ));
    let connection = open(ours, Some(AuthLevel::Privacy)).await.unwrap();
    let running = {
        let connection = connection.clone();
        tokio::spawn(async move { connection.call(operation(SLOW, "slow"), within(60)).await })
    };
    sleep(Duration::from_secs(1)).await;
    stop.send(()).unwrap();
    assert_eq!(&running.await.unwrap().unwrap()[..4], b"slow");
    server.await.unwrap().unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_client_that_does_not_read_stops_being_read() {
    let config = server::Config {
        max_unsent_bytes: 100_000,
        idle_timeout: Some(Duration::from_secs(60)),
        ..Default::default()
    };
    let (mut stream, server) = start_with(Arc::default(), config);
    let mut bytes = BytesMut::new();
    let bind = Bind {
        max_xmit_frag: 5840,
        max_recv_frag: 5840,
        assoc_group_id: 0,
        contexts: vec![winreach_rpc::pdu::ContextElement {
            id: 0,
            abstract_syntax: FIRST,
            transfer_syntaxes: vec![SyntaxId::NDR],
        }],
    };
    let flags = Flags::WHOLE | Flags::CONC_MPX;
    Pdu::new(1, flags, Body::Bind(bind)).write(&mut bytes).unwrap();
    for call_id in 2..2000 {
        let request = winreach_rpc::pdu::Request {
            alloc_hint: 0,
            context_id: 0,
            opnum: ECHO,
            object: None,
            stub: pattern(5000),
        };
        Pdu::new(call_id, Flags::WHOLE, Body::Request(request)).write(&mut bytes).unwrap();
    }
    // Ten megabytes are not taken off the hands of a client that reads nothing.
    let sent = tokio::time::timeout(Duration::from_secs(30), stream.write_all(&bytes)).await;
    assert!(sent.is_err(), "the server must stop to read");
    assert!(matches!(server.await.unwrap(), Err(server::Error::Idle)));
}

#[tokio::test(start_paused = true)]
async fn garbage_ends_the_connection_with_an_error() {
    let (mut stream, server) = start(Arc::default());
    stream.write_all(b"GET / HTTP/1.1\r\nHost: server\r\n\r\n").await.unwrap();
    assert!(matches!(server.await.unwrap(), Err(server::Error::Pdu(_))));

    let (ours, mut theirs) = duplex(1024);
    theirs.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await.unwrap();
    let error = open(ours, None).await.unwrap_err();
    assert!(matches!(error, Error::Pdu(_)), "{error}");
}
