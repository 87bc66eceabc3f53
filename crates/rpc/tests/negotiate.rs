//! SPNEGO over both halves of an association: NTLM alone, NTLM after a refused first guess, several
//! contexts on a connection, and somebody on the way who meddles.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::cast_possible_truncation,
    reason = "a test"
)]

mod common;

use std::future::{Future, ready};
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use bytes::{Bytes, BytesMut};
use common::{FIRST, Pair, SECOND, alice, call, frames, ntlm_accounts, pattern, pdus};
use futures_core::future::BoxFuture;
use winreach_auth::spnego::messages::{MechTypes, NegState, NegTokenInit, NegTokenResp};
use winreach_auth::spnego::{self, Failure, Mechanism};
use winreach_auth::{
    AuthLevel, AuthType, Authenticator, Authenticators, Credentials, Error, Initiator,
    InitiatorSource, Step, ntlm,
};
use winreach_rpc::client::{self, Security};
use winreach_rpc::pdu::{Auth, Body, Pdu, RejectReason, Type};
use winreach_rpc::{Fault, server};

const LEVELS: [AuthLevel; 4] =
    [AuthLevel::Connect, AuthLevel::Packet, AuthLevel::Integrity, AuthLevel::Privacy];

/// Kerberos with a ticket that no server here can read, or without any.
struct Kerberos {
    has_ticket: bool,
}

struct FirstGuess;

impl Initiator for FirstGuess {
    fn auth_type(&self) -> AuthType {
        AuthType::Kerberos
    }

    fn step(&mut self, input: Option<&[u8]>) -> Result<Step, Error> {
        match input {
            None => Ok(Step::reply(vec![0x6e; 1500])),
            Some(_) => Err(Error::OutOfTurn("an answer to a ticket")),
        }
    }
}

impl InitiatorSource for Kerberos {
    fn initiator<'a>(
        &'a self,
        _: &'a str,
        _: AuthLevel,
    ) -> BoxFuture<'a, Result<Box<dyn Initiator>, Error>> {
        let reason = "no KDC of EXAMPLE.COM answers".to_owned();
        Box::pin(ready(match self.has_ticket {
            true => Ok(Box::new(FirstGuess) as Box<dyn Initiator>),
            false => Err(Error::Unavailable { mechanism: "Kerberos", reason }),
        }))
    }
}

/// The first guess is one for Kerberos where there is a ticket.
fn negotiate(level: AuthLevel, has_ticket: bool) -> Security {
    let alice = ntlm::Source::new(Credentials::new("alice", "open sesame".into()));
    let source = spnego::Source::new()
        .with_kerberos(Arc::new(Kerberos { has_ticket }))
        .with_ntlm(Arc::new(alice));
    let initiator = pin!(source.initiator("HOST/server", level));
    match initiator.poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(initiator) => Security::new(initiator.unwrap(), level),
        Poll::Pending => panic!("nobody is waited for"),
    }
}

fn authenticator() -> Arc<dyn Authenticator> {
    let spnego = Arc::new(spnego::Authenticator::new(ntlm_accounts()));
    Arc::new(Authenticators::new([ntlm_accounts(), spnego as _]))
}

fn pair() -> Pair {
    Pair::with(client::Config::default(), server::Config::default(), authenticator())
}

/// Runs a negotiation with every PDU through `meddle`, which gets its number; what the client and
/// the server make of it.
fn run_over(
    pair: &mut Pair,
    security: Security,
    mut meddle: impl FnMut(usize, &mut Pdu),
) -> (Vec<Type>, Result<(), client::Error>) {
    pair.client.bind(&[FIRST], Some(security));
    let mut types = Vec::new();
    let mut pass = |bytes: &BytesMut, types: &mut Vec<Type>| {
        let mut passed = BytesMut::new();
        for mut pdu in pdus(bytes) {
            meddle(types.len(), &mut pdu);
            types.push(pdu.body.ptype());
            pdu.write(&mut passed).unwrap();
        }
        passed
    };
    for _ in 0..8 {
        let to_server = pair.client_output();
        let mut to_server = pass(&to_server, &mut types);
        let _ = pair.server.handle_input(&mut to_server);
        let to_client = pair.server_output();
        let mut to_client = pass(&to_client, &mut types);
        if let Err(error) = pair.client.handle_input(&mut to_client) {
            return (types, Err(error));
        }
        if let Some(client::Event::Negotiated { result, .. }) = pair.client.poll_event() {
            return (types, result);
        }
    }
    panic!("no end after {types:?}");
}

fn token(pdu: &mut Pdu) -> &mut Bytes {
    &mut pdu.auth.as_mut().unwrap().token
}

/// Changes an answer of the negotiation.
fn change_resp(pdu: &mut Pdu, change: impl FnOnce(&mut NegTokenResp<'_>)) {
    let bytes = token(pdu).clone();
    let mut resp = NegTokenResp::parse(&bytes).unwrap();
    change(&mut resp);
    *token(pdu) = resp.encode().unwrap().into();
}

#[test]
fn ntlm_alone_takes_four_legs_and_after_a_refused_guess_six() {
    let four = [Type::Bind, Type::BindAck, Type::AlterContext, Type::AlterContextResp];
    let six = [&four[..], &four[2..]].concat();
    for level in LEVELS {
        for (has_ticket, legs) in [(false, &four[..]), (true, &six)] {
            let mut pair = pair();
            let (types, result) = run_over(&mut pair, negotiate(level, has_ticket), |_, _| {});
            result.unwrap();
            assert_eq!(types, legs, "at {level}");
            let info = pair.client.security();
            assert_eq!((info.provider, info.mechanism()), (AuthType::Spnego, AuthType::Ntlm));
            assert_eq!((info.level, info.mutual), (level, false));
            assert_eq!(info.left_out.is_some(), !has_ticket);
            let told = info.to_string();
            assert!(told.starts_with("NTLM by SPNEGO, level "), "{told}");
            let reason = "(Kerberos was not used: no KDC of EXAMPLE.COM answers)";
            assert_eq!(told.ends_with(reason), !has_ticket, "{told}");

            pair.client.call(call(FIRST, "who am I"));
            let mut bytes = pair.client_output();
            pair.server.handle_input(&mut bytes).unwrap();
            let (id, request) = pair.requests().pop().unwrap();
            let identity = request.identity.unwrap();
            assert_eq!((identity.user.as_str(), identity.auth_type), ("alice", AuthType::Ntlm));
            assert_eq!(request.level, level);
            pair.server.respond(id, Ok(request.stub));
            pair.run().unwrap();
            pair.client.poll_event().unwrap();
            for length in [0, 1, 5000, 20_000] {
                assert_eq!(pair.echo(FIRST, pattern(length)).unwrap(), pattern(length));
            }
        }
    }
}

#[test]
fn contexts_of_both_providers_share_a_connection() {
    let mut pair = pair();
    pair.bind(&[FIRST], Some(negotiate(AuthLevel::Integrity, true))).unwrap();
    pair.echo(FIRST, pattern(10)).unwrap();
    pair.bind(&[SECOND], Some(alice(AuthLevel::Packet))).unwrap();
    for round in 0..3 {
        for interface in [FIRST, SECOND] {
            assert_eq!(pair.echo(interface, pattern(round * 7000)).unwrap().len(), round * 7000);
        }
    }
    pair.bind(&[SECOND], Some(negotiate(AuthLevel::Privacy, false))).unwrap();
    let mut seen = Vec::new();
    for interface in [FIRST, SECOND] {
        pair.client.call(call(interface, "where"));
        let mut bytes = pair.client_output();
        let Auth { auth_type, auth_level, context_id, .. } = pdus(&bytes)[0].auth.clone().unwrap();
        seen.push((context_id, auth_type, auth_level));
        pair.server.handle_input(&mut bytes).unwrap();
    }
    assert_eq!(seen, [(0, 9, 5), (2, 9, 6)]);
    assert_eq!(pair.requests().len(), 2);
}

#[test]
fn a_wrong_password_is_told_in_the_negotiation_and_leaves_the_connection() {
    let mut users = ntlm::UserTable::new();
    users.insert("alice", ntlm::NtHash::of_password("another"));
    let ntlm = ntlm::Authenticator::new(Arc::new(users), ntlm::Target::new("SERVER"));
    let spnego = Arc::new(spnego::Authenticator::new(Arc::new(ntlm)));
    let mut pair = Pair::with(client::Config::default(), server::Config::default(), spnego);
    let error = pair.bind(&[FIRST], Some(negotiate(AuthLevel::Privacy, true))).unwrap_err();
    assert_eq!(error.fault(), Some(Fault::ACCESS_DENIED));
}

#[test]
fn a_stripped_signature_is_refused_by_both_sides() {
    let strip = |at: usize| {
        move |number: usize, pdu: &mut Pdu| {
            if number == at {
                change_resp(pdu, |resp| resp.mech_list_mic = None);
            }
        }
    };
    for level in LEVELS {
        // The client's last leg, and the server's answer to it.
        let (_, result) = run_over(&mut pair(), negotiate(level, true), strip(4));
        assert_eq!(result.unwrap_err().fault(), Some(Fault::ACCESS_DENIED), "{level}");
        let (_, result) = run_over(&mut pair(), negotiate(level, true), strip(5));
        let error = result.unwrap_err();
        let missing = Error::from(Failure::MicMissing);
        assert!(matches!(&error, client::Error::Authentication(e) if *e == missing), "{error}");
    }
}

#[test]
fn a_list_without_its_best_mechanism_is_refused() {
    for level in LEVELS {
        let mut pair = pair();
        let (_, result) = run_over(&mut pair, negotiate(level, true), |number, pdu| match number {
            0 => {
                let bytes = token(pdu).clone();
                let mut init = NegTokenInit::parse(&bytes).unwrap();
                init.mech_types = MechTypes::new(&[Mechanism::Ntlm]).unwrap();
                init.mech_token = None;
                *token(pdu) = init.encode().unwrap().into();
            }
            1 => change_resp(pdu, |resp| resp.state = Some(NegState::RequestMic)),
            _ => {}
        });
        assert_eq!(result.unwrap_err().fault(), Some(Fault::ACCESS_DENIED), "{level}");
        // Whatever the client is told, nothing is carried out for it.
        assert!(pair.requests().is_empty());
    }
}

#[test]
fn nobody_turns_the_negotiation_into_ntlm_by_itself() {
    // The provider is changed on the way, and the client's NTLM taken out of its wrapping.
    let unwrap = |number: usize, pdu: &mut Pdu| {
        let auth = pdu.auth.as_mut().unwrap();
        if number == 0 {
            let init = NegTokenInit::parse(&auth.token).unwrap();
            let bare = init.mech_token.unwrap().to_vec();
            (auth.auth_type, auth.token) = (AuthType::Ntlm.code(), bare.into());
        }
    };
    let (_, result) = run_over(&mut pair(), negotiate(AuthLevel::Integrity, false), unwrap);
    assert!(matches!(result, Err(client::Error::Downgrade(_))), "{result:?}");

    // The answer says what the client wants to hear, and the token is bare.
    let (_, result) =
        run_over(&mut pair(), negotiate(AuthLevel::Integrity, false), |number, pdu| {
            unwrap(number, pdu);
            if number == 1 {
                pdu.auth.as_mut().unwrap().auth_type = AuthType::Spnego.code();
            }
        });
    assert!(
        matches!(result, Err(client::Error::Authentication(Error::Malformed { .. }))),
        "{result:?}"
    );
}

#[test]
fn a_replayed_leg_is_refused() {
    // The server's first answer comes once more, in the place of the second.
    let mut kept = Bytes::new();
    let (_, result) =
        run_over(&mut pair(), negotiate(AuthLevel::Integrity, true), |number, pdu| match number {
            1 => kept = token(pdu).clone(),
            3 => *token(pdu) = kept.clone(),
            _ => {}
        });
    assert!(matches!(result, Err(client::Error::Authentication(_))), "{result:?}");

    // The client's second leg comes once more, in the place of the third.
    let mut kept = Bytes::new();
    let (_, result) =
        run_over(&mut pair(), negotiate(AuthLevel::Integrity, true), |number, pdu| match number {
            2 => kept = token(pdu).clone(),
            4 => *token(pdu) = kept.clone(),
            _ => {}
        });
    assert_eq!(result.unwrap_err().fault(), Some(Fault::ACCESS_DENIED));

    // A whole log-on comes once more, on another connection: the challenge is another.
    let mut legs = Vec::new();
    let mut first = pair();
    let record = |_: usize, pdu: &mut Pdu| legs.push(pdu.to_bytes().unwrap());
    run_over(&mut first, negotiate(AuthLevel::Integrity, false), record).1.unwrap();
    let mut second = pair();
    for leg in legs.iter().step_by(2) {
        second.server.handle_input(&mut BytesMut::from(&leg[..])).unwrap();
    }
    let answers = pdus(&second.server_output());
    let Body::Fault(fault) = &answers.last().unwrap().body else { panic!("{answers:?}") };
    assert_eq!(fault.status, Fault::ACCESS_DENIED.0);
}

#[test]
fn a_leg_out_of_turn_is_refused() {
    // A second bind, and a first leg where a later one is due.
    let mut pair = pair();
    pair.client.bind(&[FIRST], Some(negotiate(AuthLevel::Integrity, false)));
    let mut bind = pair.client_output();
    let first = bind.clone();
    pair.server.handle_input(&mut bind).unwrap();
    pair.server_output();
    assert!(pair.server.handle_input(&mut first.clone()).is_err());
    let answers = pdus(&pair.server_output());
    let Body::BindNak(nak) = &answers[0].body else { panic!("{answers:?}") };
    assert_eq!(nak.reason, RejectReason::NOT_SPECIFIED);
}

#[test]
fn protected_pdus_under_spnego_cannot_be_repeated_left_out_or_swapped() {
    for level in [AuthLevel::Packet, AuthLevel::Integrity, AuthLevel::Privacy] {
        for change in ["repeat", "leave out", "swap", "change"] {
            let mut pair = pair();
            pair.bind(&[FIRST], Some(negotiate(level, true))).unwrap();
            pair.echo(FIRST, Bytes::new()).unwrap();
            for stub in ["number 1", "number 2", "number 3"] {
                pair.client.call(call(FIRST, stub));
            }
            let mut sent = frames(&pair.client_output());
            match change {
                "repeat" => sent.insert(1, sent[0].clone()),
                "leave out" => drop(sent.remove(0)),
                "swap" => sent.swap(0, 1),
                _ => sent[0][26] ^= 1,
            }
            let mut bytes: BytesMut = sent.concat().as_slice().into();
            let error = pair.server.handle_input(&mut bytes).unwrap_err();
            assert!(matches!(error, server::Error::Tampered(_)), "{change} at {level}: {error}");
            assert!(pair.requests().len() <= 1, "{change} at {level}");
        }
    }
}
