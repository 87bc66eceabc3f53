//! The examples of `[MS-WMIO] 3`, byte for byte both ways.
//!
//! ```text
//! class Base { [key] sint32 Id; };
//! [Description("MyClass Example")] class MyClass : Base {
//!   [read, write] string Data1; string Data2 = "defaultValue"; uint32 Array[]; };
//! class MyClass2 : MyClass {
//!   [execute, performance{"fast", "sideffects"}]
//!   uint32 Restart([in] string ServiceName, [out] sint32 Status); };
//! ```
//!
//! The documents were edited by hand: declared lengths exceed what is printed. The octets behind the
//! last part belong to no field, and were left there by the encoder.

#![allow(clippy::panic, clippy::unwrap_used, clippy::indexing_slicing)]

mod support;

use std::sync::Arc;

use support::{Recorded, assert_counts, assert_same, unhex};
use winreach_cim::{
    Array, CimType, Class, Decoration, Flavor, Instance, Method, Property, Qualifier, Value,
    ValueType,
};
use winreach_wmio::encode::{self, InstanceOptions};
use winreach_wmio::{Layout, ObjectFlags, Unit};

fn decoration() -> Option<Arc<Decoration>> {
    let (server, namespace) = ("DPRAVAT-DEV".to_owned(), "ROOT".to_owned());
    Some(Arc::new(Decoration { server, namespace }))
}

fn base() -> Arc<Class> {
    let id = Property::new("Id", CimType::Sint32).key();
    Arc::new(Class::builder("Base").property(id).decoration(decoration()).build().unwrap())
}

fn my_class() -> Arc<Class> {
    let data1 = Property::new("Data1", CimType::String)
        .qualifier(Qualifier::new("read", true))
        .qualifier(Qualifier::new("write", true));
    let data2 = Property::new("Data2", CimType::String).default("defaultValue");
    let array = Property::new("Array", ValueType::array(CimType::Uint32));
    let class = Class::derive("MyClass", &base())
        .qualifier(Qualifier::new("Description", "MyClass Example"))
        .property(data1)
        .property(data2)
        .property(array)
        .decoration(decoration());
    Arc::new(class.build().unwrap())
}

#[test]
fn base_class() {
    let printed = unhex(include_str!("vectors/base_class.hex"));
    let Unit::Class(unit) = Unit::decode(&printed).unwrap() else { panic!("an instance") };
    assert_eq!(unit.class, base());
    assert_eq!(unit.class.parent(), None);

    let mut chance = Recorded::new(&printed);
    let mut out = Vec::new();
    encode::class_with(&base(), ObjectFlags::empty(), &mut chance, &mut out).unwrap();
    assert_same("Base", &printed, &out[..printed.len()]);
    assert_counts(
        &chance.fed,
        &[
            // What the encoder left behind the last part, as far as it is printed.
            ("ClassUnit", 11),
            ("MethodCountPadding", 1),
            // The bits that belong to no property: 0b000001.
            ("NdTable", 1),
        ],
    );
    assert_counts(&chance.spare, &[]);
    // Sixteen octets less are printed than the length declares.
    assert_eq!(out.len(), printed.len() + 16);
}

#[test]
fn my_class_with_its_parent() {
    let printed = unhex(include_str!("vectors/my_class.hex"));
    let Unit::Class(unit) = Unit::decode(&printed).unwrap() else { panic!("an instance") };
    assert_eq!(unit.class, my_class());
    assert_eq!(unit.class.parent().unwrap(), &base());

    let mut chance = Recorded::new(&printed);
    let mut out = Vec::new();
    encode::class_with(&my_class(), ObjectFlags::empty(), &mut chance, &mut out).unwrap();
    assert_same("MyClass", &printed, &out);
    let fed = [("ClassUnit", 14), ("MethodCountPadding", 2), ("NdTable", 1)];
    assert_counts(&chance.fed, &fed);
    assert_counts(&chance.spare, &[]);
}

#[test]
fn my_class_instance() {
    let printed = unhex(include_str!("vectors/my_class_instance.hex"));
    let Unit::Instance(unit) = Unit::decode(&printed).unwrap() else { panic!("a class") };
    let instance = &unit.instance;
    assert_eq!(instance.get("Id"), Some(&Value::Sint32(123)));
    assert_eq!(instance.get("Data1"), Some(&Value::from("StringField")));
    assert_eq!(instance.get("Data2"), Some(&Value::from("defaultValue")));
    assert_eq!(instance.get("Array"), Some(&Array::Uint32(vec![1, 2, 3]).into()));
    let data2 = instance.class().property_index("Data2").unwrap();
    assert_eq!(instance.own()[data2], None);

    let layout = Arc::new(Layout::new(&my_class()).unwrap());
    assert_same("class part", unit.layout.class_part(), layout.class_part());
    let mut ours = Instance::new(my_class());
    ours.set_decoration(decoration());
    ours.set("Id", 123);
    ours.set("Data1", "StringField");
    ours.set("Array", Array::Uint32(vec![1, 2, 3]));
    assert_eq!(ours.own(), instance.own());
    // Array was put before Data1.
    let order = ["Id", "Array", "Data1", "Data2"];
    let order = order.iter().map(|name| ours.class().property_index(name).unwrap()).collect();
    let mut chance = Recorded::new(&printed).order(order);
    let mut out = Vec::new();
    layout.encode_with(&ours, InstanceOptions::default(), &mut chance, &mut out).unwrap();
    assert_same("instance of MyClass", &printed, &out);
    assert_counts(&chance.fed, &[]);
    assert_counts(&chance.spare, &[]);
}

/// The compiler of the example took `int32`, which MOF does not know, for a class.
fn my_class2() -> Class {
    let flavor = Flavor::TO_INSTANCE | Flavor::NOT_OVERRIDABLE;
    let parameter = |name: &str, base: CimType, cimtype: &str, direction: &str, id: i32| {
        Property::new(name, base)
            .qualifier(
                Qualifier::new("CIMTYPE", cimtype)
                    .with_flavor(Flavor::TO_INSTANCE | Flavor::TO_SUBCLASS),
            )
            .qualifier(Qualifier::new(direction, true))
            .qualifier(Qualifier::new("ID", id).with_flavor(flavor))
    };
    let parameters = |properties: Vec<Property>| {
        let (server, namespace) = ("DP-M".to_owned(), r"ROOT\default".to_owned());
        let mut class = Class::builder("__PARAMETERS")
            .qualifier(Qualifier::new("abstract", true))
            .decoration(Some(Arc::new(Decoration { server, namespace })));
        for property in properties {
            class = class.property(property);
        }
        Some(Arc::new(class.build().unwrap()))
    };
    let return_value =
        Property::new("ReturnValue", CimType::Uint32).qualifier(Qualifier::new("out", true));
    let words = ["fast", "sideffects"].map(|word| Some(word.to_owned()));
    let restart = Method {
        name: "Restart".into(),
        origin: 2,
        propagated: false,
        qualifiers: [
            Qualifier::new("execute", true),
            Qualifier::new("performance", Array::String(words.to_vec())),
        ]
        .into_iter()
        .collect(),
        input: parameters(vec![parameter("ServiceName", CimType::String, "string", "in", 0)]),
        output: parameters(vec![
            parameter("Status", CimType::Object, "object:int", "out", 1),
            return_value,
        ]),
    };
    Class::derive("MyClass2", &my_class()).method(restart).decoration(decoration()).build().unwrap()
}

#[test]
fn my_class2_with_its_method() {
    let printed = unhex(include_str!("vectors/my_class2.hex"));
    let Unit::Class(unit) = Unit::decode(&printed).unwrap() else { panic!("an instance") };
    assert_eq!(*unit.class, my_class2());
    assert_eq!(unit.class.parent().unwrap(), &my_class());

    let mut chance = Recorded::new(&printed);
    let mut out = Vec::new();
    encode::class_with(&my_class2(), ObjectFlags::empty(), &mut chance, &mut out).unwrap();
    // Two octets more are printed than the length declares.
    assert_eq!((&printed[4..8], &out[4..8]), (&[0xBE, 8, 0, 0][..], &[0xC0, 8, 0, 0][..]));
    assert_same("MyClass2", &printed[8..], &out[8..]);
    assert_counts(&chance.fed, &[("MethodCountPadding", 5)]);
    assert_counts(&chance.spare, &[("Signature", 449)]);
}
