use super::*;
use crate::WbemStatus;

fn failure(text: &str) -> ParseError {
    match text.parse::<Select>() {
        Ok(select) => panic!("{text} was read as {select}"),
        Err(error) => error,
    }
}

/// Queries of the SDK, and how they print.
#[test]
fn the_documented_queries_parse() {
    for (text, printed) in [
        // SELECT Statement for Data Queries
        ("SELECT * FROM Class", "SELECT * FROM Class"),
        (
            "SELECT property_1, property_2, property_3 FROM class",
            "SELECT property_1, property_2, property_3 FROM class",
        ),
        (
            r#"SELECT * FROM Device WHERE __CLASS = "Modem" OR __CLASS = "Keyboard""#,
            r#"SELECT * FROM Device WHERE __CLASS = "Modem" OR __CLASS = "Keyboard""#,
        ),
        (
            "SELECT * FROM MainClass WHERE EmbedObj.P_Uint32 = 70011",
            "SELECT * FROM MainClass WHERE EmbedObj.P_Uint32 = 70011",
        ),
        // ISA Operator for Data Queries
        (
            r#"SELECT * FROM Class WHERE EmbeddedProp ISA "ParentClass""#,
            r#"SELECT * FROM Class WHERE EmbeddedProp ISA "ParentClass""#,
        ),
        // WQL Operators
        (
            "SELECT * FROM Win32_LogicalDisk WHERE FileSystem IS NOT NULL",
            "SELECT * FROM Win32_LogicalDisk WHERE FileSystem IS NOT NULL",
        ),
        // WHERE Clause
        (
            "SELECT * FROM Win32_LogicalDisk WHERE (Name = \"C:\" OR Name = \"D:\")\n    AND  FreeSpace > 2000000  AND   FileSystem = \"NTFS\"",
            r#"SELECT * FROM Win32_LogicalDisk WHERE (Name = "C:" OR Name = "D:") AND FreeSpace > 2000000 AND FileSystem = "NTFS""#,
        ),
        (
            "SELECT * FROM MyClass WHERE BoolProp != FALSE",
            "SELECT * FROM MyClass WHERE BoolProp <> FALSE",
        ),
        ("SELECT * FROM class WHERE 5 < property", "SELECT * FROM class WHERE property > 5"),
        // LIKE Operator
        (
            r#"Select * FROM Win32_Printer WHERE Local="TRUE"      AND Network ="False" AND DriverName LIKE "%HP%"      AND NOT PortName LIKE "%10.%" AND NOT PortName LIKE "%\\%""#,
            r#"SELECT * FROM Win32_Printer WHERE Local = "TRUE" AND Network = "False" AND DriverName LIKE "%HP%" AND NOT PortName LIKE "%10.%" AND NOT PortName LIKE "%\\%""#,
        ),
        // [MS-WMI] 2.2.1.1: the class after __CLASS needs no quotes
        (
            "select * from Device where __class = Modem and a is null",
            r#"SELECT * FROM Device WHERE __class = "Modem" AND a IS NULL"#,
        ),
        // KB 242507
        (
            r#"select * from Win32_Directory where Name="C:\\""#,
            r#"SELECT * FROM Win32_Directory WHERE Name = "C:\\""#,
        ),
        ("SELECT*FROM a WHERE b=-1 AND c>.5", "SELECT * FROM a WHERE b = -1 AND c > 0.5"),
        (
            "SELECT * FROM a WHERE b = NULL OR NULL <> c",
            "SELECT * FROM a WHERE b IS NULL OR c IS NOT NULL",
        ),
        (
            "SELECT * FROM a WHERE NOT (b=1 AND c=2) OR (d=3)",
            "SELECT * FROM a WHERE NOT (b = 1 AND c = 2) OR d = 3",
        ),
        (r"SELECT * FROM a WHERE b LIKE 'C:\x%'", r#"SELECT * FROM a WHERE b LIKE "C:\\x%""#),
        (r#"SELECT * FROM a WHERE b = 'it\'s "so"'"#, r#"SELECT * FROM a WHERE b = "it's \"so\"""#),
    ] {
        let read = select(text);
        assert_eq!(read.to_string(), printed);
        assert_eq!(select(printed), read);
    }
}

#[test]
fn or_binds_weaker_than_and() {
    let Some(Expr::Or(all)) = select("SELECT * FROM c WHERE a=1 AND b=2 OR c=3").filter else {
        panic!("not an OR");
    };
    assert!(matches!(all.as_slice(), [Expr::And(two), Expr::Compare(_)] if two.len() == 2));
}

#[test]
fn errors_say_where_and_what() {
    for (text, column, message) in [
        ("", 1, "expected SELECT, found the end of the query"),
        ("SELEKT * FROM a", 1, "expected SELECT, found `SELEKT`"),
        ("SELECT FROM a", 8, "expected `*` or a property, found `FROM`"),
        ("SELECT a, FROM b", 11, "expected a property, found `FROM`"),
        ("SELECT a b FROM c", 10, "expected `,` or FROM, found `b`"),
        ("SELECT * a", 10, "expected FROM, found `a`"),
        ("SELECT * FROM 1", 15, "expected the name of a class, found a number"),
        ("SELECT * FROM a b", 17, "expected WHERE or the end of the query, found `b`"),
        (
            "SELECT * FROM a WHERE",
            22,
            "expected a property, a constant, NOT or `(`, found the end of the query",
        ),
        (
            "SELECT * FROM a WHERE b",
            24,
            "expected an operator: =, <>, <, <=, >, >=, LIKE, IS or ISA, found the end of the query",
        ),
        (
            "SELECT * FROM a WHERE b = c",
            27,
            "expected a constant: a string, a number, TRUE, FALSE or NULL, found `c`",
        ),
        ("SELECT * FROM a WHERE b IS 5", 28, "expected NULL or NOT NULL, found a number"),
        ("SELECT * FROM a WHERE b IS NOT 'NTFS'", 32, "expected NULL, found a string"),
        (
            "SELECT * FROM a WHERE b >= null",
            28,
            "expected a value: NULL can only be compared with = and <>, found `NULL`",
        ),
        ("SELECT * FROM a WHERE (b = 1", 29, "expected AND, OR or `)`, found the end of the query"),
        ("SELECT * FROM a WHERE b = 1)", 28, "expected AND, OR or the end of the query, found `)`"),
        (
            "SELECT * FROM a WHERE 1 = 2",
            27,
            "expected a property: one side must be one, found a number",
        ),
        ("SELECT * FROM a WHERE '%x' LIKE b", 28, "expected =, <>, <, <=, > or >=, found `LIKE`"),
        ("SELECT * FROM a WHERE é = 'x", 27, "the string that begins here has no closing quote"),
        (
            r"SELECT * FROM a WHERE b = 'C:\x'",
            30,
            r"expected a backslash or a quote after the backslash (\\ stands for \)",
        ),
        ("SELECT * FROM a WHERE b = 18446744073709551616", 27, "the number does not fit 64 bits"),
        ("SELECT * FROM a WHERE b = 12x", 29, "expected the end of the number, found `x`"),
        (
            "SELECT * FROM a WHERE b = ?",
            27,
            "expected a name, a constant or an operator, found `?`",
        ),
        // WHERE Clause: no arithmetic, no property on both sides
        (
            "SELECT * FROM PhysicalDisk WHERE Partitions < (4 + 7 - 2)",
            47,
            "expected a constant: a string, a number, TRUE, FALSE or NULL, found `(`",
        ),
    ] {
        let error = failure(text);
        assert_eq!((error.at.column, error.kind.to_string().as_str()), (column, message), "{text}");
        assert_eq!(error.status(), WbemStatus::E_INVALID_QUERY);
    }
}

#[test]
fn other_statements_are_told_apart() {
    for (text, column, statement) in [
        ("SELECT * FROM meta_class WHERE __this ISA 'x'", 15, Statement::Schema),
        ("ASSOCIATORS OF {a='b'}", 1, Statement::Associators),
        ("references of {a='b'} WHERE KeysOnly", 1, Statement::References),
        ("SELECT * FROM __InstanceCreationEvent WITHIN 10 WHERE a = 1", 39, Statement::Event),
        ("SELECT * FROM a WHERE b = 1 GROUP WITHIN 5", 29, Statement::Event),
    ] {
        let error = failure(text);
        let expected = ParseErrorKind::Other { wanted: Statement::Data, found: statement };
        assert_eq!((error.at.column, error.kind), (column, expected), "{text}");
    }
}

#[test]
fn length_and_depth_are_limited() {
    let nested = |depth: usize| {
        format!("SELECT * FROM a WHERE {}b=1{}", "(".repeat(depth), ")".repeat(depth))
    };
    select(&nested(MAX_DEPTH));
    let too_deep = failure(&nested(MAX_DEPTH + 1));
    assert_eq!(too_deep.kind, ParseErrorKind::TooDeep);
    assert_eq!(
        failure(&format!("SELECT * FROM a WHERE {} b=1", "NOT ".repeat(4000))).kind,
        ParseErrorKind::TooDeep
    );
    let text = "SELECT * FROM a WHERE b='é'";
    let padding = " ".repeat(MAX_LENGTH - text.chars().count());
    select(&format!("{padding}{text}"));
    let too_long = failure(&format!("{padding}{text} "));
    assert_eq!(too_long.kind, ParseErrorKind::TooLong);
    for error in [too_deep, too_long] {
        assert_eq!(error.status(), WbemStatus::E_QUOTA_VIOLATION);
    }
    select(&format!("SELECT * FROM a WHERE b=1{}", " OR b=1".repeat(2000)));
}
