//! Credential caches. What is read is written to something that reads as the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use winreach_kerberos::credentials::CredentialCache;

fuzz_target!(|data: &[u8]| {
    let Ok(cache) = CredentialCache::parse(data) else { return };
    let _ = cache.ticket_granting_ticket();
    for credential in &cache.credentials {
        // Of those that are for services, one is found for the client of each.
        let found = cache.find_for(&credential.client, &credential.server);
        assert!(credential.is_skey || found.is_some());
    }
    let bytes = cache.to_bytes().expect("what was read has room in a file");
    assert_eq!(CredentialCache::parse(&bytes).as_ref(), Ok(&cache));
});
