//! CIM types and the values they hold.

use std::fmt;

use crate::{DateTime, Object};

/// An intrinsic CIM type, without the array mark.
///
/// The discriminants are the numbers that WMI uses on the wire and in its API.
///
/// Source: `[MS-WMIO] 2.2.82`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[repr(u8)]
#[allow(missing_docs)]
pub enum CimType {
    Sint16 = 2,
    Sint32 = 3,
    Real32 = 4,
    Real64 = 5,
    String = 8,
    Boolean = 11,
    Object = 13,
    Sint8 = 16,
    Uint8 = 17,
    Uint16 = 18,
    Uint32 = 19,
    Sint64 = 20,
    Uint64 = 21,
    DateTime = 101,
    Reference = 102,
    Char16 = 103,
}

impl CimType {
    /// Every type, in the order of [`CimType::name`]'s documentation.
    pub const ALL: [Self; 16] = [
        Self::Sint8,
        Self::Uint8,
        Self::Sint16,
        Self::Uint16,
        Self::Sint32,
        Self::Uint32,
        Self::Sint64,
        Self::Uint64,
        Self::Real32,
        Self::Real64,
        Self::Boolean,
        Self::Char16,
        Self::String,
        Self::DateTime,
        Self::Reference,
        Self::Object,
    ];

    /// The type with this wire number, if there is one.
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|t| *t as u8 == code)
    }

    /// The number on the wire.
    pub fn code(self) -> u8 {
        self as u8
    }

    /// The name in MOF and in the `CIMTYPE` qualifier: `sint8` … `uint64`, `real32`, `real64`,
    /// `boolean`, `char16`, `string`, `datetime`, `ref`, `object`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sint8 => "sint8",
            Self::Uint8 => "uint8",
            Self::Sint16 => "sint16",
            Self::Uint16 => "uint16",
            Self::Sint32 => "sint32",
            Self::Uint32 => "uint32",
            Self::Sint64 => "sint64",
            Self::Uint64 => "uint64",
            Self::Real32 => "real32",
            Self::Real64 => "real64",
            Self::Boolean => "boolean",
            Self::Char16 => "char16",
            Self::String => "string",
            Self::DateTime => "datetime",
            Self::Reference => "ref",
            Self::Object => "object",
        }
    }
}

impl fmt::Display for CimType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// The type of a property, parameter or qualifier: a [`CimType`], or an array of it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct ValueType {
    /// The type of the value, or of each element.
    pub base: CimType,
    /// Whether it is an array.
    pub array: bool,
}

impl ValueType {
    /// A single value.
    pub const fn scalar(base: CimType) -> Self {
        Self { base, array: false }
    }

    /// An array of values.
    pub const fn array(base: CimType) -> Self {
        Self { base, array: true }
    }
}

impl From<CimType> for ValueType {
    fn from(base: CimType) -> Self {
        Self::scalar(base)
    }
}

impl fmt::Display for ValueType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.base, if self.array { "[]" } else { "" })
    }
}

/// A CIM value, or the absence of one.
#[derive(Clone, PartialEq, Debug, Default)]
#[allow(missing_docs)]
pub enum Value {
    /// No value.
    #[default]
    Null,
    Boolean(bool),
    Sint8(i8),
    Uint8(u8),
    Sint16(i16),
    Uint16(u16),
    Sint32(i32),
    Uint32(u32),
    Sint64(i64),
    Uint64(u64),
    Real32(f32),
    Real64(f64),
    /// One UTF-16 code unit, which need not be a whole character.
    Char16(u16),
    String(String),
    DateTime(DateTime),
    /// An object path.
    Reference(String),
    /// An embedded class or instance.
    Object(Box<Object>),
    /// Boxed, because arrays are rare and every row pays for the size of a value.
    Array(Box<Array>),
}

/// The elements of an array value. Elements that live in a heap of their own can be null.
#[derive(Clone, PartialEq, Debug)]
#[allow(missing_docs)]
pub enum Array {
    Boolean(Vec<bool>),
    Sint8(Vec<i8>),
    Uint8(Vec<u8>),
    Sint16(Vec<i16>),
    Uint16(Vec<u16>),
    Sint32(Vec<i32>),
    Uint32(Vec<u32>),
    Sint64(Vec<i64>),
    Uint64(Vec<u64>),
    Real32(Vec<f32>),
    Real64(Vec<f64>),
    Char16(Vec<u16>),
    String(Vec<Option<String>>),
    DateTime(Vec<Option<DateTime>>),
    Reference(Vec<Option<String>>),
    Object(Vec<Option<Object>>),
}

impl Value {
    /// Whether there is no value.
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// The type of the value; nothing for null, which has any type.
    pub fn value_type(&self) -> Option<ValueType> {
        Some(ValueType::scalar(match self {
            Self::Null => return None,
            Self::Array(array) => return Some(ValueType::array(array.element_type())),
            Self::Boolean(_) => CimType::Boolean,
            Self::Sint8(_) => CimType::Sint8,
            Self::Uint8(_) => CimType::Uint8,
            Self::Sint16(_) => CimType::Sint16,
            Self::Uint16(_) => CimType::Uint16,
            Self::Sint32(_) => CimType::Sint32,
            Self::Uint32(_) => CimType::Uint32,
            Self::Sint64(_) => CimType::Sint64,
            Self::Uint64(_) => CimType::Uint64,
            Self::Real32(_) => CimType::Real32,
            Self::Real64(_) => CimType::Real64,
            Self::Char16(_) => CimType::Char16,
            Self::String(_) => CimType::String,
            Self::DateTime(_) => CimType::DateTime,
            Self::Reference(_) => CimType::Reference,
            Self::Object(_) => CimType::Object,
        }))
    }

    /// The text of a string or a reference.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) | Self::Reference(text) => Some(text),
            _ => None,
        }
    }

    /// A boolean.
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Boolean(value) => Some(*value),
            _ => None,
        }
    }

    /// Any integer that fits, whatever its CIM width. `char16` is not a number.
    pub fn as_i64(&self) -> Option<i64> {
        Some(match self {
            Self::Sint8(v) => i64::from(*v),
            Self::Uint8(v) => i64::from(*v),
            Self::Sint16(v) => i64::from(*v),
            Self::Uint16(v) => i64::from(*v),
            Self::Sint32(v) => i64::from(*v),
            Self::Uint32(v) => i64::from(*v),
            Self::Sint64(v) => *v,
            Self::Uint64(v) => return i64::try_from(*v).ok(),
            _ => return None,
        })
    }

    /// Any integer that is not negative, whatever its CIM width.
    pub fn as_u64(&self) -> Option<u64> {
        match self {
            Self::Uint64(v) => Some(*v),
            other => other.as_i64().and_then(|v| u64::try_from(v).ok()),
        }
    }

    /// Any number, as the nearest `f64`.
    pub fn as_f64(&self) -> Option<f64> {
        match self {
            Self::Real32(v) => Some(f64::from(*v)),
            Self::Real64(v) => Some(*v),
            Self::Uint64(v) => Some(*v as f64),
            other => other.as_i64().map(|v| v as f64),
        }
    }

    /// The elements of an array.
    pub fn as_array(&self) -> Option<&Array> {
        match self {
            Self::Array(array) => Some(array),
            _ => None,
        }
    }

    /// An embedded object.
    pub fn as_object(&self) -> Option<&Object> {
        match self {
            Self::Object(object) => Some(object),
            _ => None,
        }
    }
}

/// The integers that some CIM type can hold.
pub(crate) const INTEGERS: std::ops::RangeInclusive<i128> = (i64::MIN as i128)..=(u64::MAX as i128);

/// An integer as a value of an integer type; nothing where the type is another or too narrow.
pub(crate) fn integer(cim_type: CimType, number: i128) -> Option<Value> {
    Some(match cim_type {
        CimType::Sint8 => Value::Sint8(number.try_into().ok()?),
        CimType::Uint8 => Value::Uint8(number.try_into().ok()?),
        CimType::Sint16 => Value::Sint16(number.try_into().ok()?),
        CimType::Uint16 => Value::Uint16(number.try_into().ok()?),
        CimType::Sint32 => Value::Sint32(number.try_into().ok()?),
        CimType::Uint32 => Value::Uint32(number.try_into().ok()?),
        CimType::Sint64 => Value::Sint64(number.try_into().ok()?),
        CimType::Uint64 => Value::Uint64(number.try_into().ok()?),
        _ => return None,
    })
}

impl Array {
    /// The type of each element.
    pub fn element_type(&self) -> CimType {
        match self {
            Self::Boolean(_) => CimType::Boolean,
            Self::Sint8(_) => CimType::Sint8,
            Self::Uint8(_) => CimType::Uint8,
            Self::Sint16(_) => CimType::Sint16,
            Self::Uint16(_) => CimType::Uint16,
            Self::Sint32(_) => CimType::Sint32,
            Self::Uint32(_) => CimType::Uint32,
            Self::Sint64(_) => CimType::Sint64,
            Self::Uint64(_) => CimType::Uint64,
            Self::Real32(_) => CimType::Real32,
            Self::Real64(_) => CimType::Real64,
            Self::Char16(_) => CimType::Char16,
            Self::String(_) => CimType::String,
            Self::DateTime(_) => CimType::DateTime,
            Self::Reference(_) => CimType::Reference,
            Self::Object(_) => CimType::Object,
        }
    }

    /// How many elements there are.
    pub fn len(&self) -> usize {
        match self {
            Self::Boolean(v) => v.len(),
            Self::Sint8(v) => v.len(),
            Self::Uint8(v) => v.len(),
            Self::Sint16(v) => v.len(),
            Self::Uint16(v) => v.len(),
            Self::Sint32(v) => v.len(),
            Self::Uint32(v) => v.len(),
            Self::Sint64(v) => v.len(),
            Self::Uint64(v) => v.len(),
            Self::Real32(v) => v.len(),
            Self::Real64(v) => v.len(),
            Self::Char16(v) => v.len(),
            Self::String(v) => v.len(),
            Self::DateTime(v) => v.len(),
            Self::Reference(v) => v.len(),
            Self::Object(v) => v.len(),
        }
    }

    /// Whether there is no element.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Each element as a value of its own; a null element is [`Value::Null`].
    pub fn iter(&self) -> impl Iterator<Item = Value> + '_ {
        (0..self.len()).map(|i| self.get(i).unwrap_or_default())
    }

    /// The element at `index`, as a value of its own.
    pub fn get(&self, index: usize) -> Option<Value> {
        fn nullable<T: Clone>(item: &Option<T>, wrap: impl Fn(T) -> Value) -> Value {
            item.clone().map_or(Value::Null, wrap)
        }
        Some(match self {
            Self::Boolean(v) => Value::Boolean(*v.get(index)?),
            Self::Sint8(v) => Value::Sint8(*v.get(index)?),
            Self::Uint8(v) => Value::Uint8(*v.get(index)?),
            Self::Sint16(v) => Value::Sint16(*v.get(index)?),
            Self::Uint16(v) => Value::Uint16(*v.get(index)?),
            Self::Sint32(v) => Value::Sint32(*v.get(index)?),
            Self::Uint32(v) => Value::Uint32(*v.get(index)?),
            Self::Sint64(v) => Value::Sint64(*v.get(index)?),
            Self::Uint64(v) => Value::Uint64(*v.get(index)?),
            Self::Real32(v) => Value::Real32(*v.get(index)?),
            Self::Real64(v) => Value::Real64(*v.get(index)?),
            Self::Char16(v) => Value::Char16(*v.get(index)?),
            Self::String(v) => nullable(v.get(index)?, Value::String),
            Self::DateTime(v) => nullable(v.get(index)?, Value::DateTime),
            Self::Reference(v) => nullable(v.get(index)?, Value::Reference),
            Self::Object(v) => nullable(v.get(index)?, |o| Value::Object(Box::new(o))),
        })
    }
}

macro_rules! from {
    ($($from:ty => $variant:ident),* $(,)?) => {$(
        impl From<$from> for Value {
            fn from(value: $from) -> Self {
                Self::$variant(value.into())
            }
        }
    )*};
}

from! {
    bool => Boolean, i8 => Sint8, u8 => Uint8, i16 => Sint16, u16 => Uint16, i32 => Sint32,
    u32 => Uint32, i64 => Sint64, u64 => Uint64, f32 => Real32, f64 => Real64,
    String => String, &str => String, DateTime => DateTime, Array => Array, Object => Object,
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}
