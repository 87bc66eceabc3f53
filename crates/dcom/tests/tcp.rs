//! Connections over TCP on loopback addresses.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

use std::io::ErrorKind;
use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use winreach_dcom::client::{Connector, LookupError, TcpConnector};

/// A port at which one connection gets one byte.
async fn listen(address: &str) -> std::io::Result<SocketAddr> {
    let listener = TcpListener::bind((address, 0)).await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move {
        if let Ok((mut stream, _)) = listener.accept().await {
            let _ = stream.write_all(b"!").await;
        }
    });
    Ok(address)
}

#[tokio::test]
async fn addresses_of_both_families_and_names_are_reached() {
    for (address, host) in [("127.0.0.1", "127.0.0.1"), ("::1", "::1"), ("127.0.0.1", "localhost")]
    {
        let Ok(listening) = listen(address).await else {
            eprintln!("SKIPPED: {address} is not at hand");
            continue;
        };
        let mut stream = TcpConnector::default().connect(host, listening.port()).await.unwrap();
        assert_eq!(stream.read_u8().await.unwrap(), b'!', "{host}");
    }
}

#[tokio::test]
async fn a_closed_port_is_told_from_an_unknown_name() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let Err(error) = TcpConnector::default().connect("127.0.0.1", port).await else {
        panic!("nobody listens");
    };
    assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
    assert!(!LookupError::is_cause_of(&error));
    let Err(error) = TcpConnector::default().connect("no such host.invalid", 135).await else {
        panic!("there is no such name");
    };
    assert!(LookupError::is_cause_of(&error), "{error}");
}
