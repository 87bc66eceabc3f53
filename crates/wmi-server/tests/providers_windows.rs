//! The classes of the providers against those of recorded Windows 10 traffic.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test may panic"
)]

use std::fs;
use std::sync::Arc;

use bytes::Bytes;
use winreach_cim::{Class, Flavor, Property, Value};
use winreach_wmi_server::provider::Provider;
use winreach_wmi_server::providers::{self, Machine};
use winreach_wmio::{ClassMap, ObjectArray, PacketObject, Unit};

fn recording(name: &str) -> Option<Vec<u8>> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/captures/wmio");
    let bytes = fs::read(format!("{folder}/{name}")).ok();
    if bytes.is_none() {
        eprintln!("SKIPPED: the recording {name} is not at hand");
    }
    bytes
}

fn windows_process() -> Option<Arc<Class>> {
    let unit = Unit::decode(&recording("class_Win32_Process.bin")?).unwrap();
    Some(Arc::clone(unit.class()))
}

/// The class part that came with the one instance.
fn windows_operating_system() -> Option<Arc<Class>> {
    let stub = Bytes::from(recording("smartenum_next_Win32_OperatingSystem.bin")?);
    let at = stub.windows(8).position(|window| window == b"WBEMDATA").unwrap() - 4;
    let mut packet = ObjectArray::decode(stub.slice(at..stub.len() - 4)).unwrap();
    let Some(Ok(PacketObject::Row(row))) = packet.next(&mut ClassMap::new()) else {
        panic!("no row")
    };
    Some(Arc::clone(row.layout().class()))
}

fn ours(class: &str) -> Arc<dyn Provider> {
    let mut all = providers::all(Machine::this()).into_iter();
    all.find(|provider| provider.class().name().is(class)).expect("a provider of the class")
}

/// What both sides must agree on: name, type, class of origin, key, inheritance.
fn facts(class: &Class) -> Vec<String> {
    let fact = |property: &Property| {
        let origin = class.origin(property.origin).expect("a class of origin");
        let key = if property.is_key() { " key" } else { "" };
        let inherited = if property.propagated { " inherited" } else { "" };
        format!("{} {} of {origin}{key}{inherited}", property.name, property.value_type)
    };
    class.properties().iter().map(fact).collect()
}

#[test]
fn win32_process_is_that_of_windows() {
    let Some(windows) = windows_process() else { return };
    let provider = ours("Win32_Process");
    let own = provider.class();
    assert_eq!(own.properties().len(), 45);
    assert_eq!(facts(own), facts(&windows));
    assert_eq!(own.derivation(), windows.derivation());
}

#[test]
fn cim_process_is_that_of_windows() {
    let Some(windows) = windows_process() else { return };
    let windows = windows.parent().expect("the recording holds the superclass");
    let schema = providers::schema();
    let own = schema.iter().find(|class| class.name().is("CIM_Process")).expect("the class");
    assert_eq!(facts(own), facts(windows));
    assert_eq!(own.derivation(), windows.derivation());
    assert!(own.is_abstract() && windows.is_abstract());
}

#[test]
fn win32_operating_system_is_that_of_windows() {
    let Some(windows) = windows_operating_system() else { return };
    let provider = ours("Win32_OperatingSystem");
    let own = provider.class();
    assert_eq!(own.properties().len(), 64);
    assert_eq!(facts(own), facts(&windows));
    assert_eq!(own.derivation(), windows.derivation());
    assert!(own.is_singleton() && windows.is_singleton());
}

/// What Windows keeps apart from the class, as amended qualifiers.
const ONLY_OURS: [&str; 2] = ["Description", "Units"];

#[test]
fn qualifiers_spread_as_those_of_windows() {
    for (name, windows) in [
        ("Win32_Process", windows_process()),
        ("Win32_OperatingSystem", windows_operating_system()),
    ] {
        let Some(windows) = windows else { continue };
        let provider = ours(name);
        let own = provider.class();
        let mut compared = 0;
        for (property, theirs) in own.properties().iter().zip(windows.properties()) {
            for qualifier in &property.qualifiers {
                if ONLY_OURS.iter().any(|only| qualifier.name.is(only)) {
                    assert!(qualifier.flavor.contains(Flavor::AMENDED));
                    continue;
                }
                let found = theirs.qualifiers.get(&qualifier.name);
                let found = found.unwrap_or_else(|| panic!("{}.{qualifier:?}", property.name));
                assert_eq!(found.value, qualifier.value, "{}", property.name);
                let spread = Flavor::TO_INSTANCE | Flavor::TO_SUBCLASS;
                assert_eq!(found.flavor & spread, qualifier.flavor & spread, "{}", property.name);
                compared += 1;
            }
        }
        assert!(compared >= 2 * own.properties().len());
        for qualifier in ["dynamic", "provider", "UUID"] {
            assert_eq!(own.qualifiers().get(qualifier), windows.qualifiers().get(qualifier));
        }
        assert_eq!(own.qualifiers().value("provider"), Some(&Value::from("CIMWin32")));
    }
}
