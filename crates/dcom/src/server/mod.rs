//! The exporting half: objects that clients on other machines call.
//!
//! A program implements [`Object`] and [`Activator`], makes one [`Exporter`], and serves a
//! [`ResolverService`] at one port and an [`ExporterService`] at another with
//! [`winreach_rpc::server::serve`].
//!
//! Everything but a sign of life (`ServerAlive`, `ServerAlive2`) and the endpoint mapper demands an
//! authenticated caller at packet integrity at least, as Windows does since the hardening of
//! CVE-2021-26414. A reference can be used by the account that got it, and by nobody else.
//!
//! ```
//! use std::sync::Arc;
//! use futures_core::future::BoxFuture;
//! use uuid::{Uuid, uuid};
//! use winreach_auth::Identity;
//! use winreach_dcom::Status;
//! use winreach_dcom::server::{
//!     Activator, Addresses, Call, Exporter, ExporterService, Limits, Object, ResolverService,
//!     Results,
//! };
//! use winreach_rpc::Fault;
//!
//! const COUNTER: Uuid = uuid!("5c1a7f0e-0002-4000-8000-000000000002");
//!
//! struct Counter;
//!
//! impl Object for Counter {
//!     fn interfaces(&self) -> &[Uuid] {
//!         &[COUNTER]
//!     }
//!
//!     fn call(&self, call: Call) -> BoxFuture<'_, Result<Results, Fault>> {
//!         Box::pin(async move {
//!             let number = call.decoder().u32("number").map_err(|_| Fault::BAD_STUB_DATA)?;
//!             let mut results = Results::new();
//!             results.u32(number.wrapping_add(1));
//!             results.u32(Status::S_OK.0);
//!             Ok(results)
//!         })
//!     }
//! }
//!
//! struct Counters;
//!
//! impl Activator for Counters {
//!     fn create(&self, _: Uuid, _: &Arc<Identity>) -> Result<Arc<dyn Object>, Status> {
//!         Ok(Arc::new(Counter))
//!     }
//! }
//!
//! let exporter = Exporter::new(Addresses::new("HOST", 49666), Limits::default());
//! let at_port_135 = ResolverService::new(exporter.clone(), Arc::new(Counters));
//! let at_port_49666 = ExporterService::new(exporter, [COUNTER]);
//! ```

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
