//! `krb5.conf` by hand, and text that is none.

use std::time::Duration;

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::credentials::testing::Scratch;

fn profile(text: &str) -> Profile {
    Profile::parse("krb5.conf", text.as_bytes()).unwrap()
}

fn config(text: &str) -> Config {
    Config::new(profile(text)).unwrap()
}

fn message(text: &str) -> String {
    match Profile::parse("krb5.conf", text.as_bytes()).and_then(Config::new) {
        Ok(config) => panic!("{config:?}"),
        Err(error) => error.to_string(),
    }
}

/// The texts at a path.
fn texts<'a>(profile: &'a Profile, path: &[&str]) -> Vec<&'a str> {
    profile.values(path).iter().map(|value| value.text.as_str()).collect()
}

const SAMPLE: &str = r#"# Lines before the first section mean nothing.
[libdefaults]
    default_realm = EXAMPLE.COM
    dns_lookup_kdc = No
    dns_lookup_realm = on
    dns_canonicalize_hostname = fallback
    rdns = false
    clockskew = 600
    kdc_timesync = 0
    default_tkt_enctypes = aes256-cts, aes128-cts	+rc4 -DEFAULT
    permitted_enctypes = DEFAULT +rc4
    allow_weak_crypto = t
    allow_rc4 = yes
    udp_preference_limit = 1
    request_timeout = 30s
    ticket_lifetime = 10h
    renew_lifetime = 7d
    forwardable = yes
    canonicalize = 1
    noaddresses = nil
    default_ccache_name = KEYRING:persistent:%{uid}
    default_keytab_name = "FILE:/etc/a \"b\".keytab" ; passed over
    something_unknown = kept
    OTHER.ORG = {
        ticket_lifetime = 1:00:00
        forwardable = no
    }

[realms]
    EXAMPLE.COM = {
        kdc = dc1.example.com
        kdc = tcp/dc2.example.com:1088
        master_kdc = [2001:db8::1]:88
        admin_server = dc1.example.com:749
        auth_to_local_names = {
            alice = a
        }
    }
[domain_realm]
    .example.com = EXAMPLE.COM
    odd.example.com = ODD.ORG
    example.net = NET.ORG
[capaths]
    A = {
        B = .
        C = X
        C = Y  the second
    }
[realms]
    EXAMPLE.COM =
    {
        kdc = https://proxy.example.com/KdcProxy
        kdc = /run/kdc.socket
    }
"#;

#[test]
fn libdefaults_are_read() {
    let config = config(SAMPLE);
    let words = |words: &[&str]| Some(words.iter().map(|word| (*word).to_owned()).collect());
    let expected = LibDefaults {
        default_realm: Some("EXAMPLE.COM".into()),
        dns_lookup_kdc: false,
        dns_lookup_realm: true,
        dns_canonicalize_hostname: Canonicalize::Fallback,
        rdns: false,
        clockskew: Duration::from_secs(600),
        kdc_timesync: false,
        default_tkt_enctypes: words(&["aes256-cts", "aes128-cts", "+rc4", "-DEFAULT"]),
        default_tgs_enctypes: None,
        permitted_enctypes: words(&["DEFAULT", "+rc4"]),
        allow_weak_crypto: true,
        allow_rc4: true,
        udp_preference_limit: 1,
        request_timeout: Some(Duration::from_secs(30)),
        ticket_lifetime: Duration::from_secs(36_000),
        renew_lifetime: Duration::from_secs(7 * 86_400),
        forwardable: true,
        proxiable: false,
        canonicalize: true,
        noaddresses: false,
        default_ccache_name: Some("KEYRING:persistent:%{uid}".into()),
        default_keytab_name: Some("FILE:/etc/a \"b\".keytab".into()),
        default_client_keytab_name: None,
    };
    assert_eq!(*config.libdefaults(), expected);
    assert_eq!(texts(config.profile(), &["libdefaults", "something_unknown"]), ["kept"]);

    let of_other = config.libdefaults_of("OTHER.ORG").unwrap();
    let ticket_lifetime = Duration::from_secs(3600);
    assert_eq!(of_other, LibDefaults { ticket_lifetime, forwardable: false, ..expected });
    assert_eq!(*Config::default().libdefaults(), LibDefaults::default());
}

#[test]
fn numbers_that_mean_something_else_are_read_so() {
    // No time at all is no bound, and no message of that size goes by UDP.
    let odd = config(
        "[libdefaults]\nrequest_timeout = 0\nudp_preference_limit = 99999\nkdc_timesync = 2",
    );
    let expected = LibDefaults { udp_preference_limit: 32_700, ..LibDefaults::default() };
    assert_eq!(*odd.libdefaults(), expected);
    let odd = config("[libdefaults]\nudp_preference_limit = -1\nkdc_timesync = off");
    let expected = LibDefaults { kdc_timesync: false, ..LibDefaults::default() };
    assert_eq!(*odd.libdefaults(), expected);
}

#[test]
fn the_servers_of_a_realm_are_read_in_order() {
    let realm = config(SAMPLE).realm("EXAMPLE.COM").unwrap();
    let shown = |servers: &[Server]| servers.iter().map(Server::to_string).collect::<Vec<_>>();
    assert_eq!(
        shown(&realm.kdc),
        [
            "dc1.example.com",
            "tcp/dc2.example.com:1088",
            "https://proxy.example.com/KdcProxy",
            "/run/kdc.socket"
        ]
    );
    let transports: Vec<_> = realm.kdc.iter().map(|server| server.transport).collect();
    assert_eq!(transports, [Transport::Any, Transport::Tcp, Transport::Https, Transport::Local]);
    assert_eq!(shown(&realm.primary_kdc), ["[2001:db8::1]:88"]);
    assert_eq!(realm.primary_kdc[0].host, "2001:db8::1");
    assert_eq!(shown(&realm.admin_server), ["dc1.example.com:749"]);
    assert_eq!(realm.kpasswd_server, []);
    // The newer name of primary KDCs goes before the older.
    let both = config("[realms]\nR = {\nmaster_kdc = old\nprimary_kdc = new\n}");
    assert_eq!(shown(&both.realm("R").unwrap().primary_kdc), ["new"]);
    assert_eq!(config(SAMPLE).realm("NONE").unwrap(), Realm::default());
}

#[test]
fn what_is_no_server_is_none() {
    for text in [
        "",
        ":88",
        "88",
        "host:",
        "host:http",
        "host:65536",
        "host:88 remark",
        "[::1",
        "[]",
        "::1",
        "host/path",
        "tcp/",
        "https://",
        "https:///path",
        "[a b]",
    ] {
        assert_eq!(Server::parse(text), None, "{text}");
    }
    assert_eq!(Server::parse("host remark").unwrap().host, "host");
    let error = config("[realms]\nR = {\nkdc = a\nkdc = b:c\n}").realm("R").unwrap_err();
    assert_eq!(
        error.to_string(),
        "krb5.conf, line 4: expected host, host:port or [address]:port, found: kdc = b:c"
    );
}

#[test]
fn hosts_are_in_the_realm_of_the_closest_domain() {
    let config = config(SAMPLE);
    for (host, realm) in [
        ("dc1.example.com", Some("EXAMPLE.COM")),
        ("DC1.Example.Com.", Some("EXAMPLE.COM")),
        ("a.b.example.com", Some("EXAMPLE.COM")),
        ("odd.example.com", Some("ODD.ORG")),
        ("sub.odd.example.com", Some("ODD.ORG")),
        ("example.com", None),
        ("example.net", Some("NET.ORG")),
        ("a.example.net", Some("NET.ORG")),
        ("badexample.net", None),
        ("localhost", None),
        ("192.0.2.1", None),
        ("2001:db8::1", None),
        ("", None),
        (".", None),
        ("..", None),
    ] {
        assert_eq!(config.host_realm(host), realm, "{host}");
    }
}

#[test]
fn paths_between_realms_are_read() {
    let config = config(SAMPLE);
    assert_eq!(config.path_between("A", "B"), Some(vec![]));
    assert_eq!(config.path_between("A", "C"), Some(vec!["X", "Y"]));
    assert_eq!(config.path_between("A", "D"), None);
    assert_eq!(config.path_between("B", "A"), None);
}

#[test]
fn values_are_read_as_they_stand() {
    let profile = profile(
        "[s]\r\nplain = a b \t\r\nequals = a = b\nremark = a # b\nbrace = { a\nempty = \"\"\n\
         quoted = \" a\\n\\t\\b\\\\\\\"\\x \" rest\nopen = \"a\n\ttab\t=\tb\nplain = c",
    );
    assert_eq!(texts(&profile, &["s", "plain"]), ["a b", "c"]);
    assert_eq!(texts(&profile, &["s", "equals"]), ["a = b"]);
    assert_eq!(texts(&profile, &["s", "remark"]), ["a # b"]);
    assert_eq!(texts(&profile, &["s", "brace"]), ["{ a"]);
    assert_eq!(texts(&profile, &["s", "empty"]), [""]);
    assert_eq!(texts(&profile, &["s", "quoted"]), [" a\n\t\u{8}\\\"x "]);
    assert_eq!(texts(&profile, &["s", "open"]), ["a"]);
    assert_eq!(texts(&profile, &["s", "tab"]), ["b"]);
    assert_eq!(profile.value(&["s", "plain"]).unwrap().place.to_string(), "krb5.conf, line 2");
    assert_eq!(texts(&profile, &["s"]), [""; 0]);
    assert_eq!(texts(&profile, &[]), [""; 0]);
}

#[test]
fn a_file_can_end_where_something_is_open() {
    for text in ["[a]\nb = {", "[a]\nb = {\n", "[a]\nb =", "[a]\nb =\n"] {
        let profile = profile(text);
        assert!(profile.root().section("a").unwrap().section("b").is_some(), "{text}");
    }
}

#[test]
fn a_line_that_is_none_is_named() {
    for (text, expected) in [
        ("[a", "line 1: expected ']' behind the name of the section, found: [a"),
        ("[a] b", "line 1: expected nothing behind the name of the section, or '*', found: [a] b"),
        ("[a]\nb = {\n[c]", "line 3: expected '}' before another section, found: [c]"),
        ("[a]\n}", "line 2: expected no '}' here, where no '{' is open, found: }"),
        (
            "[a]\nb =\nc = d",
            "line 3: expected '{' in the line after a name without value, found: c = d",
        ),
        ("[a]\n  b c\n", "line 2: expected 'name = value', found: b c"),
        ("[a]\nb c = d", "line 2: expected 'name = value', found: b c = d"),
        ("[a]\n= d", "line 2: expected 'name = value', found: = d"),
        (
            "[a]\ninclude /x",
            "line 2: expected no other file to be included here, found: include /x",
        ),
        (
            "module a:b",
            "line 1: expected a configuration; one out of a library (module) cannot be \
                        read, found: module a:b",
        ),
        ("[a]\n\u{1b}[31m", "line 2: expected 'name = value', found: \\u{1b}[31m"),
        (
            "[libdefaults]\nrdns = maybe",
            "line 2: expected yes or no (also y/n, true/false, t/nil, \
                                         1/0, on/off), found: rdns = maybe",
        ),
        (
            "[libdefaults]\ndns_canonicalize_hostname = x",
            "line 2: expected yes, no or fallback, \
                                                          found: dns_canonicalize_hostname = x",
        ),
        (
            "[libdefaults]\nticket_lifetime = -1h",
            "line 2: expected a time such as 3600, 10h, \
                                                  1d12h30m or 10:00:00, found: ticket_lifetime = -1h",
        ),
        (
            "[libdefaults]\nudp_preference_limit = x",
            "line 2: expected a number of bytes, found: \
                                                      udp_preference_limit = x",
        ),
    ] {
        assert_eq!(message(text), format!("krb5.conf, {expected}"));
    }
    let long = message(&format!("[a]\n{}", "x".repeat(100)));
    assert!(long.ends_with(&format!("found: {}…", "x".repeat(60))), "{long}");
    let error = Profile::parse("k", b"[a]\n# \xfc\nb = \xfc").unwrap_err();
    assert_eq!(error.to_string(), "k, line 3: expected UTF-8 text, found: b = \u{fffd}");
}

#[test]
fn sections_inside_each_other_have_an_end() {
    let nested = |depth| format!("[a]\n{}", "b = {\n".repeat(depth));
    assert!(Profile::parse("k", nested(31).as_bytes()).is_ok());
    let message = message(&nested(100_000));
    assert_eq!(
        message,
        "krb5.conf, line 33: expected at most 32 sections inside each other, found: b = {"
    );
}

#[test]
fn what_is_final_is_not_added_to() {
    let section =
        profile("[s]*\na = 1\n[t]\nb = 1\n[s]\na = 2\nt = {\nu = {\n}\n}\nc = 3\n[t]\nb = 2");
    assert_eq!(texts(&section, &["s", "a"]), ["1"]);
    assert_eq!(texts(&section, &["s", "c"]), [""; 0]);
    assert_eq!(texts(&section, &["t", "b"]), ["1", "2"]);
    for (head, end) in [("r* = {", "}"), ("r = {", "}*")] {
        let text =
            format!("[s]\n{head}\na = 1\n{end}\nr = {{\na = 2\nq = {{\nb = 1\n}}\n}}\nc = 3");
        let subsection = profile(&text);
        assert_eq!(texts(&subsection, &["s", "r", "a"]), ["1"], "{text}");
        assert_eq!(texts(&subsection, &["s", "r", "q", "b"]), [""; 0]);
        assert_eq!(texts(&subsection, &["s", "c"]), ["3"]);
    }
    let relation = profile("[s]\na = 1\na* = 2\na = 3\nb = 4");
    assert_eq!(texts(&relation, &["s", "a"]), ["1", "2"]);
    assert_eq!(texts(&relation, &["s", "b"]), ["4"]);
}

#[test]
fn files_are_put_together() {
    let scratch = Scratch::new("config-files");
    let first = scratch.write("first", "\u{feff}[s]\na = 1\n[t]*\nb = 1\n");
    let second = scratch.write("second", "[s]\na = 2\nc = 2\n[t]\nb = 2\n");
    let missing = scratch.path().join("missing");
    let profile = Profile::load(&[&missing, &first, &second]).unwrap();
    assert_eq!(texts(&profile, &["s", "a"]), ["1", "2"]);
    assert_eq!(texts(&profile, &["s", "c"]), ["2"]);
    assert_eq!(texts(&profile, &["t", "b"]), ["1"]);
    assert_eq!(Profile::load(&[&missing]).unwrap(), Profile::default());

    let list = std::env::join_paths([&first, &second]).unwrap();
    let config = Config::load(&Environment::new().with_config(list)).unwrap();
    assert_eq!(*config.profile(), Profile::load(&[first, second]).unwrap());
}

#[test]
fn files_are_included_where_a_line_says_so() {
    let scratch = Scratch::new("config-include");
    let folder = scratch.path().display();
    scratch.write("more", "[s]\na = 2\n");
    for name in ["b", "a.conf", ".hidden.conf", "a.conf~", "c.rpmsave", "sub/directory"] {
        scratch.write(&format!("parts/{name}"), format!("[s]\na = {name}\n"));
    }
    std::fs::remove_dir_all(scratch.path().join("parts/sub")).unwrap();
    let text = format!(
        "include {folder}/more\n[s]\na = 1\nincludedir {folder}/parts\na = 3\ninclude {folder}/more\n"
    );
    let profile = Profile::load(&[scratch.write("krb5.conf", text)]).unwrap();
    assert_eq!(texts(&profile, &["s", "a"]), ["2", "1", "a.conf", "b", "3", "2"]);

    let error = |text: &str| {
        let path = scratch.write("wrong", text.replace('@', &scratch.path().display().to_string()));
        Profile::load(&[path]).unwrap_err().to_string()
    };
    assert!(error("[s]\ninclude @/none").contains("wrong, line 2): "));
    assert!(error("[s]\nincludedir @/none").contains("wrong, line 2): "));
    assert!(error("include @/wrong").contains("wrong, line 1: expected a file that is not"));
    scratch.write("parts/round", format!("include {folder}/wrong"));
    let message = error("[s]\n\nincludedir @/parts");
    assert!(message.contains("round, line 1: expected a file that is not"), "{message}");
    // Braces of a file do not go on in another.
    scratch.write("more", "}\n");
    assert!(
        Profile::load(&[scratch.write("braces", format!("[s]\nt = {{\ninclude {folder}/more"))])
            .is_ok()
    );
    scratch.write("more", "[s]\n}\n");
    let text = format!("[s]\nt = {{\ninclude {folder}/more\n}}");
    let message = Profile::load(&[scratch.write("braces", text)]).unwrap_err().to_string();
    assert!(message.contains("more, line 2: expected no '}'"), "{message}");
}

#[test]
fn files_have_an_end() {
    let scratch = Scratch::new("config-limits");
    let path = scratch.write("large", vec![b'\n'; 5 << 20]);
    let message = Profile::load(&[path]).unwrap_err().to_string();
    assert!(message.ends_with("large: more than 4194304 bytes in all"), "{message}");
    let half = scratch.write("half", vec![b'\n'; 3 << 20]);
    assert!(Profile::load(&[&half]).is_ok());
    let message = Profile::load(&[&half, &half]).unwrap_err().to_string();
    assert!(message.ends_with("half: more than 4194304 bytes in all"), "{message}");
    for file in 0..20 {
        let text = format!("include {}", scratch.path().join(format!("f{}", file + 1)).display());
        scratch.write(&format!("f{file}"), text);
    }
    let message = Profile::load(&[scratch.path().join("f0")]).unwrap_err().to_string();
    assert!(message.ends_with("line 1): more than 16 files inside each other"), "{message}");
    // Each of these includes the next twice.
    for file in 0..15 {
        let next = scratch.path().join(format!("g{}", file + 1));
        let text = format!("include {0}\ninclude {0}", next.display());
        scratch.write(&format!("g{file}"), text);
    }
    scratch.write("g15", "");
    let message = Profile::load(&[scratch.path().join("g0")]).unwrap_err().to_string();
    assert!(message.contains("more than 1024 files in all"), "{message}");
}

/// Keys and values that a section may have, some of the values in quotes.
fn any_section() -> impl Strategy<Value = Vec<(String, String, bool)>> {
    vec(("[a-z_.]{1,6}", "[!-~]{1,2}|[ -~\t]{0,12}", any::<bool>()), 0..12)
}

proptest! {
    #[test]
    fn what_is_written_is_read_again(outer in any_section(), inner in any_section()) {
        let line = |(key, value, quotes): &(String, String, bool)| {
            let plain = !value.is_empty() && value.trim() == value && !value.starts_with(['"', '{']);
            if *quotes || !plain {
                format!("{key} = \"{}\"\n", value.replace('\\', "\\\\").replace('"', "\\\""))
            } else {
                format!("  {key}={value}\n")
            }
        };
        let lines = |section: &[_]| section.iter().map(line).collect::<String>();
        let text = format!("[s]\n{}sub = {{\n{}}}\n", lines(&outer), lines(&inner));
        let profile = Profile::parse("krb5.conf", text.as_bytes()).unwrap();
        for (section, path) in [(outer, &["s"][..]), (inner, &["s", "sub"][..])] {
            for (key, ..) in &section {
                let expected: Vec<_> =
                    section.iter().filter(|(other, ..)| other == key).map(|(_, value, _)| value).collect();
                let path = [path, &[key]].concat();
                prop_assert_eq!(texts(&profile, &path), expected, "{}", text);
            }
        }
    }

    #[test]
    fn any_text_is_read_or_refused(text in "([\\[\\]{}=*#;\" \nab]|\\PC){0,200}") {
        let _ = Profile::parse("krb5.conf", format!("[a]\n{text}").as_bytes());
    }

    #[test]
    fn servers_are_printed_as_they_are_read(text in "(tcp/|udp/|https://)?(\\[[0-9a-f:.]{1,9}\\]|[a-z0-9./:]{1,9})(:[0-9]{1,5})?(/[a-z]{0,3})?") {
        if let Some(server) = Server::parse(&text) {
            prop_assert_eq!(Server::parse(&server.to_string()), Some(server));
        }
    }
}
