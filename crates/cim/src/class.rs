//! Classes, their properties and their methods.

use std::sync::Arc;

use crate::{CimType, Flavor, Name, Qualifier, Qualifiers, Value, ValueType};

/// Where an object came from: the `__SERVER` and `__NAMESPACE` it was decorated with.
///
/// Source: `[MS-WMIO] 2.2.7`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Decoration {
    /// The computer's name, as it calls itself.
    pub server: String,
    /// The namespace, such as `ROOT\cimv2`.
    pub namespace: String,
}

/// A CIM class. Immutable once built, so that it can be shared by all of its instances.
///
/// A class holds **all** its properties and methods, the inherited ones first.
///
/// ```
/// use winreach_cim::{CimType, Class, Property, Value};
///
/// let base = Class::builder("Base").property(Property::new("Id", CimType::Sint32).key()).build()?;
/// let derived = Class::derive("Derived", &std::sync::Arc::new(base))
///     .property(Property::new("Text", CimType::String).default(Value::from("none")))
///     .build()?;
/// assert_eq!(derived.superclass().map(|n| n.as_str()), Some("Base"));
/// assert_eq!(derived.properties().len(), 2);
/// assert!(derived.property("ID").is_some_and(|p| p.is_key()));
/// # Ok::<(), winreach_cim::ClassError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Class {
    name: Name,
    derivation: Vec<Name>,
    parent: Option<Arc<Class>>,
    qualifiers: Qualifiers,
    properties: Vec<Property>,
    methods: Vec<Method>,
    decoration: Option<Arc<Decoration>>,
    /// Indexes into `properties`, sorted by name.
    by_name: Vec<usize>,
}

/// A property of a class, or a parameter of a method.
#[derive(Clone, PartialEq, Debug)]
pub struct Property {
    /// The name, in the spelling of the schema.
    pub name: Name,
    /// The type.
    pub value_type: ValueType,
    /// Which class of the chain introduced it, counted from the top-most class, which is 0.
    pub origin: u32,
    /// Whether it came from a superclass.
    pub propagated: bool,
    /// The value that instances have where they set none; often null.
    pub default: Value,
    /// Whether the default came from a superclass.
    pub default_propagated: bool,
    /// What the schema says of it; `CIMTYPE` is always the first.
    pub qualifiers: Qualifiers,
}

/// A method of a class.
#[derive(Clone, PartialEq, Debug)]
pub struct Method {
    /// The name, in the spelling of the schema.
    pub name: Name,
    /// Which class of the chain introduced it, counted from the top-most class, which is 0.
    pub origin: u32,
    /// Whether it came from a superclass.
    pub propagated: bool,
    /// What the schema says of it.
    pub qualifiers: Qualifiers,
    /// The `__PARAMETERS` class of what goes in; nothing where there are no such parameters.
    pub input: Option<Arc<Class>>,
    /// The `__PARAMETERS` class of what comes out, `ReturnValue` included.
    pub output: Option<Arc<Class>>,
}

/// Why a class could not be built.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[allow(missing_docs)]
pub enum ClassError {
    #[error("class {class}: property {property} stands there twice")]
    DuplicateProperty { class: Name, property: Name },
    #[error("class {class}: method {method} stands there twice")]
    DuplicateMethod { class: Name, method: Name },
    #[error("class {class}: property {property} has type {expected}, its default has {found}")]
    DefaultType { class: Name, property: Name, expected: ValueType, found: ValueType },
    #[error("class {class}: property {property} overrides one of another type")]
    OverrideType { class: Name, property: Name },
}

impl Class {
    /// Starts a class without a superclass.
    pub fn builder(name: impl Into<Name>) -> ClassBuilder {
        ClassBuilder {
            class: Self {
                name: name.into(),
                derivation: Vec::new(),
                parent: None,
                qualifiers: Qualifiers::new(),
                properties: Vec::new(),
                methods: Vec::new(),
                decoration: None,
                by_name: Vec::new(),
            },
        }
    }

    /// Starts a subclass, which inherits the properties and methods of `parent`, and those of
    /// their qualifiers that pass to subclasses.
    pub fn derive(name: impl Into<Name>, parent: &Arc<Class>) -> ClassBuilder {
        let mut builder = Self::builder(name);
        let class = &mut builder.class;
        class.derivation.push(parent.name.clone());
        class.derivation.extend(parent.derivation.iter().cloned());
        class.qualifiers = inherited(&parent.qualifiers);
        class.properties = parent
            .properties
            .iter()
            .map(|p| Property {
                propagated: true,
                default_propagated: true,
                qualifiers: inherited(&p.qualifiers),
                ..p.clone()
            })
            .collect();
        class.methods = parent
            .methods
            .iter()
            .map(|m| Method { propagated: true, qualifiers: inherited(&m.qualifiers), ..m.clone() })
            .collect();
        class.parent = Some(Arc::clone(parent));
        builder
    }

    /// The name of the class (`__CLASS`).
    pub fn name(&self) -> &Name {
        &self.name
    }

    /// The superclasses, the immediate one first (`__DERIVATION`).
    pub fn derivation(&self) -> &[Name] {
        &self.derivation
    }

    /// The immediate superclass (`__SUPERCLASS`).
    pub fn superclass(&self) -> Option<&Name> {
        self.derivation.first()
    }

    /// The definition of the superclass, where it is at hand: the class of an instance comes
    /// without it.
    pub fn parent(&self) -> Option<&Arc<Class>> {
        self.parent.as_ref()
    }

    /// Whether this is `name` or one of its descendants.
    pub fn is_a(&self, name: &str) -> bool {
        self.name.is(name) || self.derivation.iter().any(|n| n.is(name))
    }

    /// What the schema says of the class.
    pub fn qualifiers(&self) -> &Qualifiers {
        &self.qualifiers
    }

    /// All properties, in the order of their declaration, the inherited ones first.
    pub fn properties(&self) -> &[Property] {
        &self.properties
    }

    /// The property of this name.
    pub fn property(&self, name: &str) -> Option<&Property> {
        self.properties.get(self.property_index(name)?)
    }

    /// Where the property of this name stands in [`Class::properties`].
    pub fn property_index(&self, name: &str) -> Option<usize> {
        let key = |&i: &usize| {
            self.properties
                .get(i)
                .map_or(std::cmp::Ordering::Less, |p| crate::name::compare(&p.name, name))
        };
        let at = self.by_name.binary_search_by(key).ok()?;
        self.by_name.get(at).copied()
    }

    /// Indexes into [`Class::properties`], in the order of the names: the order of the table that
    /// travels (`[MS-WMIO] 2.2.21`).
    pub fn properties_by_name(&self) -> &[usize] {
        &self.by_name
    }

    /// The key properties, in the order of their declaration.
    pub fn keys(&self) -> impl Iterator<Item = &Property> {
        self.properties.iter().filter(|p| p.is_key())
    }

    /// All methods, in the order of their declaration, the inherited ones first.
    pub fn methods(&self) -> &[Method] {
        &self.methods
    }

    /// The method of this name.
    pub fn method(&self, name: &str) -> Option<&Method> {
        self.methods.iter().find(|m| m.name.is(name))
    }

    /// Where the class came from.
    pub fn decoration(&self) -> Option<&Arc<Decoration>> {
        self.decoration.as_ref()
    }

    /// The name of the class that introduced an element with this `origin`.
    pub fn origin(&self, origin: u32) -> Option<&Name> {
        let depth = self.derivation.len();
        match depth.checked_sub(usize::try_from(origin).ok()?)? {
            0 => Some(&self.name),
            up => self.derivation.get(up - 1),
        }
    }

    /// The class with some of its properties alone, one flag a property, and perhaps without its
    /// superclasses and its origin.
    pub(crate) fn subset(&self, kept: &[bool], superclasses: bool, origin: bool) -> Self {
        let stays = |index: usize| kept.get(index).copied().unwrap_or_default();
        let place = |index: usize| kept.iter().take(index).filter(|kept| **kept).count();
        let properties = self.properties.iter().enumerate().filter(|(i, _)| stays(*i));
        let by_name = self.by_name.iter().copied().filter(|i| stays(*i));
        Self {
            name: self.name.clone(),
            derivation: if superclasses { self.derivation.clone() } else { Vec::new() },
            parent: self.parent.clone().filter(|_| superclasses),
            qualifiers: self.qualifiers.clone(),
            by_name: by_name.map(place).collect(),
            properties: properties.map(|(_, property)| property.clone()).collect(),
            methods: self.methods.clone(),
            decoration: self.decoration.clone().filter(|_| origin),
        }
    }

    /// The class with its properties changed, all but their names.
    pub(crate) fn map_properties(&self, change: impl FnMut(Property) -> Property) -> Self {
        let properties = self.properties.iter().cloned().map(change).collect();
        Self { properties, ..self.clone() }
    }

    /// Whether the class has no instances of its own.
    pub fn is_abstract(&self) -> bool {
        self.qualifiers.is_true("abstract")
    }

    /// Whether the class has at most one instance, which `Class=@` names.
    pub fn is_singleton(&self) -> bool {
        self.qualifiers.is_true("singleton")
    }

    /// Whether the class relates instances of other classes.
    pub fn is_association(&self) -> bool {
        self.qualifiers.is_true("association")
    }
}

/// Classes are equal when they say the same; the definition of the parent is not compared, only
/// its name.
impl PartialEq for Class {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
            && self.derivation == other.derivation
            && self.qualifiers == other.qualifiers
            && self.properties == other.properties
            && self.methods == other.methods
            && self.decoration == other.decoration
    }
}

fn inherited(qualifiers: &Qualifiers) -> Qualifiers {
    qualifiers
        .iter()
        .filter(|q| q.flavor.contains(Flavor::TO_SUBCLASS))
        .map(|q| Qualifier { flavor: q.flavor | Flavor::PROPAGATED, ..q.clone() })
        .collect()
}

impl Property {
    /// A property without a default. It gets its `CIMTYPE` qualifier.
    pub fn new(name: impl Into<Name>, value_type: impl Into<ValueType>) -> Self {
        let value_type = value_type.into();
        Self::with_cimtype(name, value_type, value_type.base.name())
    }

    /// A reference to objects of `class`.
    pub fn reference(name: impl Into<Name>, class: &str) -> Self {
        Self::with_cimtype(name, CimType::Reference.into(), &format!("ref:{class}"))
    }

    fn with_cimtype(name: impl Into<Name>, value_type: ValueType, cimtype: &str) -> Self {
        let flavor = Flavor::TO_INSTANCE | Flavor::TO_SUBCLASS;
        Self {
            name: name.into(),
            value_type,
            origin: 0,
            propagated: false,
            default: Value::Null,
            default_propagated: false,
            qualifiers: [Qualifier::new("CIMTYPE", cimtype).with_flavor(flavor)]
                .into_iter()
                .collect(),
        }
    }

    /// The same property as a key.
    #[must_use]
    pub fn key(self) -> Self {
        let flavor = Flavor::TO_INSTANCE | Flavor::TO_SUBCLASS | Flavor::NOT_OVERRIDABLE;
        self.qualifier(Qualifier::new("key", true).with_flavor(flavor))
    }

    /// The same property with a default.
    #[must_use]
    pub fn default(mut self, value: impl Into<Value>) -> Self {
        self.default = value.into();
        self
    }

    /// The same property with one more qualifier.
    #[must_use]
    pub fn qualifier(mut self, qualifier: Qualifier) -> Self {
        self.qualifiers.set(qualifier);
        self
    }

    /// Whether the property is part of the key.
    pub fn is_key(&self) -> bool {
        self.qualifiers.is_true("key")
    }

    /// The class that a reference or an embedded object must belong to, out of `CIMTYPE`
    /// (`ref:Class`, `object:Class`).
    pub fn target_class(&self) -> Option<&str> {
        self.qualifiers.value("CIMTYPE")?.as_str()?.split_once(':').map(|(_, class)| class)
    }
}

/// Puts a [`Class`] together. Made by [`Class::builder`] and [`Class::derive`].
#[derive(Clone, Debug)]
pub struct ClassBuilder {
    class: Class,
}

impl ClassBuilder {
    /// Adds a property of the class's own, or overrides the inherited one of the same name: that
    /// keeps its place, its origin and those inherited qualifiers that are not given again.
    #[must_use]
    pub fn property(mut self, mut property: Property) -> Self {
        let own = self.own_origin();
        match self.class.properties.iter_mut().find(|p| p.propagated && p.name == property.name) {
            Some(inherited) => {
                for qualifier in &inherited.qualifiers {
                    if property.qualifiers.get(&qualifier.name).is_none() {
                        property.qualifiers.set(qualifier.clone());
                    }
                }
                property.origin = inherited.origin;
                property.propagated = true;
                *inherited = property;
            }
            None => {
                property.origin = own;
                self.class.properties.push(property);
            }
        }
        self
    }

    /// Adds a method of the class's own, or overrides the inherited one of the same name.
    #[must_use]
    pub fn method(mut self, mut method: Method) -> Self {
        method.origin = self.own_origin();
        match self.class.methods.iter_mut().find(|m| m.propagated && m.name == method.name) {
            Some(inherited) => {
                method.origin = inherited.origin;
                *inherited = method;
            }
            None => self.class.methods.push(method),
        }
        self
    }

    /// Adds a qualifier to the class.
    #[must_use]
    pub fn qualifier(mut self, qualifier: Qualifier) -> Self {
        self.class.qualifiers.set(qualifier);
        self
    }

    /// Says where the class comes from.
    #[must_use]
    pub fn decoration(mut self, decoration: Option<Arc<Decoration>>) -> Self {
        self.class.decoration = decoration;
        self
    }

    /// Takes over what a peer sent, element by element: properties and methods stay as they are,
    /// with the origins and propagation marks they carry.
    #[must_use]
    pub fn raw(
        mut self,
        derivation: Vec<Name>,
        parent: Option<Arc<Class>>,
        qualifiers: Qualifiers,
        properties: Vec<Property>,
        methods: Vec<Method>,
    ) -> Self {
        self.class.derivation = derivation;
        self.class.parent = parent;
        self.class.qualifiers = qualifiers;
        self.class.properties = properties;
        self.class.methods = methods;
        self
    }

    /// The finished class.
    ///
    /// # Errors
    /// When two properties or methods have one name, or a default does not fit its type.
    pub fn build(self) -> Result<Class, ClassError> {
        let class = self.finish();
        for pair in class.by_name.windows(2) {
            let name = |i: usize| class.properties.get(i).map(|p| &p.name);
            if let [a, b] = pair
                && name(*a) == name(*b)
                && let Some(property) = name(*a).cloned()
            {
                return Err(ClassError::DuplicateProperty { class: class.name, property });
            }
        }
        for (i, method) in class.methods.iter().enumerate() {
            if class.methods.iter().take(i).any(|m| m.name == method.name) {
                let method = method.name.clone();
                return Err(ClassError::DuplicateMethod { class: class.name, method });
            }
        }
        for property in &class.properties {
            if let Some(found) = property.default.value_type()
                && found != property.value_type
            {
                return Err(ClassError::DefaultType {
                    class: class.name.clone(),
                    property: property.name.clone(),
                    expected: property.value_type,
                    found,
                });
            }
            if property.propagated
                && let Some(parent) = &class.parent
                && let Some(above) = parent.property(&property.name)
                && above.value_type != property.value_type
            {
                return Err(ClassError::OverrideType {
                    class: class.name.clone(),
                    property: property.name.clone(),
                });
            }
        }
        Ok(class)
    }

    /// The finished class, unchecked: for who made sure that [`ClassBuilder::build`] would not
    /// fail.
    pub(crate) fn finish(mut self) -> Class {
        let class = &mut self.class;
        let mut by_name: Vec<usize> = (0..class.properties.len()).collect();
        by_name.sort_by_cached_key(|i| class.properties.get(*i).map(|p| p.name.clone()));
        class.by_name = by_name;
        self.class
    }

    fn own_origin(&self) -> u32 {
        u32::try_from(self.class.derivation.len()).unwrap_or(u32::MAX)
    }
}
