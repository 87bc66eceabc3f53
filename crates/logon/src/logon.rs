//! Who to be, and how to prove it.

use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use futures_core::future::BoxFuture;
use winreach_auth::{
    AuthLevel, Credentials, Error, ImpersonationLevel, Initiator, InitiatorSource, kerberos, ntlm,
    spnego,
};
use winreach_kdc::Kdc;
use winreach_kerberos::client::{Clock, Options, Origin, Secret, Tickets};
use winreach_kerberos::credentials::{CacheName, Config, Environment, Keytab};
use winreach_kerberos::crypto::{EncryptionType, Key};
use winreach_kerberos::{NameType, Principal};

use crate::LogonError;
use crate::account::principal;
use crate::realms::realms;

/// By what to prove who one is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mechanism {
    /// Kerberos where it can be used, and NTLM where it cannot; the peers agree by SPNEGO.
    #[default]
    Negotiate,
    /// Kerberos alone, without SPNEGO.
    Kerberos,
    /// NTLM alone, without SPNEGO.
    Ntlm,
}

/// Who to be on other machines, and how to prove it.
///
/// Nothing is read and nobody is asked before the first initiator is wanted; what was found out then
/// serves all that come after. Clones share it.
#[derive(Clone)]
pub struct Logon {
    settings: Settings,
    made: Arc<OnceLock<Result<Sources, LogonError>>>,
}

/// What makes the initiators.
#[derive(Clone)]
struct Sources {
    /// Towards services that have a name.
    by_name: Arc<dyn InitiatorSource>,
    /// Towards services of a host that is known by its address alone, of which no KDC knows; nothing
    /// where Kerberos must be used.
    by_address: Option<Arc<dyn InitiatorSource>>,
}

#[derive(Clone)]
struct Settings {
    who: Who,
    mechanism: Mechanism,
    without_ntlm: bool,
    impersonation: ImpersonationLevel,
    service: Option<Service>,
    kdcs: Vec<String>,
    realm: Option<String>,
    allow_rc4: bool,
    kdc_timeout: Option<Duration>,
    environment: Option<Environment>,
    clock: Option<Clock>,
}

#[derive(Clone)]
enum Who {
    Password(Credentials),
    CurrentUser,
    Keytab { path: PathBuf, client: Option<String> },
    Anonymous,
}

/// What the service is called in place of its host.
#[derive(Clone)]
enum Service {
    /// The whole name.
    Whole(String),
    /// The host alone.
    Host(String),
}

impl Logon {
    /// An account with its password.
    #[must_use]
    pub fn with_password(credentials: Credentials) -> Self {
        Self::new(Who::Password(credentials))
    }

    /// Whoever logged on to this machine with `kinit`: the tickets of the credential cache that
    /// `KRB5CCNAME` or `krb5.conf` names.
    #[must_use]
    pub fn current_user() -> Self {
        Self::new(Who::CurrentUser)
    }

    /// An account whose keys are in a keytab; without a name, the first one there.
    #[must_use]
    pub fn with_keytab(path: impl Into<PathBuf>, client: Option<&str>) -> Self {
        Self::new(Who::Keytab { path: path.into(), client: client.map(str::to_owned) })
    }

    /// Nobody, by NTLM.
    #[must_use]
    pub fn anonymous() -> Self {
        Self::new(Who::Anonymous)
    }

    fn new(who: Who) -> Self {
        Self::of(Settings {
            who,
            mechanism: Mechanism::default(),
            without_ntlm: false,
            impersonation: ImpersonationLevel::Impersonate,
            service: None,
            kdcs: Vec::new(),
            realm: None,
            allow_rc4: false,
            kdc_timeout: None,
            environment: None,
            clock: None,
        })
    }

    fn of(settings: Settings) -> Self {
        Self { settings, made: Arc::default() }
    }

    fn with(self, change: impl FnOnce(&mut Settings)) -> Self {
        let mut settings = self.settings;
        change(&mut settings);
        Self::of(settings)
    }

    /// By what to prove it. Default: [`Mechanism::Negotiate`].
    #[must_use]
    pub fn mechanism(self, mechanism: Mechanism) -> Self {
        self.with(|settings| settings.mechanism = mechanism)
    }

    /// Forbids NTLM, which proves nothing about the server and which domains switch off.
    #[must_use]
    pub fn without_ntlm(self) -> Self {
        self.with(|settings| settings.without_ntlm = true)
    }

    /// What servers may do in the account's name. Default: impersonate. To delegate takes Kerberos,
    /// a forwardable ticket, and a server that the KDC trusts with it.
    #[must_use]
    pub fn impersonation(self, level: ImpersonationLevel) -> Self {
        self.with(|settings| settings.impersonation = level)
    }

    /// The service to get a ticket for, whatever host is connected to: a whole name
    /// (`host/server.example.com`, also with `@REALM`), or a host (`server`, `DOMAIN\server`) for
    /// services of the usual kinds.
    #[must_use]
    pub fn service(self, name: &str) -> Self {
        let service = if name.contains('/') {
            Service::Whole(name.to_owned())
        } else {
            let host = name.rsplit_once('\\').map_or(name, |(_domain, host)| host);
            Service::Host(host.trim_end_matches('$').to_owned())
        };
        self.with(|settings| settings.service = Some(service))
    }

    /// A KDC of the client's realm, `host` or `host:port`, before all that is configured; to be
    /// called again for a further one.
    #[must_use]
    pub fn kdc(self, kdc: impl Into<String>) -> Self {
        self.with(|settings| settings.kdcs.push(kdc.into()))
    }

    /// The realm of accounts that name none, in place of the configured one.
    #[must_use]
    pub fn realm(self, realm: impl Into<String>) -> Self {
        self.with(|settings| settings.realm = Some(realm.into()))
    }

    /// Takes RC4 where a service has nothing better. Its keys are as good as the password hash.
    #[must_use]
    pub fn allow_rc4(self) -> Self {
        self.with(|settings| settings.allow_rc4 = true)
    }

    /// How long an answer of a KDC may take. Default: ten seconds, or what `krb5.conf` says.
    #[must_use]
    pub fn kdc_timeout(self, time: Duration) -> Self {
        self.with(|settings| settings.kdc_timeout = Some(time))
    }

    /// Where configuration, credential cache and keytab lie, in place of what this process's
    /// environment says.
    #[must_use]
    pub fn environment(self, environment: Environment) -> Self {
        self.with(|settings| settings.environment = Some(environment))
    }

    /// Goes by another clock than the system's.
    #[must_use]
    pub fn clock(self, clock: Clock) -> Self {
        self.with(|settings| settings.clock = Some(clock))
    }

    /// Reads what the log-on needs of this machine's files, unless that was done before.
    ///
    /// # Errors
    /// When the configuration or a file cannot be used, or what was asked for is contradictory.
    pub fn check(&self) -> Result<(), LogonError> {
        self.sources().map(drop)
    }

    fn sources(&self) -> Result<Sources, LogonError> {
        self.made.get_or_init(|| self.settings.sources()).clone()
    }
}

/// An account with its password, by whatever mechanism will do.
impl From<Credentials> for Logon {
    fn from(credentials: Credentials) -> Self {
        Self::with_password(credentials)
    }
}

impl InitiatorSource for Logon {
    fn initiator<'a>(
        &'a self,
        target_spn: &'a str,
        level: AuthLevel,
    ) -> BoxFuture<'a, Result<Box<dyn Initiator>, Error>> {
        Box::pin(async move {
            let sources =
                self.sources().map_err(|error| Error::Configuration(error.to_string()))?;
            let (class, host) = target_spn.split_once('/').unwrap_or((target_spn, ""));
            match &self.settings.service {
                Some(Service::Whole(name)) => sources.by_name.initiator(name, level).await,
                Some(Service::Host(host)) => {
                    sources.by_name.initiator(&format!("{class}/{host}"), level).await
                }
                None if is_address(host) => match &sources.by_address {
                    Some(source) => source.initiator(target_spn, level).await,
                    None => Err(nameless(host)),
                },
                None => sources.by_name.initiator(target_spn, level).await,
            }
        })
    }
}

/// Whether no KDC can know the host by this: every machine calls itself so, or it is an address
/// (`[MS-KILE] 3.1.5.11` has principals of names only).
fn is_address(host: &str) -> bool {
    // A zone may follow an IPv6 address.
    let bare = host.split('%').next().unwrap_or(host);
    bare.parse::<IpAddr>().is_ok() || bare.eq_ignore_ascii_case("localhost")
}

fn nameless(host: &str) -> Error {
    let reason = format!(
        "{host} is no name that a service principal can have: name the host, or its service"
    );
    Error::Unavailable { mechanism: "Kerberos", reason }
}

impl fmt::Debug for Logon {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let who = match &self.settings.who {
            Who::Password(credentials) => credentials.account().to_string(),
            Who::CurrentUser => "the current user".to_owned(),
            Who::Keytab { path, .. } => path.display().to_string(),
            Who::Anonymous => "nobody".to_owned(),
        };
        f.debug_struct("Logon")
            .field("who", &who)
            .field("mechanism", &self.settings.mechanism)
            .finish_non_exhaustive()
    }
}

impl Settings {
    fn sources(&self) -> Result<Sources, LogonError> {
        let one = |source: Arc<dyn InitiatorSource>| Sources {
            by_name: Arc::clone(&source),
            by_address: Some(source),
        };
        match self.mechanism {
            Mechanism::Ntlm if self.without_ntlm => {
                Err(LogonError::Mechanism("NTLM is asked for and forbidden at once"))
            }
            Mechanism::Ntlm => self.ntlm()?.map(one).ok_or(LogonError::Mechanism(
                "NTLM needs an account with its password; tickets and keytabs are for Kerberos",
            )),
            Mechanism::Kerberos => Ok(Sources { by_name: self.kerberos()?, by_address: None }),
            Mechanism::Negotiate => {
                let ntlm = if self.without_ntlm { None } else { self.ntlm()? };
                match (self.kerberos(), ntlm) {
                    (Ok(kerberos), by_address) => {
                        let source = spnego::Source::new().with_kerberos(kerberos);
                        let source =
                            by_address.iter().cloned().fold(source, spnego::Source::with_ntlm);
                        Ok(Sources { by_name: Arc::new(source), by_address })
                    }
                    // An account that belongs to no realm is one of the server's own. There is
                    // nothing to negotiate, which saves a round trip on each connection.
                    (Err(LogonError::NoRealm(..) | LogonError::Mechanism(_)), Some(ntlm)) => {
                        Ok(one(ntlm))
                    }
                    (Err(error), _) => Err(error),
                }
            }
        }
    }

    /// NTLM, for whom it can speak.
    fn ntlm(&self) -> Result<Option<Arc<dyn InitiatorSource>>, LogonError> {
        let source = match &self.who {
            Who::Password(credentials) => ntlm::Source::new(credentials.clone()),
            Who::Anonymous => ntlm::Source::anonymous(),
            Who::CurrentUser | Who::Keytab { .. } => return Ok(None),
        };
        if self.impersonation == ImpersonationLevel::Delegate {
            return match self.mechanism {
                // Where credentials are to be delegated, NTLM will not do instead.
                Mechanism::Negotiate => Ok(None),
                _ => Err(LogonError::Mechanism("delegation needs Kerberos: NTLM cannot delegate")),
            };
        }
        Ok(Some(Arc::new(source.with_impersonation(self.impersonation))))
    }

    fn kerberos(&self) -> Result<Arc<dyn InitiatorSource>, LogonError> {
        let environment = self.environment.clone().unwrap_or_else(Environment::from_system);
        let config = Config::load(&environment)?;
        let config = match &self.realm {
            Some(realm) => config.with_default_realm(realm),
            None => config,
        };
        let mut options = Options::of(config.libdefaults());
        if self.allow_rc4 {
            options = options.with_rc4();
        }
        options.forwardable |= self.impersonation == ImpersonationLevel::Delegate;
        let (origin, realm) = self.origin(&config, &environment, &options)?;
        let mut kdc = Kdc::new(realms(&config, &environment)?);
        if let Some(time) = self.kdc_timeout.or(config.libdefaults().request_timeout) {
            kdc = kdc.with_timeout(time);
        }
        for name in &self.kdcs {
            let address = name.parse().map_err(|error| LogonError::Kdc(name.clone(), error))?;
            kdc = kdc.with_kdc(realm.clone(), address);
        }
        let mut tickets = Tickets::new(origin, Arc::new(kdc), Arc::new(config), options);
        if let Some(clock) = &self.clock {
            tickets = tickets.with_clock(Arc::clone(clock));
        }
        let source = kerberos::Source::new(Arc::new(tickets));
        Ok(Arc::new(source.with_impersonation(self.impersonation)))
    }

    /// Where tickets come from, and the client's realm.
    fn origin(
        &self,
        config: &Config,
        environment: &Environment,
        options: &Options,
    ) -> Result<(Origin, String), LogonError> {
        match &self.who {
            Who::Password(credentials) => {
                let client = principal(credentials.account(), config)?;
                let realm = client.realm.clone();
                let secret = Secret::Password(credentials.secret().clone());
                Ok((Origin::Logon { client, secret }, realm))
            }
            Who::Keytab { path, client } => {
                let (client, keys) = client_keys(path, client.as_deref(), config, options)?;
                let realm = client.realm.clone();
                Ok((Origin::Logon { client, secret: Secret::Keys(keys) }, realm))
            }
            Who::CurrentUser => {
                let name = environment.ccache(config.libdefaults())?;
                let realm = realm_of_cache(&name)?;
                Ok((Origin::Cache(name), realm))
            }
            Who::Anonymous => Err(LogonError::Mechanism("Kerberos knows no anonymous callers")),
        }
    }
}

/// Whose tickets a cache holds; reading it also shows that it can be read.
fn realm_of_cache(name: &CacheName) -> Result<String, LogonError> {
    let cache = winreach_kerberos::credentials::CredentialCache::open(name)?;
    Ok(cache.default_principal.realm)
}

/// The keys of a client in a keytab, of the newest version.
fn client_keys(
    path: &std::path::Path,
    client: Option<&str>,
    config: &Config,
    options: &Options,
) -> Result<(Principal, Vec<Key>), LogonError> {
    let keytab = Keytab::read(path)?;
    let none = |client: &str| LogonError::NoClientKey {
        path: path.display().to_string(),
        client: client.to_owned(),
        held: keytab.principals().iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
    };
    let client = match client {
        Some(name) => {
            let mut client: Principal =
                name.parse().map_err(|error| LogonError::Principal(name.to_owned(), error))?;
            if client.realm.is_empty() {
                client.realm.clone_from(config.libdefaults().default_realm.as_ref().ok_or(
                    LogonError::NoRealm(name.to_owned(), "write name@REALM, or set default_realm"),
                )?);
            }
            client
        }
        None => (*keytab.principals().first().ok_or_else(|| none("anybody"))?).clone(),
    };
    let client = client.with_type(NameType::PRINCIPAL);
    let keys: Vec<Key> =
        options.etypes.iter().filter_map(|etype| key(&keytab, &client, *etype)).collect();
    if keys.is_empty() && keytab.etypes(&client).is_empty() {
        return Err(none(&client.to_string()));
    }
    Ok((client, keys))
}

fn key(keytab: &Keytab, client: &Principal, etype: EncryptionType) -> Option<Key> {
    let entry = keytab.find(client, etype.code(), None)?;
    Key::new(etype, &entry.key.bytes).ok()
}
