//! Damaged answers are errors: never a panic, a hang, or other rows.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod support;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use support::fake::Fake;
use support::network::{Damage, Network};
use support::recorded::Answers;
use support::{locator, recorded};
use tokio::time::Instant;
use winreach_cim::{Instance, Object};
use winreach_wmi::{Enumeration, Error, ErrorKind, Options, Row};

const LIMIT: Duration = Duration::from_secs(60);

/// Everything that a client does: connect, query, get. The time does not pass the limit.
async fn session(network: &Arc<Network>) -> Result<(Vec<Instance>, Object), Error> {
    let begun = Instant::now();
    let result = async {
        let services = locator(network).deadline(begun + LIMIT).connect().await?;
        let options = Options { enumeration: Enumeration::Smart, ..Options::default() };
        let rows = services.query_with("SELECT * FROM X", &options).await?.collect().await?;
        let rows = rows.iter().map(Row::to_instance).collect::<Result<_, _>>()?;
        Ok((rows, services.get("X").await?))
    };
    let result = result.await;
    assert!(begun.elapsed() <= LIMIT, "the deadline was passed over");
    result
}

/// A session with a server of three rows, over connections that are damaged.
async fn over_damaged(fault: Option<(usize, Damage)>) -> (Result<Vec<Instance>, Error>, usize) {
    let network = Network::damaged(Arc::new(Fake::new(3)).ports(), fault);
    let result = session(&network).await.map(|(rows, _)| rows);
    (result, network.received())
}

#[tokio::test(start_paused = true)]
async fn connections_cut_at_any_byte_are_errors() {
    let (whole, total) = over_damaged(None).await;
    assert_eq!(whole.unwrap().len(), 3);
    for at in (0..total).step_by(7) {
        let error = over_damaged(Some((at, Damage::Cut))).await.0.unwrap_err();
        assert_ne!(error.kind(), ErrorKind::Misuse, "{at} of {total}: {error}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_bit_that_flips_on_the_way_never_makes_other_rows() {
    let (whole, total) = over_damaged(None).await;
    let whole = whole.unwrap();
    let mut refused = 0;
    for at in (0..total).step_by(7) {
        let bit = u8::try_from(at % 8).unwrap();
        match over_damaged(Some((at, Damage::Flip(bit)))).await.0 {
            Ok(rows) => assert_eq!(rows, whole, "bit {bit} of byte {at}"),
            Err(_) => refused += 1,
        }
    }
    // What has no effect lies in the parts of a bind that nobody reads.
    assert!(refused > total / 7 * 8 / 10, "{refused} of {} refused", total / 7);
}

/// A session with a server that answers `answers`, and whether it was good.
async fn with_answers(answers: Answers) -> bool {
    session(&Network::new(recorded::ports(answers))).await.is_ok()
}

fn damaged(answers: &Answers, damage: impl Fn(&Bytes) -> Option<Bytes>) -> Vec<Answers> {
    let mut variants = Vec::new();
    for (method, stubs) in answers {
        for (at, stub) in stubs.iter().enumerate() {
            if let Some(stub) = damage(stub) {
                let mut variant = answers.clone();
                variant.get_mut(method).unwrap()[at] = stub;
                variants.push(variant);
            }
        }
    }
    variants
}

#[tokio::test(start_paused = true)]
async fn recorded_answers_cut_anywhere_are_errors() {
    let Some(answers) = recorded::answers() else { return };
    assert!(with_answers(answers.clone()).await);
    for length in (0..200).step_by(3).chain((200..40_000).step_by(997)) {
        let cut = |stub: &Bytes| (length < stub.len()).then(|| stub.slice(..length));
        for variant in damaged(&answers, cut) {
            assert!(!with_answers(variant).await, "{length} bytes are enough");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn recorded_answers_with_a_bit_flipped_are_errors_or_values() {
    let Some(answers) = recorded::answers() else { return };
    for bit in (0..8 * 1000).step_by(53).chain((8000..8 * 34_000).step_by(6007)) {
        let flip = |stub: &Bytes| {
            let mut stub = stub.to_vec();
            *stub.get_mut(bit / 8)? ^= 1 << (bit % 8);
            Some(stub.into())
        };
        for variant in damaged(&answers, flip) {
            with_answers(variant).await;
        }
    }
}
