use std::sync::Arc;

use winreach_cim::path::NamespacePath;
use winreach_cim::{CimType, Class, Name, Property};

use super::*;
use crate::MemoryProvider;
use crate::provider::Provider;

fn class(name: &str, property: &str) -> Arc<Class> {
    let class = Class::builder(name).property(Property::new(property, CimType::String).key());
    Arc::new(class.build().unwrap())
}

fn derived(name: &str, parent: &Arc<Class>) -> Arc<Class> {
    Arc::new(Class::derive(name, parent).build().unwrap())
}

fn provider(class: &Arc<Class>) -> Arc<dyn Provider> {
    Arc::new(MemoryProvider::new(Arc::clone(class), Vec::new()))
}

fn path(text: &str) -> NamespacePath {
    text.parse().unwrap()
}

fn error(builder: RepositoryBuilder) -> SchemaError {
    builder.build().map(drop).unwrap_err()
}

#[test]
fn every_namespace_has_the_system_classes() {
    let repository = Repository::builder("X").build().unwrap();
    let names: Vec<_> = repository.namespaces().map(|namespace| namespace.name()).collect();
    assert_eq!(names, ["root", r"root\cimv2", r"root\default"]);
    for namespace in repository.namespaces() {
        let event = namespace.class("__instanceModificationEvent").unwrap();
        let derivation: Vec<_> = event.derivation().iter().map(Name::as_str).collect();
        assert_eq!(
            derivation,
            ["__InstanceOperationEvent", "__Event", "__IndicationRelated", "__SystemClass"]
        );
        let properties: Vec<_> = event.properties().iter().map(|p| p.name.as_str()).collect();
        assert_eq!(
            properties,
            ["SECURITY_DESCRIPTOR", "TIME_CREATED", "TargetInstance", "PreviousInstance"]
        );
        assert!(namespace.class("__SystemClass").unwrap().is_abstract());
        assert!(!namespace.class("__Namespace").unwrap().is_abstract());
        assert!(namespace.class("__Namespace").unwrap().property("Name").unwrap().is_key());
    }
}

#[test]
fn superclasses_come_along_and_families_are_complete() {
    let thing = class("Thing", "Id");
    let lamp = derived("Lamp", &thing);
    let spot = derived("Spot", &lamp);
    let sofa = derived("Sofa", &thing);
    let repository = Repository::builder("X")
        .provider("root/cimv2", provider(&spot))
        .provider(r"ROOT\CimV2", provider(&sofa))
        .build()
        .unwrap();
    let cimv2 = repository.namespace(&path("root/cimv2")).unwrap();
    let family = |name: &str| {
        let family = cimv2.family(name);
        family.iter().map(|entry| entry.class.name().to_string()).collect::<Vec<_>>()
    };
    assert_eq!(family("THING"), ["Thing", "Lamp", "Sofa", "Spot"]);
    assert_eq!(family("lamp"), ["Lamp", "Spot"]);
    assert_eq!(family("nothing"), [""; 0]);
    assert!(cimv2.entry("Lamp").unwrap().provider.is_none());
    assert!(cimv2.entry("Spot").unwrap().provider.is_some());
    assert_eq!(cimv2.class("Lamp").unwrap().decoration().unwrap().server, "X");
    assert!(repository.namespace(&path("root")).unwrap().class("Lamp").is_none());
}

#[test]
fn namespaces_are_made_with_those_above_them() {
    let repository = Repository::builder("X").class("root/a/b", class("C", "K")).build().unwrap();
    for name in ["root/a", "root/a/b"] {
        assert!(repository.namespace(&path(name)).is_some(), "{name}");
    }
}

#[test]
fn what_does_not_fit_together_is_refused() {
    let (one, other) = (class("C", "A"), class("C", "B"));
    let orphan = Class::builder("Orphan").raw(
        vec!["Lost".into()],
        None,
        Default::default(),
        Vec::new(),
        Vec::new(),
    );
    let orphan = Arc::new(orphan.build().unwrap());
    let (namespace, c) = (r"root\cimv2".to_owned(), || "C".into());
    assert_eq!(
        error(Repository::builder("X").class("root/cimv2", one.clone()).class("root/cimv2", other)),
        SchemaError::Conflict { namespace: namespace.clone(), class: c() }
    );
    let twice = Repository::builder("X")
        .provider("root/cimv2", provider(&one))
        .provider("root/cimv2", provider(&one));
    assert_eq!(
        error(twice),
        SchemaError::TwoProviders { namespace: namespace.clone(), class: c() }
    );
    assert_eq!(
        error(Repository::builder("X").class("root/cimv2", orphan)),
        SchemaError::Superclass { namespace, class: "Orphan".into(), superclass: "Lost".into() }
    );
    for name in ["", "cimv2", "//other/root/cimv2", "root//cimv2"] {
        let refused = error(Repository::builder("X").class(name, one.clone()));
        assert_eq!(refused, SchemaError::NamespaceName(name.to_owned()));
    }
}
