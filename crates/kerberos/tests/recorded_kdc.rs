//! A log-on of MIT's `kinit` and a ticket that `kvno` got of `krb5kdc`: each message and what is
//! sealed in it is read, and written again to the same bytes.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

use der::{Decode, Encode};
use winreach_kerberos::Principal;
use winreach_kerberos::crypto::{ChecksumType, EncryptionType, Key, KeyUsage};
use winreach_kerberos::messages::{
    ApReq, AsRep, AsReq, Authenticator, EncTgsRepPart, EncTicketPart, EncryptedData, ErrorCode,
    EtypeInfo2, KdcOptions, KrbError, Message, MethodData, OpaqueTicket, PaData, PaEncTsEnc,
    TgsRep, TgsReq, Ticket, TicketFlags, pa_type,
};
use winreach_kerberos::pac::Pac;

const RECORDED: &str = include_str!("vectors/mit_kdc.txt");

fn recorded(name: &str) -> Vec<u8> {
    let mut lines = RECORDED.lines().filter_map(|line| line.split_once(' '));
    let (_, hex) = lines.find(|(known, _)| *known == name).unwrap();
    let digit = |at| u8::from_str_radix(hex.get(at..at + 2).unwrap(), 16).unwrap();
    (0..hex.len()).step_by(2).map(digit).collect()
}

fn key(name: &str) -> Key {
    Key::new(EncryptionType::Aes256CtsHmacSha1, &recorded(name)).unwrap()
}

fn client_key() -> Key {
    let salt = "MIT.TESTjürgen";
    let etype = EncryptionType::Aes256CtsHmacSha1;
    Key::from_password(etype, "pässwörd", salt.as_bytes(), None).unwrap()
}

fn client() -> Principal {
    "jürgen@MIT.TEST".parse().unwrap()
}

/// Reads a message, which must be written again to the same bytes.
fn read<M: Message>(bytes: &[u8]) -> M {
    let message = M::parse(bytes).unwrap();
    assert_eq!(message.to_bytes().unwrap(), bytes, "{}", M::NAME);
    message
}

/// The same of what is no message of its own.
fn read_part<T: for<'a> Decode<'a, Error = der::Error> + Encode>(bytes: &[u8]) -> T {
    let part = T::from_der(bytes).unwrap();
    assert_eq!(part.to_der().unwrap(), bytes);
    part
}

fn open<M: Message>(sealed: &EncryptedData, key: &Key, usage: KeyUsage) -> M {
    read(&sealed.open(key, usage).unwrap())
}

fn find(padata: &[PaData], kind: i32) -> Option<&[u8]> {
    padata.iter().find(|data| data.padata_type == kind).map(|data| data.padata_value.as_bytes())
}

/// A ticket as its service reads it.
fn open_ticket(ticket: &OpaqueTicket, key: &Key) -> EncTicketPart {
    let ticket: Ticket = read(&ticket.to_der().unwrap());
    open(&ticket.enc_part, key, KeyUsage::TICKET)
}

/// The session key between the client and the ticket-granting service.
fn session_key() -> Key {
    let answer: AsRep = read(&recorded("AS-REP"));
    // MIT's KDC puts the tag of a TGS-REP there.
    let part: EncTgsRepPart = open(&answer.0.enc_part, &client_key(), KeyUsage::AS_REP);
    part.0.key.to_key().unwrap()
}

#[test]
fn the_log_on() {
    let first: AsReq = read(&recorded("AS-REQ"));
    let body = first.0.req_body;
    assert_eq!(body.cname.unwrap().in_realm(&body.realm), client());
    let server = body.sname.unwrap().in_realm(&body.realm);
    assert_eq!(server, Principal::ticket_granting("MIT.TEST", "MIT.TEST"));
    assert!(body.kdc_options.contains(KdcOptions::FORWARDABLE));
    let etypes = EncryptionType::ALL.map(EncryptionType::code);
    assert!(etypes.iter().all(|etype| body.etype.contains(etype)));

    let refusal: KrbError = read(&recorded("KRB-ERROR"));
    assert_eq!(ErrorCode(refusal.error_code), ErrorCode::KDC_ERR_PREAUTH_REQUIRED);
    let methods: MethodData = read_part(refusal.e_data.unwrap().as_bytes());
    let info: EtypeInfo2 = read_part(find(&methods, pa_type::ETYPE_INFO2).unwrap());
    let told: Vec<_> =
        info.iter().map(|entry| (entry.etype, entry.salt.clone().map(|salt| salt.0))).collect();
    assert_eq!(told, [(18, Some("MIT.TESTjürgen".to_owned()))]);

    let second: AsReq = read(&recorded("AS-REQ-WITH-TIMESTAMP"));
    let padata = second.0.padata.unwrap();
    assert_eq!(find(&padata, pa_type::FX_COOKIE), find(&methods, pa_type::FX_COOKIE));
    let timestamp: EncryptedData = read_part(find(&padata, pa_type::ENC_TIMESTAMP).unwrap());
    let timestamp = timestamp.open(&client_key(), KeyUsage::PA_ENC_TIMESTAMP).unwrap();
    let timestamp: PaEncTsEnc = read_part(&timestamp);
    assert!(timestamp.patimestamp.0.abs_diff(refusal.stime.0) < 60);

    let answer: AsRep = read(&recorded("AS-REP"));
    assert_eq!(answer.0.cname.in_realm(&answer.0.crealm), client());
    let part: EncTgsRepPart = open(&answer.0.enc_part, &client_key(), KeyUsage::AS_REP);
    assert_eq!(part.0.nonce, second.0.req_body.nonce);
    let ticket = open_ticket(&answer.0.ticket, &key("GRANTING-KEY"));
    assert_eq!((&ticket.key, ticket.flags), (&part.0.key, part.0.flags));
    assert_eq!(ticket.cname.in_realm(&ticket.crealm), client());
}

#[test]
fn the_ticket() {
    let request: TgsReq = read(&recorded("TGS-REQ"));
    let padata = request.0.padata.unwrap();
    let shown: ApReq = read(find(&padata, pa_type::TGS_REQ).unwrap());
    let usage = KeyUsage::TGS_REQ_AUTHENTICATOR;
    let authenticator: Authenticator = open(&shown.authenticator, &session_key(), usage);
    assert_eq!(authenticator.cname.in_realm(&authenticator.crealm), client());
    assert!(authenticator.subkey.is_some());
    let sum = authenticator.cksum.unwrap();
    let usage = KeyUsage::TGS_REQ_AUTHENTICATOR_CHECKSUM;
    let kind = ChecksumType::from_code(sum.cksumtype).unwrap();
    let body = request.0.req_body.to_der().unwrap();
    session_key().verify_checksum(kind, usage, &[&body], sum.checksum.as_bytes()).unwrap();

    let answer: TgsRep = read(&recorded("TGS-REP"));
    let ticket = open_ticket(&answer.0.ticket, &key("SERVICE-KEY"));
    assert!(ticket.flags.contains(TicketFlags::OK_AS_DELEGATE));

    // The same without FAST, so that the session key opens it.
    let request: TgsReq = read(&recorded("OUR-TGS-REQ"));
    let answer: TgsRep = read(&recorded("PLAIN-TGS-REP"));
    let usage = KeyUsage::TGS_REP_SESSION_KEY;
    let part: EncTgsRepPart = open(&answer.0.enc_part, &session_key(), usage);
    assert_eq!(part.0.nonce, request.0.req_body.nonce);
    let server = part.0.sname.in_realm(&part.0.srealm);
    assert_eq!(server.to_string(), "host/server.mit.test@MIT.TEST");
    let ticket = open_ticket(&answer.0.ticket, &key("SERVICE-KEY"));
    assert_eq!((&ticket.key, ticket.endtime), (&part.0.key, part.0.endtime));
}

#[test]
fn the_certificate_of_rights() {
    let answer: TgsRep = read(&recorded("TGS-REP"));
    let ticket = open_ticket(&answer.0.ticket, &key("SERVICE-KEY"));
    // This KDC says who the client is, and nothing of its rights.
    let pac = Pac::of_ticket(&ticket, &client(), &key("SERVICE-KEY")).unwrap().unwrap();
    assert_eq!(pac.logon, None);
    assert!(Pac::of_ticket(&ticket, &client(), &key("GRANTING-KEY")).is_err());
}
