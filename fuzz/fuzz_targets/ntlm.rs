//! NTLM messages, and an acceptor and an initiator that are handed them.
#![no_main]

use std::sync::Arc;

use libfuzzer_sys::fuzz_target;
use winreach_auth::{AuthLevel, AuthType, Authenticator, Credentials, ntlm};

fuzz_target!(|data: &[u8]| {
    let _ = ntlm::messages::Negotiate::parse(data);
    let _ = ntlm::messages::Challenge::parse(data);
    let _ = ntlm::messages::Authenticate::parse(data);

    let authenticator =
        ntlm::Authenticator::new(Arc::new(ntlm::UserTable::new()), ntlm::Target::new("SERVER"));
    if let Some(mut acceptor) = authenticator.acceptor(AuthType::Ntlm, AuthLevel::Privacy) {
        let negotiate = acceptor.step(data);
        // Whoever knows no password is never let in, whatever they send.
        if negotiate.is_ok() {
            assert!(acceptor.step(data).is_err());
        }
    }
    let source = ntlm::Source::new(Credentials::new("user", "password".into()));
    if let Ok(mut initiator) = source.begin("HOST/server", AuthLevel::Privacy) {
        let _ = initiator.step(None);
        let _ = initiator.step(Some(data));
    }
});
