use proptest::prelude::*;

use super::*;
use crate::{CimType, Value};

fn object(text: &str) -> ObjectPath {
    text.parse().unwrap_or_else(|e| panic!("{text}: {e}"))
}

fn error(text: &str) -> PathError {
    match text.parse::<Path>() {
        Ok(path) => panic!("{text} was read as {path:?}"),
        Err(error) => error,
    }
}

#[test]
fn the_documented_paths_print_in_normal_form() {
    for (text, normal) in [
        // Describing a WMI Namespace Object Path
        (r"\\Server\Namespace", r"\\Server\Namespace"),
        ("//Server/Namespace", r"\\Server\Namespace"),
        (r"\\.\Namespace", r"\\.\Namespace"),
        // Describing a Class Object Path
        (r"\\Admin\Root\CimV2:Win32_LogicalDisk", r"\\Admin\Root\CimV2:Win32_LogicalDisk"),
        ("Win32_LogicalDisk", "Win32_LogicalDisk"),
        // Describing an Instance Object Path
        (
            r#"\\Server\Namespace:Class.KeyName="KeyValue""#,
            r#"\\Server\Namespace:Class.KeyName="KeyValue""#,
        ),
        (r#"MyClass.MyProp="e:""#, r#"MyClass.MyProp="e:""#),
        (r#"MyClass="e:""#, r#"MyClass="e:""#),
        ("MyOtherClass.FirstKey=1,SecondKey=2", "MyOtherClass.FirstKey=1,SecondKey=2"),
        ("MySingletonClass=@", "MySingletonClass=@"),
        ("ComPort=2", "ComPort=2"),
        (r#"MyClass.StrVal="AAA",IntVal=33"#, r#"MyClass.IntVal=33,StrVal="AAA""#),
        // WMI Object Path Requirements
        (r"//./root/cimv2:C.A='x',B=0x1F,C=true", r#"\\.\root\cimv2:C.A="x",B=31,C=TRUE"#),
        // KB 242507
        (r#"Win32_Directory.Name="C:\\""#, r#"Win32_Directory.Name="C:\\""#),
        (r#"C.K='it\'s \"so\"'"#, r#"C.K="it's \"so\"""#),
        ("C.K=-9223372036854775808", "C.K=-9223372036854775808"),
        ("C.K=18446744073709551615", "C.K=18446744073709551615"),
        ("root/cimv2", r"root\cimv2"),
        (r"\root\cimv2", r"root\cimv2"),
        (":C=1", "C=1"),
    ] {
        let path: Path = text.parse().unwrap_or_else(|e| panic!("{text}: {e}"));
        assert_eq!(path.to_string(), normal);
        assert_eq!(normal.parse::<Path>().as_ref(), Ok(&path));
    }
}

#[test]
fn the_order_of_keys_and_the_case_of_letters_do_not_matter() {
    assert_eq!(object(r#"C.IntVal=33,StrVal="AAA""#), object(r#"c.STRVAL="aaa",INTVAL=33"#));
    assert_ne!(object("C.A=1"), object("C.A=2"));
    assert_ne!(object("C.A=1"), object(r#"C.A="1""#));
}

#[test]
fn a_namespace_of_one_name_does_not_print_as_a_class() {
    let path: Path = r"\root".parse().unwrap();
    assert!(matches!(&path, Path::Namespace(n) if n.namespace() == "root"));
    assert_eq!(path.to_string(), r"\root");
    assert_eq!(path.to_string().parse(), Ok(path));
}

#[test]
fn ipv6_servers_stand_with_and_without_brackets() {
    for text in [r"\\[2001:db8::1]\root\cimv2", "//2001:db8::1/root/cimv2"] {
        let path: NamespacePath = text.parse().unwrap();
        assert_eq!(path.server(), Some("2001:db8::1"));
        assert_eq!(path.to_string(), r"\\[2001:db8::1]\root\cimv2");
    }
    let path: NamespacePath = r"\\[fe80::1%eth0]".parse().unwrap();
    assert_eq!((path.server(), path.names().len()), (Some("fe80::1%eth0"), 0));
    assert_eq!(error(r"\\[box]\root").column, 3);
}

#[test]
fn references_are_whole_paths_in_quotes() {
    let drive = object(r#"\\box\root\cimv2:Win32_LogicalDisk.DeviceID="C:""#);
    let text = r#"Win32_SystemDevices.PartComponent="\\\\box\\root\\cimv2:Win32_LogicalDisk.DeviceID=\"C:\"""#;
    let path = object(text);
    assert_eq!(path.keys, Keys::named([("PartComponent", KeyValue::from(&drive))]));
    assert_eq!(path.to_string(), text);
    let value = path.keys.get("partcomponent").unwrap().to_value(CimType::Reference).unwrap();
    assert_eq!(value.as_str().unwrap().parse::<ObjectPath>(), Ok(drive));
}

#[test]
fn keys_take_the_type_that_the_class_gives_them() {
    let key = |text: &str, cim_type| {
        object(&format!("C={text}")).keys.get("any").unwrap().to_value(cim_type)
    };
    assert_eq!(key("4", CimType::Uint32), Some(Value::Uint32(4)));
    assert_eq!(key("'4'", CimType::Uint64), Some(Value::Uint64(4)));
    assert_eq!(key("300", CimType::Uint8), None);
    assert_eq!(key("4", CimType::String), None);
    assert_eq!(key("'a'", CimType::Char16), Some(Value::Char16(97)));
    assert_eq!(key("'ab'", CimType::Char16), None);
    assert_eq!(key("TRUE", CimType::Boolean), Some(Value::Boolean(true)));
    assert_eq!(key("1", CimType::Boolean), Some(Value::Boolean(true)));
    assert_eq!(key("2", CimType::Boolean), None);
    let at = "20240101120000.000000+060";
    assert_eq!(
        key(&format!("'{at}'"), CimType::DateTime),
        Some(Value::DateTime(at.parse().unwrap()))
    );
    assert_eq!(key("'soon'", CimType::DateTime), None);
}

#[test]
fn errors_say_where_and_what() {
    for (text, column, expected) in [
        (r"\\", 3, "a server name"),
        (r"\\box\", 7, "a namespace"),
        (r"\\box\root\", 12, "the name of a namespace"),
        (r"\\box:C", 6, "a namespace between the server and the class"),
        (r"\\box\root cimv2", 11, "`:` and a class, or the end of the path"),
        ("C.", 3, "the name of a key"),
        ("C.K", 4, "`=`"),
        ("C.K=", 5, "the value of a key: a text in quotes, an integer, TRUE or FALSE"),
        ("C.K='x", 7, "the closing quote"),
        (r"C.K='c:\x'", 9, r"a second backslash, or a quote (\\ stands for \)"),
        ("C.K=18446744073709551616", 5, "an integer of at most 64 bits"),
        ("C.K=-", 6, "a digit"),
        ("C.K=1,k=2", 7, "a key that does not stand there already"),
        ("C.K=1 ", 6, "the end of the path"),
        ("C K", 2, "`.`, `=` or the end of the path"),
        ("é:1C", 3, "a class name"),
    ] {
        let error = error(text);
        assert_eq!((error.column, error.expected), (column, expected), "{text}");
    }
    assert_eq!("".parse::<ObjectPath>().unwrap_err().expected, "a class name");
    assert_eq!(r"\\box\root".parse::<ObjectPath>().unwrap_err().expected, "`:` and a class");
    assert_eq!(error("C.K").to_string(), "column 4: expected `=`, found the end");
}

fn identifier() -> impl Strategy<Value = String> {
    "[A-Za-z_][A-Za-z0-9_]{0,12}|[à-ö][a-z]{0,3}"
}

fn namespace() -> impl Strategy<Value = NamespacePath> {
    let server = "[a-z][a-z0-9-]{0,8}(\\.[a-z]{2,3})?|[.]|::1|2001:db8::[1-9]|10\\.0\\.0\\.1";
    prop_oneof![
        Just(NamespacePath::default()),
        prop::collection::vec(identifier(), 1..4).prop_map(NamespacePath::new),
        (server, prop::collection::vec(identifier(), 1..4))
            .prop_map(|(server, names)| NamespacePath::new(names).on(server)),
    ]
}

fn key() -> impl Strategy<Value = KeyValue> {
    prop_oneof![
        any::<String>().prop_map(KeyValue::Text),
        any::<i64>().prop_map(KeyValue::from),
        any::<u64>().prop_map(KeyValue::from),
        any::<bool>().prop_map(KeyValue::from),
    ]
}

fn keys() -> impl Strategy<Value = Keys> {
    prop_oneof![
        Just(Keys::None),
        Just(Keys::Singleton),
        key().prop_map(Keys::Unnamed),
        prop::collection::btree_map(identifier().prop_map(crate::Name::from), key(), 1..4)
            .prop_map(Keys::named),
    ]
}

/// Every object path; used by the tests of monikers too.
pub(crate) fn any_object_path() -> impl Strategy<Value = ObjectPath> {
    (namespace(), identifier(), keys())
        .prop_map(|(ns, class, keys)| ObjectPath::new(class).in_namespace(ns).with_keys(keys))
}

proptest! {
    #[test]
    fn what_is_printed_reads_as_the_same_path(path in any_object_path()) {
        let text = path.to_string();
        let read: ObjectPath = text.parse().map_err(|e| TestCaseError::fail(format!("{text}: {e}")))?;
        prop_assert_eq!(&read, &path);
        prop_assert_eq!(read.to_string(), text);
    }

    #[test]
    fn any_text_gives_a_path_or_an_error_within_it(text in "[\\\\/:.=,@\"'a-c0-2 é\\[\\]-]{0,40}") {
        if let Err(error) = text.parse::<Path>() {
            prop_assert!(error.column >= 1 && error.column <= text.chars().count() + 1);
        }
    }
}
