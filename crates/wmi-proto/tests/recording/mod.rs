//! The recorded session, where it is at hand.

use std::path::Path;

use bytes::Bytes;
use serde_json::Value;
use uuid::Uuid;

/// What a verification trailer starts with (`[MS-RPCE] 2.2.2.13.1`).
pub(crate) const TRAILER: [u8; 8] = [0x8a, 0xe3, 0x13, 0x71, 0x02, 0xf4, 0x36, 0x71];

/// One stub of the session.
pub(crate) struct Pdu {
    pub(crate) request: bool,
    pub(crate) interface: Uuid,
    pub(crate) opnum: u16,
    pub(crate) stub: Bytes,
}

/// All stubs in their order; nothing where the recording is not at hand.
pub(crate) fn recording() -> Option<Vec<Pdu>> {
    const FILE: &str =
        concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/captures/windows10_wmi_session.json");
    if !Path::new(FILE).exists() {
        eprintln!("SKIPPED: the recorded Windows 10 session is not at hand");
        return None;
    }
    let session: Value = serde_json::from_slice(&std::fs::read(FILE).unwrap()).unwrap();
    Some(session["pdus"].as_array().unwrap().iter().map(pdu).collect())
}

fn pdu(record: &Value) -> Pdu {
    Pdu {
        request: record["dir"] == "request",
        interface: record["interface"].as_str().unwrap().parse().unwrap(),
        opnum: record["opnum"].as_u64().unwrap().try_into().unwrap(),
        stub: bytes(record["stub"].as_str().unwrap()).into(),
    }
}

fn bytes(hex: &str) -> Vec<u8> {
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}
