//! Reads recorded traffic: pcapng, Ethernet, IPv4, TCP, and the PDUs of DCE/RPC in it.

use std::collections::BTreeMap;

/// The PDUs that went one way on one connection.
pub(crate) struct Way {
    /// The address and port that they came from.
    pub(crate) from: String,
    /// The address and port that they went to.
    pub(crate) to: String,
    /// The PDUs, in order.
    pub(crate) pdus: Vec<Vec<u8>>,
}

/// A file in the folder of recordings; says so and gives nothing where it is not at hand.
pub(crate) fn recording(name: &str) -> Option<Vec<u8>> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/captures/");
    let bytes = std::fs::read(format!("{folder}{name}")).ok();
    if bytes.is_none() {
        eprintln!("SKIPPED: the recording {name} is not at hand");
    }
    bytes
}

/// All ways of a recording that carry DCE/RPC.
pub(crate) fn ways(file: &[u8]) -> Vec<Way> {
    let mut segments: BTreeMap<(String, String), BTreeMap<u32, Vec<u8>>> = BTreeMap::new();
    for packet in packets(file) {
        let Some((ends, sequence, payload)) = tcp(packet) else { continue };
        let known = segments.entry(ends).or_default().entry(sequence).or_default();
        if payload.len() > known.len() {
            *known = payload.to_vec();
        }
    }
    segments
        .into_iter()
        .map(|((from, to), segments)| Way { from, to, pdus: pdus(&join(&segments)) })
        .filter(|way| !way.pdus.is_empty())
        .collect()
}

/// Joins segments, leaving out what was sent twice.
fn join(segments: &BTreeMap<u32, Vec<u8>>) -> Vec<u8> {
    let mut joined = Vec::new();
    let mut next = *segments.keys().next().unwrap();
    for (&sequence, payload) in segments {
        assert!(sequence <= next, "a recording without gaps");
        if let Some(new) = payload.get((next - sequence) as usize..) {
            joined.extend_from_slice(new);
            next += u32::try_from(new.len()).unwrap();
        }
    }
    joined
}

/// Cuts a stream into PDUs; none where it is another protocol.
fn pdus(mut stream: &[u8]) -> Vec<Vec<u8>> {
    let mut pdus = Vec::new();
    while stream.starts_with(&[5, 0]) && stream.len() >= 16 {
        let len = u16::from_le_bytes([stream[8], stream[9]]).into();
        // A recording may end in the middle of a PDU.
        let Some((pdu, rest)) = stream.split_at_checked(len) else { break };
        pdus.push(pdu.to_vec());
        stream = rest;
    }
    pdus
}

fn u32_at(bytes: &[u8], at: usize) -> usize {
    u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap()) as usize
}

/// The packets of a pcapng file: what is in its enhanced packet blocks.
fn packets(file: &[u8]) -> Vec<&[u8]> {
    const ENHANCED_PACKET: usize = 6;
    let mut packets = Vec::new();
    let mut at = 0;
    while at < file.len() {
        if u32_at(file, at) == ENHANCED_PACKET {
            packets.push(&file[at + 28..][..u32_at(file, at + 20)]);
        }
        at += u32_at(file, at + 4);
    }
    packets
}

/// Both ends, sequence number and payload of a packet.
fn tcp(packet: &[u8]) -> Option<((String, String), u32, &[u8])> {
    let ip = packet.get(14..)?;
    if packet[12..14] != [8, 0] || ip[9] != 6 {
        return None;
    }
    // A packet that the network card was to cut further says that it has no length.
    let total = match usize::from(u16::from_be_bytes([ip[2], ip[3]])) {
        0 => ip.len(),
        total => total,
    };
    let segment = ip.get(usize::from(ip[0] & 15) * 4..total)?;
    let end = |ip: &[u8], port: &[u8]| {
        let port = u16::from_be_bytes([port[0], port[1]]);
        format!("{}.{}.{}.{}:{port}", ip[0], ip[1], ip[2], ip[3])
    };
    let ends = (end(&ip[12..16], &segment[..2]), end(&ip[16..20], &segment[2..4]));
    let payload = segment.get(usize::from(segment[12] >> 4) * 4..)?;
    let sequence = u32::from_be_bytes(segment[4..8].try_into().unwrap());
    (!payload.is_empty()).then_some((ends, sequence, payload))
}
