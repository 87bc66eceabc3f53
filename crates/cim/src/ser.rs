//! Values, instances and objects as serde sees them: what JSON and its kin print.
//!
//! Numbers stay numbers whatever their width; a `char16` is a text of one character; a date-time
//! and a reference are texts; an instance is a map of its properties, in their order, without the
//! system properties; a class is the same map with the defaults.

use serde::ser::{Serialize, Serializer};

use crate::{Array, Class, DateTime, Instance, Name, Object, Value};

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_none(),
            Self::Boolean(v) => serializer.serialize_bool(*v),
            Self::Sint8(v) => serializer.serialize_i8(*v),
            Self::Uint8(v) => serializer.serialize_u8(*v),
            Self::Sint16(v) => serializer.serialize_i16(*v),
            Self::Uint16(v) => serializer.serialize_u16(*v),
            Self::Sint32(v) => serializer.serialize_i32(*v),
            Self::Uint32(v) => serializer.serialize_u32(*v),
            Self::Sint64(v) => serializer.serialize_i64(*v),
            Self::Uint64(v) => serializer.serialize_u64(*v),
            Self::Real32(v) => serializer.serialize_f32(*v),
            Self::Real64(v) => serializer.serialize_f64(*v),
            Self::Char16(v) => serializer.serialize_str(&String::from_utf16_lossy(&[*v])),
            Self::String(v) | Self::Reference(v) => serializer.serialize_str(v),
            Self::DateTime(v) => v.serialize(serializer),
            Self::Object(v) => v.serialize(serializer),
            Self::Array(v) => v.serialize(serializer),
        }
    }
}

impl Serialize for Array {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Boolean(v) => v.serialize(serializer),
            Self::Sint8(v) => v.serialize(serializer),
            Self::Uint8(v) => v.serialize(serializer),
            Self::Sint16(v) => v.serialize(serializer),
            Self::Uint16(v) => v.serialize(serializer),
            Self::Sint32(v) => v.serialize(serializer),
            Self::Uint32(v) => v.serialize(serializer),
            Self::Sint64(v) => v.serialize(serializer),
            Self::Uint64(v) => v.serialize(serializer),
            Self::Real32(v) => v.serialize(serializer),
            Self::Real64(v) => v.serialize(serializer),
            Self::Char16(v) => serializer.collect_seq(v.iter().map(|unit| Value::Char16(*unit))),
            Self::String(v) | Self::Reference(v) => v.serialize(serializer),
            Self::DateTime(v) => v.serialize(serializer),
            Self::Object(v) => v.serialize(serializer),
        }
    }
}

impl Serialize for Object {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Class(class) => class.serialize(serializer),
            Self::Instance(instance) => instance.serialize(serializer),
        }
    }
}

impl Serialize for Instance {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

impl Serialize for Class {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.properties().iter().map(|p| (&p.name, &p.default)))
    }
}

impl Serialize for Name {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self)
    }
}

impl Serialize for DateTime {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::{CimType, Property, ValueType};

    #[test]
    fn an_instance_prints_as_json() {
        let part =
            Class::builder("Part").property(Property::new("Id", CimType::Uint8).default(9_u8));
        let part = Object::Instance(Instance::new(Arc::new(part.build().unwrap())));
        let mut class = Class::builder("Thing");
        let values: [(&str, ValueType, Value); 9] = [
            ("Size", CimType::Uint64.into(), u64::MAX.into()),
            ("Signed", CimType::Sint64.into(), i64::MIN.into()),
            ("Ratio", CimType::Real64.into(), 0.5.into()),
            ("Letter", CimType::Char16.into(), Value::Char16(0xE9)),
            ("Name", CimType::String.into(), "a\"b".into()),
            ("Nothing", CimType::String.into(), Value::Null),
            (
                "Made",
                CimType::DateTime.into(),
                Value::DateTime("20240101000000.000000+000".parse().unwrap()),
            ),
            (
                "Tags",
                ValueType::array(CimType::String),
                Array::String(vec![Some("x".into()), None]).into(),
            ),
            ("Part", CimType::Object.into(), part.into()),
        ];
        for (name, value_type, _) in &values {
            class = class.property(Property::new(*name, *value_type));
        }
        let mut thing = Instance::new(Arc::new(class.build().unwrap()));
        for (name, _, value) in values {
            thing.set(name, value);
        }
        assert_eq!(
            serde_json::to_string(&thing).unwrap(),
            concat!(
                r#"{"Size":18446744073709551615,"Signed":-9223372036854775808,"Ratio":0.5,"#,
                r#""Letter":"é","Name":"a\"b","Nothing":null,"Made":"20240101000000.000000+000","#,
                r#""Tags":["x",null],"Part":{"Id":9}}"#
            )
        );
    }
}
