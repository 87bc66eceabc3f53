//! The client and the embedded server, joined within the process: real queries over the whole stack.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod support;

use std::sync::Arc;
use std::time::Duration;

use support::PASSWORD;
use support::network::Counting;
use winreach_auth::ntlm::{NtHash, UserTable};
use winreach_cim::{CimType, Class, Instance, Object, Property, Value, WbemStatus};
use winreach_wmi::{
    Credentials, Enumeration, ErrorKind, Locator, Logon, Mechanism, Options, Services,
};
use winreach_wmi_server::{InProcess, MemoryProvider, Server};

const CLASS: &str = "Win32_Counted";

/// A server with so many instances, and a way to it.
fn server(rows: u32) -> (Arc<Counting<InProcess>>, Locator) {
    let mut class = Class::builder(CLASS).property(Property::new("N", CimType::Uint32).key());
    // As many properties as a class of Windows has: what a class weighs, beside its rows.
    for n in 0..40 {
        class = class.property(Property::new(format!("Property{n}"), CimType::String));
    }
    let class = Arc::new(class.build().unwrap());
    let instances = (0..rows).map(|n| {
        let mut instance = Instance::new(Arc::clone(&class));
        instance.set("N", n);
        instance.set("Property7", format!("the text of {n}"));
        instance
    });
    let provider = MemoryProvider::new(Arc::clone(&class), instances.collect());
    let mut users = UserTable::new();
    users.insert("tester", NtHash::of_password(PASSWORD));
    let server = Server::builder()
        .name("SERVER")
        .accounts(users)
        .provider(r"root\cimv2", Arc::new(provider))
        .build()
        .unwrap();
    let connector = Counting::new(server.connector());
    let locator = Locator::new(
        "server",
        Logon::with_password(Credentials::new("tester", PASSWORD.into()))
            .mechanism(Mechanism::Ntlm),
    )
    .connector(Arc::clone(&connector) as _);
    (connector, locator)
}

async fn first_row(services: &Services, enumeration: Enumeration) {
    let options = Options { enumeration, ..Options::default() };
    let wql = format!("SELECT * FROM {CLASS}");
    let mut rows = services.query_with(&wql, &options).await.unwrap();
    rows.next().await.unwrap().unwrap();
}

/// The round trips from nothing to the first row, and for the first row of a further query.
async fn round_trips(enumeration: Enumeration) -> (usize, usize) {
    let (connector, locator) = server(3);
    let services = locator.connect().await.unwrap();
    first_row(&services, enumeration).await;
    let first = connector.round_trips();
    // What gives objects back goes on beside and is over by then.
    tokio::time::sleep(Duration::from_millis(300)).await;
    let before = connector.round_trips();
    first_row(&services, enumeration).await;
    (first, connector.round_trips() - before)
}

#[tokio::test]
async fn the_budget_of_round_trips_is_kept() {
    assert_eq!(round_trips(Enumeration::Plain).await, (6, 2));
    assert_eq!(round_trips(Enumeration::Auto).await, (6, 2));
    assert_eq!(round_trips(Enumeration::Smart).await, (8, 4));
}

#[tokio::test]
async fn long_results_come_whole_and_in_the_fewest_bytes() {
    const ROWS: u32 = 5000;
    let mut received = Vec::new();
    for enumeration in [Enumeration::Plain, Enumeration::Auto, Enumeration::Smart] {
        let (connector, locator) = server(ROWS);
        let services = locator.connect().await.unwrap();
        let options = Options { enumeration, ..Options::default() };
        let wql = format!("SELECT * FROM {CLASS}");
        let rows = services.query_with(&wql, &options).await.unwrap().collect().await.unwrap();
        for (n, row) in (0..ROWS).zip(&rows) {
            let row = row.to_instance().unwrap();
            assert_eq!(row.get("N"), Some(&Value::Uint32(n)));
            assert_eq!(row.get("Property7").unwrap().as_str().unwrap(), format!("the text of {n}"));
        }
        assert_eq!(rows.len(), 5000);
        received.push(connector.received());
    }
    let [plain, auto, smart] = received[..] else { panic!() };
    assert!(plain > 4 * smart, "the class with each row: {plain}; once: {smart}");
    assert!(auto < smart + plain / 100, "{auto} is near {smart}");
}

#[tokio::test]
async fn queries_choose_and_project() {
    let (_, locator) = server(100);
    let services = locator.connect().await.unwrap();
    let wql = format!("SELECT N FROM {CLASS} WHERE N >= 90 AND Property7 LIKE '%5'");
    let rows = services.query(&wql).await.unwrap().collect().await.unwrap();
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0].class().properties().len(), 1);
    assert_eq!(rows[0].to_instance().unwrap().get("N"), Some(&Value::Uint32(95)));
    let none = services.query(&format!("SELECT * FROM {CLASS} WHERE N = 1000")).await.unwrap();
    assert!(none.collect().await.unwrap().is_empty());
}

#[tokio::test]
async fn classes_and_instances_are_got_by_path() {
    let (_, locator) = server(100);
    let services = locator.connect().await.unwrap();
    let Object::Class(class) = services.get(CLASS).await.unwrap() else { panic!("an instance") };
    assert_eq!((class.name().as_str(), class.properties().len()), (CLASS, 41));
    let object = services.get(&format!("{CLASS}.N=42")).await.unwrap();
    let instance = object.as_instance().unwrap();
    assert_eq!(instance.get("Property7"), Some(&Value::from("the text of 42")));
    let path = instance.path().unwrap().to_string();
    assert_eq!(path, format!(r"\\SERVER\root\cimv2:{CLASS}.N=42"));
}

#[tokio::test]
async fn what_the_server_refuses_has_its_name() {
    let (_, locator) = server(1);
    let services = locator.connect().await.unwrap();
    for (wql, status) in [
        ("SELECT * FROM Win32_Nothing", WbemStatus::E_INVALID_CLASS),
        ("SELECT * FORM Win32_Counted", WbemStatus::E_INVALID_QUERY),
        ("SELECT Nothing FROM Win32_Counted", WbemStatus::E_INVALID_QUERY),
    ] {
        let error = match services.query(wql).await {
            Ok(rows) => rows.collect().await.unwrap_err(),
            Err(error) => error,
        };
        assert_eq!(error.wbem_status(), Some(status), "{wql}: {error}");
        assert!(error.advice().is_some());
    }
    for (path, status) in [
        ("Win32_Counted.N=1000", WbemStatus::E_NOT_FOUND),
        ("Win32_Counted.N=", WbemStatus::E_INVALID_OBJECT_PATH),
    ] {
        let error = services.get(path).await.unwrap_err();
        assert_eq!(error.wbem_status(), Some(status), "{path}: {error}");
    }
    let error = locator.clone().namespace(r"root\nowhere").connect().await.unwrap_err();
    assert_eq!(error.wbem_status(), Some(WbemStatus::E_INVALID_NAMESPACE), "{error}");
    let stranger = Locator::new(
        "server",
        Logon::with_password(Credentials::new("tester", "wrong".into())).mechanism(Mechanism::Ntlm),
    )
    .connector(Arc::clone(&server(1).0) as _);
    assert_eq!(stranger.connect().await.unwrap_err().kind(), ErrorKind::Security);
}
