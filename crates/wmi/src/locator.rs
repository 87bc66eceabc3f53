//! From a host to a namespace.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;
use winreach_auth::{AuthLevel, InitiatorSource};
use winreach_cim::path::NamespacePath;
use winreach_dcom::client::{Connector, TcpConnector};
use winreach_logon::Logon;

use crate::limit::Limit;
use crate::{Error, Services, session};

/// Where to connect, as whom, and how: the way to [`Services`].
///
/// ```no_run
/// use std::time::Duration;
/// use winreach_auth::Credentials;
/// use winreach_wmi::Locator;
///
/// # async fn example() -> Result<(), winreach_wmi::Error> {
/// let credentials = Credentials::new("EXAMPLE\\alice", "open sesame".into());
/// let services = Locator::new("server.example", credentials)
///     .namespace(r"root\cimv2")
///     .timeout(Duration::from_secs(30))
///     .connect()
///     .await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Locator {
    pub(crate) host: String,
    pub(crate) namespace: String,
    pub(crate) locale: Option<String>,
    pub(crate) initiators: Arc<dyn InitiatorSource>,
    pub(crate) level: AuthLevel,
    pub(crate) require_mutual: bool,
    pub(crate) resolver_port: u16,
    pub(crate) connector: Arc<dyn Connector>,
    pub(crate) limit: Limit,
}

impl Locator {
    /// A host, by its name or address, to be reached over TCP as whom `logon` says: an account with
    /// its password ([`Credentials`](crate::Credentials), which are proven by Kerberos where that
    /// can be and by NTLM where it cannot), or any [`Logon`].
    pub fn new(host: impl Into<String>, logon: impl Into<Logon>) -> Self {
        Self::with_initiators(host, Arc::new(logon.into()))
    }

    /// A host, with any mechanism of authentication.
    pub fn with_initiators(host: impl Into<String>, initiators: Arc<dyn InitiatorSource>) -> Self {
        Self {
            host: host.into(),
            namespace: r"root\cimv2".into(),
            locale: None,
            initiators,
            level: AuthLevel::Privacy,
            require_mutual: false,
            resolver_port: 135,
            connector: Arc::new(TcpConnector::default()),
            limit: Limit::default(),
        }
    }

    /// The namespace, with slashes of either kind. Default: `root\cimv2`.
    #[must_use]
    pub fn namespace(mut self, namespace: impl Into<String>) -> Self {
        self.namespace = namespace.into();
        self
    }

    /// The languages for texts, the preferred one first: `MS_409`, `en-US`, or several with commas.
    /// Default: the server's.
    #[must_use]
    pub fn locale(mut self, locale: impl Into<String>) -> Self {
        self.locale = Some(locale.into());
        self
    }

    /// How the traffic is protected. Default: [`AuthLevel::Privacy`]. Windows refuses less than
    /// [`AuthLevel::Integrity`]. What is in effect is told by [`Services::security`].
    ///
    /// What a server may do in the account's name is a matter of the initiators, such as
    /// [`Logon::impersonation`]; WMI needs
    /// [`Impersonate`](winreach_auth::ImpersonationLevel::Impersonate), the default.
    #[must_use]
    pub fn level(mut self, level: AuthLevel) -> Self {
        self.level = level;
        self
    }

    /// Whether the host must prove that it is the one that was named, before it is asked for
    /// anything. Default: no. Kerberos proves it; where NTLM is used, this is an error.
    #[must_use]
    pub fn require_mutual(mut self, required: bool) -> Self {
        self.require_mutual = required;
        self
    }

    /// The port of the host's object resolver. Default: 135.
    #[must_use]
    pub fn resolver_port(mut self, port: u16) -> Self {
        self.resolver_port = port;
        self
    }

    /// How connections are made. Default: over TCP.
    #[must_use]
    pub fn connector(mut self, connector: Arc<dyn Connector>) -> Self {
        self.connector = connector;
        self
    }

    /// How much time each operation has, connecting included: a query until its last row.
    /// Default: two minutes.
    #[must_use]
    pub fn timeout(mut self, time: Duration) -> Self {
        self.limit = Limit::Each(time);
        self
    }

    /// By when everything must be done, connecting and what comes after it.
    #[must_use]
    pub fn deadline(mut self, deadline: Instant) -> Self {
        self.limit = Limit::At(deadline);
        self
    }

    /// Opens the namespace.
    ///
    /// With NTLM it takes 4 round trips besides those of TCP: to bind to the resolver and to activate
    /// WMI, to bind to its exporter and to open the namespace. The last leg of each authentication
    /// goes out together with the call behind it.
    ///
    /// # Errors
    /// See [`Error`]: the host cannot be reached, is no DCOM server, refuses the account, or does not
    /// have the namespace.
    pub async fn connect(&self) -> Result<Services, Error> {
        let session = session::open(self, self.limit.deadline()).await?;
        Ok(Services::new(Arc::new(session), self.limit))
    }

    /// The namespace with its host, as WMI writes both.
    pub(crate) fn path(&self) -> Result<NamespacePath, String> {
        let path: NamespacePath =
            self.namespace.parse().map_err(|error| format!("{}: {error}", self.namespace))?;
        match path.server() {
            Some(server) => Err(format!(
                "the namespace {} names the host {server}; name it as the host of the locator",
                self.namespace
            )),
            None => Ok(path.on(self.host.as_str())),
        }
    }
}

impl fmt::Debug for Locator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Locator")
            .field("host", &self.host)
            .field("namespace", &self.namespace)
            .field("level", &self.level)
            .field("require_mutual", &self.require_mutual)
            .field("resolver_port", &self.resolver_port)
            .finish_non_exhaustive()
    }
}
