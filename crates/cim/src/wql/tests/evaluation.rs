use super::*;
use crate::WbemStatus;

fn matches(condition: &str) -> bool {
    let query = select(&format!("SELECT * FROM Thing WHERE {condition}"));
    let bound = query.bind(&class()).unwrap_or_else(|e| panic!("{condition}: {e}"));
    bound.matches(&thing())
}

fn failure(condition: &str) -> BindError {
    let query = select(&format!("SELECT * FROM Thing WHERE {condition}"));
    match query.bind(&class()) {
        Ok(_) => panic!("{condition} was bound"),
        Err(error) => error,
    }
}

#[test]
fn conditions_hold_or_not() {
    for (condition, expected) in [
        // WHERE Clause: comparison tests are case-insensitive
        ("Name = 'spooler service'", true),
        ("NAME = \"SPOOLER SERVICE\"", true),
        ("Name = 'Spooler'", false),
        ("Name <> 'spooler service'", false),
        ("Name > 'spooler'", true),
        ("Name < 'T'", true),
        ("'T' > Name", true),
        // … the value TRUE is equivalent to the number 1, FALSE to 0
        ("Flag = TRUE", true),
        ("Flag = 1", true),
        ("Flag <> FALSE", true),
        ("Flag != 1", false),
        ("Flag = 0", false),
        // LIKE Operator: booleans in quotes
        ("Flag = \"True\"", true),
        // … NOT directly in front of the property
        ("NOT Name LIKE '%10.%'", true),
        ("Name LIKE 'SPOOL%'", true),
        ("Name LIKE '%[s]ervice'", true),
        ("Name LIKE 'Spooler'", false),
        // [MS-WMI] 2.2.1.1: LIKE on another type is =
        ("Id LIKE '7'", true),
        ("Id LIKE 8", false),
        // 64-bit numbers compare as numbers
        ("Size > 9223372036854775807", true),
        ("Size = 18446744073709551615", true),
        ("Size = '18446744073709551615'", true),
        ("Signed < 0", true),
        ("Signed = -9223372036854775808", true),
        ("Small < -4", true),
        ("Small > -10.5", true),
        ("Id = 7.0", true),
        ("Id < 300", true),
        ("Ratio = 2.5", true),
        ("Ratio > 2", true),
        ("Ratio >= '2.5'", true),
        // A literal takes the type of the property
        ("Name = 5", false),
        ("Letter = 'K'", true),
        ("Letter < 'l'", true),
        ("Letter = 107", true),
        // CIM_DATETIME: as instants, in any zone
        ("Made = '20210601110000.000000+000'", true),
        ("Made > '20210601105959.999999+000'", true),
        ("Made < '20210601110000.000000+000'", false),
        // … character by character where there are asterisks
        ("Made = '20210601120000.000000+***'", false),
        ("Made <> '20210601120000.000000+***'", true),
        ("Made > '20200601120000.000000+***'", false),
        // WQL-Supported Date Formats: on the clock of the value
        ("Made > '20210601'", true),
        ("Made > '2021-06-01 11:59:59:999'", true),
        ("Made = 'June 1, 2021 12 PM'", true),
        ("Made < 20210602", true),
        ("Made LIKE '202106%'", true),
        ("Took > '00000000235959.000000:000'", true),
        ("Took = '00000001000000.000000:000'", true),
        ("Owner = 'win32_account.name=\"BOB\"'", true),
        // WQL Operators
        ("Nothing IS NULL", true),
        ("Name IS NOT NULL", true),
        ("Nothing = NULL", true),
        ("Name <> NULL", true),
        ("Tags IS NOT NULL", true),
        ("Gone IS NULL", true),
        // What compares with null is unknown, and so is its contrary
        ("Nothing = 'x'", false),
        ("Nothing <> 'x'", false),
        ("NOT Nothing = 'x'", false),
        ("NOT (Nothing = 'x' AND Id = 8)", true),
        ("Nothing LIKE '%'", false),
        ("Nothing = 'x' OR Id = 7", true),
        ("Nothing = 'x' AND Id = 7", false),
        // AND before OR
        ("Id = 7 OR Id = 8 AND Id = 9", true),
        ("(Id = 7 OR Id = 8) AND Id = 9", false),
        ("NOT Id = 8 AND NOT NOT Id = 7", true),
        // SELECT Statement for Data Queries: embedded objects
        ("Part.P_Uint32 = 70011", true),
        ("Part.Label LIKE 'ax%'", true),
        ("Part.P_Uint32 LIKE 70011", true),
        ("Part.INVALID = 70011", false),
        ("Part.INVALID IS NULL", true),
        ("Gone.Label = 'Axle'", false),
        ("Part.__CLASS = 'PartClass'", true),
        // ISA Operator for Data Queries
        ("Part ISA \"ClassZ\"", true),
        ("Part ISA partclass", true),
        ("Part ISA 'Other'", false),
        ("Gone ISA 'ClassZ'", false),
        // System properties
        ("__CLASS = 'thing'", true),
        ("__CLASS = Thing", true),
        ("__CLASS <> 'Base'", true),
        ("__SUPERCLASS = 'Base'", true),
        ("__DYNASTY LIKE 'b%'", true),
        ("__GENUS = 2", true),
        ("__PROPERTY_COUNT > 10", true),
        ("__RELPATH = 'Thing.Id=7'", true),
        ("__PATH IS NULL", true),
        ("__SERVER = 'x'", false),
    ] {
        assert_eq!(matches(condition), expected, "{condition}");
    }
}

#[test]
fn what_makes_no_sense_is_an_invalid_query() {
    for (condition, column, message) in [
        ("Foo = 1", 27, "class Thing has no property Foo"),
        ("Id = 7 AND foo IS NULL", 38, "class Thing has no property foo"),
        ("__FOO = 1", 27, "class Thing has no property __FOO"),
        // WHERE Clause: the invalid queries
        ("Flag <= TRUE", 27, "properties of type boolean cannot be compared with <="),
        ("Flag >= 0", 27, "properties of type boolean cannot be compared with >="),
        ("Flag > FALSE", 27, "properties of type boolean cannot be compared with >"),
        ("Flag = 2", 34, "a property of type boolean cannot be compared with 2"),
        ("Owner > 'a'", 27, "properties of type ref cannot be compared with >"),
        ("Part = 'a'", 27, "properties of type object cannot be compared with ="),
        // Querying with WQL: no queries of array datatypes
        ("Tags = 'a'", 27, "properties of type string[] cannot be compared with ="),
        ("Id = 'x'", 32, r#"a property of type uint32 cannot be compared with "x""#),
        ("'x' = Id", 27, r#"a property of type uint32 cannot be compared with "x""#),
        ("Made > 'soon'", 34, r#"a property of type datetime cannot be compared with "soon""#),
        ("Letter = 'ab'", 36, r#"a property of type char16 cannot be compared with "ab""#),
        ("Id LIKE '7%'", 35, "the pattern is wrong: only texts can be compared with %, _ and [ ]"),
        ("Name LIKE '[a'", 37, "the pattern is wrong: a `[` has no `]`"),
        ("Name.First = 'a'", 27, "property Name is no embedded object and has no parts"),
        ("Name ISA 'x'", 27, "property Name is no embedded object and has no parts"),
    ] {
        let error = failure(condition);
        assert_eq!(error.to_string(), format!("column {column}: {message}"), "{condition}");
        assert_eq!(error.status(), WbemStatus::E_INVALID_QUERY);
    }
    let error = select("SELECT Id, Foo FROM Thing").bind(&class()).unwrap_err();
    assert_eq!((error.at.column, error.status()), (12, WbemStatus::E_INVALID_QUERY));
    let error = select("SELECT * FROM Other").bind(&class()).unwrap_err();
    assert_eq!((error.at.column, error.status()), (15, WbemStatus::E_INVALID_CLASS));
}

#[test]
fn a_query_bound_to_a_class_is_right_for_instances_of_other_classes_too() {
    let select = select("SELECT * FROM Thing WHERE Size = 1 AND __CLASS = 'Special'");
    let bound = select.bind(&class()).unwrap();
    let special = Class::derive("Special", &class())
        .property(Property::new("Extra", CimType::String))
        .build()
        .unwrap();
    let mut instance = Instance::new(Arc::new(special));
    instance.set("Size", 1_u64);
    assert!(bound.matches(&instance));
    let lookalike = Class::builder("Special").property(Property::new("Size", CimType::Uint64));
    let mut instance = Instance::new(Arc::new(lookalike.build().unwrap()));
    instance.set("Size", 1_u64);
    assert!(bound.matches(&instance));
}

#[test]
fn a_datetime_that_arrived_as_text_compares_as_text() {
    let bound = select("SELECT * FROM Thing WHERE Made = '2021'").bind(&class()).unwrap();
    let mut odd = thing();
    odd.set("Made", "2021");
    assert!(bound.matches(&odd));
}
