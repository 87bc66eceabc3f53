//! The embedded WMI server: namespaces, providers, accounts and the query engine
