//! What there is to ask for: the namespaces and their classes.
//!
//! A [`Repository`] holds [`Namespace`]s, a namespace its classes, and each class that has
//! instances the provider that serves them.

mod namespace;
mod repository;
mod system;
#[cfg(test)]
mod tests;

pub(crate) use namespace::Entry;
pub use namespace::{Namespace, SchemaError};
pub use repository::{Repository, RepositoryBuilder};
