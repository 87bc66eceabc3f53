//! Log-ons: by password and keytab, and all that stands in the way.

use std::sync::{Arc, Mutex};
use std::time::{Duration, UNIX_EPOCH};

use winreach_kerberos::client::{AsExchange, Request};
use winreach_kerberos::crypto::{EncryptionType, Key};
use winreach_kerberos::messages::{
    KerberosString, KerberosTime, KrbError, Message as _, PrincipalName,
};
use winreach_kerberos::{Asked, NameType};
use winreach_test_kdc::Tamper;

use super::*;

fn keys_of(world: &World, account: &str) -> Origin {
    let keytab = world.kdc.keytab(&[account]);
    let keys = keytab.entries().iter().map(|entry| {
        let etype = EncryptionType::from_code(entry.key.etype).unwrap();
        Key::new(etype, &entry.key.bytes).unwrap()
    });
    Origin::Logon { client: name(account), secret: Secret::Keys(keys.collect()) }
}

#[tokio::test]
async fn a_password_gets_a_ticket() {
    let world = World::with([]);
    let issued = ticket(&world.alice()).await.unwrap();
    assert_eq!((issued.client, issued.server), (name(ALICE), name(HOST_IN_REALM)));
    assert_eq!(issued.end_time, issued.start_time.plus(Duration::from_secs(36_000)));
    // Asked, and asked again with the time under the key.
    assert_eq!((world.kdc.logons(), world.kdc.ticket_requests()), (2, 1));
}

#[tokio::test]
async fn a_keytab_gets_a_ticket_with_whatever_key_it_has() {
    for etype in EncryptionType::ALL {
        let world = World::with([Account::user("bob", "b").with_etypes(&[etype])]);
        let tickets =
            world.tickets(keys_of(&world, "bob@EXAMPLE.COM"), Options::default().with_rc4());
        assert_eq!(ticket(&tickets).await.unwrap().client, name("bob@EXAMPLE.COM"), "{etype}");
    }
}

#[tokio::test]
async fn every_encryption_type_serves_client_service_and_session() {
    for etype in EncryptionType::ALL {
        let world = World::with([
            Account::user("bob", "b").with_etypes(&[etype]),
            Account::service("host/only").with_etypes(&[etype]),
        ]);
        let bob = world.of("bob@EXAMPLE.COM", "b", Options::default().with_rc4());
        let issued = bob.ticket(&name("host/only")).await.unwrap().credential;
        assert_eq!(issued.key.etype(), etype);
        assert_eq!(issued.ticket.open().unwrap().enc_part.etype, etype.code());
    }
}

#[tokio::test]
async fn the_salt_is_what_the_kdc_says_it_is() {
    let world = World::with([
        Account::user("jürgen", "pässwörd"),
        Account::user("renamed", PASSWORD).with_salt("EXAMPLE.COMbefore"),
        Account::user("easy", PASSWORD).with_salt("").without_preauthentication(),
    ]);
    for (client, password) in [("jürgen", "pässwörd"), ("renamed", PASSWORD), ("easy", PASSWORD)]
    {
        let client = format!("{client}@EXAMPLE.COM");
        let tickets = world.of(&client, password, Options::default());
        assert_eq!(ticket(&tickets).await.unwrap().client, name(&client));
    }
    // The last one was not asked for pre-authentication.
    assert_eq!(world.kdc.logons(), 5);
}

#[tokio::test]
async fn the_kdc_may_correct_the_name() {
    let world = World::with([]);
    let tickets = world.of("ALICE@EXAMPLE.COM", PASSWORD, Options::default());
    assert_eq!(ticket(&tickets).await.unwrap().client, name(ALICE));
    let plain = Options { canonicalize: false, ..Options::default() };
    let tickets = world.of("ALICE@EXAMPLE.COM", PASSWORD, plain);
    assert_eq!(ticket(&tickets).await.unwrap().client, name("ALICE@EXAMPLE.COM"));
}

#[tokio::test]
async fn a_wrong_password_is_told_as_one() {
    let world = World::with([Account::user("easy", PASSWORD).without_preauthentication()]);
    let error = ticket(&world.of(ALICE, "wrong", Options::default())).await.unwrap_err();
    assert_eq!(code(&error), ErrorCode::KDC_ERR_PREAUTH_FAILED);
    assert!(error.is_logon_failure() && error.remedy().is_some(), "{error}");
    assert!(
        matches!(&error, Error::Refused { asked: Asked::Logon(who), .. } if *who == name(ALICE))
    );

    let easy = world.of("easy@EXAMPLE.COM", "wrong", Options::default());
    let error = ticket(&easy).await.unwrap_err();
    assert!(
        matches!(&error, Error::WrongPassword { client } if *client == name("easy@EXAMPLE.COM"))
    );
    assert!(error.is_logon_failure());
}

#[tokio::test]
async fn an_account_that_may_not_log_on_is_refused() {
    let world = World::with([
        Account::user("disabled", PASSWORD).disabled(),
        Account::user("expired", PASSWORD).with_expired_password(),
    ]);
    for (client, expected, is_logon_failure) in [
        ("nobody", ErrorCode::KDC_ERR_C_PRINCIPAL_UNKNOWN, false),
        ("disabled", ErrorCode::KDC_ERR_CLIENT_REVOKED, true),
        ("expired", ErrorCode::KDC_ERR_KEY_EXPIRED, true),
    ] {
        let client = format!("{client}@EXAMPLE.COM");
        let error = ticket(&world.of(&client, PASSWORD, Options::default())).await.unwrap_err();
        assert_eq!((code(&error), error.is_logon_failure()), (expected, is_logon_failure));
        assert!(error.remedy().is_some() && error.to_string().contains(&client), "{error}");
    }
}

#[tokio::test]
async fn rc4_serves_only_where_it_is_allowed() {
    let world = World::with([Account::user("old", "o").with_etypes(&[EncryptionType::Rc4Hmac])]);
    let error = ticket(&world.of("old@EXAMPLE.COM", "o", Options::default())).await.unwrap_err();
    assert_eq!(code(&error), ErrorCode::KDC_ERR_ETYPE_NOSUPP);
    assert!(error.remedy().unwrap().contains("--allow-rc4"));
    assert!(ticket(&world.of("old@EXAMPLE.COM", "o", Options::default().with_rc4())).await.is_ok());
    let by_key = world.tickets(keys_of(&world, "old@EXAMPLE.COM"), Options::default());
    assert!(matches!(ticket(&by_key).await.unwrap_err(), Error::NoKey { .. }));
    assert_eq!(world.kdc.logons(), 3, "without a key nobody is asked");
}

#[tokio::test]
async fn preauthentication_of_another_kind_is_not_pretended() {
    let world = World::with([]);
    // Where the time under the key was offered (type 2) something else is (PKINIT, type 16).
    world.kdc.tamper(Tamper::Bytes(Box::new(|answer| {
        let offer = [0xA1, 3, 2, 1, 2, 0xA2, 2, 4, 0];
        let at = answer.windows(offer.len()).position(|window| window == offer);
        if let Some(at) = at {
            answer[at + 4] = 16;
        }
    })));
    match ticket(&world.alice()).await.unwrap_err() {
        Error::Preauthentication { realm, offered } => {
            assert_eq!((realm.as_str(), offered.as_slice()), ("EXAMPLE.COM", &[19, 16, 133][..]));
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn the_clock_of_the_kdc_is_followed_where_that_is_allowed() {
    for ahead in [3600, -3600] {
        let World { clock, kdc } =
            World::with([Account::user("easy", PASSWORD).without_preauthentication()]);
        let world = World { kdc: kdc.with_clock(clock.ahead(ahead)), clock };
        for (client, rounds) in [(ALICE, 2), ("easy@EXAMPLE.COM", 1)] {
            let before = world.kdc.logons();
            let tickets = world.of(client, PASSWORD, Options::default());
            let issued = tickets.ticket(&name(HOST)).await.unwrap();
            // The KDC need not say that the time is wrong: it has told its own before.
            assert_eq!(world.kdc.logons() - before, rounds);
            assert_eq!(issued.clock_offset, ahead);
            let there = KerberosTime::of(tickets.time(issued.clock_offset));
            assert_eq!(issued.credential.start_time, there);

            let own = Options { follow_kdc_clock: false, ..Options::default() };
            match ticket(&world.of(client, PASSWORD, own)).await.unwrap_err() {
                Error::Skew { of, seconds } => {
                    assert_eq!((of.as_str(), seconds), ("the KDC of EXAMPLE.COM", -ahead));
                }
                other => panic!("{other:?}"),
            }
            // Nothing is sent that shows the key then.
            assert_eq!(world.kdc.logons() - before, rounds + 1);
        }
    }
}

#[tokio::test]
async fn a_kdc_that_is_stricter_than_we_are_is_followed_too() {
    let World { clock, kdc } = World::with([]);
    let world = World { kdc: kdc.with_clock(clock.ahead(600)), clock };
    let lenient = Options { clock_skew: Duration::from_secs(3600), ..Options::default() };
    assert!(ticket(&world.of(ALICE, PASSWORD, lenient.clone())).await.is_ok());
    assert_eq!(world.kdc.logons(), 3);
    let own = Options { follow_kdc_clock: false, ..lenient };
    let error = ticket(&world.of(ALICE, PASSWORD, own)).await.unwrap_err();
    assert!(matches!(error, Error::Skew { seconds: -600, .. }), "{error}");
}

#[tokio::test]
async fn a_user_principal_name_leads_to_the_realm_of_its_account() {
    let world = World::new([
        Realm::new("FOREST.EXAMPLE"),
        realm().with(Account::user("bob", "b").with_enterprise_name("robert@mail.example")),
    ]);
    for first in ["FOREST.EXAMPLE", "EXAMPLE.COM"] {
        let client = Principal::new(["robert@mail.example"], first).with_type(NameType::ENTERPRISE);
        let origin = Origin::Logon { client, secret: Secret::Password("b".into()) };
        let tickets = world.tickets(origin, Options::default());
        assert_eq!(ticket(&tickets).await.unwrap().client, name("bob@EXAMPLE.COM"));
    }
    assert_eq!(world.kdc.logons(), 5);
}

/// Sends an exchange from one realm to the next.
fn wrong_realm(next: Option<&str>) -> Vec<u8> {
    let error = KrbError {
        pvno: 5,
        msg_type: 30,
        ctime: None,
        cusec: None,
        stime: KerberosTime(0),
        susec: 0,
        error_code: ErrorCode::KDC_ERR_WRONG_REALM.0,
        crealm: next.map(|next| KerberosString(next.to_owned())),
        cname: None,
        realm: KerberosString("A".to_owned()),
        sname: PrincipalName::from(&name("krbtgt/A")),
        e_text: None,
        e_data: None,
    };
    error.to_bytes().unwrap()
}

#[test]
fn realms_that_send_in_circles_are_left() {
    let exchange =
        |options| AsExchange::new(name("alice@A"), Secret::Password(PASSWORD.into()), options);
    let mut circle = exchange(Options::default());
    let asked = |exchange: &mut AsExchange| exchange.request(UNIX_EPOCH).unwrap().realm;
    for (realm, next) in [("A", "B"), ("B", "C")] {
        assert_eq!(asked(&mut circle), realm);
        assert!(circle.answer(&wrong_realm(Some(next)), UNIX_EPOCH).unwrap().is_none());
    }
    match circle.answer(&wrong_realm(Some("A")), UNIX_EPOCH).unwrap_err() {
        Error::Referrals(realms) => assert_eq!(realms, ["A", "B", "C", "A"]),
        other => panic!("{other:?}"),
    }
    // A realm that is not named, and one that we do not want to go to.
    let mut lost = exchange(Options::default());
    let error = lost.answer(&wrong_realm(None), UNIX_EPOCH).unwrap_err();
    assert_eq!(code(&error), ErrorCode::KDC_ERR_WRONG_REALM);
    let mut firm = exchange(Options { canonicalize: false, ..Options::default() });
    let error = firm.answer(&wrong_realm(Some("B")), UNIX_EPOCH).unwrap_err();
    assert_eq!(code(&error), ErrorCode::KDC_ERR_WRONG_REALM);
}

#[test]
fn a_kdc_that_never_has_enough_is_left() {
    let world = World::with([]);
    let secret = Secret::Password(PASSWORD.into());
    let mut exchange = AsExchange::new(name(ALICE), secret, Options::default());
    let mut next = 0;
    for _ in 0..100 {
        let request = match exchange.request(world.clock.now()) {
            Ok(request) => request,
            Err(Error::Rounds(realm)) => {
                assert_eq!(realm, next.to_string());
                return;
            }
            Err(other) => panic!("{other:?}"),
        };
        let Request { bytes, .. } = request;
        assert!(!bytes.is_empty());
        next += 1;
        exchange.answer(&wrong_realm(Some(&next.to_string())), world.clock.now()).unwrap();
    }
    panic!("it goes on");
}

/// So many at once.
async fn at_once(tickets: Tickets, count: usize) -> Vec<Result<Credential, Error>> {
    let tickets = Arc::new(tickets);
    let outcomes = Arc::new(Mutex::new(Vec::new()));
    let tasks: Vec<_> = (0..count)
        .map(|_| {
            let (tickets, outcomes) = (tickets.clone(), outcomes.clone());
            tokio::spawn(async move {
                let outcome = ticket(&tickets).await;
                outcomes.lock().unwrap().push(outcome);
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    std::mem::take(&mut *outcomes.lock().unwrap())
}

#[tokio::test]
async fn many_at_once_log_on_once() {
    let world = World::with([]);
    let outcomes = at_once(world.alice(), 100).await;
    assert!(outcomes.len() == 100 && outcomes.iter().all(Result::is_ok));
    assert_eq!(world.kdc.logons(), 2);
}

#[tokio::test]
async fn a_wrong_password_is_tried_once_in_a_while() {
    let world = World::with([]);
    let outcomes = at_once(world.of(ALICE, "wrong", Options::default()), 100).await;
    assert!(outcomes.iter().all(|outcome| {
        code(outcome.as_ref().unwrap_err()) == ErrorCode::KDC_ERR_PREAUTH_FAILED
    }));
    assert_eq!(world.kdc.logons(), 2);

    let tickets = world.of(ALICE, "wrong", Options::default());
    for (seconds, logons) in [(0, 4), (299, 4), (1, 6), (0, 6)] {
        world.clock.advance(Duration::from_secs(seconds));
        assert!(ticket(&tickets).await.unwrap_err().is_logon_failure());
        assert_eq!(world.kdc.logons(), logons);
    }
}

#[tokio::test]
async fn many_at_once_wait_for_a_silent_kdc_once() {
    let world = World::with([]);
    world.kdc.tamper(Tamper::Silence);
    let tickets = world.alice();
    let outcomes = at_once(world.alice(), 100).await;
    assert!(outcomes.iter().all(|outcome| matches!(outcome, Err(Error::Transport(_)))));
    assert_eq!(world.kdc.logons(), 1);
    // That is not held against it afterwards.
    assert!(ticket(&tickets).await.is_err());
    world.kdc.be_honest();
    assert!(ticket(&tickets).await.is_ok());
}

#[tokio::test]
async fn a_log_on_that_is_given_up_does_not_hold_up_others() {
    let world = World::with([]);
    let tickets = world.alice();
    let given_up = tokio::time::timeout(Duration::ZERO, ticket(&tickets)).await;
    assert!(given_up.is_err());
    assert!(ticket(&tickets).await.is_ok());
}
