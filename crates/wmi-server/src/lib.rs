//! The embedded WMI server: namespaces, providers, accounts and the query engine.

pub mod accounts;
pub mod engine;
mod limits;
mod memory;
pub mod provider;
pub mod providers;
pub mod schema;

pub use limits::Limits;
pub use memory::MemoryProvider;
