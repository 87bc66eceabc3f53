//! Getting into a namespace, and what can be asked of it.

use winreach_cim::{Object, Value, WbemStatus};
use winreach_ndr::Bstr;
use winreach_wmi_proto::call_result::{GetCallStatus, GetResultObject, GetResultString};
use winreach_wmi_proto::login::{
    EstablishPosition, RequestChallenge, SetClientInfo, SetClientInfoEx, WBEMLogin,
};
use winreach_wmi_proto::services::{
    CreateClassEnum, CreateInstanceEnum, DeleteInstance, ExecMethod, ExecNotificationQuery,
    ExecQuery, ExecQueryAsync, GetObject, OpenNamespace, PutClass, PutInstance,
};
use winreach_wmi_proto::{
    Context, FileTime, Flags, HResult, PutFlags, Slot, Timeout, Variant, iid,
};
use winreach_wmi_server::Limits;
use winreach_wmio::Unit;

use crate::client::*;
use crate::house::house;

fn status(status: WbemStatus) -> HResult {
    HResult(status.code())
}

#[tokio::test]
async fn the_way_of_a_windows_client_leads_in() {
    let house = house(Limits::default());
    let login = activate(options(house.server.connector(), "alice", PASSWORD)).await.unwrap();

    let id = login.query_interface(iid::LOGIN_CLIENT_ID, deadline()).await.unwrap();
    let machine = || Some("CLIENT".into()).into();
    let info = SetClientInfo { machine: machine(), process: 4711, reserved: 0 };
    assert_eq!(call(&id, &info).await.status, HResult::OK);
    let id = login.query_interface(iid::LOGIN_CLIENT_ID_EX, deadline()).await.unwrap();
    let info = SetClientInfoEx {
        machine: machine(),
        machine_fqdn: machine(),
        process: 4711,
        process_created: FileTime(0),
        reserved: 0,
    };
    assert_eq!(call(&id, &info).await.status, HResult::OK);

    let position = EstablishPosition { reserved1: None.into(), reserved2: 0 };
    let position = call(&login, &position).await;
    assert_eq!((position.out, position.status), (1, HResult::OK));
    for path in ["//./root/cimv2", r"\\10.0.0.1\ROOT\CIMV2", "root", r"root\default"] {
        let response = call(&login, &login_request(Some(path))).await;
        assert_eq!(response.status, HResult::OK, "{path}");
    }
}

#[tokio::test]
async fn wrong_log_ins_are_refused() {
    let house = house(Limits::default());
    let login = activate(options(house.server.connector(), "alice", PASSWORD)).await.unwrap();
    for (path, refusal) in [
        (None, WbemStatus::E_INVALID_PARAMETER),
        (Some(""), WbemStatus::E_INVALID_NAMESPACE),
        (Some(r"root\cimv3"), WbemStatus::E_INVALID_NAMESPACE),
        (Some(r"\\server"), WbemStatus::E_INVALID_NAMESPACE),
    ] {
        let response = call(&login, &login_request(path)).await;
        assert_eq!((response.out, response.status), (None, status(refusal)), "{path:?}");
    }
    let long = format!("root/{}", "x".repeat(8200));
    let response = call(&login, &login_request(Some(&long))).await;
    assert_eq!(response.status, status(WbemStatus::E_QUOTA_VIOLATION));
    let mut flagged = login_request(Some("root"));
    flagged.flags = 0x40;
    assert_eq!(call(&login, &flagged).await.status, status(WbemStatus::E_INVALID_PARAMETER));

    let old = RequestChallenge { reserved1: None.into(), reserved2: None.into() };
    assert_eq!(call(&login, &old).await.status, status(WbemStatus::E_NOT_SUPPORTED));
    let old =
        WBEMLogin { reserved1: None.into(), reserved2: None.into(), reserved3: 0, reserved4: None };
    assert_eq!(call(&login, &old).await.status, HResult::NOT_IMPLEMENTED);
}

#[tokio::test]
async fn bad_queries_are_refused() {
    let house = house(Limits::default());
    let services = services(&house.server).await;
    for (query, flags, refusal) in [
        ("SELEC * FROM Acme_Lamp", FORWARD, WbemStatus::E_INVALID_QUERY),
        ("SELECT Colour FROM Acme_Lamp", FORWARD, WbemStatus::E_INVALID_QUERY),
        ("SELECT * FROM Acme_Sofa", FORWARD, WbemStatus::E_INVALID_CLASS),
        ("", FORWARD, WbemStatus::E_INVALID_QUERY),
        ("SELECT * FROM Acme_Lamp", FORWARD | Flags::SHALLOW, WbemStatus::E_INVALID_PARAMETER),
        (
            "SELECT * FROM Acme_Lamp",
            Flags::from_bits_retain(0x8000_0000),
            WbemStatus::E_INVALID_PARAMETER,
        ),
    ] {
        let response = call(&services, &query_request(query, flags)).await;
        assert_eq!((response.out, response.status), (None, status(refusal)), "{query} {flags:?}");
    }
    let other = ExecQuery { language: "SQL".into(), ..query_request("SELECT 1", FORWARD) };
    assert_eq!(call(&services, &other).await.status, status(WbemStatus::E_INVALID_QUERY_TYPE));
    let long = query_request(&format!("SELECT * FROM {}", "x".repeat(20_000)), FORWARD);
    assert_eq!(call(&services, &long).await.status, status(WbemStatus::E_QUOTA_VIOLATION));

    for (architecture, outcome) in [
        (Variant::Sint32(64), HResult::OK),
        (Variant::Sint32(16), status(WbemStatus::E_INVALID_PARAMETER)),
    ] {
        let context = Context::new().with("__ProviderArchitecture", architecture);
        let request = ExecQuery {
            context: Some(context),
            ..query_request("SELECT * FROM Acme_Lamp", FORWARD)
        };
        assert_eq!(call(&services, &request).await.status, outcome);
    }
    let everything = Flags::ENSURE_LOCATABLE
        | Flags::USE_AMENDED_QUALIFIERS
        | Flags::DIRECT_READ
        | Flags::NO_ERROR_OBJECT
        | Flags::RESERVED
        | Flags::STRONG_VALIDATION
        | FORWARD;
    let response = call(&services, &query_request("SELECT * FROM Acme_Lamp", everything)).await;
    assert_eq!(response.status, HResult::OK);
}

#[tokio::test]
async fn objects_come_by_their_path() {
    let house = house(Limits::default());
    let services = services(&house.server).await;
    let response = get(&services, "Acme_Lamp.Id=4", Flags::empty()).await;
    assert_eq!((response.status, &response.out.call), (HResult::OK, &Slot::Empty));
    let lamp = instance(&response.out.object.filled().unwrap());
    assert_eq!(lamp.get("Room"), Some(&Value::from("room 4")));

    let response = get(&services, "acme_lamp", Flags::empty()).await;
    let class = Unit::decode(&response.out.object.filled().unwrap().0).unwrap().into_object();
    let Object::Class(class) = class else { panic!("no class") };
    assert_eq!(class.name().as_str(), "Acme_Lamp");
    assert_eq!(class.decoration().unwrap().server, "HOUSE");

    for (path, refusal) in [
        ("Acme_Lamp.Id=99", WbemStatus::E_NOT_FOUND),
        ("Acme_Sofa", WbemStatus::E_NOT_FOUND),
        ("Acme_Lamp.Id='x'", WbemStatus::E_INVALID_OBJECT_PATH),
        ("Acme_Lamp.", WbemStatus::E_INVALID_OBJECT_PATH),
    ] {
        let response = get(&services, path, Flags::empty()).await;
        assert_eq!(
            (response.out.object, response.status),
            (Slot::Empty, status(refusal)),
            "{path}"
        );
    }
    let response = get(&services, "Acme_Lamp", Flags::FORWARD_ONLY).await;
    assert_eq!(response.status, status(WbemStatus::E_INVALID_PARAMETER));
}

#[tokio::test]
async fn an_empty_path_gives_an_empty_class() {
    let house = house(Limits::default());
    let services = services(&house.server).await;
    let request = GetObject {
        path: Bstr::null(),
        flags: Flags::empty(),
        context: None,
        object: Slot::Empty,
        call: Slot::Absent,
    };
    let response = call(&services, &request).await;
    assert_eq!((response.status, &response.out.call), (HResult::OK, &Slot::Absent));
    let empty = Unit::decode(&response.out.object.filled().unwrap().0).unwrap();
    assert_eq!(empty.class().name().as_str(), "");
    assert_eq!(empty.class().properties().len(), 0);
}

#[tokio::test]
async fn an_object_can_be_fetched_later() {
    let house = house(Limits::default());
    let services = services(&house.server).await;
    let later = async |path: &str| {
        let response = get(&services, path, Flags::RETURN_IMMEDIATELY).await;
        assert_eq!((response.status, &response.out.object), (HResult::OK, &Slot::Empty));
        services.adopt(&response.out.call.filled().unwrap()).unwrap()
    };
    let (timeout, refusal) = (Timeout::INFINITE, status(WbemStatus::E_NOT_FOUND));

    let result = later("Acme_Lamp.Id=4").await;
    assert_eq!(call(&result, &GetCallStatus { timeout }).await.out, HResult::OK);
    let object = call(&result, &GetResultObject { timeout }).await;
    assert_eq!(instance(&object.out.unwrap()).get("Id"), Some(&Value::Uint32(4)));
    let string = call(&result, &GetResultString { timeout }).await;
    assert_eq!(string.status, status(WbemStatus::E_INVALID_OPERATION));

    let result = later("Acme_Lamp.Id=44").await;
    let outcome = call(&result, &GetCallStatus { timeout }).await;
    assert_eq!((outcome.out, outcome.status), (refusal, HResult::OK));
    let object = call(&result, &GetResultObject { timeout }).await;
    assert_eq!((object.out, object.status), (None, refusal));

    // A key lookup that the provider answers by reading: not before it is let.
    let result = later("Acme_Tap.Id=0").await;
    let early = call(&result, &GetResultObject { timeout: Timeout::NO_WAIT }).await;
    assert_eq!((early.out, early.status), (None, HResult::TIMED_OUT));
    house.tap.allow(1);
    let object = call(&result, &GetResultObject { timeout }).await;
    assert_eq!(object.status, HResult::OK);

    let request = GetObject {
        path: "Acme_Lamp".into(),
        flags: Flags::RETURN_IMMEDIATELY,
        context: None,
        object: Slot::Empty,
        call: Slot::Absent,
    };
    let nowhere = call(&services, &request).await;
    assert_eq!(nowhere.status, status(WbemStatus::E_INVALID_PARAMETER));
}

#[tokio::test]
async fn other_methods_are_not_supported() {
    let house = house(Limits::default());
    let services = services(&house.server).await;
    let refusal = status(WbemStatus::E_NOT_SUPPORTED);
    let (flags, context) = (Flags::empty(), None);
    macro_rules! refused {
        ($($method:ident { $($field:ident $(: $value:expr)?),* };)*) => {$(
            let request = $method { $($field $(: $value)?),* };
            assert_eq!(call(&services, &request).await.status, refusal, stringify!($method));
        )*};
    }
    refused! {
        CreateClassEnum { superclass: Bstr::null(), flags, context: context.clone() };
        CreateInstanceEnum { class: "Acme_Lamp".into(), flags, context: context.clone() };
        DeleteInstance { path: "Acme_Lamp.Id=1".into(), flags, context: context.clone(), call: Slot::Empty };
        ExecNotificationQuery { language: "WQL".into(), query: "x".into(), flags: FORWARD, context: context.clone() };
        ExecQueryAsync { language: "WQL".into(), query: "x".into(), flags, context: context.clone(), sink: None };
        PutClass { object: None, flags: PutFlags::empty(), context: context.clone(), call: Slot::Absent };
        PutInstance { object: None, flags: PutFlags::empty(), context: context.clone(), call: Slot::Empty };
    }
    let request = OpenNamespace {
        namespace: "default".into(),
        flags,
        context: None,
        working_namespace: Slot::Empty,
        call: Slot::Absent,
    };
    let response = call(&services, &request).await;
    assert_eq!(response.status, refusal);
    assert_eq!((response.out.namespace, response.out.call), (Slot::Empty, Slot::Absent));
    let request = ExecMethod {
        path: "Acme_Lamp".into(),
        method: "Toggle".into(),
        flags,
        context: None,
        input: None,
        output: Slot::Empty,
        call: Slot::Absent,
    };
    let response = call(&services, &request).await;
    let invalid = HResult(WbemStatus::E_INVALID_METHOD.code());
    assert_eq!((response.status, response.out.object), (invalid, Slot::Empty));
}
