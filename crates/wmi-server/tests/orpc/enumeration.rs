//! Reading results.

use std::sync::atomic::Ordering;

use uuid::Uuid;
use winreach_cim::{Instance, Value, WbemStatus};
use winreach_dcom::client::Proxy;
use winreach_wmi_proto::enumerator::{Clone as CloneEnum, NextAsync, Reset, Skip};
use winreach_wmi_proto::{Flags, HResult, Timeout};
use winreach_wmi_server::Limits;
use winreach_wmio::{ClassMap, Unit};

use crate::client::*;
use crate::house::house;

const LAMPS: &str = "SELECT * FROM Acme_Lamp";

fn ids<'a>(rows: impl IntoIterator<Item = &'a Instance>) -> Vec<u64> {
    rows.into_iter().map(|row| row.get("Id").unwrap().as_u64().unwrap()).collect()
}

/// One call of `Next`: the ids that came, and the status.
async fn read(rows: &Proxy, count: u32) -> (Vec<u64>, HResult) {
    let response = next(rows, Timeout::INFINITE, count).await;
    let instances: Vec<_> = response.out.objects.iter().map(instance).collect();
    (ids(&instances), response.status)
}

fn status(status: WbemStatus) -> HResult {
    HResult(status.code())
}

#[tokio::test]
async fn rows_come_whole_and_know_where_they_are_from() {
    let house = house(Limits::default());
    let services = services(&house.server).await;
    let rows = query(&services, "SELECT * FROM acme_lamp WHERE Id = 7", FORWARD).await;
    let response = next(&rows, Timeout::INFINITE, 1).await;
    assert_eq!(response.status, HResult::OK);
    let lamp = instance(&response.out.objects[0]);
    assert_eq!(lamp.class().name().as_str(), "Acme_Lamp");
    assert_eq!(lamp.get("Id"), Some(&Value::Uint32(7)));
    assert_eq!(lamp.get("Room"), Some(&Value::from("room 7")));
    let decoration = lamp.decoration().unwrap();
    assert_eq!((&*decoration.server, &*decoration.namespace), ("HOUSE", r"root\cimv2"));
}

#[tokio::test]
async fn one_row_a_call_until_the_end() {
    let house = house(Limits::default());
    let services = services(&house.server).await;
    // As impacket asks: synchronously.
    let rows = query(&services, LAMPS, Flags::empty()).await;
    for id in 0..10 {
        assert_eq!(read(&rows, 1).await, (vec![id], HResult::OK));
    }
    for _ in 0..2 {
        assert_eq!(read(&rows, 1).await, (vec![], HResult::FALSE));
    }
}

#[tokio::test]
async fn a_batch_is_full_or_the_last() {
    let house = house(Limits::default());
    let services = services(&house.server).await;
    let rows = query(&services, LAMPS, FORWARD).await;
    assert_eq!(read(&rows, 4).await, (vec![0, 1, 2, 3], HResult::OK));
    assert_eq!(read(&rows, 0).await, (vec![], HResult::OK));
    assert_eq!(read(&rows, 4).await, (vec![4, 5, 6, 7], HResult::OK));
    assert_eq!(read(&rows, u32::MAX).await, (vec![8, 9], HResult::FALSE));
}

#[tokio::test]
async fn a_batch_is_bounded_by_its_bytes_and_loses_nothing() {
    let house = house(Limits { batch_bytes: 1000, ..Limits::default() });
    let services = services(&house.server).await;
    let rows = query(&services, LAMPS, FORWARD).await;
    let (mut all, mut calls) = (Vec::new(), 0);
    loop {
        let (ids, status) = read(&rows, 1000).await;
        all.extend(ids);
        calls += 1;
        if status == HResult::FALSE {
            break;
        }
        assert_eq!(status, HResult::TIMED_OUT);
    }
    assert_eq!(all, (0..10).collect::<Vec<u64>>());
    assert!(calls > 2, "{calls}");
}

#[tokio::test]
async fn the_smart_twin_reads_on_where_the_enumerator_was() {
    let house = house(Limits::default());
    let services = services(&house.server).await;
    let rows = query(&services, LAMPS, FORWARD).await;
    let smart = smart(&rows).await;
    let (reader, mut classes) = (Uuid::new_v4(), ClassMap::default());

    assert_eq!(read(&rows, 2).await, (vec![0, 1], HResult::OK));
    let packet = smart_next(&smart, reader, Timeout::INFINITE, 3).await;
    assert_eq!(packet.status, HResult::OK);
    let lamps = unpack(&packet.out, &mut classes);
    assert_eq!(ids(&lamps), [2, 3, 4]);
    assert_eq!(lamps[0].get("Room"), Some(&Value::from("room 2")));
    assert_eq!(lamps[0].decoration().unwrap().server, "HOUSE");
    assert_eq!(read(&rows, 1).await, (vec![5], HResult::OK));

    let rest = smart_next(&smart, reader, Timeout::INFINITE, 100).await;
    assert_eq!(rest.status, HResult::FALSE);
    assert_eq!(ids(&unpack(&rest.out, &mut classes)), [6, 7, 8, 9]);
    let end = smart_next(&smart, reader, Timeout::INFINITE, 1).await;
    assert_eq!((end.status, end.out.returned, end.out.objects.len()), (HResult::FALSE, 0, 0));
}

#[tokio::test]
async fn each_reader_gets_each_class_once() {
    let house = house(Limits::default());
    let services = services(&house.server).await;
    let smart = smart(&query(&services, LAMPS, FORWARD).await).await;
    let (one, other) = (Uuid::new_v4(), Uuid::new_v4());
    let mut sizes = Vec::new();
    for reader in [one, one, other, one] {
        let packet = smart_next(&smart, reader, Timeout::INFINITE, 1).await;
        sizes.push(packet.out.objects.len());
    }
    assert_eq!(sizes[0], sizes[2], "the class came along");
    assert_eq!(sizes[1], sizes[3]);
    assert!(sizes[1] * 2 < sizes[0], "the class stayed away: {sizes:?}");
}

#[tokio::test]
async fn columns_make_small_rows_marked_as_keyless() {
    let house = house(Limits::default());
    let services = services(&house.server).await;
    let rows = query(&services, "SELECT Room FROM Acme_Lamp WHERE Id = 3", FORWARD).await;
    let response = next(&rows, Timeout::INFINITE, 1).await;
    let unit = Unit::decode(&response.out.objects[0].0).unwrap();
    let object = unit.into_object();
    let lamp = object.as_instance().unwrap();
    let values: Vec<_> = lamp.iter().map(|(name, value)| (name.as_str(), value.clone())).collect();
    assert_eq!(values, [("Room", Value::from("room 3"))]);
}

#[tokio::test]
async fn a_forward_only_result_is_read_once() {
    let house = house(Limits::default());
    let services = services(&house.server).await;
    let rows = query(&services, LAMPS, FORWARD).await;
    let refusal = status(WbemStatus::E_INVALID_OPERATION);
    assert_eq!(call(&rows, &Reset {}).await.status, refusal);
    let clone = call(&rows, &CloneEnum {}).await;
    assert_eq!((clone.out, clone.status), (None, refusal));
    assert_eq!(read(&rows, 100).await.0.len(), 10, "nothing was lost");
}

#[tokio::test]
async fn other_results_can_be_reset_and_cloned() {
    let house = house(Limits::default());
    let services = services(&house.server).await;
    let rows = query(&services, LAMPS, Flags::RETURN_IMMEDIATELY).await;
    assert_eq!(read(&rows, 3).await, (vec![0, 1, 2], HResult::OK));

    let clone = adopt(&rows, call(&rows, &CloneEnum {}).await);
    assert_eq!(read(&clone, 2).await, (vec![3, 4], HResult::OK));
    let second = adopt(&clone, call(&clone, &CloneEnum {}).await);
    assert_eq!(read(&second, 1).await, (vec![5], HResult::OK));

    assert_eq!(call(&rows, &Reset {}).await.status, HResult::OK);
    assert_eq!(read(&rows, 2).await, (vec![0, 1], HResult::OK));
    assert_eq!(read(&clone, 1).await, (vec![5], HResult::OK), "a clone has a place of its own");
}

#[tokio::test]
async fn rows_can_be_passed_over() {
    let house = house(Limits::default());
    let services = services(&house.server).await;
    let rows = query(&services, LAMPS, FORWARD).await;
    let skip = |count| Skip { timeout: Timeout::INFINITE, count };
    assert_eq!(call(&rows, &skip(4)).await.status, HResult::OK);
    assert_eq!(read(&rows, 1).await, (vec![4], HResult::OK));
    assert_eq!(call(&rows, &skip(6)).await.status, HResult::FALSE);
    assert_eq!(read(&rows, 1).await, (vec![], HResult::FALSE));
}

#[tokio::test]
async fn a_slow_query_times_out_and_goes_on() {
    let house = house(Limits::default());
    let services = services(&house.server).await;
    let rows = query(&services, "SELECT * FROM Acme_Tap", FORWARD).await;
    for timeout in [Timeout::NO_WAIT, Timeout(20)] {
        let response = next(&rows, timeout, 2).await;
        assert_eq!((response.out.objects.len(), response.status), (0, HResult::TIMED_OUT));
    }
    house.tap.allow(1);
    let response = next(&rows, Timeout(500), 2).await;
    assert_eq!((response.out.objects.len(), response.status), (1, HResult::TIMED_OUT));
    house.tap.allow(2);
    assert_eq!(read(&rows, 2).await, (vec![1, 2], HResult::OK));

    let negative = next(&rows, Timeout(0x8000_0000), 1).await;
    assert_eq!(negative.status, status(WbemStatus::E_INVALID_PARAMETER));
    house.tap.allow(usize::MAX);
}

#[tokio::test]
async fn a_failure_comes_after_the_rows_before_it() {
    let house = house(Limits::default());
    let services = services(&house.server).await;
    let failure = status(WbemStatus::E_PROVIDER_FAILURE);
    let rows = query(&services, "SELECT * FROM Acme_Leak", FORWARD).await;
    assert_eq!(read(&rows, 10).await, (vec![0, 1, 2], HResult::TIMED_OUT));
    for _ in 0..2 {
        assert_eq!(read(&rows, 10).await, (vec![], failure));
    }

    let at_once = call(&services, &query_request("SELECT * FROM Acme_Dry", Flags::empty())).await;
    assert_eq!((at_once.out, at_once.status), (None, failure));
    let later = query(&services, "SELECT * FROM Acme_Dry", FORWARD).await;
    assert_eq!(read(&later, 1).await, (vec![], failure));
}

#[tokio::test]
async fn a_prototype_describes_the_rows() {
    let house = house(Limits::default());
    let services = services(&house.server).await;
    let flags = FORWARD | Flags::PROTOTYPE;
    let rows = query(&services, "SELECT Room, Id FROM Acme_Spring", flags).await;
    let response = next(&rows, Timeout::INFINITE, 2).await;
    assert_eq!((response.out.objects.len(), response.status), (1, HResult::FALSE));
    let prototype = Unit::decode(&response.out.objects[0].0).unwrap();
    let names: Vec<_> = prototype.class().properties().iter().map(|p| p.name.as_str()).collect();
    assert_eq!(names, ["Id", "Room"]);
    assert_eq!(next(&rows, Timeout::INFINITE, 1).await.status, HResult::FALSE);
    assert_eq!(call(&rows, &Reset {}).await.status, HResult::OK);
    assert_eq!(next(&rows, Timeout::INFINITE, 1).await.status, HResult::OK);
    assert_eq!(house.spring.given.load(Ordering::SeqCst), 0, "nobody was asked for rows");
}

#[tokio::test]
async fn asynchronous_reading_is_not_supported() {
    let house = house(Limits::default());
    let services = services(&house.server).await;
    let rows = query(&services, LAMPS, FORWARD).await;
    let response = call(&rows, &NextAsync { count: 1, sink: None }).await;
    assert_eq!(response.status, status(WbemStatus::E_NOT_SUPPORTED));
}

#[tokio::test]
async fn a_slow_client_holds_the_provider_back() {
    let house = house(Limits { rows_ahead: 16, ..Limits::default() });
    let services = services(&house.server).await;
    let rows = query(&services, "SELECT * FROM Acme_Spring", FORWARD).await;
    for call in 1..=20 {
        assert_eq!(read(&rows, 10).await.0.len(), 10);
        let given = house.spring.given.load(Ordering::SeqCst);
        // What was read, what waits in the channel, and the row that waits to get in.
        assert!(given <= call * 10 + 16 + 1, "{given} rows given after {call} calls");
    }
}

#[tokio::test]
async fn releasing_the_enumerator_stops_the_provider() {
    let house = house(Limits::default());
    let services = services(&house.server).await;
    let rows = query(&services, "SELECT * FROM Acme_Spring", FORWARD).await;
    let smart = smart(&rows).await;
    assert_eq!(read(&rows, 1).await.1, HResult::OK);
    assert_eq!(house.spring.running.load(Ordering::SeqCst), 1);

    rows.release(deadline()).await.unwrap();
    let packet = smart_next(&smart, Uuid::new_v4(), Timeout::INFINITE, 1).await;
    assert_eq!(packet.status, HResult::OK, "the twin lives on");
    smart.release(deadline()).await.unwrap();
    house.spring.idle().await;
}
