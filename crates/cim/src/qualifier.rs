//! Qualifiers: what a schema says about its own elements.

use bitflags::bitflags;

use crate::{Name, Value};

bitflags! {
    /// How a qualifier passes to subclasses and instances, and where it came from.
    ///
    /// Source: `[MS-WMIO] 2.2.62`.
    #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
    pub struct Flavor: u8 {
        /// Passes to instances.
        const TO_INSTANCE = 0x01;
        /// Passes to subclasses.
        const TO_SUBCLASS = 0x02;
        /// A subclass may not override it.
        const NOT_OVERRIDABLE = 0x10;
        /// It came from a superclass.
        const PROPAGATED = 0x20;
        /// It belongs to the system.
        const SYSTEM = 0x40;
        /// Its text belongs to a language and is amended to the class.
        const AMENDED = 0x80;
        // Bits without a name are kept as they came.
        const _ = !0;
    }
}

/// A named value attached to a class, property, method or parameter.
///
/// WMI restricts values to strings, booleans, `sint32`, `real64` and arrays of those.
#[derive(Clone, PartialEq, Debug)]
pub struct Qualifier {
    /// The name, such as `key`.
    pub name: Name,
    /// The value; `true` for a qualifier that only stands there.
    pub value: Value,
    /// How it spreads.
    pub flavor: Flavor,
}

impl Qualifier {
    /// A qualifier with a value and no flavor.
    pub fn new(name: impl Into<Name>, value: impl Into<Value>) -> Self {
        Self { name: name.into(), value: value.into(), flavor: Flavor::empty() }
    }

    /// The same qualifier with another flavor.
    #[must_use]
    pub fn with_flavor(mut self, flavor: Flavor) -> Self {
        self.flavor = flavor;
        self
    }
}

/// The qualifiers of one element, in the order in which they were written.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Qualifiers(Vec<Qualifier>);

impl Qualifiers {
    /// No qualifiers.
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// The qualifier of this name.
    pub fn get(&self, name: &str) -> Option<&Qualifier> {
        self.0.iter().find(|q| q.name.is(name))
    }

    /// The value of the qualifier of this name.
    pub fn value(&self, name: &str) -> Option<&Value> {
        self.get(name).map(|q| &q.value)
    }

    /// Whether a boolean qualifier stands there and is true.
    pub fn is_true(&self, name: &str) -> bool {
        self.value(name).and_then(Value::as_bool) == Some(true)
    }

    /// Adds a qualifier, in place of the one with the same name where there is one.
    pub fn set(&mut self, qualifier: Qualifier) {
        match self.0.iter_mut().find(|q| q.name == qualifier.name) {
            Some(place) => *place = qualifier,
            None => self.0.push(qualifier),
        }
    }

    /// Each qualifier, in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Qualifier> {
        self.0.iter()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromIterator<Qualifier> for Qualifiers {
    /// Keeps every qualifier, in order, even two of one name: a peer's bytes may hold them.
    fn from_iter<I: IntoIterator<Item = Qualifier>>(iter: I) -> Self {
        Self(iter.into_iter().collect())
    }
}

impl<'a> IntoIterator for &'a Qualifiers {
    type Item = &'a Qualifier;
    type IntoIter = std::slice::Iter<'a, Qualifier>;
    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}
