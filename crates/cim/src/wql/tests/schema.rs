use super::*;
use crate::WbemStatus;

fn classes() -> Vec<Arc<Class>> {
    let element = Arc::new(Class::builder("CIM_ManagedSystemElement").build().unwrap());
    let process = Arc::new(Class::derive("CIM_Process", &element).build().unwrap());
    let win32 = Arc::new(Class::derive("Win32_Process", &process).build().unwrap());
    let event = Arc::new(Class::builder("__Event").build().unwrap());
    vec![element, process, win32, event]
}

fn found(condition: &str) -> Vec<String> {
    let text = format!("SELECT * FROM meta_class WHERE {condition}");
    let Ok(Query::Schema(query)) = text.parse() else { panic!("{text}") };
    let bound = query.bind().unwrap_or_else(|e| panic!("{text}: {e}"));
    let classes = classes().into_iter().filter(|class| bound.matches(class));
    classes.map(|class| class.name().to_string()).collect()
}

#[test]
fn classes_are_found() {
    let all = ["CIM_ManagedSystemElement", "CIM_Process", "Win32_Process", "__Event"];
    for (condition, expected) in [
        ("__this ISA 'cim_process'", &all[1..3]),
        ("__THIS ISA Win32_Process", &all[2..3]),
        ("NOT __this ISA 'CIM_Process' AND NOT __class < 'CIM'", &all[..1]),
        ("__class = 'WIN32_PROCESS'", &all[2..3]),
        ("__CLASS = Win32_Process", &all[2..3]),
        ("__Class LIKE '%[_]Process'", &all[1..3]),
        ("__superclass = 'CIM_Process'", &all[2..3]),
        ("__SUPERCLASS IS NULL", &[all[0], all[3]]),
        ("__superclass = NULL AND NOT __class LIKE '[_]%'", &all[..1]),
        ("__dynasty = 'CIM_ManagedSystemElement' AND __superclass <> NULL", &all[1..3]),
        ("__genus = 1", &all),
        ("__property_count > 0", &[]),
        ("__this IS NULL", &[]),
    ] {
        assert_eq!(found(condition), expected, "{condition}");
    }
    let Ok(Query::Schema(query)) = "select * from meta_class".parse() else { panic!() };
    let bound = query.bind().unwrap();
    assert!(classes().iter().all(|class| bound.matches(class)));
}

#[test]
fn what_makes_no_sense_is_an_invalid_query() {
    for (condition, column, message) in [
        ("Name = 'a'", 32, "class meta_class has no property Name"),
        ("__this = 'a'", 32, "properties of type object cannot be compared with ="),
        ("__class ISA 'a'", 32, "property __class is no embedded object and has no parts"),
        ("__this.a = 1", 32, "property __this is no embedded object and has no parts"),
        ("__derivation = 'a'", 32, "properties of type string[] cannot be compared with ="),
    ] {
        let text = format!("SELECT * FROM meta_class WHERE {condition}");
        let Ok(Query::Schema(query)) = text.parse() else { panic!("{text}") };
        let error = query.bind().unwrap_err();
        assert_eq!(error.to_string(), format!("column {column}: {message}"), "{condition}");
        assert_eq!(error.status(), WbemStatus::E_INVALID_QUERY);
    }
    // Only schema queries know `__this`.
    assert!(select("SELECT * FROM Thing WHERE __this ISA 'a'").bind(&class()).is_err());
}
