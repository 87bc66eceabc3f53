//! The seam to whoever owns the sockets: how a request reaches a KDC, and why it did not.
//!
//! Every error lists all that was tried, so that a user can see what to name, open or switch on.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use futures_core::future::BoxFuture;

/// Carries requests to the KDCs of a realm.
pub trait KdcTransport: Send + Sync {
    /// The answer of a KDC of `realm` to `request`, the DER of an AS-REQ or TGS-REQ.
    ///
    /// The answer is an AS-REP, a TGS-REP or a KRB-ERROR as it came, without the framing of the
    /// transport. Dropping the future gives the request up.
    ///
    /// # Errors
    /// When no KDC of the realm is known, or none gives a usable answer.
    fn exchange<'a>(
        &'a self,
        realm: &'a str,
        request: &'a [u8],
    ) -> BoxFuture<'a, Result<Vec<u8>, TransportError>>;
}

/// Why a request got no answer.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum TransportError {
    /// No place names a KDC of the realm.
    #[error("no KDC of realm {} is known: {}", realm.escape_debug(), Listed(looked))]
    NoKdc {
        /// The realm.
        realm: String,
        /// Where KDCs were looked for, in order, and what was there.
        looked: Vec<Place>,
    },
    /// Every KDC was asked, each in vain.
    #[error("no KDC of realm {} can be used: {}", realm.escape_debug(), Listed(attempts))]
    Unreachable {
        /// The realm.
        realm: String,
        /// What was tried, in order.
        attempts: Vec<Attempt>,
    },
    /// The time was up first.
    #[error("no KDC of realm {} answered within {after:?}: {}", realm.escape_debug(), Listed(attempts))]
    Timeout {
        /// The realm.
        realm: String,
        /// The time that the exchange had.
        after: Duration,
        /// What was tried until then, in order.
        attempts: Vec<Attempt>,
    },
}

impl TransportError {
    /// What was tried, in order; empty where no KDC was known.
    #[must_use]
    pub fn attempts(&self) -> &[Attempt] {
        match self {
            Self::NoKdc { .. } => &[],
            Self::Unreachable { attempts, .. } | Self::Timeout { attempts, .. } => attempts,
        }
    }
}

/// A place that could have named the KDCs of a realm, and did not.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Place {
    /// The options of the caller.
    Options,
    /// The files of configuration that were read, of the kind of `krb5.conf`.
    Files(Vec<PathBuf>),
    /// A name in DNS.
    Dns {
        /// The name of the SRV records.
        name: String,
        /// What the name service said.
        answer: DnsAnswer,
    },
    /// DNS was not asked, because the configuration says so (`dns_lookup_kdc = false`).
    DnsOff,
    /// DNS was not asked, because the realm is no domain name.
    NotADomain,
}

/// What the name service said where it named no KDC.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum DnsAnswer {
    /// There is no such name.
    NoSuchName,
    /// There is such a name, but no SRV record has it.
    NoRecord,
    /// The domain says that it has no such service: the only record points to `.` (RFC 2782).
    NoService,
    /// The name service could not be asked, or failed.
    Failed(String),
}

/// A KDC that was tried, and why in vain.
#[derive(Debug, Clone)]
pub struct Attempt {
    /// The KDC, as the place that named it writes it.
    pub kdc: String,
    /// How and where it was asked; `None` where its name has no address.
    pub way: Option<(Protocol, SocketAddr)>,
    /// What happened.
    pub failure: Failure,
}

/// What carries a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Protocol {
    /// A datagram each for request and answer.
    Udp,
    /// A connection; the length goes before request and answer (RFC 4120 section 7.2.2).
    Tcp,
}

/// Why an attempt was in vain.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Failure {
    /// The name of the KDC could not be looked up.
    Name(Arc<io::Error>),
    /// The system could not send or receive, or the host refused.
    Io(Arc<io::Error>),
    /// No connection was made until the time was up, or another KDC answered.
    Unconnected,
    /// Nothing was answered until the time was up.
    Silent,
    /// The connection ended before the answer did.
    Closed {
        /// Bytes of length and answer that came.
        received: usize,
    },
    /// The answer says of itself that it is longer than what a KDC may send.
    TooLarge {
        /// Bytes it would have.
        length: usize,
        /// Bytes it may have.
        limit: usize,
    },
    /// What came is no answer of a KDC.
    Malformed {
        /// Where in the answer, or in the length that goes before it over TCP.
        offset: usize,
        /// What is wrong there.
        what: &'static str,
    },
    /// The answer does not fit into a datagram (KRB_ERR_RESPONSE_TOO_BIG); it is sent over TCP only.
    TooBigForUdp,
    /// The KDC says that it cannot serve now (KDC_ERR_SVC_UNAVAILABLE).
    Unavailable,
}

/// Items one after the other.
struct Listed<'a, T>(&'a [T]);

impl<T: fmt::Display> fmt::Display for Listed<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, item) in self.0.iter().enumerate() {
            let separator = if index == 0 { "" } else { "; " };
            write!(f, "{separator}{item}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Options => f.write_str("none was given"),
            Self::Files(files) if files.is_empty() => f.write_str("no krb5.conf was read"),
            Self::Files(files) => {
                f.write_str("none is named in")?;
                files.iter().try_for_each(|file| write!(f, " {file:?}"))
            }
            Self::Dns { name, answer } => write!(f, "DNS has no {name}: {answer}"),
            Self::DnsOff => f.write_str("DNS was not asked, as dns_lookup_kdc says"),
            Self::NotADomain => f.write_str("DNS was not asked, as the realm is no domain name"),
        }
    }
}

impl fmt::Display for DnsAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoSuchName => f.write_str("no such name"),
            Self::NoRecord => f.write_str("no SRV record"),
            Self::NoService => f.write_str("the domain says that it has none"),
            Self::Failed(reason) => write!(f, "{}", reason.escape_debug()),
        }
    }
}

impl fmt::Display for Attempt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.kdc.escape_debug())?;
        if let Some((protocol, address)) = self.way {
            write!(f, " ({protocol} {address})")?;
        }
        write!(f, ": {}", self.failure)
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Udp => "UDP",
            Self::Tcp => "TCP",
        })
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(error) => write!(f, "the name cannot be resolved: {error}"),
            Self::Io(error) => write!(f, "{error}"),
            Self::Unconnected => f.write_str("no connection in time"),
            Self::Silent => f.write_str("no answer"),
            Self::Closed { received } => {
                write!(f, "the connection ended after {received} bytes of the answer")
            }
            Self::TooLarge { length, limit } => {
                write!(f, "an answer of {length} bytes, where {limit} are allowed")
            }
            Self::Malformed { offset, what } => {
                write!(f, "not the answer of a KDC: {what} at offset {offset}")
            }
            Self::TooBigForUdp => f.write_str("the answer is too big for UDP"),
            Self::Unavailable => f.write_str("the KDC is not available now"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_lists_every_place_and_attempt() {
        let dns = |name: &str, answer| Place::Dns { name: name.to_owned(), answer };
        let unknown = TransportError::NoKdc {
            realm: "EXAMPLE.COM\n".to_owned(),
            looked: vec![
                Place::Options,
                Place::Files(vec!["/etc/krb5.conf".into(), "/etc/krb5.conf.d/a\nb".into()]),
                dns("_kerberos._udp.EXAMPLE.COM", DnsAnswer::NoSuchName),
                dns("_kerberos._tcp.EXAMPLE.COM", DnsAnswer::Failed("timed\nout".to_owned())),
            ],
        };
        assert_eq!(
            unknown.to_string(),
            "no KDC of realm EXAMPLE.COM\\n is known: none was given; \
             none is named in \"/etc/krb5.conf\" \"/etc/krb5.conf.d/a\\nb\"; \
             DNS has no _kerberos._udp.EXAMPLE.COM: no such name; \
             DNS has no _kerberos._tcp.EXAMPLE.COM: timed\\nout"
        );
        let refused = Arc::new(io::Error::from(io::ErrorKind::ConnectionRefused));
        let address = "192.0.2.1:88".parse().unwrap();
        let attempts = vec![
            Attempt {
                kdc: "dc1".to_owned(),
                way: Some((Protocol::Udp, address)),
                failure: Failure::Io(refused),
            },
            Attempt {
                kdc: "dc1".to_owned(),
                way: Some((Protocol::Tcp, address)),
                failure: Failure::Silent,
            },
        ];
        let late = TransportError::Timeout {
            realm: "EXAMPLE.COM".to_owned(),
            after: Duration::from_secs(10),
            attempts,
        };
        assert_eq!(
            late.to_string(),
            "no KDC of realm EXAMPLE.COM answered within 10s: \
             dc1 (UDP 192.0.2.1:88): connection refused; dc1 (TCP 192.0.2.1:88): no answer"
        );
    }
}
