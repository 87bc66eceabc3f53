//! What several tests share.

#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "each test uses its part, and may panic"
)]

use uuid::Uuid;

/// One stub of the recorded session.
pub(crate) struct Recorded {
    pub(crate) frame: u64,
    pub(crate) is_request: bool,
    pub(crate) interface: Uuid,
    pub(crate) opnum: u64,
    pub(crate) stub: Vec<u8>,
}

/// The stubs of a session between two Windows 10 machines; nothing where they are not at hand.
pub(crate) fn recorded_session() -> Option<Vec<Recorded>> {
    let path =
        concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/captures/windows10_wmi_session.json");
    let Ok(text) = std::fs::read_to_string(path) else {
        eprintln!("SKIPPED: the recorded session is not at hand");
        return None;
    };
    let session: serde_json::Value = serde_json::from_str(&text).unwrap();
    let pdus = session["pdus"].as_array().unwrap().iter();
    Some(
        pdus.map(|pdu| Recorded {
            frame: pdu["frame"].as_u64().unwrap(),
            is_request: pdu["dir"] == "request",
            interface: pdu["interface"].as_str().unwrap().parse().unwrap(),
            opnum: pdu["opnum"].as_u64().unwrap(),
            stub: hex(pdu["stub"].as_str().unwrap()),
        })
        .collect(),
    )
}

/// Bytes from hexadecimal digits.
pub(crate) fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u32> = text.chars().filter_map(|c| c.to_digit(16)).collect();
    digits.chunks(2).map(|pair| u8::try_from(pair[0] * 16 + pair[1]).unwrap()).collect()
}
