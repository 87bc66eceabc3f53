//! What several tests share: a client and a server joined in memory.
#![allow(
    dead_code,
    unreachable_pub,
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::cast_possible_truncation,
    reason = "test support; not every test uses all of it"
)]

pub mod capture;
pub mod mechanism;

use std::future::ready;
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use futures_core::future::BoxFuture;
use uuid::uuid;
use winreach_auth::{AuthLevel, Authenticator, Credentials, ntlm};
use winreach_rpc::client::{self, Call, Security};
use winreach_rpc::pdu::{Body, ContextResult, Frame, Pdu};
use winreach_rpc::server::{self, ConnectionInfo, Request, Service};
use winreach_rpc::{Fault, SyntaxId};

pub const FIRST: SyntaxId = SyntaxId::new(uuid!("11111111-0000-4000-8000-000000000001"), 1, 0);
pub const SECOND: SyntaxId = SyntaxId::new(uuid!("22222222-0000-4000-8000-000000000002"), 2, 3);
pub const NOBODYS: SyntaxId = SyntaxId::new(uuid!("99999999-0000-4000-8000-000000000009"), 1, 0);

/// Offers [`FIRST`] and [`SECOND`] and answers with the arguments.
pub struct Echo;

impl Service for Echo {
    fn supports(&self, interface: &SyntaxId) -> bool {
        [FIRST, SECOND].contains(interface)
    }

    fn call(&self, request: Request) -> BoxFuture<'_, Result<Bytes, Fault>> {
        Box::pin(ready(Ok(request.stub)))
    }
}

/// Knows `alice`, whose password is `open sesame`.
pub fn ntlm_accounts() -> Arc<dyn Authenticator> {
    let mut users = ntlm::UserTable::new();
    users.insert("alice", ntlm::NtHash::of_password("open sesame"));
    Arc::new(ntlm::Authenticator::new(Arc::new(users), ntlm::Target::new("SERVER")))
}

pub fn alice_with(password: &str, level: AuthLevel) -> Security {
    let credentials = Credentials::new("alice", password.to_owned().into());
    let initiator = ntlm::Source::new(credentials).begin("HOST/server", level).unwrap();
    Security::new(initiator, level)
}

pub fn alice(level: AuthLevel) -> Security {
    alice_with("open sesame", level)
}

pub fn call(interface: SyntaxId, stub: impl Into<Bytes>) -> Call {
    Call { interface, opnum: 3, object: None, stub: stub.into() }
}

/// A stub that says where each of its bytes belongs.
pub fn pattern(length: usize) -> Bytes {
    (0..length).map(|at| (at ^ (at >> 8) ^ (at >> 16)) as u8).collect()
}

/// The two halves of an association, joined by two buffers.
pub struct Pair {
    pub client: client::Association,
    pub server: server::Association,
}

impl Pair {
    /// Passes the client's bind to the server, and the answer back with its second element turned
    /// into a refusal.
    pub fn answer_bind_refusing_the_second(&mut self) {
        let mut bind = self.client_output();
        self.server.handle_input(&mut bind).unwrap();
        let mut ack = pdus(&self.server_output()).pop().unwrap();
        let Body::BindAck(body) = &mut ack.body else { panic!("{ack:?}") };
        body.results[1] = ContextResult {
            result: ContextResult::PROVIDER_REJECTION,
            reason: ContextResult::TRANSFER_SYNTAXES_NOT_SUPPORTED,
            transfer_syntax: SyntaxId::NIL,
        };
        let mut bytes = BytesMut::new();
        ack.write(&mut bytes).unwrap();
        self.client.handle_input(&mut bytes).unwrap();
    }

    pub fn new() -> Self {
        Self::with(client::Config::default(), server::Config::default(), ntlm_accounts())
    }

    pub fn with(
        client: client::Config,
        server: server::Config,
        authenticator: Arc<dyn Authenticator>,
    ) -> Self {
        let info = ConnectionInfo {
            peer: Some(([192, 0, 2, 1], 50000).into()),
            local: Some(([192, 0, 2, 2], 49666).into()),
        };
        Self {
            client: client::Association::new(client),
            server: server::Association::new(Arc::new(Echo), authenticator, server, info),
        }
    }

    /// A pair that has negotiated both interfaces.
    pub fn bound(level: Option<AuthLevel>) -> Self {
        let mut pair = Self::new();
        pair.bind(&[FIRST, SECOND], level.map(alice)).unwrap();
        pair
    }

    pub fn bind(
        &mut self,
        interfaces: &[SyntaxId],
        security: Option<Security>,
    ) -> Result<(), client::Error> {
        self.client.add_interfaces(interfaces, security);
        self.run()?;
        match self.client.poll_event() {
            Some(client::Event::Negotiated { result, .. }) => result,
            other => panic!("no end of the negotiation but {other:?}"),
        }
    }

    /// Everything that the client wants to send.
    pub fn client_output(&mut self) -> BytesMut {
        let mut bytes = BytesMut::new();
        while let Some(batch) = self.client.poll_transmit().unwrap() {
            bytes.extend_from_slice(&batch);
        }
        bytes
    }

    /// Everything that the server wants to send.
    pub fn server_output(&mut self) -> BytesMut {
        let mut bytes = BytesMut::new();
        while let Some(batch) = self.server.poll_transmit().unwrap() {
            bytes.extend_from_slice(&batch);
        }
        bytes
    }

    /// The calls that the server was asked to carry out.
    pub fn requests(&mut self) -> Vec<(server::CallId, Request)> {
        std::iter::from_fn(|| self.server.poll_event())
            .filter_map(|event| match event {
                server::Event::Request(id, request) => Some((id, request)),
                _ => None,
            })
            .collect()
    }

    /// Passes bytes to and fro, and answers each call with its arguments, until nothing moves.
    pub fn run(&mut self) -> Result<(), client::Error> {
        loop {
            let mut to_server = self.client_output();
            let moved = !to_server.is_empty();
            self.server.handle_input(&mut to_server).unwrap();
            for (id, request) in self.requests() {
                self.server.respond(id, Ok(request.stub));
            }
            let mut to_client = self.server_output();
            if !moved && to_client.is_empty() {
                return Ok(());
            }
            self.client.handle_input(&mut to_client)?;
        }
    }

    /// Calls with `stub` and returns what comes back.
    pub fn echo(&mut self, interface: SyntaxId, stub: Bytes) -> Result<Bytes, client::Error> {
        let id = self.client.call(call(interface, stub));
        self.run()?;
        self.completed(id)
    }

    /// The end of a call, which must be there.
    pub fn completed(&mut self, id: client::CallId) -> Result<Bytes, client::Error> {
        match self.client.poll_event() {
            Some(client::Event::Completed { id: completed, result }) => {
                assert_eq!(completed, id);
                result
            }
            other => panic!("no end of the call but {other:?}"),
        }
    }
}

/// Cuts whole PDUs from `bytes`.
pub fn frames(bytes: &[u8]) -> Vec<BytesMut> {
    let mut rest = BytesMut::from(bytes);
    let mut frames = Vec::new();
    while rest.len() >= 10 {
        let length = usize::from(u16::from_le_bytes([rest[8], rest[9]]));
        frames.push(rest.split_to(length));
    }
    assert!(rest.is_empty());
    frames
}

/// The PDUs in `bytes`.
pub fn pdus(bytes: &[u8]) -> Vec<Pdu> {
    frames(bytes).into_iter().map(|frame| Pdu::parse(frame.freeze()).unwrap()).collect()
}

/// As a peer would take it from a stream.
pub fn parse(mut bytes: BytesMut) -> Result<Option<Pdu>, winreach_rpc::pdu::Error> {
    Frame::split_from(&mut bytes)?.map(Frame::parse).transpose()
}
