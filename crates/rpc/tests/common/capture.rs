//! Reads recorded traffic: pcap and pcapng, Ethernet, IPv4, TCP.

use std::collections::BTreeMap;

use bytes::{Bytes, BytesMut};

/// The bytes that went one way on one connection.
pub struct Stream {
    pub from: u16,
    pub to: u16,
    pub bytes: Bytes,
}

/// A recording in the folder of recordings; says so and gives nothing where it is not at hand.
pub fn recording(name: &str) -> Option<Vec<u8>> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/captures/");
    let bytes = std::fs::read(format!("{folder}{name}")).ok();
    if bytes.is_none() {
        eprintln!("SKIPPED: the recording {name} is not at hand");
    }
    bytes
}

/// All streams of a recording, in the order in which they began.
pub fn streams(file: &[u8]) -> Vec<Stream> {
    let mut order = Vec::new();
    let mut segments: BTreeMap<Vec<u8>, BTreeMap<u32, Bytes>> = BTreeMap::new();
    for packet in packets(file) {
        let Some((ends, sequence, payload)) = tcp(&packet) else { continue };
        if payload.is_empty() {
            continue;
        }
        if !segments.contains_key(&ends) {
            order.push(ends.clone());
        }
        let known = segments.entry(ends).or_default().entry(sequence).or_default();
        if payload.len() > known.len() {
            *known = payload;
        }
    }
    order
        .into_iter()
        .map(|ends| Stream {
            from: u16::from_be_bytes([ends[8], ends[9]]),
            to: u16::from_be_bytes([ends[10], ends[11]]),
            bytes: join(&segments[&ends]),
        })
        .collect()
}

/// Joins segments, leaving out what was sent twice.
fn join(segments: &BTreeMap<u32, Bytes>) -> Bytes {
    let mut joined = BytesMut::new();
    let mut next = *segments.keys().next().expect("a stream has a segment");
    for (&sequence, payload) in segments {
        assert!(sequence <= next, "a recording without gaps");
        if let Some(new) = payload.get((next - sequence) as usize..) {
            joined.extend_from_slice(new);
            next += new.len() as u32;
        }
    }
    joined.freeze()
}

fn u32_at(bytes: &[u8], at: usize) -> usize {
    u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap()) as usize
}

fn packets(file: &[u8]) -> Vec<Bytes> {
    const SECTION_HEADER: usize = 0x0a0d_0d0a;
    const ENHANCED_PACKET: usize = 6;
    let mut packets = Vec::new();
    if u32_at(file, 0) == SECTION_HEADER {
        let mut at = 0;
        while at < file.len() {
            if u32_at(file, at) == ENHANCED_PACKET {
                let captured = u32_at(file, at + 20);
                packets.push(Bytes::copy_from_slice(&file[at + 28..at + 28 + captured]));
            }
            at += u32_at(file, at + 4);
        }
    } else {
        let mut at = 24;
        while at < file.len() {
            let captured = u32_at(file, at + 8);
            packets.push(Bytes::copy_from_slice(&file[at + 16..at + 16 + captured]));
            at += 16 + captured;
        }
    }
    packets
}

/// Addresses and ports of both ends, sequence number and payload.
fn tcp(packet: &Bytes) -> Option<(Vec<u8>, u32, Bytes)> {
    let ip = packet.get(14..)?;
    if packet[12..14] != [8, 0] || ip[9] != 6 {
        return None;
    }
    let header = usize::from(ip[0] & 15) * 4;
    // A packet that the network card was to cut further says that it has no length.
    let total = match usize::from(u16::from_be_bytes([ip[2], ip[3]])) {
        0 => ip.len(),
        total => total,
    };
    let segment = ip.get(header..total)?;
    let ends = [&ip[12..20], segment.get(..4)?].concat();
    let sequence = u32::from_be_bytes(segment.get(4..8)?.try_into().unwrap());
    let payload = segment.get(usize::from(segment[12] >> 4) * 4..)?;
    Some((ends, sequence, packet.slice_ref(payload)))
}
