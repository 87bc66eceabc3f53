use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Deserialize;

use super::*;
use crate::{Array, CimType, Class, Object, Property, ValueType};

fn thing() -> Instance {
    let part = Class::builder("Part").property(Property::new("Id", CimType::Uint16));
    let part = Arc::new(part.build().unwrap());
    let mut class = Class::builder("Thing")
        .property(Property::new("Tags", ValueType::array(CimType::String)))
        .property(Property::new("Bytes", ValueType::array(CimType::Uint8)));
    for (name, cim_type) in [
        ("Size", CimType::Uint64),
        ("Name", CimType::String),
        ("Nothing", CimType::Uint32),
        ("Letter", CimType::Char16),
        ("Made", CimType::DateTime),
        ("Kind", CimType::String),
        ("Part", CimType::Object),
    ] {
        class = class.property(Property::new(name, cim_type));
    }
    let mut thing = Instance::new(Arc::new(class.build().unwrap()));
    thing.set("Tags", Array::String(vec![Some("x".into()), None]));
    thing.set("Bytes", Array::Uint8(vec![1, 2]));
    thing.set("Size", 300_u64);
    thing.set("Name", "Spooler");
    thing.set("Letter", Value::Char16(97));
    thing.set("Made", Value::DateTime("20240101000000.000000+000".parse().unwrap()));
    thing.set("Kind", "Good");
    let mut inner = Instance::new(part);
    inner.set("Id", 500_u16);
    thing.set("Part", Object::Instance(inner));
    thing
}

#[derive(Deserialize, PartialEq, Debug)]
enum Kind {
    Good,
}

#[derive(Deserialize, PartialEq, Debug)]
struct Inner {
    id: i64,
}

#[derive(Deserialize, PartialEq, Debug)]
struct Thing<'a> {
    size: u16,
    #[serde(borrow, rename = "Name")]
    title: &'a str,
    nothing: Option<u32>,
    absent: Option<u32>,
    letter: char,
    made: DateTime,
    kind: Kind,
    part: Inner,
    tags: Vec<Option<String>>,
    bytes: Vec<u8>,
    #[serde(rename = "__CLASS")]
    class: String,
    #[serde(rename = "__PATH")]
    path: Option<String>,
}

#[test]
fn a_struct_takes_what_it_names() {
    let thing = thing();
    let read: Thing<'_> = from_instance(&thing).unwrap();
    let expected = Thing {
        size: 300,
        title: "Spooler",
        nothing: None,
        absent: None,
        letter: 'a',
        made: "20240101000000.000000+000".parse().unwrap(),
        kind: Kind::Good,
        part: Inner { id: 500 },
        tags: vec![Some("x".into()), None],
        bytes: vec![1, 2],
        class: "Thing".into(),
        path: None,
    };
    assert_eq!(read, expected);
}

#[test]
fn a_map_takes_all() {
    let map: BTreeMap<String, serde_json::Value> = from_instance(&thing()).unwrap();
    assert_eq!(map.len(), 9);
    assert_eq!(map["Size"], 300);
    assert_eq!(map["Nothing"], serde_json::Value::Null);
    assert_eq!(map["Part"]["Id"], 500);
}

#[test]
fn errors_name_the_property() {
    #[derive(Deserialize, Debug)]
    struct Narrow {
        #[serde(rename = "Size")]
        _size: u8,
    }
    #[derive(Deserialize, Debug)]
    struct Present {
        #[serde(rename = "Nothing")]
        _nothing: u32,
    }
    #[derive(Deserialize, Debug)]
    struct InnerNarrow {
        #[serde(rename = "Id")]
        _id: u8,
    }
    #[derive(Deserialize, Debug)]
    struct Deep {
        #[serde(rename = "Part")]
        _part: InnerNarrow,
    }
    #[derive(Deserialize, Debug)]
    struct Missing {
        #[serde(rename = "Foo")]
        _foo: u8,
    }
    let thing = thing();
    let message = |error: Error| error.to_string();
    assert_eq!(
        message(from_instance::<Narrow>(&thing).unwrap_err()),
        "property Size: invalid value: integer `300`, expected u8"
    );
    assert_eq!(
        message(from_instance::<Present>(&thing).unwrap_err()),
        "property Nothing: invalid type: unit value, expected u32"
    );
    assert_eq!(
        message(from_instance::<Deep>(&thing).unwrap_err()),
        "property Part.Id: invalid value: integer `500`, expected u8"
    );
    assert_eq!(message(from_instance::<Missing>(&thing).unwrap_err()), "missing field `Foo`");
}
