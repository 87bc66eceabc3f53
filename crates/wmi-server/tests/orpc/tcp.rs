//! The server on real ports.

use std::time::Duration;

use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use winreach_dcom::client::{Options, TcpConnector};
use winreach_wmi_proto::{HResult, Timeout};
use winreach_wmi_server::{BoundServer, Limits};

use crate::client::*;
use crate::house::house;

fn tcp(bound: &BoundServer, user: &str) -> Options {
    let resolver_port = bound.resolver_address().port();
    Options { resolver_port, ..options(TcpConnector::default(), user, PASSWORD) }
}

/// The services of `root\cimv2` on a server on loopback.
async fn log_in(options: Options) -> winreach_dcom::client::Proxy {
    let client = winreach_dcom::client::Client::new(options);
    let iid = winreach_wmi_proto::iid::LEVEL1_LOGIN;
    let clsid = winreach_wmi_proto::iid::CLSID_LEVEL1_LOGIN;
    let login = client.activate("127.0.0.1", clsid, &[iid], deadline()).await.unwrap().remove(0);
    let response = call(&login, &login_request(Some("//127.0.0.1/root/cimv2"))).await;
    adopt(&login, response)
}

#[tokio::test]
async fn a_query_over_tcp_and_a_clean_stop() {
    let house = house(Limits::default());
    let bound = house.server.bind().await.unwrap();
    assert_ne!(bound.resolver_address().port(), 0);
    assert_ne!(bound.exporter_address().port(), 0);
    let (options, address) = (tcp(&bound, "alice"), bound.resolver_address());
    let (stop, stopped) = oneshot::channel::<()>();
    let running = tokio::spawn(bound.run(async { stopped.await.unwrap_or_default() }));

    let services = log_in(options).await;
    let rows = query(&services, "SELECT * FROM Acme_Lamp", FORWARD).await;
    let response = next(&rows, Timeout::INFINITE, 100).await;
    assert_eq!((response.out.objects.len(), response.status), (10, HResult::FALSE));
    // An open query does not keep the server from stopping.
    query(&services, "SELECT * FROM Acme_Spring", FORWARD).await;

    stop.send(()).unwrap();
    running.await.unwrap();
    assert!(TcpStream::connect(address).await.is_err());
    assert!(try_call(&services, &query_request("SELECT * FROM Acme_Lamp", FORWARD)).await.is_err());
}

#[tokio::test]
async fn connections_beyond_the_limit_are_closed() {
    let house = house(Limits { connections_per_peer: 2, ..Limits::default() });
    let bound = house.server.bind().await.unwrap();
    let address = bound.resolver_address();
    tokio::spawn(bound.run(std::future::pending()));
    let mut connections = Vec::new();
    for _ in 0..2 {
        connections.push(TcpStream::connect(address).await.unwrap());
    }
    let mut third = TcpStream::connect(address).await.unwrap();
    assert_eq!(third.read(&mut [0; 1]).await.unwrap_or_default(), 0, "closed at once");
    assert!(connections[0].try_read(&mut [0; 1]).is_err(), "still open");
}

#[tokio::test]
async fn who_does_not_log_on_is_put_out() {
    let limits = Limits { unauthenticated_time: Duration::from_millis(50), ..Limits::default() };
    let house = house(limits);
    let bound = house.server.bind().await.unwrap();
    let address = bound.resolver_address();
    tokio::spawn(bound.run(std::future::pending()));
    let mut silent = TcpStream::connect(address).await.unwrap();
    assert_eq!(silent.read(&mut [0; 1]).await.unwrap_or_default(), 0);
}
