use super::*;

const SAMPLE: &str = r#"Windows Registry Editor Version 5.00

[HKEY_LOCAL_MACHINE\SOFTWARE\Contoso]
@="the \"default\""
"Bytes"=hex:01,02,\
  ff
"Count"=dword:0000002a
"Expand"=hex(2):25,00,41,00,25,00,00,00
"List"=hex(7):61,00,00,00,62,00,63,00,00,00,00,00
"Long"=hex(b):08,07,06,05,04,03,02,01
"Odd"=hex(0):
"Path"="C:\\Windows"
"Two lines"=hex(1):61,00,0a,00,62,00,00,00
"#;

fn contoso() -> KeyPath {
    KeyPath::new(&["HKEY_LOCAL_MACHINE"], r"software\CONTOSO").unwrap()
}

#[test]
fn the_form_of_the_registry_editor_is_read_and_written() {
    let registry = Registry::parse(SAMPLE).unwrap();
    let key = registry.key(&contoso()).unwrap();
    let expected = [
        ("", Data::Text("the \"default\"".into())),
        ("bytes", Data::Binary(vec![1, 2, 255])),
        ("count", Data::Dword(42)),
        ("expand", Data::Expand("%A%".into())),
        ("list", Data::Multi(vec!["a".into(), "bc".into()])),
        ("long", Data::Qword(0x0102_0304_0506_0708)),
        ("odd", Data::Other(0, vec![])),
        ("path", Data::Text(r"C:\Windows".into())),
        ("two lines", Data::Text("a\nb".into())),
    ];
    assert_eq!(key.values().count(), expected.len());
    for (name, data) in expected {
        assert_eq!(key.value(name), Some(&data), "{name}");
    }
    let text = registry.to_text();
    assert_eq!(Registry::parse(&text).unwrap(), registry);
    assert_eq!(Registry::parse_bytes(&registry.to_bytes()).unwrap(), registry);
    // As exported, but for the line that goes on and the keys above.
    let sample = SAMPLE.replace(",\\\n  ", ",");
    let body = sample.split_once("[HKEY_LOCAL_MACHINE\\SOFTWARE\\Contoso]").unwrap().1;
    assert!(text.ends_with(body), "{text}");
}

#[test]
fn the_utf_16_of_windows_is_read() {
    let crlf = SAMPLE.replace('\n', "\r\n");
    let units = "\u{FEFF}".encode_utf16().chain(crlf.encode_utf16());
    let bytes: Vec<u8> = units.flat_map(u16::to_le_bytes).collect();
    assert_eq!(Registry::parse_bytes(&bytes), Registry::parse(SAMPLE));
    for wrong in [&bytes[..bytes.len() - 1], b"\xFF\xFE\x00\xD8", b"Windows\xFF"] {
        let error = Registry::parse_bytes(wrong).unwrap_err();
        assert_eq!(error.problem, RegistryTextProblem::Encoding);
    }
}

#[test]
fn lists_come_back_whole() {
    for list in [vec![], vec![""], vec!["a"], vec!["a", ""], vec!["", "a"], vec!["", ""]] {
        let data = Data::Multi(list.iter().map(|item| (*item).to_owned()).collect());
        let mut registry = Registry::default();
        registry.create(&contoso()).values.insert("L".into(), data.clone());
        let read = Registry::parse(&registry.to_text()).unwrap();
        assert_eq!(read.key(&contoso()).unwrap().value("L"), Some(&data), "{list:?}");
    }
}

#[test]
fn a_wrong_line_is_named() {
    let head = "Windows Registry Editor Version 5.00\n[HKEY_USERS\\a]\n";
    let deep = format!("[HKEY_USERS{}]", "\\a".repeat(600));
    let long = format!("[HKEY_USERS\\{}]", "a".repeat(256));
    for (text, line, problem) in [
        ("", 1, RegistryTextProblem::Header),
        ("REGEDIT4\n", 1, RegistryTextProblem::Header),
        ("Windows Registry Editor Version 5.00\n\"a\"=\"b\"", 2, RegistryTextProblem::NoKey),
        (&format!("{head}[HKEY_CURRENT_USER\\a]"), 3, RegistryTextProblem::Top),
        (&format!("{head}[HKEY_USERS\\a"), 3, RegistryTextProblem::Expected),
        (&format!("{head}[-HKEY_USERS\\a]"), 3, RegistryTextProblem::Top),
        (&format!("{head}[HKEY_USERS\\\\a]"), 3, NameError::Empty.into()),
        (&format!("{head}{deep}"), 3, NameError::TooDeep.into()),
        (&format!("{head}{long}"), 3, NameError::TooLong.into()),
        (&format!("{head}\"a\"=-"), 3, RegistryTextProblem::Data),
        (&format!("{head}\"a\"=\"b"), 3, RegistryTextProblem::Quote),
        (&format!("{head}\"a\"=\"b\\n\""), 3, RegistryTextProblem::Quote),
        (&format!("{head}\"a\"=\"b\" c"), 3, RegistryTextProblem::Data),
        (&format!("{head}\"a\"=dword:123456789"), 3, RegistryTextProblem::Data),
        (&format!("{head}\"a\"=dword:+1"), 3, RegistryTextProblem::Data),
        (&format!("{head}\"a\"=hex:1"), 3, RegistryTextProblem::Data),
        (&format!("{head}\"a\"=hex:01,\\"), 3, RegistryTextProblem::Data),
        (&format!("{head}\"a\"=hex(4):01"), 3, RegistryTextProblem::Bytes),
        (&format!("{head}\"a\"=hex(1):00,d8"), 3, RegistryTextProblem::Bytes),
        (&format!("{head}\"a\"=hex(1):61"), 3, RegistryTextProblem::Bytes),
        (&format!("{head}\"a\"=hex(z):61"), 3, RegistryTextProblem::Data),
        (&format!("{head}\"a\"=\"b\"\n\"A\"=\"b\""), 4, RegistryTextProblem::Duplicate),
        (&format!("{head}a=b"), 3, RegistryTextProblem::Expected),
    ] {
        assert_eq!(Registry::parse(text), Err(RegistryTextError { line, problem }), "{text:?}");
    }
}

#[test]
fn variables_are_those_of_the_registry() {
    let text = r#"Windows Registry Editor Version 5.00
[HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Control\Session Manager\Environment]
"SystemRoot"="C:\\Windows"
"#;
    let registry = Registry::parse(text).unwrap();
    let expand = |text| variables::expand(&registry, text);
    assert_eq!(expand(r"%systemroot%\x"), r"C:\Windows\x");
    assert_eq!(expand("100% of %SystemRoot%"), r"100% of C:\Windows");
    assert_eq!(expand("%PATH%%HOME%%"), "%PATH%%HOME%%");
    assert_eq!(expand(""), "");
}
