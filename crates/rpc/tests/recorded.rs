//! Recorded Windows traffic: every PDU is understood and written again to the same bytes, and no
//! damage to it does harm.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::cast_possible_truncation,
    reason = "a test"
)]

mod common;

use std::collections::HashMap;

use bytes::{Bytes, BytesMut};
use common::capture::{Stream, recording, streams};
use common::{Echo, FIRST, call, ntlm_accounts};
use winreach_rpc::pdu::verification::Verification;
use winreach_rpc::pdu::{Body, Flags, Frame, Header, Pdu, Type};
use winreach_rpc::{SyntaxId, client, server};

const RECORDINGS: [&str; 2] = ["windows10_wmi_session.pcapng", "dcom_clear_ntlm_integrity.pcap"];

/// The RPC streams of a recording, cut to whole PDUs.
fn rpc_streams(name: &str) -> Vec<(Stream, Vec<Bytes>)> {
    let Some(file) = recording(name) else { return Vec::new() };
    streams(&file)
        .into_iter()
        .filter(|stream| stream.bytes.starts_with(&[5, 0]))
        .map(|stream| {
            let mut rest = BytesMut::from(&stream.bytes[..]);
            let mut frames = Vec::new();
            while let Some(header) = rest.get(..16).map(|bytes| Header::parse(bytes).unwrap()) {
                // A recording may end in the middle of a PDU.
                if rest.len() < usize::from(header.frag_length) {
                    break;
                }
                frames.push(rest.split_to(header.frag_length.into()).freeze());
            }
            (stream, frames)
        })
        .collect()
}

/// Fields that Windows leaves to chance, set to what this crate writes:
/// * the four bytes that open an auth3;
/// * the bytes that align the results of a bind_ack or alter_context_resp.
fn without_chance(frame: &Bytes) -> Vec<u8> {
    let mut bytes = frame.to_vec();
    match Header::parse(frame).unwrap().ptype {
        Type::Auth3 => bytes[16..20].fill(0),
        Type::BindAck | Type::AlterContextResp => {
            let end = 26 + usize::from(u16::from_le_bytes([bytes[24], bytes[25]]));
            bytes[end..end.next_multiple_of(4)].fill(0);
        }
        _ => {}
    }
    bytes
}

#[test]
fn every_pdu_is_written_again_to_the_same_bytes() {
    for name in RECORDINGS {
        let mut count: HashMap<String, usize> = HashMap::new();
        for (_, frames) in rpc_streams(name) {
            for frame in frames {
                let pdu = Pdu::parse(frame.clone()).unwrap();
                let mut written = BytesMut::new();
                pdu.write(&mut written).unwrap();
                assert_eq!(written[..], without_chance(&frame)[..], "{pdu:?}");
                *count.entry(format!("{:?}", pdu.body.ptype())).or_default() += 1;
            }
        }
        let total: usize = count.values().sum();
        if total > 0 {
            eprintln!("{name}: {count:?}");
            assert!(total >= 190, "{total} PDUs");
            for ptype in
                ["Bind", "BindAck", "AlterContext", "AlterContextResp", "Request", "Response"]
            {
                assert!(count.contains_key(ptype), "{ptype} in {name}");
            }
        }
    }
}

#[test]
fn trailers_have_the_lengths_that_are_computed_here() {
    let mut signed = 0;
    for name in RECORDINGS {
        for (_, frames) in rpc_streams(name) {
            for frame in frames {
                let pdu = Pdu::parse(frame.clone()).unwrap();
                let Some(auth) = &pdu.auth else { continue };
                let stub = match &pdu.body {
                    Body::Request(request) => request.stub.len(),
                    Body::Response(response) => response.stub.len(),
                    _ => {
                        assert!(auth.padding.is_empty(), "binds are not padded");
                        continue;
                    }
                };
                assert_eq!(auth.padding.len(), stub.wrapping_neg() % 16, "{pdu:?}");
                // NTLM: 16 bytes; Kerberos: 28 for a signature, 76 for a seal.
                assert!([16, 28, 76].contains(&auth.token.len()), "{pdu:?}");
                if !pdu.flags.contains(Flags::LAST) {
                    assert_eq!(stub % 16, 0, "only the last fragment is padded");
                }
                signed += 1;
            }
        }
    }
    eprintln!("{signed} protected PDUs");
    assert!(signed == 0 || signed > 300);
}

#[test]
fn verification_trailers_are_found_and_written_again_to_the_same_bytes() {
    let mut found = Vec::new();
    for (_, frames) in rpc_streams("dcom_clear_ntlm_integrity.pcap") {
        let mut interfaces: HashMap<u16, SyntaxId> = HashMap::new();
        for frame in frames {
            match Pdu::parse(frame).unwrap().body {
                Body::Bind(bind) | Body::AlterContext(bind) => interfaces.extend(
                    bind.contexts.iter().map(|element| (element.id, element.abstract_syntax)),
                ),
                Body::Request(request) => {
                    let Some((start, verification)) = Verification::find(&request.stub).unwrap()
                    else {
                        continue;
                    };
                    let written = verification.to_bytes(start);
                    assert_eq!(written[..], request.stub[start..]);
                    if let Some((interface, transfer)) = verification.context {
                        assert_eq!(interface, interfaces[&request.context_id]);
                        assert_eq!(transfer, SyntaxId::NDR);
                    }
                    found.push(verification);
                }
                _ => {}
            }
        }
    }
    if recording("dcom_clear_ntlm_integrity.pcap").is_some() {
        assert!(found.len() >= 5, "{found:?}");
        assert!(found.iter().any(|verification| verification.bitmask == Some(1)));
        assert!(found.iter().all(|verification| verification.header.is_none()));
    }
}

/// Bytes worth changing: all of a short PDU, both ends and some of the middle of a long one.
fn places(length: usize) -> impl Iterator<Item = usize> {
    (0..length).filter(move |at| *at < 96 || *at + 48 > length || at % 61 == 0)
}

#[test]
fn no_flipped_bit_and_no_cut_does_harm() {
    for name in RECORDINGS {
        for (_, frames) in rpc_streams(name) {
            for frame in frames {
                for at in places(frame.len()) {
                    for bit in 0..8 {
                        let mut damaged = BytesMut::from(&frame[..]);
                        damaged[at] ^= 1 << bit;
                        let _ = Verification::find(&damaged);
                        let _ = common::parse(damaged);
                    }
                    // Cut without the header knowing …
                    assert!(Pdu::parse(frame.slice(..at)).is_err());
                    // … and with it: no PDU may promise more than it holds.
                    let mut cut = BytesMut::from(&frame[..at]);
                    if at >= 16 {
                        cut[8..10].copy_from_slice(&(at as u16).to_le_bytes());
                        let _ = common::parse(cut);
                    }
                }
            }
        }
    }
}

#[test]
fn a_stream_with_a_flipped_bit_ends_an_association_at_worst() {
    for name in RECORDINGS {
        for (stream, frames) in rpc_streams(name) {
            let whole = frames.concat();
            let is_server = frames
                .first()
                .is_some_and(|frame| Header::parse(frame).unwrap().ptype == Type::BindAck);
            assert_ne!(stream.from, stream.to);
            for at in (0..whole.len().min(1500)).step_by(3) {
                let mut damaged = BytesMut::from(&whole[..]);
                damaged[at] ^= 1 << (at % 8);
                if is_server {
                    let mut client = client::Association::new(client::Config::default());
                    client.bind(&[FIRST], None);
                    client.call(call(FIRST, "a call"));
                    let _ = client.handle_input(&mut damaged);
                    while let Ok(Some(_)) = client.poll_transmit() {}
                } else {
                    let mut server = server::Association::new(
                        std::sync::Arc::new(Echo),
                        ntlm_accounts(),
                        server::Config::default(),
                        server::ConnectionInfo::default(),
                    );
                    let _ = server.handle_input(&mut damaged);
                    while let Ok(Some(_)) = server.poll_transmit() {}
                }
            }
        }
    }
}

#[test]
fn a_stream_is_cut_at_any_place_and_joined_again() {
    let Some(file) = recording("dcom_clear_ntlm_integrity.pcap") else { return };
    let stream = streams(&file).into_iter().find(|stream| stream.from == 135).unwrap();
    let mut whole = BytesMut::from(&stream.bytes[..]);
    let mut expected = Vec::new();
    while let Some(frame) = Frame::split_from(&mut whole).unwrap() {
        expected.push(frame.parse().unwrap());
    }
    for size in 1..200 {
        let mut input = BytesMut::new();
        let mut found = Vec::new();
        for piece in stream.bytes.chunks(size) {
            input.extend_from_slice(piece);
            while let Some(frame) = Frame::split_from(&mut input).unwrap() {
                found.push(frame.parse().unwrap());
            }
        }
        assert_eq!(found, expected, "pieces of {size} bytes");
    }
}
