use std::time::Duration;

use super::*;
use crate::{Name, WbemStatus};

/// The class of events of this name, below `__Event`, as `[MS-WMI] 2.2.4.2` and the SDK have it.
fn event_class(name: &str) -> Arc<Class> {
    let event = Class::builder("__Event").property(Property::new("TIME_CREATED", CimType::Uint64));
    let event = Arc::new(event.build().unwrap());
    let operation = Class::derive("__InstanceOperationEvent", &event)
        .property(Property::new("TargetInstance", CimType::Object));
    let operation = Arc::new(operation.build().unwrap());
    let class = match name {
        "__InstanceOperationEvent" => return operation,
        "__InstanceModificationEvent" => Class::derive(name, &operation)
            .property(Property::new("PreviousInstance", CimType::Object)),
        "EmailEvent" => Class::derive(name, &event)
            .property(Property::new("Sender", CimType::String))
            .property(Property::new("Importance", CimType::Uint8)),
        _ => Class::derive(name, &operation),
    };
    Arc::new(class.build().unwrap())
}

fn service(state: &str) -> Instance {
    let element = Arc::new(Class::builder("CIM_Service").build().unwrap());
    let class = Class::derive("Win32_Service", &element)
        .property(Property::new("Name", CimType::String).key())
        .property(Property::new("State", CimType::String));
    let mut service = Instance::new(Arc::new(class.build().unwrap()));
    service.set("Name", "Spooler");
    service.set("State", state);
    service
}

fn modification(before: &str, after: &str) -> Instance {
    let mut event = Instance::new(event_class("__InstanceModificationEvent"));
    event.set("PreviousInstance", Object::Instance(service(before)));
    event.set("TargetInstance", Object::Instance(service(after)));
    event
}

fn query(text: &str) -> EventQuery {
    text.parse().unwrap_or_else(|e| panic!("{text}: {e}"))
}

fn bound(text: &str) -> BoundEvent {
    let query = query(text);
    query.bind(&event_class(&query.select.class)).unwrap_or_else(|e| panic!("{text}: {e}"))
}

#[test]
fn events_match_by_what_changed() {
    let event = modification("Running", "Stopped");
    for (condition, expected) in [
        ("TargetInstance ISA 'Win32_Service'", true),
        ("TargetInstance ISA CIM_Service AND TargetInstance.State = 'stopped'", true),
        ("targetinstance.state <> 'Stopped'", false),
        ("PreviousInstance.State = 'Running' AND TargetInstance.State = 'Stopped'", true),
        ("TargetInstance ISA 'Win32_Process'", false),
        ("NOT TargetInstance ISA 'Win32_Process'", true),
        ("TargetInstance.__CLASS = 'Win32_Service'", true),
        ("TargetInstance.Name LIKE 'sp%'", true),
        ("TargetInstance.Nothing = 1", false),
        ("TIME_CREATED IS NULL", true),
    ] {
        let text = format!("SELECT * FROM __InstanceModificationEvent WITHIN 5 WHERE {condition}");
        assert_eq!(bound(&text).matches(&event, &OwnAncestry), expected, "{condition}");
        // The query may ask for events of a base class.
        if !condition.contains("Previous") {
            let text = text.replace("Modification", "Operation");
            assert_eq!(bound(&text).matches(&event, &OwnAncestry), expected, "{condition}");
        }
    }
}

/// A schema that knows more of a class than its instances tell.
struct Schema;

impl Ancestry for Schema {
    fn is_a(&self, class: &Class, ancestor: &Name) -> bool {
        class.name() == "Win32_Service" && ancestor == "CIM_ManagedSystemElement"
            || class.is_a(ancestor)
    }
}

#[test]
fn who_knows_the_schema_tells_ancestors() {
    let event = modification("Running", "Stopped");
    let text = "SELECT * FROM __InstanceOperationEvent WHERE TargetInstance ISA 'CIM_ManagedSystemElement'";
    assert!(!bound(text).matches(&event, &OwnAncestry));
    assert!(bound(text).matches(&event, &Schema));
}

#[test]
fn the_server_learns_what_to_watch() {
    let targets = |condition: &str| {
        let text = format!("SELECT * FROM __InstanceModificationEvent WITHIN 5 WHERE {condition}");
        bound(&text).targets().map(|all| all.iter().map(Name::to_string).collect::<Vec<_>>())
    };
    let some = |all: &[&str]| Some(all.iter().map(|name| (*name).to_owned()).collect());
    assert_eq!(targets("TargetInstance ISA 'A'"), some(&["A"]));
    assert_eq!(targets("TargetInstance.X = 1 AND PreviousInstance ISA 'A'"), some(&["A"]));
    assert_eq!(
        targets("TargetInstance ISA 'A' OR TargetInstance.__Class = 'B'"),
        some(&["A", "B"])
    );
    assert_eq!(targets("TargetInstance ISA 'A' OR TargetInstance.X = 1"), None);
    assert_eq!(targets("NOT TargetInstance ISA 'A'"), None);
    assert_eq!(targets("TargetInstance.Part ISA 'A'"), None);
    let polled = bound("SELECT * FROM __InstanceModificationEvent WITHIN 0.5");
    assert_eq!(polled.within(), Some(Duration::from_millis(500)));
    assert_eq!(polled.intrinsic(), Some(Intrinsic::Instance));
    let pushed = bound("SELECT Sender FROM EmailEvent");
    assert_eq!((pushed.within(), pushed.intrinsic()), (None, None));
    assert_eq!(pushed.projection().class().properties().len(), 1);
    let parts = bound("SELECT TargetInstance.Name FROM __InstanceOperationEvent");
    assert_eq!(parts.projection().class().properties()[0].name, "TargetInstance");
}

#[test]
fn events_are_grouped() {
    let email = |sender: &str, importance: Option<u8>| {
        let mut email = Instance::new(event_class("EmailEvent"));
        email.set("Sender", sender);
        email.set("Importance", importance);
        email
    };
    let bound = bound(
        "SELECT * FROM EmailEvent GROUP WITHIN 300 BY Sender, Importance HAVING NumberOfEvents > 5 AND Representative.Sender LIKE 'b%'",
    );
    let group = bound.group().unwrap();
    assert_eq!(group.within(), Duration::from_secs(300));
    assert_eq!(group.key(&email("Boss", Some(1))), group.key(&email("BOSS", Some(1))));
    assert_ne!(group.key(&email("Boss", Some(1))), group.key(&email("Boss", Some(2))));
    assert_ne!(group.key(&email("Boss", None)), group.key(&email("Boss", Some(0))));
    assert_ne!(group.key(&email("n", None)), group.key(&email("", None)));
    assert_eq!(group.aggregate(5, email("Boss", None)), None);
    assert_eq!(group.aggregate(6, email("Cat", None)), None);
    let aggregate = group.aggregate(6, email("Boss", None)).unwrap();
    assert_eq!(aggregate.class().name(), "__AggregateEvent");
    assert_eq!(aggregate.class().dynasty(), "__SystemClass");
    assert_eq!(aggregate.get("NumberOfEvents"), Some(&Value::Uint32(6)));
    let representative = aggregate.get("Representative").and_then(Value::as_object).unwrap();
    assert_eq!(representative.as_instance(), Some(&email("Boss", None)));
}

#[test]
fn groups_of_intrinsic_events_agree_in_parts_of_the_target() {
    let text = "SELECT * FROM __InstanceModificationEvent GROUP WITHIN 5 BY TargetInstance.State";
    let bound = bound(text);
    let group = bound.group().unwrap();
    let key = |before, after| group.key(&modification(before, after));
    assert_eq!(key("Running", "Stopped"), key("Paused", "stopped"));
    assert_ne!(key("Running", "Stopped"), key("Running", "Paused"));
    assert!(group.aggregate(1, modification("a", "b")).is_some());
}

#[test]
fn what_makes_no_sense_has_a_status_of_its_own() {
    for (text, column, status, message) in [
        (
            "SELECT * FROM __InstanceOperationEvent GROUP WITHIN 5 BY TargetInstance",
            58,
            WbemStatus::E_AGGREGATING_BY_OBJECT,
            "events cannot be grouped by TargetInstance, an embedded object, but by a part of it",
        ),
        (
            "SELECT * FROM EmailEvent GROUP WITHIN 5 BY Sender.Name",
            44,
            WbemStatus::E_PROPERTY_NOT_AN_OBJECT,
            "events cannot be grouped by a part of Sender, which is no embedded object",
        ),
        (
            "SELECT * FROM EmailEvent GROUP WITHIN 5 BY Nothing",
            44,
            WbemStatus::E_INVALID_QUERY,
            "class EmailEvent has no property Nothing",
        ),
        (
            "SELECT * FROM EmailEvent GROUP WITHIN 5 HAVING Sender = 'a'",
            48,
            WbemStatus::E_INVALID_QUERY,
            "class __AggregateEvent has no property Sender",
        ),
        (
            "SELECT Nothing FROM EmailEvent WITHIN 5",
            8,
            WbemStatus::E_INVALID_QUERY,
            "class EmailEvent has no property Nothing",
        ),
        (
            "SELECT Sender.Name FROM EmailEvent",
            8,
            WbemStatus::E_INVALID_QUERY,
            "property Sender is no embedded object and has no parts",
        ),
    ] {
        let query = query(text);
        let error = query.bind(&event_class(&query.select.class)).unwrap_err();
        assert_eq!(error.to_string(), format!("column {column}: {message}"), "{text}");
        assert_eq!(error.status(), status, "{text}");
    }
    let error = query("SELECT * FROM Thing WITHIN 5").bind(&class()).unwrap_err();
    assert_eq!(error.status(), WbemStatus::E_NOT_EVENT_CLASS);
    let error = select("SELECT COUNT(*) FROM Thing").bind(&class()).unwrap_err();
    assert_eq!(
        (error.kind.clone(), error.status()),
        (BindErrorKind::Count, WbemStatus::E_INVALID_QUERY)
    );
}
