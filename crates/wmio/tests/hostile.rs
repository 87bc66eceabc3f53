//! Bytes of an enemy: an error or a value, and never more work than the bytes warrant.
#![allow(clippy::panic, clippy::unwrap_used, clippy::indexing_slicing)]

mod support;

use std::sync::Arc;

use support::{recording, unhex};
use winreach_cim::{CimType, Class, Instance, Object, Property, Value, ValueType};
use winreach_wmio::{
    ClassMap, EncodeError, ErrorKind, Layout, MAX_DEPTH, ObjectArray, ObjectArrayWriter,
    PacketObject, SentClasses, Unit, encode,
};

/// Reads all that there is to read of a packet.
fn read_packet(packet: Vec<u8>, classes: &mut ClassMap) {
    let Ok(mut objects) = ObjectArray::decode(packet.into()) else { return };
    while let Some(object) = objects.next(classes) {
        let Ok(PacketObject::Row(row)) = object else { continue };
        let view = row.view().unwrap();
        let readable = view.values().filter(Result::is_ok).count();
        match row.to_instance() {
            Ok(instance) => assert_eq!(instance.own().len(), view.len()),
            Err(error) => assert!(readable <= view.len(), "{error}"),
        }
    }
}

/// Gives every octet string that is shorter, and every one that differs in one bit. Without
/// optimisation that takes minutes for large objects, and so it gives some thousands of them, no
/// two in the same octet before all octets had their turn.
fn for_each_damage(bytes: &[u8], mut see: impl FnMut(&[u8])) {
    let step = |all: usize| if cfg!(debug_assertions) { (all / 4096) | 1 } else { 1 };
    for end in (0..bytes.len()).step_by(step(bytes.len())) {
        see(&bytes[..end]);
    }
    let mut damaged = bytes.to_vec();
    for place in (0..8 * bytes.len()).step_by(step(8 * bytes.len())) {
        let (bit, at) = (place / bytes.len(), place % bytes.len());
        damaged[at] ^= 1 << bit;
        see(&damaged);
        damaged[at] ^= 1 << bit;
    }
}

fn damage_unit(unit: &[u8]) {
    assert!(Unit::decode(unit).is_ok());
    for_each_damage(unit, |damaged| drop(Unit::decode(damaged)));
}

#[test]
fn damaged_examples_of_the_specification() {
    damage_unit(&unhex(include_str!("vectors/base_class.hex")));
    damage_unit(&unhex(include_str!("vectors/my_class.hex")));
    damage_unit(&unhex(include_str!("vectors/my_class_instance.hex")));
    damage_unit(&unhex(include_str!("vectors/my_class2.hex")));
}

#[test]
fn damaged_parameters() {
    for name in ["in_StdRegProv_EnumKey", "out_StdRegProv_EnumKey", "in_StdRegProv_GetStringValue"]
    {
        let Some(unit) = recording(&format!("params_{name}.bin")) else { return };
        damage_unit(&unit);
    }
}

#[test]
fn damaged_class() {
    let Some(unit) = recording("class_Win32_Process.bin") else { return };
    damage_unit(&unit);
}

#[test]
fn damaged_class_of_methods() {
    let Some(unit) = recording("class_StdRegProv.bin") else { return };
    damage_unit(&unit);
}

#[test]
fn damaged_packet() {
    let Some(stub) = recording("smartenum_next_Win32_OperatingSystem.bin") else { return };
    let packet = &stub[28..stub.len() - 4];
    for_each_damage(packet, |damaged| read_packet(damaged.to_vec(), &mut ClassMap::new()));
}

/// A class with one property.
fn class_of(property: Property) -> Arc<Class> {
    Arc::new(Class::builder("C").property(property).build().unwrap())
}

/// The object block of an instance with one property, whose value is a reference to the start of
/// this heap.
fn block_with_heap(property: Property, heap: &[u8]) -> Vec<u8> {
    let layout = Layout::new(&class_of(property)).unwrap();
    let mut block = vec![0x02];
    block.extend_from_slice(layout.class_part());
    let len = |octets: usize| u32::try_from(octets).unwrap().to_le_bytes();
    block.extend_from_slice(&len(4 + 1 + 4 + 1 + 4 + 4 + 1 + 4 + heap.len()));
    block.push(0);
    block.extend_from_slice(&[0xFF; 4]);
    block.push(0);
    block.extend_from_slice(&[0; 4]);
    block.extend_from_slice(&len(4));
    block.push(1);
    block.extend_from_slice(&len(heap.len()));
    block.extend_from_slice(heap);
    block
}

fn length_and(block: &[u8]) -> Vec<u8> {
    [&u32::try_from(block.len()).unwrap().to_le_bytes()[..], block].concat()
}

#[test]
fn objects_within_objects_end_somewhere() {
    let wrap =
        |inner: &[u8]| block_with_heap(Property::new("Inner", CimType::Object), &length_and(inner));
    let mut block = block_with_heap(Property::new("S", CimType::String), b"\0end\0");
    for _ in 0..MAX_DEPTH {
        block = wrap(&block);
        assert!(Unit::decode_block(&block).is_ok());
    }
    block = wrap(&block);
    assert_eq!(Unit::decode_block(&block).unwrap_err().kind, ErrorKind::TooDeep);
    for _ in 0..1000 {
        block = wrap(&block);
    }
    assert_eq!(Unit::decode_block(&block).unwrap_err().kind, ErrorKind::TooDeep);
}

#[test]
fn too_deep_a_model_is_not_written() {
    let class = class_of(Property::new("Inner", CimType::Object));
    let mut instance = Instance::new(Arc::clone(&class));
    for _ in 0..MAX_DEPTH {
        let mut outer = Instance::new(Arc::clone(&class));
        outer.set("Inner", Object::Instance(instance));
        instance = outer;
    }
    encode::object(&Object::Instance(instance.clone()), &mut Vec::new()).unwrap();
    let mut outer = Instance::new(class);
    outer.set("Inner", Object::Instance(instance));
    let result = encode::object(&Object::Instance(outer), &mut Vec::new());
    assert_eq!(result, Err(EncodeError::TooDeep));
}

/// Arrays whose elements are all the same object, in which there is such an array: 64 to the power
/// of 12 objects in some thousands of octets.
#[test]
fn shared_objects_cost_no_more_than_their_size_warrants() {
    const ELEMENTS: u32 = 64;
    let property = || Property::new("Inner", ValueType::array(CimType::Object));
    let mut block = block_with_heap(Property::new("S", CimType::String), b"\0end\0");
    for _ in 0..12 {
        let mut heap = ELEMENTS.to_le_bytes().to_vec();
        for _ in 0..ELEMENTS {
            heap.extend_from_slice(&(4 + 4 * ELEMENTS).to_le_bytes());
        }
        heap.extend_from_slice(&length_and(&block));
        block = block_with_heap(property(), &heap);
    }
    assert_eq!(Unit::decode_block(&block).unwrap_err().kind, ErrorKind::TooMuchWork);
}

/// A thousand properties with one and the same information, of which every one of a thousand
/// qualifiers is the same array of a thousand times the same long text.
#[test]
fn shared_qualifiers_cost_no_more_than_their_size_warrants() {
    const MANY: u32 = 1000;
    let text_at = 4 + 4 * MANY;
    let set_len = 4 + 13 * MANY;
    let mut heap = MANY.to_le_bytes().to_vec();
    for _ in 0..MANY {
        heap.extend_from_slice(&text_at.to_le_bytes());
    }
    heap.push(0);
    heap.extend_from_slice(&[b'x'; 1000]);
    heap.push(0);
    let info_at = u32::try_from(heap.len()).unwrap();
    heap.extend_from_slice(&8_u32.to_le_bytes());
    heap.extend_from_slice(&[0; 2 + 4 + 4]);
    heap.extend_from_slice(&set_len.to_le_bytes());
    for _ in 0..MANY {
        heap.extend_from_slice(&text_at.to_le_bytes());
        heap.push(0);
        heap.extend_from_slice(&0x2008_u32.to_le_bytes());
        heap.extend_from_slice(&0_u32.to_le_bytes());
    }

    let tables_len = MANY / 4 + 4;
    let mut part = vec![0; 4 + 1];
    part.extend_from_slice(&text_at.to_le_bytes());
    part.extend_from_slice(&tables_len.to_le_bytes());
    part.extend_from_slice(&4_u32.to_le_bytes());
    part.extend_from_slice(&4_u32.to_le_bytes());
    part.extend_from_slice(&MANY.to_le_bytes());
    for _ in 0..MANY {
        part.extend_from_slice(&text_at.to_le_bytes());
        part.extend_from_slice(&info_at.to_le_bytes());
    }
    part.extend(vec![0xFF; usize::try_from(tables_len).unwrap()]);
    part.extend_from_slice(&length_and(&heap));
    let len = u32::try_from(part.len()).unwrap();
    part[..4].copy_from_slice(&len.to_le_bytes());
    assert_eq!(Layout::decode(&part).unwrap_err().kind, ErrorKind::TooMuchWork);
}

#[test]
fn shared_texts_cost_no_more_than_their_size_warrants() {
    const ELEMENTS: u32 = 1000;
    for base in [CimType::String, CimType::Reference, CimType::DateTime] {
        let mut heap = ELEMENTS.to_le_bytes().to_vec();
        for _ in 0..ELEMENTS {
            heap.extend_from_slice(&(4 + 4 * ELEMENTS).to_le_bytes());
        }
        heap.push(0);
        heap.extend_from_slice(&[b'x'; 100_000]);
        heap.push(0);
        let block = block_with_heap(Property::new("Texts", ValueType::array(base)), &heap);
        assert_eq!(Unit::decode_block(&block).unwrap_err().kind, ErrorKind::TooMuchWork, "{base}");
    }
}

#[test]
fn a_count_without_its_elements_allocates_nothing() {
    let property = Property::new("Numbers", ValueType::array(CimType::Uint64));
    let block = block_with_heap(property, &[0xFF, 0xFF, 0xFF, 0x7F]);
    let error = Unit::decode_block(&block).unwrap_err();
    assert_eq!(error.field, "Encoded-Array");
    assert_eq!(error.offset, block.len());
}

#[test]
fn references_must_lead_somewhere() {
    for (heap, kind) in [
        (&b""[..], ErrorKind::Unterminated),
        (b"\0no end", ErrorKind::Unterminated),
        (b"\x01n\0o\0", ErrorKind::Unterminated),
        (b"\x02text\0", ErrorKind::Value(2)),
    ] {
        let block = block_with_heap(Property::new("S", CimType::String), heap);
        assert_eq!(Unit::decode_block(&block).unwrap_err().kind, kind, "{heap:?}");
    }
}

#[test]
fn an_instance_without_its_class_is_refused() {
    let class = class_of(Property::new("N", CimType::Uint32));
    let layout = Arc::new(Layout::new(&class).unwrap());
    let mut sent = SentClasses::new();
    let instance = Instance::new(class);
    let mut write = || {
        let mut writer = ObjectArrayWriter::new(&mut sent);
        writer.push(&layout, &instance).unwrap();
        writer.finish().unwrap()
    };
    let (_first, second) = (write(), write());
    let mut objects = ObjectArray::decode(second.into()).unwrap();
    let mut classes = ClassMap::new();
    let error = objects.next(&mut classes).unwrap().unwrap_err();
    assert!(matches!(error.kind, ErrorKind::UnknownClass(_)), "{error}");
    assert!(objects.next(&mut classes).is_none());
}

/// An instance that cannot be written leaves the packet as it was, and its class unsent.
#[test]
fn classes_without_end_are_refused() {
    let property = Property::new("Text", CimType::String).default("x".repeat(1 << 20));
    let layout = Arc::new(Layout::new(&class_of(property)).unwrap());
    let instance = Instance::new(Arc::clone(layout.class()));
    let mut classes = ClassMap::new();
    let refused = (0..64).find_map(|_| {
        // Every packet names the class by a GUID of its own.
        let mut sent = SentClasses::new();
        let mut writer = ObjectArrayWriter::new(&mut sent);
        writer.push(&layout, &instance).unwrap();
        let mut objects = ObjectArray::decode(writer.finish().unwrap().into()).unwrap();
        objects.next(&mut classes).unwrap().err()
    });
    assert_eq!(refused.unwrap().kind, ErrorKind::TooManyClasses);
    assert!(classes.len() >= 16, "{}", classes.len());
}

#[test]
fn a_packet_survives_what_cannot_be_written() {
    let class = class_of(Property::new("S", CimType::String));
    let layout = Arc::new(Layout::new(&class).unwrap());
    let mut sent = SentClasses::new();
    let mut writer = ObjectArrayWriter::new(&mut sent);
    let mut instance = Instance::new(class);
    instance.set("S", "with a NUL \0 inside");
    assert!(matches!(writer.push(&layout, &instance), Err(EncodeError::Nul { .. })));
    instance.set("S", 7_u32);
    assert!(matches!(writer.push(&layout, &instance), Err(EncodeError::Type { .. })));
    instance.set("S", "good");
    writer.push(&layout, &instance).unwrap();

    let mut objects = ObjectArray::decode(writer.finish().unwrap().into()).unwrap();
    let Some(Ok(PacketObject::Row(row))) = objects.next(&mut ClassMap::new()) else { panic!() };
    assert_eq!(row.to_instance().unwrap().get("S"), Some(&Value::from("good")));
}
