//! Forms that recorded Windows traffic does not show: those of other peers, and hostile ones.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

use bytes::Bytes;
use proptest::prelude::*;
use uuid::Uuid;
use winreach_wmi_proto::enumerator::{self, Objects};
use winreach_wmi_proto::services::{ExecMethod, ExecQuery, GetObject};
use winreach_wmi_proto::smart::Packet;
use winreach_wmi_proto::{
    ClassObject, Context, Endian, Flags, HResult, Parameters, Response, Slot, Timeout, Variant,
    VariantArray, VariantType,
};

fn decode<T: Parameters>(stub: impl Into<Bytes>) -> Result<T, winreach_wmi_proto::Error> {
    T::decode(&stub.into(), Endian::Little)
}

fn words(words: &[u32]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_le_bytes()).collect()
}

fn object(bytes: &'static [u8]) -> ClassObject {
    ClassObject(Bytes::from_static(bytes))
}

/// A `BSTR` with a terminator that is counted, as impacket writes one.
fn terminated(text: &str) -> Vec<u8> {
    let units: Vec<u16> = text.encode_utf16().chain([0]).collect();
    let count = u32::try_from(units.len()).unwrap();
    let mut out = words(&[0x1234, count, 2 * count, count]);
    out.extend(units.iter().flat_map(|unit| unit.to_le_bytes()));
    out.resize(out.len().next_multiple_of(4), 0xBF);
    out
}

#[test]
fn impacket_asks_for_an_object_and_leaves_bytes_behind() {
    let stub = [terminated("Win32_Process"), words(&[0, 0, 0x99, 0, 0, 0x98, 0, 0])].concat();
    let request: GetObject = decode(stub).unwrap();
    assert_eq!(request.path.as_str(), "Win32_Process");
    assert_eq!((&request.object, &request.call), (&Slot::Empty, &Slot::Absent));
}

#[test]
fn an_empty_interface_pointer_is_null() {
    let tail = words(&[0, 0, 0, 1, 2, 0, 0, 3, 4, 0, 0]);
    let stub = [terminated("Win32_Process"), terminated("Create"), tail].concat();
    let request: ExecMethod = decode(stub).unwrap();
    assert_eq!(request.method.as_str(), "Create");
    assert_eq!((request.input, request.output, request.call), (None, Slot::Empty, Slot::Empty));
}

#[test]
fn the_answer_has_the_state_that_was_asked_for() {
    let value = object(b"unit");
    assert_eq!(Slot::<ClassObject>::Absent.answer(Some(value.clone())), Slot::Absent);
    assert_eq!(Slot::<ClassObject>::Empty.answer(Some(value.clone())), Slot::Filled(value));
    assert_eq!(Slot::<ClassObject>::Empty.answer(None::<ClassObject>), Slot::Empty);
    assert_eq!(Slot::<ClassObject>::Empty.encode(), words(&[0x0002_0000, 0]));
    assert_eq!(Slot::<ClassObject>::Absent.encode(), words(&[0]));
}

#[test]
fn objects_travel_in_an_array_with_room_for_more() {
    let out = Objects { capacity: 10, objects: vec![object(b"first"), object(b"second one")] };
    let response = Response { out, status: HResult::FALSE };
    let stub = Bytes::from(response.encode());
    let start = words(&[10, 0, 2, 0x0002_0000, 0x0002_0004, 48 + 5, 48 + 5]);
    assert_eq!(stub[..start.len()], start);
    let end = words(&[2, 1]);
    assert_eq!(stub[stub.len() - end.len()..], end);
    let decoded: Response<Objects> = decode(stub.clone()).unwrap();
    assert_eq!(decoded, response);
    let first = &decoded.out.objects[0].0;
    assert!(stub.as_ptr_range().contains(&first.as_ptr()), "the object was copied");
}

#[test]
fn an_array_that_lies_is_refused() {
    for (stub, field) in [
        (words(&[10, 0, u32::MAX, 0, 0]), "Next.apObjects.actual_count"),
        (words(&[10, 1, 0, 0, 0]), "Next.apObjects.offset"),
        (words(&[10, 0, 1, 0, 1, 0]), "Next.apObjects"),
        (words(&[10, 0, 0, 1, 0]), "Next.puReturned"),
        (words(&[0, 0, 1, 1, 4, 4, 0, 1, 0]), "OBJREF.signature"),
    ] {
        let error = decode::<Response<Objects>>(stub).unwrap_err();
        assert_eq!(error.field, field, "{error}");
    }
}

#[test]
fn a_packet_must_be_as_long_as_it_says() {
    let good = decode::<Packet>(words(&[1, 4, 0x0002_0000, 4, 0xABCD])).unwrap();
    assert_eq!((good.returned, good.objects.len()), (1, 4));
    for stub in [words(&[1, 4, 0x0002_0000, 8, 0, 0]), words(&[1, 4, 0]), words(&[1, 4, 1, 4])] {
        assert!(decode::<Packet>(stub).is_err());
    }
}

#[test]
fn a_big_endian_peer_is_understood() {
    let stub: Vec<u8> = [5_u32, 7].iter().flat_map(|word| word.to_be_bytes()).collect();
    let next = enumerator::Next::decode(&stub.into(), Endian::Big).unwrap();
    assert_eq!(next, enumerator::Next { timeout: Timeout(5), count: 7 });
}

#[test]
fn a_context_has_the_layout_of_the_specification() {
    let context = Context { id: Uuid::nil(), values: Vec::new() }
        .with("A", Variant::Sint32(64))
        .with("B", Variant::String("xy".into()));
    let request = ExecQuery {
        language: "WQL".into(),
        query: "q".into(),
        flags: Flags::empty(),
        context: Some(context),
    };
    let stub = request.encode();
    let data = [
        &1_u32.to_le_bytes()[..],
        &[0; 16],
        &2_u32.to_le_bytes(),
        &[1, 0, 0, 0, b'A', 0, 0, 0, 0, 0, 3, 0, 64, 0, 0, 0, 0, 0, 0, 0],
        &[1, 0, 0, 0, b'B', 0, 0, 0, 0, 0, 8, 0, 2, 0, 0, 0, b'x', 0, b'y', 0],
    ]
    .concat();
    assert!(stub.windows(data.len()).any(|window| window == data));
    assert_eq!(decode::<ExecQuery>(stub).unwrap(), request);
}

#[test]
fn an_array_of_mixed_types_cannot_be_made() {
    let mixed = vec![Variant::Sint32(1), Variant::Boolean(true)];
    assert_eq!(VariantArray::new(VariantType::Sint32, mixed), None);
    assert!(VariantArray::new(VariantType::String, Vec::new()).is_some());
}

fn single() -> impl Strategy<Value = Variant> {
    let unit = any::<[u8; 4]>().prop_map(|tail| {
        // An encoding unit says its own length behind its signature.
        let unit = [&[0x78, 0x56, 0x34, 0x12, 4, 0, 0, 0], &tail[..]].concat();
        Variant::Object(ClassObject(unit.into()))
    });
    prop_oneof![
        any::<bool>().prop_map(Variant::Boolean),
        any::<i8>().prop_map(Variant::Sint8),
        any::<u8>().prop_map(Variant::Uint8),
        any::<i16>().prop_map(Variant::Sint16),
        any::<u16>().prop_map(Variant::Uint16),
        any::<i32>().prop_map(Variant::Sint32),
        any::<u32>().prop_map(Variant::Uint32),
        (-1e9_f32..1e9).prop_map(Variant::Real32),
        (-1e9_f64..1e9).prop_map(Variant::Real64),
        any::<String>().prop_map(Variant::String),
        unit,
    ]
}

fn value() -> impl Strategy<Value = Variant> {
    let array = prop::collection::vec(single(), 1..4).prop_map(|items| {
        let kinds = [
            VariantType::Sint16,
            VariantType::Sint32,
            VariantType::Real32,
            VariantType::Real64,
            VariantType::String,
            VariantType::Boolean,
            VariantType::Object,
            VariantType::Sint8,
            VariantType::Uint8,
            VariantType::Uint16,
            VariantType::Uint32,
        ];
        let first = items[0].clone();
        let repeated = vec![first; items.len()];
        let array = kinds.into_iter().find_map(|kind| VariantArray::new(kind, repeated.clone()));
        Variant::Array(array.unwrap())
    });
    prop_oneof![Just(Variant::Null), single(), array]
}

proptest! {
    #[test]
    fn any_context_comes_back(values in prop::collection::vec((any::<String>(), value()), 0..6)) {
        let context = Some(Context { id: Uuid::new_v4(), values });
        let decoded: Option<Context> = decode(context.encode()).unwrap();
        prop_assert_eq!(decoded, context);
    }

    #[test]
    fn damaged_contexts_are_errors_or_values(
        values in prop::collection::vec((any::<String>(), value()), 0..4),
        cut in any::<prop::sample::Index>(),
        bit in any::<prop::sample::Index>(),
    ) {
        let whole = Some(Context { id: Uuid::nil(), values }).encode();
        prop_assert!(decode::<Option<Context>>(whole[..cut.index(whole.len())].to_vec()).is_err());
        let mut flipped = whole;
        let bit = bit.index(flipped.len() * 8);
        flipped[bit / 8] ^= 1 << (bit % 8);
        let _: Result<Option<Context>, _> = decode(flipped);
    }

    #[test]
    fn any_bytes_are_an_error_or_a_value(stub in prop::collection::vec(any::<u8>(), 0..200)) {
        let stub = Bytes::from(stub);
        let _ = decode::<ExecMethod>(stub.clone());
        let _ = decode::<Response<Objects>>(stub.clone());
        let _ = decode::<Response<Packet>>(stub);
    }
}
