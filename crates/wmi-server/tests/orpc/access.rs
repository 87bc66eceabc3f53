//! Who gets in, and how much he can take.

use std::sync::Arc;

use winreach_auth::{AuthLevel, Credentials, ImpersonationLevel, ntlm};
use winreach_cim::WbemStatus;
use winreach_dcom::client::{Connector, Error, Options};
use winreach_wmi_proto::{Flags, HResult, Method, Parameters, enumerator, services::ExecQuery};
use winreach_wmi_server::Limits;

use crate::client::*;
use crate::house::house;
use crate::log::Log;

const LAMPS: &str = "SELECT * FROM Acme_Lamp";

async fn refused(options: Options) -> Error {
    activate(options).await.map(drop).unwrap_err()
}

#[tokio::test]
async fn only_the_right_password_of_a_known_account_lets_in() {
    let house = house(Limits::default());
    let connector = house.server.connector();
    for (user, password) in [("alice", "open"), ("alice", ""), ("carol", PASSWORD)] {
        let error = refused(options(connector.clone(), user, password)).await;
        let text = error.to_string();
        assert!(text.contains("ACCESS_DENIED"), "{user}: {text}");
    }
    for user in ["alice", "ALICE", r"HOUSE\bob", "alice@house"] {
        activate(options(connector.clone(), user, PASSWORD)).await.unwrap();
    }
}

#[tokio::test]
async fn calls_are_protected_by_integrity_at_least() {
    let house = house(Limits::default());
    for (level, allowed) in [
        (AuthLevel::None, false),
        (AuthLevel::Connect, false),
        (AuthLevel::Call, false),
        (AuthLevel::Packet, false),
        (AuthLevel::Integrity, true),
        (AuthLevel::Privacy, true),
    ] {
        let options = options(house.server.connector(), "alice", PASSWORD);
        let outcome = activate(at_level(options, level)).await;
        assert_eq!(outcome.is_ok(), allowed, "{level}");
    }
}

#[tokio::test]
async fn nobody_has_no_way_in() {
    let house = house(Limits::default());
    for level in [AuthLevel::Connect, AuthLevel::Integrity, AuthLevel::Privacy] {
        let options = Options {
            initiators: Arc::new(ntlm::Source::anonymous()),
            ..options(house.server.connector(), "alice", PASSWORD)
        };
        let error = refused(at_level(options, level)).await;
        assert!(error.to_string().contains("ACCESS_DENIED"), "{level}: {error}");
    }
}

/// `[MS-WMI] 3.1.4`
#[tokio::test]
async fn who_does_not_let_the_server_act_for_him_gets_no_namespace() {
    let house = house(Limits::default());
    for (level, status) in [
        (ImpersonationLevel::Anonymous, HResult(WbemStatus::E_ACCESS_DENIED.code())),
        (ImpersonationLevel::Identify, HResult(WbemStatus::E_ACCESS_DENIED.code())),
        (ImpersonationLevel::Impersonate, HResult::OK),
    ] {
        let alice = ntlm::Source::new(Credentials::new("alice", PASSWORD.into()));
        let options = Options {
            initiators: Arc::new(alice.with_impersonation(level)),
            ..options(house.server.connector(), "alice", PASSWORD)
        };
        let login = activate(options).await.unwrap();
        let response = call(&login, &login_request(Some(r"root\cimv2"))).await;
        assert_eq!(response.status, status, "{level}");
        assert_eq!(response.out.is_some(), status == HResult::OK);
    }
}

#[tokio::test]
async fn an_account_looks_up_so_many_objects_at_once_and_no_more() {
    let none = house(Limits { lookups_per_account: 0, ..Limits::default() });
    let alice = services_of(options(none.server.connector(), "alice", PASSWORD)).await;
    for flags in [Flags::empty(), Flags::RETURN_IMMEDIATELY] {
        let refused = get(&alice, "Acme_Lamp", flags).await;
        assert_eq!(refused.status, HResult(WbemStatus::E_SERVER_TOO_BUSY.code()));
    }

    // One at a time is enough for who waits, for ever so many.
    let one = house(Limits { lookups_per_account: 1, ..Limits::default() });
    let alice = services_of(options(one.server.connector(), "alice", PASSWORD)).await;
    for _ in 0..8 {
        assert_eq!(get(&alice, "Acme_Lamp", Flags::empty()).await.status, HResult::OK);
    }
}

#[tokio::test]
async fn an_account_has_so_many_enumerators_and_no_more() {
    let house = house(Limits { enumerators_per_account: 2, ..Limits::default() });
    let connector = house.server.connector();
    let alice = services_of(options(connector.clone(), "alice", PASSWORD)).await;
    let bob = services_of(options(connector, "bob", PASSWORD)).await;
    let first = query(&alice, LAMPS, FORWARD).await;
    let second = query(&alice, LAMPS, Flags::RETURN_IMMEDIATELY).await;
    let third = call(&alice, &query_request(LAMPS, FORWARD)).await;
    let refusal = HResult(WbemStatus::E_QUOTA_VIOLATION.code());
    assert_eq!((third.out, third.status), (None, refusal));
    assert_eq!(call(&second, &enumerator::Clone {}).await.status, refusal);
    query(&bob, LAMPS, FORWARD).await;

    first.release(deadline()).await.unwrap();
    query(&alice, LAMPS, FORWARD).await;
}

#[tokio::test]
async fn an_account_has_so_many_objects_and_no_more() {
    let house = house(Limits { objects_per_account: 4, ..Limits::default() });
    let services = services(&house.server).await;
    let mut kept = Vec::new();
    let refusal = loop {
        let response = call(&services, &query_request(LAMPS, FORWARD)).await;
        match response.out {
            Some(reference) => kept.push(services.adopt(&reference).unwrap()),
            None => break response.status,
        }
        assert!(kept.len() < 10);
    };
    assert_eq!(refusal, HResult(WbemStatus::E_QUOTA_VIOLATION.code()));
}

#[tokio::test]
async fn an_account_stays_the_same_whatever_domain_it_names() {
    let house = house(Limits { objects_per_account: 2, ..Limits::default() });
    let connector = house.server.connector();
    let log_in = |user| activate(options(connector.clone(), user, PASSWORD));
    let _first = log_in("alice").await.unwrap();
    let _second = log_in(r"HOUSE\alice").await.unwrap();
    assert!(log_in(r"OTHER\alice").await.is_err());
    assert!(log_in("alice@other").await.is_err());
    log_in("bob").await.unwrap();
}

#[tokio::test]
async fn what_a_caller_asks_for_writes_no_line_into_the_log() {
    let (log, _guard) = Log::start();
    let house = house(Limits::default());
    let services = services(&house.server).await;
    get(&services, "Acme_Lamp.Room=\"x\nFORGED\"", Flags::empty()).await;
    let text = log.text();
    assert!(text.contains("FORGED"), "{text}");
    assert!(!text.lines().any(|line| line.starts_with("FORGED")), "{text}");
}

#[tokio::test]
async fn a_request_that_is_too_large_is_refused() {
    let house = house(Limits { request_bytes: 64 << 10, ..Limits::default() });
    let services = services(&house.server).await;
    let large = query_request(&"x".repeat(100_000), FORWARD);
    assert!(try_call(&services, &large).await.is_err());
}

#[tokio::test]
async fn stubs_that_cannot_be_read_are_refused_at_every_length() {
    let house = house(Limits::default());
    let services = services(&house.server).await;
    let stub = query_request(LAMPS, FORWARD).encode();
    // Whole words only: what is left of the last one would be filled up by the transport.
    for length in (0..stub.len()).step_by(4) {
        let cut = &stub[..length];
        let outcome = services.call(ExecQuery::OPNUM, |e| e.bytes(cut), deadline()).await;
        assert!(outcome.is_err(), "{length} bytes of {}", stub.len());
    }
    query(&services, LAMPS, FORWARD).await;
}

#[tokio::test]
async fn other_ports_are_closed() {
    let house = house(Limits::default());
    let connector: Arc<dyn Connector> = Arc::new(house.server.connector());
    let error = connector.connect("server", 4711).await.map(drop).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::ConnectionRefused);
}
