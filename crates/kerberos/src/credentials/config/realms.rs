//! The sections `[realms]`, `[domain_realm]` and `[capaths]`.

use std::fmt;

use super::error::ConfigError;
use super::profile::Profile;

/// The servers of a realm. All lists are in the order in which to try.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Realm {
    /// Its KDCs.
    pub kdc: Vec<Server>,
    /// Those KDCs that know of a new password first.
    pub primary_kdc: Vec<Server>,
    /// Servers for administration.
    pub admin_server: Vec<Server>,
    /// Servers for changing passwords.
    pub kpasswd_server: Vec<Server>,
}

/// A server, as configured.
///
/// ```
/// use winreach_kerberos::credentials::config::{Server, Transport};
///
/// let server = Server::parse("tcp/[2001:db8::1]:8888").unwrap();
/// assert_eq!((server.transport, server.port), (Transport::Tcp, Some(8888)));
/// assert_eq!(server.host, "2001:db8::1");
/// assert_eq!(server.to_string(), "tcp/[2001:db8::1]:8888");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    /// How to speak to it.
    pub transport: Transport,
    /// Its name or address without brackets; the path where the transport is [`Transport::Local`].
    pub host: String,
    /// Its port, where that is not the usual one.
    pub port: Option<u16>,
    /// What stands behind the host of a URL, with its slash; mostly empty.
    pub url_path: String,
}

/// How to speak to a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    /// UDP or TCP, as the message is long.
    Any,
    /// UDP alone.
    Udp,
    /// TCP alone.
    Tcp,
    /// By way of a proxy (`[MS-KKDCP]`).
    Https,
    /// A socket of this machine.
    Local,
}

impl Server {
    /// Reads `host`, `host:port`, `[address]:port`, with `tcp/` or `udp/` before it as Heimdal has
    /// them, `https://host:port/path` or `/path/of/socket`. `None` for anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let url_path = String::new();
        if text.starts_with('/') {
            let host = text.to_owned();
            return Some(Self { transport: Transport::Local, host, port: None, url_path });
        }
        let (transport, text) =
            [("tcp/", Transport::Tcp), ("udp/", Transport::Udp), ("https://", Transport::Https)]
                .into_iter()
                .find_map(|(prefix, transport)| Some((transport, text.strip_prefix(prefix)?)))
                .unwrap_or((Transport::Any, text));
        let (text, url_path) = match text.find('/') {
            Some(at) if transport == Transport::Https => text.split_at_checked(at)?,
            _ => (text, ""),
        };
        let (host, port) = match text.strip_prefix('[').and_then(|text| text.split_once(']')) {
            Some((host, rest)) => (host, rest.strip_prefix(':')),
            None => {
                // What stands behind a space is a remark, but not behind a port.
                let end = text.find([' ', '\t', ':']).unwrap_or(text.len());
                let (host, rest) = text.split_at_checked(end)?;
                (host, rest.strip_prefix(':'))
            }
        };
        let odd = |c: char| c.is_whitespace() || matches!(c, '/' | '[' | ']');
        // Digits alone would be a port without host.
        if host.is_empty() || host.contains(odd) || text.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let port = match port {
            Some(port) if port.bytes().all(|byte| byte.is_ascii_digit()) => {
                Some(port.parse().ok()?)
            }
            Some(_) => return None,
            None => None,
        };
        Some(Self { transport, host: host.to_owned(), port, url_path: url_path.to_owned() })
    }
}

impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.transport {
            Transport::Any | Transport::Local => "",
            Transport::Udp => "udp/",
            Transport::Tcp => "tcp/",
            Transport::Https => "https://",
        })?;
        let needs_brackets =
            self.host.contains(':') || self.host.bytes().all(|byte| byte.is_ascii_digit());
        if needs_brackets && self.transport != Transport::Local {
            write!(f, "[{}]", self.host)?;
        } else {
            f.write_str(&self.host)?;
        }
        if let Some(port) = self.port {
            write!(f, ":{port}")?;
        }
        f.write_str(&self.url_path)
    }
}

impl Realm {
    pub(super) fn read(profile: &Profile, realm: &str) -> Result<Self, ConfigError> {
        let servers = |key: &str| -> Result<Vec<Server>, ConfigError> {
            profile
                .values(&["realms", realm, key])
                .iter()
                .map(|value| Server::parse(&value.text).ok_or_else(|| value.unlike(key, SERVER)))
                .collect()
        };
        let primary_kdc = servers("primary_kdc")?;
        Ok(Self {
            kdc: servers("kdc")?,
            // Before release 1.19 of MIT Kerberos it had another name.
            primary_kdc: if primary_kdc.is_empty() { servers("master_kdc")? } else { primary_kdc },
            admin_server: servers("admin_server")?,
            kpasswd_server: servers("kpasswd_server")?,
        })
    }
}

const SERVER: &str = "host, host:port or [address]:port";

/// Tries `a.b.c`, `.b.c`, `b.c`, `.c`, `c`, as MIT Kerberos does.
pub(super) fn host_realm<'a>(profile: &'a Profile, host: &str) -> Option<&'a str> {
    let host = host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase();
    if is_address(&host) {
        return None;
    }
    let mut suffix = host.as_str();
    loop {
        if let Some(realm) = profile.value(&["domain_realm", suffix]) {
            return Some(&realm.text);
        }
        suffix = match suffix.strip_prefix('.') {
            Some(domain) => domain,
            None => suffix.get(suffix.find('.')?..)?,
        };
    }
}

fn is_address(host: &str) -> bool {
    let digits_and_dots = host.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    host.contains(':')
        || (digits_and_dots && host.bytes().filter(|byte| *byte == b'.').count() == 3)
}

pub(super) fn path_between<'a>(
    profile: &'a Profile,
    client: &str,
    server: &str,
) -> Option<Vec<&'a str>> {
    let values = profile.values(&["capaths", client, server]);
    // A dot says that both share keys.
    if values.first()?.text.starts_with('.') {
        return Some(Vec::new());
    }
    Some(values.iter().filter_map(|value| value.text.split_whitespace().next()).collect())
}
