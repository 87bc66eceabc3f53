//! A server whose one interface answers with its arguments, for user `alice` with the password
//! `open sesame`, and a client that calls it.
//!
//! `cargo run -p winreach-rpc --example echo` shows one call;
//! `cargo run -p winreach-rpc --example echo 127.0.0.1:4000` serves until it is stopped.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_core::future::BoxFuture;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::Instant;
use uuid::uuid;
use winreach_auth::{AuthLevel, Credentials, ntlm};
use winreach_rpc::client::{self, Call, Connection, Security};
use winreach_rpc::server::{self, ConnectionInfo, Request, Service};
use winreach_rpc::{Fault, SyntaxId};

const ECHO: SyntaxId = SyntaxId::new(uuid!("6f6a7c2e-5d0b-4f35-9f1e-0d6b6a2b7c11"), 1, 0);

struct Echo;

impl Service for Echo {
    fn supports(&self, interface: &SyntaxId) -> bool {
        *interface == ECHO
    }

    fn call(&self, request: Request) -> BoxFuture<'_, Result<Bytes, Fault>> {
        Box::pin(async move {
            if request.level < AuthLevel::Integrity {
                return Err(Fault::ACCESS_DENIED);
            }
            match request.opnum {
                0 => Ok(request.stub),
                _ => Err(Fault::OP_RANGE_ERROR),
            }
        })
    }
}

async fn serve(listener: TcpListener) -> std::io::Result<()> {
    let mut users = ntlm::UserTable::new();
    users.insert("alice", ntlm::NtHash::of_password("open sesame"));
    let authenticator =
        Arc::new(ntlm::Authenticator::new(Arc::new(users), ntlm::Target::new("SERVER")));
    let config = server::Config::default();
    loop {
        let (stream, peer) = listener.accept().await?;
        let info = ConnectionInfo { peer: Some(peer), local: stream.local_addr().ok() };
        let (authenticator, config) = (authenticator.clone(), config.clone());
        tokio::spawn(async move {
            let served = server::serve(stream, Arc::new(Echo), authenticator, config, info).await;
            if let Err(error) = served {
                eprintln!("{peer}: {error}");
            }
        });
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    if let Some(address) = std::env::args().nth(1) {
        return Ok(serve(TcpListener::bind(address).await?).await?);
    }
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    tokio::spawn(serve(listener));

    let credentials = Credentials::new("alice", "open sesame".to_owned().into());
    let level = AuthLevel::Privacy;
    let initiator = ntlm::Source::new(credentials).begin("HOST/localhost", level)?;
    let security = Some(Security::new(initiator, level));
    let deadline = Instant::now() + Duration::from_secs(5);
    let stream = TcpStream::connect(address).await?;
    let config = client::Config::default();
    let connection = Connection::open(stream, &[ECHO], security, config, deadline).await?;
    let stub = Bytes::from_static(b"hello, world");
    let call = Call { interface: ECHO, opnum: 0, object: None, stub };
    let answer = connection.call(call, deadline).await?;
    println!("{}", String::from_utf8_lossy(&answer));
    Ok(())
}
