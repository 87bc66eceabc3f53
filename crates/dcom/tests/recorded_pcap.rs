//! A second recording of Windows machines: another service, NTLM at packet integrity, in clear.
//!
//! Its stubs are read to the last byte, and written again to the same bytes.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may panic")]

use std::collections::{BTreeMap, HashMap};

use uuid::Uuid;
use winreach_dcom::Status;
use winreach_dcom::wire::activator::{ActivationResponse, RemoteGetClassObject};
use winreach_dcom::wire::object_exporter::ServerAlive2Response;
use winreach_dcom::wire::rem_unknown::{
    InterfaceRefs, RemQueryInterface, RemQueryInterfaceResponse,
};
use winreach_dcom::wire::{ActivationProperties, OrpcThat, OrpcThis, iid};
use winreach_ndr::{Decode, Decoder, Encode, Encoder};

const REQUEST: u8 = 0;
const RESPONSE: u8 = 2;
const BIND: u8 = 11;
const ALTER_CONTEXT: u8 = 14;
const OBJECT_UUID: u8 = 0x80;

/// What a verification trailer begins with (`[MS-RPCE] 2.2.2.13`).
const VERIFICATION: [u8; 8] = [0x8a, 0xe3, 0x13, 0x71, 0x02, 0xf4, 0x36, 0x71];

/// Source and destination: addresses and ports.
type Flow = ([u8; 4], u16, [u8; 4], u16);

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    u16::from_le_bytes([bytes[at], bytes[at + 1]])
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap())
}

/// The bytes of each direction of each TCP connection over Ethernet and IPv4.
fn streams(capture: &[u8]) -> HashMap<Flow, Vec<u8>> {
    let mut segments: HashMap<Flow, BTreeMap<u32, &[u8]>> = HashMap::new();
    let mut rest = &capture[24..];
    while !rest.is_empty() {
        let length = usize::try_from(u32_at(rest, 8)).unwrap();
        let frame = &rest[16..16 + length];
        rest = &rest[16 + length..];
        if frame[12..14] != [8, 0] || frame[23] != 6 {
            continue;
        }
        let big = |at: usize| u16::from_be_bytes([frame[at], frame[at + 1]]);
        let tcp = 14 + usize::from(frame[14] & 15) * 4;
        let flow = (
            frame[26..30].try_into().unwrap(),
            big(tcp),
            frame[30..34].try_into().unwrap(),
            big(tcp + 2),
        );
        let sequence = u32::from_be_bytes(frame[tcp + 4..tcp + 8].try_into().unwrap());
        let data = tcp + usize::from(frame[tcp + 12] >> 4) * 4;
        let payload = &frame[data..14 + usize::from(big(16))];
        if !payload.is_empty() {
            segments.entry(flow).or_default().entry(sequence).or_insert(payload);
        }
    }
    let join = |segments: BTreeMap<u32, &[u8]>| segments.into_values().flatten().copied().collect();
    segments.into_iter().map(|(flow, segments)| (flow, join(segments))).collect()
}

/// The PDUs of one direction, where it speaks DCE/RPC.
fn pdus(mut stream: &[u8]) -> Vec<&[u8]> {
    let mut pdus = Vec::new();
    while stream.len() >= 16 && stream[0] == 5 {
        let (pdu, rest) = stream.split_at(usize::from(u16_at(stream, 8)));
        pdus.push(pdu);
        stream = rest;
    }
    pdus
}

/// The stub of a request or response that is whole, without verification trailer, padding and token.
fn stub(pdu: &[u8]) -> &[u8] {
    assert_eq!(pdu[3] & 3, 3, "fragmented");
    let start = if pdu[3] & OBJECT_UUID != 0 { 40 } else { 24 };
    let stub = match usize::from(u16_at(pdu, 10)) {
        0 => &pdu[start..],
        token => {
            let trailer = pdu.len() - token - 8;
            &pdu[start..trailer - usize::from(pdu[trailer + 2])]
        }
    };
    let verification = stub.windows(VERIFICATION.len()).position(|bytes| bytes == VERIFICATION);
    &stub[..verification.unwrap_or(stub.len())]
}

/// The interface and the number of each call, by client flow and call number.
fn calls(streams: &HashMap<Flow, Vec<u8>>) -> HashMap<(Flow, u32), (Uuid, u16)> {
    let mut calls = HashMap::new();
    for (flow, stream) in streams {
        let mut interfaces = HashMap::new();
        for pdu in pdus(stream) {
            match pdu[2] {
                BIND | ALTER_CONTEXT => {
                    let mut at = 28;
                    for _ in 0..pdu[24] {
                        let interface = Uuid::from_slice_le(&pdu[at + 4..at + 20]).unwrap();
                        interfaces.insert(u16_at(pdu, at), interface);
                        at += 24 + usize::from(pdu[at + 2]) * 20;
                    }
                }
                REQUEST => {
                    let interface = interfaces[&u16_at(pdu, 20)];
                    calls.insert((*flow, u32_at(pdu, 12)), (interface, u16_at(pdu, 22)));
                }
                _ => {}
            }
        }
    }
    calls
}

fn again<H: Decode + Encode, T: Decode + Encode>(stub: &[u8]) -> (H, T) {
    let mut decoder = Decoder::new(stub);
    let (header, value): (H, T) = (decoder.get().unwrap(), decoder.get().unwrap());
    assert_eq!(decoder.finish(), Ok(()));
    let mut encoder = Encoder::new();
    encoder.put(&header);
    encoder.put(&value);
    assert_eq!(encoder.finish(), stub);
    (header, value)
}

fn encoded(value: &impl Encode) -> Vec<u8> {
    let mut encoder = Encoder::new();
    encoder.put(value);
    encoder.finish()
}

#[test]
fn every_stub_of_dcom_itself_reads_whole_and_writes_to_the_same_bytes() {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../../shared/captures/dcom_clear_ntlm_integrity.pcap"
    );
    let Ok(capture) = std::fs::read(path) else {
        eprintln!("SKIPPED: the recording is not at hand");
        return;
    };
    let streams = streams(&capture);
    let calls = calls(&streams);
    let mut seen: BTreeMap<(Uuid, u16, u8), usize> = BTreeMap::new();
    let mut refused = 0;
    for (flow, stream) in &streams {
        for pdu in pdus(stream) {
            let client = match pdu[2] {
                REQUEST => *flow,
                RESPONSE => (flow.2, flow.3, flow.0, flow.1),
                _ => continue,
            };
            let (interface, opnum) = calls[&(client, u32_at(pdu, 12))];
            let stub = stub(pdu);
            match (interface, opnum, pdu[2]) {
                (iid::OBJECT_EXPORTER, 5, RESPONSE) => {
                    let mut decoder = Decoder::new(stub);
                    let answer: ServerAlive2Response = decoder.get().unwrap();
                    assert_eq!(decoder.finish(), Ok(()));
                    assert_eq!(encoded(&answer), stub);
                }
                (iid::REMOTE_SCM_ACTIVATOR, 3, REQUEST) => {
                    let mut request: RemoteGetClassObject = Decoder::new(stub).get().unwrap();
                    let reference = request.properties.0.as_ref().unwrap();
                    let properties = ActivationProperties::from_request(reference).unwrap();
                    request.properties = properties.to_request().into();
                    assert_eq!(encoded(&request), stub);
                }
                (iid::REMOTE_SCM_ACTIVATOR, 3, RESPONSE) => {
                    let mut answer: ActivationResponse = Decoder::new(stub).get().unwrap();
                    let reference = answer.properties.0.as_ref().unwrap();
                    let properties = ActivationProperties::from_answer(reference).unwrap();
                    answer.properties = properties.to_answer().into();
                    assert_eq!(encoded(&answer), stub);
                }
                (iid::REM_UNKNOWN2, 3, REQUEST) => {
                    again::<OrpcThis, RemQueryInterface>(stub);
                }
                (iid::REM_UNKNOWN2, 3, RESPONSE) => {
                    let (_, answer) = again::<OrpcThat, RemQueryInterfaceResponse>(stub);
                    refused += usize::from(Status(answer.hresult) == Status::E_NOINTERFACE);
                }
                (iid::REM_UNKNOWN2, 5, REQUEST) => {
                    again::<OrpcThis, InterfaceRefs>(stub);
                }
                (iid::REM_UNKNOWN2, 5, RESPONSE) => {
                    again::<OrpcThat, u32>(stub);
                }
                _ => continue,
            }
            *seen.entry((interface, opnum, pdu[2])).or_default() += 1;
        }
    }
    let count = |interface, opnum, kind| seen.get(&(interface, opnum, kind)).copied();
    assert_eq!(count(iid::OBJECT_EXPORTER, 5, RESPONSE), Some(1));
    assert_eq!(count(iid::REMOTE_SCM_ACTIVATOR, 3, REQUEST), Some(1));
    assert_eq!(count(iid::REMOTE_SCM_ACTIVATOR, 3, RESPONSE), Some(1));
    assert_eq!(count(iid::REM_UNKNOWN2, 3, REQUEST), Some(26));
    assert_eq!(count(iid::REM_UNKNOWN2, 3, RESPONSE), Some(26));
    assert_eq!(count(iid::REM_UNKNOWN2, 5, REQUEST), Some(8));
    assert_eq!(count(iid::REM_UNKNOWN2, 5, RESPONSE), Some(8));
    assert_eq!(refused, 24);
}
