//! Rows of a result.

use std::sync::Arc;

use serde::de::DeserializeOwned;
use winreach_cim::{Class, Decoration, Instance, Object, de};
use winreach_wmio::{ClassUnit, PacketObject, Row as RowRef, SharedRow, ValueRef};

use crate::error::{Error, Step};

/// A row of a result: an instance nearly always, a class where the query asks for classes
/// (`SELECT * FROM meta_class`).
///
/// It shares the memory of the batch that it came in. Values are read where they lie; [`to_object`]
/// and [`to_instance`] make copies that stand alone.
///
/// [`to_object`]: Row::to_object
/// [`to_instance`]: Row::to_instance
#[derive(Clone, Debug)]
pub struct Row(Content);

#[derive(Clone, Debug)]
enum Content {
    Instance(SharedRow),
    Class(Arc<ClassUnit>),
}

impl Row {
    /// The class of the instance, or the class itself. It has the properties that the query
    /// selected.
    pub fn class(&self) -> &Arc<Class> {
        match &self.0 {
            Content::Instance(row) => row.layout().class(),
            Content::Class(unit) => &unit.class,
        }
    }

    /// Where the row came from.
    pub fn decoration(&self) -> Option<&Arc<Decoration>> {
        match &self.0 {
            Content::Instance(row) => row.decoration(),
            Content::Class(unit) => unit.class.decoration(),
        }
    }

    /// The value of the property of this name, borrowed; of a class, its default. System properties
    /// such as `__PATH` are not among them: they belong to the object as a whole.
    ///
    /// # Errors
    /// When the class has no such property or the server sent a malformed value.
    pub fn get(&self, name: &str) -> Result<ValueRef<'_>, Error> {
        let index = self.class().property_index(name).ok_or_else(|| {
            let class = self.class().name();
            Error::misuse(Step::Rows, format!("{class} has no property {name}"))
        })?;
        self.value(index)
    }

    /// The value of the property at `index` in [`Class::properties`], borrowed; of a class, its
    /// default.
    ///
    /// # Errors
    /// As [`Row::get`].
    pub fn value(&self, index: usize) -> Result<ValueRef<'_>, Error> {
        match &self.0 {
            Content::Instance(row) => row.view().and_then(|row| row.value(index)),
            Content::Class(unit) => unit.layout.default(index),
        }
        .map_err(|error| Error::new(Step::Rows, error))
    }

    /// The instance as it lies in the batch, for those who read many of its values: nothing is
    /// copied or allocated. Nothing for a class.
    pub fn view(&self) -> Option<RowRef<'_>> {
        match &self.0 {
            Content::Instance(row) => row.view().ok(),
            Content::Class(_) => None,
        }
    }

    /// The object, independent of the batch.
    ///
    /// # Errors
    /// When the server sent a malformed value.
    pub fn to_object(&self) -> Result<Object, Error> {
        match &self.0 {
            Content::Instance(_) => self.to_instance().map(Object::Instance),
            Content::Class(unit) => Ok(Object::Class(Arc::clone(&unit.class))),
        }
    }

    /// The instance, independent of the batch; of a class, an instance that sets nothing.
    ///
    /// # Errors
    /// When the server sent a malformed value.
    pub fn to_instance(&self) -> Result<Instance, Error> {
        match &self.0 {
            Content::Instance(row) => {
                row.to_instance().map_err(|error| Error::new(Step::Rows, error))
            }
            Content::Class(unit) => Ok(Instance::new(Arc::clone(&unit.class))),
        }
    }

    /// The row as a value of a Rust type: a struct whose fields are named like the properties, or a
    /// map. See [`winreach_cim::de`].
    ///
    /// # Errors
    /// When the row does not fit the type, or the server sent a malformed value.
    pub fn deserialize<T: DeserializeOwned>(&self) -> Result<T, Error> {
        let instance = self.to_instance()?;
        de::from_instance(&instance).map_err(|error| Error::new(Step::Deserialize, error))
    }
}

impl From<PacketObject> for Row {
    fn from(object: PacketObject) -> Self {
        Self(match object {
            PacketObject::Row(row) => Content::Instance(row),
            PacketObject::Class(unit) => Content::Class(Arc::from(unit)),
        })
    }
}
