//! Keytabs as sources of a service's keys.

use super::KeySource;
use crate::Principal;
use crate::credentials::Keytab;
use crate::credentials::keytab::Entry;
use crate::crypto::{EncryptionType, Key};

/// More keys than this are not tried on one ticket.
const MAX_TRIED: usize = 64;

impl KeySource for Keytab {
    /// The keys under the name of the ticket first, the others after them: a host's account has one
    /// key for all of its services (`host`, `RPCSS`, `HTTP` and more), and its keytab need not list
    /// them all.
    fn keys(&self, server: &Principal, etype: i32, kvno: Option<u32>) -> Vec<Key> {
        let Some(known) = EncryptionType::from_code(etype) else { return Vec::new() };
        let mut entries: Vec<&Entry> =
            self.entries().iter().filter(|entry| entry.key.etype == etype).collect();
        // Stable: within each kind the order of the file stays.
        entries.sort_by_key(|entry| {
            let is_named = entry.principal.same_name_ignoring_case(server);
            let is_version = kvno.is_none_or(|kvno| entry.kvno == kvno);
            (!is_named, !is_version, std::cmp::Reverse(entry.kvno))
        });
        entries.truncate(MAX_TRIED);
        entries.into_iter().filter_map(|entry| Key::new(known, &entry.key.bytes).ok()).collect()
    }
}
