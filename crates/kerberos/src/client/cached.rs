//! What a credential cache holds that can be used.

use std::time::{Duration, SystemTime};

use super::Options;
use crate::Principal;
use crate::credential::Credential;
use crate::credentials::{CacheName, CredentialCache};
use crate::error::Error;
use crate::messages::KerberosTime;
use crate::time::{ahead, seconds_ahead};

/// What a log-on gives.
#[derive(Debug, Clone)]
pub(super) struct Granting {
    /// The ticket-granting ticket; a cache may hold tickets for services alone.
    pub(super) ticket: Option<Credential>,
    pub(super) client: Principal,
    /// By how many seconds the KDC's clock is ahead.
    pub(super) clock_offset: i64,
}

/// The tickets of a cache.
pub(super) struct Cached {
    pub(super) granting: Granting,
    /// Those for services that are good now.
    pub(super) services: Vec<Credential>,
}

/// Reads a cache.
///
/// # Errors
/// When it cannot be read, or its ticket-granting ticket is of no use and nothing else is there.
pub(super) fn read(name: &CacheName, options: &Options, now: SystemTime) -> Result<Cached, Error> {
    let cache = CredentialCache::open(name)?;
    let client = cache.default_principal.clone();
    let clock_offset = match cache.time_offset {
        Some(offset) if options.follow_kdc_clock => i64::from(offset.seconds),
        _ => 0,
    };
    let now = ahead(now, clock_offset);
    let is_good = |ticket: &Credential| ticket.is_good_at(KerberosTime::of(now), Duration::ZERO);
    let has_type = |ticket: &Credential| options.etypes.contains(&ticket.key.etype());
    let own = cache.credentials.iter().filter(|entry| entry.client == client && !entry.is_skey);
    let services: Vec<Credential> = own
        .filter(|entry| entry.server.ticket_granting_realm().is_none())
        .filter_map(|entry| Credential::try_from(entry).ok())
        .filter(|ticket| is_good(ticket) && has_type(ticket))
        .collect();
    let ticket = match cache.ticket_granting_ticket().map(Credential::try_from).transpose()? {
        Some(ticket) if !is_good(&ticket) && services.is_empty() => {
            return Err(Error::Expired {
                seconds: seconds_ahead(ticket.end_time, now).saturating_neg(),
                server: ticket.server,
            });
        }
        Some(ticket) if !has_type(&ticket) && services.is_empty() => {
            return Err(Error::EncryptionTypes {
                with: format!("the credential cache {name}"),
                wanted: options.etypes.clone(),
            });
        }
        ticket => ticket.filter(|ticket| is_good(ticket) && has_type(ticket)),
    };
    Ok(Cached { granting: Granting { ticket, client, clock_offset }, services })
}
