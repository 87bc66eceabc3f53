//! The exchanges of a recorded session of two Windows 10 machines: each message and what is sealed
//! in it is read, compared with the keys that are known, and written again to the same bytes.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test")]

#[path = "common/capture.rs"]
mod capture;

use capture::{recording, ways};
use serde_json::Value;
use winreach_kerberos::crypto::{EncryptionType, Key, KeyUsage};
use winreach_kerberos::messages::{
    ApOptions, ApRep, ApReq, Authenticator, EncApRepPart, EncryptedData, EncryptionKey,
    GssChecksum, GssFlags, Message, ad_type,
};

const AP_REQ: u8 = 0x6E;
const AP_REP: u8 = 0x6F;

/// Reads a message, which must be written again to the same bytes.
fn read<M: Message>(bytes: &[u8]) -> M {
    let message = M::parse(bytes).unwrap();
    assert_eq!(message.to_bytes().unwrap(), bytes, "{}", M::NAME);
    message
}

fn open<M: Message>(sealed: &EncryptedData, key: &Key, usage: KeyUsage) -> M {
    read(&sealed.open(key, usage).unwrap())
}

/// The message that fills an OCTET STRING of an SPNEGO token.
fn message(token: &[u8], tag: u8) -> Option<&[u8]> {
    (0..token.len()).find_map(|at| {
        let (length, content) = length_of(token.get(at..)?.strip_prefix(&[4])?)?;
        let content = content.get(..length)?;
        let (inner, rest) = length_of(content.strip_prefix(&[tag])?)?;
        (inner == rest.len()).then_some(content)
    })
}

/// A length in DER, and what comes after it.
fn length_of(bytes: &[u8]) -> Option<(usize, &[u8])> {
    match bytes {
        [short @ ..=0x7F, rest @ ..] => Some((usize::from(*short), rest)),
        [0x81, one, rest @ ..] => Some((usize::from(*one), rest)),
        [0x82, high, low, rest @ ..] => {
            Some((usize::from(u16::from_be_bytes([*high, *low])), rest))
        }
        _ => None,
    }
}

/// The token of a security context in a PDU, and the number of that.
fn token(pdu: &[u8]) -> Option<(String, &[u8])> {
    let length = usize::from(u16::from_le_bytes([pdu[10], pdu[11]]));
    let at = pdu.len() - length;
    (length > 0).then(|| (pdu[at - 4].to_string(), &pdu[at..]))
}

/// What is known of one security context.
struct Facts<'a>(&'a Value);

impl Facts<'_> {
    fn key(&self, name: &str) -> Key {
        let text = self.0[name].as_str().unwrap();
        let bytes: Vec<u8> = (0..text.len())
            .step_by(2)
            .map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap())
            .collect();
        Key::new(EncryptionType::Aes256CtsHmacSha1, &bytes).unwrap()
    }

    fn number(&self, name: &str) -> Option<u32> {
        Some(u32::try_from(self.0[name].as_u64().unwrap()).unwrap())
    }
}

/// The three legs of one context, as bytes.
fn check(facts: &Facts<'_>, legs: [&[u8]; 3]) {
    let ticket_key = facts.key("session_key");
    let request: ApReq = read(legs[0]);
    assert_eq!(request.ap_options, ApOptions::MUTUAL_REQUIRED);
    let ticket = request.ticket.open().unwrap();
    let server = ticket.sname.in_realm(&ticket.realm);
    assert_eq!(server.name(), facts.0["sname"].as_str().unwrap());
    assert_eq!(server.realm, "THESHIRE.LOCAL");
    assert_eq!(read::<winreach_kerberos::messages::Ticket>(&ticket.to_bytes().unwrap()), ticket);

    let usage = KeyUsage::AP_REQ_AUTHENTICATOR;
    let authenticator: Authenticator = open(&request.authenticator, &ticket_key, usage);
    let subkey = authenticator.subkey.as_ref().map(EncryptionKey::to_key);
    assert_eq!(subkey, Some(Ok(facts.key("initiator_subkey"))));
    assert_eq!(authenticator.seq_number.map(|number| number.0), facts.number("init_seq"));
    let checksum = GssChecksum::parse(authenticator.cksum.as_ref().unwrap()).unwrap();
    assert_eq!(checksum.to_checksum().unwrap(), authenticator.cksum.clone().unwrap());
    assert_eq!((checksum.channel_bindings, &checksum.delegation), ([0; 16], &None));
    let level = facts.0["level"].as_u64().unwrap();
    let wishes = match level {
        2 => 0x1022,
        4 => 0x1026,
        6 => 0x103E,
        other => panic!("level {other}"),
    };
    let flags = GssFlags(checksum.flags.0 & !GssFlags::IDENTIFY.0);
    assert_eq!(flags, GssFlags(wishes), "level {level}");
    let data = authenticator.authorization_data.unwrap();
    assert!(data.iter().all(|datum| datum.ad_type == ad_type::IF_RELEVANT));

    let answer: ApRep = read(legs[1]);
    let answer: EncApRepPart = open(&answer.enc_part, &ticket_key, KeyUsage::AP_REP);
    let subkey = answer.subkey.as_ref().map(EncryptionKey::to_key);
    assert_eq!(subkey, Some(Ok(facts.key("acceptor_subkey"))));
    assert_eq!(answer.seq_number.map(|number| number.0), facts.number("acc_seq"));
    let when = (answer.ctime, answer.cusec);
    assert_eq!(when, (authenticator.ctime, authenticator.cusec));

    let last: ApRep = read(legs[2]);
    let last: EncApRepPart = open(&last.enc_part, &ticket_key, KeyUsage::AP_REP);
    assert_eq!((last.subkey, last.seq_number), (None, answer.seq_number));
    assert!((last.ctime, last.cusec) > when);
}

#[test]
fn every_leg_of_recorded_exchanges_is_read_and_written_again() {
    let Some(file) = recording("windows10_wmi_session.pcapng") else { return };
    let keys: Value =
        serde_json::from_slice(&recording("windows10_wmi_session.keys.json").unwrap()).unwrap();
    let ways = ways(&file);
    let mut checked = 0;
    for stream in keys["streams"].as_array().unwrap() {
        let end = |index: usize| stream["ends"][index].as_str().unwrap();
        // The messages of one kind that went one way in one context.
        let sent = |from: &str, to: &str, context: &str, tag: u8| -> Vec<Vec<u8>> {
            ways.iter()
                .filter(|way| way.from == from && way.to == to)
                .flat_map(|way| &way.pdus)
                .filter_map(|pdu| token(pdu).filter(|(number, _)| number == context))
                .filter_map(|(_, token)| message(token, tag).map(<[u8]>::to_vec))
                .collect()
        };
        for (context, facts) in stream["security_contexts"].as_object().unwrap() {
            let (client, server) =
                if sent(end(0), end(1), context, AP_REQ).is_empty() { (1, 0) } else { (0, 1) };
            let requests = sent(end(client), end(server), context, AP_REQ);
            let answers = sent(end(server), end(client), context, AP_REP);
            let lasts = sent(end(client), end(server), context, AP_REP);
            assert_eq!((requests.len(), answers.len(), lasts.len()), (1, 1, 1), "{context}");
            check(&Facts(facts), [&requests[0], &answers[0], &lasts[0]]);
            checked += 1;
        }
    }
    assert_eq!(checked, 6);
}
