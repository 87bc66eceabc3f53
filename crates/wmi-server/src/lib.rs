//! The embedded WMI server: namespaces, providers, accounts and the query engine.

pub mod accounts;
mod memory;
pub mod provider;
pub mod providers;
pub mod schema;

pub use memory::MemoryProvider;
