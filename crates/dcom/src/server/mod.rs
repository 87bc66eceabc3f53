//! The exporting half: objects that clients on other machines call.
//!
//! A program implements [`Object`] and [`Activator`], makes one [`Exporter`], and serves a
//! [`ResolverService`] at one port and an [`ExporterService`] at another with
//! [`winreach_rpc::server::serve`].
//!
//! Everything but a sign of life (`ServerAlive`, `ServerAlive2`) and the endpoint mapper demands an
//! authenticated caller at packet integrity at least, as Windows does since the hardening of
//! CVE-2021-26414. A reference can be used by the account that got it, and by nobody else.

mod activation;
mod addresses;
mod dispatch;
mod endpoint_mapper;
mod exporter;
mod exporter_service;
mod limits;
mod object;
mod owner;
mod ping_sets;
mod rem_unknown;
mod resolver_service;
mod table;

pub use addresses::Addresses;
pub use exporter::Exporter;
pub use exporter_service::ExporterService;
pub use limits::Limits;
pub use object::{Activator, Call, Object, Results};
pub use resolver_service::ResolverService;
