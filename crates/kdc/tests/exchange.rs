//! Exchanges with KDCs on loopback, good ones and bad ones.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test"
)]

mod common;

use std::io;
use std::net::{IpAddr, Ipv6Addr};
use std::time::Duration;

use common::{FakeKdc, LOOPBACK, Port, REALM, REQUEST, error, framed, reply, transport};
use tokio::io::AsyncReadExt;
use tokio::net::{TcpListener, TcpSocket, UdpSocket};
use tokio::time::{resume, timeout};
use winreach_kdc::{Kdc, KdcAddress, Realms};
use winreach_kerberos::transport::{
    Failure, KdcTransport, Place,
    Protocol::{self, Tcp, Udp},
    TransportError,
};

const RESPONSE_TOO_BIG: u8 = 52;
const SVC_UNAVAILABLE: u8 = 29;
const PREAUTH_REQUIRED: u8 = 25;

async fn exchange(kdc: &Kdc) -> Result<Vec<u8>, TransportError> {
    kdc.exchange(REALM, REQUEST).await
}

/// How each attempt ended.
fn failures(result: Result<Vec<u8>, TransportError>) -> Vec<(Option<Protocol>, Failure)> {
    let error = result.expect_err("nobody answers");
    let attempts = error.attempts().iter();
    attempts.map(|attempt| (attempt.way.map(|way| way.0), attempt.failure.clone())).collect()
}

fn is_refusal(failure: &Failure) -> bool {
    matches!(failure, Failure::Io(error) if error.kind() == io::ErrorKind::ConnectionRefused)
}

#[tokio::test]
async fn short_requests_go_by_udp_and_longer_ones_by_tcp() {
    let kdc = FakeKdc::answering(&reply(1)).await;
    let transport = transport([kdc.kdc()]);
    let (short, long) = (vec![7; 1465], vec![8; 1466]);
    assert_eq!(transport.exchange(REALM, &short).await.unwrap(), reply(1));
    assert_eq!(transport.exchange(REALM, &long).await.unwrap(), reply(1));
    assert_eq!(kdc.seen(), [(Udp, short), (Tcp, long)]);
}

#[tokio::test]
async fn the_limit_of_udp_is_the_one_of_the_configuration() {
    let kdc = FakeKdc::answering(&reply(1)).await;
    let realms = Realms {
        map: [(REALM.to_lowercase(), vec![kdc.kdc()])].into(),
        udp_preference_limit: 1,
        ..Realms::default()
    };
    assert_eq!(exchange(&Kdc::new(realms)).await.unwrap(), reply(1));
    assert_eq!(kdc.ways(), [Tcp]);
}

#[tokio::test]
async fn the_one_protocol_of_an_address_is_kept_to() {
    for protocol in [Udp, Tcp] {
        let kdc = FakeKdc::answering(&reply(1)).await;
        let transport = transport([kdc.only(protocol)]);
        for length in [1, 2000] {
            transport.exchange(REALM, &vec![0; length]).await.unwrap();
        }
        assert_eq!(kdc.ways(), [protocol; 2]);
    }
}

#[tokio::test]
async fn errors_are_answers() {
    let kdc = FakeKdc::answering(&error(PREAUTH_REQUIRED)).await;
    assert_eq!(exchange(&transport([kdc.kdc()])).await.unwrap(), error(PREAUTH_REQUIRED));
    assert_eq!(kdc.ways(), [Udp]);
}

#[tokio::test]
async fn an_answer_too_big_for_udp_is_fetched_over_tcp() {
    for protocol in [None, Some(Udp)] {
        let too_big = Port::answers(error(RESPONSE_TOO_BIG));
        let kdc = FakeKdc::start(LOOPBACK, too_big, Port::answers(framed(&reply(1)))).await;
        let address = KdcAddress { protocol, ..kdc.kdc() };
        let other = FakeKdc::answering(&reply(2)).await;
        let transport = transport([address, other.kdc()]);
        assert_eq!(exchange(&transport).await.unwrap(), reply(1));
        assert_eq!(kdc.seen(), [(Udp, REQUEST.to_vec()), (Tcp, REQUEST.to_vec())]);
        // The next answer may fit.
        assert_eq!(exchange(&transport).await.unwrap(), reply(1));
        assert_eq!((kdc.ways(), other.ways()), (vec![Udp, Tcp, Udp, Tcp], vec![]));
    }
}

#[tokio::test]
async fn an_answer_too_big_for_udp_needs_tcp() {
    let kdc = FakeKdc::start(LOOPBACK, Port::answers(error(RESPONSE_TOO_BIG)), Port::Closed).await;
    let result = exchange(&transport([kdc.kdc()])).await;
    assert!(matches!(result, Err(TransportError::Unreachable { .. })), "{result:?}");
    let failures = failures(result);
    assert!(matches!(failures[0], (Some(Udp), Failure::TooBigForUdp)), "{failures:?}");
    assert!(failures[1].0 == Some(Tcp) && is_refusal(&failures[1].1), "{failures:?}");
    assert_eq!(failures.len(), 2);
}

#[tokio::test]
async fn an_answer_too_big_for_one_kdc_is_not_asked_of_others_by_udp() {
    let too_big = || Port::answers(error(RESPONSE_TOO_BIG));
    let first = FakeKdc::start(LOOPBACK, too_big(), Port::Closed).await;
    let second = FakeKdc::start(LOOPBACK, too_big(), Port::answers(framed(&reply(2)))).await;
    assert_eq!(exchange(&transport([first.kdc(), second.kdc()])).await.unwrap(), reply(2));
    assert_eq!((first.ways(), second.ways()), (vec![Udp], vec![Tcp]));
}

#[tokio::test]
async fn an_answer_of_many_segments_is_put_together() {
    let mut answer = vec![0x6d, 0x83, 0x03, 0x00, 0x00];
    answer.resize(5 + 0x03_0000, 0xab);
    let kdc = FakeKdc::start(LOOPBACK, Port::Closed, Port::answers(framed(&answer))).await;
    assert_eq!(exchange(&transport([kdc.kdc()])).await.unwrap(), answer);
}

#[tokio::test(start_paused = true)]
async fn lost_datagrams_are_sent_again() {
    let loses_two = Port::Answers { after: 2, bytes: reply(1) };
    let kdc = FakeKdc::start(LOOPBACK, loses_two, Port::Closed).await;
    assert_eq!(exchange(&transport([kdc.only(Udp)])).await.unwrap(), reply(1));
    assert!(kdc.seen().iter().all(|seen| *seen == (Udp, REQUEST.to_vec())));
}

#[tokio::test(start_paused = true)]
async fn a_kdc_that_is_silent_over_udp_is_asked_over_tcp() {
    let kdc = FakeKdc::start(LOOPBACK, Port::Silent, Port::answers(framed(&reply(1)))).await;
    let transport = transport([kdc.kdc()]);
    assert_eq!(exchange(&transport).await.unwrap(), reply(1));
    assert!(kdc.ways().starts_with(&[Udp]) && kdc.ways().ends_with(&[Tcp]), "{:?}", kdc.ways());
    // Neither of the next two goes by UDP.
    resume();
    let before = kdc.ways().len();
    for _ in 0..2 {
        assert_eq!(exchange(&transport).await.unwrap(), reply(1));
    }
    assert_eq!(kdc.ways()[before..], [Tcp, Tcp]);
}

#[tokio::test(start_paused = true)]
async fn a_kdc_that_is_silent_over_tcp_is_asked_over_udp() {
    let kdc = FakeKdc::start(LOOPBACK, Port::answers(reply(1)), Port::Silent).await;
    let answer = transport([kdc.kdc()]).exchange(REALM, &[0; 2000]).await.unwrap();
    assert_eq!(answer, reply(1));
    assert!(kdc.ways().starts_with(&[Tcp, Udp]), "{:?}", kdc.ways());
}

#[tokio::test(start_paused = true)]
async fn the_next_kdc_answers_for_a_silent_one_and_is_asked_first_from_then_on() {
    let silent = FakeKdc::start(LOOPBACK, Port::Silent, Port::Silent).await;
    let good = FakeKdc::answering(&reply(2)).await;
    let transport = transport([silent.kdc(), good.kdc()]);
    assert_eq!(exchange(&transport).await.unwrap(), reply(2));
    let before = silent.ways();
    assert_eq!(before[0], Udp);
    resume();
    assert_eq!(exchange(&transport).await.unwrap(), reply(2));
    assert_eq!(silent.ways(), before);
}

#[tokio::test(start_paused = true)]
async fn a_kdc_that_took_the_connection_has_more_time_than_one_that_did_not() {
    let slow = Port::Slow { delay: Duration::from_secs(2), bytes: framed(&reply(1)) };
    let slow = FakeKdc::start(LOOPBACK, Port::Closed, slow).await;
    let other = FakeKdc::answering(&reply(2)).await;
    assert_eq!(exchange(&transport([slow.only(Tcp), other.kdc()])).await.unwrap(), reply(1));
    assert_eq!(other.ways(), []);
}

/// Were a second lost on each, the time would be up before the last one's turn.
#[tokio::test(start_paused = true)]
async fn closed_ports_cost_no_time() {
    let mut kdcs = Vec::new();
    for _ in 0..20 {
        kdcs.push(FakeKdc::start(LOOPBACK, Port::Closed, Port::Closed).await);
    }
    kdcs.push(FakeKdc::answering(&reply(1)).await);
    assert_eq!(exchange(&transport(kdcs.iter().map(FakeKdc::kdc))).await.unwrap(), reply(1));
}

#[tokio::test]
async fn refusals_of_all_are_listed() {
    let kdc = FakeKdc::start(LOOPBACK, Port::Closed, Port::Closed).await;
    let result = exchange(&transport([kdc.kdc()])).await;
    let Err(TransportError::Unreachable { realm, attempts }) = result else {
        panic!("{result:?}");
    };
    assert_eq!(realm, REALM);
    assert_eq!(attempts.len(), 2);
    for (attempt, protocol) in attempts.iter().zip([Udp, Tcp]) {
        assert_eq!(attempt.kdc, kdc.address.to_string());
        assert_eq!(attempt.way, Some((protocol, kdc.address)));
        assert!(is_refusal(&attempt.failure), "{attempt}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_time_is_up_for_those_who_say_nothing() {
    let kdc = FakeKdc::start(LOOPBACK, Port::Silent, Port::Silent).await;
    let limit = Duration::from_secs(5);
    let result = exchange(&transport([kdc.kdc()]).with_timeout(limit)).await;
    assert!(matches!(&result, Err(TransportError::Timeout { after, .. }) if *after == limit));
    let failures = failures(result);
    assert!(
        matches!(failures[..], [(Some(Udp), Failure::Silent), (Some(Tcp), Failure::Silent)]),
        "{failures:?}"
    );
}

/// Linux drops what knocks at a full queue, as a firewall would.
#[cfg(target_os = "linux")]
#[tokio::test(start_paused = true)]
async fn a_connection_that_is_never_made_is_told_from_silence() {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind((LOOPBACK, 0).into()).unwrap();
    let listener = socket.listen(0).unwrap();
    let address = listener.local_addr().unwrap();
    let filling = TcpSocket::new_v4().unwrap().connect(address).await.unwrap();
    let result = exchange(&transport([format!("tcp/{address}").parse().unwrap()])).await;
    let failures = failures(result);
    assert!(matches!(failures[..], [(Some(Tcp), Failure::Unconnected)]), "{failures:?}");
    drop(filling);
}

#[tokio::test]
async fn a_kdc_out_of_service_is_passed_over() {
    let out = FakeKdc::answering(&error(SVC_UNAVAILABLE)).await;
    let good = FakeKdc::answering(&reply(1)).await;
    assert_eq!(exchange(&transport([out.kdc(), good.kdc()])).await.unwrap(), reply(1));
    assert_eq!((out.ways(), good.ways()), (vec![Udp], vec![Udp]));
}

#[tokio::test]
async fn if_all_are_out_of_service_that_is_the_answer() {
    let first = FakeKdc::answering(&error(SVC_UNAVAILABLE)).await;
    let second = FakeKdc::answering(&error(SVC_UNAVAILABLE)).await;
    let answer = exchange(&transport([first.kdc(), second.kdc()])).await.unwrap();
    assert_eq!(answer, error(SVC_UNAVAILABLE));
    assert_eq!((first.ways(), second.ways()), (vec![Udp], vec![Udp]));
}

#[tokio::test]
async fn bad_frames_are_named_and_the_next_kdc_is_asked() {
    let reserved = 0x8000_0007_u32.to_be_bytes();
    let too_long = 0x0010_0001_u32.to_be_bytes();
    let whole = framed(&reply(1));
    type Check = fn(&Failure) -> bool;
    let bad: [(&[u8], Check); 8] = [
        (b"", |failure| matches!(failure, Failure::Closed { received: 0 })),
        (&whole[..3], |failure| matches!(failure, Failure::Closed { received: 3 })),
        (&whole[..4], |failure| matches!(failure, Failure::Closed { received: 0 })),
        (&whole[..9], |failure| matches!(failure, Failure::Closed { received: 5 })),
        (&reserved, |failure| matches!(failure, Failure::Malformed { offset: 0, .. })),
        (&too_long, |failure| {
            matches!(failure, Failure::TooLarge { length: 0x10_0001, limit: 0x10_0000 })
        }),
        (&[0; 4], |failure| matches!(failure, Failure::Malformed { offset: 0, .. })),
        (b"\0\0\0\x03\x7e\x01\x04", |failure| matches!(failure, Failure::Malformed { .. })),
    ];
    for (bytes, check) in bad {
        let kdc = FakeKdc::start(LOOPBACK, Port::Closed, Port::answers(bytes.into())).await;
        let failed = failures(exchange(&transport([kdc.only(Tcp)])).await);
        assert!(failed.len() == 1 && check(&failed[0].1), "{bytes:x?}: {failed:?}");
        let good = FakeKdc::answering(&reply(2)).await;
        let both = transport([kdc.only(Tcp), good.kdc()]);
        assert_eq!(exchange(&both).await.unwrap(), reply(2), "{bytes:x?}");
    }
}

#[tokio::test]
async fn datagrams_that_are_no_answer_are_named() {
    for bytes in [&b""[..], b"hello", &reply(1)[..6], &[reply(1), reply(1)].concat()] {
        let kdc = FakeKdc::start(LOOPBACK, Port::answers(bytes.into()), Port::Closed).await;
        let failed = failures(exchange(&transport([kdc.only(Udp)])).await);
        assert!(
            matches!(failed[..], [(_, Failure::Malformed { offset: 0, .. })]),
            "{bytes:x?}: {failed:?}"
        );
    }
}

#[tokio::test]
async fn datagrams_of_strangers_are_not_heard() {
    let socket = UdpSocket::bind((LOOPBACK, 0)).await.unwrap();
    let stranger = UdpSocket::bind((LOOPBACK, 0)).await.unwrap();
    let address = socket.local_addr().unwrap();
    tokio::spawn(async move {
        let (_, client) = socket.recv_from(&mut [0; 100]).await.unwrap();
        stranger.send_to(&reply(66), client).await.unwrap();
        socket.send_to(&reply(1), client).await.unwrap();
    });
    let transport = transport([format!("udp/{address}").parse().unwrap()]);
    assert_eq!(exchange(&transport).await.unwrap(), reply(1));
}

#[tokio::test]
async fn ipv6_is_as_good() {
    let ip = IpAddr::V6(Ipv6Addr::LOCALHOST);
    if UdpSocket::bind((ip, 0)).await.is_err() {
        eprintln!("SKIPPED: this machine has no IPv6");
        return;
    }
    for protocol in [Udp, Tcp] {
        let answers = [Port::answers(reply(1)), Port::answers(framed(&reply(1)))];
        let [udp, tcp] = answers;
        let kdc = FakeKdc::start(ip, udp, tcp).await;
        assert_eq!(exchange(&transport([kdc.only(protocol)])).await.unwrap(), reply(1));
        assert_eq!(kdc.ways(), [protocol]);
    }
}

/// The name may have an address of each family; only one of them has a KDC.
#[tokio::test]
async fn names_are_looked_up_and_each_address_is_tried() {
    let kdc = FakeKdc::answering(&reply(1)).await;
    let transport = transport([KdcAddress::new("localhost", kdc.address.port())]);
    assert_eq!(exchange(&transport).await.unwrap(), reply(1));
}

#[tokio::test]
async fn a_name_that_nobody_knows_is_named_and_the_next_kdc_is_asked() {
    // A label that is too long: the system knows so without asking anybody.
    let nobody = KdcAddress::new("a".repeat(64), 88);
    let failed = exchange(&transport([nobody.clone()])).await.unwrap_err();
    let [attempt] = failed.attempts() else { panic!("{failed}") };
    assert_eq!((&attempt.kdc, attempt.way), (&nobody.host, None));
    assert!(matches!(attempt.failure, Failure::Name(_)), "{attempt}");
    let good = FakeKdc::answering(&reply(1)).await;
    assert_eq!(exchange(&transport([nobody, good.kdc()])).await.unwrap(), reply(1));
}

#[tokio::test]
async fn dropping_the_exchange_closes_its_connection() {
    let listener = TcpListener::bind((LOOPBACK, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let transport = transport([format!("tcp/{address}").parse().unwrap()]);
    let mut pending = Box::pin(exchange(&transport));
    let mut connection = tokio::select! {
        accepted = listener.accept() => accepted.unwrap().0,
        result = &mut pending => panic!("{result:?}"),
    };
    tokio::select! {
        length = connection.read_u32() => assert_eq!(length.unwrap() as usize, REQUEST.len()),
        result = &mut pending => panic!("{result:?}"),
    }
    drop(pending);
    let mut rest = Vec::new();
    let end = timeout(Duration::from_secs(10), connection.read_to_end(&mut rest)).await;
    end.expect("the connection ends").unwrap();
    assert_eq!(rest, REQUEST);
}

#[tokio::test]
async fn kdcs_that_were_given_go_before_the_configuration() {
    let given = FakeKdc::answering(&reply(1)).await;
    let configured = FakeKdc::answering(&reply(2)).await;
    let map = [(REALM.to_owned(), vec![configured.kdc()])].into();
    let realms = Realms { map, dns_lookup_kdc: false, ..Realms::default() };
    let kdc = Kdc::new(realms).with_kdc("OTHER", configured.kdc()).with_kdc(REALM, given.kdc());
    assert_eq!(exchange(&kdc).await.unwrap(), reply(1));
    assert_eq!(configured.ways(), []);
}

#[tokio::test]
async fn a_realm_without_kdc_says_where_it_was_looked_for() {
    let files = vec!["/etc/krb5.conf".into()];
    let realms = Realms { dns_lookup_kdc: false, files: files.clone(), ..Realms::default() };
    let result = exchange(&Kdc::new(realms)).await;
    let Err(TransportError::NoKdc { realm, looked }) = result else { panic!("{result:?}") };
    assert_eq!(realm, REALM);
    assert_eq!(looked, [Place::Options, Place::Files(files), Place::DnsOff]);
}
