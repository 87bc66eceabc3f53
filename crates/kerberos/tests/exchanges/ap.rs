//! Client and service: both halves, in every style, and whoever stands between them.

use std::time::{Duration, SystemTime};

use der::asn1::OctetString;
use winreach_kerberos::ap::{
    Acceptance, Acceptor, AcceptorPolicy, Initiator, InitiatorOptions, KeySource, Refusal,
    ReplayCache, Session,
};
use winreach_kerberos::credentials::{Keytab, RawKey, keytab::Entry};
use winreach_kerberos::crypto::{EncryptionType, Key, KeyUsage};
use winreach_kerberos::messages::{
    ApOptions, ApRep, ApReq, Authenticator, EncApRepPart, EncKrbCredPart, EncTicketPart,
    EncryptedData, GssChecksum, GssFlags, KerberosString, KerberosTime, KrbCred, KrbError,
    LooseU32, Message as _, OpaqueTicket, PrincipalName, TicketFlags, framed, unframed,
};

use super::flips::{changes, cut, flipped};
use super::*;

const DCE: GssFlags = GssFlags(0x103E);
const FRAMED: GssFlags = GssFlags(0x3E);
const ONE_WAY: GssFlags = GssFlags(0x3C);

/// A service with its keys.
struct Service {
    keys: Keytab,
    replays: ReplayCache,
    policy: AcceptorPolicy,
    now: SystemTime,
}

impl Service {
    fn new(world: &World) -> Self {
        Self {
            keys: world.kdc.keytab(&[HOST_IN_REALM]),
            replays: ReplayCache::default(),
            policy: AcceptorPolicy::default(),
            now: world.clock.now(),
        }
    }

    fn accept(&self, token: &[u8]) -> Result<(Acceptor, Option<Vec<u8>>), Error> {
        Acceptor::accept(token, &self.keys, &self.replays, &self.policy, self.now)
    }

    fn refusal(&self, token: &[u8]) -> Refusal {
        refusal(self.accept(token))
    }
}

fn refusal<T: std::fmt::Debug>(outcome: Result<T, Error>) -> Refusal {
    match outcome.unwrap_err() {
        Error::Unacceptable(refusal) => refusal,
        other => panic!("{other:?}"),
    }
}

fn start(world: &World, flags: GssFlags) -> (Initiator, Vec<u8>) {
    show(world, world.kdc.credential(ALICE, HOST_IN_REALM), flags)
}

fn show(world: &World, credential: Credential, flags: GssFlags) -> (Initiator, Vec<u8>) {
    let options = InitiatorOptions { flags, ..InitiatorOptions::default() };
    Initiator::start(credential, options, world.clock.now()).unwrap()
}

/// A whole exchange.
fn exchange(
    world: &World,
    service: &Service,
    credential: Credential,
    flags: GssFlags,
) -> (Session, Acceptance, Session) {
    let (initiator, token) = show(world, credential, flags);
    assert_eq!(unframed(&token).unwrap().is_none(), flags.contains(GssFlags::DCE_STYLE));
    let (acceptor, answer) = service.accept(&token).unwrap();
    assert_eq!(acceptor.awaits_client(), flags.contains(GssFlags::DCE_STYLE));
    let client = match &answer {
        None => initiator.finish_alone(),
        Some(answer) => {
            let (client, last) = initiator.finish(answer, world.clock.now()).unwrap();
            if let Some(last) = last {
                let (acceptance, server) = acceptor.finish(&last).unwrap();
                return (client, acceptance, server);
            }
            client
        }
    };
    let (acceptance, server) = acceptor.session();
    (client, acceptance, server)
}

/// Both sides understand each other from here on.
fn agree(client: &Session, server: &Session) {
    let (mut client, mut server) = (client.protection(), server.protection());
    for _ in 0..3 {
        let wrapped = client.wrap(b"question", true).unwrap();
        assert_eq!(server.unwrap(&wrapped).unwrap().message, b"question");
        let wrapped = server.wrap(b"answer", true).unwrap();
        assert_eq!(client.unwrap(&wrapped).unwrap().message, b"answer");
    }
}

#[test]
fn every_style_ends_in_an_agreement_under_every_type_of_key() {
    for etype in EncryptionType::ALL {
        let service = Account::service("host/only").with_etypes(&[etype]);
        let world = World::with([service]);
        let host = "host/only@EXAMPLE.COM";
        let service = Service { keys: world.kdc.keytab(&[host]), ..Service::new(&world) };
        for (flags, acceptor_subkey) in [(DCE, true), (FRAMED, true), (ONE_WAY, false)] {
            let credential = world.kdc.credential(ALICE, host);
            let (client, acceptance, server) = exchange(&world, &service, credential, flags);
            assert_eq!((acceptance.client, acceptance.server), (name(ALICE), name(host)));
            assert_eq!((acceptance.flags, acceptance.pac), (flags, None));
            assert_eq!((client.acceptor_subkey, client.key.etype()), (acceptor_subkey, etype));
            assert_eq!(
                (&client.key, client.acceptor_subkey),
                (&server.key, server.acceptor_subkey)
            );
            agree(&client, &server);
        }
    }
}

#[test]
fn no_two_exchanges_share_keys_or_numbers() {
    let world = World::with([]);
    let service = Service::new(&world);
    let run = || {
        let credential = world.kdc.credential(ALICE, HOST_IN_REALM);
        exchange(&world, &service, credential, DCE).0
    };
    let (one, other) = (run(), run());
    assert_ne!(one.key, other.key);
    assert_ne!(
        (one.send_sequence, one.receive_sequence),
        (other.send_sequence, other.receive_sequence)
    );
}

#[test]
fn a_request_is_taken_once() {
    let world = World::with([]);
    let mut service = Service::new(&world);
    let credential = world.kdc.credential(ALICE, HOST_IN_REALM);
    let (_, token) = show(&world, credential.clone(), DCE);
    let (_, next) = show(&world, credential, DCE);
    assert!(service.accept(&token).is_ok());
    assert_eq!(service.refusal(&token), Refusal::Replay);
    assert!(service.accept(&next).is_ok(), "another one of the same second");
    // As long as its time is good, and then that is no more.
    service.now += Duration::from_secs(300);
    assert_eq!(service.refusal(&token), Refusal::Replay);
    service.now += Duration::from_secs(1);
    assert_eq!(service.refusal(&token), Refusal::Skew(-301));
}

#[test]
fn clocks_may_be_apart_by_the_skew_and_no_more() {
    let world = World::with([]);
    for (seconds, expected) in [(300, None), (301, Some(301)), (-300, None), (-301, Some(-301))] {
        // The ticket is there for long enough; the client's clock is ahead.
        let credential = Credential {
            start_time: KerberosTime(0),
            ..world.kdc.credential(ALICE, HOST_IN_REALM)
        };
        let now = world.clock.ahead(seconds)();
        let options = InitiatorOptions { flags: DCE, ..InitiatorOptions::default() };
        let (initiator, token) = Initiator::start(credential, options, now).unwrap();
        let service = Service::new(&world);
        match expected {
            Some(skew) => assert_eq!(service.refusal(&token), Refusal::Skew(skew)),
            None => {
                let answer = service.accept(&token).unwrap().1.unwrap();
                assert!(initiator.finish(&answer, now).is_ok());
            }
        }
    }
}

/// A ticket of which something is changed that its service reads.
pub(crate) fn reissued(
    keys: &Keytab,
    credential: &Credential,
    change: impl FnOnce(&mut EncTicketPart),
) -> Credential {
    let mut ticket = credential.ticket.open().unwrap();
    let key = keys.keys(&credential.server, ticket.enc_part.etype, None).remove(0);
    let part = ticket.enc_part.open(&key, KeyUsage::TICKET).unwrap();
    let mut part = EncTicketPart::parse(&part).unwrap();
    change(&mut part);
    ticket.enc_part =
        EncryptedData::seal(&key, KeyUsage::TICKET, &part.to_bytes().unwrap()).unwrap();
    let ticket = OpaqueTicket::parse_whole("Ticket", &ticket.to_bytes().unwrap()).unwrap();
    Credential { ticket, ..credential.clone() }
}

#[test]
fn a_ticket_is_good_within_its_times() {
    let world = World::with([]);
    let service = Service::new(&world);
    let credential = world.kdc.credential(ALICE, HOST_IN_REALM);
    let now = KerberosTime::of(world.clock.now());
    type Change = fn(&mut EncTicketPart, KerberosTime);
    let cases: [(Change, Option<&str>); 6] = [
        (|part, now| part.endtime = KerberosTime(now.0 - 300), None),
        (|part, now| part.endtime = KerberosTime(now.0 - 301), Some("it has expired")),
        (|part, now| part.starttime = Some(KerberosTime(now.0 + 300)), None),
        (|part, now| part.starttime = Some(KerberosTime(now.0 + 301)), Some("it begins later")),
        (
            |part, now| (part.starttime, part.authtime) = (None, KerberosTime(now.0 + 301)),
            Some("it begins later"),
        ),
        (|part, _| part.flags = TicketFlags::INVALID, Some("it is marked invalid")),
    ];
    for (change, expected) in cases {
        let credential = reissued(&service.keys, &credential, |part| change(part, now));
        let (_, token) = show(&world, credential, DCE);
        match expected {
            Some(reason) => assert_eq!(service.refusal(&token), Refusal::TicketTime(reason)),
            None => assert!(service.accept(&token).is_ok()),
        }
    }
}

#[test]
fn keys_are_chosen_by_type_name_and_version_and_nothing_else_opens_a_ticket() {
    let world = World::with([Account::service("RPCSS/server.example.com")]);
    let (_, token) = start(&world, DCE);

    // Another service of the same keytab has the same host's key as a rule: its key is tried.
    let right = Service::new(&world).keys;
    let wrong = world.kdc.keytab(&["RPCSS/server.example.com@EXAMPLE.COM"]);
    let service = |entries: Vec<Entry>| {
        let mut keys = Keytab::new();
        entries.into_iter().for_each(|entry| keys.add(entry));
        Service { keys, ..Service::new(&world) }
    };
    let entry = |keytab: &Keytab, etype: EncryptionType| {
        keytab.entries().iter().find(|entry| entry.key.etype == etype.code()).unwrap().clone()
    };
    let aes = EncryptionType::Aes256CtsHmacSha1;
    let wrong = entry(&wrong, aes);
    assert_eq!(service(vec![wrong.clone()]).refusal(&token), Refusal::Integrity("the ticket"));
    let renamed = Entry { principal: name("HTTP/elsewhere@OTHER"), ..entry(&right, aes) };
    assert!(service(vec![wrong.clone(), renamed]).accept(&token).is_ok());

    // The old key first, or a version that the ticket does not name.
    let old = Entry { key: wrong.key, ..entry(&right, aes) };
    let new = Entry { kvno: 7, ..entry(&right, aes) };
    assert!(service(vec![old, new]).accept(&token).is_ok());

    let none = Refusal::NoKey(name(HOST_IN_REALM), aes.code());
    assert_eq!(service(Vec::new()).refusal(&token), none);
    let other_type = entry(&right, EncryptionType::Aes128CtsHmacSha1);
    assert_eq!(service(vec![other_type]).refusal(&token), none);
}

#[test]
fn the_named_version_of_a_key_is_tried_first() {
    let key = |byte| RawKey::new(EncryptionType::Aes256CtsHmacSha1.code(), [byte; 32]);
    let mut keytab = Keytab::new();
    let host = name(HOST_IN_REALM);
    for (principal, kvno, byte) in
        [(name("other@R"), 2, 1), (host.clone(), 1, 2), (host.clone(), 3, 3), (host.clone(), 2, 4)]
    {
        keytab.add(Entry { principal, timestamp: 0, kvno, key: key(byte) });
    }
    let order = |kvno| -> Vec<u8> {
        keytab.keys(&host, 18, kvno).iter().map(|key| key.as_bytes()[0]).collect()
    };
    assert_eq!(order(Some(2)), [4, 3, 2, 1]);
    assert_eq!(order(None), [3, 4, 2, 1]);
    assert!(keytab.keys(&host, 1, None).is_empty() && keytab.keys(&host, 17, None).is_empty());
}

#[test]
fn channel_bindings_count_where_the_service_has_some() {
    let world = World::with([]);
    let bound = |hash| {
        let policy = AcceptorPolicy { channel_bindings: hash, ..AcceptorPolicy::default() };
        Service { policy, ..Service::new(&world) }
    };
    let token = |hash| {
        let options =
            InitiatorOptions { flags: DCE, channel_bindings: hash, ..InitiatorOptions::default() };
        let credential = world.kdc.credential(ALICE, HOST_IN_REALM);
        Initiator::start(credential, options, world.clock.now()).unwrap().1
    };
    assert!(bound(None).accept(&token(Some([7; 16]))).is_ok());
    assert!(bound(Some([7; 16])).accept(&token(Some([7; 16]))).is_ok());
    for other in [None, Some([8; 16])] {
        assert_eq!(bound(Some([7; 16])).refusal(&token(other)), Refusal::ChannelBinding);
    }
}

#[test]
fn what_a_service_insists_on_must_be_asked_for() {
    let world = World::with([]);
    let policy =
        AcceptorPolicy { required: GssFlags::CONFIDENTIALITY, ..AcceptorPolicy::default() };
    let service = Service { policy, ..Service::new(&world) };
    assert_eq!(service.refusal(&start(&world, GssFlags(0x102E)).1), Refusal::Flags(0x102E));
    assert!(service.accept(&start(&world, DCE).1).is_ok());
}

#[test]
fn only_the_owner_of_a_ticket_can_show_it() {
    let world = World::with([]);
    let service = Service::new(&world);
    let credential = world.kdc.credential(ALICE, HOST_IN_REALM);
    for thief in ["mallory@EXAMPLE.COM", "alice@EVIL.COM"] {
        let stolen = Credential { client: name(thief), ..credential.clone() };
        assert_eq!(service.refusal(&show(&world, stolen, DCE).1), Refusal::Client);
    }
    let key = Key::random(credential.key.etype()).unwrap();
    let stolen = Credential { key, ..credential };
    let expected = Refusal::Integrity("the authenticator");
    assert_eq!(service.refusal(&show(&world, stolen, DCE).1), expected);
}

#[test]
fn user_to_user_tickets_are_refused() {
    let world = World::with([]);
    let mut request = ApReq::parse(&start(&world, DCE).1).unwrap();
    request.ap_options = request.ap_options.union(ApOptions::USE_SESSION_KEY);
    let refused = Service::new(&world).refusal(&request.to_bytes().unwrap());
    assert_eq!(refused, Refusal::UserToUser);
}

#[test]
fn delegated_credentials_reach_the_service_whole() {
    let world = World::with([]);
    let credential = world.kdc.credential(ALICE, HOST_IN_REALM);
    let forwarded = world.kdc.credential(ALICE, GRANTING);
    let options = InitiatorOptions {
        flags: DCE,
        delegation: Some(forwarded.clone()),
        ..InitiatorOptions::default()
    };
    let now = world.clock.now();
    let (_, token) = Initiator::start(credential.clone(), options, now).unwrap();
    let (acceptor, _) = Service::new(&world).accept(&token).unwrap();
    assert_eq!(acceptor.acceptance.flags, DCE.union(GssFlags::DELEGATE));

    let usage = KeyUsage::AP_REQ_AUTHENTICATOR;
    let sealed = ApReq::parse(&token).unwrap().authenticator.open(&credential.key, usage).unwrap();
    let checksum = Authenticator::parse(&sealed).unwrap().cksum.unwrap();
    let delivered = GssChecksum::parse(&checksum).unwrap().delegation.unwrap();
    let delivered = KrbCred::parse(&delivered).unwrap();
    assert_eq!(delivered.tickets, [forwarded.ticket]);
    let part = delivered.enc_part.open(&credential.key, KeyUsage::KRB_CRED).unwrap();
    let part = EncKrbCredPart::parse(&part).unwrap();
    let info = &part.ticket_info[0];
    assert_eq!(info.key.to_key().unwrap(), forwarded.key);
    assert_eq!(info.endtime, Some(forwarded.end_time));
    let client = info.pname.as_ref().unwrap().in_realm(info.prealm.as_ref().unwrap());
    let server = info.sname.as_ref().unwrap().in_realm(info.srealm.as_ref().unwrap());
    assert_eq!((client, server), (name(ALICE), name(GRANTING)));
}

#[test]
fn a_service_that_refuses_is_understood() {
    let world = World::with([]);
    let refusal = |code: ErrorCode, ahead: u64| {
        let error = KrbError {
            pvno: 5,
            msg_type: 30,
            ctime: None,
            cusec: None,
            stime: KerberosTime(KerberosTime::of(world.clock.now()).0 + ahead),
            susec: 0,
            error_code: code.0,
            crealm: None,
            cname: None,
            realm: KerberosString("EXAMPLE.COM".to_owned()),
            sname: PrincipalName::from(&name(HOST)),
            e_text: Some(KerberosString("no\nway".to_owned())),
            e_data: None,
        };
        error.to_bytes().unwrap()
    };
    let finish = |flags, answer: Vec<u8>| {
        start(&world, flags).0.finish(&answer, world.clock.now()).unwrap_err()
    };
    let modified = refusal(ErrorCode::KRB_AP_ERR_MODIFIED, 0);
    for (flags, answer) in [(DCE, modified.clone()), (FRAMED, framed([3, 0], &modified).unwrap())] {
        let error = finish(flags, answer);
        assert_eq!(code(&error), ErrorCode::KRB_AP_ERR_MODIFIED);
        let said = error.to_string();
        assert!(said.contains(HOST_IN_REALM) && said.contains(r#""no\nway""#), "{said}");
    }
    let error = finish(DCE, refusal(ErrorCode::KRB_AP_ERR_SKEW, 1000));
    assert!(matches!(error, Error::Skew { seconds: -1000, .. }), "{error:?}");
}

#[test]
fn an_answer_must_be_to_this_request_and_from_this_service() {
    let world = World::with([]);
    let now = world.clock.now();
    let credential = world.kdc.credential(ALICE, HOST_IN_REALM);
    let (initiator, token) = show(&world, credential.clone(), DCE);
    let answer = Service::new(&world).accept(&token).unwrap().1.unwrap();
    // A later request of the same ticket; and one of another ticket.
    world.clock.advance(Duration::from_secs(1));
    let error = show(&world, credential, DCE).0.finish(&answer, now).unwrap_err();
    assert!(matches!(error, Error::Mismatch("another time than the authenticator's")), "{error:?}");
    let error = start(&world, DCE).0.finish(&answer, now).unwrap_err();
    assert!(matches!(error, Error::Crypto { .. }), "{error:?}");
    assert!(initiator.finish(&answer, now).is_ok());
}

#[test]
fn frames_hold_what_they_say() {
    let world = World::with([]);
    let now = world.clock.now();
    let (initiator, token) = start(&world, DCE);
    let service = Service::new(&world);
    for identifier in [[2, 0], [3, 0], [1, 1]] {
        let error = service.accept(&framed(identifier, &token).unwrap()).unwrap_err();
        assert!(matches!(error, Error::Mismatch(_)), "{error:?}");
    }
    // Framed or not: the service takes either, as recorded Windows traffic and other peers differ.
    let (acceptor, answer) = service.accept(&framed([1, 0], &token).unwrap()).unwrap();
    // In DCE style the answer has no frame, whatever the request had: impacket frames its own.
    let answer = answer.unwrap();
    assert_eq!(unframed(&answer).unwrap(), None);
    let (_, last) = initiator.finish(&framed([2, 0], &answer).unwrap(), now).unwrap();
    let last = last.unwrap();
    let error = acceptor.finish(&framed([1, 0], &last).unwrap()).unwrap_err();
    assert!(matches!(error, Error::Mismatch(_)), "{error:?}");
    let (initiator, token) = start(&world, FRAMED);
    let answer = service.accept(&token).unwrap().1.unwrap();
    let answer = unframed(&answer).unwrap().unwrap().1;
    let error = initiator.finish(&framed([1, 0], answer).unwrap(), now).unwrap_err();
    assert!(matches!(error, Error::Mismatch(_)), "{error:?}");
}

#[test]
fn realms_on_the_way_that_no_kdc_has_checked_are_not_trusted() {
    let world = World::with([]);
    let service = Service::new(&world);
    let credential = world.kdc.credential(ALICE, HOST_IN_REALM);
    let through = |checked: bool| {
        let credential = reissued(&service.keys, &credential, |part| {
            part.transited.contents = OctetString::new(*b"MIDDLE.TEST").unwrap();
            part.authorization_data = None;
            if checked {
                part.flags = part.flags.union(TicketFlags::TRANSITED_POLICY_CHECKED);
            }
        });
        show(&world, credential, DCE).1
    };
    assert!(matches!(service.refusal(&through(false)), Refusal::Transited(_)));
    assert!(service.accept(&through(true)).is_ok());
}

#[test]
fn the_third_leg_must_answer_the_second() {
    type Third<'a> = &'a dyn Fn(&[u8], EncApRepPart) -> Vec<u8>;
    let world = World::with([]);
    let now = world.clock.now();
    let credential = world.kdc.credential(ALICE, HOST_IN_REALM);
    // The second leg as the service made it, and a third leg made of it.
    let run = |third: Third<'_>| {
        let (_, token) = show(&world, credential.clone(), DCE);
        let (acceptor, answer) = Service::new(&world).accept(&token).unwrap();
        let answer = answer.unwrap();
        let sealed = ApRep::parse(&answer).unwrap().enc_part;
        let part = sealed.open(&credential.key, KeyUsage::AP_REP).unwrap();
        acceptor.finish(&third(&answer, EncApRepPart::parse(&part).unwrap()))
    };
    let seal = |part: &EncApRepPart, key: &Key, usage| {
        let enc_part = EncryptedData::seal(key, usage, &part.to_bytes().unwrap()).unwrap();
        ApRep { pvno: 5, msg_type: 15, enc_part }.to_bytes().unwrap()
    };
    let last = |number: Option<LooseU32>| EncApRepPart {
        ctime: KerberosTime::of(now),
        cusec: 0,
        subkey: None,
        seq_number: number,
    };
    let key = &credential.key;
    assert!(run(&|_, part| seal(&last(part.seq_number), key, KeyUsage::AP_REP)).is_ok());
    let other = Key::random(key.etype()).unwrap();
    let wrong: [(&str, Third<'_>); 5] = [
        ("sent back", &|answer, _| answer.to_vec()),
        ("another number", &|_, part| {
            let number = part.seq_number.map(|number| LooseU32(number.0 ^ 1));
            seal(&last(number), key, KeyUsage::AP_REP)
        }),
        ("no number", &|_, _| seal(&last(None), key, KeyUsage::AP_REP)),
        ("another key", &|_, part| seal(&last(part.seq_number), &other, KeyUsage::AP_REP)),
        ("another usage", &|_, part| seal(&last(part.seq_number), key, KeyUsage::KRB_PRIV)),
    ];
    for (what, third) in wrong {
        assert_eq!(refusal(run(third)), Refusal::ThirdLeg, "{what}");
    }
}

/// Where some bytes lie in others.
fn place(bytes: &[u8], part: &[u8]) -> std::ops::Range<usize> {
    let at = bytes.windows(part.len()).position(|window| window == part).unwrap();
    at..at + part.len()
}

#[test]
fn a_changed_byte_of_a_request_is_refused_or_changes_nothing() {
    let world = World::with([]);
    for flags in [DCE, FRAMED] {
        let (_, token) = start(&world, flags);
        let message = unframed(&token).unwrap().map_or(token.as_slice(), |(_, message)| message);
        let request = ApReq::parse(message).unwrap();
        let ticket = request.ticket.open().unwrap();
        let sealed = [ticket.enc_part.cipher.as_bytes(), request.authenticator.cipher.as_bytes()]
            .map(|cipher| place(&token, cipher));
        let end_time = Service::new(&world).accept(&token).unwrap().0.acceptance.end_time;
        for (at, changed) in flipped(&token) {
            match Service::new(&world).accept(&changed) {
                Ok((acceptor, answer)) => {
                    // What nothing protects: the options, the name of the service, the versions of
                    // keys. All that counts comes from what is sealed.
                    assert!(!sealed.iter().any(|range| range.contains(&at)), "byte {at}");
                    let Acceptance { client, flags: taken, end_time: end, .. } =
                        acceptor.acceptance;
                    assert_eq!((client, taken, end), (name(ALICE), flags, end_time));
                    assert!(answer.is_some());
                }
                Err(Error::Message(_) | Error::Unacceptable(_) | Error::Mismatch(_)) => {}
                Err(other) => panic!("byte {at}: {other:?}"),
            }
        }
        for short in cut(&token) {
            let error = Service::new(&world).accept(&short).unwrap_err();
            assert!(matches!(error, Error::Message(_)), "{error:?}");
        }
    }
}

/// How long a message is but for the one time in a hundred when a random number in it takes a byte
/// less.
fn usual_length<T>(fresh: impl Fn() -> (T, Vec<u8>)) -> usize {
    (0..16).map(|_| fresh().1.len()).max().unwrap()
}

/// A message of that length, with what it goes with.
fn of_length<T>(length: usize, fresh: impl Fn() -> (T, Vec<u8>)) -> (T, Vec<u8>) {
    (0..100).map(|_| fresh()).find(|(_, message)| message.len() == length).unwrap()
}

#[test]
fn every_changed_byte_of_an_answer_is_refused() {
    let world = World::with([]);
    let now = world.clock.now();
    let credential = world.kdc.credential(ALICE, HOST_IN_REALM);
    for flags in [DCE, FRAMED] {
        let fresh = || {
            let (initiator, token) = show(&world, credential.clone(), flags);
            (initiator, Service::new(&world).accept(&token).unwrap().1.unwrap())
        };
        let length = usual_length(fresh);
        let run = |change: &dyn Fn(&mut Vec<u8>)| {
            let (initiator, mut answer) = of_length(length, fresh);
            change(&mut answer);
            initiator.finish(&answer, now)
        };
        assert!(run(&|_| {}).is_ok());
        for (at, mask) in changes(length) {
            match run(&|answer| answer[at] ^= mask) {
                Err(Error::Message(_) | Error::Crypto { .. } | Error::Mismatch(_)) => {}
                other => panic!("byte {at}: {other:?}"),
            }
        }
        for end in 0..length {
            let error = run(&|answer| answer.truncate(end)).unwrap_err();
            assert!(matches!(error, Error::Message(_)), "{error:?}");
        }
        let error = run(&|answer| answer.push(0)).unwrap_err();
        assert!(matches!(error, Error::Message(_)), "{error:?}");
    }
}

#[test]
fn every_changed_byte_of_a_third_leg_is_refused() {
    let world = World::with([]);
    let now = world.clock.now();
    let credential = world.kdc.credential(ALICE, HOST_IN_REALM);
    let fresh = || {
        let (initiator, token) = show(&world, credential.clone(), DCE);
        let (acceptor, answer) = Service::new(&world).accept(&token).unwrap();
        (acceptor, initiator.finish(&answer.unwrap(), now).unwrap().1.unwrap())
    };
    let length = usual_length(fresh);
    let run = |change: &dyn Fn(&mut Vec<u8>)| {
        let (acceptor, mut last) = of_length(length, fresh);
        change(&mut last);
        acceptor.finish(&last)
    };
    assert!(run(&|_| {}).is_ok());
    for (at, mask) in changes(length) {
        match run(&|last| last[at] ^= mask) {
            Err(Error::Message(_) | Error::Unacceptable(Refusal::ThirdLeg)) => {}
            other => panic!("byte {at}: {other:?}"),
        }
    }
    for end in 0..length {
        let error = run(&|last| last.truncate(end)).unwrap_err();
        assert!(matches!(error, Error::Message(_)), "{error:?}");
    }
}
