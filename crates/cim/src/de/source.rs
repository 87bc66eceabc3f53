//! Single values, as deserializers.

use serde::de::value::{MapDeserializer, SeqDeserializer, StrDeserializer};
use serde::de::{Deserializer, IntoDeserializer, Visitor};
use serde::forward_to_deserialize_any;

use super::{Error, Properties};
use crate::{Array, DateTime, Object, Value};

/// A stored value or an element of an array.
#[derive(Clone, Copy)]
pub(super) enum Source<'de> {
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
pub(super) struct Computed(pub(super) Value);

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
