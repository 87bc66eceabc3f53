//! System properties: what WMI says of every class and instance without storing it.

use std::fmt;
use std::sync::Arc;

use crate::path::{KeyValue, Keys, NamespacePath, ObjectPath};
use crate::{Array, CimType, Class, Decoration, Instance, Object, Value, ValueType};

/// A property that WMI computes.
///
/// Source: WMI SDK, *WMI System Properties*.
///
/// ```
/// use std::sync::Arc;
/// use winreach_cim::{CimType, Class, Instance, Property, SystemProperty, Value};
///
/// let class = Arc::new(
///     Class::builder("Win32_OptionalFeature")
///         .property(Property::new("Name", CimType::String).key())
///         .build()?,
/// );
/// let mut feature = Instance::new(class);
/// feature.set("Name", "TelnetClient");
/// let path = SystemProperty::Relpath.of_instance(&feature);
/// assert_eq!(path, Value::from(r#"Win32_OptionalFeature.Name="TelnetClient""#));
/// # Ok::<(), winreach_cim::ClassError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum SystemProperty {
    /// `__GENUS`: 1 for a class, 2 for an instance.
    Genus,
    /// `__CLASS`: the name of the class.
    Class,
    /// `__SUPERCLASS`: the immediate superclass.
    Superclass,
    /// `__DYNASTY`: the top-most superclass, or the class itself.
    Dynasty,
    /// `__RELPATH`: the path within the namespace; null where a key has no value.
    Relpath,
    /// `__PROPERTY_COUNT`: how many properties there are, without these.
    PropertyCount,
    /// `__DERIVATION`: the superclasses, the immediate one first.
    Derivation,
    /// `__SERVER`: the computer that the object came from.
    Server,
    /// `__NAMESPACE`: the namespace that the object came from.
    Namespace,
    /// `__PATH`: the whole path; null where the server, the namespace or a key is not known.
    Path,
}

impl SystemProperty {
    /// Every system property, in the order in which Windows lists them.
    pub const ALL: [Self; 10] = [
        Self::Genus,
        Self::Class,
        Self::Superclass,
        Self::Dynasty,
        Self::Relpath,
        Self::PropertyCount,
        Self::Derivation,
        Self::Server,
        Self::Namespace,
        Self::Path,
    ];

    /// The name, such as `__CLASS`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Genus => "__GENUS",
            Self::Class => "__CLASS",
            Self::Superclass => "__SUPERCLASS",
            Self::Dynasty => "__DYNASTY",
            Self::Relpath => "__RELPATH",
            Self::PropertyCount => "__PROPERTY_COUNT",
            Self::Derivation => "__DERIVATION",
            Self::Server => "__SERVER",
            Self::Namespace => "__NAMESPACE",
            Self::Path => "__PATH",
        }
    }

    /// The system property of this name, in any case.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|property| property.name().eq_ignore_ascii_case(name))
    }

    /// The type: `string`, save `sint32` for the two numbers and `string[]` for `__DERIVATION`.
    pub fn value_type(self) -> ValueType {
        match self {
            Self::Genus | Self::PropertyCount => ValueType::scalar(CimType::Sint32),
            Self::Derivation => ValueType::array(CimType::String),
            _ => ValueType::scalar(CimType::String),
        }
    }

    /// The value for a class.
    pub fn of_class(self, class: &Class) -> Value {
        match self {
            Self::Genus => Value::Sint32(1),
            Self::Relpath => Value::from(class.relative_path().to_string()),
            Self::Path => printed(class.path()),
            _ => self.of_schema(class, class.decoration()),
        }
    }

    /// The value for an instance.
    pub fn of_instance(self, instance: &Instance) -> Value {
        match self {
            Self::Genus => Value::Sint32(2),
            Self::Relpath => printed(instance.relative_path()),
            Self::Path => printed(instance.path()),
            _ => self.of_schema(instance.class(), instance.origin()),
        }
    }

    /// The value for either.
    pub fn of_object(self, object: &Object) -> Value {
        match object {
            Object::Class(class) => self.of_class(class),
            Object::Instance(instance) => self.of_instance(instance),
        }
    }

    /// What the class alone tells, and where the object came from.
    fn of_schema(self, class: &Class, origin: Option<&Arc<Decoration>>) -> Value {
        match self {
            Self::Superclass => class.superclass().map(crate::Name::as_str).into(),
            Self::Dynasty => class.dynasty().into(),
            Self::PropertyCount => i32::try_from(class.properties().len()).ok().into(),
            Self::Derivation => {
                let names = class.derivation().iter().map(|name| Some(name.as_str().to_owned()));
                Array::String(names.collect()).into()
            }
            Self::Server => origin.map(|origin| origin.server.as_str()).into(),
            Self::Namespace => origin.map(|origin| origin.namespace.as_str()).into(),
            Self::Class | Self::Genus | Self::Relpath | Self::Path => class.name().as_str().into(),
        }
    }
}

impl fmt::Display for SystemProperty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl Class {
    /// The name of the top-most superclass, or of the class itself (`__DYNASTY`).
    pub fn dynasty(&self) -> &str {
        self.derivation().last().unwrap_or(self.name())
    }

    /// The path within the namespace (`__RELPATH`).
    pub fn relative_path(&self) -> ObjectPath {
        ObjectPath::new(self.name().clone())
    }

    /// The whole path (`__PATH`); nothing where the class does not say where it came from.
    pub fn path(&self) -> Option<ObjectPath> {
        Some(self.relative_path().in_namespace(namespace(self.decoration()?)))
    }
}

impl Instance {
    /// The path within the namespace (`__RELPATH`); nothing where the class has no keys or a key
    /// has no value.
    pub fn relative_path(&self) -> Option<ObjectPath> {
        let class = self.class();
        let keys = if class.is_singleton() {
            Keys::Singleton
        } else {
            let key = |name: &crate::Name| KeyValue::from_value(self.get(name)?);
            let values: Option<Vec<_>> =
                class.keys().map(|p| Some((p.name.clone(), key(&p.name)?))).collect();
            Keys::named(values?)
        };
        (keys != Keys::None).then(|| ObjectPath::new(class.name().clone()).with_keys(keys))
    }

    /// The whole path (`__PATH`); nothing where there is no relative path or the instance does
    /// not say where it came from.
    pub fn path(&self) -> Option<ObjectPath> {
        Some(self.relative_path()?.in_namespace(namespace(self.origin()?)))
    }

    /// Where the instance came from, by its own word or by that of its class.
    pub(crate) fn origin(&self) -> Option<&Arc<Decoration>> {
        self.decoration().or_else(|| self.class().decoration())
    }
}

fn namespace(origin: &Decoration) -> NamespacePath {
    let names = origin.namespace.split(['\\', '/']).filter(|name| !name.is_empty());
    NamespacePath::new(names).on(origin.server.as_str())
}

fn printed(path: Option<ObjectPath>) -> Value {
    path.map(|path| path.to_string()).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Property, Qualifier};

    fn classes() -> (Arc<Class>, Arc<Class>) {
        let base = Class::builder("CIM_ManagedSystemElement")
            .property(Property::new("Caption", CimType::String))
            .build()
            .unwrap();
        let feature = Class::derive("Win32_OptionalFeature", &Arc::new(base))
            .property(Property::new("Name", CimType::String).key())
            .property(Property::new("Flag", CimType::Boolean).key())
            .property(Property::new("Count", CimType::Uint64).key())
            .build()
            .unwrap();
        let time = Class::builder("Win32_CurrentTime")
            .qualifier(Qualifier::new("Singleton", true))
            .build()
            .unwrap();
        (Arc::new(feature), Arc::new(time))
    }

    #[test]
    fn an_instance_knows_its_path() {
        let (class, time) = classes();
        let mut feature = Instance::new(class);
        feature.set("Name", r#"a\b"c""#);
        feature.set("Flag", true);
        assert_eq!(SystemProperty::Relpath.of_instance(&feature), Value::Null);
        feature.set("Count", u64::MAX);
        let relpath =
            r#"Win32_OptionalFeature.Count=18446744073709551615,Flag=TRUE,Name="a\\b\"c\"""#;
        assert_eq!(SystemProperty::Relpath.of_instance(&feature), Value::from(relpath));
        assert_eq!(SystemProperty::Path.of_instance(&feature), Value::Null);
        feature.set_decoration(Some(Arc::new(Decoration {
            server: "MyServer".into(),
            namespace: r"root\cimv2".into(),
        })));
        let path = format!(r"\\MyServer\root\cimv2:{relpath}");
        assert_eq!(SystemProperty::Path.of_instance(&feature), Value::from(path));
        assert_eq!(SystemProperty::Server.of_instance(&feature), Value::from("MyServer"));
        let now = Instance::new(time);
        assert_eq!(SystemProperty::Relpath.of_instance(&now), Value::from("Win32_CurrentTime=@"));
    }

    #[test]
    fn classes_and_instances_know_their_kin() {
        let (class, time) = classes();
        let value = |property: SystemProperty| property.of_class(&class);
        assert_eq!(value(SystemProperty::Genus), Value::Sint32(1));
        assert_eq!(value(SystemProperty::Class), Value::from("Win32_OptionalFeature"));
        assert_eq!(value(SystemProperty::Relpath), Value::from("Win32_OptionalFeature"));
        assert_eq!(value(SystemProperty::Superclass), Value::from("CIM_ManagedSystemElement"));
        assert_eq!(value(SystemProperty::Dynasty), Value::from("CIM_ManagedSystemElement"));
        assert_eq!(value(SystemProperty::PropertyCount), Value::Sint32(4));
        assert_eq!(value(SystemProperty::Namespace), Value::Null);
        let derivation = Array::String(vec![Some("CIM_ManagedSystemElement".into())]);
        assert_eq!(value(SystemProperty::Derivation), Value::from(derivation));
        assert_eq!(SystemProperty::Superclass.of_class(&time), Value::Null);
        assert_eq!(SystemProperty::Dynasty.of_class(&time), Value::from("Win32_CurrentTime"));
        assert_eq!(SystemProperty::Genus.of_instance(&Instance::new(class)), Value::Sint32(2));
        for property in SystemProperty::ALL {
            assert_eq!(SystemProperty::from_name(&property.name().to_lowercase()), Some(property));
        }
    }
}
