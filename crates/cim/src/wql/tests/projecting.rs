use super::*;
use crate::{Array, Decoration, Name, SystemProperty};

fn bound(text: &str) -> Bound {
    select(text).bind(&class()).unwrap()
}

fn names(class: &Class) -> Vec<&str> {
    class.properties().iter().map(|p| p.name.as_str()).collect()
}

fn decorated() -> Instance {
    let mut thing = thing();
    let (server, namespace) = ("BOX".into(), r"root\cimv2".into());
    thing.set_decoration(Some(Arc::new(Decoration { server, namespace })));
    thing
}

#[test]
fn a_star_changes_nothing() {
    let projection = bound("SELECT * FROM Base WHERE Id = 7").projection(false);
    assert!(projection.is_whole() && !projection.drops_keys());
    assert_eq!(projection.class(), &class());
    assert_eq!(projection.apply(decorated()), decorated());
}

#[test]
fn a_list_keeps_what_it_names() {
    let projection = bound("SELECT size, NAME, Size FROM Thing").projection(false);
    assert_eq!(names(projection.class()), ["Name", "Size"]);
    assert!(projection.drops_keys());
    let row = projection.apply(decorated());
    assert_eq!(row.own(), [Some("Spooler Service".into()), Some(u64::MAX.into())]);
    assert_eq!(row.get("SIZE"), Some(&Value::Uint64(u64::MAX)));
    assert_eq!(row.get("Id"), None);
    // [MS-WMI] 2.2.4.1: the DerivationList is empty
    for absent in [
        SystemProperty::Superclass,
        SystemProperty::Relpath,
        SystemProperty::Path,
        SystemProperty::Server,
    ] {
        assert_eq!(absent.of_instance(&row), Value::Null, "{absent}");
    }
    assert_eq!(SystemProperty::Class.of_instance(&row), Value::from("Thing"));
    assert_eq!(SystemProperty::PropertyCount.of_instance(&row), Value::Sint32(2));
}

#[test]
fn selected_system_properties_have_values() {
    let row =
        bound("SELECT Name, __PATH, __SUPERCLASS FROM Thing").projection(false).apply(decorated());
    assert_eq!(names(row.class()), ["Id", "Name"]);
    assert_eq!(SystemProperty::Path.of_instance(&row), Value::from(r"\\BOX\root\cimv2:Thing.Id=7"));
    assert_eq!(SystemProperty::Superclass.of_instance(&row), Value::from("Base"));
    let row = bound("SELECT Name, __SERVER FROM Thing").projection(false).apply(decorated());
    assert_eq!(names(row.class()), ["Name"]);
    assert_eq!(SystemProperty::Server.of_instance(&row), Value::from("BOX"));
}

#[test]
fn locatable_results_keep_keys_and_origin() {
    let projection = bound("SELECT Name FROM Thing").projection(true);
    assert!(!projection.drops_keys());
    let row = projection.apply(decorated());
    assert_eq!(SystemProperty::Path.of_instance(&row), Value::from(r"\\BOX\root\cimv2:Thing.Id=7"));
}

/// The example of `[MS-WMI] 2.2.4.1`: `select prop1,prop2,prop1` gives {0,2} and {1}.
#[test]
fn a_prototype_says_the_order() {
    let order = |class: &Class, name: &str| {
        class.property(name).unwrap().qualifiers.value("Order").cloned()
    };
    let places = |places: &[i32]| Some(Value::from(Array::Sint32(places.to_vec())));
    let prototype = bound("SELECT Name, Size, Name FROM Thing").projection(false).prototype();
    assert_eq!(names(&prototype), ["Name", "Size"]);
    assert_eq!(order(&prototype, "Name"), places(&[0, 2]));
    assert_eq!(order(&prototype, "Size"), places(&[1]));
    let prototype = bound("SELECT * FROM Thing").projection(false).prototype();
    assert_eq!(order(&prototype, "Id"), places(&[0]));
    assert_eq!(order(&prototype, "Nothing"), places(&[2]));
}

#[test]
fn providers_learn_what_the_query_needs() {
    let query = bound(
        "SELECT Name FROM Thing WHERE Size > 5 AND (Flag = 1 OR Part.Label = 'x') AND __CLASS = 'a'",
    );
    let wanted: Vec<Name> = ["Id", "Name", "Size", "Flag", "Part"].map(Name::from).to_vec();
    assert_eq!(query.wanted(), Some(wanted));
    assert_eq!(bound("SELECT * FROM Thing WHERE Size > 5").wanted(), None);
}

#[test]
fn equalities_are_those_that_every_result_has() {
    let equalities =
        |condition: &str| bound(&format!("SELECT * FROM Thing WHERE {condition}")).equalities();
    let id = || (Name::from("Id"), Value::Uint32(7));
    assert_eq!(equalities("id = '7'"), [id()]);
    assert_eq!(
        equalities("7 = Id AND Name = 5 AND Size > 1"),
        [id(), (Name::from("Name"), Value::from("5"))]
    );
    assert_eq!(equalities("Id = 7 OR Id = 7"), []);
    assert_eq!(equalities("NOT Id = 7"), []);
    assert_eq!(equalities("Id <> 7"), []);
    assert_eq!(equalities("Id = 7 AND (Size = 1 OR Size = 2)"), [id()]);
    assert_eq!(equalities("Made = '20210601' AND Ratio = 2 AND Part.Label = 'x'"), []);
    assert_eq!(equalities("Id = 4294967296"), []);
}
