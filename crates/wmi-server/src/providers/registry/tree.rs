//! Keys and values.

use std::collections::BTreeMap;

use winreach_cim::Name;

/// The longest name of a key, in UTF-16 units, as Windows has it.
const KEY_NAME: usize = 255;
/// The longest name of a value.
const VALUE_NAME: usize = 16_383;
/// How deep keys can lie.
const DEPTH: usize = 512;

/// A tree of keys, of which the top-most are `HKEY_LOCAL_MACHINE` and `HKEY_USERS`: the other
/// predefined keys of Windows are places in these two.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Registry {
    root: Key,
}

/// A key: keys below it, and values.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Key {
    pub(super) keys: BTreeMap<Name, Key>,
    pub(super) values: BTreeMap<Name, Data>,
}

/// The data of a value.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Data {
    /// `REG_SZ`.
    Text(String),
    /// `REG_EXPAND_SZ`: a text with references to variables, such as `%SystemRoot%`.
    Expand(String),
    /// `REG_BINARY`.
    Binary(Vec<u8>),
    /// `REG_DWORD`.
    Dword(u32),
    /// `REG_MULTI_SZ`.
    Multi(Vec<String>),
    /// `REG_QWORD`.
    Qword(u64),
    /// A type that no method reads, by its number.
    Other(u32, Vec<u8>),
}

/// Where a key lies: the names from a top-most key on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct KeyPath(pub(super) Vec<Name>);

/// A name or a path cannot be.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[allow(missing_docs)]
pub enum NameError {
    #[error("a part of the path is empty")]
    Empty,
    #[error("a name is too long")]
    TooLong,
    #[error("the keys lie too deep")]
    TooDeep,
    #[error("a name holds a control character")]
    Control,
}

impl Data {
    /// The number of the type.
    pub fn number(&self) -> u32 {
        match self {
            Self::Text(_) => 1,
            Self::Expand(_) => 2,
            Self::Binary(_) => 3,
            Self::Dword(_) => 4,
            Self::Multi(_) => 7,
            Self::Qword(_) => 11,
            Self::Other(number, _) => *number,
        }
    }
}

impl KeyPath {
    /// The place of a predefined key, and the names below it, with backslashes between.
    ///
    /// # Errors
    /// When a name is empty, too long or has a control character inside.
    pub(super) fn new(top: &[&str], below: &str) -> Result<Self, NameError> {
        let mut names: Vec<Name> = top.iter().map(|name| Name::from(*name)).collect();
        let below = below.strip_suffix('\\').unwrap_or(below);
        if !below.is_empty() {
            for name in below.split('\\') {
                names.push(key_name(name)?);
            }
        }
        if names.len() > DEPTH { Err(NameError::TooDeep) } else { Ok(Self(names)) }
    }
}

fn key_name(name: &str) -> Result<Name, NameError> {
    match name {
        "" => Err(NameError::Empty),
        _ if name.contains(char::is_control) => Err(NameError::Control),
        _ if name.encode_utf16().count() > KEY_NAME => Err(NameError::TooLong),
        _ => Ok(name.into()),
    }
}

/// The name of a value; empty for the default one.
pub(super) fn value_name(name: &str) -> Result<Name, NameError> {
    match name {
        _ if name.contains(char::is_control) => Err(NameError::Control),
        _ if name.encode_utf16().count() > VALUE_NAME => Err(NameError::TooLong),
        _ => Ok(name.into()),
    }
}

impl Registry {
    /// The key at a path.
    pub fn key(&self, path: &KeyPath) -> Option<&Key> {
        path.0.iter().try_fold(&self.root, |key, name| key.keys.get(name))
    }

    pub(super) fn key_mut(&mut self, path: &KeyPath) -> Option<&mut Key> {
        path.0.iter().try_fold(&mut self.root, |key, name| key.keys.get_mut(name))
    }

    /// The key at a path, which is made where there is none, with those above it.
    pub(super) fn create(&mut self, path: &KeyPath) -> &mut Key {
        path.0.iter().fold(&mut self.root, |key, name| key.keys.entry(name.clone()).or_default())
    }

    pub(super) fn top(&self) -> impl Iterator<Item = (&Name, &Key)> {
        self.root.keys.iter()
    }
}

impl Key {
    /// The names of the keys below.
    pub fn keys(&self) -> impl Iterator<Item = &Name> {
        self.keys.keys()
    }

    /// The values; the default one has an empty name.
    pub fn values(&self) -> impl Iterator<Item = (&Name, &Data)> {
        self.values.iter()
    }

    /// A value by its name; an empty name for the default one.
    pub fn value(&self, name: &str) -> Option<&Data> {
        self.values.get(&Name::from(name))
    }
}
