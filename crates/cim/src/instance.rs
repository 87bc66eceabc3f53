//! Instances, and objects that are either a class or an instance.

use std::sync::Arc;

use crate::{Class, Decoration, Qualifiers, Value};

/// An instance of a class: values laid over the class's properties.
///
/// A property that the instance does not set has the class's default; a property set to null is
/// null whatever the default. [`Instance::get`] gives the value in effect,
/// [`Instance::own`] tells the two apart.
///
/// ```
/// use std::sync::Arc;
/// use winreach_cim::{CimType, Class, Instance, Property, Value};
///
/// let class = Arc::new(Class::builder("C")
///     .property(Property::new("A", CimType::Sint32).default(7))
///     .build()?);
/// let mut c = Instance::new(class);
/// assert_eq!(c.get("a"), Some(&Value::Sint32(7)));
/// c.set("A", Value::Null);
/// assert_eq!(c.get("a"), Some(&Value::Null));
/// # Ok::<(), winreach_cim::ClassError>(())
/// ```
#[derive(Clone, PartialEq, Debug)]
pub struct Instance {
    class: Arc<Class>,
    values: Vec<Option<Value>>,
    decoration: Option<Arc<Decoration>>,
    qualifiers: Qualifiers,
    /// One set a property in the order of [`Class::properties`], or empty where no property has
    /// qualifiers of its own: nearly always.
    property_qualifiers: Vec<Qualifiers>,
}

impl Instance {
    /// An instance that sets nothing.
    pub fn new(class: Arc<Class>) -> Self {
        let values = vec![None; class.properties().len()];
        Self::from_values(class, values)
    }

    /// An instance out of its values, one a property in the order of [`Class::properties`];
    /// `None` where the class's default is in effect. Too few are filled up with `None`, too many
    /// are cut off.
    pub fn from_values(class: Arc<Class>, mut values: Vec<Option<Value>>) -> Self {
        values.resize(class.properties().len(), None);
        Self {
            class,
            values,
            decoration: None,
            qualifiers: Qualifiers::new(),
            property_qualifiers: Vec::new(),
        }
    }

    /// The class.
    pub fn class(&self) -> &Arc<Class> {
        &self.class
    }

    /// The value in effect: the instance's own, or the class's default. Nothing where the class
    /// has no such property.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.value(self.class.property_index(name)?)
    }

    /// The value in effect of the property at `index` in [`Class::properties`].
    pub fn value(&self, index: usize) -> Option<&Value> {
        match self.values.get(index)? {
            Some(value) => Some(value),
            None => self.class.properties().get(index).map(|p| &p.default),
        }
    }

    /// What the instance itself sets, one a property in the order of [`Class::properties`].
    pub fn own(&self) -> &[Option<Value>] {
        &self.values
    }

    /// The same values, without the class.
    pub(crate) fn into_values(self) -> Vec<Option<Value>> {
        self.values
    }

    /// Sets a property; gives back whether the class has it. The type is not checked here.
    pub fn set(&mut self, name: &str, value: impl Into<Value>) -> bool {
        let place = self.class.property_index(name).and_then(|i| self.values.get_mut(i));
        place.map(|place| *place = Some(value.into())).is_some()
    }

    /// Each property's name and the value in effect, in the order of declaration.
    pub fn iter(&self) -> impl Iterator<Item = (&crate::Name, &Value)> {
        self.class
            .properties()
            .iter()
            .zip(&self.values)
            .map(|(p, own)| (&p.name, own.as_ref().unwrap_or(&p.default)))
    }

    /// Where the instance came from.
    pub fn decoration(&self) -> Option<&Arc<Decoration>> {
        self.decoration.as_ref()
    }

    /// Says where the instance comes from.
    pub fn set_decoration(&mut self, decoration: Option<Arc<Decoration>>) {
        self.decoration = decoration;
    }

    /// Qualifiers of this very instance.
    pub fn qualifiers(&self) -> &Qualifiers {
        &self.qualifiers
    }

    /// Qualifiers that this very instance gives its properties: one set a property, or none at all.
    pub fn property_qualifiers(&self) -> &[Qualifiers] {
        &self.property_qualifiers
    }

    /// Replaces the qualifiers of the instance and of its properties.
    pub fn set_qualifiers(&mut self, own: Qualifiers, of_properties: Vec<Qualifiers>) {
        self.qualifiers = own;
        self.property_qualifiers = of_properties;
    }
}

/// A class or an instance: what WMI calls a class object, and what a property can embed.
#[derive(Clone, PartialEq, Debug)]
#[allow(missing_docs)]
pub enum Object {
    Class(Arc<Class>),
    Instance(Instance),
}

impl Object {
    /// The class itself, or the class of the instance.
    pub fn class(&self) -> &Arc<Class> {
        match self {
            Self::Class(class) => class,
            Self::Instance(instance) => instance.class(),
        }
    }

    /// The instance, where it is one.
    pub fn as_instance(&self) -> Option<&Instance> {
        match self {
            Self::Instance(instance) => Some(instance),
            Self::Class(_) => None,
        }
    }
}
