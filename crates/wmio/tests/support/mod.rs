//! What the tests share.
#![allow(dead_code)] // Not every test uses all of it.

use std::collections::BTreeMap;

use winreach_wmio::encode::{Chance, Leftover};

/// Feeds in, at the places that Windows leaves to chance and nowhere else, what a recorded object
/// has there; and keeps account of it.
#[derive(Default)]
pub(crate) struct Recorded<'r> {
    bytes: &'r [u8],
    order: Option<Vec<usize>>,
    replaced: &'static [&'static [u8]],
    /// How many octets differed from what the encoder would have put, by place.
    pub(crate) fed: BTreeMap<String, usize>,
    /// How many octets were put in that no encoder needs, by place.
    pub(crate) spare: BTreeMap<String, usize>,
}

impl<'r> Recorded<'r> {
    pub(crate) fn new(bytes: &'r [u8]) -> Self {
        Self { bytes, ..Self::default() }
    }

    /// The order in which the values of the instance were put.
    pub(crate) fn order(mut self, order: Vec<usize>) -> Self {
        self.order = Some(order);
        self
    }

    /// What is left of values that were overwritten.
    pub(crate) fn replaced(mut self, replaced: &'static [&'static [u8]]) -> Self {
        self.replaced = replaced;
        self
    }
}

impl Chance for Recorded<'_> {
    fn fill(&mut self, place: Leftover, at: usize, octets: &mut [u8]) {
        for (octet, at) in octets.iter_mut().zip(at..) {
            // A document that stops short has nothing to compare with.
            let recorded = self.bytes.get(at).copied().unwrap_or(*octet);
            if *octet != recorded {
                *self.fed.entry(place_name(place)).or_default() += 1;
            }
            *octet = recorded;
        }
    }

    fn spare(&mut self, place: Leftover, at: usize) -> Vec<u8> {
        let rest = self.bytes.get(at..).unwrap_or_default();
        let spare = match place {
            Leftover::ReplacedValue => {
                let found = self.replaced.iter().find(|replaced| rest.starts_with(replaced));
                found.map(|replaced| replaced.to_vec()).unwrap_or_default()
            }
            // All of these are zeros, and what follows them never begins with one.
            _ => vec![0; rest.iter().take_while(|octet| **octet == 0).count()],
        };
        if !spare.is_empty() {
            *self.spare.entry(place_name(place)).or_default() += spare.len();
        }
        spare
    }

    fn order(&mut self) -> Option<Vec<usize>> {
        self.order.clone()
    }
}

/// Checks how many octets were put in, by place.
#[track_caller]
pub(crate) fn assert_counts(found: &BTreeMap<String, usize>, expected: &[(&str, usize)]) {
    let found: Vec<_> = found.iter().map(|(place, count)| (place.as_str(), *count)).collect();
    assert_eq!(found, expected);
}

fn place_name(place: Leftover) -> String {
    format!("{place:?}")
}

/// Fails with the first place where two runs of bytes differ.
#[track_caller]
pub(crate) fn assert_same(name: &str, left: &[u8], right: &[u8]) {
    let at = left.iter().zip(right).position(|(l, r)| l != r);
    let at = at.or((left.len() != right.len()).then_some(left.len().min(right.len())));
    if let Some(at) = at {
        let around = |bytes: &[u8]| {
            let from = at.saturating_sub(24).min(bytes.len());
            hex(&bytes[from..bytes.len().min(at + 48)])
        };
        panic!(
            "{name}: {} octets against {}, first difference at {at}:\n{}\n{}",
            left.len(),
            right.len(),
            around(left),
            around(right)
        );
    }
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x} ")).collect()
}

/// The octets of a text of hexadecimal digits.
pub(crate) fn unhex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> =
        text.chars().filter_map(|c| c.to_digit(16)).map(|d| d.try_into().unwrap()).collect();
    digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect()
}

/// A recording, where the recordings are at hand.
pub(crate) fn recording(name: &str) -> Option<Vec<u8>> {
    let path = format!("{}/../../../shared/captures/wmio/{name}", env!("CARGO_MANIFEST_DIR"));
    let bytes = std::fs::read(&path).ok();
    if bytes.is_none() {
        eprintln!("SKIPPED: the recording {name} is not at hand");
    }
    bytes
}
