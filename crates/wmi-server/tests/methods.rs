//! The engine's methods: `StdRegProv` against that of Windows, and parameters that make no sense.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

use std::path::PathBuf;
use std::sync::Arc;

use winreach_auth::{AuthType, Identity};
use winreach_cim::{Class, Property, Value, WbemStatus};
use winreach_wmi_server::Limits;
use winreach_wmi_server::engine::{Engine, MethodRequest};
use winreach_wmi_server::provider::Provider;
use winreach_wmi_server::providers::registry::{RegistryFile, RegistryProvider};
use winreach_wmi_server::schema::Repository;
use winreach_wmio::{Layout, Signature, Unit};

fn folder(name: &str) -> PathBuf {
    std::env::temp_dir().join(format!("winreach-engine-{}-{name}", std::process::id()))
}

fn provider(name: &str) -> Arc<RegistryProvider> {
    Arc::new(RegistryProvider::new(RegistryFile::new(folder(name).join("registry"))))
}

fn engine(name: &str) -> Engine {
    let repository = Repository::builder("HOUSE").provider(r"root\default", provider(name));
    Engine::new(repository.build().unwrap(), Limits::default())
}

fn input(class: &Class, method: &str, values: &[(&str, Value)]) -> Vec<u8> {
    let input = class.method(method).unwrap().input.as_ref().unwrap();
    let layout = Some(Arc::new(Layout::new(input).unwrap()));
    let signature = Signature { input: layout, output: None };
    signature.encode_input(values.iter().cloned()).unwrap().unwrap()
}

fn call(
    engine: &Engine,
    path: &str,
    method: &str,
    input: Option<&[u8]>,
) -> Result<u64, WbemStatus> {
    let namespace = engine.namespace(r"root\default").unwrap();
    let caller = Identity::new(AuthType::Ntlm, "HOUSE", "alice");
    let request = MethodRequest { path, method, input, caller: &caller };
    let output = engine.call(&namespace, &request).map_err(|error| error.status)?;
    Ok(output.unwrap().get("ReturnValue").unwrap().as_u64().unwrap())
}

/// What both sides must agree on.
fn facts(class: &Class) -> Vec<String> {
    let mut facts = Vec::new();
    for method in class.methods() {
        let is_static = method.qualifiers.is_true("static");
        facts.push(format!("{} static {is_static}", method.name));
        for (direction, parameters) in [("in", &method.input), ("out", &method.output)] {
            let properties = parameters.iter().flat_map(|class| class.properties());
            let fact = |p: &Property| {
                let qualifier = |name| p.qualifiers.value(name).cloned();
                let (id, marked) = (qualifier("ID"), qualifier(direction));
                let (of, default) = (qualifier("CIMTYPE"), &p.default);
                format!(
                    "{direction} {} {} {default:?} {id:?} {marked:?} {of:?}",
                    p.name, p.value_type
                )
            };
            facts.extend(properties.map(fact));
        }
    }
    facts
}

#[test]
fn std_reg_prov_is_that_of_windows() {
    let path =
        concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/captures/wmio/class_StdRegProv.bin");
    let Ok(recorded) = std::fs::read(path) else {
        eprintln!("SKIPPED: the recorded StdRegProv is not at hand");
        return;
    };
    let recorded = Unit::decode(&recorded).unwrap();
    let provider = provider("class");
    let own = provider.class();
    assert_eq!(own.methods().len(), 20);
    for (own, windows) in facts(own).into_iter().zip(facts(recorded.class())) {
        assert_eq!(own, windows);
    }
    assert_eq!(facts(own).len(), facts(recorded.class()).len());
}

#[test]
fn each_misuse_has_its_status() {
    let engine = engine("misuse");
    let class = Arc::clone(provider("misuse").class());
    let key = input(&class, "EnumKey", &[("sSubKeyName", "a".into())]);
    assert_eq!(call(&engine, "StdRegProv", "EnumKey", Some(&key)), Ok(2));
    // Nothing at all is every default: the predefined key, which is there.
    assert_eq!(call(&engine, "StdRegProv", "enumkey", None), Ok(0));
    let other = input(&class, "GetStringValue", &[("sSubKeyName", "a".into())]);
    for (path, method, input, status) in [
        ("", "EnumKey", None, WbemStatus::E_INVALID_OBJECT_PATH),
        ("StdRegProv.=", "EnumKey", None, WbemStatus::E_INVALID_OBJECT_PATH),
        ("StdRegProv.Id=1", "EnumKey", None, WbemStatus::E_INVALID_OBJECT_PATH),
        ("StdRegProx", "EnumKey", None, WbemStatus::E_INVALID_CLASS),
        (r"\\.\root\no:StdRegProv", "EnumKey", None, WbemStatus::E_INVALID_NAMESPACE),
        ("StdRegProv", "EnumKeys", None, WbemStatus::E_INVALID_METHOD),
        ("StdRegProv", "EnumKey", Some(&other[..]), WbemStatus::E_INVALID_METHOD_PARAMETERS),
        ("StdRegProv", "EnumKey", Some(&b"noise"[..]), WbemStatus::E_INVALID_METHOD_PARAMETERS),
        ("__Namespace", "EnumKey", None, WbemStatus::E_INVALID_METHOD),
    ] {
        assert_eq!(call(&engine, path, method, input), Err(status), "{path} {method}");
    }
    let long = "x".repeat(9000);
    assert_eq!(call(&engine, &long, "EnumKey", None), Err(WbemStatus::E_QUOTA_VIOLATION));
    assert_eq!(call(&engine, "StdRegProv", &long, None), Err(WbemStatus::E_QUOTA_VIOLATION));
    let full = r"\\HOUSE\root\default:StdRegProv";
    assert_eq!(call(&engine, full, "EnumKey", Some(&key)), Ok(2));
}

#[test]
fn damaged_parameters_are_errors_or_values() {
    let engine = engine("damaged");
    let class = Arc::clone(provider("damaged").class());
    let values = [("sSubKeyName", "a".into()), ("sValueName", "b".into())];
    let good = input(&class, "GetStringValue", &values);
    let sound = |unit: &[u8]| match call(&engine, "StdRegProv", "GetStringValue", Some(unit)) {
        Ok(code) => assert!([2, 6, 87, 161].contains(&code), "{code}"),
        Err(status) => assert_eq!(status, WbemStatus::E_INVALID_METHOD_PARAMETERS),
    };
    for length in 0..good.len() {
        sound(&good[..length]);
    }
    for bit in 0..good.len() * 8 {
        let mut damaged = good.clone();
        damaged[bit / 8] ^= 1 << (bit % 8);
        sound(&damaged);
    }
}
