//! Signing and sealing of PDUs under NTLM: the cost of every byte of a protected connection.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a benchmark may stop")]

use std::sync::Arc;

use divan::Bencher;
use divan::counter::BytesCount;
use winreach_auth::{
    AuthLevel, AuthType, Authenticator as _, Credentials, Pdu, SecurityContext, ntlm,
};

fn main() {
    divan::main();
}

/// Bodies of one small call, of one fragment as Windows cuts them, and of a large fragment.
const BODIES: [usize; 3] = [256, 5_800, 65_000];

const LEVELS: [AuthLevel; 2] = [AuthLevel::Integrity, AuthLevel::Privacy];

fn contexts(level: AuthLevel) -> (Box<dyn SecurityContext>, Box<dyn SecurityContext>) {
    let mut users = ntlm::UserTable::new();
    users.insert("alice", ntlm::NtHash::of_password("open sesame"));
    let server = ntlm::Authenticator::new(Arc::new(users), ntlm::Target::new("SERVER"));
    let client = ntlm::Source::new(Credentials::new("alice", "open sesame".into()));
    let mut initiator = client.begin("HOST/server", level).unwrap();
    let mut acceptor = server.acceptor(AuthType::Ntlm, level).unwrap();
    let negotiate = initiator.step(None).unwrap().token;
    let challenge = acceptor.step(&negotiate.unwrap()).unwrap().token;
    let step = initiator.step(challenge.as_deref()).unwrap();
    let accepted = acceptor.step(&step.token.unwrap()).unwrap();
    (step.established.unwrap().context, accepted.established.unwrap().context)
}

fn pdu<'a>(header: &'a [u8], body: &'a mut [u8], trailer: &'a [u8]) -> Pdu<'a> {
    Pdu { header, body, trailer, sign_header: true }
}

#[divan::bench(args = BODIES, consts = [0, 1])]
fn protect<const LEVEL: usize>(bencher: Bencher, len: usize) {
    let level = LEVELS[LEVEL];
    let (mut client, _) = contexts(level);
    let (header, trailer) = ([0; 24], [0; 8]);
    let (mut body, mut token) = (vec![0; len], [0; 16]);
    bencher
        .counter(BytesCount::new(len))
        .bench_local(|| client.protect(level, pdu(&header, &mut body, &trailer), &mut token));
}

#[divan::bench(args = BODIES, consts = [0, 1])]
fn protect_and_unprotect<const LEVEL: usize>(bencher: Bencher, len: usize) {
    let level = LEVELS[LEVEL];
    let (mut client, mut server) = contexts(level);
    let (header, trailer) = ([0; 24], [0; 8]);
    let (mut body, mut token) = (vec![0; len], [0; 16]);
    bencher.counter(BytesCount::new(len)).bench_local(|| {
        client.protect(level, pdu(&header, &mut body, &trailer), &mut token).unwrap();
        server.unprotect(level, pdu(&header, &mut body, &trailer), &token).unwrap();
    });
}

/// The three legs of an exchange, both sides.
#[divan::bench]
fn exchange() -> (Box<dyn SecurityContext>, Box<dyn SecurityContext>) {
    contexts(AuthLevel::Privacy)
}
