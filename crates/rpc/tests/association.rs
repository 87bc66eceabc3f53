//! Client and server joined in memory: calls, fragments, several calls at once, giving up.

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
use common::{
    FIRST, NOBODYS, Pair, SECOND, alice, alice_with, call, frames, ntlm_accounts, pattern, pdus,
};
use uuid::Uuid;
use winreach_auth::AuthLevel;
use winreach_rpc::client::{self, Call};
use winreach_rpc::pdu::{
    Bind, Body, ByteOrder, ContextElement, ContextResult, Flags, Pdu, RejectReason, Request, Type,
};
use winreach_rpc::server::{self, Event};
use winreach_rpc::{Fault, Features, SyntaxId};

const LEVELS: [Option<AuthLevel>; 6] = [
    None,
    Some(AuthLevel::Connect),
    Some(AuthLevel::Call),
    Some(AuthLevel::Packet),
    Some(AuthLevel::Integrity),
    Some(AuthLevel::Privacy),
];

fn fault(error: &client::Error) -> Fault {
    error.fault().unwrap_or_else(|| panic!("a fault, not: {error}"))
}

#[test]
fn stubs_of_every_length_come_back_at_every_level() {
    for level in LEVELS {
        let mut pair = Pair::bound(level);
        for length in (0..70).chain([5_700, 5_792, 5_793, 5_808, 20_000, 300_000]) {
            let stub = pattern(length);
            assert_eq!(pair.echo(FIRST, stub.clone()).unwrap(), stub, "{length} at {level:?}");
        }
    }
}

#[test]
fn every_fragment_size_of_either_side_is_kept() {
    for (client_size, server_size) in
        (1432..=5840).step_by(7).flat_map(|size| [(size, 5840), (5840, size)])
    {
        let mut pair = Pair::with(
            client::Config { max_fragment: client_size, ..Default::default() },
            server::Config { max_fragment: server_size, ..Default::default() },
            ntlm_accounts(),
        );
        pair.bind(&[FIRST], Some(alice(AuthLevel::Integrity))).unwrap();
        // The first request carries a verification trailer, which is never cut.
        pair.echo(FIRST, pattern(12_300)).unwrap();
        let least = client_size.min(server_size);
        let stub = pattern(12_345);
        let id = pair.client.call(call(FIRST, stub.clone()));
        let mut request = pair.client_output();
        assert_fragments(&frames(&request), least, 24 + 8 + 16, "request");
        pair.server.handle_input(&mut request).unwrap();
        let (call, request) = pair.requests().pop().unwrap();
        assert_eq!(request.stub, stub);
        pair.server.respond(call, Ok(request.stub));
        let mut response = pair.server_output();
        assert_fragments(&frames(&response), least, 24 + 8 + 16, "response");
        pair.client.handle_input(&mut response).unwrap();
        assert_eq!(pair.completed(id).unwrap(), stub);
    }
}

/// All but the last fragment are as full as a multiple of 16 bytes of stub allows.
fn assert_fragments(frames: &[BytesMut], limit: u16, overhead: usize, what: &str) {
    let full = (usize::from(limit) - overhead) / 16 * 16 + overhead;
    let (last, others) = frames.split_last().unwrap();
    assert!(others.iter().all(|frame| frame.len() == full), "{what} at {limit}");
    assert!(last.len() <= full, "{what} at {limit}");
}

#[test]
fn full_fragments_are_those_of_windows() {
    // Recorded Windows 10 traffic: 5792 bytes of stub in a response at NTLM, frag_length 5840.
    let mut pair = Pair::bound(Some(AuthLevel::Integrity));
    pair.client.call(Call { object: Some(Uuid::max()), ..call(FIRST, pattern(20_000)) });
    let mut requests = pair.client_output();
    let sent = pdus(&requests);
    let Body::Request(first) = &sent[1].body else { panic!("{:?}", sent[1]) };
    assert_eq!(first.stub.len(), 5776);
    // The verification trailer with PCONTEXT and bitmask adds 60 bytes, and the hint counts it.
    assert_eq!(first.alloc_hint, 20_060);
    let Body::Request(second) = &sent[2].body else { panic!("{:?}", sent[2]) };
    assert_eq!((second.object, second.alloc_hint), (Some(Uuid::max()), 20_060 - 5776));
    pair.server.handle_input(&mut requests).unwrap();
    let (id, request) = pair.requests().pop().unwrap();
    pair.server.respond(id, Ok(request.stub));
    let response = pair.server_output();
    assert_eq!(frames(&response)[0].len(), 5840);
    let Body::Response(first) = &pdus(&response)[0].body else { panic!("a response") };
    assert_eq!((first.stub.len(), first.alloc_hint), (5792, 20_000));
}

#[test]
fn the_bind_is_the_one_of_windows() {
    let mut pair = Pair::new();
    pair.client.bind(&[FIRST], Some(alice(AuthLevel::Privacy)));
    let mut bind = pair.client_output();
    let sent = pdus(&bind).pop().unwrap();
    assert_eq!(sent.flags, Flags::WHOLE | Flags::HEADER_SIGN | Flags::CONC_MPX);
    assert_eq!(sent.call_id, 2);
    let Body::Bind(body) = sent.body else { panic!("a bind") };
    assert_eq!((body.max_xmit_frag, body.max_recv_frag, body.assoc_group_id), (5840, 5840, 0));
    let syntaxes: Vec<_> =
        body.contexts.iter().map(|element| element.transfer_syntaxes[0]).collect();
    assert_eq!(syntaxes, [SyntaxId::NDR, Features::all().to_syntax()]);
    assert_eq!(body.contexts[1].abstract_syntax, FIRST);

    pair.server.handle_input(&mut bind).unwrap();
    let ack = pdus(&pair.server_output()).pop().unwrap();
    assert_eq!(ack.flags, Flags::WHOLE | Flags::HEADER_SIGN | Flags::CONC_MPX);
    let Body::BindAck(ack) = ack.body else { panic!("a bind_ack") };
    assert_eq!(&ack.secondary_address[..], b"49666\0");
    assert_ne!(ack.assoc_group_id, 0);
    assert_eq!(ack.results[0].result, ContextResult::ACCEPTANCE);
    assert_eq!(ack.results[1].result, ContextResult::NEGOTIATE_ACK);
    assert_eq!(ack.results[1].reason, 3);
    assert_eq!(ack.results[1].transfer_syntax, SyntaxId::NIL);
}

#[test]
fn the_last_leg_travels_with_the_first_request() {
    let mut pair = Pair::bound(Some(AuthLevel::Privacy));
    assert!(pair.client.poll_transmit().unwrap().is_none(), "the last leg waits");
    pair.client.call(call(FIRST, "arguments"));
    let together = pair.client.poll_transmit().unwrap().unwrap();
    assert!(pair.client.poll_transmit().unwrap().is_none());
    let types: Vec<_> = pdus(&together).iter().map(|pdu| pdu.body.ptype()).collect();
    assert_eq!(types, [Type::Auth3, Type::Request]);
}

#[test]
fn several_calls_are_outstanding_and_answered_in_any_order() {
    let mut pair = Pair::bound(Some(AuthLevel::Privacy));
    let stubs: Vec<_> = (0..8).map(|number| pattern(number * 3000)).collect();
    let ids: Vec<_> =
        stubs.iter().map(|stub| pair.client.call(call(FIRST, stub.clone()))).collect();
    let mut bytes = pair.client_output();
    pair.server.handle_input(&mut bytes).unwrap();
    let mut requests = pair.requests();
    assert_eq!(requests.len(), 8);
    assert_eq!(pair.server.running(), 8);
    requests.reverse();
    for (id, request) in requests {
        pair.server.respond(id, Ok(request.stub));
    }
    pair.run().unwrap();
    for (id, stub) in ids.into_iter().zip(stubs).rev() {
        assert_eq!(pair.completed(id).unwrap(), stub);
    }
}

#[test]
fn fragments_of_different_answers_may_interleave() {
    // Without protection, so that the order can be changed on the way.
    let mut pair = Pair::bound(None);
    let stubs = [pattern(30_000), pattern(25_001)];
    let ids = stubs.clone().map(|stub| pair.client.call(call(FIRST, stub)));
    let mut bytes = pair.client_output();
    pair.server.handle_input(&mut bytes).unwrap();
    let mut answers = Vec::new();
    for (id, request) in pair.requests() {
        pair.server.respond(id, Ok(request.stub));
        answers.push(frames(&pair.server_output()));
    }
    let [first, second] = answers.try_into().unwrap();
    assert_eq!((first.len(), second.len()), (6, 5));
    for at in 0..6 {
        for answer in [&first, &second] {
            if let Some(frame) = answer.get(at) {
                pair.client.handle_input(&mut frame.clone()).unwrap();
            }
        }
    }
    // The shorter one is whole first.
    assert_eq!(pair.completed(ids[1]).unwrap(), stubs[1]);
    assert_eq!(pair.completed(ids[0]).unwrap(), stubs[0]);
}

#[test]
fn without_multiplexing_calls_wait_for_each_other() {
    let config = client::Config { multiplex: false, ..Default::default() };
    let mut pair = Pair::with(config, server::Config::default(), ntlm_accounts());
    pair.bind(&[FIRST], Some(alice(AuthLevel::Integrity))).unwrap();
    let first = pair.client.call(call(FIRST, "once"));
    let second = pair.client.call(call(FIRST, "then"));
    let mut bytes = pair.client_output();
    pair.server.handle_input(&mut bytes).unwrap();
    let (id, request) = pair.requests().pop().unwrap();
    assert_eq!(&request.stub[..], b"once");
    assert!(pair.client_output().is_empty(), "the second waits");
    pair.server.respond(id, Ok(request.stub));
    pair.run().unwrap();
    assert_eq!(&pair.completed(first).unwrap()[..], b"once");
    assert_eq!(&pair.completed(second).unwrap()[..], b"then");
}

#[test]
fn interfaces_are_added_and_used_under_the_same_protection() {
    let mut pair = Pair::new();
    pair.bind(&[FIRST], Some(alice(AuthLevel::Privacy))).unwrap();
    pair.bind(&[SECOND], None).unwrap();
    pair.client.call(call(SECOND, "secret"));
    let mut bytes = pair.client_output();
    assert!(!bytes.windows(6).any(|window| window == b"secret"));
    pair.server.handle_input(&mut bytes).unwrap();
    let (_, request) = pair.requests().pop().unwrap();
    assert_eq!((request.interface, request.level), (SECOND, AuthLevel::Privacy));
    assert_eq!(request.identity.unwrap().user, "alice");
    assert_eq!(request.connection.peer.unwrap().port(), 50000);
}

#[test]
fn an_interface_that_is_not_offered_fails_its_own_calls_alone() {
    let mut pair = Pair::new();
    let refused = pair.bind(&[NOBODYS], None).unwrap_err();
    let client::Error::InterfaceRefused { interface, result, reason } = refused else {
        panic!("{refused}")
    };
    assert_eq!((interface, result, reason), (NOBODYS, 2, 1));

    let mut pair = Pair::new();
    pair.bind(&[FIRST, NOBODYS], None).unwrap();
    pair.client.call(call(NOBODYS, ""));
    let Some(client::Event::Completed { result: Err(error), .. }) = pair.client.poll_event() else {
        panic!("a refusal without a round trip")
    };
    assert!(matches!(error, client::Error::InterfaceRefused { .. }), "{error}");
    assert_eq!(&pair.echo(FIRST, Bytes::from("still there")).unwrap()[..], b"still there");
    pair.client.call(call(SECOND, ""));
    let Some(client::Event::Completed { result: Err(error), .. }) = pair.client.poll_event() else {
        panic!("a refusal without a round trip")
    };
    assert!(matches!(error, client::Error::NotBound(SECOND)), "{error}");
}

#[test]
fn a_fault_has_its_status_and_the_association_lives_on() {
    let mut pair = Pair::bound(Some(AuthLevel::Privacy));
    for (sent, received) in [
        (Fault::OP_RANGE_ERROR, Fault::OP_RANGE_ERROR),
        (Fault(0x8001_0108), Fault(0x8001_0108)),
        // Codes of crashes never leave the server.
        (Fault(0xC000_0005), Fault::UNSPECIFIED),
        (Fault(0), Fault::UNSPECIFIED),
    ] {
        let id = pair.client.call(call(FIRST, "arguments"));
        let mut bytes = pair.client_output();
        pair.server.handle_input(&mut bytes).unwrap();
        let (call, _) = pair.requests().pop().unwrap();
        pair.server.respond(call, Err(sent));
        pair.run().unwrap();
        let error = pair.completed(id).unwrap_err();
        assert_eq!(fault(&error), received);
        assert!(matches!(error, client::Error::Fault { did_not_execute: false, .. }));
    }
    pair.echo(FIRST, pattern(100)).unwrap();
}

#[test]
fn a_call_that_was_not_sent_is_withdrawn_without_a_trace() {
    let mut pair = Pair::bound(None);
    let given_up = pair.client.call(call(FIRST, "given up"));
    let wanted = pair.client.call(call(FIRST, "wanted"));
    pair.client.orphan(given_up);
    pair.run().unwrap();
    assert_eq!(&pair.completed(wanted).unwrap()[..], b"wanted");
    assert!(pair.client.poll_event().is_none());
}

#[test]
fn a_call_that_was_sent_is_orphaned_and_its_late_answer_ignored() {
    let mut pair = Pair::bound(Some(AuthLevel::Privacy));
    let given_up = pair.client.call(call(FIRST, "given up"));
    let mut bytes = pair.client_output();
    pair.server.handle_input(&mut bytes).unwrap();
    let (running, request) = pair.requests().pop().unwrap();
    // The answer is on its way already when the client gives up.
    pair.server.respond(running, Ok(request.stub));
    let mut answer = pair.server_output();
    pair.client.orphan(given_up);
    let mut orphaned = pair.client_output();
    assert_eq!(pdus(&orphaned)[0].body, Body::Orphaned);
    pair.server.handle_input(&mut orphaned).unwrap();
    pair.client.handle_input(&mut answer).unwrap();
    assert!(pair.client.poll_event().is_none());
    // Ciphers are still in step.
    pair.echo(FIRST, pattern(100)).unwrap();
}

#[test]
fn the_server_hears_that_a_running_call_was_given_up() {
    let mut pair = Pair::bound(None);
    let given_up = pair.client.call(call(FIRST, "given up"));
    let mut bytes = pair.client_output();
    pair.server.handle_input(&mut bytes).unwrap();
    let (running, request) = pair.requests().pop().unwrap();
    pair.client.orphan(given_up);
    let mut orphaned = pair.client_output();
    pair.server.handle_input(&mut orphaned).unwrap();
    assert!(matches!(pair.server.poll_event(), Some(Event::Abandoned(id)) if id == running));
    assert_eq!(pair.server.running(), 0);
    pair.server.respond(running, Ok(request.stub));
    assert!(pair.server_output().is_empty(), "nobody wants the answer");
}

#[test]
fn a_cancel_reaches_the_running_call() {
    let mut pair = Pair::bound(None);
    let id = pair.client.call(call(FIRST, "slow"));
    let mut bytes = pair.client_output();
    pair.server.handle_input(&mut bytes).unwrap();
    let (running, _) = pair.requests().pop().unwrap();
    pair.client.cancel(id);
    let mut bytes = pair.client_output();
    pair.server.handle_input(&mut bytes).unwrap();
    assert!(matches!(pair.server.poll_event(), Some(Event::Cancel(id)) if id == running));
    pair.server.respond(running, Err(Fault::CANCELLED));
    pair.run().unwrap();
    assert_eq!(fault(&pair.completed(id).unwrap_err()).name(), Some("nca_s_fault_cancel"));
}

#[test]
fn a_wrong_password_shows_at_the_first_request() {
    for level in [AuthLevel::Connect, AuthLevel::Integrity, AuthLevel::Privacy] {
        let mut pair = Pair::new();
        pair.bind(&[FIRST], Some(alice_with("open barley", level))).unwrap();
        let error = pair.echo(FIRST, pattern(100)).unwrap_err();
        assert_eq!(fault(&error), Fault::ACCESS_DENIED, "at {level}");
        assert!(matches!(error, client::Error::Fault { did_not_execute: true, .. }));
        assert!(pair.requests().is_empty(), "nothing is carried out");
    }
}

#[test]
fn a_provider_that_the_server_does_not_have_is_refused_in_the_bind() {
    let mut pair = Pair::new();
    let security =
        common::mechanism::security(common::mechanism::Ending::Silent, AuthLevel::Integrity);
    let error = pair.bind(&[FIRST], Some(security)).unwrap_err();
    assert!(
        matches!(
            error,
            client::Error::BindRefused(RejectReason::AUTHENTICATION_TYPE_NOT_RECOGNIZED)
        ),
        "{error}"
    );
}

#[test]
fn a_request_above_the_limit_is_refused_and_the_next_one_served() {
    let config = server::Config { max_request: 10_000, ..Default::default() };
    let mut pair = Pair::with(client::Config::default(), config, ntlm_accounts());
    pair.bind(&[FIRST], Some(alice(AuthLevel::Privacy))).unwrap();
    let error = pair.echo(FIRST, pattern(30_000)).unwrap_err();
    assert_eq!(fault(&error), Fault::ACCESS_DENIED);
    assert_eq!(pair.echo(FIRST, pattern(9_000)).unwrap(), pattern(9_000));
}

#[test]
fn an_answer_above_the_limit_is_an_error_and_the_next_one_taken() {
    let config = client::Config { max_response: 10_000, ..Default::default() };
    let mut pair = Pair::with(config, server::Config::default(), ntlm_accounts());
    pair.bind(&[FIRST], Some(alice(AuthLevel::Privacy))).unwrap();
    let error = pair.echo(FIRST, pattern(30_000)).unwrap_err();
    assert!(matches!(error, client::Error::TooLarge(10_000)), "{error}");
    assert_eq!(pair.echo(FIRST, pattern(9_000)).unwrap(), pattern(9_000));
}

#[test]
fn more_calls_than_the_server_takes_are_told_to_come_again() {
    let config = server::Config { max_outstanding_calls: 2, ..Default::default() };
    let mut pair = Pair::with(client::Config::default(), config, ntlm_accounts());
    pair.bind(&[FIRST], None).unwrap();
    let ids: Vec<_> = (0..3).map(|_| pair.client.call(call(FIRST, "busy"))).collect();
    pair.run().unwrap();
    let error = pair.completed(ids[2]).unwrap_err();
    assert_eq!(fault(&error), Fault::SERVER_TOO_BUSY);
    assert!(matches!(error, client::Error::Fault { did_not_execute: true, .. }));
}

#[test]
fn presentation_contexts_are_limited() {
    let config = server::Config { max_presentation_contexts: 3, ..Default::default() };
    let mut pair = Pair::with(client::Config::default(), config, ntlm_accounts());
    pair.bind(&[FIRST], None).unwrap();
    pair.bind(&[SECOND], None).unwrap();
    pair.bind(&[FIRST], None).unwrap();
    let error = pair.bind(&[SECOND], None).unwrap_err();
    assert!(
        matches!(error, client::Error::BindRefused(RejectReason::LOCAL_LIMIT_EXCEEDED)),
        "{error}"
    );
    pair.echo(FIRST, pattern(10)).unwrap();
}

/// A PDU as a client of another make would send it.
fn handmade(call_id: u32, body: Body) -> Pdu {
    Pdu::new(call_id, Flags::WHOLE, body)
}

fn bind_body(contexts: &[(u16, SyntaxId, SyntaxId)]) -> Bind {
    let contexts = contexts
        .iter()
        .map(|&(id, abstract_syntax, transfer)| ContextElement {
            id,
            abstract_syntax,
            transfer_syntaxes: vec![transfer],
        })
        .collect();
    Bind { max_xmit_frag: 4280, max_recv_frag: 4280, assoc_group_id: 0, contexts }
}

fn request_body(context_id: u16, stub: &'static [u8]) -> Body {
    Body::Request(Request {
        alloc_hint: 0,
        context_id,
        opnum: 3,
        object: None,
        stub: Bytes::from_static(stub),
    })
}

/// Feeds a server with one PDU and returns its answers.
fn feed(pair: &mut Pair, pdu: &Pdu) -> Result<Vec<Pdu>, server::Error> {
    let mut bytes = BytesMut::new();
    pdu.write(&mut bytes).unwrap();
    let result = pair.server.handle_input(&mut bytes);
    for (id, request) in pair.requests() {
        assert_eq!(request.byte_order, pdu.order);
        pair.server.respond(id, Ok(request.stub));
    }
    let answers = pdus(&pair.server_output());
    result.map(|()| answers)
}

#[test]
fn a_big_endian_client_is_served() {
    let mut pair = Pair::new();
    let bind = Body::Bind(bind_body(&[(7, SECOND, SyntaxId::NDR)]));
    let bind = Pdu { order: ByteOrder::Big, ..handmade(1, bind) };
    let answers = feed(&mut pair, &bind).unwrap();
    let Body::BindAck(ack) = &answers[0].body else { panic!("{answers:?}") };
    assert_eq!(ack.results[0].result, ContextResult::ACCEPTANCE);
    let request = Pdu { order: ByteOrder::Big, ..handmade(2, request_body(7, b"\x00\x01")) };
    let answers = feed(&mut pair, &request).unwrap();
    let Body::Response(response) = &answers[0].body else { panic!("{answers:?}") };
    assert_eq!(
        (answers[0].call_id, response.context_id, &response.stub[..]),
        (2, 7, &b"\x00\x01"[..])
    );
}

#[test]
fn one_encoding_is_accepted_of_those_that_windows_offers() {
    let mut pair = Pair::new();
    let contexts = [
        (0, FIRST, SyntaxId::NDR),
        (1, FIRST, SyntaxId::NDR64),
        (2, NOBODYS, SyntaxId::NDR),
        (3, FIRST, Features::all().to_syntax()),
    ];
    let answers = feed(&mut pair, &handmade(1, Body::Bind(bind_body(&contexts)))).unwrap();
    let Body::BindAck(ack) = &answers[0].body else { panic!("{answers:?}") };
    let results: Vec<_> = ack.results.iter().map(|r| (r.result, r.reason)).collect();
    assert_eq!(results, [(0, 0), (2, 2), (2, 1), (3, 3)]);
    // The client's fragment size is kept, the group is new.
    assert_eq!((ack.max_xmit_frag, ack.max_recv_frag), (4280, 4280));
    // The number of the features is given out again, as Windows does.
    let alter = handmade(2, Body::AlterContext(bind_body(&[(3, SECOND, SyntaxId::NDR)])));
    let answers = feed(&mut pair, &alter).unwrap();
    let Body::AlterContextResp(ack) = &answers[0].body else { panic!("{answers:?}") };
    assert_eq!(ack.results[0].result, ContextResult::ACCEPTANCE);
    assert!(ack.secondary_address.is_empty());
}

#[test]
fn a_request_on_an_unknown_context_is_a_fault_of_its_own() {
    let mut pair = Pair::new();
    feed(&mut pair, &handmade(1, Body::Bind(bind_body(&[(0, FIRST, SyntaxId::NDR)])))).unwrap();
    let answers = feed(&mut pair, &handmade(2, request_body(5, b""))).unwrap();
    let Body::Fault(fault) = &answers[0].body else { panic!("{answers:?}") };
    assert_eq!(fault.status, Fault::INVALID_PRES_CONTEXT_ID.0);
    assert!(answers[0].flags.contains(Flags::DID_NOT_EXECUTE));
    let answers = feed(&mut pair, &handmade(3, request_body(0, b"good"))).unwrap();
    assert_eq!(answers[0].body.ptype(), Type::Response);
}

#[test]
fn what_breaks_the_protocol_is_answered_and_ends_the_connection() {
    let bind = Body::Bind(bind_body(&[(0, FIRST, SyntaxId::NDR)]));
    let cases = [
        (vec![request_body(0, b"")], Type::Fault),
        (vec![bind.clone(), bind.clone()], Type::BindNak),
        (vec![bind.clone(), Body::Shutdown], Type::Fault),
        (vec![bind.clone(), Body::Auth3], Type::Fault),
    ];
    for (bodies, expected) in cases {
        let mut pair = Pair::new();
        let mut bytes = BytesMut::new();
        for (call_id, body) in (1..).zip(bodies) {
            handmade(call_id, body).write(&mut bytes).unwrap();
        }
        pair.server.handle_input(&mut bytes).unwrap_err();
        let answer = pdus(&pair.server_output()).pop().unwrap();
        assert_eq!(answer.body.ptype(), expected, "{answer:?}");
        if let Body::Fault(fault) = answer.body {
            assert_eq!(fault.status, Fault::PROTOCOL_ERROR.0);
        }
    }
}

#[test]
fn another_version_is_told_which_one_is_spoken() {
    let mut pair = Pair::new();
    let mut bytes = BytesMut::new();
    handmade(1, Body::Bind(bind_body(&[(0, FIRST, SyntaxId::NDR)]))).write(&mut bytes).unwrap();
    bytes[0] = 4;
    pair.server.handle_input(&mut bytes).unwrap_err();
    let Body::BindNak(nak) = pdus(&pair.server_output()).pop().unwrap().body else {
        panic!("a bind_nak")
    };
    assert_eq!(nak.reason, RejectReason::PROTOCOL_VERSION_NOT_SPECIFIED);
    assert_eq!(nak.versions, [(5, 0)]);
}

#[test]
fn late_fragments_of_a_call_that_is_over_are_ignored() {
    let mut pair = Pair::new();
    feed(&mut pair, &handmade(1, Body::Bind(bind_body(&[(0, FIRST, SyntaxId::NDR)])))).unwrap();
    feed(&mut pair, &handmade(200, request_body(0, b"whole"))).unwrap();
    let mut late = handmade(190, request_body(0, b"late"));
    late.flags = Flags::LAST;
    assert!(feed(&mut pair, &late).unwrap().is_empty());
    late.call_id = 50;
    feed(&mut pair, &late).unwrap_err();
}

#[test]
fn a_client_joins_the_group_of_another_connection() {
    let config = server::Config::default();
    let mut first = Pair::with(client::Config::default(), config.clone(), ntlm_accounts());
    first.bind(&[FIRST], None).unwrap();
    let group = first.client.assoc_group_id();
    let joins = client::Config { assoc_group_id: group, ..Default::default() };
    let mut second = Pair::with(joins.clone(), config, ntlm_accounts());
    second.bind(&[FIRST], None).unwrap();
    assert_eq!(second.client.assoc_group_id(), group);
    // A server that does not know the group gives out a new one.
    let mut stranger = Pair::with(joins, server::Config::default(), ntlm_accounts());
    stranger.bind(&[FIRST], None).unwrap();
    assert_ne!(stranger.client.assoc_group_id(), 0);
}

#[test]
fn a_server_that_wants_to_close_is_given_no_more_calls() {
    let mut pair = Pair::bound(None);
    let outstanding = pair.client.call(call(FIRST, "outstanding"));
    let mut bytes = pair.client_output();
    pair.server.handle_input(&mut bytes).unwrap();
    let mut shutdown = BytesMut::new();
    handmade(0, Body::Shutdown).write(&mut shutdown).unwrap();
    pair.client.handle_input(&mut shutdown).unwrap();
    assert!(!pair.client.is_drained());
    let late = pair.client.call(call(FIRST, "late"));
    assert!(matches!(pair.completed(late).unwrap_err(), client::Error::Closed));
    for (id, request) in pair.requests() {
        pair.server.respond(id, Ok(request.stub));
    }
    pair.run().unwrap();
    assert_eq!(&pair.completed(outstanding).unwrap()[..], b"outstanding");
    assert!(pair.client.is_drained());
}

#[test]
fn interfaces_that_a_server_postpones_are_proposed_again_when_needed() {
    let mut pair = Pair::new();
    pair.client.bind(&[FIRST, SECOND], Some(alice(AuthLevel::Privacy)));
    // As Samba answers: one new interface an exchange.
    pair.answer_bind_refusing_the_second();
    assert!(matches!(
        pair.client.poll_event(),
        Some(client::Event::Negotiated { result: Ok(()), .. })
    ));
    pair.echo(FIRST, pattern(10)).unwrap();
    assert_eq!(pair.echo(SECOND, pattern(20)).unwrap(), pattern(20));
    assert_eq!(pair.echo(SECOND, pattern(30)).unwrap(), pattern(30));
}

#[test]
fn a_client_refuses_what_a_server_must_not_send() {
    let request = handmade(2, request_body(0, b""));
    let response = |call_id, flags| {
        let body = winreach_rpc::pdu::Response {
            alloc_hint: 0,
            context_id: 0,
            cancel_count: 0,
            stub: Bytes::from_static(b"x"),
        };
        Pdu::new(call_id, flags, Body::Response(body))
    };
    for pdu in [
        request,
        response(2, Flags::LAST),
        response(77, Flags::WHOLE),
        Pdu::new(2, Flags::WHOLE, Body::Auth3),
        Pdu::new(2, Flags::WHOLE, Body::CoCancel),
    ] {
        let mut pair = Pair::bound(None);
        pair.client.call(call(FIRST, "outstanding"));
        pair.client_output();
        let mut bytes = BytesMut::new();
        pdu.write(&mut bytes).unwrap();
        let error = pair.client.handle_input(&mut bytes).unwrap_err();
        assert!(matches!(error, client::Error::Protocol(_)), "{pdu:?}: {error}");
    }
}
