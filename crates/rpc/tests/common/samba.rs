//! What the tests against a Samba domain controller share, and arguments encoded by hand.
#![allow(
    dead_code,
    unreachable_pub,
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "test support; not every test uses all of it"
)]

use std::time::Duration;

use bytes::{BufMut, Bytes, BytesMut};
use tokio::net::TcpStream;
use tokio::time::Instant;
use uuid::{Uuid, uuid};
use winreach_auth::{AuthLevel, Credentials, InitiatorSource, ntlm};
use winreach_rpc::SyntaxId;
use winreach_rpc::client::{Call, Config, Connection, Error, Security};

pub const ENDPOINT_MAPPER: SyntaxId =
    SyntaxId::new(uuid!("e1af8308-5d1f-11c9-91a4-08002b14a0fa"), 3, 0);
pub const MGMT: SyntaxId = SyntaxId::new(uuid!("afa8bd80-7d8a-11c9-bef4-08002b102989"), 1, 0);
pub const SAMR: SyntaxId = SyntaxId::new(uuid!("12345778-1234-abcd-ef00-0123456789ac"), 1, 0);

/// Where Samba is and how to log in.
pub struct Peer {
    address: String,
    password: String,
}

pub fn peer() -> Option<Peer> {
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

pub fn soon() -> Instant {
    Instant::now() + Duration::from_secs(20)
}

impl Peer {
    pub async fn open(
        &self,
        port: u16,
        interfaces: &[SyntaxId],
        level: Option<AuthLevel>,
    ) -> Result<Connection, Error> {
        self.open_with(port, interfaces, level, &self.password).await
    }

    pub async fn open_with(
        &self,
        port: u16,
        interfaces: &[SyntaxId],
        level: Option<AuthLevel>,
        password: &str,
    ) -> Result<Connection, Error> {
        self.open_as(&administrator(password), port, interfaces, level).await
    }

    /// The account that may do everything.
    pub fn administrator(&self) -> ntlm::Source {
        administrator(&self.password)
    }

    /// As somebody else, or as nobody.
    pub async fn open_as(
        &self,
        source: &ntlm::Source,
        port: u16,
        interfaces: &[SyntaxId],
        level: Option<AuthLevel>,
    ) -> Result<Connection, Error> {
        let stream = TcpStream::connect((self.address.as_str(), port)).await?;
        let security = level
            .map(|level| Security::new(source.begin("HOST/dc1.test.lan", level).unwrap(), level));
        Connection::open(stream, interfaces, security, Config::default(), soon()).await
    }

    /// By any mechanism, towards the service of this name.
    pub async fn open_by(
        &self,
        source: &dyn InitiatorSource,
        service: &str,
        port: u16,
        interfaces: &[SyntaxId],
        level: AuthLevel,
    ) -> Result<Connection, Error> {
        let stream = TcpStream::connect((self.address.as_str(), port)).await?;
        let security = Security::new(source.initiator(service, level).await?, level);
        Connection::open(stream, interfaces, Some(security), Config::default(), soon()).await
    }

    /// The port of SAMR, as the endpoint mapper tells it.
    pub async fn samr_port(&self) -> u16 {
        let connection = self.open(135, &[ENDPOINT_MAPPER], None).await.unwrap();
        let answer = call(&connection, ENDPOINT_MAPPER, 3, ept_map(&SAMR)).await.unwrap();
        ept_map_port(&answer)
    }
}

fn administrator(password: &str) -> ntlm::Source {
    ntlm::Source::new(Credentials::new("TEST\\Administrator", password.to_owned().into()))
}

pub async fn call(
    connection: &Connection,
    interface: SyntaxId,
    opnum: u16,
    stub: BytesMut,
) -> Result<Bytes, Error> {
    let call = Call { interface, opnum, object: None, stub: stub.freeze() };
    connection.call(call, soon()).await
}

pub fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap())
}

/// The status that closes every answer here.
pub fn status(answer: &[u8]) -> u32 {
    u32_at(answer, answer.len() - 4)
}

pub fn floor(tower: &mut BytesMut, left: &[u8], right: &[u8]) {
    tower.put_u16_le(left.len() as u16);
    tower.put_slice(left);
    tower.put_u16_le(right.len() as u16);
    tower.put_slice(right);
}

pub fn syntax_floor(tower: &mut BytesMut, syntax: &SyntaxId) {
    let mut left = vec![0x0d];
    left.extend_from_slice(&syntax.uuid.to_bytes_le());
    left.extend_from_slice(&syntax.major.to_le_bytes());
    floor(tower, &left, &syntax.minor.to_le_bytes());
}

/// `ept_lookup` for everything that is registered.
pub fn ept_lookup() -> BytesMut {
    let mut lookup = BytesMut::new();
    lookup.put_u32_le(0); // all entries
    lookup.put_u32_le(0); // no object
    lookup.put_u32_le(0); // no interface
    lookup.put_u32_le(1); // all versions
    lookup.put_bytes(0, 20); // a new lookup
    lookup.put_u32_le(500);
    lookup
}

/// `ept_map` for an interface over TCP.
pub fn ept_map(interface: &SyntaxId) -> BytesMut {
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
pub fn ept_map_port(answer: &[u8]) -> u16 {
    assert_eq!(status(answer), 0);
    assert!(u32_at(answer, 20) >= 1, "at least one tower");
    // TCP floor: left side of one byte 07, right side of two bytes, the port in network order.
    let pattern = [1, 0, 7, 2, 0];
    let at = answer.windows(5).position(|bytes| bytes == pattern).expect("a TCP floor");
    u16::from_be_bytes([answer[at + 5], answer[at + 6]])
}

pub fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

/// `SamrConnect` for maximum rights; the handle.
pub async fn samr_connect(connection: &Connection) -> Result<Bytes, Error> {
    let mut connect = BytesMut::new();
    connect.put_u32_le(0);
    connect.put_u32_le(0x0200_0000);
    let answer = call(connection, SAMR, 0, connect).await?;
    assert_eq!(status(&answer), 0);
    Ok(answer.slice(..20))
}

/// `SamrLookupDomainInSamServer` and `SamrOpenDomain`; the handle.
pub async fn samr_open_domain(connection: &Connection, server: &[u8], name: &str) -> Bytes {
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

pub fn samr_lookup_names(domain: &[u8], names: &[String]) -> BytesMut {
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
pub fn put_unicode_string(stub: &mut BytesMut, text: &str, referent: u32) {
    let length = utf16(text).len() as u16;
    stub.put_u16_le(length);
    stub.put_u16_le(length);
    stub.put_u32_le(referent);
}

pub fn put_characters(stub: &mut BytesMut, text: &str) {
    let characters = utf16(text);
    let count = (characters.len() / 2) as u32;
    stub.put_u32_le(count);
    stub.put_u32_le(0);
    stub.put_u32_le(count);
    stub.put_slice(&characters);
}
