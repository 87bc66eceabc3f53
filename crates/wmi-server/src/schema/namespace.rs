//! One namespace: its classes and who provides their instances.

use std::collections::BTreeMap;
use std::sync::Arc;

use winreach_cim::{Class, ClassError, Decoration, Name};

use crate::provider::Provider;

/// A namespace: a table of classes.
pub struct Namespace {
    decoration: Arc<Decoration>,
    classes: BTreeMap<Name, Entry>,
}

/// A class of a namespace.
#[derive(Clone)]
pub(crate) struct Entry {
    /// The definition, decorated with where it is.
    pub(crate) class: Arc<Class>,
    /// Who knows its instances; nobody, where the class is only there to be derived from.
    pub(crate) provider: Option<Arc<dyn Provider>>,
    /// The classes that derive from it immediately.
    subclasses: Vec<Name>,
}

/// The parts of a schema do not fit together.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[allow(missing_docs)]
pub enum SchemaError {
    #[error("namespace {namespace}: class {class} is defined twice, and differently")]
    Conflict { namespace: String, class: Name },
    #[error("namespace {namespace}: class {class} has two providers")]
    TwoProviders { namespace: String, class: Name },
    #[error(
        "namespace {namespace}: class {class} derives from {superclass}, whose definition is missing"
    )]
    Superclass { namespace: String, class: Name, superclass: Name },
    #[error("{0:?} is not the name of a namespace")]
    NamespaceName(String),
    #[error(transparent)]
    Class(#[from] ClassError),
}

impl Namespace {
    pub(super) fn new(decoration: Decoration) -> Self {
        Self { decoration: Arc::new(decoration), classes: BTreeMap::new() }
    }

    /// Its name, such as `root\cimv2`.
    pub fn name(&self) -> &str {
        &self.decoration.namespace
    }

    /// What its objects are decorated with.
    pub(crate) fn decoration(&self) -> &Arc<Decoration> {
        &self.decoration
    }

    /// The definition of a class.
    pub fn class(&self, name: &str) -> Option<&Arc<Class>> {
        self.entry(name).map(|entry| &entry.class)
    }

    /// Every class, in alphabetical order.
    pub fn classes(&self) -> impl Iterator<Item = &Arc<Class>> {
        self.classes.values().map(|entry| &entry.class)
    }

    pub(crate) fn entry(&self, name: &str) -> Option<&Entry> {
        self.classes.get(&Name::from(name))
    }

    /// The class and all of its descendants, superclasses first.
    pub(crate) fn family(&self, name: &str) -> Vec<&Entry> {
        let mut family: Vec<&Entry> = self.entry(name).into_iter().collect();
        let mut next = 0;
        while let Some(entry) = family.get(next).copied() {
            family.extend(entry.subclasses.iter().filter_map(|name| self.entry(name)));
            next += 1;
        }
        family
    }

    /// Makes `provider` the one that serves its class.
    pub(super) fn provide(&mut self, provider: Arc<dyn Provider>) -> Result<(), SchemaError> {
        let class = Arc::clone(provider.class());
        self.define(&class)?;
        let entry = self.classes.get_mut(class.name());
        if let Some(entry) = entry
            && entry.provider.replace(provider).is_some()
        {
            let namespace = self.name().to_owned();
            return Err(SchemaError::TwoProviders { namespace, class: class.name().clone() });
        }
        Ok(())
    }

    /// Puts a class into the table, and those that it derives from before it.
    pub(super) fn define(&mut self, class: &Arc<Class>) -> Result<(), SchemaError> {
        let decorated = decorate(class, &self.decoration)?;
        if let Some(known) = self.classes.get(class.name()) {
            return if *known.class == decorated {
                Ok(())
            } else {
                let namespace = self.name().to_owned();
                Err(SchemaError::Conflict { namespace, class: class.name().clone() })
            };
        }
        if let Some(superclass) = class.superclass() {
            if let Some(parent) = class.parent() {
                self.define(parent)?;
            }
            let Some(parent) = self.classes.get_mut(superclass) else {
                return Err(SchemaError::Superclass {
                    namespace: self.name().to_owned(),
                    class: class.name().clone(),
                    superclass: superclass.clone(),
                });
            };
            parent.subclasses.push(class.name().clone());
        }
        let entry = Entry { class: Arc::new(decorated), provider: None, subclasses: Vec::new() };
        self.classes.insert(class.name().clone(), entry);
        Ok(())
    }
}

/// The same class, with the server and the namespace it is in.
fn decorate(class: &Class, decoration: &Arc<Decoration>) -> Result<Class, ClassError> {
    Class::builder(class.name().clone())
        .raw(
            class.derivation().to_vec(),
            class.parent().cloned(),
            class.qualifiers().clone(),
            class.properties().to_vec(),
            class.methods().to_vec(),
        )
        .decoration(Some(Arc::clone(decoration)))
        .build()
}
