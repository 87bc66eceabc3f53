//! The server half: [`serve`] for programs, [`Association`] for those who bring their own I/O.

mod association;
mod config;
mod driver;
mod error;
mod groups;
mod security;

use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use futures_core::future::BoxFuture;
use uuid::Uuid;
use winreach_auth::{AuthLevel, Identity};

pub use self::association::{Association, CallId, Event};
pub use self::config::Config;
pub use self::driver::{serve, serve_until};
pub use self::error::Error;
pub use self::groups::Groups;
pub use crate::Fault;
use crate::SyntaxId;
pub use crate::pdu::ByteOrder;

/// What a server offers: interfaces, and what their operations do.
pub trait Service: Send + Sync + 'static {
    /// Whether `interface` is offered. Asked when a client proposes it.
    fn supports(&self, interface: &SyntaxId) -> bool;

    /// Carries out a call and returns its results, encoded in NDR 2.0.
    ///
    /// Calls of one connection run at the same time. A call whose client gives it up is dropped at
    /// its next await point. Whether the caller's level and identity suffice is for the service to
    /// decide.
    fn call(&self, request: Request) -> BoxFuture<'_, Result<Bytes, Fault>>;
}

/// A call as it reaches a [`Service`]: whole, opened and verified.
#[derive(Debug, Clone)]
pub struct Request {
    /// The interface.
    pub interface: SyntaxId,
    /// The operation.
    pub opnum: u16,
    /// The object, where the client named one.
    pub object: Option<Uuid>,
    /// The arguments in NDR 2.0, without padding and verification trailer. Bytes may follow the
    /// last argument.
    pub stub: Bytes,
    /// How the numbers in the stub are written.
    pub byte_order: ByteOrder,
    /// How the call was protected on its way.
    pub level: AuthLevel,
    /// Who calls; nobody at level none.
    pub identity: Option<Arc<Identity>>,
    /// The connection that it came on.
    pub connection: Arc<ConnectionInfo>,
}

/// The two ends of a connection, as far as there are any.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ConnectionInfo {
    /// The client's address.
    pub peer: Option<SocketAddr>,
    /// The address that the client reached; its port is told to the client as the secondary
    /// address.
    pub local: Option<SocketAddr>,
}
