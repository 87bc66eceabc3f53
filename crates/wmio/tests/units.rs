//! Whole instances, one after the other, as `IEnumWbemClassObject::Next` sends them.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

use std::sync::Arc;

use winreach_cim::{CimType, Class, Instance, Property};
use winreach_wmio::{ClassMap, Layout, PacketObject, SharedRow, Unit};

fn class(name: &str) -> Arc<Class> {
    let property = Property::new("N", CimType::Uint32).default(9u32);
    Arc::new(Class::builder(name).property(property).build().unwrap())
}

fn unit(class: &Arc<Class>, n: u32) -> Vec<u8> {
    let mut instance = Instance::new(Arc::clone(class));
    instance.set("N", n);
    let mut bytes = Vec::new();
    Layout::new(class).unwrap().encode(&instance, &mut bytes).unwrap();
    bytes
}

fn row(classes: &mut ClassMap, unit: Vec<u8>) -> SharedRow {
    match classes.decode_unit(unit.into()).unwrap() {
        PacketObject::Row(row) => row,
        PacketObject::Class(class) => panic!("{class:?}"),
    }
}

#[test]
fn a_class_that_was_read_before_is_not_read_again() {
    let (a, b) = (class("A"), class("B"));
    let mut classes = ClassMap::new();
    let units = [unit(&a, 1), unit(&b, 2), unit(&a, 3), unit(&b, 4)];
    let rows: Vec<_> = units.iter().map(|unit| row(&mut classes, unit.clone())).collect();
    assert!(Arc::ptr_eq(rows[0].layout(), rows[2].layout()));
    assert!(Arc::ptr_eq(rows[1].layout(), rows[3].layout()));
    assert_eq!(rows[2].layout().class().name(), "A");
    for (row, unit) in rows.iter().zip(&units) {
        let Unit::Instance(whole) = Unit::decode(unit).unwrap() else { panic!("a class") };
        assert_eq!(row.to_instance().unwrap(), whole.instance);
    }
}

#[test]
fn many_classes_are_told_apart() {
    let mut classes = ClassMap::new();
    for round in 0..2 {
        for n in 0..40 {
            let class = class(&format!("C{n}"));
            let row = row(&mut classes, unit(&class, round));
            assert_eq!(row.layout().class().name(), class.name());
        }
    }
}

#[test]
fn cut_units_are_errors() {
    let whole = unit(&class("A"), 1);
    for length in 0..whole.len() {
        let cut = whole[..length].to_vec();
        assert!(ClassMap::new().decode_unit(cut.into()).is_err(), "{length} of {}", whole.len());
    }
}
