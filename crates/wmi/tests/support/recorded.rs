//! A server that answers with what a Windows 10 machine once answered.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use serde_json::Value;
use uuid::Uuid;
use winreach_dcom::wire::iid as com;
use winreach_rpc::server::{Fault, Request, Service};
use winreach_wmi_proto::iid;

use super::network::Scripted;

/// The port of the exporter in the recording.
pub const EXPORTER_PORT: u16 = 50937;

/// The answers, by interface and method: given out in turn, the last one again and again.
pub type Answers = HashMap<(Uuid, u16), Vec<Bytes>>;

/// A file of the recordings; nothing where they are not at hand.
pub fn file(name: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/captures").join(name);
    if path.exists() {
        return Some(path);
    }
    eprintln!("SKIPPED: {name} is not at hand");
    None
}

/// The answers on which a session with one query and one `GetObject` of `Win32_Process` depends.
pub fn answers() -> Option<Answers> {
    let session = std::fs::read(file("windows10_wmi_session.json")?).unwrap();
    let session: Value = serde_json::from_slice(&session).unwrap();
    let mut recorded = Answers::new();
    for pdu in session["pdus"].as_array().unwrap().iter().filter(|pdu| pdu["dir"] == "response") {
        let interface = pdu["interface"].as_str().unwrap().parse().unwrap();
        let opnum = pdu["opnum"].as_u64().unwrap().try_into().unwrap();
        let stub = Bytes::from(bytes(pdu["stub"].as_str().unwrap()));
        recorded.entry((interface, opnum)).or_default().push(stub);
    }
    let mut needed = |interface, opnum, which: fn(Vec<Bytes>) -> Vec<Bytes>| {
        let key = (interface, opnum);
        (key, which(recorded.remove(&key).unwrap()))
    };
    let first = |all: Vec<Bytes>| vec![all[0].clone()];
    let last = |all: Vec<Bytes>| vec![all[all.len() - 1].clone()];
    Some(Answers::from([
        needed(com::REMOTE_SCM_ACTIVATOR, 4, first),
        needed(iid::LEVEL1_LOGIN, 6, first),
        needed(iid::SERVICES, 20, first),
        // The enumerator was cloned, and read through the smart form of the clone.
        needed(com::REM_UNKNOWN2, 3, last),
        needed(iid::FETCH_SMART_ENUM, 3, last),
        needed(iid::WCO_SMART_ENUM, 3, |all| all),
        // The session asked for several classes; the last one was Win32_Process.
        needed(iid::SERVICES, 6, last),
    ]))
}

/// The recorded stubs of one method, in one direction: `request` or `response`.
pub fn stubs(direction: &str, interface: Uuid, opnum: u16) -> Option<Vec<Bytes>> {
    let session = std::fs::read(file("windows10_wmi_session.json")?).unwrap();
    let session: Value = serde_json::from_slice(&session).unwrap();
    let pdus = session["pdus"].as_array().unwrap().iter();
    let wanted = pdus.filter(|pdu| {
        pdu["dir"] == direction
            && pdu["opnum"] == opnum
            && pdu["interface"].as_str().unwrap().parse() == Ok(interface)
    });
    Some(wanted.map(|pdu| Bytes::from(bytes(pdu["stub"].as_str().unwrap()))).collect())
}

/// Resolver and exporter in one: nothing but answers.
pub fn service(answers: Answers) -> Arc<dyn Service> {
    let answers = Mutex::new(answers);
    Arc::new(Scripted(move |request: Request| {
        let mut answers = answers.lock().unwrap();
        let answer = match answers.get_mut(&(request.interface.uuid, request.opnum)) {
            Some(left) if left.len() > 1 => Ok(left.remove(0)),
            Some(last) => Ok(last[0].clone()),
            // Pings, and references that are given back.
            None => Err(Fault::OP_RANGE_ERROR),
        };
        Box::pin(std::future::ready(answer)) as _
    }))
}

/// Both ports of the machine.
pub fn ports(answers: Answers) -> [(u16, Arc<dyn Service>); 2] {
    let service = service(answers);
    [(135, Arc::clone(&service)), (EXPORTER_PORT, service)]
}

fn bytes(hex: &str) -> Vec<u8> {
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}
