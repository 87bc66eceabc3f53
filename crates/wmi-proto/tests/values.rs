//! The recorded Windows 10 session, made again out of values: every request and every answer on an
//! interface of WMI is built from what a program would say, and comes out as the recorded bytes.
//!
//! Taken from the recording is only what is chance there: causality, identifiers of objects and of
//! proxies, the client's process; and the bytes of classes and of a smart packet, which wmio makes
//! and proves on its own.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod recording;

use std::collections::BTreeMap;

use bytes::Bytes;
use recording::{Pdu, TRAILER, recording};
use uuid::Uuid;
use winreach_cim::{Array, Value};
use winreach_dcom::wire::object_exporter::ServerAlive2Response;
use winreach_dcom::wire::{
    ComVersion, DualStringArray, ObjRef, OrpcThat, OrpcThis, StdObjRef, iid as com,
};
use winreach_ndr::{Decode, Decoder, Encoder, Unique, WideString};
use winreach_wmi_proto::login::{EstablishPosition, NTLMLogin, SetClientInfo, SetClientInfoEx};
use winreach_wmi_proto::services::{ExecMethod, ExecQuery, GetObject, ObjectOrCall};
use winreach_wmi_proto::smart::{GetSmartEnum, Packet};
use winreach_wmi_proto::{
    ClassObject, Endian, Flags, HResult, Method, Parameters, Response, Slot, Timeout, enumerator,
    iid, smart,
};
use winreach_wmio::{Signature, Unit};

type Values = Vec<(&'static str, Value)>;

/// The methods that the client calls: class, name, input and output. The request of the last one is
/// left out of the recording.
fn calls() -> [(&'static str, &'static str, Values, Values); 3] {
    let local_machine = ("hDefKey", Value::Uint32(0x8000_0002));
    let key = Value::from(r"SOFTWARE\Microsoft\MSBuild\ToolsVersions\4.0");
    let key = ("sSubKeyName", key);
    let versions = Array::String(vec![Some("11.0".to_owned())]);
    let versions = ("sNames", Value::Array(Box::new(versions)));
    let done = ("ReturnValue", Value::Uint32(0));
    let value_name = ("sValueName", Value::from("MSBuildToolsPath"));
    let path = ("sValue", Value::from(r"C:\Windows\Microsoft.NET\Framework64\v4.0.30319\"));
    let process = ("ProcessId", Value::Uint32(6952));
    let input = vec![local_machine.clone(), key.clone()];
    let input2 = vec![local_machine, key, value_name];
    [
        ("StdRegProv", "EnumKey", input, vec![versions, done.clone()]),
        ("StdRegProv", "GetStringValue", input2, vec![path, done.clone()]),
        ("Win32_Process", "Create", Vec::new(), vec![process, done]),
    ]
}

/// What there is to know at some point of the session.
#[derive(Default)]
struct Session {
    /// How often a stub came, by interface, method and direction.
    seen: BTreeMap<(Uuid, u16, bool), usize>,
    /// Where the server's resolver can be reached.
    resolver: Option<DualStringArray>,
    /// The unit of the class that was got last.
    class: Bytes,
}

/// Splits a stub into its header and the rest.
fn behind<H: Decode>(stub: &Bytes) -> (H, Bytes) {
    let mut decoder = Decoder::new(stub);
    let header = decoder.get().unwrap();
    (header, stub.slice(decoder.position()..))
}

/// What chance put into a request.
fn asked<M: Method>(pdu: &Pdu) -> M {
    M::decode(&behind::<OrpcThis>(&pdu.stub).1, Endian::Little).unwrap()
}

/// What chance put into an answer.
fn answered<M: Method>(pdu: &Pdu) -> M::Out {
    let stub = behind::<OrpcThat>(&pdu.stub).1;
    Response::<M::Out>::decode(&stub, Endian::Little).unwrap().out
}

/// The stub that a client sends for a call.
fn request<M: Method>(pdu: &Pdu, call: &M) -> Vec<u8> {
    let (this, _) = behind::<OrpcThis>(&pdu.stub);
    let mut encoder = Encoder::new();
    encoder.put(&OrpcThis::new(ComVersion::CURRENT, this.causality));
    call.write(&mut encoder);
    encoder.finish()
}

/// The stub that a server answers with.
fn answer<M: Method>(out: M::Out, status: HResult) -> Vec<u8> {
    let mut encoder = Encoder::new();
    encoder.put(&OrpcThat::default());
    Response { out, status }.write(&mut encoder);
    encoder.finish()
}

fn text(text: &str) -> Unique<WideString> {
    Unique::some(text.into())
}

fn object(unit: Bytes) -> ObjectOrCall {
    ObjectOrCall { object: Slot::Filled(ClassObject(unit)), call: Slot::Absent }
}

impl Session {
    /// The stub, made out of values; nothing for the interfaces of DCOM itself.
    fn make(&mut self, pdu: &Pdu) -> Option<Vec<u8>> {
        if pdu.interface == com::OBJECT_EXPORTER && !pdu.request {
            let answer: ServerAlive2Response = Decoder::new(&pdu.stub).get().unwrap();
            self.resolver = answer.bindings.0;
        }
        let seen = self.seen.entry((pdu.interface, pdu.opnum, pdu.request)).or_default();
        let nth = std::mem::replace(seen, *seen + 1);
        match pdu.request {
            true => self.make_request(pdu, nth),
            false => self.make_answer(pdu, nth),
        }
    }

    fn make_request(&self, pdu: &Pdu, nth: usize) -> Option<Vec<u8>> {
        Some(match (pdu.interface, pdu.opnum) {
            (iid::LOGIN_CLIENT_ID, SetClientInfo::OPNUM) => {
                let SetClientInfo { process, .. } = asked(pdu);
                let machine = text("WORKSTATION5");
                request(pdu, &SetClientInfo { machine, process, reserved: 0 })
            }
            (iid::LOGIN_CLIENT_ID_EX, SetClientInfoEx::OPNUM) => {
                let SetClientInfoEx { process, process_created, .. } = asked(pdu);
                let machine = text("WORKSTATION5");
                let machine_fqdn = text("WORKSTATION5.theshire.local");
                let reserved = 0;
                request(
                    pdu,
                    &SetClientInfoEx { machine, machine_fqdn, process, process_created, reserved },
                )
            }
            (iid::LEVEL1_LOGIN, EstablishPosition::OPNUM) => {
                request(pdu, &EstablishPosition { reserved1: Unique::null(), reserved2: 0 })
            }
            (iid::LEVEL1_LOGIN, NTLMLogin::OPNUM) => {
                let namespace = if nth < 2 { r"root\DEFAULT" } else { r"root\CIMV2" };
                let network_resource = text(&format!(r"\\WORKSTATION6.theshire.local\{namespace}"));
                let preferred_locale = text("en-US,en");
                request(
                    pdu,
                    &NTLMLogin { network_resource, preferred_locale, flags: 0, context: None },
                )
            }
            (iid::SERVICES, GetObject::OPNUM) => request(
                pdu,
                &GetObject {
                    path: if nth < 4 { "StdRegProv" } else { "Win32_Process" }.into(),
                    flags: Flags::empty(),
                    context: None,
                    object: Slot::Empty,
                    call: Slot::Absent,
                },
            ),
            (iid::SERVICES, ExecQuery::OPNUM) => request(
                pdu,
                &ExecQuery {
                    language: "WQL".into(),
                    query: "select * from Win32_OperatingSystem".into(),
                    flags: Flags::RETURN_IMMEDIATELY,
                    context: None,
                },
            ),
            (iid::SERVICES, ExecMethod::OPNUM) => {
                let (class, method, input, _) = calls()[nth].clone();
                let input = self.signature(method).encode_input(input).unwrap();
                request(
                    pdu,
                    &ExecMethod {
                        path: class.into(),
                        method: method.into(),
                        flags: Flags::empty(),
                        context: None,
                        input: input.map(|unit| ClassObject(unit.into())),
                        output: Slot::Empty,
                        call: Slot::Absent,
                    },
                )
            }
            (iid::ENUM_CLASS_OBJECT, enumerator::Clone::OPNUM) => {
                request(pdu, &enumerator::Clone {})
            }
            (iid::ENUM_CLASS_OBJECT, enumerator::Reset::OPNUM) => {
                request(pdu, &enumerator::Reset {})
            }
            (iid::FETCH_SMART_ENUM, GetSmartEnum::OPNUM) => request(pdu, &GetSmartEnum {}),
            (iid::WCO_SMART_ENUM, smart::Next::OPNUM) => {
                let smart::Next { proxy, .. } = asked(pdu);
                request(pdu, &smart::Next { proxy, timeout: Timeout::INFINITE, count: 1 })
            }
            _ => return None,
        })
    }

    fn make_answer(&mut self, pdu: &Pdu, nth: usize) -> Option<Vec<u8>> {
        const OK: HResult = HResult::OK;
        Some(match (pdu.interface, pdu.opnum) {
            (iid::LOGIN_CLIENT_ID, SetClientInfo::OPNUM) => answer::<SetClientInfo>((), OK),
            (iid::LOGIN_CLIENT_ID_EX, SetClientInfoEx::OPNUM) => answer::<SetClientInfoEx>((), OK),
            (iid::LEVEL1_LOGIN, EstablishPosition::OPNUM) => answer::<EstablishPosition>(1, OK),
            (iid::LEVEL1_LOGIN, NTLMLogin::OPNUM) => {
                answer::<NTLMLogin>(self.reference(answered::<NTLMLogin>(pdu), iid::SERVICES), OK)
            }
            (iid::SERVICES, GetObject::OPNUM) => {
                self.class = answered::<GetObject>(pdu).object.filled().unwrap().0;
                answer::<GetObject>(object(self.class.clone()), OK)
            }
            (iid::SERVICES, ExecQuery::OPNUM) => {
                let recorded = answered::<ExecQuery>(pdu);
                answer::<ExecQuery>(self.reference(recorded, iid::ENUM_CLASS_OBJECT), OK)
            }
            (iid::SERVICES, ExecMethod::OPNUM) => {
                let (_, method, _, output) = calls()[nth].clone();
                let output = self.signature(method).encode_output(output).unwrap().unwrap();
                answer::<ExecMethod>(object(output.into()), OK)
            }
            (iid::ENUM_CLASS_OBJECT, enumerator::Clone::OPNUM) => {
                let recorded = answered::<enumerator::Clone>(pdu);
                answer::<enumerator::Clone>(self.reference(recorded, iid::ENUM_CLASS_OBJECT), OK)
            }
            (iid::ENUM_CLASS_OBJECT, enumerator::Reset::OPNUM) => {
                answer::<enumerator::Reset>((), OK)
            }
            (iid::FETCH_SMART_ENUM, GetSmartEnum::OPNUM) => {
                let recorded = answered::<GetSmartEnum>(pdu);
                answer::<GetSmartEnum>(self.reference(recorded, iid::WCO_SMART_ENUM), OK)
            }
            (iid::WCO_SMART_ENUM, smart::Next::OPNUM) if nth == 0 => {
                let Packet { objects, .. } = answered::<smart::Next>(pdu);
                answer::<smart::Next>(Packet { returned: 1, objects }, OK)
            }
            (iid::WCO_SMART_ENUM, smart::Next::OPNUM) => {
                answer::<smart::Next>(Packet::default(), HResult::FALSE)
            }
            _ => return None,
        })
    }

    /// An object that is handed out: five references, and the bindings of the resolver.
    fn reference(&self, recorded: Option<ObjRef>, interface: Uuid) -> Option<ObjRef> {
        let recorded = recorded.unwrap();
        let (std, _) = recorded.remote().unwrap();
        let std = StdObjRef { flags: 0, public_refs: 5, ..*std };
        Some(ObjRef::standard(interface, std, self.resolver.clone().unwrap()))
    }

    /// The parameters of a method of the class that was got last.
    fn signature(&self, method: &str) -> Signature {
        match Unit::decode(&self.class).unwrap() {
            Unit::Class(class) => class.signature(method).unwrap().clone(),
            Unit::Instance(_) => panic!("an instance"),
        }
    }
}

#[test]
fn every_stub_of_wmi_is_made_out_of_values() {
    let Some(pdus) = recording() else { return };
    let mut session = Session::default();
    let mut made = BTreeMap::new();
    for (number, pdu) in pdus.iter().enumerate() {
        let Some(ours) = session.make(pdu) else { continue };
        let (recorded, rest) = pdu.stub.split_at_checked(ours.len()).unwrap_or_default();
        assert!(ours == recorded, "stub {number}:\n{ours:02x?}\n{:02x?}", &pdu.stub[..]);
        assert!(rest.is_empty() || pdu.request && rest.starts_with(&TRAILER), "stub {number}");
        let (requests, answers) = made.entry(pdu.interface).or_insert((0, 0));
        *if pdu.request { requests } else { answers } += 1;
    }
    let expected = BTreeMap::from([
        (iid::LOGIN_CLIENT_ID, (4, 4)),
        (iid::LOGIN_CLIENT_ID_EX, (4, 4)),
        (iid::LEVEL1_LOGIN, (8, 8)),
        // GetObject six times, ExecQuery, and ExecMethod, of which one request is left out.
        (iid::SERVICES, (9, 10)),
        (iid::ENUM_CLASS_OBJECT, (2, 2)),
        (iid::FETCH_SMART_ENUM, (2, 2)),
        (iid::WCO_SMART_ENUM, (2, 2)),
    ]);
    assert_eq!(made, expected);
}

/// The same from the other side: what the recorded answers say.
#[test]
fn the_recorded_answers_say_what_the_methods_did() {
    let Some(pdus) = recording() else { return };
    let answers = |opnum| {
        let services = pdus.iter().filter(|pdu| pdu.interface == iid::SERVICES && !pdu.request);
        services.filter(move |pdu| pdu.opnum == opnum)
    };
    for (pdu, (.., output)) in answers(ExecMethod::OPNUM).zip(calls()) {
        let unit = answered::<ExecMethod>(pdu).object.filled().unwrap();
        let Unit::Instance(results) = Unit::decode(&unit.0).unwrap() else { panic!("a class") };
        for (name, value) in output {
            assert_eq!(results.instance.get(name), Some(&value), "{name}");
        }
    }
    for pdu in answers(GetObject::OPNUM) {
        let unit = answered::<GetObject>(pdu).object.filled().unwrap();
        assert!(matches!(Unit::decode(&unit.0), Ok(Unit::Class(_))));
    }
}
