//! What others leave in files: keytabs and credential caches.

use der::Encode as _;
use winreach_kerberos::credentials::ccache::{self, Times};
use winreach_kerberos::credentials::keytab::Entry;
use winreach_kerberos::credentials::{CredentialCache, Keytab, RawKey};
use winreach_kerberos::crypto::Key;
use winreach_kerberos::messages::KerberosTime;
use winreach_kerberos::{Credential, Principal};

use crate::kdc::TestKdc;

impl TestKdc {
    /// The keys of some accounts, named with their realms.
    ///
    /// # Panics
    /// Where the KDC does not know one of them.
    #[must_use]
    pub fn keytab(&self, accounts: &[&str]) -> Keytab {
        let mut keytab = Keytab::new();
        for name in accounts {
            let principal: Principal = name.parse().unwrap();
            let realm = self.realm(&principal.realm).expect("a realm");
            let account = realm.account(&principal).expect("an account");
            for key in &account.keys {
                keytab.add(Entry {
                    principal: account.name.clone(),
                    timestamp: 0,
                    kvno: account.kvno,
                    key: raw(key),
                });
            }
        }
        keytab
    }

    /// A credential cache that holds some tickets of one client.
    ///
    /// # Panics
    /// Where there is no ticket.
    #[must_use]
    pub fn cache(tickets: &[Credential]) -> CredentialCache {
        let client = tickets.first().expect("a ticket").client.clone();
        let mut cache = CredentialCache::new(client);
        cache.credentials = tickets.iter().map(cached).collect();
        cache
    }
}

fn raw(key: &Key) -> RawKey {
    RawKey::new(key.etype().code(), key.as_bytes())
}

fn cached(credential: &Credential) -> ccache::Credential {
    let time = |time: KerberosTime| u32::try_from(time.0).unwrap();
    ccache::Credential {
        client: credential.client.clone(),
        server: credential.server.clone(),
        key: raw(&credential.key),
        times: Times {
            auth: time(credential.auth_time),
            start: time(credential.start_time),
            end: time(credential.end_time),
            renew_till: credential.renew_till.map_or(0, time),
        },
        is_skey: false,
        ticket_flags: credential.flags.0,
        addresses: Vec::new(),
        authdata: Vec::new(),
        ticket: credential.ticket.to_der().unwrap(),
        second_ticket: Vec::new(),
    }
}
