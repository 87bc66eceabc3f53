//! Classes and instances in a namespace.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;

use super::{NamespacePath, Parser, PathError};
use crate::{CimType, DateTime, Name, Value};

/// A path to a class or an instance, such as `\\box\root\cimv2:Win32_Service.Name="Spooler"`.
///
/// It prints in the form that WMI itself gives `__PATH` and `__RELPATH`: keys in alphabetical
/// order, texts in double quotes, backslashes between namespaces. Paths compare without regard to
/// case or to the order of the keys.
///
/// Source: `[MS-WMI] 2.2.2`; WMI SDK, *Describing an Instance Object Path*.
///
/// ```
/// use winreach_cim::path::{KeyValue, ObjectPath};
/// let path: ObjectPath = r#"//box/root/cimv2:C.b=2,A='x'"#.parse()?;
/// assert_eq!(path.to_string(), r#"\\box\root\cimv2:C.A="x",b=2"#);
/// assert_eq!(path.relative().to_string(), r#"C.A="x",b=2"#);
/// assert_eq!(path.keys.get("B"), Some(&KeyValue::Integer(2)));
/// # Ok::<(), winreach_cim::path::PathError>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct ObjectPath {
    /// Where the class is; empty in a relative path.
    pub namespace: NamespacePath,
    /// The class.
    pub class: Name,
    /// Which instance of the class.
    pub keys: Keys,
}

/// Which instance of a class a path means.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub enum Keys {
    /// None: the path leads to the class itself.
    #[default]
    None,
    /// The only instance of a singleton class, `Class=@`.
    Singleton,
    /// The instance whose one key has this value, `Class="value"`.
    Unnamed(KeyValue),
    /// The instance with these values, `Class.Key="value",…`; made by [`Keys::named`].
    Named(KeyBindings),
}

/// Keys and their values, in alphabetical order of the keys.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct KeyBindings(Vec<(Name, KeyValue)>);

/// The value of a key in a path.
///
/// A path does not tell a text from a date-time, a reference or a `char16`: all stand in quotes.
/// [`KeyValue::to_value`] reads them as the type that the class gives the key. Keys of real or
/// object type do not exist in WMI.
#[derive(Clone, Debug)]
pub enum KeyValue {
    /// Whatever stands in quotes.
    Text(String),
    /// An integer of any width, from -2⁶³ to 2⁶⁴-1.
    Integer(i128),
    /// `TRUE` or `FALSE`.
    Boolean(bool),
}

impl ObjectPath {
    /// The relative path to a class.
    pub fn new(class: impl Into<Name>) -> Self {
        Self { namespace: NamespacePath::default(), class: class.into(), keys: Keys::None }
    }

    /// The same path with other keys.
    #[must_use]
    pub fn with_keys(mut self, keys: Keys) -> Self {
        self.keys = keys;
        self
    }

    /// The same path in another namespace.
    #[must_use]
    pub fn in_namespace(mut self, namespace: NamespacePath) -> Self {
        self.namespace = namespace;
        self
    }

    /// The path within the namespace (`__RELPATH`).
    #[must_use]
    pub fn relative(&self) -> Self {
        Self { namespace: NamespacePath::default(), ..self.clone() }
    }

    /// Whether the path leads to a class rather than to an instance.
    pub fn is_class(&self) -> bool {
        self.keys == Keys::None
    }
}

impl Keys {
    /// Keys with names, in any order; [`Keys::None`] where there are none.
    pub fn named<N: Into<Name>>(bindings: impl IntoIterator<Item = (N, KeyValue)>) -> Self {
        let mut bindings: Vec<_> = bindings.into_iter().map(|(n, v)| (n.into(), v)).collect();
        bindings.sort_by(|(a, _), (b, _)| a.cmp(b));
        if bindings.is_empty() { Self::None } else { Self::Named(KeyBindings(bindings)) }
    }

    /// The value of the key with this name. An unnamed value answers to every name.
    pub fn get(&self, name: &str) -> Option<&KeyValue> {
        match self {
            Self::None | Self::Singleton => None,
            Self::Unnamed(value) => Some(value),
            Self::Named(bindings) => bindings.iter().find(|(n, _)| n.is(name)).map(|(_, v)| v),
        }
    }
}

impl KeyBindings {
    /// Each key and its value, in alphabetical order of the keys.
    pub fn iter(&self) -> std::slice::Iter<'_, (Name, KeyValue)> {
        self.0.iter()
    }

    /// How many keys there are; at least one.
    #[allow(clippy::len_without_is_empty)]
    pub fn len(&self) -> usize {
        self.0.len()
    }
}

impl<'a> IntoIterator for &'a KeyBindings {
    type Item = &'a (Name, KeyValue);
    type IntoIter = std::slice::Iter<'a, (Name, KeyValue)>;
    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl KeyValue {
    /// The key that a property's value makes; nothing for null, a real number, an embedded object
    /// or an array, which cannot be keys.
    pub fn from_value(value: &Value) -> Option<Self> {
        Some(match value {
            Value::String(text) | Value::Reference(text) => Self::Text(text.clone()),
            Value::DateTime(at) => Self::Text(at.as_str().to_owned()),
            Value::Char16(unit) => Self::Text(String::from_utf16_lossy(&[*unit])),
            Value::Boolean(value) => Self::Boolean(*value),
            Value::Uint64(value) => Self::Integer(i128::from(*value)),
            other => Self::Integer(i128::from(other.as_i64()?)),
        })
    }

    /// The value as a property of this type has it; nothing where it does not fit. A number in
    /// quotes is read as a number, as WMI does.
    pub fn to_value(&self, cim_type: CimType) -> Option<Value> {
        Some(match (cim_type, self) {
            (CimType::String, Self::Text(text)) => Value::String(text.clone()),
            (CimType::Reference, Self::Text(text)) => Value::Reference(text.clone()),
            (CimType::DateTime, Self::Text(text)) => {
                Value::DateTime(text.parse::<DateTime>().ok()?)
            }
            (CimType::Char16, Self::Text(text)) => {
                let mut units = text.encode_utf16();
                let unit = units.next()?;
                units.next().is_none().then_some(Value::Char16(unit))?
            }
            (CimType::Boolean, Self::Boolean(value)) => Value::Boolean(*value),
            (CimType::Boolean, Self::Text(text)) if text.eq_ignore_ascii_case("true") => {
                Value::Boolean(true)
            }
            (CimType::Boolean, Self::Text(text)) if text.eq_ignore_ascii_case("false") => {
                Value::Boolean(false)
            }
            (CimType::Boolean, Self::Integer(number @ 0..=1)) => Value::Boolean(*number == 1),
            (_, Self::Integer(number)) => crate::value::integer(cim_type, *number)?,
            (_, Self::Text(text)) => crate::value::integer(cim_type, text.parse().ok()?)?,
            (_, Self::Boolean(_)) => return None,
        })
    }
}

impl PartialEq for KeyValue {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Text(a), Self::Text(b)) => crate::name::compare(a, b) == Ordering::Equal,
            (Self::Integer(a), Self::Integer(b)) => a == b,
            (Self::Boolean(a), Self::Boolean(b)) => a == b,
            _ => false,
        }
    }
}

impl Eq for KeyValue {}

impl Hash for KeyValue {
    fn hash<H: Hasher>(&self, state: &mut H) {
        match self {
            Self::Text(text) => crate::name::hash(text, state),
            Self::Integer(number) => number.hash(state),
            Self::Boolean(value) => value.hash(state),
        }
    }
}

impl From<&str> for KeyValue {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<i64> for KeyValue {
    fn from(number: i64) -> Self {
        Self::Integer(i128::from(number))
    }
}

impl From<u64> for KeyValue {
    fn from(number: u64) -> Self {
        Self::Integer(i128::from(number))
    }
}

impl From<bool> for KeyValue {
    fn from(value: bool) -> Self {
        Self::Boolean(value)
    }
}

impl From<&ObjectPath> for KeyValue {
    fn from(reference: &ObjectPath) -> Self {
        Self::Text(reference.to_string())
    }
}

impl FromStr for ObjectPath {
    type Err = PathError;

    fn from_str(text: &str) -> Result<Self, PathError> {
        let mut parser = Parser::new(text);
        let path = parser.object_path()?;
        parser.end()?;
        Ok(path)
    }
}

impl fmt::Display for ObjectPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.namespace.is_empty() {
            write!(f, "{}:", self.namespace)?;
        }
        write!(f, "{}{}", self.class, self.keys)
    }
}

impl fmt::Display for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => Ok(()),
            Self::Singleton => f.write_str("=@"),
            Self::Unnamed(value) => write!(f, "={value}"),
            Self::Named(bindings) => {
                for (i, (name, value)) in bindings.iter().enumerate() {
                    write!(f, "{}{name}={value}", if i == 0 { '.' } else { ',' })?;
                }
                Ok(())
            }
        }
    }
}

impl fmt::Display for KeyValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => write!(f, "\"{}\"", text.replace('\\', r"\\").replace('"', "\\\"")),
            Self::Integer(number) => number.fmt(f),
            Self::Boolean(value) => f.write_str(if *value { "TRUE" } else { "FALSE" }),
        }
    }
}
