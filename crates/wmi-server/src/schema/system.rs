//! The classes that every namespace has, whoever provides for it.
//!
//! Source: `[MS-WMI] 2.2.31`; the properties after the WMI SDK, *WMI System Classes*.

use std::sync::Arc;

use winreach_cim::{CimType, Class, ClassError, Flavor, Property, Qualifier, ValueType};

/// The class whose instances are the namespaces below the one they are in.
pub(super) const NAMESPACE: &str = "__Namespace";

/// A row of the table: a class, its superclass, whether it has instances of its own, its
/// properties.
struct Definition {
    name: &'static str,
    superclass: Option<&'static str>,
    concrete: bool,
    properties: &'static [Element],
}

enum Element {
    Key(&'static str),
    Value(&'static str, CimType),
    Array(&'static str, CimType),
    /// An embedded object of a class, or of any where none is named.
    Embedded(&'static str, Option<&'static str>),
}

const fn class(
    name: &'static str,
    superclass: &'static str,
    properties: &'static [Element],
) -> Definition {
    Definition { name, superclass: Some(superclass), concrete: false, properties }
}

const fn concrete(mut definition: Definition) -> Definition {
    definition.concrete = true;
    definition
}

const fn root(name: &'static str) -> Definition {
    Definition { name, superclass: None, concrete: false, properties: &[] }
}

use Element::{Array, Embedded, Key, Value};

/// Superclasses before their subclasses.
const CLASSES: &[Definition] = &[
    root("__SystemClass"),
    root("__PARAMETERS"),
    concrete(class(NAMESPACE, "__SystemClass", &[Key("Name")])),
    class("__Provider", "__SystemClass", &[Key("Name")]),
    class("__NotifyStatus", "__SystemClass", &[Value("StatusCode", CimType::Uint32)]),
    concrete(class(
        "__ExtendedStatus",
        "__NotifyStatus",
        &[
            Value("Description", CimType::String),
            Value("Operation", CimType::String),
            Value("ParameterInfo", CimType::String),
            Value("ProviderName", CimType::String),
        ],
    )),
    class("__IndicationRelated", "__SystemClass", &[]),
    class(
        "__Event",
        "__IndicationRelated",
        &[Array("SECURITY_DESCRIPTOR", CimType::Uint8), Value("TIME_CREATED", CimType::Uint64)],
    ),
    class("__ExtrinsicEvent", "__Event", &[]),
    concrete(class(
        "__NamespaceOperationEvent",
        "__Event",
        &[Embedded("TargetNamespace", Some(NAMESPACE))],
    )),
    concrete(class("__NamespaceCreationEvent", "__NamespaceOperationEvent", &[])),
    concrete(class("__NamespaceDeletionEvent", "__NamespaceOperationEvent", &[])),
    concrete(class(
        "__NamespaceModificationEvent",
        "__NamespaceOperationEvent",
        &[Embedded("PreviousNamespace", Some(NAMESPACE))],
    )),
    concrete(class("__ClassOperationEvent", "__Event", &[Embedded("TargetClass", None)])),
    concrete(class("__ClassCreationEvent", "__ClassOperationEvent", &[])),
    concrete(class("__ClassDeletionEvent", "__ClassOperationEvent", &[])),
    concrete(class(
        "__ClassModificationEvent",
        "__ClassOperationEvent",
        &[Embedded("PreviousClass", None)],
    )),
    concrete(class("__InstanceOperationEvent", "__Event", &[Embedded("TargetInstance", None)])),
    concrete(class("__InstanceCreationEvent", "__InstanceOperationEvent", &[])),
    concrete(class("__InstanceDeletionEvent", "__InstanceOperationEvent", &[])),
    concrete(class(
        "__InstanceModificationEvent",
        "__InstanceOperationEvent",
        &[Embedded("PreviousInstance", None)],
    )),
    concrete(class(
        "__AggregateEvent",
        "__IndicationRelated",
        &[Value("NumberOfEvents", CimType::Uint32), Embedded("Representative", None)],
    )),
    concrete(class(
        "__TimerEvent",
        "__Event",
        &[Value("NumFirings", CimType::Uint32), Value("TimerId", CimType::String)],
    )),
];

/// Every system class, superclasses first.
pub(super) fn classes() -> Result<Vec<Arc<Class>>, ClassError> {
    let mut classes: Vec<Arc<Class>> = Vec::with_capacity(CLASSES.len());
    for definition in CLASSES {
        let superclass =
            definition.superclass.and_then(|name| classes.iter().find(|c| c.name().is(name)));
        let mut builder = match superclass {
            Some(superclass) => Class::derive(definition.name, superclass),
            None => Class::builder(definition.name),
        };
        if !definition.concrete {
            builder = builder.qualifier(Qualifier::new("abstract", true));
        }
        for element in definition.properties {
            builder = builder.property(property(element));
        }
        classes.push(Arc::new(builder.build()?));
    }
    Ok(classes)
}

fn property(element: &Element) -> Property {
    match *element {
        Key(name) => Property::new(name, CimType::String).key(),
        Value(name, base) => Property::new(name, base),
        Array(name, base) => Property::new(name, ValueType::array(base)),
        Embedded(name, None) => Property::new(name, CimType::Object),
        Embedded(name, Some(class)) => {
            let flavor = Flavor::TO_INSTANCE | Flavor::TO_SUBCLASS;
            Property::new(name, CimType::Object)
                .qualifier(Qualifier::new("CIMTYPE", format!("object:{class}")).with_flavor(flavor))
        }
    }
}
