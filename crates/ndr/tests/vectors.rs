//! Bytes that other implementations wrote, and bytes that nobody should.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

use uuid::Uuid;
use winreach_ndr::{
    Bstr, Conformant, ConformantVarying, Decode, Decoder, Encode, Encoder, Endian, Error,
    ErrorKind, NarrowString, Octets, Unique, WideString, ndr_struct, pickle,
};

fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u32> = text.chars().filter_map(|c| c.to_digit(16)).collect();
    digits.chunks(2).map(|pair| u8::try_from(pair[0] * 16 + pair[1]).unwrap()).collect()
}

fn stub<T: Encode>(value: &T) -> Vec<u8> {
    let mut encoder = Encoder::new();
    encoder.put(value);
    encoder.finish()
}

fn read<T: Decode>(stub: &[u8]) -> Result<T, Error> {
    let mut decoder = Decoder::new(stub);
    let value = decoder.get()?;
    decoder.finish()?;
    Ok(value)
}

ndr_struct! {
    #[derive(Clone, Debug, PartialEq)]
    struct Element {
        id: u16,
        name: Unique<WideString>,
        stamp: u64,
    }
}

ndr_struct! {
    #[derive(Clone, Debug, PartialEq)]
    struct Outer {
        first: Unique<Inner>,
        tag: u8,
        second: Unique<u16>,
        elements: Unique<Conformant<Element>>,
    }
}

ndr_struct! {
    #[derive(Clone, Debug, PartialEq)]
    struct Inner {
        value: u32,
        below: Unique<u32>,
    }
}

#[test]
fn pointees_come_after_the_outermost_structure_in_the_order_of_their_referents() {
    let outer = Outer {
        first: Unique::some(Inner { value: 1, below: Unique::some(2) }),
        tag: 3,
        second: Unique::some(4),
        elements: Unique::some(Conformant(vec![
            Element { id: 5, name: Unique::some("a".into()), stamp: 6 },
            Element { id: 7, name: Unique::null(), stamp: 8 },
        ])),
    };
    let bytes = hex("00000200 03000000 04000200 08000200  01000000 0c000200 02000000  0400 0000
         02000000 00000000 0500 0000 10000200 0600000000000000 0700 0000 00000000 0800000000000000
         02000000 00000000 02000000 6100 0000");
    assert_eq!(stub(&outer), bytes);
    assert_eq!(read::<Outer>(&bytes), Ok(outer));
}

#[test]
fn a_pointer_parameter_is_followed_by_its_pointee() {
    let mut encoder = Encoder::new();
    encoder.put(&Unique::some(WideString::from("//./root/cimv2")));
    encoder.put(&Unique::<WideString>::null());
    encoder.put(&0u32);
    assert_eq!(
        encoder.finish(),
        hex("00000200 0f000000 00000000 0f000000
             2f002f002e002f0072006f006f0074002f00630069006d0076003200 0000 0000 00000000 00000000")
    );
}

#[test]
fn a_bstr_is_written_as_windows_does_and_read_with_and_without_terminator() {
    let windows = hex("55736572 03000000 06000000 03000000 570051004c00");
    assert_eq!(stub(&Bstr::from("WQL")), windows);
    assert_eq!(read::<Bstr>(&windows), Ok("WQL".into()));
    let terminated = hex("11f60000 04000000 08000000 04000000 570051004c000000");
    assert_eq!(read::<Bstr>(&terminated), Ok("WQL".into()));
}

#[test]
fn a_bstr_that_is_null_is_not_one_that_is_empty() {
    assert_eq!(read::<Bstr>(&hex("00000000")), Ok(Bstr::null()));
    assert_eq!(read::<Bstr>(&hex("01000000 00000000 ffffffff 00000000")), Ok(Bstr::null()));
    assert_eq!(read::<Bstr>(&stub(&Bstr::null())), Ok(Bstr::null()));
    assert_eq!(read::<Bstr>(&stub(&Bstr::from(""))), Ok(Bstr::from("")));
}

#[test]
fn a_narrow_string_counts_its_terminator_and_is_read_without_one() {
    let dc1 = NarrowString::from("DC1");
    let bytes = hex("04000000 00000000 04000000 44433100");
    assert_eq!(stub(&dc1), bytes);
    assert_eq!(read::<NarrowString>(&bytes), Ok(dc1.clone()));
    assert_eq!(read::<NarrowString>(&hex("03000000 00000000 03000000 444331")), Ok(dc1));
    assert_eq!(NarrowString(b"caf\xE9".to_vec()).to_string(), "caf\u{FFFD}");
}

#[test]
fn a_bstr_and_a_counted_pointer_do_not_share_referents() {
    let mut encoder = Encoder::new();
    encoder.put(&Bstr::from("ab"));
    encoder.put(&Unique::some(1u32));
    assert_eq!(
        encoder.finish(),
        hex("55736572 02000000 04000000 02000000 61006200 00000200 01000000")
    );
}

#[test]
fn a_big_endian_peer_is_understood() {
    let id = Uuid::from_u128(0x0011_2233_4455_6677_8899_aabb_ccdd_eeff);
    let bytes = hex("0102 0000 03040506 0708090a0b0c0d0e 00112233445566778899aabbccddeeff 0061");
    let mut decoder = Decoder::with_endian(&bytes, Endian::Big);
    assert_eq!(decoder.u16("a"), Ok(0x0102));
    assert_eq!(decoder.u32("b"), Ok(0x0304_0506));
    assert_eq!(decoder.u64("c"), Ok(0x0708_090a_0b0c_0d0e));
    assert_eq!(decoder.uuid("d"), Ok(id));
    assert_eq!(decoder.units(1, "e"), Ok(vec![0x61]));
    assert_eq!(decoder.finish(), Ok(()));
}

#[test]
fn referents_start_again_in_each_pickle() {
    let inner = Inner { value: 1, below: Unique::some(2) };
    let bytes = pickle::encode(&inner);
    assert_eq!(
        bytes,
        hex("01100800cccccccc 10000000 00000000 01000000 00000200 02000000 00000000")
    );
    assert_eq!(pickle::encode(&inner), bytes);
    let mut decoder = Decoder::new(&bytes);
    assert_eq!(pickle::decode::<Inner>(&mut decoder), Ok(inner.clone()));
    assert_eq!(decoder.finish(), Ok(()));

    let mut big = Decoder::new(&[
        1, 0, 0, 8, 0xCC, 0xCC, 0xCC, 0xCC, 0, 0, 0, 12, 0xCC, 0xCC, 0xCC, 0xCC, 0, 0, 0, 1, 0, 2,
        0, 0, 0, 0, 0, 2,
    ]);
    assert_eq!(pickle::decode::<Inner>(&mut big), Ok(inner));
}

#[test]
fn a_pickle_of_another_version_is_refused() {
    let bytes = hex("02100800cccccccc 10000000 00000000");
    let error = pickle::decode::<u32>(&mut Decoder::new(&bytes)).unwrap_err();
    assert_eq!(error.field, "CommonTypeHeader");
}

#[test]
fn counts_are_compared_with_what_is_there() {
    let error = read::<Conformant<u64>>(&hex("ffffff7f 00000000")).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Count { count: 0x7fff_ffff, available: 4 });
    let error = read::<Octets>(&hex("05000000 01020304")).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Count { count: 5, available: 4 });
    let error = read::<ConformantVarying<u8>>(&hex("01000000 00000000 02000000 0102")).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Disagreement { expected: 1, found: 2 });
    let error = read::<Bstr>(&hex("01000000 02000000 02000000 01000000 61006200")).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Disagreement { expected: 2, found: 1 });
}

#[test]
fn an_error_names_the_field_and_the_place() {
    let error = read::<Outer>(&hex("00000200 03000000 00000000 00000000 01000000")).unwrap_err();
    assert_eq!((error.offset, error.field), (20, "Inner.below"));
    assert_eq!(error.to_string(), "Inner.below, at byte 20 of the stub: 4 bytes wanted, 0 left");
    let error = read::<u32>(&hex("00000200 03")).unwrap_err();
    assert_eq!((error.offset, error.kind), (4, ErrorKind::Trailing(1)));
}

#[test]
fn text_that_is_not_utf16_is_an_error() {
    let error = read::<WideString>(&hex("02000000 00000000 02000000 00d8 0000")).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Utf16);
}
