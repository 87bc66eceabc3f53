//! A small DCOM server: a resolver, an exporter, and one class whose objects have no method of
//! their own.
//!
//! ```text
//! resolver ADDRESS ACCOUNT-FILE
//! ```
//!
//! It listens at ADDRESS (`127.0.0.1:0` takes any port) and at a second port next to it, and writes
//! both ports on one line when it is ready. The account file has one line, `user:password`. It runs
//! until it is ended.

use std::error::Error;
use std::net::SocketAddr;
use std::sync::Arc;

use futures_core::future::BoxFuture;
use tokio::net::TcpListener;
use uuid::{Uuid, uuid};
use winreach_auth::{Authenticator, Identity, ntlm};
use winreach_dcom::Status;
use winreach_dcom::server::{
    Activator, Addresses, Call, Exporter, ExporterService, Limits, Object, ResolverService, Results,
};
use winreach_rpc::Fault;
use winreach_rpc::server::{Config, ConnectionInfo, Service, serve};

/// The class that smbtorture asks for.
const IMAGE_DOCUMENT: Uuid = uuid!("02b01c80-e03d-101a-b294-00dd010f2bf9");

struct Document;

impl Object for Document {
    fn interfaces(&self) -> &[Uuid] {
        &[]
    }

    fn call(&self, _: Call) -> BoxFuture<'_, Result<Results, Fault>> {
        Box::pin(std::future::ready(Err(Fault::OP_RANGE_ERROR)))
    }
}

struct Documents;

impl Activator for Documents {
    fn create(&self, clsid: Uuid, caller: &Arc<Identity>) -> Result<Arc<dyn Object>, Status> {
        match clsid {
            IMAGE_DOCUMENT => {
                eprintln!("a document for {caller}");
                Ok(Arc::new(Document))
            }
            _ => Err(Status::REGDB_E_CLASSNOTREG),
        }
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(address), Some(accounts)) = (arguments.next(), arguments.next()) else {
        return Err("usage: resolver ADDRESS ACCOUNT-FILE".into());
    };
    let address: SocketAddr = address.parse()?;
    let account = std::fs::read_to_string(accounts)?;
    let (user, password) =
        account.trim_end().split_once(':').ok_or("the account file is not user:password")?;
    let mut users = ntlm::UserTable::new();
    users.insert(user, ntlm::NtHash::of_password(password));
    let authenticator: Arc<dyn Authenticator> =
        Arc::new(ntlm::Authenticator::new(Arc::new(users), ntlm::Target::new("RESOLVER")));

    let resolver = TcpListener::bind(address).await?;
    let objects = TcpListener::bind(SocketAddr::new(address.ip(), 0)).await?;
    let exporter_port = objects.local_addr()?.port();
    let exporter = Exporter::new(Addresses::new("RESOLVER", exporter_port), Limits::default());
    println!("ready: resolver {}, exporter {exporter_port}", resolver.local_addr()?.port());

    let service = Arc::new(ResolverService::new(exporter.clone(), Arc::new(Documents)));
    tokio::spawn(listen(resolver, service, Arc::clone(&authenticator)));
    let service = Arc::new(ExporterService::new(exporter.clone(), []));
    tokio::spawn(listen(objects, service, authenticator));
    exporter.sweep_regularly().await;
    Ok(())
}

async fn listen(
    listener: TcpListener,
    service: Arc<dyn Service>,
    authenticator: Arc<dyn Authenticator>,
) {
    let config = Config::default();
    while let Ok((stream, peer)) = listener.accept().await {
        let info = ConnectionInfo { peer: Some(peer), local: stream.local_addr().ok() };
        let (service, authenticator) = (Arc::clone(&service), Arc::clone(&authenticator));
        let config = config.clone();
        tokio::spawn(async move {
            if let Err(error) = serve(stream, service, authenticator, config, info).await {
                eprintln!("{peer}: {error}");
            }
        });
    }
}
