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

mod source;

use std::fmt;

use serde::de::value::StrDeserializer;
use serde::de::{self, Deserialize, DeserializeSeed, Deserializer, MapAccess, Visitor};
use serde::forward_to_deserialize_any;

use self::source::{Computed, Source};
use crate::{DateTime, Instance, Name, SystemProperty, Value};

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
mod tests;
