//! Instances as the caller's own types.
//!
//! ```
//! use std::sync::Arc;
//! use winreach_cim::{CimType, Class, Instance, Property, de};
//!
//! #[derive(serde::Deserialize)]
//! struct Process {
//!     #[serde(rename = "ProcessId")]
//!     id: u64,
//!     #[serde(rename = "Name")]
//!     name: Option<String>,
//! }
//!
//! let class = Class::builder("Win32_Process")
//!     .property(Property::new("ProcessId", CimType::Uint32))
//!     .property(Property::new("Name", CimType::String))
//!     .build()?;
//! let mut instance = Instance::new(Arc::new(class));
//! instance.set("ProcessId", 4_u32);
//! let process: Process = de::from_instance(&instance)?;
//! assert_eq!((process.id, process.name), (4, None));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use std::fmt;

use serde::de::value::{MapDeserializer, SeqDeserializer, StrDeserializer};
use serde::de::{
    self, Deserialize, DeserializeSeed, Deserializer, IntoDeserializer, MapAccess, Visitor,
};
use serde::forward_to_deserialize_any;

use crate::{Array, DateTime, Instance, Name, Object, SystemProperty, Value};

/// Reads an instance as a struct or a map.
///
/// The fields of a struct find their properties without regard to case, and system properties
/// such as `__PATH` too; `#[serde(rename = "…")]` tells the names apart where they differ. A
/// number may be of any type that holds it, null needs an `Option`, a `char16` is a character or a
/// `u16`, a date-time a text or a [`DateTime`]. Texts can be borrowed from the instance.
///
/// # Errors
/// When a property has no value or one that does not fit its field; the error names it.
pub fn from_instance<'de, T: Deserialize<'de>>(instance: &'de Instance) -> Result<T, Error> {
    T::deserialize(Properties(instance))
}

/// An instance does not fit a type.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub struct Error {
    /// The property, and where there are embedded objects those on the way to it, from the
    /// outside in. Empty where no property is at fault.
    pub path: Vec<Name>,
    /// What does not fit.
    pub message: String,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, name) in self.path.iter().enumerate() {
            write!(f, "{}{name}", if i == 0 { "property " } else { "." })?;
        }
        write!(f, "{}{}", if self.path.is_empty() { "" } else { ": " }, self.message)
    }
}

impl Error {
    fn within(mut self, name: &str) -> Self {
        self.path.insert(0, name.into());
        self
    }
}

impl de::Error for Error {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self { path: Vec::new(), message: message.to_string() }
    }
}

/// An instance, as a deserializer of structs and maps.
struct Properties<'de>(&'de Instance);

impl<'de> Deserializer<'de> for Properties<'de> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let entries = self.0.iter().map(|(name, value)| (name.as_str(), Found::Value(value)));
        visitor.visit_map(Entries { entries, current: None })
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        // Two spellings of one field lead to one property, which must come only once.
        let repeats = |at: usize, field: &str| {
            fields.iter().take(at).any(|other| crate::name::compare(other, field).is_eq())
        };
        let fields = fields.iter().enumerate().filter(|(at, field)| !repeats(*at, field));
        let entries = fields.filter_map(|(_, field)| Some((*field, self.find(field)?)));
        visitor.visit_map(Entries { entries, current: None })
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_some(self)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}

impl<'de> Properties<'de> {
    fn find(&self, field: &str) -> Option<Found<'de>> {
        let system = || {
            let property = SystemProperty::from_name(field)?;
            Some(Found::System(property.of_instance(self.0)))
        };
        self.0.get(field).map(Found::Value).or_else(system)
    }
}

/// The value of a property: stored, or computed here.
enum Found<'de> {
    Value(&'de Value),
    System(Value),
}

/// Names and values, one after the other; puts the name into errors.
struct Entries<'a, 'de, I: Iterator<Item = (&'a str, Found<'de>)>> {
    entries: I,
    current: Option<(&'a str, Found<'de>)>,
}

impl<'a, 'de, I: Iterator<Item = (&'a str, Found<'de>)>> MapAccess<'de> for Entries<'a, 'de, I> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Error> {
        self.current = self.entries.next();
        let name = self.current.as_ref().map(|(name, _)| *name);
        name.map(|name| seed.deserialize(StrDeserializer::new(name))).transpose()
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Error> {
        let Some((name, found)) = self.current.take() else {
            return Err(de::Error::custom("a value was asked for before its name"));
        };
        let value = match found {
            Found::Value(value) => seed.deserialize(Source::Value(value)),
            Found::System(value) => seed.deserialize(Computed(value)),
        };
        value.map_err(|error| error.within(name))
    }
}

/// A stored value or an element of an array.
#[derive(Clone, Copy)]
enum Source<'de> {
    Value(&'de Value),
    Text(Option<&'de str>),
    Object(Option<&'de Object>),
    Unit(u16),
}

impl<'de> Source<'de> {
    fn is_null(self) -> bool {
        matches!(self, Self::Value(Value::Null) | Self::Text(None) | Self::Object(None))
    }

    fn text(self) -> Option<&'de str> {
        match self {
            Self::Value(Value::DateTime(at)) => Some(at.as_str()),
            Self::Value(value) => value.as_str(),
            Self::Text(text) => text,
            Self::Object(_) | Self::Unit(_) => None,
        }
    }
}

impl<'de> Deserializer<'de> for Source<'de> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let value = match self {
            Self::Value(value) => value,
            Self::Text(Some(text)) => return visitor.visit_borrowed_str(text),
            Self::Object(Some(object)) => return visit_object(object, visitor),
            Self::Unit(unit) => return visit_unit(unit, visitor),
            Self::Text(None) | Self::Object(None) => return visitor.visit_unit(),
        };
        match value {
            Value::Null => visitor.visit_unit(),
            Value::Boolean(v) => visitor.visit_bool(*v),
            Value::Sint8(v) => visitor.visit_i8(*v),
            Value::Uint8(v) => visitor.visit_u8(*v),
            Value::Sint16(v) => visitor.visit_i16(*v),
            Value::Uint16(v) => visitor.visit_u16(*v),
            Value::Sint32(v) => visitor.visit_i32(*v),
            Value::Uint32(v) => visitor.visit_u32(*v),
            Value::Sint64(v) => visitor.visit_i64(*v),
            Value::Uint64(v) => visitor.visit_u64(*v),
            Value::Real32(v) => visitor.visit_f32(*v),
            Value::Real64(v) => visitor.visit_f64(*v),
            Value::Char16(v) => visit_unit(*v, visitor),
            Value::String(v) | Value::Reference(v) => visitor.visit_borrowed_str(v),
            Value::DateTime(v) => visitor.visit_borrowed_str(v.as_str()),
            Value::Object(v) => visit_object(v, visitor),
            Value::Array(v) => visit_array(v, visitor),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if self.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_u16<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self {
            Self::Unit(unit) => visitor.visit_u16(unit),
            Self::Value(Value::Char16(unit)) => visitor.visit_u16(*unit),
            other => other.deserialize_any(visitor),
        }
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self {
            Self::Value(Value::Array(array)) => match &**array {
                Array::Uint8(bytes) => visitor.visit_borrowed_bytes(bytes),
                other => visit_array(other, visitor),
            },
            other => other.deserialize_any(visitor),
        }
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_bytes(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        let object = match self {
            Self::Value(value) => value.as_object(),
            Self::Object(object) => object,
            Self::Text(_) | Self::Unit(_) => None,
        };
        match object.and_then(Object::as_instance) {
            Some(instance) => Properties(instance).deserialize_struct(name, fields, visitor),
            None => self.deserialize_any(visitor),
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        match self.text() {
            Some(text) => visitor.visit_enum(StrDeserializer::new(text)),
            None => self.deserialize_any(visitor),
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u32 u64 u128 f32 f64 char str string unit unit_struct seq
        tuple tuple_struct map identifier ignored_any
    }
}

impl<'de> IntoDeserializer<'de, Error> for Source<'de> {
    type Deserializer = Self;
    fn into_deserializer(self) -> Self {
        self
    }
}

fn visit_unit<'de, V: Visitor<'de>>(unit: u16, visitor: V) -> Result<V::Value, Error> {
    match char::from_u32(unit.into()) {
        Some(c) => visitor.visit_char(c),
        None => visitor.visit_u16(unit),
    }
}

fn visit_object<'de, V: Visitor<'de>>(object: &'de Object, visitor: V) -> Result<V::Value, Error> {
    match object {
        Object::Instance(instance) => Properties(instance).deserialize_any(visitor),
        Object::Class(class) => visitor.visit_map(MapDeserializer::new(
            class.properties().iter().map(|p| (p.name.as_str(), Source::Value(&p.default))),
        )),
    }
}

fn visit_array<'de, V: Visitor<'de>>(array: &'de Array, visitor: V) -> Result<V::Value, Error> {
    fn visit<'de, V: Visitor<'de>, T: IntoDeserializer<'de, Error>>(
        items: impl Iterator<Item = T>,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_seq(SeqDeserializer::new(items))
    }
    match array {
        Array::Boolean(v) => visit(v.iter().copied(), visitor),
        Array::Sint8(v) => visit(v.iter().copied(), visitor),
        Array::Uint8(v) => visit(v.iter().copied(), visitor),
        Array::Sint16(v) => visit(v.iter().copied(), visitor),
        Array::Uint16(v) => visit(v.iter().copied(), visitor),
        Array::Sint32(v) => visit(v.iter().copied(), visitor),
        Array::Uint32(v) => visit(v.iter().copied(), visitor),
        Array::Sint64(v) => visit(v.iter().copied(), visitor),
        Array::Uint64(v) => visit(v.iter().copied(), visitor),
        Array::Real32(v) => visit(v.iter().copied(), visitor),
        Array::Real64(v) => visit(v.iter().copied(), visitor),
        Array::Char16(v) => visit(v.iter().copied().map(Source::Unit), visitor),
        Array::String(v) | Array::Reference(v) => {
            visit(v.iter().map(|text| Source::Text(text.as_deref())), visitor)
        }
        Array::DateTime(v) => {
            visit(v.iter().map(|at| Source::Text(at.as_ref().map(DateTime::as_str))), visitor)
        }
        Array::Object(v) => visit(v.iter().map(|o| Source::Object(o.as_ref())), visitor),
    }
}

/// A system property, which nobody can borrow from.
struct Computed(Value);

impl<'de> Deserializer<'de> for Computed {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Value::Null => visitor.visit_unit(),
            Value::Sint32(number) => visitor.visit_i32(number),
            Value::String(text) => visitor.visit_string(text),
            Value::Array(array) => match *array {
                Array::String(texts) => {
                    visitor.visit_seq(SeqDeserializer::new(texts.into_iter().flatten()))
                }
                _ => visitor.visit_unit(),
            },
            _ => visitor.visit_unit(),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if self.0.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

impl<'de> Deserialize<'de> for DateTime {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl Visitor<'_> for Text {
            type Value = DateTime;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a CIM date-time")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<DateTime, E> {
                text.parse().map_err(E::custom)
            }
        }
        deserializer.deserialize_str(Text)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::Arc;

    use serde::Deserialize;

    use super::*;
    use crate::{CimType, Class, Property, ValueType};

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
}
