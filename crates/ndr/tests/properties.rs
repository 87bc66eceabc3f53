//! What holds for every value, and for every run of bytes.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

use proptest::prelude::*;
use winreach_ndr::{
    Bstr, Conformant, ConformantVarying, Decode, Decoder, Encode, Encoder, NarrowString, Octets,
    Unique, WideString, ndr_struct, pickle,
};

ndr_struct! {
    #[derive(Clone, Debug, PartialEq)]
    struct Leaf {
        small: u8,
        text: Unique<WideString>,
        octets: Unique<NarrowString>,
        wide: u64,
    }
}

ndr_struct! {
    #[derive(Clone, Debug, PartialEq)]
    struct Tree {
        tag: u16,
        leaf: Unique<Leaf>,
        leaves: Unique<Conformant<Leaf>>,
        pointers: Unique<Conformant<Unique<Octets>>>,
        name: Bstr,
        window: Unique<ConformantVarying<u16>>,
        fixed: [u32; 3],
        signed: i32,
    }
}

/// Text without a NUL at its end, which a reader takes off.
fn text() -> impl Strategy<Value = String> {
    "[^\u{0}]{0,12}"
}

fn unique<T: std::fmt::Debug>(inner: impl Strategy<Value = T>) -> impl Strategy<Value = Unique<T>> {
    proptest::option::of(inner).prop_map(Unique)
}

fn leaf() -> impl Strategy<Value = Leaf> {
    let octets = proptest::collection::vec(1..=u8::MAX, 0..9).prop_map(NarrowString);
    (any::<u8>(), unique(text().prop_map(WideString)), unique(octets), any::<u64>())
        .prop_map(|(small, text, octets, wide)| Leaf { small, text, octets, wide })
}

fn tree() -> impl Strategy<Value = Tree> {
    let octets = proptest::collection::vec(any::<u8>(), 0..9).prop_map(Octets);
    let window = (proptest::collection::vec(any::<u16>(), 0..5), 5u32..9)
        .prop_map(|(elements, max_count)| ConformantVarying { max_count, elements });
    (
        any::<u16>(),
        unique(leaf()),
        unique(proptest::collection::vec(leaf(), 0..4).prop_map(Conformant)),
        unique(proptest::collection::vec(unique(octets), 0..4).prop_map(Conformant)),
        proptest::option::of(text()).prop_map(Bstr),
        unique(window),
        any::<[u32; 3]>(),
        any::<i32>(),
    )
        .prop_map(|(tag, leaf, leaves, pointers, name, window, fixed, signed)| Tree {
            tag,
            leaf,
            leaves,
            pointers,
            name,
            window,
            fixed,
            signed,
        })
}

fn stub<T: Encode>(value: &T) -> Vec<u8> {
    let mut encoder = Encoder::new();
    encoder.put(value);
    encoder.finish()
}

fn read<T: Decode>(stub: &[u8]) -> Result<T, winreach_ndr::Error> {
    let mut decoder = Decoder::new(stub);
    let value = decoder.get()?;
    decoder.finish()?;
    Ok(value)
}

proptest! {
    #[test]
    fn what_was_written_is_read(tree in tree()) {
        prop_assert_eq!(read::<Tree>(&stub(&tree)), Ok(tree));
    }

    #[test]
    fn what_was_pickled_is_read(tree in tree()) {
        let bytes = pickle::encode(&tree);
        prop_assert_eq!(bytes.len() % 8, 0);
        prop_assert_eq!(pickle::decode::<Tree>(&mut Decoder::new(&bytes)), Ok(tree));
    }

    #[test]
    fn a_stub_cut_short_is_an_error(tree in tree(), cut in any::<prop::sample::Index>()) {
        let bytes = stub(&tree);
        let cut = cut.index(bytes.len());
        prop_assert!(read::<Tree>(&bytes[..cut]).is_err());
    }

    #[test]
    fn a_flipped_bit_never_panics(tree in tree(), at in any::<prop::sample::Index>(), bit in 0..8u32) {
        let mut bytes = stub(&tree);
        let at = at.index(bytes.len());
        bytes[at] ^= 1u8 << bit;
        let _ = read::<Tree>(&bytes);
        let _ = pickle::decode::<Tree>(&mut Decoder::new(&bytes));
    }

    #[test]
    fn noise_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = read::<Tree>(&bytes);
        let _ = pickle::decode::<Tree>(&mut Decoder::new(&bytes));
    }
}
