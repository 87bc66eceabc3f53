//! The transport of a machine on a network.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_core::future::BoxFuture;
use tokio::time::Instant;
use tracing::debug;
use winreach_kerberos::transport::{KdcTransport, Place, TransportError};

use crate::dns::Dns;
use crate::exchange::{Exchange, Hint};
use crate::realms::kdcs_of;
use crate::{KdcAddress, Realms};

const DEFAULT_TIMEOUT: Duration = Duration::from_secs(10);
/// How many realms are remembered; a server that refers from realm to realm must not fill the
/// memory.
const MAX_REMEMBERED: usize = 64;

/// The KDCs of realms, on the network.
///
/// KDCs are looked for in three places, and the first that names one counts: those that were given
/// by [`with_kdc`](Self::with_kdc), [`Realms`], and DNS. One KDC after the other is asked, each a
/// second after the one before, or at once where that one is out of the question. A request goes by
/// UDP first if it is short enough for [`Realms::udp_preference_limit`]; a KDC that is silent is
/// asked in the other way too. The first answer counts. Its KDC is asked first the next time.
///
/// Must be used within a tokio runtime.
#[derive(Debug)]
pub struct Kdc {
    given: HashMap<String, Vec<KdcAddress>>,
    realms: Realms,
    dns: Dns,
    timeout: Duration,
    remembered: Mutex<HashMap<String, Hint>>,
}

impl Default for Kdc {
    /// Only DNS knows the KDCs.
    fn default() -> Self {
        Self::new(Realms::default())
    }
}

impl Kdc {
    /// The KDCs that the configuration names, or DNS where it names none.
    #[must_use]
    pub fn new(realms: Realms) -> Self {
        Self {
            given: HashMap::new(),
            realms,
            dns: Dns::default(),
            timeout: DEFAULT_TIMEOUT,
            remembered: Mutex::default(),
        }
    }

    /// Adds a KDC of `realm`. Realms with a KDC so given are looked for nowhere else.
    #[must_use]
    pub fn with_kdc(mut self, realm: impl Into<String>, kdc: KdcAddress) -> Self {
        self.given.entry(realm.into()).or_default().push(kdc);
        self
    }

    /// Asks this name server for SRV records, and not those that the system knows.
    #[must_use]
    pub fn with_name_server(mut self, name_server: SocketAddr) -> Self {
        self.dns = Dns::at(name_server);
        self
    }

    /// How long an exchange may take from the search for KDCs to the answer; 10 seconds if nothing
    /// else is said. DNS has half of it at most.
    #[must_use]
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// The KDCs of a realm in the order in which to ask them; at least one.
    async fn kdcs(&self, realm: &str, dns: Instant) -> Result<Vec<KdcAddress>, TransportError> {
        let named = kdcs_of(&self.given, realm).or_else(|| kdcs_of(&self.realms.map, realm));
        if let Some(kdcs) = named {
            return Ok(kdcs.clone());
        }
        let in_dns = if self.realms.dns_lookup_kdc {
            self.dns.kdcs(realm, dns).await
        } else {
            Err(vec![Place::DnsOff])
        };
        in_dns.map_err(|places| {
            let mut looked = vec![Place::Options, Place::Files(self.realms.files.clone())];
            looked.extend(places);
            TransportError::NoKdc { realm: realm.to_owned(), looked }
        })
    }

    async fn ask(&self, realm: &str, request: &[u8]) -> Result<Vec<u8>, TransportError> {
        let start = Instant::now();
        let mut kdcs = self.kdcs(realm, start + self.timeout / 2).await?;
        let hint = self.remembered().get(realm).cloned();
        if let Some(hint) = &hint {
            // Stable: the others keep their order.
            kdcs.sort_by_key(|kdc| *kdc != hint.kdc);
        }
        let exchange = Exchange::new(request, kdcs, self.realms.udp_preference_limit, hint);
        match exchange.run(start + self.timeout).await {
            Ok(answer) => {
                debug!(?realm, kdc = %answer.hint.kdc, address = %answer.hint.address, "a KDC answered");
                self.remember(realm, answer.hint);
                Ok(answer.bytes)
            }
            Err(failed) if failed.timeout => Err(TransportError::Timeout {
                realm: realm.to_owned(),
                after: self.timeout,
                attempts: failed.attempts,
            }),
            Err(failed) => Err(TransportError::Unreachable {
                realm: realm.to_owned(),
                attempts: failed.attempts,
            }),
        }
    }

    fn remember(&self, realm: &str, hint: Hint) {
        let mut remembered = self.remembered();
        if remembered.len() >= MAX_REMEMBERED && !remembered.contains_key(realm) {
            remembered.clear();
        }
        remembered.insert(realm.to_owned(), hint);
    }

    fn remembered(&self) -> MutexGuard<'_, HashMap<String, Hint>> {
        self.remembered.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl KdcTransport for Kdc {
    fn exchange<'a>(
        &'a self,
        realm: &'a str,
        request: &'a [u8],
    ) -> BoxFuture<'a, Result<Vec<u8>, TransportError>> {
        Box::pin(self.ask(realm, request))
    }
}
