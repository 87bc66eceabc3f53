//! `winreach call` as a user meets it, against this machine's embedded server.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use std::path::PathBuf;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

/// A configuration folder of the test's own, in which the registry lies.
struct Home(PathBuf);

impl Home {
    fn new(name: &str) -> Self {
        let name = format!("winreach-call-{}-{name}", std::process::id());
        let home = Self(std::env::temp_dir().join(name));
        std::fs::create_dir_all(&home.0).unwrap();
        home
    }

    /// The exit status and both outputs.
    fn call(&self, words: &[&str]) -> (i32, String, String) {
        let output = Command::new(env!("CARGO_BIN_EXE_winreach"))
            .arg("call")
            .args(words)
            .args(["--format", "ndjson"])
            .env("XDG_CONFIG_HOME", &self.0)
            .env_remove("WINREACH_LOG")
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
    }

    fn output(&self, words: &[&str]) -> Value {
        let (status, out, err) = self.call(words);
        assert_eq!(status, 0, "{words:?}: {err}");
        serde_json::from_str(&out).unwrap()
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

const KEY: &str = r"sSubKeyName=SOFTWARE\Contoso";

#[test]
fn what_one_call_writes_another_reads() {
    let home = Home::new("registry");
    let done = json!({ "ReturnValue": 0 });
    assert_eq!(home.output(&["StdRegProv", "CreateKey", KEY]), done);
    let set = ["StdRegProv", "SetMultiStringValue", KEY, "sValueName=L"];
    assert_eq!(home.output(&[&set[..], &["sValue=a,b"]].concat()), done);
    let get = ["StdRegProv", "GetMultiStringValue", KEY, "sValueName=L"];
    assert_eq!(home.output(&get)["sValue"], json!(["a", "b"]));
    assert_eq!(home.output(&[&set[..], &["sValue=a,b", "sValue=c"]].concat()), done);
    assert_eq!(home.output(&get)["sValue"], json!(["a,b", "c"]));
    // Both namespaces of Windows have it.
    let namespace = ["-n", r"root\default"];
    assert_eq!(home.output(&[&get[..], &namespace].concat())["sValue"], json!(["a,b", "c"]));
    // As Windows exports keys: UTF-16 with a mark before it, lines that end in CR LF.
    let bytes = std::fs::read(home.0.join("winreach/registry")).unwrap();
    let units: Vec<u16> = bytes.chunks(2).map(|c| u16::from_le_bytes([c[0], c[1]])).collect();
    let registry = String::from_utf16(&units).unwrap();
    assert!(registry.starts_with("\u{FEFF}Windows Registry Editor Version 5.00\r\n"));
    let key = "[HKEY_LOCAL_MACHINE\\SOFTWARE\\Contoso]\r\n\"L\"=hex(7):";
    assert!(registry.contains(key), "{registry}");
}

#[test]
fn the_status_tells_what_the_method_returned() {
    let home = Home::new("status");
    let (status, out, err) = home.call(&["StdRegProv", "EnumValues", KEY]);
    let printed: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((status, &printed["ReturnValue"]), (1, &json!(2)));
    assert_eq!(err, "winreach: EnumValues returned 2\n");
}

#[test]
fn wrong_arguments_are_answered_with_the_signature() {
    let home = Home::new("wrong");
    for (words, status, expected) in [
        (
            &["StdRegProv", "EnumKey", "Key=x"][..],
            1,
            "[in] string sSubKeyName, [out] string[] sNames)",
        ),
        (
            &["StdRegProv", "EnumKey", "hDefKey=x"],
            1,
            "hDefKey: \"x\" is no uint32; the signature is",
        ),
        (&["StdRegProv", "Enum"], 1, "StdRegProv has no method \"Enum\"; it has CreateKey"),
        (&["StdRegProv", "EnumKey", "a=1", "x"], 2, "\"x\" is no argument; write NAME=VALUE"),
        (&["Win32_Process", "GetOwner"], 1, "it takes the path of one, not of their class"),
        (&["Win32_Nothing", "M"], 1, "WBEM_E_NOT_FOUND"),
    ] {
        let (code, out, err) = home.call(words);
        assert_eq!((code, out.as_str()), (status, ""), "{words:?}: {err}");
        assert!(err.contains(expected), "{err}");
    }
}

#[test]
fn what_if_shows_the_request_and_sends_nothing() {
    let home = Home::new("what-if");
    let (status, out, err) = home.call(&["--what-if", "StdRegProv", "CreateKey", KEY]);
    assert_eq!(status, 0, "{err}");
    let expected = "object:    StdRegProv\n\
        signature: uint32 CreateKey([in] uint32 hDefKey = 2147483650, [in] string sSubKeyName)\n\
        instance of __PARAMETERS\n{\n\thDefKey = 2147483650;\n\t\
        sSubKeyName = \"SOFTWARE\\\\Contoso\";\n};\n";
    assert_eq!(out, expected);
    assert!(!home.0.join("winreach").exists());
}

#[test]
fn an_instance_is_named_by_its_path() {
    let home = Home::new("instance");
    let owner = home.output(&[r#"Win32_Process.Handle="1""#, "GetOwner"]);
    assert!(owner["User"].is_string() && owner["ReturnValue"] == 0, "{owner}");
}
