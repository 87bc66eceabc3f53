//! What stands in `krb5.conf`, whatever it means.

use std::collections::BTreeMap;

use super::error::{ConfigError, LineProblem, Place};

/// Sections with values and with sections in them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Profile {
    pub(super) root: Section,
}

/// A section, or what stands in braces.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Section {
    relations: BTreeMap<String, Relation>,
    sections: BTreeMap<String, Section>,
    /// Whether nothing can be added any more, since it was marked with `*`.
    pub(super) is_final: bool,
}

/// All values of a key.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Relation {
    values: Vec<Value>,
    is_final: bool,
}

/// A value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Value {
    /// What stands behind the equals sign, without quotes.
    pub text: String,
    /// Where it stands.
    pub place: Place,
}

impl Profile {
    /// The section with all top-level sections in it.
    #[must_use]
    pub fn root(&self) -> &Section {
        &self.root
    }

    /// All values at a path such as `realms`, `EXAMPLE.COM`, `kdc`, in the order of the files.
    #[must_use]
    pub fn values(&self, path: &[&str]) -> &[Value] {
        let Some((key, sections)) = path.split_last() else { return &[] };
        let section = sections.iter().try_fold(&self.root, |section, name| section.section(name));
        section.map(|section| section.values(key)).unwrap_or_default()
    }

    /// The first value at a path.
    #[must_use]
    pub fn value(&self, path: &[&str]) -> Option<&Value> {
        self.values(path).first()
    }
}

impl Section {
    /// The section of that name in this one.
    #[must_use]
    pub fn section(&self, name: &str) -> Option<&Self> {
        self.sections.get(name)
    }

    /// All sections in this one, by name.
    pub fn sections(&self) -> impl Iterator<Item = (&str, &Self)> {
        self.sections.iter().map(|(name, section)| (name.as_str(), section))
    }

    /// All values of a key.
    #[must_use]
    pub fn values(&self, key: &str) -> &[Value] {
        self.relations.get(key).map(|relation| relation.values.as_slice()).unwrap_or_default()
    }

    /// All keys of this section with their values.
    pub fn relations(&self) -> impl Iterator<Item = (&str, &[Value])> {
        self.relations.iter().map(|(key, relation)| (key.as_str(), relation.values.as_slice()))
    }

    /// The section of that name, made where it is missing.
    pub(super) fn section_mut(&mut self, name: &str) -> &mut Self {
        self.sections.entry(name.to_owned()).or_default()
    }

    /// Adds a value behind others of the key, unless they are marked as final.
    pub(super) fn add(&mut self, key: &str, value: Value, is_final: bool) {
        let relation = self.relations.entry(key.to_owned()).or_default();
        if !relation.is_final {
            relation.values.push(value);
            relation.is_final = is_final;
        }
    }
}

impl Value {
    /// An error that says what the value of `key` should have been.
    pub(super) fn unlike(&self, key: &str, expected: &'static str) -> ConfigError {
        let line = format!("{key} = {}", self.text);
        ConfigError::line(self.place.clone(), &line, LineProblem::Value(expected))
    }
}
