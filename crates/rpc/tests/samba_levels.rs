//! Every level, and nobody's calls, against the Samba domain controller of `samba.rs`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test"
)]

#[path = "common/samba.rs"]
mod samba;

use std::sync::Arc;

use bytes::{BufMut, BytesMut};
use samba::{
    ENDPOINT_MAPPER, MGMT, Peer, SAMR, call, ept_lookup, peer, put_characters, put_unicode_string,
    samr_connect, samr_lookup_names, samr_open_domain, status, u32_at,
};
use winreach_auth::{AuthLevel, AuthType, ImpersonationLevel, ntlm, spnego};
use winreach_rpc::Fault;
use winreach_rpc::client::{Connection, Error};

const STATUS_ACCESS_DENIED: u32 = 0xC000_0022;

const LEVELS: [AuthLevel; 6] = [
    AuthLevel::None,
    AuthLevel::Connect,
    AuthLevel::Call,
    AuthLevel::Packet,
    AuthLevel::Integrity,
    AuthLevel::Privacy,
];

#[tokio::test]
async fn the_endpoint_mapper_and_mgmt_answer_at_every_level() {
    let Some(peer) = peer() else { return };
    for level in LEVELS {
        let interfaces = [ENDPOINT_MAPPER, MGMT];
        let connection = peer.open(135, &interfaces, Some(level)).await.unwrap();
        assert_both_answer(&connection, level).await;
        let info = connection.security();
        assert_eq!(info.asked, level);
        match level {
            AuthLevel::None => assert_eq!(info.provider, AuthType::None),
            _ => {
                assert_eq!((info.provider, info.mechanism()), (AuthType::Ntlm, AuthType::Ntlm));
                assert_eq!(info.identity.to_string(), r"TEST\Administrator");
                assert_eq!(info.impersonation(), ImpersonationLevel::Impersonate);
            }
        }
        assert_eq!(info.signs_headers, level >= AuthLevel::Integrity, "{level}");
        assert!(!info.mutual);
    }
}

#[tokio::test]
async fn ntlm_is_negotiated_at_every_level_that_protects() {
    let Some(peer) = peer() else { return };
    let negotiate = spnego::Source::new().with_ntlm(Arc::new(peer.administrator()));
    // At connect Samba answers no call once signatures are agreed, as the negotiation takes them.
    for level in LEVELS.into_iter().filter(|level| *level > AuthLevel::Connect) {
        let interfaces = [ENDPOINT_MAPPER, MGMT];
        let service = "HOST/dc1.test.lan";
        let connection = peer.open_by(&negotiate, service, 135, &interfaces, level).await.unwrap();
        assert_both_answer(&connection, level).await;
        let info = connection.security();
        assert_eq!((info.provider, info.mechanism()), (AuthType::Spnego, AuthType::Ntlm));
        assert_eq!(info.identity.to_string(), r"TEST\Administrator");
    }
}

/// Several calls on each: sequence numbers and cipher states go on.
async fn assert_both_answer(connection: &Connection, level: AuthLevel) {
    for i in 0..3 {
        println!("at {level} {i}");
        let answer = call(connection, ENDPOINT_MAPPER, 2, ept_lookup()).await.unwrap();
        assert_eq!(status(&answer), 0, "{level}");
        let answer = call(connection, MGMT, 0, BytesMut::new()).await.unwrap();
        assert_eq!(status(&answer), 0, "{level}");
        assert!(u32_at(&answer, 4) > 0, "a vector of interfaces at {level}");
    }
}

/// Connects to SAMR at a level; the failure, if any.
async fn samr(peer: &Peer, source: Option<&ntlm::Source>, level: AuthLevel) -> Result<(), Error> {
    let port = peer.samr_port().await;
    let connection = match source {
        Some(source) => peer.open_as(source, port, &[SAMR], Some(level)).await?,
        None => peer.open(port, &[SAMR], Some(level)).await?,
    };
    samr_connect(&connection).await.map(drop)
}

#[tokio::test]
async fn samr_answers_where_calls_are_protected_and_denies_the_rest_with_a_typed_error() {
    let Some(peer) = peer() else { return };
    for level in [AuthLevel::Call, AuthLevel::Packet, AuthLevel::Integrity, AuthLevel::Privacy] {
        samr(&peer, None, level).await.unwrap();
    }
    let error = samr(&peer, None, AuthLevel::Connect).await.unwrap_err();
    assert_eq!(error.fault(), Some(Fault::ACCESS_DENIED), "{error}");
}

#[tokio::test]
async fn nobody_is_served_where_everybody_is() {
    let Some(peer) = peer() else { return };
    for level in LEVELS.into_iter().filter(|level| *level > AuthLevel::None) {
        let interfaces = [ENDPOINT_MAPPER, MGMT];
        let nobody = ntlm::Source::anonymous();
        let connection = peer.open_as(&nobody, 135, &interfaces, Some(level)).await.unwrap();
        assert_both_answer(&connection, level).await;
        let info = connection.security();
        assert!(info.identity.is_anonymous(), "{info}");
        assert_eq!(info.impersonation(), ImpersonationLevel::Anonymous);
    }
}

#[tokio::test]
async fn an_account_that_may_only_be_identified_is_served() {
    let Some(peer) = peer() else { return };
    for level in [AuthLevel::Integrity, AuthLevel::Privacy] {
        let source = peer.administrator().with_impersonation(ImpersonationLevel::Identify);
        samr(&peer, Some(&source), level).await.unwrap();
    }
}

#[tokio::test]
async fn nobody_may_look_and_not_touch() {
    let Some(peer) = peer() else { return };
    let (port, nobody) = (peer.samr_port().await, ntlm::Source::anonymous());
    for level in [AuthLevel::Packet, AuthLevel::Integrity, AuthLevel::Privacy] {
        let connection = peer.open_as(&nobody, port, &[SAMR], Some(level)).await.unwrap();
        let server = samr_connect(&connection).await.unwrap();
        let domain = samr_open_domain(&connection, &server, "TEST").await;
        let known = samr_lookup_names(&domain, &["Administrator".to_owned()]);
        let answer = call(&connection, SAMR, 17, known).await.unwrap();
        assert_eq!(status(&answer), 0, "{level}");

        let answer = call(&connection, SAMR, 12, samr_create_user(&domain, "nobodys")).await;
        assert_eq!(status(&answer.unwrap()), STATUS_ACCESS_DENIED, "{level}");
    }
    let error = samr(&peer, Some(&nobody), AuthLevel::Connect).await.unwrap_err();
    assert_eq!(error.fault(), Some(Fault::ACCESS_DENIED), "{error}");
}

/// `SamrCreateUserInDomain`.
fn samr_create_user(domain: &[u8], name: &str) -> BytesMut {
    let mut stub = BytesMut::from(domain);
    put_unicode_string(&mut stub, name, 0x0002_0000);
    put_characters(&mut stub, name);
    stub.put_bytes(0, stub.len().wrapping_neg() % 4);
    stub.put_u32_le(0x0200_0000);
    stub
}
