//! Tickets that somebody else has got: credential caches in files.

use std::time::Duration;

use winreach_kerberos::credentials::ccache::TimeOffset;
use winreach_kerberos::crypto::{EncryptionType, Key};

use super::*;

#[tokio::test]
async fn a_ticket_granting_ticket_of_a_cache_gets_tickets() {
    let world = World::with([]);
    let cache = TestKdc::cache(&[world.kdc.credential(ALICE, GRANTING)]);
    let tickets = world.cached("granting.ccache", &cache, Options::default());
    assert_eq!(tickets.client().await.unwrap(), name(ALICE));
    assert_eq!(ticket(&tickets).await.unwrap().server, name(HOST_IN_REALM));
    assert_eq!((world.kdc.logons(), world.kdc.ticket_requests()), (0, 1));
}

#[tokio::test]
async fn a_ticket_of_a_cache_is_shown_without_asking_anybody() {
    let world = World::with([]);
    let own = world.kdc.credential(ALICE, HOST_IN_REALM);
    let tickets = world.cached(
        "service.ccache",
        &TestKdc::cache(std::slice::from_ref(&own)),
        Options::default(),
    );
    for service in [HOST, HOST_IN_REALM] {
        let issued = tickets.ticket(&name(service)).await.unwrap().credential;
        assert_eq!((issued.ticket, issued.key), (own.ticket.clone(), own.key.clone()));
    }
    match tickets.ticket(&name("host/other")).await.unwrap_err() {
        Error::NoTicket { server, client } => {
            assert_eq!((server, client), (name(GRANTING), name(ALICE)));
        }
        other => panic!("{other:?}"),
    }
    assert!(world.kdc.requests().is_empty());
}

#[tokio::test]
async fn what_has_expired_in_a_cache_is_told_and_a_new_one_is_found() {
    let world = World::with([]);
    let expired = world.kdc.credential(ALICE, GRANTING);
    world.clock.advance(Duration::from_secs(36_000 + 7200));
    let cache = TestKdc::cache(&[expired]);
    let tickets = world.cached("expired.ccache", &cache, Options::default());
    match ticket(&tickets).await.unwrap_err() {
        Error::Expired { server, seconds } => assert_eq!((server, seconds), (name(GRANTING), 7200)),
        other => panic!("{other:?}"),
    }
    // Somebody logs on again.
    written("expired.ccache", &TestKdc::cache(&[world.kdc.credential(ALICE, GRANTING)]));
    assert!(ticket(&tickets).await.is_ok());

    // It lasts as long as it lasts; then another one is there.
    world.clock.advance(Duration::from_secs(35_000));
    written("expired.ccache", &TestKdc::cache(&[world.kdc.credential(ALICE, GRANTING)]));
    world.clock.advance(Duration::from_secs(2000));
    assert!(ticket(&tickets).await.is_ok());
    assert_eq!((world.kdc.logons(), world.kdc.ticket_requests()), (0, 2));
}

#[tokio::test]
async fn a_cache_that_is_not_there_is_told_by_its_name() {
    let world = World::with([]);
    let missing = CacheName::parse("FILE:/nonexistent/cache").unwrap();
    let error =
        ticket(&world.tickets(Origin::Cache(missing), Options::default())).await.unwrap_err();
    assert!(matches!(&error, Error::File(_)) && error.to_string().contains("/nonexistent/cache"));
}

#[tokio::test]
async fn a_weak_key_of_a_cache_serves_only_where_it_is_allowed() {
    let world = World::with([]);
    let weak = |service: &str| {
        let mut ticket = world.kdc.credential(ALICE, service);
        ticket.key = Key::random(EncryptionType::Rc4Hmac).unwrap();
        ticket
    };
    let cache = TestKdc::cache(&[weak(GRANTING)]);
    let error = ticket(&world.cached("weak.ccache", &cache, Options::default())).await.unwrap_err();
    assert!(matches!(&error, Error::EncryptionTypes { with, .. } if with.contains("weak.ccache")));
    assert!(error.remedy().unwrap().contains("--allow-rc4"));

    let cache = TestKdc::cache(&[weak(HOST_IN_REALM)]);
    let error =
        ticket(&world.cached("weaker.ccache", &cache, Options::default())).await.unwrap_err();
    assert!(matches!(error, Error::NoTicket { .. }));
    let tickets = world.cached("weaker.ccache", &cache, Options::default().with_rc4());
    assert_eq!(ticket(&tickets).await.unwrap().key.etype(), EncryptionType::Rc4Hmac);
}

#[tokio::test]
async fn the_clock_offset_of_a_cache_counts_where_it_is_followed() {
    let World { clock, kdc } = World::with([]);
    let world = World { kdc: kdc.with_clock(clock.ahead(3600)), clock };
    let mut cache = TestKdc::cache(&[world.kdc.credential(ALICE, GRANTING)]);
    cache.time_offset = Some(TimeOffset { seconds: 3600, microseconds: 0 });
    let tickets = world.cached("offset.ccache", &cache, Options::default());
    assert_eq!(tickets.ticket(&name(HOST)).await.unwrap().clock_offset, 3600);
    let own = Options { follow_kdc_clock: false, ..Options::default() };
    let error = ticket(&world.cached("offset.ccache", &cache, own)).await.unwrap_err();
    assert!(matches!(error, Error::Skew { seconds: -3600, .. }), "{error}");
}

#[tokio::test]
async fn tickets_of_others_in_a_cache_are_left_alone() {
    let world = World::with([Account::user("bob", "b")]);
    let mut cache = TestKdc::cache(&[
        world.kdc.credential(ALICE, GRANTING),
        world.kdc.credential("bob@EXAMPLE.COM", HOST_IN_REALM),
    ]);
    // One for user-to-user authentication is of no use here either.
    let mut odd =
        TestKdc::cache(&[world.kdc.credential(ALICE, HOST_IN_REALM)]).credentials.remove(0);
    odd.is_skey = true;
    cache.credentials.push(odd);
    let tickets = world.cached("others.ccache", &cache, Options::default());
    assert_eq!(ticket(&tickets).await.unwrap().client, name(ALICE));
    assert_eq!(world.kdc.ticket_requests(), 1);
}
