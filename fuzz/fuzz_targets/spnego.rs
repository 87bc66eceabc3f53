//! SPNEGO tokens, and acceptors and initiators that are handed them.
#![no_main]

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use libfuzzer_sys::fuzz_target;
use winreach_auth::spnego::messages::{MAX_TOKEN, NegTokenInit, NegTokenResp};
use winreach_auth::{
    AuthLevel, AuthType, Authenticator, Credentials, Initiator, InitiatorSource, ntlm, spnego,
};

fuzz_target!(|data: &[u8]| {
    if let Ok(init) = NegTokenInit::parse(data) {
        let written = init.encode().expect("what was read can be written");
        // The framing, which may be missing, takes some bytes more.
        if written.len() <= MAX_TOKEN {
            assert_eq!(NegTokenInit::parse(&written).as_ref(), Ok(&init));
        }
    }
    if let Ok(resp) = NegTokenResp::parse(data) {
        let written = resp.encode().expect("what was read can be written");
        assert_eq!(NegTokenResp::parse(&written).as_ref(), Ok(&resp));
    }

    // The first two bytes cut the rest into two tokens.
    let (at, rest) = data.split_at(data.len().min(2));
    let at = at.iter().fold(0, |at, byte| at << 8 | usize::from(*byte));
    let (first, second) = rest.split_at(at.min(rest.len()));

    let users = Arc::new(ntlm::UserTable::new());
    let ntlm = ntlm::Authenticator::new(users, ntlm::Target::new("SERVER"));
    let server = spnego::Authenticator::new(Arc::new(ntlm));
    for level in [AuthLevel::Connect, AuthLevel::Privacy] {
        if let Some(mut acceptor) = server.acceptor(AuthType::Spnego, level) {
            for token in [first, second, second] {
                // Whoever knows no password is never let in, whatever they send.
                let Ok(step) = acceptor.step(token) else { break };
                assert!(step.established.is_none());
            }
        }
    }
    let mut initiator = initiator();
    let _ = initiator.step(None);
    for token in [first, second, second] {
        // A server that sends its challenge need not sign: NTLM was the first choice.
        if initiator.step(Some(token)).is_err() {
            break;
        }
    }
});

/// NTLM alone, which waits for nobody.
fn initiator() -> Box<dyn Initiator> {
    let ntlm = ntlm::Source::new(Credentials::new("user", "password".into()));
    let source = spnego::Source::new().with_ntlm(Arc::new(ntlm));
    let future = pin!(source.initiator("HOST/server", AuthLevel::Privacy));
    match future.poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(Ok(initiator)) => initiator,
        _ => unreachable!("NTLM is always to be had"),
    }
}
