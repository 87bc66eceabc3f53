//! Certificates of rights: one that Windows Server 2003 signed, and those of the test KDC.

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

/// A certificate that Windows Server 2003 gave a member of its domain, with the keys of both, as
/// the tests of Samba and MIT Kerberos have it.
const WINDOWS: &str = "\
    040000000000000001000000d801000048000000000000000a00000020000000200200000000000006000000\
    1400000040020000000000000700000014000000580200000000000001100800ccccccccc801000000000000\
    0000020030dfa6cb4f7dc501ffffffffffffff7fffffffffffffff7fc03c4e596273c501c03c4e596273c501\
    ffffffffffffff7f16001600040002000000000008000200000000000c000200000000001000020000000000\
    14000200000000001800020065000000ed03000004020000010000001c000200200000000000000000000000\
    0000000000000000140016002000020016001800240002002800020000000000000000000021000000000000\
    000000000000000000000000000000000000000000000000010000002c000200000000000000000000000000\
    0b000000000000000b00000057003200300030003300460049004e0041004c00240000000000000000000000\
    0000000000000000000000000000000000000000000000000000000000000000000000000000000000000000\
    00000000000000000100000004020000070000000b000000000000000a000000570032003000300033004600\
    49004e0041004c000c000000000000000b000000570049004e0032004b0033005400480049004e004b000000\
    04000000010400000000000515000000112fafb590041bec503becdc01000000300002000700000001000000\
    01010000000000050900000000000000806628ea3780c501160077003200300030003300660069006e006100\
    6c00240076ffffff37d5b0f724f0d6d4ec09865aa0e8c3a90000000076ffffffb4d8b8fe83b3133ffc5c41ad\
    e26483e000000000";
const MEMBER_KEY: &str = "d217faeae5e6b5f95ccc94077ab8a5fc";
const AUTH_TIME: KerberosTime = KerberosTime(1_120_440_609);
/// Where the two signatures lie, behind their types.
const SERVER_SIGNATURE: std::ops::Range<usize> = 0x244..0x254;
const KDC_SIGNATURE: std::ops::Range<usize> = 0x25C..0x26C;

fn unhex(text: &str) -> Vec<u8> {
    let digit = |at| u8::from_str_radix(&text[at..at + 2], 16).unwrap();
    (0..text.len()).step_by(2).map(digit).collect()
}

fn windows() -> (Vec<u8>, Principal, Key) {
    let key = Key::new(EncryptionType::Rc4Hmac, &unhex(MEMBER_KEY)).unwrap();
    (unhex(WINDOWS), name("w2003final$@WIN2K3.THINKER.LOCAL"), key)
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
fn what_windows_signed_is_read() {
    let (pac, client, key) = windows();
    let logon = read(&pac, &client, &key).unwrap();
    assert_eq!((logon.user.as_str(), logon.domain.as_str()), ("W2003FINAL$", "WIN2K3THINK"));
    let domain = "S-1-5-21-3048156945-3961193616-3706469200";
    assert_eq!(logon.sid.to_string(), format!("{domain}-1005"));
    assert_eq!(logon.groups, sids(&[&format!("{domain}-516"), "S-1-5-9"]));
}

#[test]
fn a_certificate_is_good_for_its_client_its_ticket_and_its_service_alone() {
    let (pac, client, key) = windows();
    let other = Key::random(EncryptionType::Rc4Hmac).unwrap();
    assert_eq!(read(&pac, &client, &other), Err(PacError::Signature(CryptoError::Integrity)));
    let aes = Key::random(EncryptionType::Aes256CtsHmacSha1).unwrap();
    assert_eq!(read(&pac, &client, &aes), Err(PacError::Signature(CryptoError::Integrity)));
    assert_eq!(read(&pac, &name("other$@WIN2K3.THINKER.LOCAL"), &key), Err(PacError::Client));
    for seconds in [AUTH_TIME.0 - 1, AUTH_TIME.0 + 1] {
        let ticket = ticket_of(&client, KerberosTime(seconds), &pac);
        assert_eq!(Pac::of_ticket(&ticket, &client, &key), Err(PacError::Client));
    }
}

#[test]
fn every_changed_byte_is_noticed_but_in_the_signature_of_the_kdc() {
    let (pac, client, key) = windows();
    for (at, changed) in flipped(&pac) {
        let outcome = read(&changed, &client, &key);
        assert_eq!(outcome.is_ok(), KDC_SIGNATURE.contains(&at), "byte {at}: {outcome:?}");
    }
    for short in cut(&pac) {
        assert!(read(&short, &client, &key).is_err());
    }
}

#[test]
fn what_is_wrong_with_a_certificate_is_told_with_its_place() {
    let (pac, client, key) = windows();
    let patched = |at: usize, bytes: &[u8]| {
        let mut pac = pac.clone();
        pac[at..at + bytes.len()].copy_from_slice(bytes);
        read(&pac, &client, &key).unwrap_err()
    };
    let malformed = |what, offset| PacError::Malformed { what, offset };
    assert_eq!(patched(0, &[65]), malformed("too many buffers", 0));
    assert_eq!(patched(4, &[1]), malformed("an unknown version", 4));
    assert_eq!(patched(0x18, &[1]), malformed("two buffers of a kind", 0x18));
    assert_eq!(patched(0x1C, &[0xFF, 0xFF]), malformed("a buffer beyond the end", 0x18));
    assert_eq!(patched(0x24, &[1]), malformed("a buffer beyond the end", 0x18));
    assert_eq!(patched(0x28, &[99]), PacError::Unsigned);
    assert_eq!(patched(0x240, &[0]), malformed("an unknown signature", 0x240));
    for size in [0, 3, 4, 19] {
        assert_eq!(patched(0x2C, &[size]), malformed("a signature cut off", 0x240));
    }
}

/// Signs a certificate anew.
fn sign(pac: &mut [u8], kdc_signature: std::ops::Range<usize>, key: &Key) {
    let mut covered = pac.to_vec();
    covered[SERVER_SIGNATURE].fill(0);
    covered[kdc_signature].fill(0);
    let signature = key.checksum(KeyUsage::PAC, &[&covered]);
    pac[SERVER_SIGNATURE].copy_from_slice(&signature);
}

#[test]
fn the_identifier_of_a_read_only_domain_controller_is_no_part_of_what_is_signed() {
    let (mut pac, client, key) = windows();
    // Behind the signature of the KDC, in what is padding otherwise.
    pac[0x3C] += 2;
    pac[KDC_SIGNATURE.end..KDC_SIGNATURE.end + 2].copy_from_slice(&[7, 1]);
    sign(&mut pac, KDC_SIGNATURE.start..KDC_SIGNATURE.end + 2, &key);
    assert!(read(&pac, &client, &key).is_ok());
}

#[test]
fn what_is_signed_but_malformed_is_refused_without_a_panic() {
    let (pac, client, key) = windows();
    // Whoever has the key of the service can sign whatever he likes.
    for (at, mut changed) in flipped(&pac) {
        if at >= 0x48 && !SERVER_SIGNATURE.contains(&at) {
            sign(&mut changed, KDC_SIGNATURE, &key);
            let _ = read(&changed, &client, &key);
        }
    }
    for end in 0..0x1D8 {
        let mut short = pac.clone();
        short[0x0C..0x10].copy_from_slice(&u32::to_le_bytes(end));
        sign(&mut short, KDC_SIGNATURE, &key);
        let outcome = read(&short, &client, &key);
        assert!(matches!(outcome, Err(PacError::Logon(_))), "{end}: {outcome:?}");
    }
    let mut nameless = pac;
    nameless[0x18] = 99;
    sign(&mut nameless, KDC_SIGNATURE, &key);
    let expected = PacError::Malformed { what: "no PAC_CLIENT_INFO", offset: 0 };
    assert_eq!(read(&nameless, &client, &key), Err(expected));
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
    let (_, client, key) = windows();
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
