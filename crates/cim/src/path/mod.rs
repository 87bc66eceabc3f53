//! Paths to namespaces, classes and instances.
//!
//! Source: `[MS-WMI] 2.2.2`; WMI SDK, *Describing the Location of a WMI Object* and
//! *WMI Object Path Requirements*.

mod namespace;
mod object;
mod parse;

pub use namespace::NamespacePath;
pub use object::{KeyValue, Keys, ObjectPath};
pub(crate) use parse::Parser;

use std::fmt;
use std::str::FromStr;

/// A path to a namespace, or to a class or an instance in one.
///
/// A text is taken for a namespace when it has no `:` and either begins with a server or has more
/// than one part; a single name is a class.
///
/// ```
/// use winreach_cim::path::Path;
/// assert!(matches!(r"\\box\root\cimv2".parse()?, Path::Namespace(_)));
/// assert!(matches!("root/cimv2".parse()?, Path::Namespace(_)));
/// assert!(matches!("Win32_Process".parse()?, Path::Object(_)));
/// # Ok::<(), winreach_cim::path::PathError>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Path {
    /// A namespace, perhaps on another computer.
    Namespace(NamespacePath),
    /// A class or an instance.
    Object(ObjectPath),
}

impl Path {
    /// The namespace itself, or that of the object.
    pub fn namespace(&self) -> &NamespacePath {
        match self {
            Self::Namespace(namespace) => namespace,
            Self::Object(object) => &object.namespace,
        }
    }

    /// The object, where the path names one.
    pub fn object(&self) -> Option<&ObjectPath> {
        match self {
            Self::Namespace(_) => None,
            Self::Object(object) => Some(object),
        }
    }
}

impl FromStr for Path {
    type Err = PathError;

    fn from_str(text: &str) -> Result<Self, PathError> {
        let mut parser = Parser::new(text);
        let path = parser.path()?;
        parser.end()?;
        Ok(path)
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            // A single name would be read as a class.
            Self::Namespace(namespace) if namespace.is_local_name() => write!(f, r"\{namespace}"),
            Self::Namespace(namespace) => namespace.fmt(f),
            Self::Object(object) => object.fmt(f),
        }
    }
}

/// A text is not a path. WMI calls this `WBEM_E_INVALID_OBJECT_PATH`.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("column {column}: expected {expected}, found {}", Found(*found))]
pub struct PathError {
    /// Where the text goes wrong, in characters from 1.
    pub column: usize,
    /// What could have stood there.
    pub expected: &'static str,
    /// What stands there; nothing where the text ends too early.
    pub found: Option<char>,
}

struct Found(Option<char>);

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(c) => write!(f, "{c:?}"),
            None => f.write_str("the end"),
        }
    }
}

#[cfg(test)]
pub(crate) mod tests;
