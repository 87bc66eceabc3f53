//! How the rows of a query come: by which calls, in how many round trips, and what of them when
//! something goes wrong in between.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod support;

use std::sync::Arc;
use std::time::Duration;

use support::fake::{Fake, Turn};
use support::locator;
use support::network::Network;
use tokio::time::Instant;
use winreach_cim::{Value, WbemStatus};
use winreach_wmi::{Enumeration, Error, ErrorKind, Options, Row, RowStream, Services, ValueRef};
use winreach_wmi_proto::{HResult, iid};

const WQL: &str = "SELECT * FROM Counted";

async fn connect(fake: Fake) -> (Arc<Fake>, Arc<Network>, Services) {
    let fake = Arc::new(fake);
    let network = Network::new(fake.ports());
    let services = locator(&network).connect().await.unwrap();
    (fake, network, services)
}

async fn query(services: &Services, enumeration: Enumeration) -> RowStream {
    let options = Options { enumeration, ..Options::default() };
    services.query_with(WQL, &options).await.unwrap()
}

fn number(row: &Row) -> u64 {
    row.to_instance().unwrap().get("N").and_then(Value::as_u64).unwrap()
}

/// The numbers of the rows, and the error at their end.
async fn drain(mut rows: RowStream) -> (Vec<u64>, Option<Error>) {
    let mut numbers = Vec::new();
    while let Some(row) = rows.next().await {
        match row {
            Ok(row) => numbers.push(number(&row)),
            Err(error) => {
                assert!(rows.next().await.is_none(), "something comes after an error");
                return (numbers, Some(error));
            }
        }
    }
    (numbers, None)
}

/// The calls for rows and for enumerators.
fn calls(fake: &Fake) -> Vec<String> {
    fake.log().split_off(4)
}

#[tokio::test(start_paused = true)]
async fn a_short_result_comes_in_two_round_trips() {
    let (fake, network, services) = connect(Fake::new(15)).await;
    assert_eq!(network.round_trips(), 4);
    let mut rows = query(&services, Enumeration::Auto).await;
    assert_eq!(number(&rows.next().await.unwrap().unwrap()), 0);
    assert_eq!(network.round_trips(), 6, "from nothing to the first row");
    let (rest, error) = drain(rows).await;
    assert_eq!((rest.len(), error.is_none()), (14, true));
    assert_eq!(network.round_trips(), 6);
    assert_eq!(calls(&fake), ["ExecQuery", "Next 16"]);

    // What gives the login object back goes on beside; it is over by now.
    tokio::time::sleep(Duration::from_secs(1)).await;
    let before = network.round_trips();
    let mut rows = query(&services, Enumeration::Auto).await;
    rows.next().await.unwrap().unwrap();
    assert_eq!(network.round_trips() - before, 2, "a further query");
}

#[tokio::test(start_paused = true)]
async fn smart_enumeration_takes_two_round_trips_more() {
    let (fake, network, services) = connect(Fake::new(15)).await;
    let mut rows = query(&services, Enumeration::Smart).await;
    rows.next().await.unwrap().unwrap();
    assert_eq!(network.round_trips(), 8, "from nothing to the first row");
    assert_eq!(calls(&fake), ["ExecQuery", "QueryInterface", "GetSmartEnum", "Smart 128"]);
    drop(rows);

    tokio::time::sleep(Duration::from_secs(1)).await;
    let before = network.round_trips();
    let mut rows = query(&services, Enumeration::Smart).await;
    rows.next().await.unwrap().unwrap();
    assert_eq!(network.round_trips() - before, 4, "a further query");
}

#[tokio::test(start_paused = true)]
async fn a_long_result_turns_to_smart_enumeration() {
    let (fake, _, services) = connect(Fake::new(5000)).await;
    let (numbers, error) = drain(query(&services, Enumeration::Auto).await).await;
    assert!(error.is_none());
    assert!(numbers.iter().copied().eq(0..5000), "each row once and in order");
    let calls = calls(&fake);
    assert_eq!(calls[..4], ["ExecQuery", "Next 16", "QueryInterface", "GetSmartEnum"]);
    assert_eq!(calls[4..], ["Smart 128", "Smart 2048", "Smart 2048", "Smart 2048"]);
}

#[tokio::test(start_paused = true)]
async fn large_rows_come_in_small_batches() {
    let (fake, _, services) = connect(Fake::new(600).with_text(4000)).await;
    let (numbers, error) = drain(query(&services, Enumeration::Smart).await).await;
    assert_eq!((numbers.len(), error.is_none()), (600, true));
    assert_eq!(calls(&fake)[3..6], ["Smart 128", "Smart 64", "Smart 64"]);
}

#[tokio::test(start_paused = true)]
async fn without_smart_enumeration_larger_batches_follow() {
    for enumeration in [Enumeration::Auto, Enumeration::Smart] {
        let (fake, _, services) = connect(Fake::new(2000).without_smart_enumeration()).await;
        let (numbers, error) = drain(query(&services, enumeration).await).await;
        assert!(error.is_none());
        assert!(numbers.iter().copied().eq(0..2000));
        let calls = calls(&fake);
        assert_eq!(calls.iter().filter(|call| *call == "QueryInterface").count(), 1);
        assert!(!calls.iter().any(|call| call.starts_with("Smart")));
        assert!(calls.len() < 8, "{calls:?}");
    }
    let (fake, _, services) = connect(Fake::new(40)).await;
    let (numbers, _) = drain(query(&services, Enumeration::Plain).await).await;
    assert_eq!(numbers.len(), 40);
    assert!(!calls(&fake).contains(&"QueryInterface".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn no_more_than_two_batches_are_under_way() {
    let (fake, _, services) = connect(Fake::new(100_000)).await;
    let mut rows = query(&services, Enumeration::Smart).await;
    for _ in 0..100 {
        rows.next().await.unwrap().unwrap();
    }
    tokio::time::sleep(Duration::from_secs(10)).await;
    let asked: Vec<_> = calls(&fake).split_off(3);
    assert_eq!(asked, ["Smart 128", "Smart 2048"], "one batch at hand, one asked for in advance");
}

#[tokio::test(start_paused = true)]
async fn rows_that_came_with_a_timeout_are_delivered() {
    for enumeration in [Enumeration::Plain, Enumeration::Smart, Enumeration::Auto] {
        let turns = [
            Turn::Rows(0, HResult::TIMED_OUT),
            Turn::Rows(3, HResult::TIMED_OUT),
            Turn::Rows(0, HResult::TIMED_OUT),
            Turn::Rows(4, HResult::FALSE),
        ];
        let (_, _, services) = connect(Fake::new(100).turns(turns)).await;
        let (numbers, error) = drain(query(&services, enumeration).await).await;
        assert!(error.is_none());
        assert_eq!(numbers, [0, 1, 2, 3, 4, 5, 6]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_partial_result_says_so() {
    let partial = HResult(WbemStatus::S_PARTIAL_RESULTS.0);
    let (_, _, services) = connect(Fake::new(9).turns([Turn::Rows(3, partial)])).await;
    let mut rows = query(&services, Enumeration::Auto).await;
    assert_eq!(rows.notice(), None);
    assert_eq!(rows.next_batch().await.unwrap().unwrap().len(), 3);
    assert!(rows.next_batch().await.is_none());
    assert_eq!(rows.notice(), Some(WbemStatus::S_PARTIAL_RESULTS));
}

#[tokio::test(start_paused = true)]
async fn a_failure_in_between_comes_after_the_rows_before_it() {
    for (turn, kind, expected) in [
        (Turn::Fail(HResult(WbemStatus::E_PROVIDER_FAILURE.0)), ErrorKind::Wmi, 16),
        (Turn::Fail(HResult(0x8007_0005)), ErrorKind::Security, 16),
        (Turn::Broken(3), ErrorKind::Malformed, 19),
        (Turn::Rows(0, HResult::OK), ErrorKind::Malformed, 16),
    ] {
        for enumeration in [Enumeration::Plain, Enumeration::Smart] {
            let turns = [Turn::Rows(16, HResult::OK), turn];
            let (_, _, services) = connect(Fake::new(100).turns(turns)).await;
            let (numbers, error) = drain(query(&services, enumeration).await).await;
            assert_eq!(numbers.len(), expected, "{turn:?} {enumeration:?}");
            assert_eq!(error.unwrap().kind(), kind, "{turn:?} {enumeration:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_server_that_stalls_meets_the_deadline() {
    let (_, _, services) =
        connect(Fake::new(100).turns([Turn::Rows(16, HResult::OK), Turn::Stall])).await;
    let begun = Instant::now();
    let services = services.with_deadline(begun + Duration::from_secs(7));
    let (numbers, error) = drain(query(&services, Enumeration::Plain).await).await;
    assert_eq!(numbers.len(), 16);
    let error = error.unwrap();
    assert_eq!(error.kind(), ErrorKind::Deadline, "{error}");
    assert_eq!(begun.elapsed(), Duration::from_secs(7));
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_is_cut_in_between_gives_the_rows_so_far_and_an_error() {
    for enumeration in [Enumeration::Plain, Enumeration::Smart] {
        let turns = [Turn::Rows(16, HResult::OK), Turn::Stall];
        let (_, network, services) = connect(Fake::new(100).turns(turns)).await;
        let mut rows = query(&services, enumeration).await;
        rows.next().await.unwrap().unwrap();
        network.cut();
        let (rest, error) = drain(rows).await;
        assert_eq!(rest.len(), 15);
        let error = error.unwrap();
        assert_eq!(error.kind(), ErrorKind::Network, "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_result_that_is_dropped_or_read_is_given_back() {
    let (fake, _, services) = connect(Fake::new(100_000)).await;
    let mut rows = query(&services, Enumeration::Smart).await;
    rows.next().await.unwrap().unwrap();
    drop(rows);
    tokio::time::sleep(Duration::from_secs(1)).await;
    for interface in [iid::ENUM_CLASS_OBJECT, iid::FETCH_SMART_ENUM, iid::WCO_SMART_ENUM] {
        assert!(fake.released(interface), "{interface}");
    }
    assert!(!fake.released(iid::SERVICES));

    let mut rows = query(&services, Enumeration::Smart).await;
    rows.next().await.unwrap().unwrap();
    drop(services);
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert!(!fake.released(iid::SERVICES), "the stream needs the namespace");
    drop(rows);
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert!(fake.released(iid::SERVICES));

    let (fake, _, services) = connect(Fake::new(3)).await;
    let mut rows = query(&services, Enumeration::Auto).await;
    rows.next().await.unwrap().unwrap();
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert!(fake.released(iid::ENUM_CLASS_OBJECT), "the end is known, the rows not yet read");
}

#[tokio::test(start_paused = true)]
async fn closing_waits_until_the_server_knows() {
    let (fake, _, services) = connect(Fake::new(3)).await;
    services.close().await;
    assert!(fake.released(iid::SERVICES) && fake.released(iid::LEVEL1_LOGIN));
}

#[tokio::test(start_paused = true)]
async fn closing_does_not_wait_for_a_server_that_says_nothing() {
    let (_, _, services) = connect(Fake::new(3).without_word_on_releases()).await;
    let begun = Instant::now();
    services.close().await;
    assert!(begun.elapsed() <= Duration::from_secs(3), "{:?}", begun.elapsed());
}

#[tokio::test(start_paused = true)]
async fn rows_become_values_of_a_rust_type() {
    #[derive(serde::Deserialize, PartialEq, Debug)]
    struct Counted {
        n: u8,
        #[serde(rename = "Text")]
        text: String,
    }
    let (_, _, services) = connect(Fake::new(300).with_text(2)).await;
    let mut rows = services.query_as::<Counted>(WQL).await.unwrap();
    for n in 0..=u8::MAX {
        let row = rows.next().await.unwrap().unwrap();
        assert_eq!(row, Counted { n, text: "xx".into() });
    }
    let error = rows.next().await.unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Misuse);
    assert!(error.to_string().contains("property n: "), "{error}");
}

#[tokio::test(start_paused = true)]
async fn values_are_read_where_they_lie() {
    let (_, _, services) = connect(Fake::new(1).with_text(3)).await;
    let rows = query(&services, Enumeration::Smart).await.collect().await.unwrap();
    let values: Vec<_> = rows[0].view().unwrap().values().map(Result::unwrap).collect();
    assert_eq!(values[0], ValueRef::Uint32(0));
    assert!(matches!(values[1], ValueRef::String(text) if text == "xxx"));
    assert_eq!(rows[0].get("TEXT").unwrap(), values[1]);
    assert_eq!(rows[0].get("Other").unwrap_err().kind(), ErrorKind::Misuse);
}

#[test]
fn handles_go_from_thread_to_thread() {
    fn shared<T: Send + Sync>() {}
    fn sent<T: Send>() {}
    shared::<Services>();
    shared::<Row>();
    shared::<Error>();
    shared::<winreach_wmi::Locator>();
    shared::<winreach_wmi::blocking::Services>();
    sent::<RowStream>();
}

#[test]
fn the_blocking_facade_reads_the_same_rows() {
    let fake = Arc::new(Fake::new(1000));
    let network = Network::new(fake.ports());
    let services = winreach_wmi::blocking::Services::connect(&locator(&network)).unwrap();
    let rows = services.query(WQL).unwrap();
    let numbers: Vec<u64> = rows.map(|row| number(&row.unwrap())).collect();
    assert!(numbers.into_iter().eq(0..1000));
    let object = services.get("Counted.N=7").unwrap();
    assert_eq!(object.as_instance().unwrap().get("N"), Some(&Value::Uint32(7)));
    services.close();
    assert!(fake.released(iid::SERVICES));
}

#[test]
fn a_blocking_program_that_just_drops_gives_back_too() {
    let fake = Arc::new(Fake::new(1000));
    let network = Network::new(fake.ports());
    let services = winreach_wmi::blocking::Services::connect(&locator(&network)).unwrap();
    let mut rows = services.query(WQL).unwrap();
    rows.next().unwrap().unwrap();
    drop(services);
    drop(rows);
    let patience = std::time::Instant::now() + Duration::from_secs(30);
    while !fake.released(iid::SERVICES) {
        assert!(std::time::Instant::now() < patience, "{:?}", fake.log());
        std::thread::sleep(Duration::from_millis(10));
    }
}
