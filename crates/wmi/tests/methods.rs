//! Methods of the embedded server, called by the client.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod support;

use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::mpsc::{self, Receiver};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use support::PASSWORD;
use winreach_auth::ntlm::{NtHash, UserTable};
use winreach_cim::{
    Array, CimType, Class, Instance, Method, Property, Qualifier, Value, WbemStatus,
};
use winreach_wmi::{
    Argument, Arguments, Credentials, ErrorKind, Flags, Locator, Logon, Mechanism, Options,
    Services,
};
use winreach_wmi_server::methods::{MethodCall, MethodOutput, Methods};
use winreach_wmi_server::provider::{Provider, ProviderError, Request};
use winreach_wmi_server::providers::registry::{RegistryFile, RegistryProvider};
use winreach_wmi_server::{Limits, Server};

/// A lamp that can be switched.
struct Lamps {
    class: Arc<Class>,
    /// `Wait` returns when something comes through.
    gate: Mutex<Receiver<()>>,
}

impl Lamps {
    fn new(gate: Receiver<()>) -> Self {
        let lit = || Property::new("Lit", CimType::Boolean);
        let switch = Method::builder("Switch")
            .input(lit().qualifier(Qualifier::new("Required", true)))
            .output(Property::new("Before", CimType::Boolean))
            .returns(CimType::Uint32);
        let part = Qualifier::new("CIMTYPE", "object:Acme_Part");
        let build = Method::builder("Build")
            .on_class()
            .input(Property::new("Part", CimType::Object).qualifier(part))
            .output(Property::new("Text", CimType::String));
        let crash = Method::builder("Crash").on_class();
        let lie = Method::builder("Lie").returns(CimType::Uint32).on_class();
        let off = Method::builder("Off").qualifier(Qualifier::new("Disabled", true)).on_class();
        let fail = Method::builder("Fail").on_class();
        let wait = Method::builder("Wait").returns(CimType::Uint32).on_class();
        let builders =
            [switch, build, crash, lie, off, fail, wait, Method::builder("Missing").on_class()];
        let class = Class::builder("Acme_Lamp")
            .property(Property::new("Id", CimType::Uint32).key())
            .property(lit());
        let class =
            builders.into_iter().fold(class, |class, method| class.method(method.build().unwrap()));
        Self { class: Arc::new(class.build().unwrap()), gate: Mutex::new(gate) }
    }
}

impl Provider for Lamps {
    fn class(&self) -> &Arc<Class> {
        &self.class
    }

    fn enumerate(
        &self,
        _: &Request,
        sink: &mut dyn FnMut(Instance) -> ControlFlow<()>,
    ) -> Result<(), ProviderError> {
        let mut lamp = Instance::new(Arc::clone(&self.class));
        lamp.set("Id", 7_u32);
        lamp.set("Lit", true);
        let _ = sink(lamp);
        Ok(())
    }

    fn methods(&self) -> Option<&dyn Methods> {
        Some(self)
    }
}

impl Methods for Lamps {
    fn call(&self, call: &MethodCall<'_>) -> Result<MethodOutput, ProviderError> {
        match call.method().as_str() {
            "Switch" => {
                let before = call.object().and_then(|lamp| lamp.get("Lit")).unwrap().clone();
                let after = call.value("Lit").as_bool().unwrap();
                Ok(MethodOutput::returning(u32::from(after)).with("Before", before))
            }
            "Build" => {
                let part = call.value("Part").as_object().and_then(|part| part.as_instance());
                let text = part.map(|part| {
                    let of = |name| part.get(name).cloned().unwrap_or_default();
                    format!("{} {:?} {:?}", part.class().name(), of("Name"), of("Inner"))
                });
                Ok(MethodOutput::new().with("Text", text))
            }
            "Wait" => {
                self.gate.lock().unwrap().recv().unwrap();
                Ok(MethodOutput::returning(7_u32))
            }
            "Crash" => panic!("as it should"),
            "Lie" => Ok(MethodOutput::returning("a text")),
            "Fail" => {
                Err(ProviderError { status: 0x8004_1003, message: "not\u{1b}[2J today".into() })
            }
            _ => Err(call.not_implemented()),
        }
    }
}

fn file(name: &str) -> PathBuf {
    let name = format!("winreach-{}-{name}", std::process::id());
    std::env::temp_dir().join(name).join("registry")
}

async fn services(registry: &PathBuf) -> Services {
    gated(registry, mpsc::channel().1).await
}

/// The same, where one method at a time is carried out for an account.
async fn gated(registry: &PathBuf, gate: Receiver<()>) -> Services {
    let mut users = UserTable::new();
    users.insert("tester", NtHash::of_password(PASSWORD));
    let inner = Property::new("Inner", CimType::Object)
        .qualifier(Qualifier::new("CIMTYPE", "object:Acme_Part"));
    let part = Class::builder("Acme_Part").property(Property::new("Name", CimType::String));
    let server = Server::builder()
        .name("SERVER")
        .limits(Limits { methods_per_account: 1, ..Limits::default() })
        .accounts(users)
        .class(r"root\cimv2", Arc::new(part.property(inner).build().unwrap()))
        .provider(r"root\cimv2", Arc::new(Lamps::new(gate)))
        .provider(r"root\cimv2", Arc::new(RegistryProvider::new(RegistryFile::new(registry))))
        .build()
        .unwrap();
    let logon = Logon::with_password(Credentials::new("tester", PASSWORD.into()));
    Locator::new("server", logon.mechanism(Mechanism::Ntlm))
        .connector(Arc::new(server.connector()))
        .connect()
        .await
        .unwrap()
}

#[tokio::test]
async fn methods_of_instances_and_of_classes_are_called() {
    let services = services(&file("lamps")).await;
    let lit = || Arguments::new().with("Lit", true);
    let output = services.call("Acme_Lamp.Id=7", "switch", lit()).await.unwrap();
    assert_eq!(output.return_code(), Some(1));
    assert_eq!(output.get("before"), Some(&Value::Boolean(true)));

    let semisynchronous = Options { flags: Flags::RETURN_IMMEDIATELY, ..Options::default() };
    let call = services.prepare_call("Acme_Lamp.Id=7", "Switch", lit(), &semisynchronous);
    assert_eq!(call.await.unwrap().send().await.unwrap(), output);

    let json = r#"{"Name": "bulb", "Inner": {"Name": "wire"}}"#;
    let part = Arguments::new().with_argument("Part", Argument::Text(json.into()));
    let output = services.call("Acme_Lamp", "Build", part).await.unwrap();
    let text = output.get("Text").and_then(Value::as_str).unwrap();
    assert!(text.starts_with("Acme_Part String(\"bulb\")") && text.contains("\"wire\""), "{text}");
    assert_eq!(output.return_value(), None);
}

#[tokio::test]
async fn what_is_wrong_is_told_with_the_signature() {
    let services = services(&file("wrong")).await;
    for (path, method, json, expected) in [
        (
            "Acme_Lamp.Id=7",
            "Switch",
            "{}",
            "the parameter Lit must be given; the signature is \
            uint32 Switch([in] boolean Lit, [out] boolean Before)",
        ),
        ("Acme_Lamp", "Switch", r#"{"Lit": true}"#, "it takes the path of one"),
        ("Acme_Lamp", "Build", r#"{"Part": {"Nmae": 1}}"#, "Part: Acme_Part has no property"),
        ("Acme_Lamp", "Build", r#"{"Part": {"Inner": {"Name": 1}}}"#, "Part.Inner.Name: 1 is no"),
        ("Acme_Lamp", "Build", r#"{"Part": 7}"#, "Part: 7 is no object"),
    ] {
        let json: serde_json::Value = serde_json::from_str(json).unwrap();
        let arguments = Arguments::of(&json).unwrap();
        let error = services.call(path, method, arguments).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Misuse, "{error}");
        assert!(error.to_string().contains(expected), "{error}");
    }
}

#[tokio::test]
async fn each_misuse_has_its_status_and_the_server_says_why() {
    let services = services(&file("misuse")).await;
    for (path, method, status) in [
        ("Acme_Lamp", "Off", WbemStatus::E_METHOD_DISABLED),
        ("Acme_Lamp", "Missing", WbemStatus::E_METHOD_NOT_IMPLEMENTED),
        ("Acme_Lamp.Id=8", "Crash", WbemStatus::E_NOT_FOUND),
        ("Acme_Lamp.Nothing=8", "Crash", WbemStatus::E_INVALID_OBJECT_PATH),
        ("Acme_Lamp", "Crash", WbemStatus::E_CRITICAL_ERROR),
        ("Acme_Lamp", "Lie", WbemStatus::E_PROVIDER_FAILURE),
        ("Acme_Lamp", "Fail", WbemStatus::E_ACCESS_DENIED),
        ("Acme_Nothing", "Fail", WbemStatus::E_NOT_FOUND),
    ] {
        let error = services.call(path, method, ()).await.unwrap_err();
        assert_eq!(error.wbem_status(), Some(status), "{error}");
        let told = error.extended_status().unwrap();
        assert_eq!(told.status, status);
        let asked = if path == "Acme_Nothing" { "GetObject" } else { "ExecMethod" };
        assert_eq!(told.operation.as_deref(), Some(asked));
        assert!(told.parameter_info.as_deref().unwrap().starts_with(path));
        assert!(told.description.is_some());
    }
    let error = services.call("Acme_Lamp", "Fail", ()).await.unwrap_err().to_string();
    assert!(
        error.contains(r"the server says: not\u{1b}[2J today; operation ExecMethod"),
        "{error}"
    );
}

#[tokio::test]
async fn the_registry_keeps_what_is_written() {
    let path = file("registry");
    let (services, other) = (services(&path).await, services(&path).await);
    let key = r"SOFTWARE\Contoso\App";
    let call = async |method: &str, more: &[(&str, &str)]| {
        let arguments = Arguments::new().with("sSubKeyName", key);
        let arguments = more.iter().fold(arguments, |arguments, (name, text)| {
            arguments.with_argument(*name, Argument::Text((*text).into()))
        });
        services.call("StdRegProv", method, arguments).await.unwrap()
    };
    let code =
        async |method: &str, more: &[(&str, &str)]| call(method, more).await.return_code().unwrap();
    assert_eq!(code("EnumKey", &[]).await, 2);
    assert_eq!(code("SetStringValue", &[("sValueName", "a"), ("sValue", "b")]).await, 2);
    assert_eq!(code("CreateKey", &[]).await, 0);
    let text = "two\nlines \u{e9} \"quoted\" \\";
    for (method, name, parameter, value) in [
        ("SetStringValue", "text", "sValue", text),
        ("SetExpandedStringValue", "expand", "sValue", "%NoSuch%"),
        ("SetMultiStringValue", "list", "sValue", "a,b"),
        ("SetBinaryValue", "bytes", "uValue", "1,2,255"),
        ("SetDWORDValue", "number", "uValue", "0xffffffff"),
        ("SetQWORDValue", "big", "uValue", "0xffffffffffffffff"),
        ("SetStringValue", "", "sValue", "the default"),
    ] {
        assert_eq!(code(method, &[("sValueName", name), (parameter, value)]).await, 0, "{method}");
    }
    let list = Array::String(vec![Some("a".into()), Some("b".into())]);
    for (method, name, parameter, value) in [
        ("GetStringValue", "TEXT", "sValue", Value::from(text)),
        ("GetExpandedStringValue", "expand", "sValue", "%NoSuch%".into()),
        ("GetMultiStringValue", "list", "sValue", list.into()),
        ("GetBinaryValue", "bytes", "uValue", Array::Uint8(vec![1, 2, 255]).into()),
        ("GetDWORDValue", "number", "uValue", u32::MAX.into()),
        ("GetQWORDValue", "big", "uValue", u64::MAX.into()),
        ("GetStringValue", "", "sValue", "the default".into()),
    ] {
        let output = call(method, &[("sValueName", name)]).await;
        assert_eq!(output.return_code(), Some(0), "{method}");
        assert_eq!(output.get(parameter), Some(&value), "{method}");
    }
    let values = call("EnumValues", &[]).await;
    let names = ["", "big", "bytes", "expand", "list", "number", "text"];
    let names = Array::String(names.map(|name| Some(name.to_owned())).to_vec());
    assert_eq!(values.get("sNames"), Some(&names.into()));
    assert_eq!(values.get("Types"), Some(&Array::Sint32(vec![1, 11, 3, 2, 7, 4, 1]).into()));

    assert_eq!(code("GetDWORDValue", &[("sValueName", "text")]).await, 0x8004_1005);
    let big = call("GetQWORDValue", &[("sValueName", "no")]).await;
    assert_eq!((big.return_code(), big.get("uValue")), (Some(2), Some(&Value::Null)));
    assert_eq!(code("GetStringValue", &[("hDefKey", "7"), ("sValueName", "text")]).await, 6);
    let granted = call("CheckAccess", &[("uRequired", "0xF")]).await;
    assert_eq!((granted.return_code(), granted.get("bGranted")), (Some(0), Some(&true.into())));
    let refused = call("CheckAccess", &[("uRequired", "0x40000")]).await;
    assert_eq!((refused.return_code(), refused.get("bGranted")), (Some(5), Some(&false.into())));
    let error = services.call("StdRegProv", "GetSecurityDescriptor", ()).await.unwrap_err();
    assert_eq!(error.wbem_status(), Some(WbemStatus::E_METHOD_NOT_IMPLEMENTED));

    // Another server, which begins with the file alone.
    let arguments = Arguments::new().with("sSubKeyName", "SOFTWARE");
    let output = other.call("StdRegProv", "EnumKey", arguments.clone()).await.unwrap();
    let names = Array::String(vec![Some("Contoso".into())]);
    assert_eq!(output.get("sNames"), Some(&names.into()));
    let output = other.call("StdRegProv", "DeleteKey", arguments).await.unwrap();
    assert_eq!(output.return_code(), Some(5), "a key with others below it");
    assert_eq!(code("DeleteValue", &[("sValueName", "Text")]).await, 0);
    assert_eq!(code("DeleteValue", &[("sValueName", "Text")]).await, 2);
    assert_eq!(code("DeleteKey", &[]).await, 0);
    assert_eq!(code("DeleteKey", &[]).await, 2);
    std::fs::remove_dir_all(path.parent().unwrap()).unwrap();
}

#[tokio::test]
async fn a_broken_file_fails_the_call_and_stays_as_it_is() {
    let path = file("broken");
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, "nonsense").unwrap();
    let services = services(&path).await;
    for method in ["EnumKey", "CreateKey"] {
        let arguments = Arguments::new().with("sSubKeyName", "a");
        let error = services.call("StdRegProv", method, arguments).await.unwrap_err();
        assert_eq!(error.wbem_status(), Some(WbemStatus::E_PROVIDER_FAILURE), "{error}");
        assert!(!error.to_string().contains(path.to_str().unwrap()), "{error}");
    }
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "nonsense");
    std::fs::remove_dir_all(path.parent().unwrap()).unwrap();
}

#[tokio::test]
async fn each_caller_has_a_current_user_of_its_own() {
    let path = file("user");
    let services = services(&path).await;
    let at = |key: u32, name: &str| Arguments::new().with("hDefKey", key).with("sSubKeyName", name);
    services.call("StdRegProv", "CreateKey", at(0x8000_0001, "Mine")).await.unwrap();
    let output = services.call("StdRegProv", "EnumKey", at(0x8000_0003, "TESTER")).await.unwrap();
    let names = Array::String(vec![Some("Mine".into())]);
    assert_eq!(output.get("sNames"), Some(&names.into()));
    let long = "x".repeat(256);
    for (name, code) in [("a\\\\b", 161), ("\\a", 161), (long.as_str(), 87), ("a\u{7}", 87)] {
        let output = services.call("StdRegProv", "CreateKey", at(0x8000_0003, name)).await.unwrap();
        assert_eq!(output.return_code(), Some(code), "{name:?}");
    }
    std::fs::remove_dir_all(path.parent().unwrap()).unwrap();
}

#[tokio::test]
async fn a_slow_method_takes_its_share_and_no_more() {
    let (release, gate) = mpsc::channel();
    let services = gated(&file("slow"), gate).await;
    let semisynchronous = Options { flags: Flags::RETURN_IMMEDIATELY, ..Options::default() };
    let slow = services.prepare_call("Acme_Lamp", "Wait", (), &semisynchronous).await.unwrap();
    let running = tokio::spawn(async move { slow.send().await });
    // Until the first one has begun, the second one may be the first.
    let short = services.with_timeout(Duration::from_millis(200));
    let busy = loop {
        let error = short.call("Acme_Lamp", "Wait", ()).await.unwrap_err();
        match error.wbem_status() {
            Some(status) => break status,
            None => assert_eq!(error.kind(), ErrorKind::Deadline, "{error}"),
        }
    };
    assert_eq!(busy, WbemStatus::E_SERVER_TOO_BUSY);
    for _ in 0..2 {
        release.send(()).unwrap();
    }
    match running.await.unwrap() {
        Ok(output) => assert_eq!(output.return_code(), Some(7)),
        Err(error) => assert_eq!(error.wbem_status(), Some(WbemStatus::E_SERVER_TOO_BUSY)),
    }
}

#[tokio::test]
async fn a_method_outlives_the_patience_of_its_caller() {
    let (release, gate) = mpsc::channel();
    let services = gated(&file("deadline"), gate).await;
    // The class is fetched without haste.
    let semisynchronous = Options { flags: Flags::RETURN_IMMEDIATELY, ..Options::default() };
    let hasty = services.with_timeout(Duration::from_millis(200));
    services.prepare_call("Acme_Lamp", "Wait", (), &Options::default()).await.unwrap();
    let call = hasty.prepare_call("Acme_Lamp", "Wait", (), &semisynchronous).await.unwrap();
    assert_eq!(call.send().await.unwrap_err().kind(), ErrorKind::Deadline);
    release.send(()).unwrap();
}
