//! What is secret shows nowhere.

use std::fmt::Debug;

use winreach_kerberos::ap::{Acceptor, AcceptorPolicy, Initiator, InitiatorOptions, ReplayCache};
use winreach_kerberos::client::{AsExchange, TgsExchange};
use winreach_kerberos::crypto::{EncryptionType, Key};
use winreach_kerberos::messages::{EncryptionKey, GssFlags};

use super::*;

/// Bytes that cannot be there by chance.
fn secret() -> [u8; 32] {
    std::array::from_fn(|index| 0xC9 ^ u8::try_from(index).unwrap())
}

fn key() -> Key {
    Key::new(EncryptionType::Aes256CtsHmacSha1, &secret()).unwrap()
}

#[track_caller]
fn hides(what: &impl Debug) {
    for text in [format!("{what:?}"), format!("{what:#?}")] {
        let flat: String = text.split_whitespace().collect();
        let flat = flat.to_lowercase();
        for part in secret().windows(4) {
            let hex: String = part.iter().map(|byte| format!("{byte:02x}")).collect();
            let decimal = part.iter().map(u8::to_string).collect::<Vec<_>>().join(",");
            assert!(!flat.contains(&hex) && !flat.contains(&decimal), "{text}");
        }
        assert!(!text.contains(PASSWORD), "{text}");
    }
}

#[test]
fn debug_shows_no_keys_and_no_passwords() {
    let world = World::with([]);
    let now = world.clock.now();
    hides(&key());
    hides(&EncryptionKey::new(&key()).unwrap());
    hides(&Secret::Keys(vec![key()]));
    hides(&Secret::Password(PASSWORD.into()));
    hides(&by_password(ALICE, PASSWORD));
    hides(&world.alice());

    let credential = Credential { key: key(), ..world.kdc.credential(ALICE, HOST_IN_REALM) };
    hides(&credential);
    hides(&TestKdc::cache(std::slice::from_ref(&credential)));
    hides(&world.kdc.keytab(&[HOST_IN_REALM]));
    let secret = Secret::Keys(vec![key()]);
    let mut logon = AsExchange::new(name(ALICE), secret, Options::default());
    let request = logon.request(now).unwrap();
    logon.answer(&world.kdc.answer(&request.bytes).unwrap(), now).unwrap();
    hides(&logon);
    hides(&TgsExchange::new(credential.clone(), name(HOST), Options::default()));

    let forwarded = Credential { key: key(), ..world.kdc.credential(ALICE, GRANTING) };
    let options = InitiatorOptions {
        flags: GssFlags::DCE_STYLE,
        delegation: Some(forwarded),
        ..InitiatorOptions::default()
    };
    hides(&options);
    hides(&Initiator::start(credential, options, now).unwrap().0);
}

#[test]
fn debug_of_a_session_shows_no_key() {
    let world = World::with([]);
    let now = world.clock.now();
    let options = InitiatorOptions { flags: GssFlags(0x3C), ..InitiatorOptions::default() };
    let credential = world.kdc.credential(ALICE, HOST_IN_REALM);
    let (initiator, token) = Initiator::start(credential.clone(), options, now).unwrap();
    let keys = world.kdc.keytab(&[HOST_IN_REALM]);
    let policy = AcceptorPolicy::default();
    let (acceptor, _) =
        Acceptor::accept(&token, &keys, &ReplayCache::default(), &policy, now).unwrap();
    let shown = format!("{acceptor:?}");
    let client = initiator.finish_alone();
    let (_, server) = acceptor.session();
    for (text, key) in [
        (shown, &credential.key),
        (format!("{client:?}"), &client.key),
        (format!("{server:?} {:?}", server.protection()), &server.key),
    ] {
        let bytes = format!("{:?}", key.as_bytes());
        assert!(!text.contains(bytes.trim_matches(['[', ']'])), "{text}");
        assert!(text.contains("Key(aes256-cts-hmac-sha1-96, ..)"), "{text}");
    }
}
