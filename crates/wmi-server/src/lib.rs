//! The embedded WMI server: namespaces, providers, accounts and the query engine.

pub mod provider;
pub mod providers;
