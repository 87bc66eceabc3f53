//! Signing and sealing of messages under Kerberos: the cost of every byte of a protected
//! connection.

#![allow(clippy::unwrap_used, reason = "a benchmark may stop")]

use divan::Bencher;
use divan::counter::BytesCount;
use winreach_kerberos::crypto::{EncryptionType, Key};
use winreach_kerberos::protection::{Protection, Role};

fn main() {
    divan::main();
}

/// The body of one fragment as Windows cuts them, and one that is not whole blocks.
const BODIES: [usize; 2] = [5_696, 5_700];

const TYPES: [EncryptionType; 3] = [
    EncryptionType::Aes256CtsHmacSha1,
    EncryptionType::Aes256CtsHmacSha384,
    EncryptionType::Rc4Hmac,
];

fn ends(etype: EncryptionType) -> (Protection, Protection) {
    let key = Key::random(etype).unwrap();
    let client = Protection::new(&key, true, Role::Initiator, 1, 2);
    (client, Protection::new(&key, true, Role::Acceptor, 2, 1))
}

#[divan::bench(args = BODIES, consts = [0, 1, 2])]
fn seal_and_unseal<const TYPE: usize>(bencher: Bencher, len: usize) {
    let (mut client, mut server) = ends(*TYPES.get(TYPE).unwrap());
    let (header, trailer) = ([0; 24], [0; 8]);
    let (mut body, mut token) = (vec![0; len], vec![0; client.seal_len()]);
    bencher.counter(BytesCount::new(len)).bench_local(|| {
        client.seal(&header, &mut body, &trailer, true, &mut token).unwrap();
        server.unseal(&header, &mut body, &trailer, true, &token).unwrap();
    });
}

#[divan::bench(args = BODIES, consts = [0, 1, 2])]
fn sign_and_verify<const TYPE: usize>(bencher: Bencher, len: usize) {
    let (mut client, mut server) = ends(*TYPES.get(TYPE).unwrap());
    let (body, mut token) = (vec![0; len], vec![0; client.mic_len()]);
    let parts = [[0; 24].as_slice(), &body, &[0; 8]];
    bencher.counter(BytesCount::new(len)).bench_local(|| {
        client.sign(&parts, &mut token).unwrap();
        server.verify(&parts, &token).unwrap();
    });
}

/// The keys of a new connection.
#[divan::bench(consts = [0, 1, 2])]
fn keys<const TYPE: usize>() -> (Protection, Protection) {
    ends(*TYPES.get(TYPE).unwrap())
}
