//! Every level is what it says, on the wire and to the program, or the connection fails.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test"
)]

mod common;

use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use common::mechanism::{self, Ending};
use common::{Echo, FIRST, Pair, SECOND, alice, call, ntlm_accounts, pattern, pdus};
use tokio::io::duplex;
use tokio::time::Instant;
use winreach_auth::{AuthLevel, AuthType, Credentials, ImpersonationLevel, ntlm};
use winreach_rpc::client::{self, Connection, Security, SecurityInfo};
use winreach_rpc::pdu::{Auth, Body, Flags, Pdu, Type};
use winreach_rpc::server::{self, ConnectionInfo, serve};
use winreach_rpc::{Fault, SyntaxId};

/// Every level, what is carried out for it, and whether each PDU carries a token then.
const LEVELS: [(AuthLevel, AuthLevel, bool); 6] = [
    (AuthLevel::None, AuthLevel::None, false),
    (AuthLevel::Connect, AuthLevel::Connect, false),
    (AuthLevel::Call, AuthLevel::Packet, true),
    (AuthLevel::Packet, AuthLevel::Packet, true),
    (AuthLevel::Integrity, AuthLevel::Integrity, true),
    (AuthLevel::Privacy, AuthLevel::Privacy, true),
];

/// The levels at which a server has something to answer.
fn authenticated() -> impl Iterator<Item = (AuthLevel, AuthLevel)> {
    LEVELS.into_iter().skip(1).map(|(asked, level, _)| (asked, level))
}

fn nobody(level: AuthLevel) -> Security {
    Security::new(ntlm::Source::anonymous().begin("HOST/server", level).unwrap(), level)
}

/// Provider, level and length of the token.
type Trailer = (u8, u8, usize);

/// The kinds of the PDUs and their trailers.
fn trailers(bytes: &[u8]) -> Vec<(Type, Option<Trailer>)> {
    let trailer = |auth: &Auth| (auth.auth_type, auth.auth_level, auth.token.len());
    let of = |pdu: &Pdu| (pdu.body.ptype(), pdu.auth.as_ref().map(trailer));
    pdus(bytes).iter().map(of).collect()
}

#[test]
fn every_level_is_on_the_wire_and_at_the_server_what_it_says() {
    for (asked, level, signs) in LEVELS {
        let mut pair = Pair::new();
        pair.bind(&[FIRST, SECOND], Some(alice(asked))).unwrap();
        let call_id = pair.client.call(call(FIRST, "in the open"));
        let mut sent = pair.client_output();
        let secret = !sent.windows(11).any(|bytes| bytes == b"in the open");
        assert_eq!(secret, level == AuthLevel::Privacy, "{asked}");
        let mut legs = trailers(&sent);
        let token = signs.then_some((0x0a, level.code(), 16));
        assert_eq!(legs.pop(), Some((Type::Request, token)), "{asked}");
        let auth3 = legs.pop().map(|(ptype, auth)| (ptype, auth.unwrap().1));
        let expected = (level > AuthLevel::None).then_some((Type::Auth3, level.code()));
        assert_eq!(auth3, expected, "{asked}");

        pair.server.handle_input(&mut sent).unwrap();
        let (id, request) = pair.requests().pop().unwrap();
        assert_eq!(request.level, level);
        let user = request.identity.map(|identity| identity.user.clone());
        assert_eq!(user.as_deref(), (level > AuthLevel::None).then_some("alice"), "{asked}");
        pair.server.respond(id, Ok(request.stub));
        let mut answer = pair.server_output();
        assert_eq!(trailers(&answer), [(Type::Response, token)], "{asked}");
        pair.client.handle_input(&mut answer).unwrap();
        assert_eq!(pair.completed(call_id).unwrap()[..11], b"in the open"[..]);

        for length in [0, 1, 7, 5000, 20_000] {
            for interface in [FIRST, SECOND] {
                assert_eq!(pair.echo(interface, pattern(length)).unwrap(), pattern(length));
            }
        }
    }
}

#[test]
fn the_client_tells_what_is_in_effect() {
    let told = |security: Option<Security>| {
        let mut pair = Pair::new();
        assert_eq!(pair.client.security(), SecurityInfo::none());
        pair.bind(&[FIRST], security).unwrap();
        pair.client.security()
    };
    assert_eq!(told(None), SecurityInfo::none());
    for (asked, level, _) in LEVELS {
        let info = told(Some(alice(asked)));
        assert_eq!((info.asked, info.level), (asked, level));
        assert_eq!(info.signs_headers, level >= AuthLevel::Integrity, "{asked}");
        assert!(!info.mutual);
        if level > AuthLevel::None {
            assert_eq!((info.provider, info.mechanism()), (AuthType::Ntlm, AuthType::Ntlm));
            assert_eq!(info.identity.to_string(), "alice");
            assert_eq!(info.impersonation(), ImpersonationLevel::Impersonate);
        } else {
            assert_eq!(info, SecurityInfo::none());
        }
    }
    let line = |level| told(Some(alice(level))).to_string();
    assert_eq!(
        line(AuthLevel::Privacy),
        "NTLM, level privacy, headers signed, server not proven, impersonate, as alice"
    );
    assert_eq!(
        line(AuthLevel::Call),
        "NTLM, level packet (asked for call), headers unsigned, server not proven, impersonate, \
         as alice"
    );
    assert_eq!(
        line(AuthLevel::Connect),
        "NTLM, level connect, server not proven, impersonate, as alice"
    );
    assert_eq!(line(AuthLevel::None), "none: nobody is authenticated, nothing is protected");

    let source = ntlm::Source::new(Credentials::new(r"LAB\alice", "open sesame".into()))
        .with_impersonation(ImpersonationLevel::Identify);
    let level = AuthLevel::Integrity;
    let info = told(Some(Security::new(source.begin("HOST/server", level).unwrap(), level)));
    assert!(info.to_string().ends_with(r", identify, as LAB\alice"), "{info}");
    assert!(told(Some(nobody(level))).to_string().ends_with("not proven, anonymous"));
}

#[test]
fn under_spnego_the_client_tells_the_mechanism_inside() {
    for ending in [Ending::Silent, Ending::Answered] {
        let mut pair = Pair::with(
            client::Config::default(),
            server::Config::default(),
            mechanism::authenticator(ending),
        );
        let level = AuthLevel::Privacy;
        pair.bind(&[FIRST], Some(mechanism::security(ending, level).require_mutual(true))).unwrap();
        let info = pair.client.security();
        assert_eq!((info.provider, info.mechanism()), (AuthType::Spnego, AuthType::Kerberos));
        assert!(info.mutual);
        assert_eq!(
            info.to_string(),
            "Kerberos by SPNEGO, level privacy, headers signed, server proven, impersonate, as bob@TEST"
        );
    }
}

#[test]
fn the_context_that_was_made_last_is_told_and_header_signing_as_it_is_now() {
    let mut pair = Pair::new();
    pair.bind(&[FIRST], Some(alice(AuthLevel::Packet))).unwrap();
    assert!(!pair.client.security().signs_headers);
    pair.bind(&[SECOND], Some(alice(AuthLevel::Privacy))).unwrap();
    let info = pair.client.security();
    assert_eq!((info.level, info.signs_headers), (AuthLevel::Privacy, true));
    pair.bind(&[SECOND], Some(alice(AuthLevel::Packet))).unwrap();
    let info = pair.client.security();
    assert_eq!((info.level, info.signs_headers), (AuthLevel::Packet, true));
}

/// Lets `change` loose on the answer to an authenticated bind.
fn with_ack(asked: AuthLevel, change: impl FnOnce(&mut Pdu)) -> Result<(), client::Error> {
    let mut pair = Pair::new();
    pair.client.bind(&[FIRST], Some(alice(asked)));
    let mut bind = pair.client_output();
    pair.server.handle_input(&mut bind).unwrap();
    let mut ack = pdus(&pair.server_output()).pop().unwrap();
    change(&mut ack);
    let mut bytes = BytesMut::new();
    ack.write(&mut bytes).unwrap();
    pair.client.handle_input(&mut bytes)
}

fn auth(ack: &mut Pdu) -> &mut Auth {
    ack.auth.as_mut().unwrap()
}

fn assert_downgrade(result: Result<(), client::Error>, what: &str) {
    assert!(matches!(result, Err(client::Error::Downgrade(_))), "{what}: {result:?}");
}

#[test]
fn a_server_that_answers_for_another_level_is_refused() {
    for (asked, level) in authenticated() {
        with_ack(asked, |_| {}).unwrap();
        for other in (0..=7).chain([0xff]).filter(|code| *code != level.code()) {
            let answer = with_ack(asked, |ack| auth(ack).auth_level = other);
            assert_downgrade(answer, &format!("{asked} answered with {other}"));
        }
    }
}

#[test]
fn a_server_that_answers_for_another_provider_or_context_is_refused() {
    for (asked, _) in authenticated() {
        for other in [0x00, 0x09, 0x0e, 0x10, 0x44, 0xff] {
            let answer = with_ack(asked, |ack| auth(ack).auth_type = other);
            assert_downgrade(answer, &format!("provider {other} at {asked}"));
        }
        for other in [1, 0x8000_0000, u32::MAX] {
            let answer = with_ack(asked, |ack| auth(ack).context_id = other);
            assert_downgrade(answer, &format!("context {other} at {asked}"));
        }
    }
}

#[test]
fn a_server_that_does_not_take_part_is_refused() {
    for (asked, _) in authenticated() {
        assert_downgrade(with_ack(asked, |ack| ack.auth = None), &asked.to_string());
    }
    for asked in [AuthLevel::Integrity, AuthLevel::Privacy] {
        let answer = with_ack(asked, |ack| ack.flags.remove(Flags::HEADER_SIGN));
        assert_downgrade(answer, &asked.to_string());
    }
}

#[test]
fn a_server_answers_each_interface() {
    let answer = with_ack(AuthLevel::Privacy, |ack| {
        let Body::BindAck(body) = &mut ack.body else { panic!("a bind_ack") };
        body.results.pop();
    });
    assert!(matches!(answer, Err(client::Error::Protocol(_))), "{answer:?}");
}

#[test]
fn a_later_leg_is_held_to_the_level_like_the_first() {
    let changes: [fn(&mut Pdu); 4] = [
        |ack| auth(ack).auth_level = AuthLevel::Integrity.code(),
        |ack| auth(ack).auth_type = AuthType::Ntlm.code(),
        |ack| auth(ack).context_id = 7,
        |ack| ack.auth = None,
    ];
    for change in changes {
        let mut pair = Pair::with(
            client::Config::default(),
            server::Config::default(),
            mechanism::authenticator(Ending::Answered),
        );
        let level = AuthLevel::Privacy;
        pair.client.bind(&[FIRST], Some(mechanism::security(Ending::Answered, level)));
        for last in [false, true] {
            let mut bytes = pair.client_output();
            pair.server.handle_input(&mut bytes).unwrap();
            let mut answer = pdus(&pair.server_output()).pop().unwrap();
            if last {
                assert_eq!(answer.body.ptype(), Type::AlterContextResp);
                change(&mut answer);
            }
            let mut bytes = BytesMut::new();
            answer.write(&mut bytes).unwrap();
            let taken = pair.client.handle_input(&mut bytes);
            if last {
                assert_downgrade(taken, "the last leg");
            } else {
                taken.unwrap();
            }
        }
    }
}

#[test]
fn an_answer_below_the_level_is_refused() {
    for (asked, level) in authenticated().filter(|(_, level)| level.signs()) {
        for other in (1..=6).filter(|code| *code != level.code()) {
            let mut pair = Pair::bound(Some(asked));
            pair.client.call(call(FIRST, "x"));
            let mut bytes = pair.client_output();
            pair.server.handle_input(&mut bytes).unwrap();
            let (id, request) = pair.requests().pop().unwrap();
            pair.server.respond(id, Ok(request.stub));
            let mut answer = pair.server_output();
            let at = answer.len() - 16 - 8 + 1;
            assert_eq!(answer[at], level.code());
            // Level 3 stands for level 4, but the signature knows the difference.
            answer[at] = other;
            let error = pair.client.handle_input(&mut answer).unwrap_err();
            assert!(matches!(error, client::Error::Tampered(_)), "{asked}, {other}: {error}");
        }
    }
}

#[test]
fn mutual_authentication_that_is_required_and_missing_fails_before_any_call() {
    for (asked, _) in authenticated() {
        let mut pair = Pair::new();
        pair.client.bind(&[FIRST], Some(alice(asked).require_mutual(true)));
        pair.client.call(call(FIRST, "x"));
        let mut bind = pair.client_output();
        assert_eq!(trailers(&bind).len(), 1, "only the bind has gone out");
        pair.server.handle_input(&mut bind).unwrap();
        let mut ack = pair.server_output();
        let error = pair.client.handle_input(&mut ack).unwrap_err();
        assert!(matches!(error, client::Error::NotMutual(AuthType::Ntlm)), "{error}");
        assert!(error.to_string().contains("NTLM has no way"), "{error}");
        assert!(pair.client_output().is_empty(), "not even the answer to the challenge");
    }
    let mut pair = Pair::new();
    let error = pair.bind(&[FIRST], Some(alice(AuthLevel::None).require_mutual(true))).unwrap_err();
    assert!(matches!(error, client::Error::NotMutual(AuthType::None)), "{error}");
    assert!(pair.client_output().is_empty());
}

#[test]
fn nobody_is_refused_by_a_server_of_accounts() {
    for (asked, _) in authenticated() {
        let mut pair = Pair::new();
        pair.bind(&[FIRST], Some(nobody(asked))).unwrap();
        let error = pair.echo(FIRST, Bytes::new()).unwrap_err();
        assert_eq!(error.fault(), Some(Fault::ACCESS_DENIED), "{asked}: {error}");
    }
}

#[tokio::test]
async fn a_connection_tells_what_is_in_effect() {
    let deadline = Instant::now() + Duration::from_secs(30);
    let open = async |interfaces: &[SyntaxId], security| {
        let (ours, theirs) = duplex(64 * 1024);
        let (config, info) = (server::Config::default(), ConnectionInfo::default());
        tokio::spawn(serve(theirs, Arc::new(Echo), ntlm_accounts(), config, info));
        Connection::open(ours, interfaces, security, client::Config::default(), deadline).await
    };
    for (asked, level, _) in LEVELS {
        let connection = open(&[FIRST], Some(alice(asked))).await.unwrap();
        let info = connection.security();
        assert_eq!((info.asked, info.level), (asked, level));
        connection.call(call(FIRST, "x"), deadline).await.unwrap();
    }
    assert_eq!(open(&[FIRST], None).await.unwrap().security(), SecurityInfo::none());

    let connection = open(&[FIRST], Some(alice(AuthLevel::Packet))).await.unwrap();
    connection.add_interfaces(&[SECOND], deadline).await.unwrap();
    assert_eq!(connection.security().level, AuthLevel::Packet);
    connection.add_secured(&[SECOND], alice(AuthLevel::Privacy), deadline).await.unwrap();
    assert_eq!(connection.security().level, AuthLevel::Privacy);

    let security = alice(AuthLevel::Privacy).require_mutual(true);
    let error = open(&[FIRST], Some(security)).await.unwrap_err();
    assert!(matches!(error, client::Error::NotMutual(AuthType::Ntlm)), "{error}");
}

#[test]
fn a_bind_of_nobody_at_all_gets_no_answer_that_authenticates() {
    let mut pair = Pair::new();
    pair.client.bind(&[FIRST], None);
    let mut bind = pair.client_output();
    pair.server.handle_input(&mut bind).unwrap();
    let mut ack = pdus(&pair.server_output()).pop().unwrap();
    assert!(matches!(ack.body, Body::BindAck(_)));
    ack.auth = Some(Auth {
        auth_type: AuthType::Ntlm.code(),
        auth_level: AuthLevel::Privacy.code(),
        context_id: 0,
        padding: Bytes::new(),
        token: Bytes::from_static(b"token"),
    });
    let mut bytes = BytesMut::new();
    ack.write(&mut bytes).unwrap();
    let error = pair.client.handle_input(&mut bytes).unwrap_err();
    assert!(matches!(error, client::Error::Protocol(_)), "{error}");
}
