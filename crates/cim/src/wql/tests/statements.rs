//! Queries that are not data queries, and what authors get wrong.

use super::*;
use crate::WbemStatus;

fn read(text: &str) -> Query {
    text.parse().unwrap_or_else(|e| panic!("{text}: {e}"))
}

fn failure(text: &str) -> ParseError {
    match text.parse::<Query>() {
        Ok(query) => panic!("{text} was read as {query}"),
        Err(error) => error,
    }
}

/// Queries of the SDK and of the specification, and how they print.
#[test]
fn the_documented_queries_parse() {
    use Statement::{Associators, Data, Event, References, Schema};
    for (kind, text, printed) in [
        // SELECT Statement for Schema Queries
        (Schema, "SELECT * FROM meta_class", "SELECT * FROM meta_class"),
        (
            Schema,
            "SELECT * FROM meta_class WHERE __this ISA \"Win32_LogicalDisk\"",
            "SELECT * FROM meta_class WHERE __this ISA \"Win32_LogicalDisk\"",
        ),
        (
            Schema,
            "SELECT * FROM meta_class WHERE __Class = \"Win32_LogicalDisk\"",
            "SELECT * FROM meta_class WHERE __Class = \"Win32_LogicalDisk\"",
        ),
        // WQL (SQL for WMI)
        (
            Schema,
            "SELECT * FROM meta_class WHERE NOT __class < \"Win32\" AND NOT __this ISA \"Win32_Account\"",
            "SELECT * FROM meta_class WHERE NOT __class < \"Win32\" AND NOT __this ISA \"Win32_Account\"",
        ),
        // [MS-WMI] 2.2.1.1
        (
            Schema,
            "select * from META_CLASS where __THIS isa Win32_Service",
            "SELECT * FROM meta_class WHERE __THIS ISA \"Win32_Service\"",
        ),
        // ASSOCIATORS OF Statement
        (
            Associators,
            "ASSOCIATORS OF {Win32_LogicalDisk.DeviceID=\"C:\"}",
            "ASSOCIATORS OF {Win32_LogicalDisk.DeviceID=\"C:\"}",
        ),
        (
            Associators,
            "ASSOCIATORS OF {Win32_LogicalDisk.DeviceID=\"C:\"}\n   WHERE Role = GroupComponent",
            "ASSOCIATORS OF {Win32_LogicalDisk.DeviceID=\"C:\"} WHERE Role = GroupComponent",
        ),
        (
            Associators,
            "ASSOCIATORS OF {win32_LogicalDisk=\"C:\"} WHERE resultClass = Win32_Directory requiredQualifier = Dynamic",
            "ASSOCIATORS OF {win32_LogicalDisk=\"C:\"} WHERE RequiredQualifier = Dynamic ResultClass = Win32_Directory",
        ),
        (
            Associators,
            "ASSOCIATORS OF {A='}'} WHERE AssocClass=B RequiredAssocQualifier=C RequiredQualifier=D ResultClass=E ResultRole=F Role=G KeysOnly",
            "ASSOCIATORS OF {A=\"}\"} WHERE AssocClass = B RequiredAssocQualifier = C RequiredQualifier = D ResultClass = E ResultRole = F Role = G KeysOnly",
        ),
        // Schema Associations
        (
            Associators,
            "ASSOCIATORS OF {Adapter} WHERE AssocClass = AdapterDriver SchemaOnly",
            "ASSOCIATORS OF {Adapter} WHERE AssocClass = AdapterDriver SchemaOnly",
        ),
        // REFERENCES OF Statement
        (
            References,
            "REFERENCES OF {Adapter=\"AHA-294X\"} WHERE ClassDefsOnly",
            "REFERENCES OF {Adapter=\"AHA-294X\"} WHERE ClassDefsOnly",
        ),
        (
            References,
            r"references of { \\.\root\cimv2:Win32_Directory.Name='c:\\' } where keysonly",
            r#"REFERENCES OF {\\.\root\cimv2:Win32_Directory.Name="c:\\"} WHERE KeysOnly"#,
        ),
        // WITHIN Clause
        (
            Event,
            "SELECT * FROM __InstanceModificationEvent WITHIN 10  WHERE TargetInstance ISA \"Win32_LogicalDisk\"",
            "SELECT * FROM __InstanceModificationEvent WITHIN 10 WHERE TargetInstance ISA \"Win32_LogicalDisk\"",
        ),
        // SELECT Statement for Event Queries
        (
            Event,
            "SELECT targetInstance.Name FROM __InstanceCreationEvent within 2\n    WHERE targetinstance isa \"Win32_Process\"",
            "SELECT targetInstance.Name FROM __InstanceCreationEvent WITHIN 2 WHERE targetinstance ISA \"Win32_Process\"",
        ),
        // GROUP Clause
        (
            Event,
            "SELECT * FROM EventClass WHERE Sender = \"MyBoss\" \n  GROUP WITHIN 300 BY Importance",
            "SELECT * FROM EventClass WHERE Sender = \"MyBoss\" GROUP WITHIN 300 BY Importance",
        ),
        // HAVING Clause
        (
            Event,
            "SELECT * FROM EmailEvent GROUP WITHIN 300 HAVING NumberOfEvents > 5",
            "SELECT * FROM EmailEvent GROUP WITHIN 300 HAVING NumberOfEvents > 5",
        ),
        (
            Event,
            "SELECT * FROM __InstanceCreationEvent \n  WHERE TargetInstance ISA \"Win32_NTLogEvent\" \n  GROUP WITHIN 600 BY TargetInstance.SourceName\n  HAVING NumberOfEvents > 25",
            "SELECT * FROM __InstanceCreationEvent WHERE TargetInstance ISA \"Win32_NTLogEvent\" GROUP WITHIN 600 BY TargetInstance.SourceName HAVING NumberOfEvents > 25",
        ),
        (
            Event,
            "select a, b.c from E within .5 group within +0.001 by a,b.c having NumberOfEvents>1 or not NumberOfEvents=3",
            "SELECT a, b.c FROM E WITHIN 0.5 GROUP WITHIN 0.001 BY a, b.c HAVING NumberOfEvents > 1 OR NOT NumberOfEvents = 3",
        ),
        // WMIQ_RPNF_COUNT_STAR of wmiutils.h
        (Data, "select count ( * ) from a where b=1", "SELECT COUNT(*) FROM a WHERE b = 1"),
        (Data, "SELECT Count, count FROM a", "SELECT Count, count FROM a"),
        (Data, "SELECT * FROM EmailEvent", "SELECT * FROM EmailEvent"),
        // Words of the other clauses are names where no clause can begin.
        (
            Data,
            "SELECT Role, Group, Within FROM Having WHERE By = 1",
            "SELECT Role, Group, Within FROM Having WHERE By = 1",
        ),
    ] {
        let query = read(text);
        assert_eq!((query.statement(), query.to_string().as_str()), (kind, printed));
        assert_eq!(read(printed), query);
    }
}

#[test]
fn errors_say_where_and_what() {
    for (text, column, message) in [
        (
            "UPDATE a",
            1,
            "expected SELECT, ASSOCIATORS OF or REFERENCES OF, found `UPDATE` (WQL only reads)",
        ),
        ("ASSOCIATORS {a}", 13, "expected OF, found `{`"),
        (
            "ASSOCIATORS OF a",
            16,
            "expected `{` and a path, found `a` (the path of the object stands in braces)",
        ),
        ("ASSOCIATORS OF {a='}", 16, "the path that begins here has no closing brace"),
        ("ASSOCIATORS OF {}", 17, "expected a class name, found `}`"),
        ("ASSOCIATORS OF {a.b}", 20, "expected `=`, found `}`"),
        ("ASSOCIATORS OF {a.b = 'c'}", 20, "expected `=`, found ` ` (no blanks within the path)"),
        (r"REFERENCES OF {\\.\root\cimv2}", 30, "expected `:` and a class, found `}`"),
        ("ASSOCIATORS OF {a} b", 20, "expected WHERE or the end of the query, found `b`"),
        (
            "REFERENCES OF {a=1} WHERE",
            26,
            "expected ClassDefsOnly, KeysOnly, RequiredQualifier, ResultClass, Role or SchemaOnly, found the end of the query",
        ),
        // REFERENCES OF Statement: the invalid queries
        (
            "REFERENCES OF {a=1} WHERE resultclass = b requiredQualifier <> Dynamic",
            61,
            "expected `=`, found `<>` (= is the only operator here)",
        ),
        (
            "REFERENCES OF {a=1} WHERE resultclass = b AND requiredQualifier = Dynamic",
            43,
            "expected a keyword or the end of the query, found `AND` (keywords are separated by blanks alone)",
        ),
        (
            "ASSOCIATORS OF {a=1} WHERE ResultClass = 'b'",
            42,
            "expected a name, found a string (the name stands without quotes)",
        ),
        (
            "ASSOCIATORS OF {a=1} WHERE ResultClass=b ClassDefsOnly",
            42,
            "ClassDefsOnly cannot stand here: ClassDefsOnly and ResultClass exclude each other",
        ),
        (
            "ASSOCIATORS OF {a=1} WHERE Role=b Role=c",
            35,
            "Role cannot stand here: it stands there already",
        ),
        (
            "ASSOCIATORS OF {a=1} WHERE SchemaOnly",
            28,
            "SchemaOnly cannot stand here: SchemaOnly goes with the path of a class",
        ),
        (
            "ASSOCIATORS OF {a} WHERE SchemaOnly ClassDefsOnly",
            37,
            "ClassDefsOnly cannot stand here: ClassDefsOnly and SchemaOnly exclude each other",
        ),
        (
            "REFERENCES OF {a=1} WHERE AssocClass=b",
            27,
            "AssocClass cannot stand here: it belongs to ASSOCIATORS OF; here ResultClass is the association",
        ),
        (
            "SELECT __CLASS FROM meta_class",
            8,
            "expected `*`, since classes come whole, found `__CLASS`",
        ),
        ("SELECT COUNT(a) FROM b", 14, "expected `*`: what is counted are objects, found `a`"),
    ] {
        let error = failure(text);
        assert_eq!(error.to_string(), format!("column {column}: {message}"), "{text}");
        assert_eq!(error.status(), WbemStatus::E_INVALID_QUERY, "{text}");
    }
    let error = failure("SELECT *\n  FROM a\n  WHERE é = 'x' ?");
    assert_eq!((error.at.offset, error.at.line, error.at.column), (35, 3, 17));
}

#[test]
fn well_known_mistakes_are_explained() {
    for (text, hint) in [
        ("SELECT TOP 5 * FROM a", "WQL does not limit the number of results"),
        ("SELECT * FROM a ORDER BY b", "WQL does not sort"),
        ("SELECT DISTINCT a FROM b", "WQL does not drop results that are equal"),
        ("SELECT * FROM a LIMIT 1", "WQL does not limit the number of results"),
        ("SELECT * FROM a GROUP", "stands before"),
        ("SELECT * FROM a, b", ""),
        (
            "SELECT * FROM a JOIN b",
            "a query asks for one class; ASSOCIATORS OF follows associations",
        ),
        ("SELECT * FROM a AS b", "WQL does not rename columns and classes"),
        ("SELECT * FROM a WHERE b IN (1, 2)", "WQL has no lists: write a = 1 OR a = 2"),
        ("SELECT * FROM a WHERE b BETWEEN 1 AND 2", "WQL has no ranges: write a >= 1 AND a <= 9"),
        ("SELECT * FROM a WHERE b == 1", "one = is enough"),
        (
            "SELECT * FROM a WHERE b = c",
            "texts stand in quotes; properties are compared with constants",
        ),
        ("SELECT * FROM a WHERE b = 'it''s'", r#"a quote within a text is written \' or \""#),
        ("SELECT * FROM a WHERE b NOT LIKE 'c'", "NOT stands before the property: NOT a LIKE 'b'"),
        ("SELECT * FROM a WHERE b IS 'c'", "IS goes with NULL alone; compare with = or <>"),
        (
            "SELECT * FROM a WHERE UPPER(b) = 'C'",
            "no functions in WQL; comparisons disregard case anyway",
        ),
        (
            "SELECT DATEPART(yy, b) FROM a",
            "no functions in WQL; Configuration Manager alone extends it so",
        ),
        ("SELECT * FROM a WHERE b = “c”", r#"quotes are ' or ""#),
        ("SELECT * FROM a WHERE b = ?", "WQL has no parameters, and texts stand in quotes"),
        ("SELECT * FROM a WHERE b = 1 && c = 2", "conditions are joined by AND"),
        ("SELECT * FROM a WHERE b = 1 || c = 2", "conditions are joined by OR"),
        ("SELECT * FROM a WHERE !(b = 1)", "conditions are turned round by NOT, and unequal is <>"),
        ("SELECT * FROM a;", "a query ends without a semicolon"),
        (
            "SELECT * FROM a WHERE b[0] = 1",
            "names stand without brackets, and elements of arrays cannot be asked for",
        ),
        (
            "SELECT * FROM a WHERE b LIKE '5!%' ESCAPE '!'",
            "a %, _ or [ within a pattern stands in brackets: [%]",
        ),
        (
            "SELECT * FROM a WHERE TargetInstance ISA 'b' WITHIN 10",
            "WITHIN stands between the class and WHERE",
        ),
        (
            "SELECT * FROM a WHERE b = 1 HAVING NumberOfEvents > 1",
            "results are not grouped; events are, by GROUP WITHIN",
        ),
    ] {
        let error = failure(text);
        match hint {
            // The message itself says it.
            "" | "stands before" => assert_eq!(error.hint, None, "{text}: {error}"),
            hint => assert_eq!(error.hint, Some(hint), "{text}: {error}"),
        }
    }
}

#[test]
fn event_queries_fail_as_events() {
    for (text, column, status) in [
        ("SELECT * FROM a WITHIN x", 24, WbemStatus::E_UNPARSABLE_QUERY),
        ("SELECT * FROM a WITHIN 0", 24, WbemStatus::E_UNPARSABLE_QUERY),
        ("SELECT * FROM a WITHIN 0.0009", 24, WbemStatus::E_UNPARSABLE_QUERY),
        ("SELECT * FROM a WITHIN -1", 24, WbemStatus::E_UNPARSABLE_QUERY),
        ("SELECT * FROM a WITHIN 418938", 24, WbemStatus::E_UNPARSABLE_QUERY),
        ("SELECT * FROM a WITHIN 10 WITHIN 10", 27, WbemStatus::E_UNPARSABLE_QUERY),
        ("SELECT * FROM a WITHIN 10 WHERE b", 34, WbemStatus::E_UNPARSABLE_QUERY),
        ("SELECT * FROM a WHERE b = 1 WITHIN 10", 29, WbemStatus::E_UNPARSABLE_QUERY),
        ("SELECT COUNT(*) FROM a WITHIN 10", 24, WbemStatus::E_UNPARSABLE_QUERY),
        ("SELECT * FROM a GROUP WITHIN 5 BY", 34, WbemStatus::E_UNPARSABLE_QUERY),
        ("SELECT * FROM a GROUP WITHIN 5 BY b, ", 38, WbemStatus::E_UNPARSABLE_QUERY),
        ("SELECT * FROM a GROUP WITHIN 5 HAVING", 38, WbemStatus::E_UNPARSABLE_QUERY),
        (
            "SELECT * FROM a GROUP WITHIN 5 HAVING NumberOfEvents > 5 BY b",
            58,
            WbemStatus::E_UNPARSABLE_QUERY,
        ),
        ("SELECT * FROM a GROUP BY b", 23, WbemStatus::E_MISSING_GROUP_WITHIN),
    ] {
        for error in [failure(text), text.parse::<EventQuery>().unwrap_err()] {
            assert_eq!((error.at.column, error.status()), (column, status), "{text}: {error}");
        }
    }
    let error = "SELECT * FROM".parse::<EventQuery>().unwrap_err();
    assert_eq!(error.status(), WbemStatus::E_UNPARSABLE_QUERY);
    let error = "ASSOCIATORS OF {a}".parse::<EventQuery>().unwrap_err();
    let (wanted, found) = (Statement::Event, Statement::Associators);
    assert_eq!(error.kind, ParseErrorKind::Other { wanted, found });
    let plain: EventQuery = "SELECT * FROM Win32_ProcessStartTrace".parse().unwrap();
    assert_eq!((plain.within, plain.group), (None, None));
}

#[test]
fn conditions_are_counted() {
    let query = |more: usize| format!("SELECT * FROM a WHERE b=1{}", " OR b=1".repeat(more));
    read(&query(MAX_CONDITIONS - 1));
    let error = failure(&query(MAX_CONDITIONS));
    assert_eq!(error.kind, ParseErrorKind::TooManyConditions);
    assert_eq!(error.status(), WbemStatus::E_QUOTA_VIOLATION);
}
