//! Namespaces: where on which computer.

use std::fmt;
use std::net::Ipv6Addr;
use std::str::FromStr;

use super::{Parser, PathError};
use crate::Name;

/// A namespace and the computer it is on, such as `\\box\root\cimv2`.
///
/// Both may be left out: without a server the computer at hand is meant, without names the
/// default namespace. Both kinds of slashes are read, backslashes are printed.
///
/// Source: `[MS-WMI] 2.2.2`; WMI SDK, *Describing a WMI Namespace Object Path*.
///
/// ```
/// use winreach_cim::path::NamespacePath;
/// let path: NamespacePath = "//box/root/cimv2".parse()?;
/// assert_eq!(path.server(), Some("box"));
/// assert_eq!(path.namespace(), r"root\cimv2");
/// assert_eq!(path.to_string(), r"\\box\root\cimv2");
/// # Ok::<(), winreach_cim::path::PathError>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct NamespacePath {
    server: Option<Name>,
    names: Vec<Name>,
}

impl NamespacePath {
    /// The namespace with these names, one below the other, on the computer at hand.
    pub fn new<N: Into<Name>>(names: impl IntoIterator<Item = N>) -> Self {
        Self { server: None, names: names.into_iter().map(Into::into).collect() }
    }

    /// The same namespace on another computer. An IPv6 address stands here without brackets.
    #[must_use]
    pub fn on(mut self, server: impl Into<Name>) -> Self {
        self.server = Some(server.into());
        self
    }

    /// The computer as it was named: a host name, an address, or `.`; an IPv6 address without
    /// its brackets.
    pub fn server(&self) -> Option<&str> {
        self.server.as_deref()
    }

    /// Whether there is one name and no server.
    pub(super) fn is_local_name(&self) -> bool {
        self.server.is_none() && self.names.len() == 1
    }

    /// Whether the path leaves the computer out or names it `.`.
    pub fn is_local(&self) -> bool {
        self.server().is_none_or(|server| server == ".")
    }

    /// The names, from the root down. None of them stand for the default namespace.
    pub fn names(&self) -> &[Name] {
        &self.names
    }

    /// The names joined by backslashes, without the server.
    pub fn namespace(&self) -> String {
        Joined(&self.names).to_string()
    }

    /// Whether neither a server nor a namespace is named.
    pub fn is_empty(&self) -> bool {
        self.server.is_none() && self.names.is_empty()
    }
}

impl FromStr for NamespacePath {
    type Err = PathError;

    /// Reads `\\server\ns\ns`, `//server/ns/ns`, `\\server`, `ns\ns` or, as SSIS writes it, `\ns\ns`.
    fn from_str(text: &str) -> Result<Self, PathError> {
        let mut parser = Parser::new(text);
        let path = parser.namespace_path()?;
        parser.end()?;
        Ok(path)
    }
}

impl fmt::Display for NamespacePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(server) = &self.server {
            if is_ipv6(server) {
                write!(f, r"\\[{server}]")?;
            } else {
                write!(f, r"\\{server}")?;
            }
            if !self.names.is_empty() {
                f.write_str(r"\")?;
            }
        }
        Joined(&self.names).fmt(f)
    }
}

struct Joined<'a>(&'a [Name]);

impl fmt::Display for Joined<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, name) in self.0.iter().enumerate() {
            if i > 0 {
                f.write_str(r"\")?;
            }
            f.write_str(name)?;
        }
        Ok(())
    }
}

/// Whether this is an IPv6 address, with or without a zone (`fe80::1%eth0`).
pub(super) fn is_ipv6(server: &str) -> bool {
    let address = server.split_once('%').map_or(server, |(address, _)| address);
    address.parse::<Ipv6Addr>().is_ok()
}
