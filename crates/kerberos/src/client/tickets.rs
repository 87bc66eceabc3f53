//! The tickets of one client, got when they are needed and kept as long as they are good.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use tokio::sync::Mutex;

use super::cached::{self, Granting};
use super::kept::ServiceTickets;
use super::{AsExchange, LEEWAY, Options, Secret, TgsExchange};
use crate::Principal;
use crate::credential::Credential;
use crate::credentials::{CacheName, Config};
use crate::error::Error;
use crate::messages::{ErrorCode, KerberosTime};
use crate::time::{ahead, seconds_ahead};
use crate::transport::KdcTransport;

/// Tells the time.
pub type Clock = Arc<dyn Fn() -> SystemTime + Send + Sync>;

/// A KDC's clock is reckoned with where it is further away than this; below it every service puts
/// up with the difference.
const NOTABLE_OFFSET: u64 = 60;

/// How long a log-on is not tried again that failed for the account's own reasons: often enough, and
/// the account is locked.
const PAUSE: Duration = Duration::from_secs(300);

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
/// tasks may ask at once. A log-on that fails because of the password, the key or the account is not
/// tried again for five minutes, so that a wrong password does not lock the account.
pub struct Tickets {
    origin: Origin,
    transport: Arc<dyn KdcTransport>,
    config: Arc<Config>,
    options: Options,
    clock: Clock,
    /// Held while somebody logs on, so that nobody else does as well.
    log_on: Mutex<LogOn>,
    /// How many log-ons have come to an end.
    log_ons: AtomicU64,
    services: ServiceTickets,
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

/// What came of the last log-on.
#[derive(Debug, Default)]
enum LogOn {
    #[default]
    None,
    Done(Granting),
    Failed {
        error: Error,
        /// Until when, by this machine's clock, it is not tried again.
        until: KerberosTime,
    },
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
            log_on: Mutex::default(),
            log_ons: AtomicU64::new(0),
            services: ServiceTickets::default(),
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
        let there = KerberosTime::of(self.time(clock_offset));
        if let Some(credential) = self.services.get(service, there) {
            return Ok(Issued { credential, clock_offset });
        }
        let ticket = granting.ticket.ok_or_else(|| self.no_granting_ticket(&granting.client))?;
        let exchange = TgsExchange::new(ticket.clone(), service.clone(), self.options.clone());
        let exchange = self.in_its_realm(exchange, service, &granting.client.realm);
        let credential = match self.run(exchange, clock_offset).await {
            Ok(credential) => credential,
            Err(error) => {
                if error.code().is_some_and(is_about_the_granting_ticket) {
                    self.log_off(&ticket).await;
                }
                return Err(error);
            }
        };
        tracing::debug!(server = %credential.server, etype = %credential.key.etype(), "a ticket was issued");
        self.services.keep(service, &credential, there);
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
        self.services.forget(service);
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
        ahead((self.clock)(), offset)
    }

    /// The time of this machine.
    fn now(&self) -> KerberosTime {
        KerberosTime::of((self.clock)())
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
    ///
    /// Whoever waited while another failed to log on has failed with it: a KDC that does not answer
    /// is waited for once, and a wrong password is tried once.
    async fn granting(&self) -> Result<Granting, Error> {
        let before = self.log_ons.load(Ordering::SeqCst);
        let mut last = self.log_on.lock().await;
        let now = self.now();
        match &*last {
            LogOn::Done(granting) if self.is_good(granting) => return Ok(granting.clone()),
            LogOn::Failed { error, until }
                if now < *until || before != self.log_ons.load(Ordering::SeqCst) =>
            {
                return Err(error.clone());
            }
            _ => {}
        }
        let outcome = match &self.origin {
            Origin::Logon { client, secret } => self.log_on(client, secret).await,
            Origin::Cache(name) => self.take_over(name),
        };
        *last = match &outcome {
            Ok(granting) => LogOn::Done(granting.clone()),
            Err(error) => {
                let pause = if error.is_logon_failure() { PAUSE } else { Duration::ZERO };
                LogOn::Failed { error: error.clone(), until: now.plus(pause) }
            }
        };
        self.log_ons.fetch_add(1, Ordering::SeqCst);
        outcome
    }

    /// Forgets the log-on, whose ticket the KDC takes no more.
    async fn log_off(&self, ticket: &Credential) {
        let mut last = self.log_on.lock().await;
        if matches!(&*last, LogOn::Done(done) if done.ticket.as_ref().is_some_and(|t| t.ticket == ticket.ticket))
        {
            *last = LogOn::None;
        }
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
            let clock_offset = match seconds_ahead(ticket.auth_time, now) {
                small if small.unsigned_abs() <= NOTABLE_OFFSET => 0,
                offset => offset,
            };
            return Ok(Granting {
                client: ticket.client.clone(),
                ticket: Some(ticket),
                clock_offset,
            });
        }
    }

    /// Takes over all that is good in the cache.
    fn take_over(&self, name: &CacheName) -> Result<Granting, Error> {
        let cached = cached::read(name, &self.options, (self.clock)())?;
        for ticket in cached.services {
            let anywhere = Principal { realm: String::new(), ..ticket.server.clone() };
            self.services.keep(&anywhere, &ticket, self.now());
            self.services.keep(&ticket.server, &ticket, self.now());
        }
        Ok(cached.granting)
    }

    fn no_granting_ticket(&self, client: &Principal) -> Error {
        let realm = &client.realm;
        Error::NoTicket { server: Principal::ticket_granting(realm, realm), client: client.clone() }
    }
}

/// Whether a KDC refuses a ticket for reasons that a new ticket-granting ticket may do away with:
/// its key or policy has changed since it issued the last one.
fn is_about_the_granting_ticket(code: ErrorCode) -> bool {
    matches!(
        code,
        ErrorCode::KDC_ERR_TGT_REVOKED
            | ErrorCode::KRB_AP_ERR_BAD_INTEGRITY
            | ErrorCode::KRB_AP_ERR_TKT_EXPIRED
            | ErrorCode::KRB_AP_ERR_MODIFIED
            | ErrorCode::KRB_AP_ERR_BADKEYVER
            | ErrorCode::KRB_AP_ERR_NOKEY
    )
}

impl fmt::Debug for Tickets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tickets")
            .field("origin", &self.origin)
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}
