//! KDCs that only DNS knows, with a name server on loopback.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test"
)]

mod common;

use common::dns::{NameServer, Zone};
use common::{FakeKdc, LOOPBACK, Port, REALM, REQUEST, error, framed, reply};
use winreach_kdc::{Kdc, Realms};
use winreach_kerberos::transport::{
    DnsAnswer, KdcTransport, Place,
    Protocol::{Tcp, Udp},
    TransportError,
};

const UDP: &str = "_kerberos._udp.example.com";
const TCP: &str = "_kerberos._tcp.example.com";
const DC: &str = "_kerberos._tcp.dc._msdcs.example.com";

async fn ask(server: &NameServer, realm: &str) -> Result<Vec<u8>, TransportError> {
    Kdc::default().with_name_server(server.address).exchange(realm, REQUEST).await
}

/// What DNS said in the words of an error.
fn dns_places(result: Result<Vec<u8>, TransportError>) -> Vec<Place> {
    match result {
        Err(TransportError::NoKdc { looked, .. }) => {
            assert_eq!(looked[..2], [Place::Options, Place::Files(vec![])]);
            looked[2..].to_vec()
        }
        other => panic!("{other:?}"),
    }
}

fn place(name: &str, answer: DnsAnswer) -> Place {
    Place::Dns { name: name.replace("example.com", REALM), answer }
}

fn at(kdc: &FakeKdc) -> Zone {
    ranked(&[(0, kdc)])
}

fn ranked(kdcs: &[(u16, &FakeKdc)]) -> Zone {
    let record =
        |(priority, kdc): &(u16, &FakeKdc)| (*priority, 100, kdc.address.port(), "localhost");
    Zone::Records(kdcs.iter().map(record).collect())
}

#[tokio::test]
async fn the_lowest_priority_is_asked_first() {
    let (first, second) =
        (FakeKdc::answering(&reply(1)).await, FakeKdc::answering(&reply(2)).await);
    let zone = ranked(&[(20, &second), (10, &first)]);
    let server = NameServer::start([(UDP, zone.clone()), (TCP, zone)]).await;
    assert_eq!(ask(&server, REALM).await.unwrap(), reply(1));
    assert_eq!(second.ways(), []);
    assert_eq!(server.asked(), [TCP, UDP]);
}

#[tokio::test]
async fn a_record_is_for_its_protocol() {
    let kdc = FakeKdc::answering(&reply(1)).await;
    for (name, protocol) in [(UDP, Udp), (TCP, Tcp)] {
        let server = NameServer::start([(name, at(&kdc))]).await;
        assert_eq!(ask(&server, REALM).await.unwrap(), reply(1));
        assert_eq!(kdc.ways().last(), Some(&protocol));
        assert_eq!(server.asked(), [TCP, UDP]);
    }
}

#[tokio::test]
async fn the_server_of_both_records_takes_over_by_tcp() {
    let too_big = Port::answers(error(52));
    let kdc = FakeKdc::start(LOOPBACK, too_big, Port::answers(framed(&reply(1)))).await;
    let server = NameServer::start([(UDP, at(&kdc)), (TCP, at(&kdc))]).await;
    assert_eq!(ask(&server, REALM).await.unwrap(), reply(1));
    assert_eq!(kdc.ways(), [Udp, Tcp]);
}

#[tokio::test]
async fn domain_controllers_are_asked_for_where_nothing_else_is_known() {
    let kdc = FakeKdc::answering(&reply(1)).await;
    let server = NameServer::start([(DC, at(&kdc)), (TCP, Zone::Code(0))]).await;
    assert_eq!(ask(&server, REALM).await.unwrap(), reply(1));
    assert_eq!(kdc.ways(), [Udp]);
    assert_eq!(server.asked(), [DC, TCP, UDP]);
}

/// Many domains of Windows bear a name that multicast DNS claims for itself.
#[tokio::test]
async fn local_domains_are_looked_up_too() {
    let kdc = FakeKdc::answering(&reply(1)).await;
    let server = NameServer::start([("_kerberos._tcp.corp.local", at(&kdc))]).await;
    assert_eq!(ask(&server, "corp.local").await.unwrap(), reply(1));
}

#[tokio::test]
async fn names_without_records_are_listed() {
    let server = NameServer::start([(TCP, Zone::Code(0))]).await;
    assert_eq!(
        dns_places(ask(&server, REALM).await),
        [
            place(UDP, DnsAnswer::NoSuchName),
            place(TCP, DnsAnswer::NoRecord),
            place(DC, DnsAnswer::NoSuchName)
        ]
    );
}

#[tokio::test]
async fn a_domain_may_say_that_it_has_no_kdc() {
    let none = || Zone::Records(vec![(0, 0, 0, ".")]);
    let kdc = FakeKdc::answering(&reply(1)).await;
    let server = NameServer::start([(UDP, none()), (TCP, none()), (DC, at(&kdc))]).await;
    assert_eq!(
        dns_places(ask(&server, REALM).await),
        [place(UDP, DnsAnswer::NoService), place(TCP, DnsAnswer::NoService)]
    );
    let server = NameServer::start([(UDP, none()), (TCP, at(&kdc))]).await;
    assert_eq!(ask(&server, REALM).await.unwrap(), reply(1));
    assert_eq!(kdc.ways(), [Tcp]);
}

#[tokio::test]
async fn a_name_server_that_fails_is_named() {
    let server = NameServer::start([(UDP, Zone::Code(2)), (TCP, Zone::Code(2))]).await;
    let places = dns_places(ask(&server, REALM).await);
    assert_eq!(places.len(), 2);
    for place in places {
        assert!(
            matches!(&place, Place::Dns { answer: DnsAnswer::Failed(why), .. } if !why.is_empty()),
            "{place:?}"
        );
    }
}

/// Half of the time is left for the KDC.
#[tokio::test(start_paused = true)]
async fn a_name_server_that_is_silent_about_one_name_does_not_take_all_the_time() {
    let kdc = FakeKdc::answering(&reply(1)).await;
    let server = NameServer::start([(UDP, Zone::Silent), (TCP, at(&kdc))]).await;
    assert_eq!(ask(&server, REALM).await.unwrap(), reply(1));
    assert_eq!(kdc.ways().first(), Some(&Tcp));
}

#[tokio::test(start_paused = true)]
async fn a_name_server_that_is_silent_is_named() {
    let server = NameServer::start([(UDP, Zone::Silent), (TCP, Zone::Silent)]).await;
    let places = dns_places(ask(&server, REALM).await);
    assert!(
        matches!(
            places[..],
            [
                Place::Dns { answer: DnsAnswer::Failed(_), .. },
                Place::Dns { answer: DnsAnswer::Failed(_), .. }
            ]
        ),
        "{places:?}"
    );
    assert_eq!(server.asked(), [TCP, UDP]);
}

#[tokio::test]
async fn names_that_are_no_domains_stay_here() {
    let server = NameServer::start([]).await;
    for realm in ["LOCALREALM", "EXAMPLE .COM", "C=DE/O=EXAMPLE.COM"] {
        assert_eq!(dns_places(ask(&server, realm).await), [Place::NotADomain]);
    }
    let off = Kdc::new(Realms { dns_lookup_kdc: false, ..Realms::default() });
    let off = off.with_name_server(server.address);
    assert_eq!(dns_places(off.exchange(REALM, REQUEST).await), [Place::DnsOff]);
    assert_eq!(server.asked(), [""; 0]);
}
