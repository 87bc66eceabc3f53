//! The services of a server, and how a connection gets to them.

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::{Instant, sleep_until};
use uuid::Uuid;
use winreach_auth::{Authenticator, Identity};
use winreach_dcom::Status;
use winreach_dcom::server::{
    Activator, Addresses, Exporter, ExporterService, Limits as DcomLimits, Object, ResolverService,
};
use winreach_rpc::server::{Config, ConnectionInfo, Service, serve_until};
use winreach_wmi_proto::iid;

use super::Server;
use super::door::Door;
use super::peer::PeerKey;
use super::throttle::Throttle;
use crate::Limits;
use crate::orpc::{self, Login, Shared};
use crate::quota::Quota;

/// One exporter with its resolver: everything that connections have in common.
pub(super) struct Host {
    exporter: Exporter,
    exporter_port: u16,
    resolver_service: Arc<dyn Service>,
    exporter_service: Arc<dyn Service>,
    authenticator: Arc<dyn Authenticator>,
    throttle: Arc<Throttle>,
    connections: Arc<Quota<PeerKey>>,
    config: Config,
    limits: Limits,
}

/// Which of the two services a connection is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Port {
    Resolver,
    Exporter,
}

impl Host {
    /// The services of `server`, whose exporter clients reach at a port.
    pub(super) fn new(server: &Server, exporter_port: u16) -> Arc<Self> {
        let limits = server.engine.limits().clone();
        let addresses = Addresses {
            exporter_port,
            names: server.names.clone(),
            ips: Vec::new(),
            services: server.services.clone(),
            principal: server.principal.clone(),
        };
        let dcom = DcomLimits { objects: limits.objects_per_account, ..DcomLimits::default() };
        let exporter = Exporter::new(addresses, dcom);
        let activator = Logins { shared: Shared::new(Arc::clone(&server.engine)) };
        let config = Config {
            max_request: limits.request_bytes,
            max_outstanding_calls: limits.calls_per_connection,
            bind_timeout: limits.unauthenticated_time,
            idle_timeout: Some(limits.idle_time),
            ..Config::default()
        };
        Arc::new(Self {
            resolver_service: Arc::new(ResolverService::new(exporter.clone(), Arc::new(activator))),
            exporter_service: Arc::new(ExporterService::new(exporter.clone(), orpc::INTERFACES)),
            exporter,
            exporter_port,
            authenticator: Arc::clone(&server.authenticator),
            throttle: Arc::default(),
            connections: Quota::new(limits.connections, limits.connections_per_peer),
            config,
            limits,
        })
    }

    pub(super) fn exporter_port(&self) -> u16 {
        self.exporter_port
    }

    /// Reclaims the objects that nobody pings any more; never ends.
    pub(super) async fn sweep(&self) {
        self.exporter.sweep_regularly().await;
    }

    /// Serves a connection from a peer, if there is room for it and its address has not failed to
    /// log on too often.
    pub(super) async fn serve_peer<S>(
        &self,
        stream: S,
        port: Port,
        (peer, local): (SocketAddr, SocketAddr),
        stop: impl Future<Output = ()>,
    ) where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let _share = match self.connections.take(peer.ip().into()) {
            Ok(share) => share,
            Err(exceeded) => return tracing::warn!(%peer, %exceeded, "a connection was refused"),
        };
        let now = Instant::now();
        let turn = self.throttle.turn(peer.ip().into(), now);
        if turn > now + self.limits.unauthenticated_time {
            return tracing::warn!(%peer, "a connection was refused: too many failed log-ons");
        }
        sleep_until(turn).await;
        let info = ConnectionInfo { peer: Some(peer), local: Some(local) };
        self.serve(stream, port, info, stop).await;
    }

    /// Serves a connection until one of its ends closes it, or `stop` completes.
    pub(super) async fn serve<S>(
        &self,
        stream: S,
        port: Port,
        info: ConnectionInfo,
        stop: impl Future<Output = ()>,
    ) where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let authenticator = Arc::clone(&self.authenticator);
        let door = Arc::new(Door::new(authenticator, Arc::clone(&self.throttle), info.peer));
        let service = match port {
            Port::Resolver => &self.resolver_service,
            Port::Exporter => &self.exporter_service,
        };
        let (service, config) = (Arc::clone(service), self.config.clone());
        let until = async {
            tokio::select! {
                () = stop => {}
                () = door.nobody_came(self.limits.unauthenticated_time) => {
                    tracing::debug!(peer = ?info.peer, "nobody logged on in time");
                }
            }
        };
        let authenticator = Arc::clone(&door) as Arc<dyn Authenticator>;
        if let Err(error) = serve_until(stream, service, authenticator, config, info, until).await {
            tracing::info!(peer = ?info.peer, %error, "a connection ended");
        }
    }
}

/// Makes the objects that clients begin with.
struct Logins {
    shared: Shared,
}

impl Activator for Logins {
    fn create(&self, clsid: Uuid, _caller: &Arc<Identity>) -> Result<Arc<dyn Object>, Status> {
        if clsid == iid::CLSID_LEVEL1_LOGIN {
            Ok(Arc::new(Login::new(self.shared.clone())))
        } else {
            Err(Status::REGDB_E_CLASSNOTREG)
        }
    }
}
