//! The tickets of one client, got when they are needed and kept as long as they are good.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex as SyncMutex, PoisonError};
use std::time::{Duration, SystemTime};

use tokio::sync::Mutex;

use super::{AsExchange, Options, Secret, TgsExchange};
use crate::Principal;
use crate::credential::Credential;
use crate::credentials::{CacheName, Config, CredentialCache};
use crate::error::Error;
use crate::messages::KerberosTime;
use crate::transport::KdcTransport;

/// Tells the time.
pub type Clock = Arc<dyn Fn() -> SystemTime + Send + Sync>;

/// A ticket that is about to expire is not begun with.
const LEEWAY: Duration = Duration::from_secs(60);

/// A KDC's clock is reckoned with where it is further away than this; below it every service puts
/// up with the difference.
const NOTABLE_OFFSET: u64 = 60;

/// More service tickets than this are not kept: the oldest are got again.
const MAX_KEPT: usize = 65_536;

/// Where the tickets of a client come from.
#[derive(Debug, Clone)]
pub enum Origin {
    /// The client logs on itself.
    Logon {
        /// Who it is; the realm must be known.
        client: Principal,
        /// Its password or keys.
        secret: Secret,
    },
    /// Somebody has logged on before (`kinit`) and left tickets in a credential cache. The cache is
    /// read again when what was read of it has expired; nothing is written to it.
    Cache(CacheName),
}

/// The tickets of one client.
///
/// One log-on serves all tickets, and one ticket all connections to its service; any number of
/// tasks may ask at once.
pub struct Tickets {
    origin: Origin,
    transport: Arc<dyn KdcTransport>,
    config: Arc<Config>,
    options: Options,
    clock: Clock,
    /// Held while somebody logs on, so that nobody else does as well.
    granting: Mutex<Option<Granting>>,
    services: SyncMutex<HashMap<Principal, Credential>>,
}

/// A ticket that was issued.
#[derive(Debug, Clone)]
pub struct Issued {
    /// The ticket.
    pub credential: Credential,
    /// By how many seconds the KDC's clock is ahead of this machine's: what shows the ticket goes by
    /// [`Tickets::time`].
    pub clock_offset: i64,
}

/// What a log-on gives.
#[derive(Debug, Clone)]
struct Granting {
    /// The ticket-granting ticket; a cache may hold tickets for services alone.
    ticket: Option<Credential>,
    client: Principal,
    /// By how many seconds the KDC's clock is ahead.
    clock_offset: i64,
}

impl Tickets {
    /// Tickets of `origin`, from KDCs that `transport` reaches; hosts belong to the realms that
    /// `config` says, and tickets are to be as `options` say.
    #[must_use]
    pub fn new(
        origin: Origin,
        transport: Arc<dyn KdcTransport>,
        config: Arc<Config>,
        options: Options,
    ) -> Self {
        Self {
            origin,
            transport,
            config,
            options,
            clock: Arc::new(SystemTime::now),
            granting: Mutex::default(),
            services: SyncMutex::default(),
        }
    }

    /// Goes by another clock than the system's.
    #[must_use]
    pub fn with_clock(self, clock: Clock) -> Self {
        Self { clock, ..self }
    }

    /// What tickets are to be like.
    #[must_use]
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// A ticket for a service such as `RPCSS/server.example.com`.
    ///
    /// Where the name brings no realm, the configuration may know the host's; else the client's
    /// realm is asked, which may refer to others.
    ///
    /// # Errors
    /// When no ticket-granting ticket can be had, or the KDC does not give the ticket.
    pub async fn ticket(&self, service: &Principal) -> Result<Issued, Error> {
        let granting = self.granting().await?;
        let clock_offset = granting.clock_offset;
        let now = self.time(clock_offset);
        if let Some(credential) = self.known(service, now) {
            return Ok(Issued { credential, clock_offset });
        }
        let ticket = granting.ticket.ok_or_else(|| self.no_granting_ticket(&granting.client))?;
        let exchange = TgsExchange::new(ticket, service.clone(), self.options.clone());
        let exchange = self.in_its_realm(exchange, service, &granting.client.realm);
        let credential = self.run(exchange, clock_offset).await?;
        tracing::debug!(server = %credential.server, etype = %credential.key.etype(), "a ticket was issued");
        let mut services = self.services.lock().unwrap_or_else(PoisonError::into_inner);
        if services.len() >= MAX_KEPT {
            let now = KerberosTime::of(now);
            services.retain(|_, known| known.is_good_at(now, LEEWAY));
            if services.len() >= MAX_KEPT {
                services.clear();
            }
        }
        services.insert(service.clone(), credential.clone());
        Ok(Issued { credential, clock_offset })
    }

    /// A ticket-granting ticket that may be handed to a service.
    ///
    /// # Errors
    /// When the client's own is not forwardable, or the KDC does not forward it.
    pub async fn forwarded(&self) -> Result<Credential, Error> {
        let granting = self.granting().await?;
        let ticket = granting.ticket.ok_or_else(|| self.no_granting_ticket(&granting.client))?;
        let exchange = TgsExchange::forwarded(ticket, self.options.clone())?;
        self.run(exchange, granting.clock_offset).await
    }

    /// Who the client is; where it is a cache that says so, the cache is read.
    ///
    /// # Errors
    /// When the cache cannot be read.
    pub async fn client(&self) -> Result<Principal, Error> {
        match &self.origin {
            Origin::Logon { client, .. } => Ok(client.clone()),
            Origin::Cache(_) => Ok(self.granting().await?.client),
        }
    }

    /// Forgets a service's ticket, which the service has refused.
    pub fn forget(&self, service: &Principal) {
        self.services.lock().unwrap_or_else(PoisonError::into_inner).remove(service);
    }

    fn known(&self, service: &Principal, now: SystemTime) -> Option<Credential> {
        let services = self.services.lock().unwrap_or_else(PoisonError::into_inner);
        let known = services.get(service)?;
        known.is_good_at(KerberosTime::of(now), LEEWAY).then(|| known.clone())
    }

    /// Points an exchange to the realm of the service's host.
    fn in_its_realm(
        &self,
        exchange: TgsExchange,
        service: &Principal,
        client_realm: &str,
    ) -> TgsExchange {
        let host = match service.components.as_slice() {
            [_, host, ..] if service.realm.is_empty() => host,
            _ => return exchange,
        };
        if let Some(realm) = self.config.host_realm(host) {
            return exchange.in_realm(realm);
        }
        // An address belongs to no domain.
        let is_address = host.parse::<std::net::IpAddr>().is_ok();
        match host.split_once('.') {
            Some((_, domain)) if !is_address && !domain.eq_ignore_ascii_case(client_realm) => {
                exchange.with_fallback_realm(domain.to_ascii_uppercase())
            }
            _ => exchange,
        }
    }

    /// The time at the KDC, whose clock is so many seconds ahead.
    #[must_use]
    pub fn time(&self, offset: i64) -> SystemTime {
        let (now, by) = ((self.clock)(), Duration::from_secs(offset.unsigned_abs()));
        let there = if offset < 0 { now.checked_sub(by) } else { now.checked_add(by) };
        there.unwrap_or(now)
    }

    async fn run(&self, mut exchange: TgsExchange, offset: i64) -> Result<Credential, Error> {
        loop {
            let request = exchange.request(self.time(offset))?;
            let answer = self.transport.exchange(&request.realm, &request.bytes).await?;
            if let Some(credential) = exchange.answer(&answer, self.time(offset))? {
                return Ok(credential);
            }
        }
    }

    /// The log-on, made now unless there is one that is still good.
    async fn granting(&self) -> Result<Granting, Error> {
        let mut place = self.granting.lock().await;
        if let Some(granting) = place.as_ref().filter(|granting| self.is_good(granting)) {
            return Ok(granting.clone());
        }
        let granting = match &self.origin {
            Origin::Logon { client, secret } => self.log_on(client, secret).await?,
            Origin::Cache(name) => self.read_cache(name)?,
        };
        Ok(place.insert(granting).clone())
    }

    fn is_good(&self, granting: &Granting) -> bool {
        let now = KerberosTime::of(self.time(granting.clock_offset));
        granting.ticket.as_ref().is_some_and(|ticket| ticket.is_good_at(now, LEEWAY))
    }

    async fn log_on(&self, client: &Principal, secret: &Secret) -> Result<Granting, Error> {
        let mut exchange = AsExchange::new(client.clone(), secret.clone(), self.options.clone());
        loop {
            let request = exchange.request((self.clock)())?;
            let answer = self.transport.exchange(&request.realm, &request.bytes).await?;
            let now = (self.clock)();
            let Some(ticket) = exchange.answer(&answer, now)? else { continue };
            tracing::debug!(client = %ticket.client, etype = %ticket.key.etype(), "logged on");
            let (theirs, ours) = (ticket.auth_time.0, KerberosTime::of(now).0);
            let clock_offset = match theirs.abs_diff(ours) {
                ..=NOTABLE_OFFSET => 0,
                _ => theirs.cast_signed().saturating_sub(ours.cast_signed()),
            };
            return Ok(Granting {
                client: ticket.client.clone(),
                ticket: Some(ticket),
                clock_offset,
            });
        }
    }

    /// Takes over all that is good in the cache.
    fn read_cache(&self, name: &CacheName) -> Result<Granting, Error> {
        let cache = CredentialCache::open(name)?;
        let client = cache.default_principal.clone();
        let clock_offset = cache.time_offset.map_or(0, |offset| i64::from(offset.seconds));
        let now = KerberosTime::of(self.time(clock_offset));
        let mut newest_expired: Option<Credential> = None;
        let mut granting: Option<Credential> = None;
        for entry in cache.credentials.iter().filter(|entry| entry.client == client) {
            let Ok(credential) = Credential::try_from(entry) else { continue };
            let is_granting = credential.server.ticket_granting_realm() == Some(&client.realm);
            if !credential.is_good_at(now, Duration::ZERO) {
                if is_granting {
                    newest_expired = Some(credential);
                }
            } else if is_granting {
                granting = Some(credential);
            } else if self.options.etypes.contains(&credential.key.etype()) {
                let service = Principal { realm: String::new(), ..credential.server.clone() };
                let mut services = self.services.lock().unwrap_or_else(PoisonError::into_inner);
                services.insert(service, credential);
            }
        }
        match (granting, newest_expired) {
            (None, Some(expired)) if self.has_no_services() => Err(Error::Expired {
                seconds: now.0.saturating_sub(expired.end_time.0).cast_signed(),
                server: expired.server,
            }),
            (ticket, _) => Ok(Granting { ticket, client, clock_offset }),
        }
    }

    fn has_no_services(&self) -> bool {
        self.services.lock().unwrap_or_else(PoisonError::into_inner).is_empty()
    }

    fn no_granting_ticket(&self, client: &Principal) -> Error {
        let realm = &client.realm;
        Error::NoTicket { server: Principal::ticket_granting(realm, realm), client: client.clone() }
    }
}

impl fmt::Debug for Tickets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tickets")
            .field("origin", &self.origin)
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}
