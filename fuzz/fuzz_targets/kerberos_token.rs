//! Kerberos messages: as they come, and what is sealed in them, for which the keys are known here.
//!
//! The first byte says what the others are; the seeds have one of each (see
//! `crates/test-kdc/examples/seeds.rs`, which has the same keys and names).
#![no_main]

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use der::Encode;
use der::asn1::OctetString;
use libfuzzer_sys::fuzz_target;
use winreach_kerberos::ap::{Acceptor, AcceptorPolicy, Initiator, InitiatorOptions, ReplayCache};
use winreach_kerberos::client::{AsExchange, Options, Secret, TgsExchange};
use winreach_kerberos::credentials::{Keytab, RawKey, keytab::Entry};
use winreach_kerberos::crypto::{EncryptionType, Key, KeyUsage};
use winreach_kerberos::messages::{
    ApRep, ApReq, AsRep, AsReq, Authenticator, AuthorizationDatum, EncApRepPart, EncAsRepPart,
    EncKrbCredPart, EncTgsRepPart, EncTicketPart, EncryptedData, EncryptionKey, GssChecksum,
    GssFlags, KdcRep, KerberosFlags, KerberosString, KerberosTime, KrbCred, KrbError, Message,
    OpaqueTicket, PrincipalName, TgsRep, TgsReq, Ticket, TicketFlags, TransitedEncoding, ad_type,
    unframed,
};
use winreach_kerberos::pac::Pac;
use winreach_kerberos::{Credential, Principal};

const NOW: u64 = 1_770_000_000;

fn now() -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(NOW)
}

fn key(byte: u8) -> Key {
    Key::new(EncryptionType::Aes256CtsHmacSha1, &[byte; 32]).unwrap()
}

fn service_key() -> Key {
    key(1)
}

fn session_key() -> Key {
    key(2)
}

fn name(text: &str) -> Principal {
    text.parse().unwrap()
}

fn client() -> Principal {
    name("alice@EXAMPLE.COM")
}

fn service() -> Principal {
    name("host/server.example.com@EXAMPLE.COM")
}

fn seal(key: &Key, usage: KeyUsage, plain: &[u8]) -> EncryptedData {
    EncryptedData::seal(key, usage, plain).unwrap()
}

/// A ticket of which only the service reads `part`.
fn ticket(server: &Principal, part: &[u8]) -> OpaqueTicket {
    let ticket = Ticket {
        tkt_vno: 5,
        realm: KerberosString(server.realm.clone()),
        sname: PrincipalName::from(server),
        enc_part: seal(&service_key(), KeyUsage::TICKET, part),
    };
    OpaqueTicket::parse_whole("Ticket", &ticket.to_bytes().unwrap()).unwrap()
}

fn ticket_part() -> EncTicketPart {
    EncTicketPart {
        flags: TicketFlags::INITIAL,
        key: EncryptionKey::new(&session_key()).unwrap(),
        crealm: KerberosString("EXAMPLE.COM".to_owned()),
        cname: PrincipalName::from(&client()),
        transited: TransitedEncoding { tr_type: 1, contents: OctetString::new([]).unwrap() },
        authtime: KerberosTime(NOW),
        starttime: None,
        endtime: KerberosTime(NOW + 3600),
        renew_till: None,
        caddr: None,
        authorization_data: None,
    }
}

fn credential(server: Principal) -> Credential {
    Credential {
        client: client(),
        ticket: ticket(&server, &ticket_part().to_bytes().unwrap()),
        server,
        key: session_key(),
        flags: TicketFlags::FORWARDABLE,
        auth_time: KerberosTime(NOW),
        start_time: KerberosTime(NOW),
        end_time: KerberosTime(NOW + 3600),
        renew_till: None,
    }
}

fn granting() -> Credential {
    credential(name("krbtgt/EXAMPLE.COM@EXAMPLE.COM"))
}

fn initiator() -> (Initiator, Vec<u8>) {
    let options = InitiatorOptions { flags: GssFlags::DCE_STYLE, ..InitiatorOptions::default() };
    Initiator::start(credential(service()), options, now()).unwrap()
}

fn accept(token: &[u8]) -> Option<Acceptor> {
    let mut keytab = Keytab::new();
    let key = RawKey::new(18, service_key().as_bytes());
    keytab.add(Entry { principal: service(), timestamp: 0, kvno: 1, key });
    let policy = AcceptorPolicy::default();
    Acceptor::accept(token, &keytab, &ReplayCache::default(), &policy, now())
        .ok()
        .map(|(acceptor, _)| acceptor)
}

/// What can be read is written to something that is read as the same.
fn read<M: Message + PartialEq + std::fmt::Debug>(data: &[u8]) -> Option<M> {
    let message = M::parse(data).inspect_err(|error| drop(error.to_string())).ok()?;
    let written = message.to_bytes().expect("what was read can be written");
    assert_eq!(M::parse(&written).as_ref(), Ok(&message));
    drop(format!("{message:?}"));
    Some(message)
}

/// All messages, and what is not one of its own.
fn messages(data: &[u8]) {
    read::<AsReq>(data);
    read::<AsRep>(data);
    read::<TgsReq>(data);
    read::<TgsRep>(data);
    read::<EncAsRepPart>(data);
    read::<EncTgsRepPart>(data);
    read::<ApRep>(data);
    read::<EncApRepPart>(data);
    read::<KrbCred>(data);
    read::<EncKrbCredPart>(data);
    read::<Ticket>(data);
    read::<EncTicketPart>(data);
    if let Some(error) = read::<KrbError>(data) {
        drop(winreach_kerberos::messages::ErrorCode(error.error_code).to_string());
    }
    if let Some(request) = read::<ApReq>(data) {
        let _ = request.ticket.open();
    }
    if let Some(authenticator) = read::<Authenticator>(data)
        && let Some(checksum) = authenticator.cksum
        && let Ok(checksum) = GssChecksum::parse(&checksum)
    {
        let _ = checksum.to_checksum();
    }
    let _ = unframed(data);
}

/// Answers to those who have asked.
fn answers(data: &[u8]) {
    let secret = Secret::Keys(vec![session_key()]);
    let mut logon = AsExchange::new(client(), secret, Options::default());
    for _ in 0..2 {
        if logon.request(now()).is_ok() {
            let _ = logon.answer(data, now());
        }
    }
    let mut exchange = TgsExchange::new(granting(), service(), Options::default());
    if exchange.request(now()).is_ok() {
        let _ = exchange.answer(data, now());
    }
    let _ = initiator().0.finish(data, now());
    accept(data);
}

/// A ticket that says this, shown by its client.
fn in_a_ticket(data: &[u8]) {
    let shown = Credential { ticket: ticket(&service(), data), ..credential(service()) };
    let options = InitiatorOptions { flags: GssFlags::DCE_STYLE, ..InitiatorOptions::default() };
    accept(&Initiator::start(shown, options, now()).unwrap().1);
}

/// A client that says this with its ticket.
fn in_an_authenticator(data: &[u8]) {
    let request = ApReq {
        pvno: 5,
        msg_type: 14,
        ap_options: KerberosFlags::default(),
        ticket: credential(service()).ticket,
        authenticator: seal(&session_key(), KeyUsage::AP_REQ_AUTHENTICATOR, data),
    };
    accept(&request.to_bytes().unwrap());
}

/// A service that answers this, and a client that does.
fn in_an_answer(data: &[u8]) {
    let enc_part = seal(&session_key(), KeyUsage::AP_REP, data);
    let answer = ApRep { pvno: 5, msg_type: 15, enc_part }.to_bytes().unwrap();
    let (initiator, token) = initiator();
    if let Some(acceptor) = accept(&token) {
        let _ = acceptor.finish(&answer);
    }
    let _ = initiator.finish(&answer, now());
}

/// A KDC that says this of a ticket.
fn in_a_ticket_answer(data: &[u8]) {
    let reply = |msg_type, usage| KdcRep {
        pvno: 5,
        msg_type,
        padata: None,
        crealm: KerberosString("EXAMPLE.COM".to_owned()),
        cname: PrincipalName::from(&client()),
        ticket: granting().ticket,
        enc_part: seal(&session_key(), usage, data),
    };
    let secret = Secret::Keys(vec![session_key()]);
    let mut logon = AsExchange::new(client(), secret, Options::default());
    logon.request(now()).unwrap();
    let _ = logon.answer(&AsRep(reply(11, KeyUsage::AS_REP)).to_bytes().unwrap(), now());
    let mut exchange = TgsExchange::new(granting(), service(), Options::default());
    exchange.request(now()).unwrap();
    let answer = TgsRep(reply(13, KeyUsage::TGS_REP_SESSION_KEY)).to_bytes().unwrap();
    let _ = exchange.answer(&answer, now());
}

fn read_pac(pac: Vec<u8>) {
    let datum =
        |ad_type, data| AuthorizationDatum { ad_type, ad_data: OctetString::new(data).unwrap() };
    let inner = vec![datum(ad_type::WIN2K_PAC, pac)].to_der().unwrap();
    let data = Some(vec![datum(ad_type::IF_RELEVANT, inner)]);
    let ticket = EncTicketPart { authorization_data: data, ..ticket_part() };
    if let Err(error) = Pac::of_ticket(&ticket, &client(), &service_key()) {
        drop(error.to_string());
    }
}

/// A certificate that says this of an account, signed as it should be.
fn in_a_certificate(data: &[u8]) {
    const SIGNATURE: u32 = 16;
    let client_time = (NOW + 11_644_473_600) * 10_000_000;
    let name: Vec<u8> = "alice".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let client = [&client_time.to_le_bytes()[..], &[10, 0], &name].concat();
    let signature = [&SIGNATURE.to_le_bytes()[..], &[0; 12]].concat();
    let mut pac = [3_u32.to_le_bytes(), [0; 4]].concat();
    let mut at = 8 + 3 * 16;
    for (kind, length) in [(6_u32, signature.len()), (10, client.len()), (1, data.len())] {
        pac.extend(kind.to_le_bytes());
        pac.extend(u32::try_from(length).unwrap().to_le_bytes());
        pac.extend(u64::try_from(at).unwrap().to_le_bytes());
        at += length;
    }
    let place = pac.len() + 4;
    pac.extend([signature.as_slice(), &client, data].concat());
    let made = service_key().checksum(KeyUsage::PAC, &[&pac]);
    pac[place..place + made.len()].copy_from_slice(&made);
    read_pac(pac);
}

fuzz_target!(|data: &[u8]| {
    let Some((kind, data)) = data.split_first() else { return };
    match kind {
        b'm' => messages(data),
        b'a' => answers(data),
        b't' => in_a_ticket(data),
        b'c' => in_an_authenticator(data),
        b'p' => in_an_answer(data),
        b'k' => in_a_ticket_answer(data),
        b'r' => read_pac(data.to_vec()),
        b'l' => in_a_certificate(data),
        _ => {}
    }
});
