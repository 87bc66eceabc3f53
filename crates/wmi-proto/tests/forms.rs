//! Forms that recorded Windows traffic does not show: those of other peers, and hostile ones.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

use bytes::Bytes;
use proptest::prelude::*;
use uuid::Uuid;
use winreach_dcom::wire::{
    DualStringArray, Extensions, Extent, ObjRef, OrpcThat, StdObjRef, clsid, iid as com,
};
use winreach_ndr::{Decoder, Encoder, Unique};
use winreach_wmi_proto::enumerator::{self, Objects};
use winreach_wmi_proto::services::{ExecMethod, ExecQuery, GetObject};
use winreach_wmi_proto::smart::Packet;
use winreach_wmi_proto::{
    ClassObject, Context, Endian, ErrorObject, Flags, HResult, Method, Parameters, Response, Slot,
    Timeout, Variant, VariantArray, VariantType,
};
use winreach_wmio::{ExtendedStatus, Layout};

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

#[test]
fn a_context_has_every_type_of_the_specification() {
    let array = |element, items| Variant::Array(VariantArray::new(element, items).unwrap());
    let unit = object(b"\x78\x56\x34\x12\x02\0\0\0\x01\x02");
    let objref = [
        b"MEOW\x04\0\0\0".as_slice(),
        &uuid::uuid!("dc12a681-737f-11cf-884d-00aa004b2e24").to_bytes_le(),
        &uuid::uuid!("4590f812-1d3a-11d0-891f-00aa004b2e24").to_bytes_le(),
        &words(&[0, 10]),
        &unit.0,
    ]
    .concat();
    let type_and = |code: u16, rest: &[u8]| [&code.to_le_bytes(), rest].concat();
    let array_of = |code: u16, size: u32, rest: &[u8]| {
        type_and(0x2000 | code, &[&words(&[2, size]), rest].concat())
    };
    let float = 1.5_f32.to_le_bytes();
    let double = 1.5_f64.to_le_bytes();
    for (value, bytes) in [
        (Variant::Null, type_and(1, &[])),
        (Variant::Sint16(-2), type_and(2, &[0xFE, 0xFF, 0, 0, 0, 0, 0, 0])),
        (Variant::Sint32(-2), type_and(3, &[0xFE, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0])),
        (Variant::Real32(1.5), type_and(4, &[&float[..], &[0; 4]].concat())),
        (Variant::Real64(1.5), type_and(5, &double)),
        (Variant::String("xy".into()), type_and(8, &[2, 0, 0, 0, b'x', 0, b'y', 0])),
        (Variant::Boolean(true), type_and(11, &[0xFF, 0xFF, 0, 0, 0, 0, 0, 0])),
        (Variant::Object(unit.clone()), type_and(13, &objref)),
        (Variant::Sint8(-2), type_and(16, &[0xFE, 0, 0, 0, 0, 0, 0, 0])),
        (Variant::Uint8(2), type_and(17, &[2, 0, 0, 0, 0, 0, 0, 0])),
        (Variant::Uint16(2), type_and(18, &[2, 0, 0, 0, 0, 0, 0, 0])),
        (Variant::Uint32(2), type_and(19, &[2, 0, 0, 0, 0, 0, 0, 0])),
        (array(VariantType::Null, vec![Variant::Null, Variant::Null]), array_of(1, 0, &[])),
        (
            array(VariantType::Sint16, vec![Variant::Sint16(1), Variant::Sint16(2)]),
            array_of(2, 2, &[1, 0, 2, 0]),
        ),
        (
            array(VariantType::Real32, vec![Variant::Real32(1.5), Variant::Real32(1.5)]),
            array_of(4, 8, &[&float[..], &[0; 4], &float, &[0; 4]].concat()),
        ),
        (
            array(VariantType::Boolean, vec![Variant::Boolean(true), Variant::Boolean(false)]),
            array_of(11, 2, &[0xFF, 0xFF, 0, 0]),
        ),
        (
            Variant::Array(VariantArray::strings(["x".into(), String::new()])),
            array_of(8, 4, &[1, 0, 0, 0, b'x', 0, 0, 0, 0, 0]),
        ),
        (
            array(VariantType::Object, vec![Variant::Object(unit.clone()); 2]),
            array_of(13, 4, &[&objref[..], &objref].concat()),
        ),
    ] {
        let context = Context { id: Uuid::nil(), values: vec![(String::new(), value)] };
        let stub = Some(context.clone()).encode();
        let expected = [words(&[1, 0, 0, 0, 0, 1, 0, 0]), bytes].concat();
        let data = &stub[4 + 8 + 48..][..expected.len()];
        assert_eq!(data, expected, "{context:?}");
        assert_eq!(decode::<Option<Context>>(stub).unwrap(), Some(context));
    }
}

/// Windows of 64 bits gives the elements of arrays of strings a size of 8, and the specification can
/// be read so that an object is its unit alone.
#[test]
fn other_forms_of_contexts_are_understood() {
    let object_of = |value: &[u8]| {
        let data = [&words(&[1, 0, 0, 0, 0, 1, 0, 0]), value].concat();
        let length = u32::try_from(data.len()).unwrap();
        let mut stub = words(&[0x0002_0000, length + 48, length + 48, 0x574F_454D, 4]);
        stub.extend(winreach_wmi_proto::iid::CONTEXT.to_bytes_le());
        stub.extend(winreach_wmi_proto::iid::CLSID_CONTEXT.to_bytes_le());
        stub.extend(words(&[0, length]));
        stub.extend(data);
        decode::<Option<Context>>(stub).map(|context| context.unwrap().values.remove(0).1)
    };
    let strings = [&[8, 0x20][..], &words(&[1, 8, 1]), b"x\0"].concat();
    let expected = Variant::Array(VariantArray::strings(["x".into()]));
    assert_eq!(object_of(&strings).unwrap(), expected);
    let bare = b"\x0d\0\x78\x56\x34\x12\x01\0\0\0\x07";
    assert_eq!(object_of(bare).unwrap(), Variant::Object(object(&bare[2..])));

    let nulls = |count| [&[1, 0x20][..], &words(&[count, 0])].concat();
    assert!(object_of(&nulls(4096)).is_ok());
    assert_eq!(object_of(&nulls(4097)).unwrap_err().field, "IWbemContext.ElementCount");
    for (value, field) in [
        (&[0, 0][..], "IWbemContext.PropertyType"),
        (&[20, 0], "IWbemContext.PropertyType"),
        (&[3, 0x20, 1, 0, 0, 0, 3, 0, 0, 0], "IWbemContext.ElementSize"),
        (&[8, 0, 1, 0, 0, 0, 0, 0xD8], "IWbemContext.PropertyValue"),
        (b"\x0d\0MEOW", "OBJREF.flags"),
        (b"\x0d\0\x78\x56\x34\x12\x02\0\0\0\x07", "EncodingUnit"),
    ] {
        assert_eq!(object_of(value).unwrap_err().field, field, "{value:02x?}");
    }
}

/// A failure as it comes out of a connection: header, extension, and the results of nothing done.
#[test]
fn an_error_comes_beside_the_results() {
    let layout = Layout::new(&ExtendedStatus::class().unwrap()).unwrap();
    let status = ExtendedStatus {
        description: Some("Nothing is called so".into()),
        operation: Some("ExecQuery".into()),
        ..ExtendedStatus::default()
    };
    let unit = ClassObject(status.encode(&layout).unwrap().into());
    let mut encoder = Encoder::new();
    let extensions = ErrorObject::Status(unit).to_extensions();
    encoder.put(&OrpcThat { flags: 0, extensions: Unique::some(extensions) });
    Response::<<ExecQuery as Method>::Out>::failed(HResult(0x8004_1017)).write(&mut encoder);
    let stub = Bytes::from(encoder.finish());

    let mut decoder = Decoder::new(&stub);
    let that: OrpcThat = decoder.get().unwrap();
    decoder.align(8).unwrap();
    let answer: Response<Option<ObjRef>> = decode(stub.slice(decoder.position()..)).unwrap();
    assert_eq!((answer.out, answer.status), (None, HResult(0x8004_1017)));
    let Some(ErrorObject::Status(unit)) = ErrorObject::from_extensions(&that.extensions.0.unwrap())
    else {
        panic!("no error")
    };
    assert_eq!(ExtendedStatus::decode(&unit.0), Ok(status));
}

/// What nobody knows, and what is broken, is no error of the call.
#[test]
fn what_is_beside_the_results_never_fails_a_call() {
    let extent = |id, data: &[u8]| Extensions(vec![Extent { id, data: data.to_vec() }]);
    let remote =
        ObjRef::standard(com::ERROR_INFO, StdObjRef::default(), DualStringArray::default());
    for extensions in [
        Extensions::default(),
        extent(Uuid::nil(), b"unknown"),
        extent(clsid::CONTEXT_EXTENSION, b"known, and no error"),
        extent(clsid::ERROR_EXTENSION, b""),
        extent(clsid::ERROR_EXTENSION, b"MEOW"),
        extent(clsid::ERROR_EXTENSION, &remote.to_bytes()),
    ] {
        assert_eq!(ErrorObject::from_extensions(&extensions), None, "{extensions:?}");
    }
}

#[test]
fn some_properties_of_an_instance() {
    let context = Context::partial_put(["A", "B"], true);
    assert_eq!(context.get("__PUT_EXTENSIONS"), Some(&Variant::Boolean(true)));
    assert_eq!(context.get("__PUT_EXT_ATOMIC"), Some(&Variant::Boolean(true)));
    let Some(Variant::Array(properties)) = context.get("__PUT_EXT_PROPERTIES") else {
        panic!("no properties")
    };
    assert_eq!(properties.items(), [Variant::String("A".into()), Variant::String("B".into())]);
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
