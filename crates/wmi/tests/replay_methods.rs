//! The calls of methods in recorded Windows 10 traffic: the live client sends what Windows sent, byte for
//! byte, and reads what Windows answered.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod support;

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use support::network::{Network, Scripted};
use support::{locator, recorded};
use winreach_cim::{Array, Value};
use winreach_dcom::wire::OrpcThis;
use winreach_ndr::Decoder;
use winreach_rpc::server::{Request, Service};
use winreach_wmi::{Arguments, Services};
use winreach_wmi_proto::iid;

/// What a verification trailer starts with (`[MS-RPCE] 2.2.2.13.1`).
const TRAILER: [u8; 8] = [0x8a, 0xe3, 0x13, 0x71, 0x02, 0xf4, 0x36, 0x71];

const KEY: &str = r"SOFTWARE\Microsoft\MSBuild\ToolsVersions\4.0";
const LOCAL_MACHINE: u32 = 0x8000_0002;

/// The parameters of a request, behind the header.
fn parameters(stub: &Bytes) -> Bytes {
    let mut decoder = Decoder::new(stub);
    let _: OrpcThis = decoder.get().unwrap();
    stub.slice(decoder.position()..)
}

/// The stubs that went to `IWbemServices`, by method.
type Sent = Arc<Mutex<Vec<(u16, Bytes)>>>;

/// A namespace behind which the recorded answers lie, from `call` on.
async fn services(call: usize) -> Option<(Services, Sent, Vec<Bytes>)> {
    let mut answers = recorded::answers()?;
    let get: Vec<Bytes> = recorded::stubs("response", iid::SERVICES, 6)?;
    let exec: Vec<Bytes> = recorded::stubs("response", iid::SERVICES, 24)?;
    answers.insert((iid::SERVICES, 6), vec![get[0].clone()]);
    answers.insert((iid::SERVICES, 24), exec[call..].to_vec());
    let sent = Sent::default();
    let [(port, resolver), (exporter_port, exporter)] = recorded::ports(answers);
    let log = Arc::clone(&sent);
    let exporter: Arc<dyn Service> = Arc::new(Scripted(move |request: Request| {
        if request.interface.uuid == iid::SERVICES {
            log.lock().unwrap().push((request.opnum, parameters(&request.stub)));
        }
        let exporter = Arc::clone(&exporter);
        Box::pin(async move { exporter.call(request).await }) as _
    }));
    let network = Network::new([(port, resolver), (exporter_port, exporter)]);
    let services = locator(&network).connect().await.unwrap();
    Some((services, sent, recorded::stubs("request", iid::SERVICES, 24)?))
}

/// Whether a recorded request is ours, and nothing follows but what belongs to the layer below.
fn assert_same(recorded: &Bytes, ours: &Bytes) {
    let recorded = parameters(recorded);
    assert!(recorded.len() >= ours.len(), "{} and {}", recorded.len(), ours.len());
    let (same, rest) = recorded.split_at(ours.len());
    let differs = same.iter().zip(ours.iter()).position(|(a, b)| a != b);
    assert_eq!(differs, None, "the first octet that differs");
    let padding = rest.iter().take_while(|octet| **octet == 0).count();
    assert!(padding < 8 && (rest.len() == padding || rest[padding..].starts_with(&TRAILER)));
}

#[tokio::test(start_paused = true)]
async fn keys_are_listed_as_windows_lists_them() {
    let Some((services, sent, recorded)) = services(0).await else { return };
    let arguments = Arguments::new().with("hDefKey", LOCAL_MACHINE).with("sSubKeyName", KEY);
    let output = services.call("StdRegProv", "EnumKey", arguments).await.unwrap();
    assert_eq!(output.return_code(), Some(0));
    let names = Array::String(vec![Some("11.0".into())]);
    assert_eq!(output.get("sNames"), Some(&Value::from(names)));
    let methods: Vec<u16> = sent.lock().unwrap().iter().map(|(opnum, _)| *opnum).collect();
    assert_eq!(methods, [6, 24]);
    assert_same(&recorded[0], &sent.lock().unwrap()[1].1);
    let get = recorded::stubs("request", iid::SERVICES, 6).unwrap();
    assert_same(&get[1], &sent.lock().unwrap()[0].1);
}

#[tokio::test(start_paused = true)]
async fn a_value_is_read_as_windows_reads_it() {
    #[derive(Serialize)]
    #[allow(non_snake_case, reason = "the names of the parameters")]
    struct Where {
        hDefKey: u32,
        sSubKeyName: &'static str,
        sValueName: &'static str,
    }
    #[derive(Deserialize)]
    struct Found {
        #[serde(rename = "sValue")]
        value: Option<String>,
        #[serde(rename = "ReturnValue")]
        code: u32,
    }
    let Some((services, sent, recorded)) = services(1).await else { return };
    let place = Where { hDefKey: LOCAL_MACHINE, sSubKeyName: KEY, sValueName: "MSBuildToolsPath" };
    let arguments = Arguments::of(&place).unwrap();
    let output = services.call("StdRegProv", "GetStringValue", arguments).await.unwrap();
    let found: Found = output.deserialize().unwrap();
    let path = r"C:\Windows\Microsoft.NET\Framework64\v4.0.30319\";
    assert_eq!((found.value.as_deref(), found.code), (Some(path), 0));
    assert_same(&recorded[1], &sent.lock().unwrap()[1].1);
}

#[tokio::test(start_paused = true)]
async fn a_class_is_fetched_once() {
    let Some((services, sent, _)) = services(0).await else { return };
    let arguments = || Arguments::new().with("sSubKeyName", KEY);
    services.call("StdRegProv", "EnumKey", arguments()).await.unwrap();
    services.clone().call("stdregprov", "enumkey", arguments()).await.unwrap();
    let methods: Vec<u16> = sent.lock().unwrap().iter().map(|(opnum, _)| *opnum).collect();
    assert_eq!(methods, [6, 24, 24]);
}

#[tokio::test(start_paused = true)]
async fn wrong_arguments_are_refused_before_they_are_sent() {
    let Some((services, sent, _)) = services(0).await else { return };
    let none = Arguments::new;
    for (path, method, arguments, expected) in [
        ("StdRegProv", "EnumKey", none().with("hDefKez", 1), "no parameter \"hDefKez\""),
        ("StdRegProv", "EnumKey", none().with("sNames", "x"), "no parameter \"sNames\""),
        ("StdRegProv", "EnumKey", none().with("hDefKey", -1), "hDefKey: -1 is no uint32"),
        ("StdRegProv", "EnumKey", none().with("sSubKeyName", 7), "sSubKeyName: 7 is no string"),
        ("StdRegProv", "EnumKey", none().with("hDefKey", 1).with("HDEFKEY", 1), "given twice"),
        ("StdRegProv", "EnumKeys", none(), "no method \"EnumKeys\"; it has CreateKey"),
        ("StdRegProv.", "EnumKey", none(), "is no path"),
    ] {
        let error = services.call(path, method, arguments).await.unwrap_err();
        assert_eq!(error.kind(), winreach_wmi::ErrorKind::Misuse);
        let text = error.to_string();
        assert!(text.contains(expected), "{text}");
        let shows = "uint32 EnumKey([in] uint32 hDefKey = 2147483650, [in] string sSubKeyName, \
                     [out] string[] sNames)";
        assert!(method != "EnumKey" || path.ends_with('.') || text.contains(shows), "{text}");
    }
    assert!(sent.lock().unwrap().iter().all(|(opnum, _)| *opnum == 6));
}

#[tokio::test(start_paused = true)]
async fn damaged_answers_are_errors_or_values() {
    let Some(answers) = recorded::answers() else { return };
    let get = recorded::stubs("response", iid::SERVICES, 6).unwrap();
    let exec = recorded::stubs("response", iid::SERVICES, 24).unwrap();
    let mut failed = 0;
    for bit in (0..exec[0].len() * 8).step_by(31) {
        let mut damaged = exec[0].to_vec();
        damaged[bit / 8] ^= 1 << (bit % 8);
        // Every other time what is there ends there.
        if bit % 2 == 0 {
            damaged.truncate(bit / 8);
        }
        let mut answers = answers.clone();
        answers.insert((iid::SERVICES, 6), vec![get[0].clone()]);
        answers.insert((iid::SERVICES, 24), vec![damaged.into()]);
        let network = Network::new(recorded::ports(answers));
        let services = locator(&network).connect().await.unwrap();
        let arguments = Arguments::new().with("sSubKeyName", KEY);
        let outcome = services.call("StdRegProv", "EnumKey", arguments).await;
        failed += usize::from(outcome.is_err());
    }
    assert!(failed > 100, "{failed}");
}
