//! The command as a user meets it: the built binary, its output and its exit status.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;

const PASSWORD: &str = "correct horse, battery";

fn winreach(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_winreach"));
    command.args(arguments).env_remove("WINREACH_PASSWORD").env_remove("WINREACH_LOG");
    command
}

/// Runs to the end with `input` on standard input.
fn run(arguments: &[&str], input: &str) -> Output {
    let mut child = winreach(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A command that never reads may be gone already.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

fn succeed(arguments: &[&str]) -> String {
    let output = run(arguments, "");
    assert!(output.status.success(), "{arguments:?}: {}", text(&output.stderr));
    text(&output.stdout)
}

/// The exit status and what was said about it.
fn fail(arguments: &[&str], input: &str) -> (i32, String) {
    let output = run(arguments, input);
    assert!(!output.status.success(), "{arguments:?} succeeded");
    assert_eq!(text(&output.stdout), "", "{arguments:?} printed rows and failed");
    (output.status.code().unwrap(), text(&output.stderr))
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

const OWN: &str = "SELECT Name, ProcessId FROM Win32_Process WHERE ProcessId = 1";

#[test]
fn this_machine_answers_in_every_format() {
    let name = std::fs::read_to_string("/proc/1/comm").unwrap().trim().to_owned();

    let json: Value = serde_json::from_str(&succeed(&["query", OWN, "--format", "json"])).unwrap();
    assert_eq!(json, serde_json::json!([{ "Name": name, "ProcessId": 1 }]));

    let ndjson = succeed(&["query", OWN, "--format", "ndjson"]);
    assert_eq!(ndjson.lines().count(), 1);
    assert_eq!(serde_json::from_str::<Value>(&ndjson).unwrap(), json[0]);

    assert_eq!(
        succeed(&["query", OWN, "--format", "csv"]),
        format!("Name,ProcessId\r\n{name},1\r\n")
    );
    assert_eq!(
        succeed(&["query", OWN, "--format", "list"]),
        format!("Name      : {name}\nProcessId : 1\n")
    );
    let table = succeed(&["query", OWN, "--format", "table"]);
    let words: Vec<Vec<&str>> = table.lines().map(|l| l.split_whitespace().collect()).collect();
    assert_eq!(words, [vec!["Name", "ProcessId"], vec![name.as_str(), "1"]]);
}

#[test]
fn a_result_without_rows_is_whole_in_every_format() {
    let none = "SELECT Name FROM Win32_Process WHERE ProcessId = 4294967295";
    for (format, expected) in
        [("json", "[]\n"), ("ndjson", ""), ("csv", "Name\r\n"), ("list", ""), ("table", "")]
    {
        assert_eq!(succeed(&["query", none, "--format", format]), expected, "{format}");
    }
}

#[test]
fn columns_come_as_the_query_lists_them_and_system_properties_too() {
    let query = "SELECT processid, __CLASS, Name FROM Win32_Process WHERE ProcessId = 1";
    let csv = succeed(&["query", query, "--format", "csv"]);
    let lines: Vec<&str> = csv.lines().collect();
    assert_eq!(lines[0], "processid,__CLASS,Name");
    assert!(lines[1].starts_with("1,Win32_Process,"), "{csv}");
}

#[test]
fn objects_and_classes_are_printed() {
    let instance = succeed(&["get", r#"Win32_Process.Handle="1""#, "--format", "json"]);
    let instance: Value = serde_json::from_str(&instance).unwrap();
    assert_eq!(instance[0]["ProcessId"], 1);

    let class = succeed(&["describe", "Win32_Process"]);
    assert!(class.contains("class Win32_Process : CIM_Process"), "{class}");
    assert_eq!(succeed(&["get", "Win32_Process"]), class);
}

#[test]
fn what_is_wrong_is_named_with_its_status() {
    let cases: [(&[&str], &str); 6] = [
        (&["query", "SELECT * FROM Win32_Process WHERE"], "WBEM_E_INVALID_QUERY (0x80041017)"),
        (&["query", "SELECT Nonsense FROM Win32_Process"], "WBEM_E_INVALID_QUERY (0x80041017)"),
        (&["query", "SELECT * FROM No_Such_Class"], "WBEM_E_INVALID_CLASS (0x80041010)"),
        (&["query", "-n", r"root\nowhere", OWN], "WBEM_E_INVALID_NAMESPACE (0x8004100E)"),
        (&["get", r#"Win32_Process.Handle="4294967295""#], "WBEM_E_NOT_FOUND (0x80041002)"),
        (&["describe", "No_Such_Class"], "WBEM_E_"),
    ];
    for (arguments, expected) in cases {
        let (status, message) = fail(arguments, "");
        assert_eq!(status, 1, "{arguments:?}");
        assert!(message.contains(expected), "{arguments:?}: {message}");
    }
    let (_, message) = fail(&["query", "SELECT * FROM Win32_Process WHERE"], "");
    assert!(message.contains("column 34"), "{message}");
    let (_, message) = fail(&["query", "SELECT Nonsense FROM Win32_Process"], "");
    assert!(message.contains("column 8"), "{message}");
}

#[test]
fn a_mistake_on_the_command_line_has_its_own_status() {
    let cases: [&[&str]; 10] = [
        &["query", "host"],
        &["query", "not a target", OWN],
        &["query", "host", OWN],
        &["query", "-u", "alice", OWN],
        &["query", r"winmgmts:{authority=kerberos:X}!\\host\root\cimv2", "-u", "a", OWN],
        &["query", OWN, "--timeout", "0"],
        &["query", "--anonymous", OWN],
        &["query", "host", "--anonymous", "-u", "alice", OWN],
        &["query", "host", "--level", "pkt", OWN],
        &["query", r"winmgmts:{authority=ntlmdomain:X}!\\host\root\cimv2", "--anonymous", OWN],
    ];
    for arguments in cases {
        assert_eq!(fail(arguments, "").0, 2, "{arguments:?}");
    }
}

#[test]
fn who_wants_to_hear_more_is_told_the_security_in_effect() {
    let told = |arguments: &[&str]| {
        let output = run(&[arguments, &["query", OWN]].concat(), "");
        assert!(output.status.success(), "{}", text(&output.stderr));
        let told = text(&output.stderr);
        let mut lines = told.lines().filter_map(|line| line.strip_prefix("winreach: security: "));
        let line = lines.next().map(str::to_owned);
        assert_eq!(lines.next(), None);
        line
    };
    let privacy = "NTLM, level privacy, headers signed, server not proven, impersonate, as local";
    assert_eq!(told(&[]), None);
    assert_eq!(told(&["-v"]).as_deref(), Some(privacy));
    let output = run(&["-v", "query", "--level", "integrity", OWN], "");
    let integrity = privacy.replace("privacy", "integrity");
    assert!(text(&output.stderr).contains(&integrity), "{}", text(&output.stderr));
    let moniker = r"winmgmts:{authenticationLevel=connect}!\\.\root\cimv2";
    let output = run(&["-v", "query", moniker, OWN], "");
    assert!(text(&output.stderr).contains(&integrity), "{}", text(&output.stderr));
}

#[test]
fn what_the_server_does_not_take_is_sent_as_asked_and_explained() {
    for (level, effective) in
        [("none", "none"), ("connect", "connect"), ("call", "packet"), ("packet", "packet")]
    {
        let (status, message) = fail(&["query", "--level", level, OWN], "");
        assert_eq!(status, 1);
        assert!(message.contains(&format!("(at level {effective})")), "{message}");
        assert!(message.contains("below packet integrity"), "{message}");
    }
    for level in ["anonymous", "identify"] {
        let (status, message) = fail(&["query", "--impersonation", level, OWN], "");
        assert_eq!(status, 1);
        assert!(message.contains("WBEM_E_ACCESS_DENIED (0x80041003)"), "{message}");
        assert!(message.contains("impersonation level impersonate"), "{message}");
    }
    let (status, message) = fail(&["query", "--mutual", OWN], "");
    assert_eq!(status, 1);
    assert!(message.contains("did not prove who it is"), "{message}");
    assert!(message.contains("use Kerberos"), "{message}");
    let (status, message) = fail(&["query", "--impersonation", "delegate", OWN], "");
    assert_eq!(status, 2);
    assert!(message.contains("Kerberos"), "{message}");
}

#[test]
fn a_closed_port_says_so() {
    // Bound and dropped: nobody listens there.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let port = port.to_string();
    let arguments = ["query", "127.0.0.1", "--port", &port, "-u", "alice", "--password-stdin", OWN];
    let (status, message) = fail(&arguments, "x\n");
    assert_eq!(status, 1);
    assert!(
        message.contains(&format!("127.0.0.1:{port}")) && message.contains("refused"),
        "{message}"
    );
}

#[test]
fn a_reader_that_stops_reading_is_no_failure() {
    let mut child = winreach(&["query", "SELECT * FROM Win32_Process", "--format", "ndjson"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut first = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut first).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", text(&output.stderr));
}

#[test]
fn a_name_that_is_looked_up_for_ever_does_not_hold_up_the_end() {
    let folder = Folder::new("lookup");
    // The resolver of the C library reads this file of aliases, and nobody writes to it.
    let aliases = folder.path("aliases");
    assert!(Command::new("mkfifo").arg(&aliases).status().unwrap().success());
    let output = Command::new("timeout")
        .args(["60", env!("CARGO_BIN_EXE_winreach")])
        .args(["query", "somewhere", "-u", "alice", "--timeout", "100ms", OWN])
        .env("WINREACH_PASSWORD", PASSWORD)
        .env("HOSTALIASES", aliases)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
}

#[test]
fn output_that_cannot_be_written_changes_no_status() {
    let folder = Folder::new("full");
    let accounts = &folder.path("accounts");
    add_account(accounts, "alice");
    let full = || std::fs::File::options().write(true).open("/dev/full").unwrap();

    let list = ["account", "list", "--accounts", accounts];
    let output = winreach(&list).stdout(full()).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).starts_with("winreach: standard output: "));

    for (arguments, status) in [(["-vv", "query", OWN], 0), (["-vv", "query", "no sense"], 1)] {
        let output = winreach(&arguments).stderr(full()).output().unwrap();
        assert_eq!(output.status.code(), Some(status), "{arguments:?}");
    }
}

/// A folder of its own for a test, gone afterwards.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("winreach-cli-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn path(&self, name: &str) -> String {
        self.0.join(name).to_str().unwrap().to_owned()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn add_account(accounts: &str, name: &str) {
    let output =
        run(&["account", "add", name, "--password-stdin", "--accounts", accounts], PASSWORD);
    assert!(output.status.success(), "{}", text(&output.stderr));
}

#[test]
fn accounts_are_added_listed_and_removed_and_no_password_is_kept() {
    let folder = Folder::new("accounts");
    let accounts = &folder.path("new/accounts");
    add_account(accounts, "alice");
    add_account(accounts, "bob");
    assert_eq!(succeed(&["account", "list", "--accounts", accounts]), "alice\nbob\n");
    assert_eq!(succeed(&["account", "list", "ALICE", "--accounts", accounts]), "alice\n");

    let mode = std::fs::metadata(accounts).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert!(!std::fs::read_to_string(accounts).unwrap().contains(PASSWORD));

    succeed(&["account", "remove", "alice", "--accounts", accounts]);
    assert_eq!(succeed(&["account", "list", "--accounts", accounts]), "bob\n");
    assert_eq!(fail(&["account", "list", "alice", "--accounts", accounts], "").0, 1);

    std::fs::set_permissions(accounts, std::fs::Permissions::from_mode(0o644)).unwrap();
    let (_, message) = fail(&["account", "list", "--accounts", accounts], "");
    assert!(message.contains("chmod 600"), "{message}");
}

#[test]
fn callers_by_kerberos_are_added_listed_and_removed() {
    const GROUP: &str = "S-1-5-21-1-2-3-1104";
    let folder = Folder::new("kerberos");
    let accounts = &folder.path("accounts");
    add_account(accounts, "bob");
    let account = |arguments: &[&str]| {
        succeed(&[&["account"], arguments, &["--accounts", accounts]].concat())
    };
    account(&["add", "alice@EXAMPLE.COM", "--kerberos"]);
    account(&["add", GROUP, "--group"]);
    let alice = "alice@EXAMPLE.COM\tKerberos\n";
    let group = format!("{GROUP}\tgroup\n");
    assert_eq!(account(&["list"]), format!("bob\n{alice}{group}"));
    assert_eq!(account(&["list", "ALICE@EXAMPLE.COM"]), alice);
    account(&["remove", "alice@EXAMPLE.COM"]);
    assert_eq!(account(&["list"]), format!("bob\n{group}"));
    account(&["remove", GROUP]);
    assert_eq!(account(&["list"]), "bob\n");

    for (wrong, told) in [
        (&["add", "alice@EXAMPLE.COM"][..], "--kerberos"),
        (&["add", GROUP], "--group"),
        (&["add", "alice", "--kerberos"], "the realm is missing"),
        (&["add", "readers", "--group"], "not a security identifier"),
        (&["add", "a@B", "--kerberos", "--group"], "cannot be used with"),
        (&["add", "a@B", "--kerberos", "--password-stdin"], "cannot be used with"),
        (&["remove", "alice@EXAMPLE.COM"], "holds no account alice@EXAMPLE.COM"),
    ] {
        let arguments = [&["account"], wrong, &["--accounts", accounts]].concat();
        let (_, message) = fail(&arguments, "");
        assert!(message.contains(told), "{wrong:?}: {message}");
    }
}

#[test]
fn a_keytab_that_cannot_be_used_is_said_before_anything_is_served() {
    let folder = Folder::new("keytab");
    let accounts = &folder.path("accounts");
    add_account(accounts, "alice");
    let keytab = &folder.path("keytab");
    let serve = ["serve", "--port", "0", "--accounts", accounts, "--keytab", keytab];
    let (status, message) = fail(&serve, "");
    assert_eq!(status, 1);
    assert!(message.contains(keytab) && message.contains("winreach serve --help"), "{message}");

    std::fs::write(keytab, [5, 2, 0, 0, 0, 99, 1]).unwrap();
    std::fs::set_permissions(keytab, std::fs::Permissions::from_mode(0o640)).unwrap();
    let (_, message) = fail(&serve, "");
    assert!(message.contains(&format!("(mode 0640); run: chmod 600 {keytab}")), "{message}");
    std::fs::set_permissions(keytab, std::fs::Permissions::from_mode(0o600)).unwrap();
    let (_, message) = fail(&serve, "");
    assert!(message.contains(keytab) && message.contains("at offset"), "{message}");

    let (status, message) = fail(&["serve", "--no-ntlm", "--accounts", accounts], "");
    assert!(status == 2 && message.contains("--keytab"), "{message}");
    let help = succeed(&["serve", "--help"]);
    for tool in ["kadmin", "ktutil", "samba-tool domain exportkeytab", "ktpass"] {
        assert!(help.contains(tool), "{help}");
    }
}

/// `winreach serve` on free ports, killed when the test is over.
struct Served {
    child: Child,
    port: String,
}

impl Served {
    fn start(accounts: &str) -> Self {
        let arguments = ["serve", "--port", "0", "--exporter-port", "0", "--accounts", accounts];
        let mut child =
            winreach(&arguments).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut ready = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut ready).unwrap();
        let port = ready
            .strip_prefix("winreach: ready, resolver 127.0.0.1:")
            .and_then(|rest| rest.split_once(','))
            .unwrap_or_else(|| panic!("{ready:?}"))
            .0
            .to_owned();
        Self { child, port }
    }

    fn query(&self, target: &str, user: &str, extra: &[&str], password: &str) -> Output {
        self.query_as(target, &["-u", user], extra, password)
    }

    fn query_as(&self, target: &str, who: &[&str], extra: &[&str], password: &str) -> Output {
        let arguments = ["query", target, OWN, "--port", &self.port, "--format", "ndjson"];
        run(&[&arguments, who, extra].concat(), password)
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_server_answers_whoever_has_an_account() {
    let folder = Folder::new("serve");
    let accounts = folder.path("accounts");
    add_account(&accounts, "alice");
    let served = Served::start(&accounts);

    let expected = succeed(&["query", OWN, "--format", "ndjson"]);
    for target in [
        "127.0.0.1",
        r"\\127.0.0.1\root\cimv2",
        "//127.0.0.1/ROOT/CIMV2",
        r"winmgmts:{impersonationLevel=impersonate}!\\127.0.0.1\root\cimv2",
    ] {
        for level in ["integrity", "privacy"] {
            let extra = ["--password-stdin", "--level", level];
            let output = served.query(target, "alice", &extra, PASSWORD);
            assert!(output.status.success(), "{target}: {}", text(&output.stderr));
            assert_eq!(text(&output.stdout), expected);
        }
    }

    let file = folder.path("password");
    std::fs::write(&file, format!("{PASSWORD}\n")).unwrap();
    let output = served.query("127.0.0.1", r"ANY\alice", &["--password-file", &file], "");
    assert_eq!(text(&output.stdout), expected);

    for (user, password) in [("alice", "not the secret"), ("mallory", PASSWORD), ("alice", "")] {
        let output =
            served.query("127.0.0.1", user, &["--password-stdin"], &format!("{password}\n"));
        assert!(!output.status.success() && output.stdout.is_empty());
        let message = text(&output.stderr);
        assert!(message.contains("refused") || message.contains("ACCESS_DENIED"), "{message}");
        assert!(password.is_empty() || !message.contains(password), "{message}");
    }
}

#[test]
fn a_server_lets_nobody_in_and_says_so_without_asking_for_a_password() {
    let folder = Folder::new("nobody");
    let accounts = folder.path("accounts");
    add_account(&accounts, "alice");
    let served = Served::start(&accounts);
    for level in ["none", "connect", "integrity", "privacy"] {
        let extra = ["--level", level];
        let output = served.query_as("127.0.0.1", &["--anonymous"], &extra, "");
        assert_eq!(output.status.code(), Some(1));
        let message = text(&output.stderr);
        assert!(message.contains("ERROR_ACCESS_DENIED"), "{message}");
        let told = match level {
            "none" | "connect" => "below packet integrity",
            _ => "no anonymous callers; name a user",
        };
        assert!(message.contains(told), "{level}: {message}");
    }
    let output = served.query("127.0.0.1", "alice", &["-v", "--password-stdin"], PASSWORD);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let told = "winreach: security: NTLM, level privacy, headers signed, server not proven, \
                impersonate, as alice\n";
    assert!(text(&output.stderr).contains(told), "{}", text(&output.stderr));
}

#[test]
fn a_server_stops_cleanly_when_it_is_told_to() {
    let folder = Folder::new("stop");
    let accounts = folder.path("accounts");
    add_account(&accounts, "alice");
    let mut served = Served::start(&accounts);
    let id = served.child.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
    assert!(served.child.wait().unwrap().success());
    let mut rest = String::new();
    served.child.stdout.take().unwrap().read_to_string(&mut rest).unwrap();
    assert_eq!(rest, "", "the line that says it is ready is the only one");
}

#[test]
fn a_server_without_accounts_says_how_to_make_one() {
    let folder = Folder::new("none");
    let accounts = folder.path("accounts");
    let (status, message) = fail(&["serve", "--port", "0", "--accounts", &accounts], "");
    assert_eq!(status, 1);
    assert!(message.contains("winreach account add"), "{message}");
    assert!(!Path::new(&accounts).exists());
}
