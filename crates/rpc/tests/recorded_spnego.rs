//! The negotiations in recorded Windows traffic: every token is read and written again to the same
//! bytes, and the legs are what the negotiation here takes them to be.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::cast_possible_truncation,
    reason = "a test"
)]

#[path = "common/capture.rs"]
#[allow(unreachable_pub, missing_docs, reason = "test support")]
mod capture;

use std::collections::BTreeMap;

use bytes::{Bytes, BytesMut};
use capture::{recording, streams};
use winreach_auth::AuthType;
use winreach_auth::spnego::messages::{NegState, NegTokenInit, NegTokenResp};
use winreach_auth::spnego::{MechType, Mechanism};
use winreach_rpc::pdu::{Body, Frame};

const RECORDINGS: [&str; 3] =
    ["windows10_wmi_session.pcapng", "dcom_clear_ntlm_integrity.pcap", "tds71_login.pcap"];

/// One negotiation: the tokens of both sides in order.
#[derive(Default)]
struct Exchange {
    client: Vec<Bytes>,
    server: Vec<Bytes>,
}

/// The negotiations of a recording, by the client's port and the number of the security context.
fn exchanges(name: &str) -> Vec<Exchange> {
    let Some(file) = recording(name) else { return Vec::new() };
    let mut found: BTreeMap<(u16, u16, u32), Exchange> = BTreeMap::new();
    for stream in streams(&file).into_iter().filter(|stream| stream.bytes.starts_with(&[5, 0])) {
        let mut rest = BytesMut::from(&stream.bytes[..]);
        while let Some(frame) = Frame::split_from(&mut rest).unwrap() {
            let pdu = frame.parse().unwrap();
            let is_client = match pdu.body {
                Body::Bind(_) | Body::AlterContext(_) | Body::Auth3 => true,
                Body::BindAck(_) | Body::AlterContextResp(_) => false,
                _ => continue,
            };
            let Some(auth) = pdu.auth.filter(|auth| auth.auth_type == AuthType::Spnego.code())
            else {
                continue;
            };
            let (client, server) =
                if is_client { (stream.from, stream.to) } else { (stream.to, stream.from) };
            let exchange = found.entry((client, server, auth.context_id)).or_default();
            let side = if is_client { &mut exchange.client } else { &mut exchange.server };
            side.push(auth.token);
        }
    }
    found.into_values().collect()
}

type Shape = (Option<NegState>, Option<Mechanism>, Option<u8>, bool);

/// State, mechanism, first byte of the mechanism's token and whether there is a signature.
fn shape(token: &[u8]) -> Shape {
    let resp = NegTokenResp::parse(token).unwrap();
    assert_eq!(resp.encode().unwrap(), token);
    let mechanism = resp.supported_mech.map(|mech_type| mech_type.mechanism().unwrap());
    let first = resp.response_token.map(|token| token[0]);
    (resp.state, mechanism, first, resp.mech_list_mic.is_some())
}

#[test]
fn every_token_is_written_again_and_the_legs_are_as_known() {
    const COMPLETED: Option<NegState> = Some(NegState::AcceptCompleted);
    const INCOMPLETE: Option<NegState> = Some(NegState::AcceptIncomplete);
    const AP_REQ: u8 = 0x6e;
    const FRAMED: u8 = 0x60;
    const AP_REP: Option<u8> = Some(0x6f);
    const NTLMSSP: Option<u8> = Some(b'N');
    let (mut kerberos, mut ntlm) = (0, 0);
    for name in RECORDINGS {
        for Exchange { client, server } in exchanges(name) {
            let init = NegTokenInit::parse(&client[0]).unwrap();
            assert_eq!(init.encode().unwrap(), client[0]);
            let offered: Vec<_> = init.mech_types.iter().map(MechType::mechanism).collect();
            assert_eq!(
                offered[..],
                [Mechanism::MsKerberos, Mechanism::Kerberos, Mechanism::NegoEx, Mechanism::Ntlm]
                    .map(Some)
            );
            let first_token = init.mech_token.unwrap()[0];
            assert_eq!((init.hints, init.mech_list_mic), (None, None));

            let legs: Vec<Shape> =
                server.iter().zip(&client[1..]).flat_map(|(s, c)| [shape(s), shape(c)]).collect();
            let last = shape(server.last().unwrap());
            assert_eq!(server.len(), client.len());
            assert_eq!(last, (COMPLETED, None, None, true));
            match legs[0].1 {
                Some(Mechanism::MsKerberos) => {
                    kerberos += 1;
                    assert_eq!(first_token, AP_REQ);
                    assert_eq!(
                        legs,
                        [
                            (INCOMPLETE, Some(Mechanism::MsKerberos), AP_REP, false),
                            (INCOMPLETE, None, AP_REP, true),
                        ]
                    );
                }
                Some(Mechanism::Ntlm) => {
                    ntlm += 1;
                    // No ticket, but a request between users (KERB-TGT-REQUEST) in GSS-API framing.
                    assert_eq!(first_token, FRAMED);
                    assert_eq!(
                        legs,
                        [
                            (Some(NegState::RequestMic), Some(Mechanism::Ntlm), None, false),
                            (INCOMPLETE, None, NTLMSSP, false),
                            (INCOMPLETE, None, NTLMSSP, false),
                            (INCOMPLETE, None, NTLMSSP, true),
                        ]
                    );
                }
                other => panic!("{other:?}"),
            }
        }
    }
    eprintln!("{kerberos} by Kerberos, {ntlm} by NTLM");
    if recording(RECORDINGS[0]).is_some() {
        assert!(kerberos >= 3 && ntlm >= 1, "{kerberos} by Kerberos, {ntlm} by NTLM");
    }
}
