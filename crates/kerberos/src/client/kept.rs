//! Tickets for services that were got and may be shown again.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::LEEWAY;
use crate::Principal;
use crate::credential::Credential;
use crate::messages::KerberosTime;

/// More than this are not kept: the oldest are got again.
const MAX_KEPT: usize = 65_536;

/// Tickets by the name under which they were asked for.
#[derive(Default)]
pub(super) struct ServiceTickets(Mutex<HashMap<Principal, Credential>>);

impl ServiceTickets {
    /// The ticket for a service, if it is good for a while.
    pub(super) fn get(&self, service: &Principal, now: KerberosTime) -> Option<Credential> {
        let known = self.lock();
        known.get(service).filter(|ticket| ticket.is_good_at(now, LEEWAY)).cloned()
    }

    /// Keeps a ticket in place of an older one.
    pub(super) fn keep(&self, service: &Principal, ticket: &Credential, now: KerberosTime) {
        let mut known = self.lock();
        if known.len() >= MAX_KEPT {
            known.retain(|_, ticket| ticket.is_good_at(now, LEEWAY));
            if known.len() >= MAX_KEPT {
                known.clear();
            }
        }
        known.insert(service.clone(), ticket.clone());
    }

    pub(super) fn forget(&self, service: &Principal) {
        self.lock().remove(service);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Principal, Credential>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
