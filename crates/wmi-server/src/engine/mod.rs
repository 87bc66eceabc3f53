//! Answers queries and reads of single objects.

mod error;
mod get;
mod methods;
mod plan;
mod rows;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use winreach_cim::path::{NamespacePath, ObjectPath};
use winreach_cim::wql::Select;
use winreach_cim::{Class, Object, WbemStatus};

pub use error::Error;
pub use methods::MethodRequest;
pub use plan::{Options, Plan};
pub use rows::Rows;

use crate::Limits;
use crate::schema::{Namespace, Repository};

/// Answers queries over a repository. Cheap to share: wrap it in an [`Arc`].
pub struct Engine {
    repository: Repository,
    limits: Limits,
}

/// Whether objects of subclasses count.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Depth {
    /// They do, as for every query.
    #[default]
    Deep,
    /// They do not: `WBEM_FLAG_DIRECT_READ`.
    Direct,
}

impl Engine {
    /// An engine over `repository`.
    pub fn new(repository: Repository, limits: Limits) -> Self {
        Self { repository, limits }
    }

    /// What there is to ask for.
    pub fn repository(&self) -> &Repository {
        &self.repository
    }

    /// Its bounds.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// The namespace that a path such as `\\server\root\cimv2` leads to.
    ///
    /// # Errors
    /// `WBEM_E_INVALID_NAMESPACE` where there is none, `WBEM_E_QUOTA_VIOLATION` where the path is
    /// longer than [`Limits::path_length`].
    pub fn namespace(&self, path: &str) -> Result<Arc<Namespace>, Error> {
        check_length("path", path, self.limits.path_length)?;
        let invalid = |message: String| Error::new(WbemStatus::E_INVALID_NAMESPACE, message);
        let parsed: NamespacePath =
            path.parse().map_err(|error| invalid(format!("{path:?} is no namespace: {error}")))?;
        self.resolve(&parsed)
    }

    /// Checks a query and works out how to answer it.
    ///
    /// # Errors
    /// * `WBEM_E_INVALID_QUERY_TYPE` where the language is not WQL,
    /// * `WBEM_E_INVALID_QUERY` where the text is no data query, names properties that the class
    ///   has not, or compares what cannot be compared; the message says in which column,
    /// * `WBEM_E_INVALID_CLASS` where there is no such class,
    /// * `WBEM_E_QUOTA_VIOLATION` where the text is longer than [`Limits::query_length`].
    pub fn plan(
        &self,
        namespace: &Namespace,
        language: &str,
        query: &str,
        options: Options,
    ) -> Result<Plan, Error> {
        if !language.eq_ignore_ascii_case("WQL") {
            let message = format!("queries are in WQL, not in {language:?}");
            return Err(Error::new(WbemStatus::E_INVALID_QUERY_TYPE, message));
        }
        check_length("query", query, self.limits.query_length)?;
        let select: Select = query.parse().map_err(|error: winreach_cim::wql::ParseError| {
            Error::new(error.status(), error.to_string())
        })?;
        Plan::new(namespace, &select, options)
    }

    /// Runs a plan; must be called in a tokio runtime.
    pub fn run(&self, plan: &Arc<Plan>) -> Rows {
        Rows::start(Arc::clone(plan), self.limits.rows_ahead)
    }

    /// The class or the instance that `path` leads to: relative to `namespace`, or in the
    /// namespace that it names. An empty path gives an empty class, out of which clients make new
    /// ones (`[MS-WMI] 3.1.4.3.4`).
    ///
    /// Asks providers and so may block.
    ///
    /// # Errors
    /// * `WBEM_E_INVALID_OBJECT_PATH` where the text is no path to an object, or its keys are not
    ///   those of the class,
    /// * `WBEM_E_INVALID_NAMESPACE` and `WBEM_E_INVALID_CLASS` where these do not exist,
    /// * `WBEM_E_NOT_FOUND` where the object does not,
    /// * `WBEM_E_QUOTA_VIOLATION` where the path is longer than [`Limits::path_length`],
    /// * what the provider says.
    pub fn get(&self, namespace: &Namespace, path: &str, depth: Depth) -> Result<Object, Error> {
        if path.is_empty() {
            let empty = Class::builder("").build();
            let failed = |error| Error::new(WbemStatus::E_FAILED, format!("{error}"));
            return empty.map(|class| Object::Class(Arc::new(class))).map_err(failed);
        }
        check_length("path", path, self.limits.path_length)?;
        let parsed: ObjectPath = path.parse().map_err(|error| {
            Error::new(WbemStatus::E_INVALID_OBJECT_PATH, format!("{path:?} is no path: {error}"))
        })?;
        if parsed.namespace.names().is_empty() {
            get::object(namespace, &parsed, depth)
        } else {
            get::object(&*self.resolve(&parsed.namespace)?, &parsed, depth)
        }
    }

    fn resolve(&self, path: &NamespacePath) -> Result<Arc<Namespace>, Error> {
        self.repository.namespace(path).cloned().ok_or_else(|| {
            let message = format!("there is no namespace {}", path.namespace());
            Error::new(WbemStatus::E_INVALID_NAMESPACE, message)
        })
    }
}

fn check_length(what: &str, text: &str, most: usize) -> Result<(), Error> {
    // Every character takes a byte at least, so most texts need not be counted.
    if text.len() <= most || text.chars().count() <= most {
        return Ok(());
    }
    let message = format!("the {what} is longer than {most} characters");
    Err(Error::new(WbemStatus::E_QUOTA_VIOLATION, message))
}
