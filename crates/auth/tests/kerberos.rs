//! Kerberos as a mechanism: both sides of the traits, against the KDC of `winreach-test-kdc`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test"
)]

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::sync::Arc;

use winreach_auth::kerberos::{
    AcceptorPolicy, Authenticator, KerberosError, LiveKeytab, Principal, Source,
};
use winreach_auth::{
    Acceptor, AuthLevel, AuthType, Authenticator as _, Error, Established, Identity,
    ImpersonationLevel, Initiator, InitiatorSource as _, Pdu, SecurityContext,
};
use winreach_kerberos::ap::Refusal;
use winreach_kerberos::client::{Options, Origin, Secret, Tickets};
use winreach_kerberos::crypto::{EncryptionType, Key};
use winreach_kerberos::messages::{
    ErrorCode, KerberosString, KerberosTime, KrbError, Message as _, PrincipalName,
};
use winreach_kerberos::protection::ProtectionError;
use winreach_test_kdc::pac::{DENY_ONLY, ENABLED, Rights};
use winreach_test_kdc::{Account, Realm, TestClock, TestKdc};

const HOST: &str = "host/server.example.com";
const LEVELS: [AuthLevel; 4] =
    [AuthLevel::Connect, AuthLevel::Packet, AuthLevel::Integrity, AuthLevel::Privacy];

fn name(text: &str) -> Principal {
    text.parse().unwrap()
}

/// Somebody with a key: making one of a password takes its time.
fn alice() -> Account {
    Account::user("alice", "").with_keys(vec![alice_key()])
}

fn alice_key() -> Key {
    Key::new(EncryptionType::Aes256CtsHmacSha1, &[7; 32]).unwrap()
}

/// A KDC, a client and a server.
struct World {
    clock: TestClock,
    kdc: TestKdc,
}

impl World {
    fn new(accounts: impl IntoIterator<Item = Account>) -> Self {
        let clock = TestClock::default();
        let realm = accounts.into_iter().fold(Realm::new("EXAMPLE.COM"), Realm::with);
        Self { kdc: TestKdc::new([realm]).with_clock(clock.clock()), clock }
    }

    /// With a service that has one type of key.
    fn of(etype: EncryptionType) -> Self {
        Self::new([alice(), Account::service(HOST).with_etypes(&[etype])])
    }

    fn plain() -> Self {
        Self::of(EncryptionType::Aes256CtsHmacSha1)
    }

    fn tickets(&self, options: Options) -> Arc<Tickets> {
        let secret = Secret::Keys(vec![alice_key()]);
        let origin = Origin::Logon { client: name("alice@EXAMPLE.COM"), secret };
        let transport = Arc::new(self.kdc.clone());
        let tickets = Tickets::new(origin, transport, Arc::default(), options);
        Arc::new(tickets.with_clock(self.clock.clock()))
    }

    fn source(&self) -> Source {
        Source::new(self.tickets(Options::default().with_rc4()))
    }

    fn server(&self) -> Authenticator {
        let keytab = self.kdc.keytab(&["host/server.example.com@EXAMPLE.COM"]);
        Authenticator::new(Arc::new(keytab)).with_clock(self.clock.clock())
    }
}

async fn initiator(source: &Source, level: AuthLevel) -> Result<Box<dyn Initiator>, Error> {
    source.initiator(HOST, level).await
}

fn acceptor(server: &Authenticator, level: AuthLevel) -> Box<dyn Acceptor> {
    server.acceptor(AuthType::Kerberos, level).unwrap()
}

/// The three legs; the client's end and the server's.
async fn establish(
    source: &Source,
    server: &Authenticator,
    level: AuthLevel,
) -> Result<(Established, Established), Error> {
    let mut initiator = initiator(source, level).await?;
    let mut acceptor = acceptor(server, level);
    let request = initiator.step(None)?;
    assert!(request.established.is_none());
    let answer = acceptor.step(&request.token.unwrap())?;
    assert!(answer.established.is_none());
    let last = initiator.step(Some(&answer.token.unwrap()))?;
    let done = acceptor.step(&last.token.unwrap())?;
    assert!(done.token.is_none());
    Ok((last.established.unwrap(), done.established.unwrap()))
}

/// What Kerberos says of a failure.
#[track_caller]
fn kerberos(error: Error) -> KerberosError {
    match error {
        Error::Kerberos(failure) => KerberosError::clone(&failure),
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn refusal<T>(outcome: Result<T, Error>) -> Refusal {
    match kerberos(outcome.err().expect("refused")) {
        KerberosError::Unacceptable(refusal) => refusal,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn both_sides_know_who_the_client_is() {
    let world = World::plain();
    for level in LEVELS {
        let (client, server) = establish(&world.source(), &world.server(), level).await.unwrap();
        let alice = Identity::new(AuthType::Kerberos, "EXAMPLE.COM", "alice");
        assert_eq!((&client.identity, &server.identity), (&alice, &alice));
        assert!(client.mutual);
    }
    for level in [ImpersonationLevel::Identify, ImpersonationLevel::Impersonate] {
        let source = world.source().with_impersonation(level);
        let (client, server) =
            establish(&source, &world.server(), AuthLevel::Integrity).await.unwrap();
        let told = (client.identity.impersonation, server.identity.impersonation);
        assert_eq!(told, (level, level));
    }
}

#[tokio::test]
async fn the_server_learns_the_identifiers_that_the_domain_controller_vouches_for() {
    let rights = Rights {
        user: "alice".to_owned(),
        domain: "EXAMPLE".to_owned(),
        domain_sid: "S-1-5-21-1-2-3".parse().unwrap(),
        rid: 1104,
        groups: vec![(513, ENABLED), (512, ENABLED | DENY_ONLY)],
        extra: vec![("S-1-5-32-544".parse().unwrap(), ENABLED)],
        resource: None,
    };
    let world = World::new([alice().with_rights(rights), Account::service(HOST)]);
    let ends = establish(&world.source(), &world.server(), AuthLevel::Privacy).await;
    let identity = ends.unwrap().1.identity;
    assert_eq!(identity.sid, Some("S-1-5-21-1-2-3-1104".parse().unwrap()));
    let groups: Vec<String> = identity.groups.iter().map(ToString::to_string).collect();
    assert_eq!(groups, ["S-1-5-21-1-2-3-513", "S-1-5-32-544"]);
}

/// A message on the wire.
#[derive(Clone)]
struct Sent {
    header: [u8; 24],
    body: Vec<u8>,
    trailer: [u8; 8],
    token: Vec<u8>,
}

type Context = Box<dyn SecurityContext>;

fn send(context: &mut Context, level: AuthLevel, sign_header: bool, number: u8) -> Sent {
    let mut sent = Sent {
        header: [number; 24],
        body: vec![number ^ 0x55; 40],
        trailer: [number ^ 0xAA; 8],
        token: vec![0; context.token_len(level)],
    };
    let Sent { header, body, trailer, token } = &mut sent;
    let pdu = Pdu { header, body, trailer, sign_header };
    context.protect(level, pdu, token).unwrap();
    sent
}

fn receive(
    context: &mut Context,
    level: AuthLevel,
    sign_header: bool,
    mut sent: Sent,
) -> Result<Vec<u8>, Error> {
    let Sent { header, body, trailer, token } = &mut sent;
    let pdu = Pdu { header, body, trailer, sign_header };
    context.unprotect(level, pdu, token)?;
    Ok(sent.body)
}

/// The contexts of both sides.
async fn contexts(world: &World, level: AuthLevel) -> (Context, Context) {
    let (client, server) = establish(&world.source(), &world.server(), level).await.unwrap();
    (client.context, server.context)
}

/// Every level that protects messages, with and without the signature of headers.
fn ways() -> impl Iterator<Item = (EncryptionType, AuthLevel, bool)> {
    EncryptionType::ALL.into_iter().flat_map(|etype| {
        [AuthLevel::Packet, AuthLevel::Integrity, AuthLevel::Privacy].into_iter().flat_map(
            move |level| [true, false].map(move |sign_header| (etype, level, sign_header)),
        )
    })
}

#[tokio::test]
async fn messages_go_both_ways_and_are_sealed_where_they_should_be() {
    for (etype, level, sign_header) in ways() {
        let (mut client, mut server) = contexts(&World::of(etype), level).await;
        for number in 0..5 {
            for forth in [true, false] {
                let (from, to) =
                    if forth { (&mut client, &mut server) } else { (&mut server, &mut client) };
                let plain = vec![number ^ 0x55; 40];
                let sent = send(from, level, sign_header, number);
                assert_eq!(sent.body != plain, level == AuthLevel::Privacy, "{etype} {level}");
                assert_eq!(receive(to, level, sign_header, sent).unwrap(), plain);
            }
        }
    }
}

#[tokio::test]
async fn messages_at_level_connect_carry_no_token() {
    let level = AuthLevel::Connect;
    let (mut client, mut server) = contexts(&World::plain(), level).await;
    let sent = send(&mut client, level, true, 1);
    assert!(sent.token.is_empty());
    assert!(receive(&mut server, level, true, sent.clone()).is_ok());
    let more = Sent { token: vec![0], ..sent };
    let error = receive(&mut server, level, true, more).unwrap_err();
    assert_eq!(error, Error::TokenLength { expected: 0, actual: 1 });
}

#[tokio::test]
async fn a_message_that_is_replayed_lost_reordered_or_sent_back_is_refused() {
    for (etype, level, sign_header) in ways() {
        let world = World::of(etype);
        let sequence = |outcome: Result<Vec<u8>, Error>| {
            let error = outcome.unwrap_err();
            let is_sequence = matches!(error, Error::Protection(ProtectionError::Sequence { .. }));
            assert!(is_sequence, "{etype} {level}: {error}");
        };
        let (mut client, mut server) = contexts(&world, level).await;
        let first = send(&mut client, level, sign_header, 1);
        receive(&mut server, level, sign_header, first.clone()).unwrap();
        sequence(receive(&mut server, level, sign_header, first));

        let (mut client, mut server) = contexts(&world, level).await;
        send(&mut client, level, sign_header, 1);
        let second = send(&mut client, level, sign_header, 2);
        sequence(receive(&mut server, level, sign_header, second));

        let (mut client, _) = contexts(&world, level).await;
        let own = send(&mut client, level, sign_header, 1);
        let error = receive(&mut client, level, sign_header, own).unwrap_err();
        assert!(matches!(error, Error::Protection(_)), "{etype} {level}: {error}");
    }
}

#[tokio::test]
async fn a_message_of_another_context_is_refused() {
    for (etype, level, sign_header) in ways() {
        let world = World::of(etype);
        let (mut client, _) = contexts(&world, level).await;
        let (_, mut server) = contexts(&world, level).await;
        let sent = send(&mut client, level, sign_header, 1);
        let error = receive(&mut server, level, sign_header, sent).unwrap_err();
        assert!(matches!(error, Error::Protection(ProtectionError::Checksum)), "{error}");
    }
}

#[tokio::test]
async fn a_changed_message_is_refused() {
    for (etype, level, sign_header) in ways() {
        let (mut client, mut server) = contexts(&World::of(etype), level).await;
        let honest = send(&mut client, level, sign_header, 1);
        let mut accepted = |change: &dyn Fn(&mut Sent)| {
            let mut sent = honest.clone();
            change(&mut sent);
            receive(&mut server, level, sign_header, sent).is_ok()
        };
        for at in 0..honest.body.len() {
            assert!(!accepted(&|sent| sent.body[at] ^= 1), "{etype} {level}, body {at}");
        }
        for at in 0..honest.token.len() {
            assert!(!accepted(&|sent| sent.token[at] ^= 1), "{etype} {level}, token {at}");
            assert!(!accepted(&|sent| sent.token.truncate(at)), "{etype} {level}, cut at {at}");
        }
        if sign_header {
            for at in 0..honest.header.len() {
                assert!(!accepted(&|sent| sent.header[at] ^= 1), "{etype} {level}, header {at}");
            }
            for at in 0..honest.trailer.len() {
                assert!(!accepted(&|sent| sent.trailer[at] ^= 1), "{etype} {level}, trailer {at}");
            }
            assert!(accepted(&|_| {}), "{etype} {level}");
        } else {
            assert!(accepted(&|sent| (sent.header, sent.trailer) = ([0; 24], [0; 8])));
        }
    }
}

#[tokio::test]
async fn lists_of_mechanisms_are_signed_before_the_first_message() {
    for etype in EncryptionType::ALL {
        for level in LEVELS {
            let world = World::of(etype);
            let (mut client, mut server) = contexts(&world, level).await;
            let mic = client.sign_mechanisms(b"a list").unwrap();
            server.verify_mechanisms(b"a list", &mic).unwrap();
            let mic = server.sign_mechanisms(b"a list").unwrap();
            client.verify_mechanisms(b"a list", &mic).unwrap();
            let sent = send(&mut client, level, true, 1);
            receive(&mut server, level, true, sent).unwrap();

            let (mut client, mut server) = contexts(&world, level).await;
            let mic = client.sign_mechanisms(b"a list").unwrap();
            assert!(server.verify_mechanisms(b"another", &mic).is_err());
            assert!(server.verify_mechanisms(b"a list", &[]).is_err());
        }
    }
}

#[tokio::test]
async fn a_token_must_have_the_length_of_its_level() {
    for (etype, level, sign_header) in ways() {
        let (mut client, _) = contexts(&World::of(etype), level).await;
        let expected = client.token_len(level);
        for actual in [0, expected - 1, expected + 1] {
            let (header, mut body, trailer) = ([0; 24], [0; 8], [0; 8]);
            let pdu = Pdu { header: &header, body: &mut body, trailer: &trailer, sign_header };
            let error = client.protect(level, pdu, &mut vec![0; actual]).unwrap_err();
            assert_eq!(error, Error::TokenLength { expected, actual });
        }
    }
}

#[tokio::test]
async fn tokens_out_of_turn_are_refused() {
    let world = World::plain();
    let level = AuthLevel::Integrity;
    let out_of_turn = |outcome: Result<_, Error>| {
        assert!(matches!(outcome.err(), Some(Error::OutOfTurn(_))));
    };
    let mut eager = initiator(&world.source(), level).await.unwrap();
    out_of_turn(eager.step(Some(b"")).map(drop));
    let mut client = initiator(&world.source(), level).await.unwrap();
    let request = client.step(None).unwrap().token.unwrap();
    out_of_turn(client.step(None).map(drop));

    let mut client = initiator(&world.source(), level).await.unwrap();
    let request = client.step(None).map(|_| request).unwrap();
    let mut server = acceptor(&world.server(), level);
    assert!(server.step(&request).is_ok());
    assert!(server.step(&request).is_err());
    out_of_turn(server.step(&request).map(drop));
    assert!(client.step(Some(b"nonsense")).is_err());
    out_of_turn(client.step(Some(b"")).map(drop));
}

#[tokio::test]
async fn a_request_serves_one_exchange_of_all_that_share_the_memory() {
    let world = World::plain();
    let mut client = initiator(&world.source(), AuthLevel::Integrity).await.unwrap();
    let request = client.step(None).unwrap().token.unwrap();
    let server = world.server();
    assert!(acceptor(&server, AuthLevel::Integrity).step(&request).is_ok());
    let again = acceptor(&server.clone(), AuthLevel::Integrity).step(&request);
    assert_eq!(refusal(again), Refusal::Replay);
}

#[tokio::test]
async fn a_server_takes_what_it_is_there_for() {
    let world = World::plain();
    let server = world.server();
    for other in [AuthType::Ntlm, AuthType::Spnego, AuthType::None] {
        assert!(server.acceptor(other, AuthLevel::Privacy).is_none());
    }
    assert!(server.acceptor(AuthType::Kerberos, AuthLevel::None).is_none());
    // Who asks for signatures alone gets no seals.
    let mut client = initiator(&world.source(), AuthLevel::Integrity).await.unwrap();
    let request = client.step(None).unwrap().token.unwrap();
    let refused = acceptor(&server, AuthLevel::Privacy).step(&request);
    assert!(matches!(refusal(refused), Refusal::Flags(flags) if flags & 0x10 == 0));
}

#[tokio::test]
async fn channels_can_be_bound() {
    let world = World::plain();
    let policy = AcceptorPolicy { channel_bindings: Some([7; 16]), ..AcceptorPolicy::default() };
    let server = world.server().with_policy(policy);
    let bound = |hash| world.source().with_channel_binding(hash);
    assert!(establish(&bound([7; 16]), &server, AuthLevel::Privacy).await.is_ok());
    for source in [bound([8; 16]), world.source()] {
        let refused = establish(&source, &server, AuthLevel::Privacy).await;
        assert_eq!(refusal(refused), Refusal::ChannelBinding);
    }
}

#[tokio::test]
async fn delegation_takes_a_forwardable_ticket_and_a_trusted_service() {
    let world = |host: Account| World::new([alice(), host]);
    let trusted = world(Account::service(HOST).trusted_for_delegation());
    let forwardable = Options { forwardable: true, ..Options::default() };
    let source = |world: &World, options: &Options| {
        Source::new(world.tickets(options.clone())).with_impersonation(ImpersonationLevel::Delegate)
    };
    let (client, server) =
        establish(&source(&trusted, &forwardable), &trusted.server(), AuthLevel::Privacy)
            .await
            .unwrap();
    assert_eq!(client.identity.impersonation, ImpersonationLevel::Delegate);
    assert_eq!(server.identity.impersonation, ImpersonationLevel::Delegate);

    let untrusted = world(Account::service(HOST));
    for (world, options, why) in [
        (&untrusted, &forwardable, "does not trust host/server.example.com@EXAMPLE.COM"),
        (&trusted, &Options::default(), "not forwardable"),
    ] {
        let refused = initiator(&source(world, options), AuthLevel::Privacy).await;
        match kerberos(refused.err().unwrap()) {
            KerberosError::Delegation(text) => assert!(text.contains(why), "{text}"),
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn what_names_no_account_or_no_service_is_refused_at_once() {
    let world = World::plain();
    let anonymous = world.source().with_impersonation(ImpersonationLevel::Anonymous);
    let refused = initiator(&anonymous, AuthLevel::Privacy).await;
    assert_eq!(refused.err(), Some(Error::AnonymousRefused));
    for spn in ["", "a@b@c", "host/x\\"] {
        let refused = world.source().initiator(spn, AuthLevel::Privacy).await;
        assert!(matches!(refused.err(), Some(Error::ServiceName { name, .. }) if name == spn));
    }
    assert!(world.kdc.requests().is_empty());
}

#[tokio::test]
async fn a_service_can_be_named_whatever_host_is_connected_to() {
    let world = World::plain();
    let source = world.source().with_service(name("host/server.example.com@EXAMPLE.COM"));
    let mut client = source.initiator("host/192.0.2.1", AuthLevel::Privacy).await.unwrap();
    let request = client.step(None).unwrap().token.unwrap();
    assert!(acceptor(&world.server(), AuthLevel::Privacy).step(&request).is_ok());
    let error = world.source().initiator("host/192.0.2.1", AuthLevel::Privacy).await.err().unwrap();
    assert_eq!(kerberos(error).code(), Some(ErrorCode::KDC_ERR_S_PRINCIPAL_UNKNOWN));
}

#[tokio::test]
async fn exchanges_go_by_the_clock_of_the_kdc() {
    let World { clock, kdc } = World::plain();
    let world = World { kdc: kdc.with_clock(clock.ahead(3600)), clock };
    let server = world.server().with_clock(world.clock.ahead(3600));
    assert!(establish(&world.source(), &server, AuthLevel::Privacy).await.is_ok());
    // A server whose clock is that of the client is astray then.
    let refused = establish(&world.source(), &world.server(), AuthLevel::Privacy).await;
    assert!(matches!(refusal(refused), Refusal::TicketTime(_)));
}

#[tokio::test]
async fn a_ticket_that_the_service_refuses_is_got_again() {
    let world = World::plain();
    let source = world.source();
    let error = KrbError {
        pvno: 5,
        msg_type: 30,
        ctime: None,
        cusec: None,
        stime: KerberosTime::of(world.clock.now()),
        susec: 0,
        error_code: ErrorCode::KRB_AP_ERR_MODIFIED.0,
        crealm: None,
        cname: None,
        realm: KerberosString("EXAMPLE.COM".to_owned()),
        sname: PrincipalName::from(&name(HOST)),
        e_text: None,
        e_data: None,
    };
    let mut client = initiator(&source, AuthLevel::Privacy).await.unwrap();
    client.step(None).unwrap();
    initiator(&source, AuthLevel::Privacy).await.unwrap();
    assert_eq!(world.kdc.ticket_requests(), 1);
    let refused = client.step(Some(&error.to_bytes().unwrap()));
    assert_eq!(kerberos(refused.err().unwrap()).code(), Some(ErrorCode::KRB_AP_ERR_MODIFIED));
    initiator(&source, AuthLevel::Privacy).await.unwrap();
    assert_eq!(world.kdc.ticket_requests(), 2);
}

#[tokio::test]
async fn a_keytab_is_read_again_when_it_has_changed() {
    let world =
        World::new([alice(), Account::service(HOST), Account::service("host/other.example.com")]);
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("live.keytab");
    let write = |accounts: &[&str]| {
        std::fs::write(&path, &*world.kdc.keytab(accounts).to_bytes().unwrap()).unwrap();
        std::fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
    };
    let (own, other) =
        ("host/server.example.com@EXAMPLE.COM", "host/other.example.com@EXAMPLE.COM");
    write(&[other]);
    let live = Arc::new(LiveKeytab::open(&path).unwrap());
    assert_eq!(live.principals(), [name(other)]);
    let server = Authenticator::new(live.clone()).with_clock(world.clock.clock());
    let log_on = || async { establish(&world.source(), &server, AuthLevel::Privacy).await };
    assert_eq!(refusal(log_on().await), Refusal::Integrity("the ticket"));
    write(&[other, own]);
    log_on().await.unwrap();
    assert_eq!(live.principals(), [name(other), name(own)]);
    // While it cannot be read nobody is let in; then all goes on.
    std::fs::write(&path, b"no keytab").unwrap();
    assert!(matches!(refusal(log_on().await), Refusal::NoKey(..)));
    std::fs::remove_file(&path).unwrap();
    assert!(matches!(refusal(log_on().await), Refusal::NoKey(..)));
    assert!(LiveKeytab::open(&path).is_err());
    write(&[own]);
    log_on().await.unwrap();
}
