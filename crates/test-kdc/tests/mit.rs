//! MIT Kerberos gets tickets of the KDC: what that is worth does not hang on our own client.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test")]

use std::path::{Path, PathBuf};
use std::process::Stdio;

use tokio::io::AsyncWriteExt;
use tokio::process::Command;
use winreach_kerberos::credentials::CredentialCache;
use winreach_kerberos::crypto::EncryptionType;
use winreach_kerberos::messages::OpaqueTicket;
use winreach_test_kdc::{Account, Listening, Realm, TestKdc};

/// A folder with a `krb5.conf` that names the KDC.
struct Mit {
    folder: PathBuf,
}

impl Mit {
    fn new(name: &str, listening: &Listening) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("mit-{name}"));
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).unwrap();
        let address = listening.address;
        let realms = ["HOME.TEST", "MIDDLE.TEST", "FAR.TEST"]
            .map(|realm| format!("{realm} = {{\n kdc = {address}\n}}\n"))
            .concat();
        let config = format!(
            "[libdefaults]\n default_realm = HOME.TEST\n dns_lookup_kdc = false\n rdns = false\n \
             dns_canonicalize_hostname = false\n forwardable = true\n[realms]\n{realms}"
        );
        std::fs::write(folder.join("krb5.conf"), config).unwrap();
        Self { folder }
    }

    fn cache(&self) -> CredentialCache {
        CredentialCache::read(self.folder.join("cache")).unwrap()
    }

    /// Whether a program succeeds, and what it says; `None` where it is not installed.
    async fn run(&self, program: &[&str], input: &str) -> Option<(bool, String)> {
        let mut child = Command::new(program[0])
            .args(&program[1..])
            .env("KRB5_CONFIG", self.folder.join("krb5.conf"))
            .env("KRB5CCNAME", format!("FILE:{}", self.folder.join("cache").display()))
            .env("LC_ALL", "C.UTF-8")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .inspect_err(|error| eprintln!("SKIPPED: {}: {error}", program[0]))
            .ok()?;
        child.stdin.take().unwrap().write_all(input.as_bytes()).await.unwrap();
        let output = child.wait_with_output().await.unwrap();
        let said = [output.stdout, output.stderr].concat();
        Some((output.status.success(), String::from_utf8_lossy(&said).into_owned()))
    }

    /// Whether the program is there; then it must succeed.
    async fn succeeds(&self, program: &[&str], input: &str) -> bool {
        let Some((success, said)) = self.run(program, input).await else { return false };
        assert!(success, "{program:?}: {said}");
        true
    }
}

/// The realm that issued a ticket.
fn issuer(ticket: &[u8]) -> String {
    OpaqueTicket::parse_whole("Ticket", ticket).unwrap().open().unwrap().realm.0
}

fn kdc() -> TestKdc {
    let home = Realm::new("HOME.TEST")
        .with(Account::user("alice", "open sesame"))
        .with(Account::user("jürgen", "pässwörd").with_salt("something else"))
        .with(Account::user("easy", "easy").without_preauthentication())
        .with(Account::user("gone", "gone").disabled())
        .with(Account::service("host/server.home.test"))
        .with_route("server.far.test", "MIDDLE.TEST");
    let middle = Realm::new("MIDDLE.TEST").with_route("server.far.test", "FAR.TEST");
    let far = Realm::new("FAR.TEST").with(Account::service("host/server.far.test").with_kvno(3));
    TestKdc::new([home, middle, far])
}

#[tokio::test]
async fn kinit_and_kvno_get_tickets() {
    let kdc = kdc();
    let listening = kdc.listen().await.unwrap();
    let mit = Mit::new("tickets", &listening);
    for (name, password) in [
        ("alice", "open sesame"),
        ("jürgen", "pässwörd"),
        ("easy", "easy"),
        ("ALICE", "open sesame"),
    ] {
        if !mit.succeeds(&["kinit", "-C", name], password).await {
            return;
        }
        assert_eq!(mit.cache().default_principal.name(), name.to_lowercase());
    }
    assert_eq!(kdc.logons(), 7);

    // The keytab of the service opens the ticket, which a referral led to.
    let keytab = mit.folder.join("keytab");
    let keys = kdc.keytab(&["host/server.home.test@HOME.TEST", "host/server.far.test@FAR.TEST"]);
    std::fs::write(&keytab, &*keys.to_bytes().unwrap()).unwrap();
    for service in ["host/server.home.test", "host/server.far.test@"] {
        assert!(mit.succeeds(&["kvno", "-k", keytab.to_str().unwrap(), service], "").await);
    }
    let cache = mit.cache();
    let realms: Vec<String> = cache.credentials.iter().map(|entry| issuer(&entry.ticket)).collect();
    assert_eq!(realms, ["HOME.TEST", "HOME.TEST", "FAR.TEST"]);
    // One request at home, and one in each realm on the way.
    assert_eq!(kdc.ticket_requests(), 4);
}

#[tokio::test]
async fn kinit_is_refused_for_the_right_reason() {
    let kdc = kdc();
    let listening = kdc.listen().await.unwrap();
    let mit = Mit::new("refusals", &listening);
    for (name, reason) in [
        ("alice", "Password incorrect"),
        ("easy", "Password incorrect"),
        ("nobody", "not found in Kerberos database"),
        ("gone", "credentials have been revoked"),
    ] {
        let Some((success, said)) = mit.run(&["kinit", name], "wrong").await else { return };
        assert!(!success && said.contains(reason), "{name}: {said}");
    }
}

#[tokio::test]
async fn kinit_goes_by_tcp_where_answers_are_long_and_by_keytab() {
    let kdc = kdc().with_udp_limit(200);
    let listening = kdc.listen().await.unwrap();
    let mit = Mit::new("tcp", &listening);
    let keytab = mit.folder.join("keytab");
    std::fs::write(&keytab, &*kdc.keytab(&["alice@HOME.TEST"]).to_bytes().unwrap()).unwrap();
    if mit.succeeds(&["kinit", "-k", "-t", keytab.to_str().unwrap(), "alice"], "").await {
        let key = EncryptionType::from_code(mit.cache().credentials[0].key.etype);
        assert_eq!(key, Some(EncryptionType::Aes256CtsHmacSha1));
        // The first request twice: over UDP, where the answer is too long, then over TCP.
        assert_eq!(kdc.logons(), 3);
    }
}

#[tokio::test]
async fn a_cache_of_ours_serves_kvno() {
    let kdc = kdc();
    let listening = kdc.listen().await.unwrap();
    let mit = Mit::new("cache", &listening);
    let ticket = kdc.credential("alice@HOME.TEST", "krbtgt/HOME.TEST@HOME.TEST");
    let cache = TestKdc::cache(&[ticket]);
    std::fs::write(mit.folder.join("cache"), &*cache.to_bytes().unwrap()).unwrap();
    if mit.succeeds(&["kvno", "host/server.home.test"], "").await {
        assert_eq!((kdc.logons(), kdc.ticket_requests()), (0, 1));
    }
}
