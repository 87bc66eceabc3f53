//! Bytes of an enemy: an error or a value, and never more work than the bytes warrant.
#![allow(clippy::panic, clippy::unwrap_used, clippy::indexing_slicing)]

mod support;

use std::sync::Arc;

use bytes::Bytes;
use support::{recording, unhex};
use winreach_cim::{CimType, Class, Instance, Property, ValueType};
use winreach_wmio::{
    ClassMap, ErrorKind, Layout, MAX_DEPTH, ObjectArray, ObjectArrayWriter, PacketObject,
    SentClasses, Unit,
};

/// Reads all that there is to read of a packet.
fn read_packet(packet: Vec<u8>, classes: &mut ClassMap) {
    let Ok(mut objects) = ObjectArray::decode(packet.into()) else { return };
    while let Some(object) = objects.next(classes) {
        let Ok(PacketObject::Row(row)) = object else { continue };
        let view = row.view().unwrap();
        let readable = view.values().filter(|value| value.is_ok()).count();
        match row.to_instance() {
            Ok(instance) => assert_eq!(instance.own().len(), view.len()),
            Err(error) => assert!(readable <= view.len(), "{error}"),
        }
    }
}

/// Gives every octet string that is shorter, and every one that differs in one bit.
fn for_each_damage(bytes: &[u8], mut see: impl FnMut(&[u8])) {
    for end in 0..bytes.len() {
        see(&bytes[..end]);
    }
    let mut damaged = bytes.to_vec();
    for at in 0..bytes.len() {
        for bit in 0..8 {
            damaged[at] ^= 1 << bit;
            see(&damaged);
            damaged[at] ^= 1 << bit;
        }
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
