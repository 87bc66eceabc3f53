//! Messages once the exchange is over.

use super::*;
use crate::{Pdu, SecurityContext};

fn contexts(level: AuthLevel) -> (Box<dyn SecurityContext>, Box<dyn SecurityContext>) {
    let (client, server) = exchange(&mut *initiator(level), &mut *acceptor(level)).unwrap();
    (client.context, server.context)
}

/// A protected message.
#[derive(Clone)]
struct Message {
    header: Vec<u8>,
    body: Vec<u8>,
    trailer: Vec<u8>,
    token: Vec<u8>,
}

fn protect(context: &mut dyn SecurityContext, level: AuthLevel, text: &[u8]) -> Message {
    let mut message = Message {
        header: b"the header".to_vec(),
        body: text.to_vec(),
        trailer: b"trailer".to_vec(),
        token: vec![0; context.token_len(level)],
    };
    let pdu = Pdu {
        header: &message.header,
        body: &mut message.body,
        trailer: &message.trailer,
        sign_header: true,
    };
    context.protect(level, pdu, &mut message.token).unwrap();
    message
}

fn unprotect(
    context: &mut dyn SecurityContext,
    level: AuthLevel,
    message: &mut Message,
) -> Result<(), Error> {
    let pdu = Pdu {
        header: &message.header,
        body: &mut message.body,
        trailer: &message.trailer,
        sign_header: true,
    };
    context.unprotect(level, pdu, &message.token)
}

#[test]
fn messages_pass_both_ways_at_every_level() {
    for level in LEVELS {
        let (mut client, mut server) = contexts(level);
        for i in 0..20_usize {
            let text = vec![b'x'; i * 37];
            let (from, to) =
                if i % 3 == 0 { (&mut server, &mut client) } else { (&mut client, &mut server) };
            let mut message = protect(&mut **from, level, &text);
            assert_eq!(message.token.len(), if level.signs() { 16 } else { 0 });
            assert_eq!(message.body == text, text.is_empty() || !level.seals(), "{level}");
            unprotect(&mut **to, level, &mut message).unwrap();
            assert_eq!(message.body, text);
        }
    }
}

#[test]
fn a_client_without_key_exchange_is_served() {
    let mut client = TestClient::new(PASSWORD);
    client.offer.remove(NegotiateFlags::KEY_EXCH);
    let (established, mut context) = client.run(AuthLevel::Privacy).unwrap();
    let mut server = established.context;
    let mut message = protect(&mut context, AuthLevel::Privacy, b"over");
    unprotect(&mut *server, AuthLevel::Privacy, &mut message).unwrap();
    assert_eq!(message.body, b"over");
    let mut message = protect(&mut *server, AuthLevel::Privacy, b"and out");
    unprotect(&mut context, AuthLevel::Privacy, &mut message).unwrap();
    assert_eq!(message.body, b"and out");
}

#[test]
fn every_changed_bit_is_noticed() {
    for level in [AuthLevel::Packet, AuthLevel::Integrity, AuthLevel::Privacy] {
        let parts: [fn(&mut Message) -> &mut Vec<u8>; 4] =
            [|m| &mut m.header, |m| &mut m.body, |m| &mut m.trailer, |m| &mut m.token];
        for part in parts {
            let bits = part(&mut protect(&mut *contexts(level).0, level, b"body")).len() * 8;
            for bit in 0..bits {
                let (mut client, mut server) = contexts(level);
                let mut message = protect(&mut *client, level, b"body");
                part(&mut message)[bit / 8] ^= 1 << (bit % 8);
                let result = unprotect(&mut *server, level, &mut message);
                assert_eq!(result, Err(Error::Signature), "{level}, bit {bit}");
                if level.seals() {
                    assert_eq!(message.body, [0; 4], "nothing of it is left");
                }
            }
        }
    }
}

#[test]
fn replayed_reordered_and_reflected_messages_are_refused() {
    for level in [AuthLevel::Integrity, AuthLevel::Privacy] {
        let (mut client, mut server) = contexts(level);
        let first = protect(&mut *client, level, b"first");
        unprotect(&mut *server, level, &mut first.clone()).unwrap();
        assert_eq!(unprotect(&mut *server, level, &mut first.clone()), Err(Error::Signature));

        let (mut client, mut server) = contexts(level);
        protect(&mut *client, level, b"first");
        let mut second = protect(&mut *client, level, b"second");
        assert_eq!(unprotect(&mut *server, level, &mut second), Err(Error::Signature));

        let (mut client, _) = contexts(level);
        let mut own = protect(&mut *client, level, b"own");
        assert_eq!(unprotect(&mut *client, level, &mut own), Err(Error::Signature));
    }
}

#[test]
fn a_replay_without_key_exchange_is_refused_by_its_number() {
    let mut client = TestClient::new(PASSWORD);
    client.offer.remove(NegotiateFlags::KEY_EXCH);
    let (established, mut context) = client.run(AuthLevel::Integrity).unwrap();
    let mut server = established.context;
    let message = protect(&mut context, AuthLevel::Integrity, b"once");
    unprotect(&mut *server, AuthLevel::Integrity, &mut message.clone()).unwrap();
    let again = unprotect(&mut *server, AuthLevel::Integrity, &mut message.clone());
    assert_eq!(again, Err(Error::Signature));
}

#[test]
fn a_wrong_session_key_shows_in_the_first_message() {
    let level = AuthLevel::Integrity;
    let (mut client, _) = contexts(level);
    let (_, mut server) = contexts(level);
    let mut message = protect(&mut *client, level, b"body");
    assert_eq!(unprotect(&mut *server, level, &mut message), Err(Error::Signature));
}

#[test]
fn tokens_of_another_length_are_refused() {
    let (mut client, mut server) = contexts(AuthLevel::Integrity);
    let mut message = protect(&mut *client, AuthLevel::Integrity, b"body");
    message.token.pop();
    assert_eq!(
        unprotect(&mut *server, AuthLevel::Integrity, &mut message),
        Err(Error::TokenLength { expected: 16, actual: 15 })
    );
    message.token.clear();
    assert!(unprotect(&mut *server, AuthLevel::Integrity, &mut message).is_err());
    message.token = vec![0; 16];
    assert!(unprotect(&mut *server, AuthLevel::Connect, &mut message).is_err());
}

#[test]
fn a_level_beyond_what_was_negotiated_is_refused() {
    let sealed = NegotiateFlags::SEAL;
    for (flags, level) in [
        (NegotiateFlags::all() - sealed, AuthLevel::Privacy),
        (sealed, AuthLevel::Privacy),
        (sealed, AuthLevel::Integrity),
        (sealed, AuthLevel::Packet),
    ] {
        let mut context = Context::new(flags, &[5; 16], Sender::Client);
        let mut body = *b"body";
        let pdu = Pdu { header: &[], body: &mut body, trailer: &[], sign_header: true };
        let refused = Err(Error::LevelNotNegotiated(level));
        assert_eq!(context.protect(level, pdu, &mut [0; 16]), refused);
        let pdu = Pdu { header: &[], body: &mut body, trailer: &[], sign_header: true };
        assert_eq!(context.unprotect(level, pdu, &[0; 16]), refused);
        assert_eq!(body, *b"body");
    }
}

/// Recorded Windows 10 traffic: after the exchange of `mechListMIC` the first message has
/// sequence number 1, and its cipher state is that of a fresh context.
#[test]
fn the_mechanism_list_takes_a_number_and_leaves_a_fresh_cipher() {
    let flags = NegotiateFlags::all();
    let level = AuthLevel::Privacy;
    let mut client = Context::new(flags, &[5; 16], Sender::Client);
    let mut server = Context::new(flags, &[5; 16], Sender::Server);
    let list = b"the list of mechanisms";

    let mic = client.sign_mechanisms(list).unwrap();
    assert_eq!(mic[12..], [0; 4]);
    server.verify_mechanisms(list, &mic).unwrap();
    let answer = server.sign_mechanisms(list).unwrap();
    client.verify_mechanisms(list, &answer).unwrap();

    let mut message = protect(&mut client, level, b"body");
    assert_eq!(message.token[12..], [1, 0, 0, 0]);
    let mut fresh = Context::new(flags, &[5; 16], Sender::Client);
    assert_eq!(protect(&mut fresh, level, b"body").body, message.body);
    unprotect(&mut server, level, &mut message).unwrap();

    let mut other = Context::new(flags, &[5; 16], Sender::Server);
    assert_eq!(other.verify_mechanisms(b"another list", &mic), Err(Error::Signature));
}
