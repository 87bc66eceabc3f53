mod evaluation;
mod events;
mod generate;
mod parsing;
mod projecting;
mod schema;
mod statements;

use std::sync::Arc;

use super::*;
use crate::{CimType, Class, Instance, Object, Property, Value, ValueType};

fn select(text: &str) -> Select {
    text.parse().unwrap_or_else(|e| panic!("{text}: {e}"))
}

/// A class with a property of every kind.
fn class() -> Arc<Class> {
    let base = Class::builder("Base").property(Property::new("Id", CimType::Uint32).key());
    let mut class = Class::derive("Thing", &Arc::new(base.build().unwrap()));
    for (name, cim_type) in [
        ("Name", CimType::String),
        ("Nothing", CimType::String),
        ("Small", CimType::Sint8),
        ("Size", CimType::Uint64),
        ("Signed", CimType::Sint64),
        ("Ratio", CimType::Real64),
        ("Flag", CimType::Boolean),
        ("Letter", CimType::Char16),
        ("Made", CimType::DateTime),
        ("Took", CimType::DateTime),
        ("Owner", CimType::Reference),
        ("Part", CimType::Object),
        ("Gone", CimType::Object),
    ] {
        class = class.property(Property::new(name, cim_type));
    }
    let tags = Property::new("Tags", ValueType::array(CimType::String));
    Arc::new(class.property(tags).build().unwrap())
}

fn thing() -> Instance {
    let ancestor = Class::builder("ClassZ").build().unwrap();
    let part = Class::derive("PartClass", &Arc::new(ancestor))
        .property(Property::new("P_Uint32", CimType::Uint32))
        .property(Property::new("Label", CimType::String))
        .build()
        .unwrap();
    let mut part = Instance::new(Arc::new(part));
    part.set("P_Uint32", 70_011_u32);
    part.set("Label", "Axle");
    let mut thing = Instance::new(class());
    thing.set("Id", 7_u32);
    thing.set("Name", "Spooler Service");
    thing.set("Small", -5_i8);
    thing.set("Size", u64::MAX);
    thing.set("Signed", i64::MIN);
    thing.set("Ratio", 2.5);
    thing.set("Flag", true);
    thing.set("Letter", Value::Char16(u16::from(b'k')));
    thing.set("Made", Value::DateTime("20210601120000.000000+060".parse().unwrap()));
    thing.set("Took", Value::DateTime("00000001000000.000000:000".parse().unwrap()));
    thing.set("Owner", Value::Reference(r#"Win32_Account.Name="Bob""#.into()));
    thing.set("Part", Object::Instance(part));
    thing.set("Tags", crate::Array::String(vec![Some("a".into())]));
    thing
}
