//! The embedded WMI server: namespaces, providers, accounts and the query engine.
//!
//! * [`Server`] answers clients, over TCP or within the process;
//! * [`engine`] plans and runs their queries over
//! * [`schema`], the namespaces and classes, whose instances come from
//! * [`provider`]s, such as the [`providers`] of this machine, which may have [`methods`];
//! * [`accounts`] say who may log on, [`Limits`] how much a client can take.

pub mod accounts;
pub mod engine;
mod limits;
mod memory;
pub mod methods;
mod orpc;
pub mod provider;
pub mod providers;
mod quota;
pub mod schema;
mod server;

pub use limits::Limits;
pub use memory::MemoryProvider;
pub use server::{BoundServer, InProcess, KeytabError, Server, ServerBuilder, ServiceKeytab};
