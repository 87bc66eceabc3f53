//! Tickets for services: kept, got in other realms, forwarded.

use std::time::Duration;

use winreach_kerberos::Asked;
use winreach_kerberos::credentials::{Config, Environment};
use winreach_kerberos::crypto::EncryptionType;
use winreach_kerberos::messages::{KdcOptions, Message as _, TgsReq, TicketFlags};
use winreach_test_kdc::Tamper;

use super::*;

const FAR: &str = "host/server.far.example";

#[tokio::test]
async fn a_ticket_is_shown_again_until_it_is_about_to_expire() {
    let world = World::with([]);
    let options = Options { lifetime: Duration::from_secs(3600), ..Options::default() };
    let tickets = world.of(ALICE, PASSWORD, options);
    for (seconds, logons, requests) in [(0, 2, 1), (0, 2, 1), (3539, 2, 1), (1, 4, 2), (0, 4, 2)] {
        world.clock.advance(Duration::from_secs(seconds));
        ticket(&tickets).await.unwrap();
        let asked = (world.kdc.logons(), world.kdc.ticket_requests());
        assert_eq!(asked, (logons, requests), "{seconds}");
    }
    tickets.forget(&name(HOST));
    ticket(&tickets).await.unwrap();
    assert_eq!((world.kdc.logons(), world.kdc.ticket_requests()), (4, 3));
}

#[tokio::test]
async fn a_service_that_nobody_knows_is_told_by_name() {
    let world = World::with([]);
    let error = world.alice().ticket(&name("host/nothing")).await.unwrap_err();
    assert_eq!(code(&error), ErrorCode::KDC_ERR_S_PRINCIPAL_UNKNOWN);
    assert!(matches!(&error, Error::Refused { asked: Asked::Ticket(what), realm, .. }
        if *what == name("host/nothing") && realm == "EXAMPLE.COM"));
    assert!(error.remedy().unwrap().contains("setspn"));
    assert!(!error.is_logon_failure());
}

#[tokio::test]
async fn a_service_that_has_rc4_alone_needs_it_allowed() {
    let old = Account::service("host/old").with_etypes(&[EncryptionType::Rc4Hmac]);
    let world = World::with([old]);
    let error = world.alice().ticket(&name("host/old")).await.unwrap_err();
    assert_eq!(code(&error), ErrorCode::KDC_ERR_ETYPE_NOSUPP);
    let tickets = world.of(ALICE, PASSWORD, Options::default().with_rc4());
    let issued = tickets.ticket(&name("host/old")).await.unwrap().credential;
    assert_eq!(issued.key.etype(), EncryptionType::Rc4Hmac);
}

#[tokio::test]
async fn a_clock_that_goes_astray_after_the_log_on_is_told() {
    for ahead in [600, -600] {
        let world = World::with([]);
        let own = TestClock::default();
        let tickets = world.alice().with_clock(own.clock());
        tickets.ticket(&name(HOST)).await.unwrap();
        let astray = if ahead > 0 { own } else { world.clock.clone() };
        astray.advance(Duration::from_secs(600));
        match tickets.ticket(&name(GRANTING)).await.unwrap_err() {
            Error::Skew { of, seconds } => {
                assert_eq!((of.as_str(), seconds), ("the KDC of EXAMPLE.COM", ahead));
            }
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn a_ticket_granting_ticket_that_is_taken_no_more_is_got_again() {
    let world = World::with([]);
    let tickets = world.alice();
    tickets.client().await.unwrap();
    ticket(&tickets).await.unwrap();
    tickets.forget(&name(HOST));
    world.kdc.tamper(Tamper::Refusal(ErrorCode::KDC_ERR_TGT_REVOKED));
    assert_eq!(code(&ticket(&tickets).await.unwrap_err()), ErrorCode::KDC_ERR_TGT_REVOKED);
    world.kdc.be_honest();
    assert!(ticket(&tickets).await.is_ok());
    assert_eq!(world.kdc.logons(), 4);
    // Other refusals are not its fault.
    assert!(tickets.ticket(&name("host/nothing")).await.is_err());
    assert!(ticket(&tickets).await.is_ok());
    assert_eq!(world.kdc.logons(), 4);
}

/// Two realms away: EXAMPLE.COM sends to MIDDLE, which sends to FAR.
fn far_away(delegating: [bool; 2]) -> World {
    let route = |realm: Realm, delegating, next| {
        if delegating {
            realm.with_delegating_route("server.far.example", next)
        } else {
            realm.with_route("server.far.example", next)
        }
    };
    World::new([
        route(realm(), delegating[0], "MIDDLE"),
        route(Realm::new("MIDDLE"), delegating[1], "FAR"),
        Realm::new("FAR").with(Account::service(FAR).trusted_for_delegation()),
    ])
}

#[tokio::test]
async fn referrals_lead_to_the_realm_of_a_service() {
    let world = far_away([false, false]);
    let tickets = world.alice();
    let issued = tickets.ticket(&name(FAR)).await.unwrap().credential;
    assert_eq!(issued.server, name("host/server.far.example@FAR"));
    assert_eq!(issued.client, name(ALICE));
    assert_eq!(world.kdc.ticket_requests(), 3);
    tickets.ticket(&name(FAR)).await.unwrap();
    assert_eq!(world.kdc.ticket_requests(), 3);

    let plain = Options { canonicalize: false, ..Options::default() };
    let error = world.of(ALICE, PASSWORD, plain).ticket(&name(FAR)).await.unwrap_err();
    assert_eq!(code(&error), ErrorCode::KDC_ERR_S_PRINCIPAL_UNKNOWN);
}

#[tokio::test]
async fn a_service_far_away_is_trusted_as_far_as_the_realms_on_the_way_are() {
    for (delegating, trusted) in
        [([true, true], true), ([true, false], false), ([false, true], false)]
    {
        let tickets = far_away(delegating).alice();
        let issued = tickets.ticket(&name(FAR)).await.unwrap().credential;
        let flag = issued.flags.contains(TicketFlags::OK_AS_DELEGATE);
        assert_eq!(flag, trusted, "{delegating:?}");
    }
}

#[tokio::test]
async fn realms_that_refer_in_circles_are_left() {
    let world = World::new([
        realm().with_route("server.far.example", "B"),
        Realm::new("B").with_route("server.far.example", "C"),
        Realm::new("C").with_route("server.far.example", "B"),
    ]);
    match world.alice().ticket(&name(FAR)).await.unwrap_err() {
        Error::Referrals(realms) => assert_eq!(realms, ["EXAMPLE.COM", "B", "C", "B"]),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_way_that_is_too_long_is_left() {
    let step = |at: usize| {
        let next = if at == 0 { "R1".to_owned() } else { format!("R{}", at + 1) };
        let here = if at == 0 { realm() } else { Realm::new(&format!("R{at}")) };
        here.with_route("server.far.example", &next)
    };
    let world = World::new((0..50).map(step));
    let error = world.alice().ticket(&name(FAR)).await.unwrap_err();
    assert!(matches!(error, Error::Referrals(_)), "{error}");
    assert!(world.kdc.ticket_requests() < 12);
}

/// The realm of the service is reached by its name alone: the KDC knows the way, not the host.
fn by_realm(next: &str) -> World {
    World::new([
        realm().with_route("FAR.EXAMPLE", next),
        Realm::new("MIDDLE").with_route("FAR.EXAMPLE", "FAR.EXAMPLE"),
        Realm::new("FAR.EXAMPLE").with(Account::service(FAR)),
    ])
}

#[tokio::test]
async fn a_realm_is_guessed_from_the_host_where_the_own_one_does_not_know_it() {
    for (next, requests) in [("FAR.EXAMPLE", 3), ("MIDDLE", 4)] {
        let world = by_realm(next);
        let issued = world.alice().ticket(&name(FAR)).await.unwrap().credential;
        assert_eq!(issued.server, name("host/server.far.example@FAR.EXAMPLE"));
        assert_eq!(world.kdc.ticket_requests(), requests);
    }
}

#[tokio::test]
async fn a_realm_that_is_named_or_configured_is_gone_to_at_once() {
    let world = by_realm("FAR.EXAMPLE");
    let named = name("host/server.far.example@FAR.EXAMPLE");
    assert_eq!(world.alice().ticket(&named).await.unwrap().credential.server, named);
    assert_eq!(world.kdc.ticket_requests(), 2);

    let file = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("domain_realm.conf");
    std::fs::write(&file, "[domain_realm]\n .far.example = FAR.EXAMPLE\n").unwrap();
    let environment = Environment::new().with_config(&file);
    let config = Arc::new(Config::load(&environment).unwrap());
    let transport = Arc::new(world.kdc.clone());
    let tickets = Tickets::new(by_password(ALICE, PASSWORD), transport, config, Options::default())
        .with_clock(world.clock.clock());
    assert_eq!(tickets.ticket(&name(FAR)).await.unwrap().credential.server, named);
    assert_eq!(world.kdc.ticket_requests(), 4);
}

#[tokio::test]
async fn a_forwardable_ticket_is_forwarded() {
    let world = World::with([]);
    let options = Options { forwardable: true, ..Options::default() };
    let tickets = world.of(ALICE, PASSWORD, options);
    let forwarded = tickets.forwarded().await.unwrap();
    assert_eq!((&forwarded.server, &forwarded.client), (&name(GRANTING), &name(ALICE)));
    let flags = TicketFlags::FORWARDED.union(TicketFlags::FORWARDABLE);
    assert!(forwarded.flags.contains(flags));
    let request = TgsReq::parse(world.kdc.requests().last().unwrap()).unwrap().0.req_body;
    assert!(request.kdc_options.contains(KdcOptions::FORWARDED));

    // A KDC that does not do it is not believed to have done it.
    world.kdc.tamper(Tamper::Part(Box::new(|part| part.flags = TicketFlags::FORWARDABLE)));
    assert!(matches!(tickets.forwarded().await.unwrap_err(), Error::Delegation(_)));
}

#[tokio::test]
async fn a_ticket_that_is_not_forwardable_stays_here() {
    let world = World::with([]);
    match world.alice().forwarded().await.unwrap_err() {
        Error::Delegation(why) => assert!(why.contains("kinit -f"), "{why}"),
        other => panic!("{other:?}"),
    }
    assert_eq!(world.kdc.ticket_requests(), 0);
}

#[tokio::test]
async fn a_service_that_is_trusted_for_delegation_is_told_so() {
    let world = World::with([Account::service("host/trusted").trusted_for_delegation()]);
    let tickets = world.alice();
    for (service, trusted) in [("host/trusted", true), (HOST, false)] {
        let issued = tickets.ticket(&name(service)).await.unwrap().credential;
        assert_eq!(issued.flags.contains(TicketFlags::OK_AS_DELEGATE), trusted);
    }
}
