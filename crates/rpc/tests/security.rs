//! Protection: nothing that was changed on its way is taken, and nobody is talked into less than
//! was agreed.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::cast_possible_truncation,
    reason = "a test"
)]

mod common;

use bytes::{Bytes, BytesMut};
use common::mechanism::{self, Ending};
use common::{FIRST, Pair, SECOND, alice, alice_with, call, frames, ntlm_accounts, pattern, pdus};
use winreach_auth::{self as auth, AuthLevel, AuthType, Credentials, ntlm};
use winreach_rpc::pdu::verification::{Header2, Verification};
use winreach_rpc::pdu::{Auth, Bind, Body, ByteOrder, ContextElement, Flags, Pdu, Request, Type};
use winreach_rpc::{Fault, SyntaxId, client, server};

/// A pair that has called once, so that no leg of authentication is on its way any more.
fn warm(level: AuthLevel) -> Pair {
    let mut pair = Pair::bound(Some(level));
    pair.echo(FIRST, Bytes::new()).unwrap();
    pair
}

#[test]
fn no_bit_of_a_protected_request_can_be_changed() {
    for level in [AuthLevel::Packet, AuthLevel::Integrity, AuthLevel::Privacy] {
        let mut honest = warm(level);
        honest.client.call(call(FIRST, pattern(50)));
        let length = honest.client_output().len();
        for (at, bit) in (0..length).flat_map(|at| (0..8).map(move |bit| (at, bit))).step_by(3) {
            let mut pair = warm(level);
            pair.client.call(call(FIRST, pattern(50)));
            let mut request = pair.client_output();
            request[at] ^= 1 << bit;
            let result = pair.server.handle_input(&mut request);
            assert!(pair.requests().is_empty(), "bit {bit} of byte {at} at {level}: carried out");
            let answers = pdus(&pair.server_output());
            let faulted = answers.iter().any(|pdu| matches!(pdu.body, Body::Fault(_)));
            // A PDU that says that it is longer is waited for.
            let waiting = !request.is_empty();
            assert!(result.is_err() || faulted || waiting, "bit {bit} of byte {at} at {level}");
        }
    }
}

#[test]
fn no_bit_of_a_protected_response_can_be_changed() {
    for level in [AuthLevel::Packet, AuthLevel::Integrity, AuthLevel::Privacy] {
        let answered = |pair: &mut Pair| {
            pair.client.call(call(FIRST, pattern(50)));
            let mut bytes = pair.client_output();
            pair.server.handle_input(&mut bytes).unwrap();
            let (id, request) = pair.requests().pop().unwrap();
            pair.server.respond(id, Ok(request.stub));
            pair.server_output()
        };
        let length = answered(&mut warm(level)).len();
        for (at, bit) in (0..length).flat_map(|at| (0..8).map(move |bit| (at, bit))).step_by(3) {
            let mut pair = warm(level);
            let mut response = answered(&mut pair);
            response[at] ^= 1 << bit;
            let result = pair.client.handle_input(&mut response);
            let completed = std::iter::from_fn(|| pair.client.poll_event())
                .any(|event| matches!(event, client::Event::Completed { result: Ok(_), .. }));
            assert!(!completed, "bit {bit} of byte {at} at {level}: taken");
            let waiting = !response.is_empty();
            assert!(result.is_err() || waiting, "bit {bit} of byte {at} at {level}");
        }
    }
}

#[test]
fn protected_pdus_cannot_be_repeated_left_out_or_swapped() {
    for change in ["repeat", "leave out", "swap"] {
        let mut pair = warm(AuthLevel::Integrity);
        for stub in ["number 1", "number 2", "number 3"] {
            pair.client.call(call(FIRST, stub));
        }
        let mut sent = frames(&pair.client_output());
        match change {
            "repeat" => sent.insert(1, sent[0].clone()),
            "leave out" => drop(sent.remove(0)),
            _ => sent.swap(0, 1),
        }
        let mut bytes: BytesMut = sent.concat().as_slice().into();
        let error = pair.server.handle_input(&mut bytes).unwrap_err();
        assert!(matches!(error, server::Error::Tampered(_)), "{change}: {error}");
        assert!(pair.requests().len() <= 1, "{change}");
    }
}

#[test]
fn an_unprotected_answer_on_a_protected_call_is_refused() {
    for level in [AuthLevel::Packet, AuthLevel::Integrity, AuthLevel::Privacy] {
        let mut pair = warm(level);
        pair.client.call(call(FIRST, "arguments"));
        let request = pdus(&pair.client_output()).pop().unwrap();
        let body = Body::Response(winreach_rpc::pdu::Response {
            alloc_hint: 0,
            context_id: 0,
            cancel_count: 0,
            stub: Bytes::from_static(b"forged"),
        });
        let mut forged = BytesMut::new();
        Pdu::new(request.call_id, Flags::WHOLE, body).write(&mut forged).unwrap();
        let error = pair.client.handle_input(&mut forged).unwrap_err();
        assert!(matches!(error, client::Error::Tampered(_)), "{error}");
        assert!(pair.client.poll_event().is_none());
    }
}

#[test]
fn an_unprotected_request_on_a_protected_connection_is_refused() {
    let mut pair = warm(AuthLevel::Integrity);
    let body = Body::Request(Request {
        alloc_hint: 0,
        context_id: 0,
        opnum: 3,
        object: None,
        stub: Bytes::from_static(b"forged"),
    });
    let mut forged = BytesMut::new();
    Pdu::new(99, Flags::WHOLE, body).write(&mut forged).unwrap();
    pair.server.handle_input(&mut forged).unwrap();
    assert!(pair.requests().is_empty());
    let Body::Fault(fault) = pdus(&pair.server_output()).pop().unwrap().body else {
        panic!("a fault")
    };
    assert_eq!(fault.status, Fault::ACCESS_DENIED.0);
}

#[test]
fn even_legs_go_by_alter_context() {
    for ending in [Ending::Silent, Ending::Answered] {
        for level in [AuthLevel::Packet, AuthLevel::Integrity, AuthLevel::Privacy] {
            let mut pair = Pair::with(
                client::Config::default(),
                server::Config::default(),
                mechanism::authenticator(ending),
            );
            pair.client.bind(&[FIRST, SECOND], Some(mechanism::security(ending, level)));
            let mut types = Vec::new();
            for _ in 0..2 {
                let mut bytes = pair.client_output();
                types.extend(pdus(&bytes).iter().map(|pdu| pdu.body.ptype()));
                pair.server.handle_input(&mut bytes).unwrap();
                let mut bytes = pair.server_output();
                types.extend(pdus(&bytes).iter().map(|pdu| pdu.body.ptype()));
                pair.client.handle_input(&mut bytes).unwrap();
            }
            let legs = [Type::Bind, Type::BindAck, Type::AlterContext, Type::AlterContextResp];
            assert_eq!(types, legs);
            assert!(matches!(
                pair.client.poll_event(),
                Some(client::Event::Negotiated { result: Ok(()), .. })
            ));
            for length in [0, 1, 100, 10_000] {
                assert_eq!(pair.echo(SECOND, pattern(length)).unwrap(), pattern(length));
            }
        }
    }
}

#[test]
fn header_signing_begins_in_mid_connection_for_all_contexts() {
    // As recorded: a context at level packet, then one at privacy that brings header signing.
    let mut pair = Pair::with(
        client::Config::default(),
        server::Config::default(),
        mechanism::authenticator(Ending::Silent),
    );
    let at = |level| Some(mechanism::security(Ending::Silent, level));
    pair.bind(&[FIRST], at(AuthLevel::Packet)).unwrap();
    pair.echo(FIRST, pattern(10)).unwrap();
    pair.bind(&[SECOND], at(AuthLevel::Privacy)).unwrap();

    // The mechanism signs another text for a signed header, so both sides must have switched.
    pair.echo(FIRST, pattern(20)).unwrap();
    pair.echo(SECOND, pattern(30)).unwrap();

    let mut contexts = Vec::new();
    for interface in [FIRST, SECOND] {
        pair.client.call(call(interface, "where"));
        let mut bytes = pair.client_output();
        let auth = pdus(&bytes)[0].auth.clone().unwrap();
        contexts.push((auth.context_id, auth.auth_level));
        pair.server.handle_input(&mut bytes).unwrap();
    }
    assert_eq!(contexts, [(0, 4), (1, 6)]);
    let levels: Vec<_> = pair.requests().into_iter().map(|(_, request)| request.level).collect();
    assert_eq!(levels, [AuthLevel::Packet, AuthLevel::Privacy]);
}

#[test]
fn a_second_context_needs_the_consent_of_the_server() {
    let mut pair = Pair::new();
    pair.client.bind(&[FIRST], Some(alice(AuthLevel::Integrity)));
    pair.answer_bind_refusing_the_second();
    pair.client.poll_event();
    let error = pair.bind(&[SECOND], Some(alice(AuthLevel::Privacy))).unwrap_err();
    assert!(matches!(error, client::Error::Protocol(_)), "{error}");
}

#[test]
fn security_contexts_are_limited() {
    let config = server::Config { max_security_contexts: 2, ..Default::default() };
    let mut pair = Pair::with(client::Config::default(), config, ntlm_accounts());
    pair.bind(&[FIRST], Some(alice(AuthLevel::Integrity))).unwrap();
    pair.bind(&[FIRST], Some(alice(AuthLevel::Privacy))).unwrap();
    let error = pair.bind(&[FIRST], Some(alice(AuthLevel::Privacy))).unwrap_err();
    assert_eq!(error.fault(), Some(Fault::PROTOCOL_ERROR));
}

#[test]
fn attempts_to_authenticate_are_limited() {
    let config = server::Config { max_security_contexts: 3, ..Default::default() };
    let mut pair = Pair::with(client::Config::default(), config, ntlm_accounts());
    pair.bind(&[FIRST], Some(alice(AuthLevel::Integrity))).unwrap();
    for _ in 0..2 {
        let guess = alice_with("open barley", AuthLevel::Integrity);
        pair.bind(&[FIRST], Some(guess)).unwrap();
        let error = pair.echo(FIRST, Bytes::new()).unwrap_err();
        assert_eq!(error.fault(), Some(Fault::ACCESS_DENIED));
    }
    let error = pair.bind(&[FIRST], Some(alice(AuthLevel::Integrity))).unwrap_err();
    assert_eq!(error.fault(), Some(Fault::PROTOCOL_ERROR));
}

#[test]
fn the_client_asserts_each_interface_once() {
    let mut pair = Pair::bound(Some(AuthLevel::Privacy));
    let mut asserted = |interface: SyntaxId, outcome: Result<Bytes, Fault>| {
        // The server cuts the trailer off; the hint of the first fragment still counts it.
        pair.client.call(call(interface, vec![1; 16]));
        let mut bytes = pair.client_output();
        let Body::Request(request) = pdus(&bytes).pop().unwrap().body else { panic!("a request") };
        pair.server.handle_input(&mut bytes).unwrap();
        let (id, arrived) = pair.requests().pop().unwrap();
        assert_eq!(arrived.stub.len(), 16);
        pair.server.respond(id, outcome);
        pair.run().unwrap();
        request.alloc_hint - 16
    };
    let fine = || Ok(Bytes::new());
    assert_eq!(asserted(FIRST, fine()), 60, "bitmask and context");
    assert_eq!(asserted(FIRST, fine()), 0);
    assert_eq!(asserted(SECOND, Err(Fault::OP_RANGE_ERROR)), 52, "context");
    assert_eq!(asserted(SECOND, fine()), 52, "once more after a fault");
    assert_eq!(asserted(SECOND, fine()), 0);

    let mut below = Pair::bound(Some(AuthLevel::Packet));
    below.client.call(call(FIRST, vec![1; 16]));
    let Body::Request(request) = pdus(&below.client_output()).pop().unwrap().body else {
        panic!("a request")
    };
    assert_eq!(request.alloc_hint, 16, "nothing below integrity");
}

/// A client of another make: NTLM by hand.
struct Handmade {
    pair: Pair,
    contexts: Vec<(u32, Box<dyn auth::SecurityContext>)>,
    call_id: u32,
    level: AuthLevel,
    header_sign: Flags,
}

impl Handmade {
    fn new(level: AuthLevel, header_sign: Flags) -> Self {
        Self { pair: Pair::new(), contexts: Vec::new(), call_id: 1, level, header_sign }
    }

    fn send(&mut self, pdu: &Pdu) -> Vec<Pdu> {
        let mut bytes = BytesMut::new();
        pdu.write(&mut bytes).unwrap();
        self.pair.server.handle_input(&mut bytes).unwrap();
        for (id, request) in self.pair.requests() {
            self.pair.server.respond(id, Ok(request.stub));
        }
        pdus(&self.pair.server_output())
    }

    /// A presentation context with an NTLM exchange of its own: bind or alter_context, then auth3;
    /// no features, padding bytes 0xFF.
    fn negotiate(&mut self, context_id: u16, interface: SyntaxId) {
        let credentials = Credentials::new("alice", "open sesame".to_owned().into());
        let source = ntlm::Source::new(credentials);
        let mut initiator = source.begin("HOST/server", self.level).unwrap();
        let auth_context = u32::from(context_id) + 79231;
        let auth_level = self.level.code();
        let auth = |token: Vec<u8>| Auth {
            auth_type: AuthType::Ntlm.code(),
            auth_level,
            context_id: auth_context,
            padding: Bytes::from_static(&[0xff; 4]),
            token: token.into(),
        };
        let bind = Bind {
            max_xmit_frag: 4280,
            max_recv_frag: 4280,
            assoc_group_id: 0,
            contexts: vec![ContextElement {
                id: context_id,
                abstract_syntax: interface,
                transfer_syntaxes: vec![SyntaxId::NDR],
            }],
        };
        let body =
            if self.contexts.is_empty() { Body::Bind(bind) } else { Body::AlterContext(bind) };
        let negotiate = auth(initiator.step(None).unwrap().token.unwrap());
        let flags = Flags::WHOLE | self.header_sign;
        let first = Pdu { auth: Some(negotiate), ..Pdu::new(self.call_id, flags, body) };
        let challenge = self.send(&first).pop().unwrap();
        assert_eq!(challenge.flags.contains(Flags::HEADER_SIGN), !self.header_sign.is_empty());
        let step = initiator.step(Some(&challenge.auth.unwrap().token)).unwrap();
        let third = Pdu {
            auth: Some(auth(step.token.unwrap())),
            ..Pdu::new(self.call_id, Flags::WHOLE, Body::Auth3)
        };
        assert!(self.send(&third).is_empty(), "auth3 is not answered");
        self.contexts.push((auth_context, step.established.unwrap().context));
    }

    /// A request, padded to 4 with 0xBB.
    fn request(&mut self, context: usize, stub: &[u8]) -> Vec<Pdu> {
        self.call_id += 1;
        let (auth_context, keys) = &mut self.contexts[context];
        let padding = vec![0xbb; stub.len().wrapping_neg() % 4];
        let pdu = Pdu {
            auth: Some(Auth {
                auth_type: AuthType::Ntlm.code(),
                auth_level: self.level.code(),
                context_id: *auth_context,
                padding: padding.clone().into(),
                token: vec![0; 16].into(),
            }),
            ..Pdu::new(
                self.call_id,
                Flags::WHOLE,
                Body::Request(Request {
                    alloc_hint: stub.len() as u32,
                    context_id: context as u16,
                    opnum: 3,
                    object: None,
                    stub: Bytes::copy_from_slice(stub),
                }),
            )
        };
        let mut bytes = BytesMut::new();
        pdu.write(&mut bytes).unwrap();
        let (header, rest) = bytes.split_at_mut(24);
        let (body, rest) = rest.split_at_mut(stub.len() + padding.len());
        let (trailer, token) = rest.split_at_mut(8);
        let sign_header = !self.header_sign.is_empty();
        keys.protect(self.level, auth::Pdu { header, body, trailer, sign_header }, token).unwrap();
        self.send(&Pdu::parse(bytes.freeze()).unwrap())
    }

    /// Opens the answer to the last request.
    fn open(&mut self, context: usize, answer: &Pdu) -> Vec<u8> {
        let mut bytes = BytesMut::new();
        answer.write(&mut bytes).unwrap();
        let end = bytes.len() - 24;
        let (header, rest) = bytes.split_at_mut(24);
        let (body, rest) = rest.split_at_mut(end - 24);
        let (trailer, token) = rest.split_at_mut(8);
        let sign_header = !self.header_sign.is_empty();
        let pdu = auth::Pdu { header, body, trailer, sign_header };
        self.contexts[context].1.unprotect(self.level, pdu, token).unwrap();
        body[..body.len() - usize::from(trailer[2])].to_vec()
    }
}

#[test]
fn a_client_that_authenticates_for_each_interface_anew_is_served() {
    for level in [AuthLevel::Integrity, AuthLevel::Privacy] {
        for header_sign in [Flags::empty(), Flags::HEADER_SIGN] {
            let mut client = Handmade::new(level, header_sign);
            client.negotiate(0, FIRST);
            client.negotiate(1, SECOND);
            for (context, stub) in [(0, &b"12345"[..]), (1, b"1234567"), (0, b""), (1, b"12")] {
                let answer = client.request(context, stub).pop().unwrap();
                assert_eq!(answer.body.ptype(), Type::Response, "{answer:?}");
                assert_eq!(client.open(context, &answer), stub, "at {level}");
            }
        }
    }
}

#[test]
fn a_signed_orphaned_keeps_the_ciphers_in_step() {
    let mut client = Handmade::new(AuthLevel::Privacy, Flags::HEADER_SIGN);
    client.negotiate(0, FIRST);
    let (auth_context, keys) = &mut client.contexts[0];
    let orphaned = Pdu {
        auth: Some(Auth {
            auth_type: AuthType::Ntlm.code(),
            auth_level: AuthLevel::Privacy.code(),
            context_id: *auth_context,
            padding: Bytes::new(),
            token: vec![0; 16].into(),
        }),
        ..Pdu::new(1, Flags::WHOLE, Body::Orphaned)
    };
    let mut bytes = BytesMut::from(&orphaned.to_bytes().unwrap()[..]);
    let (header, rest) = bytes.split_at_mut(16);
    let (trailer, token) = rest.split_at_mut(8);
    let pdu = auth::Pdu { header, body: &mut [], trailer, sign_header: true };
    keys.protect(AuthLevel::Privacy, pdu, token).unwrap();
    assert!(client.send(&Pdu::parse(bytes.freeze()).unwrap()).is_empty());
    let answer = client.request(0, b"in step").pop().unwrap();
    assert_eq!(client.open(0, &answer), b"in step");
}

#[test]
fn the_server_checks_what_a_verification_trailer_asserts() {
    let interface = Some((FIRST, SyntaxId::NDR));
    let header = |opnum| Header2 { order: ByteOrder::Little, call_id: 2, context_id: 0, opnum };
    let none = Verification::default();
    let cases = [
        (Verification { context: interface, ..none }, true),
        (Verification { bitmask: Some(1), context: interface, ..none }, true),
        (Verification { header: Some(header(3)), ..none }, true),
        (Verification { context: Some((SECOND, SyntaxId::NDR)), ..none }, false),
        (Verification { context: Some((FIRST, SyntaxId::NDR64)), ..none }, false),
        (Verification { header: Some(header(4)), ..none }, false),
    ];
    for (verification, right) in cases {
        let mut client = Handmade::new(AuthLevel::Integrity, Flags::HEADER_SIGN);
        client.negotiate(0, FIRST);
        let stub = [b"arguments...", &verification.to_bytes(12)[..]].concat();
        let answer = client.request(0, &stub).pop().unwrap();
        match answer.body {
            Body::Response(_) => {
                assert!(right, "{verification:?}");
                assert_eq!(client.open(0, &answer), b"arguments...");
            }
            Body::Fault(fault) => {
                assert!(!right, "{verification:?}");
                assert_eq!(fault.status, Fault::ACCESS_DENIED.0);
            }
            other => panic!("{other:?}"),
        }
    }
    // A client whose offer of header signing was taken out of its bind on the way.
    let mut client = Handmade::new(AuthLevel::Integrity, Flags::empty());
    client.negotiate(0, FIRST);
    let stripped = Verification { bitmask: Some(1), ..none };
    let answer = client.request(0, &stripped.to_bytes(0)).pop().unwrap();
    assert_eq!(answer.body.ptype(), Type::Fault);
    // A command that must be processed and is not known.
    let mut client = Handmade::new(AuthLevel::Integrity, Flags::HEADER_SIGN);
    client.negotiate(0, FIRST);
    let mut unknown = Verification { context: interface, ..none }.to_bytes(0).to_vec();
    unknown[8..10].copy_from_slice(&0xc009_u16.to_le_bytes());
    let answer = client.request(0, &unknown).pop().unwrap();
    assert_eq!(answer.body.ptype(), Type::Fault);
    // The same without the demand is passed over.
    unknown[8..10].copy_from_slice(&0x4009_u16.to_le_bytes());
    let answer = client.request(0, &unknown).pop().unwrap();
    assert_eq!(answer.body.ptype(), Type::Response);
}
