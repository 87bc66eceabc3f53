//! KDCs that lie, and those who change what an honest one says.

use winreach_kerberos::client::{AsExchange, TgsExchange};
use winreach_kerberos::crypto::{EncryptionType, Key};
use winreach_kerberos::messages::{
    AsRep, EncryptionKey, KerberosString, LooseU32, Message as _, PrincipalName, TgsRep,
};
use winreach_test_kdc::Tamper;

use super::flips::{cut, flipped};
use super::*;

fn strict() -> Options {
    Options { canonicalize: false, ..Options::default() }
}

fn other_nonce() -> Tamper {
    Tamper::Part(Box::new(|part| part.nonce = LooseU32(part.nonce.0 ^ 1)))
}

fn other_service() -> Tamper {
    Tamper::Part(Box::new(|part| part.sname = PrincipalName::from(&name("host/evil"))))
}

fn other_client() -> Tamper {
    Tamper::Reply(Box::new(|reply| reply.cname = PrincipalName::from(&name("mallory"))))
}

fn other_client_realm() -> Tamper {
    Tamper::Reply(Box::new(|reply| reply.crealm = KerberosString("EVIL.COM".to_owned())))
}

fn weak_session_key() -> Tamper {
    let key = Key::random(EncryptionType::Rc4Hmac).unwrap();
    Tamper::Part(Box::new(move |part| part.key = EncryptionKey::new(&key).unwrap()))
}

fn weak_answer() -> Tamper {
    Tamper::Reply(Box::new(|reply| reply.enc_part.etype = EncryptionType::Rc4Hmac.code()))
}

fn other_bytes() -> Tamper {
    Tamper::Reply(Box::new(|reply| {
        let mut bytes = reply.enc_part.cipher.as_bytes().to_vec();
        bytes[20] ^= 1;
        reply.enc_part.cipher = der::asn1::OctetString::new(bytes).unwrap();
    }))
}

fn other_message() -> Tamper {
    Tamper::Bytes(Box::new(|bytes| {
        // Not its error messages, which begin with 0x7E.
        if bytes[0] < 0x70 {
            bytes[0] ^= 6;
        }
    }))
}

#[tokio::test]
async fn a_log_on_that_was_tampered_with_is_refused() {
    let world = World::with([Account::user("easy", PASSWORD).without_preauthentication()]);
    let refused = async |client: &str, lie| {
        world.kdc.tamper(lie);
        world.of(client, PASSWORD, strict()).ticket(&name(HOST)).await.unwrap_err()
    };
    for client in [ALICE, "easy@EXAMPLE.COM"] {
        let error = refused(client, other_nonce()).await;
        assert!(matches!(error, Error::Mismatch("another nonce")), "{error:?}");
        for lie in [other_client(), other_client_realm()] {
            let error = refused(client, lie).await;
            assert!(matches!(error, Error::Mismatch("another client")), "{error:?}");
        }
        let error = refused(client, other_service()).await;
        let expected = "another service than the ticket-granting one";
        assert!(matches!(error, Error::Mismatch(what) if what == expected), "{error:?}");
        for lie in [weak_session_key(), weak_answer()] {
            let error = refused(client, lie).await;
            assert!(matches!(error, Error::EncryptionTypes { .. }), "{error:?}");
        }
        let error = refused(client, other_message()).await;
        assert!(matches!(&error, Error::Message(error) if error.message == "AS-REP"), "{error:?}");
    }
    // Where the KDC has seen that the key is right, the password is not to blame.
    let error = refused(ALICE, other_bytes()).await;
    assert!(matches!(error, Error::Crypto { .. }) && !error.is_logon_failure(), "{error:?}");
    let error = refused("easy@EXAMPLE.COM", other_bytes()).await;
    assert!(matches!(error, Error::WrongPassword { .. }), "{error:?}");
}

#[tokio::test]
async fn a_ticket_that_was_tampered_with_is_refused() {
    let world = World::with([]);
    let granting = world.kdc.credential(ALICE, GRANTING);
    let refused = async |lie| {
        world.kdc.tamper(lie);
        let cache = TestKdc::cache(std::slice::from_ref(&granting));
        ticket(&world.cached("tampered.ccache", &cache, Options::default())).await.unwrap_err()
    };
    let error = refused(other_nonce()).await;
    assert!(matches!(error, Error::Mismatch("another nonce")), "{error:?}");
    for lie in [other_client(), other_client_realm()] {
        let error = refused(lie).await;
        assert!(matches!(error, Error::Mismatch("another client")), "{error:?}");
    }
    let error = refused(other_service()).await;
    assert!(matches!(error, Error::Mismatch("a ticket for another service")), "{error:?}");
    let error = refused(weak_session_key()).await;
    assert!(matches!(error, Error::EncryptionTypes { .. }), "{error:?}");
    for lie in [weak_answer(), other_bytes()] {
        let error = refused(lie).await;
        assert!(matches!(error, Error::Crypto { .. }), "{error:?}");
    }
    let error = refused(other_message()).await;
    assert!(matches!(&error, Error::Message(error) if error.message == "TGS-REP"), "{error:?}");
}

/// What the KDC alone decides of a ticket, and what is sealed with it.
fn sealed(credential: &Credential) -> impl PartialEq + std::fmt::Debug + use<> {
    let Credential { server, key, flags, auth_time, start_time, end_time, .. } = credential.clone();
    (server, key, flags, (auth_time, start_time, end_time))
}

#[test]
fn no_changed_byte_of_an_as_rep_changes_what_is_sealed() {
    let world = World::with([Account::user("easy", PASSWORD).without_preauthentication()]);
    let client = name("easy@EXAMPLE.COM");
    // With the key and not the password: making one for each of the bytes takes its time.
    let keytab = world.kdc.keytab(&["easy@EXAMPLE.COM"]);
    let key = &keytab.entries()[0].key;
    let key = Key::new(EncryptionType::from_code(key.etype).unwrap(), &key.bytes).unwrap();
    let secret = Secret::Keys(vec![key]);
    let now = world.clock.now();
    let mut exchange = AsExchange::new(client, secret, Options::default());
    let request = exchange.request(now).unwrap().bytes;
    let answer = world.kdc.answer(&request).unwrap();
    let honest = sealed(&exchange.answer(&answer, now).unwrap().unwrap());
    let mut refusals = 0;
    for (at, changed) in flipped(&answer) {
        match exchange.answer(&changed, now) {
            Ok(Some(credential)) => assert_eq!(sealed(&credential), honest, "byte {at}"),
            Ok(None) => panic!("byte {at}"),
            Err(_) => refusals += 1,
        }
    }
    let sealed_bytes = AsRep::parse(&answer).unwrap().0.enc_part.cipher.as_bytes().len();
    assert!(refusals > 3 * sealed_bytes, "{refusals}");
    for short in cut(&answer) {
        let error = exchange.answer(&short, now).unwrap_err();
        assert!(matches!(error, Error::Message(_)), "{error:?}");
    }
}

#[test]
fn no_changed_byte_of_a_tgs_rep_changes_what_is_sealed() {
    let world = World::with([]);
    let granting = world.kdc.credential(ALICE, GRANTING);
    let now = world.clock.now();
    let mut exchange = TgsExchange::new(granting, name(HOST), Options::default());
    let request = exchange.request(now).unwrap().bytes;
    let answer = world.kdc.answer(&request).unwrap();
    let honest = sealed(&exchange.answer(&answer, now).unwrap().unwrap());
    let mut refusals = 0;
    for (at, changed) in flipped(&answer) {
        match exchange.answer(&changed, now) {
            Ok(Some(credential)) => assert_eq!(sealed(&credential), honest, "byte {at}"),
            Ok(None) => panic!("byte {at}"),
            Err(_) => refusals += 1,
        }
    }
    let sealed_bytes = TgsRep::parse(&answer).unwrap().0.enc_part.cipher.as_bytes().len();
    assert!(refusals > 3 * sealed_bytes, "{refusals}");
    for short in cut(&answer) {
        let error = exchange.answer(&short, now).unwrap_err();
        assert!(matches!(error, Error::Message(_)), "{error:?}");
    }
}

#[test]
fn no_changed_byte_of_a_refusal_is_more_than_a_refusal() {
    let world = World::with([]);
    let now = world.clock.now();
    let exchange = || AsExchange::new(name(ALICE), Secret::Keys(vec![key()]), Options::default());
    fn key() -> Key {
        Key::random(EncryptionType::Aes256CtsHmacSha1).unwrap()
    }
    let request = exchange().request(now).unwrap().bytes;
    let answer = world.kdc.answer(&request).unwrap();
    for (at, changed) in flipped(&answer) {
        // An error, or another round.
        assert!(!matches!(exchange().answer(&changed, now), Ok(Some(_))), "byte {at}");
    }
    for short in cut(&answer) {
        let error = exchange().answer(&short, now).unwrap_err();
        assert!(matches!(error, Error::Message(_)), "{error:?}");
    }
}

#[test]
fn versions_and_types_of_messages_are_checked() {
    let world = World::with([]);
    let granting = world.kdc.credential(ALICE, GRANTING);
    let now = world.clock.now();
    let mut exchange = TgsExchange::new(granting, name(HOST), Options::default());
    let answer = world.kdc.answer(&exchange.request(now).unwrap().bytes).unwrap();
    let answer = TgsRep::parse(&answer).unwrap();
    for (field, pvno, msg_type) in [("pvno", 4, 13), ("msg_type", 5, 11)] {
        let mut changed = answer.clone();
        (changed.0.pvno, changed.0.msg_type) = (pvno, msg_type);
        match exchange.answer(&changed.to_bytes().unwrap(), now).unwrap_err() {
            Error::Message(error) => {
                assert_eq!((error.message, error.field), ("TGS-REP", Some(field)));
            }
            other => panic!("{other:?}"),
        }
    }
}
