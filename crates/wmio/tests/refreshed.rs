//! The blobs of a refresh. No recorded traffic has any: the bytes here are spelt out from
//! `[MS-WMI] 2.2.16` to 2.2.19.
#![allow(clippy::panic, clippy::unwrap_used, clippy::indexing_slicing)]

mod support;

use std::sync::Arc;

use proptest::prelude::*;
use support::unhex;
use winreach_cim::{Array, CimType, Class, Instance, Property, Value, ValueType};
use winreach_wmio::{ErrorKind, Layout, ValueRef};

fn class() -> Arc<Class> {
    let class = Class::builder("C")
        .property(Property::new("N", CimType::Uint32).default(9u32))
        .property(Property::new("S", CimType::String))
        .property(Property::new("A", ValueType::array(CimType::String)));
    Arc::new(class.build().unwrap())
}

fn instance(number: Option<u32>, text: Option<&str>, texts: &[&str]) -> Instance {
    let mut instance = Instance::new(class());
    if let Some(number) = number {
        instance.set("N", number);
    }
    if let Some(text) = text {
        instance.set("S", text);
    }
    if !texts.is_empty() {
        let texts = texts.iter().map(|text| Some((*text).to_owned())).collect();
        instance.set("A", Value::Array(Box::new(Array::String(texts))));
    }
    instance
}

/// N = 7, S = "ab", A not set; the heap without a length of its own.
const ONE: &str = "07000000  30 07000000 03000000 00000000  04000000 01  00 43 00  00 61 62 00";

#[test]
fn one_instance() {
    let layout = Layout::new(&class()).unwrap();
    let seven = instance(Some(7), Some("ab"), &[]);
    let mut blob = Vec::new();
    layout.encode_refreshed(&seven, &mut blob).unwrap();
    assert_eq!(blob, unhex(ONE));
    assert_eq!(layout.refreshed(&blob).unwrap().to_instance().unwrap(), seven);
}

#[test]
fn the_heap_may_have_a_length_of_its_own() {
    let layout = Layout::new(&class()).unwrap();
    let counted = ONE.replace("01  00 43", "01 07000080 00 43");
    let row = layout.refreshed(&unhex(&counted)).unwrap().to_instance().unwrap();
    assert_eq!(row, instance(Some(7), Some("ab"), &[]));
    let disagreeing = unhex(&ONE.replace("01  00 43", "01 06000080 00 43"));
    let error = layout.refreshed(&disagreeing).unwrap_err();
    assert_eq!((error.field, error.kind), ("InstanceHeap size", ErrorKind::Length(7)));
}

#[test]
fn many_instances() {
    let layout = Layout::new(&class()).unwrap();
    let all = [
        instance(Some(7), Some("ab"), &[]),
        instance(None, None, &["x", ""]),
        instance(Some(u32::MAX), Some(""), &["\u{20AC}"]),
    ];
    let mut blob = Vec::new();
    layout.encode_all_refreshed(&all, &mut blob).unwrap();
    let one = unhex(ONE);
    assert_eq!(blob[..12], unhex("01000000 03000000 1d000000"));
    assert_eq!(blob[12..12 + one.len()], one);
    let rows = layout.all_refreshed(&blob).unwrap();
    let rows: Vec<_> = rows.map(|row| row.unwrap().to_instance().unwrap()).collect();
    assert_eq!(rows, all);
    let second = layout.all_refreshed(&blob).unwrap().nth(1).unwrap().unwrap();
    assert_eq!(second.get("N").unwrap(), ValueRef::Uint32(9), "the default of the template");
}

#[test]
fn a_blob_that_lies_is_refused() {
    let layout = Layout::new(&class()).unwrap();
    let error = layout.all_refreshed(&unhex("02000000 00000000")).unwrap_err();
    assert_eq!((error.offset, error.field), (0, "Version"));
    let blob = unhex("01000000 ffffffff 00000001");
    let mut rows = layout.all_refreshed(&blob).unwrap();
    let error = rows.next().unwrap().unwrap_err();
    assert_eq!((error.offset, error.field), (12, "blob"));
    assert!(rows.next().is_none(), "there is nothing after an error");
    let error = layout.refreshed(&unhex("08000000")).unwrap_err();
    assert_eq!((error.offset, error.field), (4, "NdTable"));
    let long = unhex(&ONE.replacen("07", "08", 1));
    assert_eq!(layout.refreshed(&long).unwrap_err().field, "InstanceHeap");
}

proptest! {
    #[test]
    fn damaged_blobs_are_errors_or_rows(
        cut in any::<prop::sample::Index>(),
        bit in any::<prop::sample::Index>(),
    ) {
        let layout = Layout::new(&class()).unwrap();
        let all = [instance(Some(7), Some("ab"), &["x"]), instance(None, None, &[])];
        let mut blob = Vec::new();
        layout.encode_all_refreshed(&all, &mut blob).unwrap();
        let read = |blob: &[u8]| {
            let Ok(rows) = layout.all_refreshed(blob) else { return 0 };
            rows.filter(|row| row.as_ref().is_ok_and(|row| row.to_instance().is_ok())).count()
        };
        prop_assert_eq!(read(&blob), 2);
        prop_assert!(read(&blob[..cut.index(blob.len())]) < 2);
        let bit = bit.index(blob.len() * 8);
        blob[bit / 8] ^= 1 << (bit % 8);
        read(&blob);
    }
}
