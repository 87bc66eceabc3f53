//! Where a KDC is, as people write it.

use std::fmt;
use std::net::Ipv6Addr;
use std::str::FromStr;

use winreach_kerberos::transport::Protocol;

/// The port of a KDC where none is named (RFC 4120 section 7.2.1).
pub const DEFAULT_PORT: u16 = 88;

/// Where a KDC is: `host`, `host:port`, `[v6]:port`, with `tcp/` or `udp/` before it where only one
/// of them will do.
///
/// ```
/// use winreach_kdc::KdcAddress;
///
/// let kdc: KdcAddress = "tcp/[2001:db8::1]:750".parse()?;
/// assert_eq!((kdc.host.as_str(), kdc.port), ("2001:db8::1", 750));
/// assert_eq!(kdc.to_string(), "tcp/[2001:db8::1]:750");
/// # Ok::<(), winreach_kdc::AddressError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct KdcAddress {
    /// A name or an address, IPv6 without brackets.
    pub host: String,
    /// The port.
    pub port: u16,
    /// The only protocol that will do; `None` where both will.
    pub protocol: Option<Protocol>,
}

/// A text does not say where a KDC is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AddressError {
    /// Something other than `tcp` or `udp` stands before a slash.
    #[error("{0:?} is no protocol of a KDC; only tcp/ and udp/ may stand before the host")]
    Protocol(String),
    /// No host, or characters that no host has.
    #[error("no name or address of a host at position {0}")]
    Host(usize),
    /// A bracket without its end, or something other than a port behind it.
    #[error("'[' without a ']' that ends the address or precedes ':' and a port, at position {0}")]
    Bracket(usize),
    /// Not a port.
    #[error("no port between 1 and 65535 at position {0}")]
    Port(usize),
}

impl KdcAddress {
    /// A KDC to ask in either way.
    #[must_use]
    pub fn new(host: impl Into<String>, port: u16) -> Self {
        Self { host: host.into(), port, protocol: None }
    }
}

impl FromStr for KdcAddress {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        let (protocol, rest) = match text.split_once('/') {
            None => (None, text),
            Some((name, rest)) if name.eq_ignore_ascii_case("tcp") => (Some(Protocol::Tcp), rest),
            Some((name, rest)) if name.eq_ignore_ascii_case("udp") => (Some(Protocol::Udp), rest),
            Some((name, _)) => return Err(AddressError::Protocol(name.to_owned())),
        };
        let start = text.len() - rest.len();
        let (host, port) = if let Some(inside) = rest.strip_prefix('[') {
            let (host, tail) = inside.split_once(']').ok_or(AddressError::Bracket(start))?;
            match tail.strip_prefix(':') {
                Some(port) => (host, Some(port)),
                None if tail.is_empty() => (host, None),
                None => return Err(AddressError::Bracket(start)),
            }
        } else {
            match rest.split_once(':') {
                // More than one colon: an IPv6 address without brackets.
                Some((_, tail)) if tail.contains(':') => (rest, None),
                Some((host, port)) => (host, Some(port)),
                None => (rest, None),
            }
        };
        if !is_host(host) {
            return Err(AddressError::Host(start));
        }
        let port = match port {
            None => DEFAULT_PORT,
            Some(port) => match port.parse() {
                Ok(number) if number > 0 && !port.starts_with('+') => number,
                _ => return Err(AddressError::Port(text.len() - port.len())),
            },
        };
        Ok(Self { host: host.to_owned(), port, protocol })
    }
}

/// Whether a text can be a name or an address; whether it is one, the system knows.
fn is_host(text: &str) -> bool {
    // The zone of a link-local address (RFC 4007) is the system's business.
    let address = text.split_once('%').map_or(text, |(address, _)| address);
    let ipv6 = || address.parse::<Ipv6Addr>().is_ok();
    !text.is_empty()
        && !text.chars().any(|c| c.is_control() || c.is_whitespace() || "/[]".contains(c))
        && (!text.contains(':') || ipv6())
}

impl fmt::Display for KdcAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.protocol {
            Some(Protocol::Tcp) => f.write_str("tcp/")?,
            Some(Protocol::Udp) => f.write_str("udp/")?,
            None => {}
        }
        match (self.host.contains(':'), self.port) {
            (true, DEFAULT_PORT) => write!(f, "[{}]", self.host),
            (true, port) => write!(f, "[{}]:{port}", self.host),
            (false, DEFAULT_PORT) => f.write_str(&self.host),
            (false, port) => write!(f, "{}:{port}", self.host),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_to_write_an_address_is_read() {
        let v6 = "2001:db8::1";
        for (text, host, port, protocol) in [
            ("dc1.example.com", "dc1.example.com", 88, None),
            ("dc1:750", "dc1", 750, None),
            ("tcp/dc1:750", "dc1", 750, Some(Protocol::Tcp)),
            ("UDP/192.0.2.1", "192.0.2.1", 88, Some(Protocol::Udp)),
            ("2001:db8::1", v6, 88, None),
            ("[2001:db8::1]", v6, 88, None),
            ("[2001:db8::1]:750", v6, 750, None),
            ("tcp/[2001:db8::1]:750", v6, 750, Some(Protocol::Tcp)),
            ("[fe80::1%eth0]:88", "fe80::1%eth0", 88, None),
        ] {
            let address: KdcAddress = text.parse().unwrap();
            let expected = KdcAddress { host: host.to_owned(), port, protocol };
            assert_eq!(address, expected, "{text}");
            assert_eq!(address.to_string().parse(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_address_is_refused() {
        let protocol = |name: &str| AddressError::Protocol(name.to_owned());
        for (text, error) in [
            ("", AddressError::Host(0)),
            (":88", AddressError::Host(0)),
            ("tcp/", AddressError::Host(4)),
            ("dc1 dc2", AddressError::Host(0)),
            ("dc1:88:99", AddressError::Host(0)),
            ("tcp/[dc1:88", AddressError::Bracket(4)),
            ("[::1]88", AddressError::Bracket(0)),
            ("dc1:", AddressError::Port(4)),
            ("dc1:0", AddressError::Port(4)),
            ("dc1:+88", AddressError::Port(4)),
            ("dc1:65536", AddressError::Port(4)),
            ("[::1]:x", AddressError::Port(6)),
            ("https://dc1/KdcProxy", protocol("https:")),
        ] {
            assert_eq!(text.parse::<KdcAddress>(), Err(error), "{text}");
        }
    }
}
