//! A recorded session of two Windows 10 machines: every signature and every sealed PDU is opened,
//! and made again to the same bytes.

use super::*;

#[path = "../../../tests/common/capture.rs"]
mod capture;

use capture::{Way, recording, ways};

const REQUEST: u8 = 0;
const RESPONSE: u8 = 2;
const BIND: u8 = 11;
const ALTER_CONTEXT: u8 = 14;
const ALTER_CONTEXT_RESPONSE: u8 = 15;

const SUPPORT_HEADER_SIGN: u8 = 4;

/// A PDU with a token of a security context.
struct Protected<'a> {
    header: &'a [u8],
    body: &'a [u8],
    trailer: &'a [u8],
    token: &'a [u8],
}

impl<'a> Protected<'a> {
    fn parse(pdu: &'a [u8]) -> Option<Self> {
        let token_len = usize::from(u16::from_le_bytes([pdu[10], pdu[11]]));
        if token_len == 0 {
            return None;
        }
        let (rest, token) = pdu.split_at(pdu.len() - token_len);
        let (rest, trailer) = rest.split_at(rest.len() - 8);
        // An object identifier makes the header of a request longer.
        let header_len = if pdu[2] == REQUEST && pdu[3] & 0x80 != 0 { 40 } else { 24 };
        let (header, body) = rest.split_at(header_len);
        Some(Self { header, body, trailer, token })
    }

    fn level(&self) -> u8 {
        self.trailer[1]
    }

    fn context(&self) -> String {
        self.trailer[4].to_string()
    }
}

/// One way through one security context.
struct Context {
    key: Key,
    sender: Role,
    number: u64,
    sending: Protection,
    receiving: Protection,
}

impl Context {
    fn new(facts: &serde_json::Value, sender: Role) -> Self {
        let key = hex(facts["acceptor_subkey"].as_str().unwrap());
        let key = Key::new(EncryptionType::Aes256CtsHmacSha1, &key).unwrap();
        // At level 2 the AP-REQ asks neither for replay detection nor for sequence numbers.
        let number = match (facts["level"].as_u64().unwrap(), sender) {
            (2, _) => 0,
            (_, Role::Initiator) => facts["init_seq"].as_u64().unwrap(),
            (_, Role::Acceptor) => facts["acc_seq"].as_u64().unwrap(),
        };
        let (sending, receiving) = ends(&key, true, sender, number);
        Self { key, sender, number, sending, receiving }
    }

    /// A signature over `parts` verifies, and is made again.
    fn check_signature(&mut self, parts: &[&[u8]], token: &[u8]) {
        self.receiving.verify(parts, token).unwrap();
        let mut made = vec![0; self.sending.mic_len()];
        self.sending.sign(parts, &mut made).unwrap();
        assert_eq!(made, token);
        self.number += 1;
    }

    /// A sealed PDU opens, and is made again.
    fn check_sealed(&mut self, pdu: &Protected<'_>, sign_header: bool) {
        let mut sealed = Sealed {
            header: pdu.header.to_vec(),
            body: pdu.body.to_vec(),
            trailer: pdu.trailer.to_vec(),
            sign_header,
            token: pdu.token.to_vec(),
        };
        let (confounder, filler) = sealed.random(&self.key, self.sender, self.number);
        sealed.open(&mut self.receiving).unwrap();
        let Sealed { header, body, trailer, token, .. } = &mut sealed;
        let message = Message::new(header, body, trailer, sign_header);
        self.sending.seal_with(message, token, confounder, filler);
        assert_eq!((body.as_slice(), token.as_slice()), (pdu.body, pdu.token));
        self.number += 1;
    }
}

/// A DER value: its tag, what is in it, what comes after it.
fn der(bytes: &[u8]) -> (u8, &[u8], &[u8]) {
    let (len, head) = match bytes[1] {
        0x81 => (usize::from(bytes[2]), 3),
        0x82 => (usize::from(u16::from_be_bytes([bytes[2], bytes[3]])), 4),
        len => (usize::from(len), 2),
    };
    let (value, rest) = bytes[head..].split_at(len);
    (bytes[0], value, rest)
}

/// The list of mechanisms in a NegTokenInit, with its tag.
fn mechanisms(token: &[u8]) -> Vec<u8> {
    let (_, mechanism_and_rest, _) = der(token);
    let (_, _, init) = der(mechanism_and_rest);
    let (_, sequence, _) = der(init);
    let (_, fields, _) = der(sequence);
    let (tag, list, _) = der(fields);
    assert_eq!(tag, 0xa0);
    list.to_vec()
}

/// The mechListMIC in a NegTokenResp, if the token is one and has it.
fn mechanisms_mic(token: &[u8]) -> Option<Vec<u8>> {
    if !token.starts_with(&[0xa1]) {
        return None;
    }
    let (_, sequence, _) = der(token);
    let (_, mut fields, _) = der(sequence);
    while !fields.is_empty() {
        let (tag, value, rest) = der(fields);
        if tag == 0xa3 {
            return Some(der(value).1.to_vec());
        }
        fields = rest;
    }
    None
}

#[derive(Debug, Default, PartialEq)]
struct Counts {
    mechanisms: usize,
    signed: usize,
    sealed: usize,
}

/// Checks what went one way on one connection. `lists` are the mechanisms that each of its contexts
/// offered.
fn check(
    way: &Way,
    sender: Role,
    contexts: &serde_json::Value,
    lists: &[(String, Vec<u8>)],
    counts: &mut Counts,
) {
    let mut ways: Vec<(String, Context)> = contexts
        .as_object()
        .unwrap()
        .iter()
        .map(|(id, facts)| (id.clone(), Context::new(facts, sender)))
        .collect();
    let mut sign_header = false;
    for pdu in &way.pdus {
        let Some(protected) = Protected::parse(pdu) else { continue };
        let id = protected.context();
        let Some((_, context)) = ways.iter_mut().find(|(known, _)| *known == id) else { continue };
        match pdu[2] {
            REQUEST | RESPONSE if protected.level() == 6 => {
                context.check_sealed(&protected, sign_header);
                counts.sealed += 1;
            }
            REQUEST | RESPONSE => {
                let Protected { header, body, trailer, token } = protected;
                let parts = if sign_header { vec![header, body, trailer] } else { vec![body] };
                context.check_signature(&parts, token);
                counts.signed += 1;
            }
            ALTER_CONTEXT | ALTER_CONTEXT_RESPONSE => {
                sign_header |= pdu[3] & SUPPORT_HEADER_SIGN != 0;
                if let Some(mic) = mechanisms_mic(protected.token) {
                    let (_, list) = lists.iter().find(|(known, _)| *known == id).unwrap();
                    context.check_signature(&[list], &mic);
                    counts.mechanisms += 1;
                }
            }
            _ => {}
        }
    }
}

#[test]
fn every_token_of_a_windows_session() {
    let Some(file) = recording("windows10_wmi_session.pcapng") else { return };
    let Some(keys) = recording("windows10_wmi_session.keys.json") else { return };
    let keys: serde_json::Value = serde_json::from_slice(&keys).unwrap();
    let ways = ways(&file);
    let mut counts = Counts::default();
    for connection in keys["streams"].as_array().unwrap() {
        let contexts = &connection["security_contexts"];
        if contexts.as_object().unwrap().is_empty() {
            continue;
        }
        let end = |at: usize| connection["ends"][at].as_str().unwrap();
        let way =
            |from, to| ways.iter().find(|way| (way.from.as_str(), way.to.as_str()) == (from, to));
        let there = way(end(0), end(1)).unwrap();
        let lists: Vec<_> = there
            .pdus
            .iter()
            .filter(|pdu| [BIND, ALTER_CONTEXT].contains(&pdu[2]))
            .filter_map(|pdu| Protected::parse(pdu))
            .filter(|pdu| pdu.token.starts_with(&[0x60]))
            .map(|pdu| (pdu.context(), mechanisms(pdu.token)))
            .collect();
        check(there, Role::Initiator, contexts, &lists, &mut counts);
        let back = way(end(1), end(0)).unwrap();
        check(back, Role::Acceptor, contexts, &lists, &mut counts);
    }
    assert_eq!(counts, Counts { mechanisms: 2 * 6, signed: 78, sealed: 64 });
}
