//! Speed of the hot path: one mebibyte from client to server, cut into fragments, protected, opened
//! and joined again.

#![allow(clippy::unwrap_used, reason = "a benchmark")]

#[path = "../tests/common/mod.rs"]
mod common;

use bytes::Bytes;
use common::{FIRST, Pair, call, pattern};
use divan::Bencher;
use divan::counter::BytesCount;
use winreach_auth::AuthLevel;

fn main() {
    divan::main();
}

const LEVELS: [Option<AuthLevel>; 3] = [None, Some(AuthLevel::Integrity), Some(AuthLevel::Privacy)];

#[divan::bench(args = LEVELS)]
fn one_mebibyte(bencher: Bencher<'_, '_>, level: Option<AuthLevel>) {
    let mut pair = Pair::bound(level);
    pair.echo(FIRST, Bytes::new()).unwrap();
    let stub = pattern(1024 * 1024);
    bencher.counter(BytesCount::new(stub.len())).bench_local(|| {
        pair.client.call(call(FIRST, stub.clone()));
        while let Some(batch) = pair.client.poll_transmit().unwrap() {
            // What a read from a stream gives.
            let mut arrived = batch.try_into_mut().unwrap();
            pair.server.handle_input(&mut arrived).unwrap();
        }
        let (id, request) = pair.requests().pop().unwrap();
        assert_eq!(request.stub.len(), stub.len());
        pair.server.respond(id, Ok(Bytes::new()));
        pair.run().unwrap();
        while pair.client.poll_event().is_some() {}
    });
}
