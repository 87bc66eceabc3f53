//! Writes the seeds of the fuzz target `kerberos_token` into a folder, which is the argument.
//!
//! Each begins with the letter of what it is; keys, names and time are those of the target.

use std::path::PathBuf;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use winreach_kerberos::Credential;
use winreach_kerberos::ap::{Acceptor, AcceptorPolicy, Initiator, InitiatorOptions, ReplayCache};
use winreach_kerberos::client::{AsExchange, Options, Secret, TgsExchange};
use winreach_kerberos::crypto::{EncryptionType, Key, KeyUsage};
use winreach_kerberos::messages::{
    ApRep, ApReq, EncTicketPart, EncryptionKey, GssFlags, Message, TgsRep, framed,
};
use winreach_kerberos::pac::Pac;
use winreach_test_kdc::pac::{self, DENY_ONLY, ENABLED, Rights};
use winreach_test_kdc::{Account, Realm, TestKdc};

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

const GRANTING: &str = "krbtgt/EXAMPLE.COM@EXAMPLE.COM";
const HOST: &str = "host/server.example.com@EXAMPLE.COM";
const ALICE: &str = "alice@EXAMPLE.COM";

fn now() -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(1_770_000_000)
}

fn key(byte: u8) -> Result<Key> {
    Ok(Key::new(EncryptionType::Aes256CtsHmacSha1, &[byte; 32])?)
}

fn main() -> Result<()> {
    let folder = PathBuf::from(std::env::args().nth(1).ok_or("usage: seeds FOLDER")?);
    let write = |kind: char, name: &str, bytes: &[u8]| {
        let seed = [kind.to_string().as_bytes(), bytes].concat();
        std::fs::write(folder.join(format!("{kind}-{name}")), seed)
    };
    let (service_key, session_key) = (key(1)?, key(2)?);
    let rights = Rights {
        user: "alice".to_owned(),
        domain: "EXAMPLE".to_owned(),
        domain_sid: "S-1-5-21-1-2-3".parse()?,
        rid: 1104,
        groups: vec![(513, ENABLED), (512, DENY_ONLY)],
        extra: vec![("S-1-5-32-544".parse()?, ENABLED)],
        resource: Some(("S-1-5-21-7-8-9".parse()?, vec![(1300, ENABLED)])),
    };
    let realm = Realm::new("EXAMPLE.COM")
        .with(Account::user("alice", "").with_keys(vec![session_key.clone()]).with_rights(rights))
        .with(Account::service("host/server.example.com").with_keys(vec![service_key.clone()]));
    let kdc = TestKdc::new([realm]).with_clock(std::sync::Arc::new(now));

    // A log-on.
    let secret = Secret::Keys(vec![session_key.clone()]);
    let mut logon = AsExchange::new(ALICE.parse()?, secret, Options::default());
    for round in ["first", "second"] {
        let request = logon.request(now())?.bytes;
        let answer = kdc.answer(&request).ok_or("no answer")?;
        logon.answer(&answer, now())?;
        write('m', &format!("as-req-{round}"), &request)?;
        write('m', &format!("as-answer-{round}"), &answer)?;
        write('a', &format!("as-answer-{round}"), &answer)?;
    }

    // A ticket.
    let granting = kdc.credential(ALICE, GRANTING);
    let mut exchange = TgsExchange::new(granting.clone(), HOST.parse()?, Options::default());
    let request = exchange.request(now())?.bytes;
    let answer = kdc.answer(&request).ok_or("no answer")?;
    let sealed = TgsRep::parse(&answer)?.0.enc_part;
    let part = sealed.open(&granting.key, KeyUsage::TGS_REP_SESSION_KEY)?;
    write('m', "tgs-req", &request)?;
    write('m', "tgs-rep", &answer)?;
    write('m', "enc-tgs-rep-part", &part)?;
    write('k', "enc-tgs-rep-part", &part)?;

    // What its service reads.
    let credential = kdc.credential(ALICE, HOST);
    let ticket = credential.ticket.open()?;
    let part = ticket.enc_part.open(&service_key, KeyUsage::TICKET)?;
    let mut part = EncTicketPart::parse(&part)?;
    part.key = EncryptionKey::new(&session_key)?;
    write('m', "ticket", &ticket.to_bytes()?)?;
    write('m', "enc-ticket-part", &part.to_bytes()?)?;
    write('t', "enc-ticket-part", &part.to_bytes()?)?;

    // Client and service.
    let options = InitiatorOptions {
        flags: GssFlags(0x103E),
        delegation: Some(granting),
        ..InitiatorOptions::default()
    };
    let keytab = kdc.keytab(&[HOST]);
    let Credential { key: ticket_key, .. } = credential.clone();
    let (initiator, token) = Initiator::start(credential, options, now())?;
    let (_, proof) = Acceptor::accept(
        &token,
        &keytab,
        &ReplayCache::default(),
        &AcceptorPolicy::default(),
        now(),
    )?;
    let proof = proof.ok_or("no proof")?;
    let last = initiator.finish(&proof, now())?.1.ok_or("no third leg")?;
    let shown = ApReq::parse(&token)?.authenticator;
    let shown = shown.open(&ticket_key, KeyUsage::AP_REQ_AUTHENTICATOR)?;
    write('m', "ap-req", &token)?;
    write('m', "ap-req-framed", &framed([1, 0], &token)?)?;
    write('a', "ap-req", &token)?;
    write('m', "authenticator", &shown)?;
    write('c', "authenticator", &shown)?;
    for (name, leg) in [("ap-rep", proof), ("third-leg", last)] {
        let part = ApRep::parse(&leg)?.enc_part.open(&ticket_key, KeyUsage::AP_REP)?;
        write('m', name, &leg)?;
        write('m', &format!("enc-{name}-part"), &part)?;
        write('p', &format!("enc-{name}-part"), &part)?;
    }

    // Rights.
    let data = part.authorization_data.as_ref().ok_or("no rights")?;
    let certificate = pac::bytes(data).ok_or("no certificate")?;
    Pac::of_ticket(&part, &ALICE.parse()?, &service_key)?;
    write('r', "certificate", &certificate)?;
    let size = certificate.get(12..16).and_then(|size| size.try_into().ok()).ok_or("short")?;
    let size = usize::try_from(u32::from_le_bytes(size))?;
    write('l', "validation-info", certificate.get(72..72 + size).ok_or("short")?)?;
    Ok(())
}
