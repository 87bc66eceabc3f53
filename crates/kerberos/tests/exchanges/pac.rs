//! Certificates of rights: one that Windows Server 2003 signed, and those of the test KDC.

use std::ops::Range;

use der::asn1::OctetString;
use winreach_kerberos::Sid;
use winreach_kerberos::ap::{Acceptor, AcceptorPolicy, Refusal, ReplayCache};
use winreach_kerberos::ap::{Initiator, InitiatorOptions};
use winreach_kerberos::crypto::{CryptoError, EncryptionType, Key, KeyUsage};
use winreach_kerberos::messages::{
    AuthorizationData, EncTicketPart, EncryptionKey, GssFlags, KerberosFlags, KerberosString,
    KerberosTime, PrincipalName, TransitedEncoding,
};
use winreach_kerberos::pac::{Logon, Pac, PacError};
use winreach_test_kdc::pac::{DENY_ONLY, ENABLED, Rights, authorization_data, certificate};

use super::flips::{cut, flipped};
use super::*;

/// When the client of every certificate here logged on.
const AUTH_TIME: KerberosTime = KerberosTime(1_700_000_000);

/// Where the header of the logon information, of the server's and of the KDC's signature lie.
const LOGON_HEADER: usize = 0x08;
const SERVER_HEADER: usize = 0x28;
const KDC_HEADER: usize = 0x38;

/// A certificate with its client and the key that it is signed with.
struct Sample {
    pac: Vec<u8>,
    client: Principal,
    key: Key,
}

impl Sample {
    fn new() -> Self {
        let key = Key::new(EncryptionType::Rc4Hmac, &[7; 16]).unwrap();
        let kdc = Key::new(EncryptionType::Rc4Hmac, &[9; 16]).unwrap();
        let pac = certificate(&rights(), "jürgen", AUTH_TIME, &key, &kdc);
        Self { pac, client: name("Jürgen@EXAMPLE.COM"), key }
    }

    /// Where the buffer of a header begins.
    fn buffer(&self, header: usize) -> usize {
        usize::from(u16::from_le_bytes([self.pac[header + 8], self.pac[header + 9]]))
    }

    /// Where the signature of a header lies, behind its type.
    fn signature(&self, header: usize) -> Range<usize> {
        let start = self.buffer(header) + 4;
        start..start + 16
    }

    fn server_signature(&self) -> Range<usize> {
        self.signature(SERVER_HEADER)
    }

    fn kdc_signature(&self) -> Range<usize> {
        self.signature(KDC_HEADER)
    }

    /// Signs a changed certificate anew, in the place of whoever has the key of the service.
    fn sign(&self, pac: &mut [u8], kdc_signature: Range<usize>) {
        let mut covered = pac.to_vec();
        covered[self.server_signature()].fill(0);
        covered[kdc_signature].fill(0);
        let signature = self.key.checksum(KeyUsage::PAC, &[&covered]);
        pac[self.server_signature()].copy_from_slice(&signature);
    }
}

/// What a service reads of a ticket with this certificate.
fn ticket_of(client: &Principal, authtime: KerberosTime, pac: &[u8]) -> EncTicketPart {
    with_data(client, authtime, authorization_data(pac.to_vec()))
}

fn with_data(client: &Principal, authtime: KerberosTime, data: AuthorizationData) -> EncTicketPart {
    let key = Key::random(EncryptionType::Rc4Hmac).unwrap();
    EncTicketPart {
        flags: KerberosFlags::default(),
        key: EncryptionKey::new(&key).unwrap(),
        crealm: KerberosString(client.realm.clone()),
        cname: PrincipalName::from(client),
        transited: TransitedEncoding { tr_type: 1, contents: OctetString::new([]).unwrap() },
        authtime,
        starttime: None,
        endtime: authtime,
        renew_till: None,
        caddr: None,
        authorization_data: Some(data),
    }
}

fn read(pac: &[u8], client: &Principal, key: &Key) -> Result<Logon, PacError> {
    let ticket = ticket_of(client, AUTH_TIME, pac);
    Ok(Pac::of_ticket(&ticket, client, key)?.unwrap().logon.unwrap())
}

fn sids(texts: &[&str]) -> Vec<Sid> {
    texts.iter().map(|text| text.parse().unwrap()).collect()
}

#[test]
fn a_certificate_is_good_for_its_client_its_ticket_and_its_service_alone() {
    let Sample { pac, client, key } = Sample::new();
    let other = Key::random(EncryptionType::Rc4Hmac).unwrap();
    assert_eq!(read(&pac, &client, &other), Err(PacError::Signature(CryptoError::Integrity)));
    let aes = Key::random(EncryptionType::Aes256CtsHmacSha1).unwrap();
    assert_eq!(read(&pac, &client, &aes), Err(PacError::Signature(CryptoError::Integrity)));
    assert_eq!(read(&pac, &name("other@EXAMPLE.COM"), &key), Err(PacError::Client));
    for seconds in [AUTH_TIME.0 - 1, AUTH_TIME.0 + 1] {
        let ticket = ticket_of(&client, KerberosTime(seconds), &pac);
        assert_eq!(Pac::of_ticket(&ticket, &client, &key), Err(PacError::Client));
    }
}

#[test]
fn every_changed_byte_is_noticed_but_in_the_signature_of_the_kdc() {
    let sample = Sample::new();
    let Sample { pac, client, key } = &sample;
    for (at, changed) in flipped(pac) {
        let outcome = read(&changed, client, key);
        assert_eq!(outcome.is_ok(), sample.kdc_signature().contains(&at), "byte {at}: {outcome:?}");
    }
    for short in cut(pac) {
        assert!(read(&short, client, key).is_err());
    }
}

#[test]
fn what_is_wrong_with_a_certificate_is_told_with_its_place() {
    let sample = Sample::new();
    let patched = |at: usize, bytes: &[u8]| {
        let mut pac = sample.pac.clone();
        pac[at..at + bytes.len()].copy_from_slice(bytes);
        read(&pac, &sample.client, &sample.key).unwrap_err()
    };
    let malformed = |what, offset| PacError::Malformed { what, offset };
    let signature = sample.buffer(SERVER_HEADER);
    assert_eq!(patched(0, &[65]), malformed("too many buffers", 0));
    assert_eq!(patched(4, &[1]), malformed("an unknown version", 4));
    assert_eq!(patched(0x18, &[1]), malformed("two buffers of a kind", 0x18));
    assert_eq!(patched(0x1C, &[0xFF, 0xFF]), malformed("a buffer beyond the end", 0x18));
    assert_eq!(patched(0x24, &[1]), malformed("a buffer beyond the end", 0x18));
    assert_eq!(patched(SERVER_HEADER, &[99]), PacError::Unsigned);
    assert_eq!(patched(signature, &[0]), malformed("an unknown signature", signature));
    for size in [0, 3, 4, 19] {
        let error = patched(SERVER_HEADER + 4, &[size]);
        assert_eq!(error, malformed("a signature cut off", signature));
    }
}

#[test]
fn the_identifier_of_a_read_only_domain_controller_is_no_part_of_what_is_signed() {
    let sample = Sample::new();
    let mut pac = sample.pac.clone();
    let Range { start, end } = sample.kdc_signature();
    // Behind the signature of the KDC, in what is padding otherwise.
    pac[KDC_HEADER + 4] += 2;
    pac[end..end + 2].copy_from_slice(&[7, 1]);
    sample.sign(&mut pac, start..end + 2);
    assert!(read(&pac, &sample.client, &sample.key).is_ok());
}

#[test]
fn what_is_signed_but_malformed_is_refused_without_a_panic() {
    let sample = Sample::new();
    // Whoever has the key of the service can sign whatever he likes.
    for (at, mut changed) in flipped(&sample.pac) {
        if at >= sample.buffer(LOGON_HEADER) && !sample.server_signature().contains(&at) {
            sample.sign(&mut changed, sample.kdc_signature());
            let _ = read(&changed, &sample.client, &sample.key);
        }
    }
    let size = LOGON_HEADER + 4;
    let whole = u16::from_le_bytes([sample.pac[size], sample.pac[size + 1]]);
    for end in 0..u32::from(whole) {
        let mut short = sample.pac.clone();
        short[size..size + 4].copy_from_slice(&end.to_le_bytes());
        sample.sign(&mut short, sample.kdc_signature());
        let outcome = read(&short, &sample.client, &sample.key);
        assert!(matches!(outcome, Err(PacError::Logon(_))), "{end}: {outcome:?}");
    }
    let mut nameless = sample.pac.clone();
    nameless[0x18] = 99;
    sample.sign(&mut nameless, sample.kdc_signature());
    let expected = PacError::Malformed { what: "no PAC_CLIENT_INFO", offset: 0 };
    assert_eq!(read(&nameless, &sample.client, &sample.key), Err(expected));
}

fn rights() -> Rights {
    Rights {
        user: "Jürgen".to_owned(),
        domain: "EXAMPLE".to_owned(),
        domain_sid: "S-1-5-21-1-2-3".parse().unwrap(),
        rid: 1104,
        groups: vec![(513, ENABLED), (1200, ENABLED | DENY_ONLY), (1201, 3), (1202, 4)],
        extra: vec![
            ("S-1-18-1".parse().unwrap(), ENABLED),
            ("S-1-5-32-544".parse().unwrap(), DENY_ONLY),
        ],
        resource: Some((
            "S-1-5-21-7-8-9".parse().unwrap(),
            vec![(1300, 0x2000_0007), (1301, DENY_ONLY)],
        )),
    }
}

#[test]
fn groups_count_that_are_enabled_and_do_not_only_deny() {
    for etype in EncryptionType::ALL {
        let [server, kdc] = [(); 2].map(|()| Key::random(etype).unwrap());
        let pac = certificate(&rights(), "Jürgen", AUTH_TIME, &server, &kdc);
        let logon = read(&pac, &name("Jürgen@EXAMPLE.COM"), &server).unwrap();
        assert_eq!((logon.user.as_str(), logon.domain.as_str()), ("Jürgen", "EXAMPLE"));
        assert_eq!(logon.sid, sids(&["S-1-5-21-1-2-3-1104"])[0]);
        let expected =
            ["S-1-5-21-1-2-3-513", "S-1-5-21-1-2-3-1202", "S-1-5-21-7-8-9-1300", "S-1-18-1"];
        assert_eq!(logon.groups, sids(&expected), "{etype}");
        for short in cut(&pac) {
            assert!(read(&short, &name("Jürgen@EXAMPLE.COM"), &server).is_err());
        }
    }
}

#[test]
fn an_account_without_a_relative_identifier_is_the_first_of_the_others() {
    let key = Key::random(EncryptionType::Aes256CtsHmacSha1).unwrap();
    let of = |rights: &Rights| {
        let pac = certificate(rights, "jürgen", AUTH_TIME, &key, &key);
        read(&pac, &name("Jürgen@EXAMPLE.COM"), &key)
    };
    let foreign = Rights { rid: 0, ..rights() };
    assert_eq!(of(&foreign).unwrap().sid, sids(&["S-1-18-1"])[0]);
    let nobody = Rights { rid: 0, extra: Vec::new(), ..rights() };
    assert!(matches!(of(&nobody), Err(PacError::Logon(_))));
    let plain = Rights { extra: Vec::new(), resource: None, groups: Vec::new(), ..rights() };
    assert_eq!(of(&plain).unwrap().groups, []);
}

#[test]
fn a_ticket_without_certificate_says_nothing() {
    let Sample { client, key, .. } = Sample::new();
    let mut ticket = with_data(&client, AUTH_TIME, Vec::new());
    assert_eq!(Pac::of_ticket(&ticket, &client, &key), Ok(None));
    ticket.authorization_data = None;
    assert_eq!(Pac::of_ticket(&ticket, &client, &key), Ok(None));
    let mut broken = authorization_data(vec![0; 8]);
    broken[0].ad_data = OctetString::new([0x30, 1]).unwrap();
    let ticket = with_data(&client, AUTH_TIME, broken);
    assert!(matches!(Pac::of_ticket(&ticket, &client, &key), Err(PacError::Message(_))));
}

#[test]
fn a_service_learns_the_rights_of_its_client() {
    let world = World::new([realm().with(Account::user("Jürgen", "j").with_rights(rights()))]);
    let now = world.clock.now();
    let keys = world.kdc.keytab(&[HOST_IN_REALM]);
    let accept = |credential| {
        let options =
            InitiatorOptions { flags: GssFlags::DCE_STYLE, ..InitiatorOptions::default() };
        let (_, token) = Initiator::start(credential, options, now).unwrap();
        let policy = AcceptorPolicy::default();
        Acceptor::accept(&token, &keys, &ReplayCache::default(), &policy, now)
    };
    let honest = world.kdc.credential("Jürgen@EXAMPLE.COM", HOST_IN_REALM);
    let (acceptor, _) = accept(honest.clone()).unwrap();
    let logon = acceptor.acceptance.pac.unwrap().logon.unwrap();
    assert_eq!((logon.groups.len(), logon.user.as_str()), (4, "Jürgen"));

    // Rights that somebody signed who is not the KDC.
    let other = Key::random(EncryptionType::Aes256CtsHmacSha1).unwrap();
    let auth_time = honest.auth_time;
    let forged = certificate(&rights(), "Jürgen", auth_time, &other, &other);
    let forged = ap::reissued(&keys, &honest, |part| {
        part.authorization_data = Some(authorization_data(forged));
    });
    match accept(forged).unwrap_err() {
        Error::Unacceptable(Refusal::Pac(why)) => assert!(why.contains("signature"), "{why}"),
        other => panic!("{other:?}"),
    }
}
