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

#[path = "common/samba.rs"]
mod samba;

use bytes::{BufMut, BytesMut};
use samba::{
    ENDPOINT_MAPPER, MGMT, SAMR, call, ept_lookup, ept_map, ept_map_port, peer, samr_connect,
    samr_lookup_names, samr_open_domain, soon, status, u32_at, utf16,
};
use uuid::uuid;
use winreach_auth::AuthLevel;
use winreach_rpc::client::Error;
use winreach_rpc::{Fault, SyntaxId};

const STATUS_SOME_NOT_MAPPED: u32 = 0x0000_0107;

#[tokio::test]
async fn the_endpoint_mapper_lists_its_endpoints_without_and_with_authentication() {
    let Some(peer) = peer() else { return };
    for level in [None, Some(AuthLevel::Integrity), Some(AuthLevel::Privacy)] {
        let connection = peer.open(135, &[ENDPOINT_MAPPER], level).await.unwrap();
        let answer = call(&connection, ENDPOINT_MAPPER, 2, ept_lookup()).await.unwrap();
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
