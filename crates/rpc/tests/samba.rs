//! Against a Samba domain controller, which `tests/interop/samba.sh` starts.
//!
//! Runs when `WINREACH_TEST_SAMBA` names its address and `WINREACH_TEST_SAMBA_PASSWORD_FILE` a file
//! with the password of `TEST\Administrator`. The arguments are encoded by hand.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "a test"
)]

use std::time::Duration;

use bytes::{BufMut, Bytes, BytesMut};
use tokio::net::TcpStream;
use tokio::time::Instant;
use uuid::{Uuid, uuid};
use winreach_auth::{AuthLevel, Credentials, ntlm};
use winreach_rpc::client::{Call, Config, Connection, Error, Security};
use winreach_rpc::{Fault, SyntaxId};

const ENDPOINT_MAPPER: SyntaxId =
    SyntaxId::new(uuid!("e1af8308-5d1f-11c9-91a4-08002b14a0fa"), 3, 0);
const MGMT: SyntaxId = SyntaxId::new(uuid!("afa8bd80-7d8a-11c9-bef4-08002b102989"), 1, 0);
const SAMR: SyntaxId = SyntaxId::new(uuid!("12345778-1234-abcd-ef00-0123456789ac"), 1, 0);

const STATUS_SOME_NOT_MAPPED: u32 = 0x0000_0107;

/// Where Samba is and how to log in.
struct Peer {
    address: String,
    password: String,
}

fn peer() -> Option<Peer> {
    let variables =
        (std::env::var("WINREACH_TEST_SAMBA"), std::env::var("WINREACH_TEST_SAMBA_PASSWORD_FILE"));
    let (Ok(address), Ok(file)) = variables else {
        let required = std::env::var("WINREACH_REQUIRE_PEERS").is_ok_and(|value| value == "1");
        assert!(!required, "WINREACH_TEST_SAMBA is not set, and peers are required");
        eprintln!("SKIPPED: WINREACH_TEST_SAMBA and WINREACH_TEST_SAMBA_PASSWORD_FILE are not set");
        return None;
    };
    let password = std::fs::read_to_string(file).expect("the password file is readable");
    Some(Peer { address, password: password.trim_end().to_owned() })
}

fn soon() -> Instant {
    Instant::now() + Duration::from_secs(20)
}

impl Peer {
    async fn open(
        &self,
        port: u16,
        interfaces: &[SyntaxId],
        level: Option<AuthLevel>,
    ) -> Result<Connection, Error> {
        self.open_with(port, interfaces, level, &self.password).await
    }

    async fn open_with(
        &self,
        port: u16,
        interfaces: &[SyntaxId],
        level: Option<AuthLevel>,
        password: &str,
    ) -> Result<Connection, Error> {
        let stream = TcpStream::connect((self.address.as_str(), port)).await?;
        let security = level.map(|level| {
            let credentials = Credentials::new("TEST\\Administrator", password.to_owned().into());
            let initiator =
                ntlm::Source::new(credentials).begin("HOST/dc1.test.lan", level).unwrap();
            Security::new(initiator, level)
        });
        Connection::open(stream, interfaces, security, Config::default(), soon()).await
    }

    /// The port of SAMR, as the endpoint mapper tells it.
    async fn samr_port(&self) -> u16 {
        let connection = self.open(135, &[ENDPOINT_MAPPER], None).await.unwrap();
        let answer = call(&connection, ENDPOINT_MAPPER, 3, ept_map(&SAMR)).await.unwrap();
        ept_map_port(&answer)
    }
}

async fn call(
    connection: &Connection,
    interface: SyntaxId,
    opnum: u16,
    stub: BytesMut,
) -> Result<Bytes, Error> {
    let call = Call { interface, opnum, object: None, stub: stub.freeze() };
    connection.call(call, soon()).await
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap())
}

/// The status that closes every answer here.
fn status(answer: &[u8]) -> u32 {
    u32_at(answer, answer.len() - 4)
}

fn floor(tower: &mut BytesMut, left: &[u8], right: &[u8]) {
    tower.put_u16_le(left.len() as u16);
    tower.put_slice(left);
    tower.put_u16_le(right.len() as u16);
    tower.put_slice(right);
}

fn syntax_floor(tower: &mut BytesMut, syntax: &SyntaxId) {
    let mut left = vec![0x0d];
    left.extend_from_slice(&syntax.uuid.to_bytes_le());
    left.extend_from_slice(&syntax.major.to_le_bytes());
    floor(tower, &left, &syntax.minor.to_le_bytes());
}

/// `ept_map` for an interface over TCP.
fn ept_map(interface: &SyntaxId) -> BytesMut {
    let mut tower = BytesMut::new();
    tower.put_u16_le(5);
    syntax_floor(&mut tower, interface);
    syntax_floor(&mut tower, &SyntaxId::NDR);
    floor(&mut tower, &[0x0b], &[0, 0]);
    floor(&mut tower, &[0x07], &[0, 0]);
    floor(&mut tower, &[0x09], &[0; 4]);
    let mut stub = BytesMut::new();
    stub.put_u32_le(0x0002_0000);
    stub.put_slice(Uuid::nil().as_bytes());
    stub.put_u32_le(0x0002_0004);
    stub.put_u32_le(tower.len() as u32);
    stub.put_u32_le(tower.len() as u32);
    stub.put_slice(&tower);
    stub.put_bytes(0, stub.len().wrapping_neg() % 4);
    stub.put_bytes(0, 20);
    stub.put_u32_le(4);
    stub
}

/// The port in the first tower of an `ept_map` answer.
fn ept_map_port(answer: &[u8]) -> u16 {
    assert_eq!(status(answer), 0);
    assert!(u32_at(answer, 20) >= 1, "at least one tower");
    // TCP floor: left side of one byte 07, right side of two bytes, the port in network order.
    let pattern = [1, 0, 7, 2, 0];
    let at = answer.windows(5).position(|bytes| bytes == pattern).expect("a TCP floor");
    u16::from_be_bytes([answer[at + 5], answer[at + 6]])
}

fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

#[tokio::test]
async fn the_endpoint_mapper_lists_its_endpoints_without_and_with_authentication() {
    let Some(peer) = peer() else { return };
    for level in [None, Some(AuthLevel::Integrity), Some(AuthLevel::Privacy)] {
        let connection = peer.open(135, &[ENDPOINT_MAPPER], level).await.unwrap();
        let mut lookup = BytesMut::new();
        lookup.put_u32_le(0); // all entries
        lookup.put_u32_le(0); // no object
        lookup.put_u32_le(0); // no interface
        lookup.put_u32_le(1); // all versions
        lookup.put_bytes(0, 20); // a new lookup
        lookup.put_u32_le(500);
        let answer = call(&connection, ENDPOINT_MAPPER, 2, lookup).await.unwrap();
        assert!(u32_at(&answer, 20) > 5, "entries at {level:?}");
        assert_eq!(status(&answer), 0);
        let samr = SAMR.uuid.to_bytes_le();
        assert!(answer.windows(16).any(|bytes| bytes == samr), "SAMR is among them");
    }
}

#[tokio::test]
async fn mgmt_tells_its_interfaces_at_integrity_and_at_privacy() {
    let Some(peer) = peer() else { return };
    for level in [AuthLevel::Integrity, AuthLevel::Privacy] {
        let connection = peer.open(135, &[ENDPOINT_MAPPER, MGMT], Some(level)).await.unwrap();
        // Three calls: sequence numbers and cipher states go on.
        for _ in 0..3 {
            let answer = call(&connection, MGMT, 0, BytesMut::new()).await.unwrap();
            assert_ne!(u32_at(&answer, 0), 0, "a vector of interfaces at {level}");
            assert!(u32_at(&answer, 4) > 0);
            assert_eq!(status(&answer), 0);
        }
    }
}

#[tokio::test]
async fn samr_lists_its_domains_at_integrity_and_at_privacy() {
    let Some(peer) = peer() else { return };
    let port = peer.samr_port().await;
    for level in [AuthLevel::Integrity, AuthLevel::Privacy] {
        let connection = peer.open(port, &[SAMR], Some(level)).await.unwrap();
        let server = samr_connect(&connection).await.unwrap();
        let mut enumerate = BytesMut::from(&server[..]);
        enumerate.put_u32_le(0);
        enumerate.put_u32_le(0xffff);
        let answer = call(&connection, SAMR, 6, enumerate).await.unwrap();
        assert_eq!(status(&answer), 0);
        for domain in ["TEST", "BUILTIN"] {
            let name = utf16(domain);
            assert!(answer.windows(name.len()).any(|bytes| bytes == name), "{domain} at {level}");
        }
    }
}

/// `SamrConnect` for maximum rights; the handle.
async fn samr_connect(connection: &Connection) -> Result<Bytes, Error> {
    let mut connect = BytesMut::new();
    connect.put_u32_le(0);
    connect.put_u32_le(0x0200_0000);
    let answer = call(connection, SAMR, 0, connect).await?;
    assert_eq!(status(&answer), 0);
    Ok(answer.slice(..20))
}

#[tokio::test]
async fn samr_at_connect_level_is_denied_with_a_typed_error() {
    let Some(peer) = peer() else { return };
    let port = peer.samr_port().await;
    let error = match peer.open(port, &[SAMR], Some(AuthLevel::Connect)).await {
        Ok(connection) => samr_connect(&connection).await.unwrap_err(),
        Err(error) => error,
    };
    assert_eq!(error.fault(), Some(Fault::ACCESS_DENIED), "{error}");
}

#[tokio::test]
async fn a_wrong_password_shows_at_the_first_call() {
    let Some(peer) = peer() else { return };
    let connection =
        peer.open_with(135, &[MGMT], Some(AuthLevel::Integrity), "not the password").await.unwrap();
    let error = call(&connection, MGMT, 0, BytesMut::new()).await.unwrap_err();
    // Windows says ACCESS_DENIED here; Samba takes the request for an error of the protocol.
    assert_eq!(error.fault(), Some(Fault::PROTOCOL_ERROR), "{error}");
}

#[tokio::test]
async fn interfaces_that_samba_takes_one_at_a_time_are_all_usable_after_one_open() {
    let Some(peer) = peer() else { return };
    for level in [None, Some(AuthLevel::Privacy)] {
        let connection = peer.open(135, &[ENDPOINT_MAPPER, MGMT], level).await.unwrap();
        let mapped = call(&connection, ENDPOINT_MAPPER, 3, ept_map(&SAMR)).await.unwrap();
        assert_ne!(ept_map_port(&mapped), 0);
        let answer = call(&connection, MGMT, 0, BytesMut::new()).await.unwrap();
        assert_eq!(status(&answer), 0);
    }
}

#[tokio::test]
async fn an_unknown_interface_is_refused_with_a_typed_error() {
    let Some(peer) = peer() else { return };
    let nobodys = SyntaxId::new(uuid!("01234567-89ab-cdef-0123-456789abcdef"), 1, 0);
    let error = peer.open(135, &[nobodys], None).await.unwrap_err();
    assert!(
        matches!(error, Error::InterfaceRefused { interface, .. } if interface == nobodys),
        "{error}"
    );
    // Beside a known one it does no harm, and it can be added to no avail.
    let connection = peer.open(135, &[MGMT, nobodys], None).await.unwrap();
    call(&connection, MGMT, 0, BytesMut::new()).await.unwrap();
    connection.add_interfaces(&[nobodys], soon()).await.unwrap_err();
    connection.add_interfaces(&[ENDPOINT_MAPPER], soon()).await.unwrap();
    call(&connection, MGMT, 0, BytesMut::new()).await.unwrap();
}

#[tokio::test]
async fn an_unknown_operation_is_a_fault_and_the_connection_lives_on() {
    let Some(peer) = peer() else { return };
    let connection = peer.open(135, &[MGMT], Some(AuthLevel::Privacy)).await.unwrap();
    let error = call(&connection, MGMT, 99, BytesMut::new()).await.unwrap_err();
    assert_eq!(error.fault(), Some(Fault::OP_RANGE_ERROR), "{error}");
    call(&connection, MGMT, 0, BytesMut::new()).await.unwrap();
}

#[tokio::test]
async fn large_requests_and_answers_go_in_fragments() {
    let Some(peer) = peer() else { return };
    let port = peer.samr_port().await;
    for level in [AuthLevel::Integrity, AuthLevel::Privacy] {
        let connection = peer.open(port, &[SAMR], Some(level)).await.unwrap();
        let server = samr_connect(&connection).await.unwrap();
        let domain = samr_open_domain(&connection, &server, "TEST").await;

        // A thousand names, one of them known: more than 100 KiB out, more than 8000 bytes back.
        let names = (0..999).map(|number| format!("nobody-{number:050}"));
        let names = names.chain(["Administrator".to_owned()]).collect::<Vec<_>>();
        let request = samr_lookup_names(&domain, &names);
        assert!(request.len() > 100 * 1024);
        let answer = call(&connection, SAMR, 17, request).await.unwrap();
        assert!(answer.len() > 8000, "{}", answer.len());
        assert_eq!(status(&answer), STATUS_SOME_NOT_MAPPED);
        // The RIDs: count, referent, conformance, values.
        assert_eq!(u32_at(&answer, 0), 1000);
        assert_eq!(u32_at(&answer, 12), 0);
        assert_eq!(u32_at(&answer, 12 + 999 * 4), 500, "the RID of Administrator");
    }
}

/// `SamrLookupDomainInSamServer` and `SamrOpenDomain`; the handle.
async fn samr_open_domain(connection: &Connection, server: &[u8], name: &str) -> Bytes {
    let mut lookup = BytesMut::from(server);
    put_unicode_string(&mut lookup, name, 0x0002_0000);
    put_characters(&mut lookup, name);
    let answer = call(connection, SAMR, 5, lookup).await.unwrap();
    assert_eq!(status(&answer), 0);
    // Referent, conformance (the number of sub-authorities), the SID itself.
    let sid = &answer[8..8 + 8 + 4 * u32_at(&answer, 4) as usize];

    let mut open = BytesMut::from(server);
    open.put_u32_le(0x0200_0000);
    open.put_u32_le(u32_at(&answer, 4));
    open.put_slice(sid);
    let answer = call(connection, SAMR, 7, open).await.unwrap();
    assert_eq!(status(&answer), 0);
    answer.slice(..20)
}

fn samr_lookup_names(domain: &[u8], names: &[String]) -> BytesMut {
    let mut stub = BytesMut::from(domain);
    stub.put_u32_le(names.len() as u32);
    stub.put_u32_le(1000); // size_is
    stub.put_u32_le(0);
    stub.put_u32_le(names.len() as u32);
    for (referent, name) in (0x0002_0000..).step_by(4).zip(names) {
        put_unicode_string(&mut stub, name, referent);
    }
    for name in names {
        stub.put_bytes(0, stub.len().wrapping_neg() % 4);
        put_characters(&mut stub, name);
    }
    stub
}

/// `RPC_UNICODE_STRING` without its pointee.
fn put_unicode_string(stub: &mut BytesMut, text: &str, referent: u32) {
    let length = utf16(text).len() as u16;
    stub.put_u16_le(length);
    stub.put_u16_le(length);
    stub.put_u32_le(referent);
}

fn put_characters(stub: &mut BytesMut, text: &str) {
    let characters = utf16(text);
    let count = (characters.len() / 2) as u32;
    stub.put_u32_le(count);
    stub.put_u32_le(0);
    stub.put_u32_le(count);
    stub.put_slice(&characters);
}
