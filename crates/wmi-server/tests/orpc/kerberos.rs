//! Who gets in by Kerberos, by itself and within SPNEGO.

use std::sync::{Arc, Mutex};

use futures_core::future::BoxFuture;
use winreach_auth::kerberos::{Key, Source};
use winreach_auth::{AuthLevel, AuthType, Initiator, InitiatorSource, Step, ntlm, spnego};
use winreach_auth::{Credentials, Error as AuthError, Sid};
use winreach_dcom::client::Options;
use winreach_kerberos::client::{Options as TicketOptions, Origin, Secret, Tickets};
use winreach_kerberos::crypto::KeyUsage;
use winreach_kerberos::messages::{
    EncTicketPart, EncryptedData, KdcRep, Message as _, OpaqueTicket, Ticket,
};
use winreach_test_kdc::pac::{ENABLED, Rights};
use winreach_test_kdc::{Account, Realm, Tamper, TestClock, TestKdc};
use winreach_wmi_server::ServerBuilder;
use winreach_wmi_server::accounts::{AccountSet, Permit};

use crate::client::*;
use crate::house::{House, house_with};
use crate::log::Log;

const SERVICE: &str = "RPCSS/server";
const DOMAIN: &str = "S-1-5-21-1-2-3";
/// A group of that domain, and one that only its controllers know.
const READERS: &str = "S-1-5-21-1-2-3-1104";
const OTHERS: &str = "S-1-5-21-1-2-3-1105";

/// A realm with alice and bob in it, of whom alice is a reader.
struct Domain {
    kdc: TestKdc,
    clock: TestClock,
}

fn rights(user: &str, rid: u32, groups: &[u32]) -> Rights {
    Rights {
        user: user.to_owned(),
        domain: "EXAMPLE".to_owned(),
        domain_sid: DOMAIN.parse().unwrap(),
        rid,
        groups: groups.iter().map(|rid| (*rid, ENABLED)).collect(),
        extra: Vec::new(),
        resource: None,
    }
}

impl Domain {
    fn new() -> Self {
        let clock = TestClock::default();
        let realm = Realm::new("EXAMPLE.COM")
            .with(Account::user("alice", PASSWORD).with_rights(rights("alice", 1001, &[513, 1104])))
            .with(Account::user("bob", PASSWORD).with_rights(rights("bob", 1002, &[513])))
            .with(Account::service(SERVICE));
        Self { kdc: TestKdc::new([realm]).with_clock(clock.clock()), clock }
    }

    /// Lets in those on a list, beside alice and bob with their passwords.
    fn house(&self, list: &[&str]) -> House {
        self.house_with(list, |server| server)
    }

    fn house_with(
        &self,
        list: &[&str],
        change: impl FnOnce(ServerBuilder) -> ServerBuilder,
    ) -> House {
        let mut accounts = accounts();
        list.iter().for_each(|entry| permit(&mut accounts, entry));
        let keytab = self.kdc.keytab(&[&format!("{SERVICE}@EXAMPLE.COM")]);
        house_with(|server| {
            let server = server.accounts(accounts).keytab(Arc::new(keytab));
            change(server.clock(self.clock.clock()))
        })
    }

    /// The Kerberos of somebody with the password.
    fn source(&self, user: &str) -> Source {
        let client = format!("{user}@EXAMPLE.COM").parse().unwrap();
        let origin = Origin::Logon { client, secret: Secret::Password(PASSWORD.into()) };
        let kdc = Arc::new(self.kdc.clone());
        let tickets = Tickets::new(origin, kdc, Arc::default(), TicketOptions::default());
        Source::new(Arc::new(tickets.with_clock(self.clock.clock())))
            .with_service(SERVICE.parse().unwrap())
    }
}

fn permit(accounts: &mut AccountSet, entry: &str) {
    let permit = match entry.parse::<Sid>() {
        Ok(sid) => Permit::Group(sid),
        Err(_) => Permit::Principal(entry.parse().unwrap()),
    };
    accounts.permit(permit);
}

fn as_somebody(house: &House, source: impl InitiatorSource + 'static) -> Options {
    Options {
        initiators: Arc::new(source),
        ..options(house.server.connector(), "nobody", "nothing")
    }
}

/// Whether somebody gets rows, and what the server writes about it.
async fn knock(house: &House, source: impl InitiatorSource + 'static) -> (bool, String) {
    let (log, _guard) = Log::start();
    let outcome = activate(as_somebody(house, source)).await;
    if let Ok(login) = &outcome {
        let response = call(login, &login_request(Some(r"root\cimv2"))).await;
        let services = adopt(login, response);
        query(&services, "SELECT * FROM Acme_Lamp", FORWARD).await;
    }
    (outcome.is_ok(), log.text())
}

async fn assert_let_in(house: &House, source: impl InitiatorSource + 'static, told: &str) {
    let (is_in, log) = knock(house, source).await;
    assert!(is_in, "{log}");
    assert!(log.lines().any(|line| line.contains("logged on") && line.contains(told)), "{log}");
    assert!(!log.contains("refused"), "{log}");
}

async fn assert_refused(house: &House, source: impl InitiatorSource + 'static, told: &str) {
    let (is_in, log) = knock(house, source).await;
    assert!(!is_in, "{log}");
    assert!(log.contains(told), "{log}");
    assert!(!log.contains("logged on"), "{log}");
}

#[tokio::test]
async fn a_listed_principal_is_let_in_whatever_the_case_of_its_name() {
    let domain = Domain::new();
    for listed in ["alice@EXAMPLE.COM", "ALICE@EXAMPLE.COM"] {
        let told = r#"account="alice@EXAMPLE.COM" mechanism=Kerberos sids=3"#;
        assert_let_in(&domain.house(&[listed]), domain.source("alice"), told).await;
    }
}

#[tokio::test]
async fn a_member_of_a_listed_group_is_let_in_and_so_is_a_listed_account() {
    let domain = Domain::new();
    for (listed, user) in [(READERS, "alice"), ("S-1-5-21-1-2-3-1002", "bob")] {
        assert_let_in(&domain.house(&[listed]), domain.source(user), user).await;
    }
}

#[tokio::test]
async fn nobody_else_of_the_realm_is_let_in() {
    let domain = Domain::new();
    let lists: [&[&str]; 4] =
        [&[], &["alice@EXAMPLE.COM", READERS], &["bob@example.com", "bob@OTHER"], &[OTHERS]];
    for list in lists {
        let told = r#"logon denied: \"bob@EXAMPLE.COM\" may not log on here"#;
        assert_refused(&domain.house(list), domain.source("bob"), told).await;
    }
}

#[tokio::test]
async fn integrity_and_privacy_both_work() {
    let domain = Domain::new();
    let house = domain.house(&["alice@EXAMPLE.COM"]);
    for level in [AuthLevel::Integrity, AuthLevel::Privacy] {
        let options = at_level(as_somebody(&house, domain.source("alice")), level);
        let services = services_of(options).await;
        query(&services, "SELECT * FROM Acme_Lamp", FORWARD).await;
    }
    let options = at_level(as_somebody(&house, domain.source("alice")), AuthLevel::Connect);
    assert!(activate(options).await.is_err());
}

#[tokio::test]
async fn two_callers_have_security_contexts_of_their_own() {
    let domain = Domain::new();
    let house = domain.house(&["alice@EXAMPLE.COM", "bob@EXAMPLE.COM"]);
    let alice = services_of(as_somebody(&house, domain.source("alice"))).await;
    let bob = services_of(as_somebody(&house, domain.source("bob"))).await;
    for _ in 0..3 {
        query(&alice, "SELECT * FROM Acme_Lamp", FORWARD).await;
        query(&bob, "SELECT * FROM Acme_Lamp", FORWARD).await;
    }
}

#[tokio::test]
async fn a_ticket_under_another_key_is_refused() {
    let (domain, other) = (Domain::new(), Domain::new());
    let house = other.house(&["alice@EXAMPLE.COM"]);
    let told = "the ticket is under another key, or was changed";
    assert_refused(&house, domain.source("alice"), told).await;
}

#[tokio::test]
async fn an_expired_ticket_is_refused() {
    let domain = Domain::new();
    let later = domain.clock.ahead(365 * 24 * 3600);
    let house = domain.house_with(&["alice@EXAMPLE.COM"], |server| server.clock(later));
    assert_refused(&house, domain.source("alice"), "it has expired").await;
}

#[tokio::test]
async fn a_clock_that_is_wrong_is_refused() {
    let domain = Domain::new();
    let clock = domain.clock.ahead(301);
    let house = domain.house_with(&["alice@EXAMPLE.COM"], |server| server.clock(clock));
    let told = "the client's clock is 301 s behind that of this machine";
    assert_refused(&house, domain.source("alice"), told).await;
}

/// Whoever listens: keeps the first token of another, and sends it again.
#[derive(Clone)]
struct Eavesdropper {
    victim: Source,
    heard: Arc<Mutex<Option<Vec<u8>>>>,
}

struct Ear {
    victim: Box<dyn Initiator>,
    heard: Arc<Mutex<Option<Vec<u8>>>>,
}

impl InitiatorSource for Eavesdropper {
    fn initiator<'a>(
        &'a self,
        spn: &'a str,
        level: AuthLevel,
    ) -> BoxFuture<'a, Result<Box<dyn Initiator>, AuthError>> {
        Box::pin(async move {
            let victim = self.victim.initiator(spn, level).await?;
            Ok(Box::new(Ear { victim, heard: Arc::clone(&self.heard) }) as Box<dyn Initiator>)
        })
    }
}

impl Initiator for Ear {
    fn auth_type(&self) -> AuthType {
        AuthType::Kerberos
    }

    fn step(&mut self, input: Option<&[u8]>) -> Result<Step, AuthError> {
        let step = self.victim.step(input)?;
        match (input, &step.token) {
            (None, Some(token)) => {
                let said = self.heard.lock().unwrap().get_or_insert_with(|| token.clone()).clone();
                Ok(Step::reply(said))
            }
            _ => Ok(step),
        }
    }
}

#[tokio::test]
async fn what_was_shown_on_one_connection_is_refused_on_another() {
    let domain = Domain::new();
    let house = domain.house(&["alice@EXAMPLE.COM"]);
    let heard = Arc::default();
    let first = Eavesdropper { victim: domain.source("alice"), heard: Arc::clone(&heard) };
    activate(as_somebody(&house, first)).await.unwrap();
    let again = Eavesdropper { victim: domain.source("alice"), heard };
    assert_refused(&house, again, "the request is a replay").await;
}

/// Puts a frame around its request, as impacket and aiowmi do within SPNEGO.
struct Framing(Source);

struct Framed(Box<dyn Initiator>);

impl InitiatorSource for Framing {
    fn initiator<'a>(
        &'a self,
        spn: &'a str,
        level: AuthLevel,
    ) -> BoxFuture<'a, Result<Box<dyn Initiator>, AuthError>> {
        Box::pin(async move {
            Ok(Box::new(Framed(self.0.initiator(spn, level).await?)) as Box<dyn Initiator>)
        })
    }
}

impl Initiator for Framed {
    fn auth_type(&self) -> AuthType {
        AuthType::Kerberos
    }

    fn step(&mut self, input: Option<&[u8]>) -> Result<Step, AuthError> {
        const AP_REP: u8 = 0x6F;
        assert!(input.is_none_or(|answer| answer[0] == AP_REP), "the answer goes bare");
        let step = self.0.step(input)?;
        let (None, Some(request)) = (input, &step.token) else { return Ok(step) };
        let oid_and_kind = b"\x06\x09\x2A\x86\x48\x86\xF7\x12\x01\x02\x02\x01\x00";
        let length = u16::try_from(oid_and_kind.len() + request.len()).unwrap().to_be_bytes();
        Ok(Step::reply([&[0x60, 0x82], &length[..], oid_and_kind, request].concat()))
    }
}

#[tokio::test]
async fn a_request_in_a_frame_is_answered_without_one() {
    let domain = Domain::new();
    let house = domain.house(&["alice@EXAMPLE.COM"]);
    assert_let_in(&house, Framing(domain.source("alice")), "mechanism=Kerberos").await;
    let negotiated = spnego::Source::new().with_kerberos(Arc::new(Framing(domain.source("alice"))));
    assert_let_in(&house, negotiated, "mechanism=Kerberos").await;
}

/// Changes what only the service can read of its tickets.
fn forge(domain: &Domain, change: impl Fn(&mut EncTicketPart) + Send + Sync + 'static) {
    let keytab = domain.kdc.keytab(&[&format!("{SERVICE}@EXAMPLE.COM")]);
    domain.kdc.tamper(Tamper::Reply(Box::new(move |reply: &mut KdcRep| {
        let mut ticket: Ticket = reply.ticket.open().unwrap();
        let keys: Vec<Key> = winreach_auth::kerberos::KeySource::keys(
            &keytab,
            &SERVICE.parse().unwrap(),
            ticket.enc_part.etype,
            None,
        );
        for key in keys {
            let Ok(part) = ticket.enc_part.open(&key, KeyUsage::TICKET) else { continue };
            let mut part = EncTicketPart::parse(&part).unwrap();
            change(&mut part);
            let kvno = ticket.enc_part.kvno;
            let sealed =
                EncryptedData::seal(&key, KeyUsage::TICKET, &part.to_bytes().unwrap()).unwrap();
            ticket.enc_part = EncryptedData { kvno, ..sealed };
            reply.ticket =
                OpaqueTicket::parse_whole("Ticket", &ticket.to_bytes().unwrap()).unwrap();
            return;
        }
    })));
}

#[tokio::test]
async fn a_changed_certificate_of_rights_is_refused() {
    let domain = Domain::new();
    // Bob, by changing his 513 into 1104.
    forge(&domain, |part| {
        let data = part.authorization_data.as_mut().unwrap();
        let bytes = data[0].ad_data.as_bytes().to_vec();
        let from = 513_u32.to_le_bytes();
        let at = bytes.windows(4).rposition(|window| window == from).unwrap();
        let mut forged = bytes;
        forged[at..at + 4].copy_from_slice(&1104_u32.to_le_bytes());
        data[0].ad_data = der::asn1::OctetString::new(forged).unwrap();
    });
    let house = domain.house(&[READERS, "bob@EXAMPLE.COM"]);
    let told = "the privilege attribute certificate cannot be trusted";
    assert_refused(&house, domain.source("bob"), told).await;
}

/// Asks the mechanism for less than the connection is to have.
struct Lowered(Source);

impl InitiatorSource for Lowered {
    fn initiator<'a>(
        &'a self,
        spn: &'a str,
        _level: AuthLevel,
    ) -> BoxFuture<'a, Result<Box<dyn Initiator>, AuthError>> {
        self.0.initiator(spn, AuthLevel::Integrity)
    }
}

#[tokio::test]
async fn privacy_takes_a_client_that_asks_for_it() {
    let domain = Domain::new();
    let house = domain.house(&["alice@EXAMPLE.COM"]);
    let told = "the client does not ask for protection that the service insists on";
    assert_refused(&house, Lowered(domain.source("alice")), told).await;
}

fn by_ntlm() -> ntlm::Source {
    ntlm::Source::new(Credentials::new("alice", PASSWORD.into()))
}

#[tokio::test]
async fn clients_negotiate_either_mechanism() {
    let domain = Domain::new();
    let house = domain.house(&["alice@EXAMPLE.COM"]);
    let kerberos = spnego::Source::new().with_kerberos(Arc::new(domain.source("alice")));
    assert_let_in(&house, kerberos, r#"account="alice@EXAMPLE.COM" mechanism=Kerberos sids=3"#)
        .await;
    let ntlm = spnego::Source::new().with_ntlm(Arc::new(by_ntlm()));
    assert_let_in(&house, ntlm, r#"account="alice" mechanism=NTLM sids=0"#).await;
    let both = spnego::Source::new()
        .with_kerberos(Arc::new(domain.source("alice")))
        .with_ntlm(Arc::new(by_ntlm()))
        .ntlm_first();
    assert_let_in(&house, both, r#"account="alice" mechanism=NTLM"#).await;
    let bob = spnego::Source::new().with_kerberos(Arc::new(domain.source("bob")));
    assert_refused(&house, bob, r#"logon denied: \"bob@EXAMPLE.COM\""#).await;
}

#[tokio::test]
async fn a_wrong_password_within_spnego_is_told_with_the_account() {
    let house = house_with(|server| server);
    let wrong = ntlm::Source::new(Credentials::new("mallory\nFORGED", "wrong".into()));
    let wrong = spnego::Source::new().with_ntlm(Arc::new(wrong));
    assert_refused(&house, wrong, r#"account="mallory\nFORGED" mechanism=SPNEGO"#).await;
}

#[tokio::test]
async fn ntlm_can_be_switched_off() {
    let domain = Domain::new();
    let house = domain.house_with(&["alice@EXAMPLE.COM"], ServerBuilder::without_ntlm);
    let (is_in, log) = knock(&house, by_ntlm()).await;
    assert!(!is_in, "{log}");
    let negotiated = spnego::Source::new().with_ntlm(Arc::new(by_ntlm()));
    assert_refused(&house, negotiated, "no common mechanism: the client offers NTLM").await;
    let both = spnego::Source::new()
        .with_kerberos(Arc::new(domain.source("alice")))
        .with_ntlm(Arc::new(by_ntlm()));
    assert_let_in(&house, both, "mechanism=Kerberos").await;
}

#[tokio::test]
async fn without_a_keytab_there_is_no_kerberos_and_ntlm_can_be_negotiated() {
    let domain = Domain::new();
    let house = house_with(|server| server);
    let (is_in, log) = knock(&house, domain.source("alice")).await;
    assert!(!is_in, "{log}");
    let ntlm = spnego::Source::new().with_ntlm(Arc::new(by_ntlm()));
    assert_let_in(&house, ntlm, "mechanism=NTLM").await;
}
