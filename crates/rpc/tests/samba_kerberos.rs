//! Kerberos and Negotiate against the Samba domain controller of `samba.rs`: every mechanism at
//! every level, with every kind of credentials, and every way to fail.
//!
//! `WINREACH_TEST_SAMBA_DIR` names the folder that `tests/interop/samba.sh` has made; its accounts
//! and files are described there.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test"
)]

#[path = "common/samba.rs"]
mod samba;

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, SystemTime};

use bytes::BytesMut;
use samba::{MGMT, Peer, SAMR, call, samr_connect, samr_lookup_names, samr_open_domain, status};
use winreach_auth::{
    AuthLevel, AuthType, Credentials, Error as AuthError, ImpersonationLevel, InitiatorSource,
};
use winreach_kerberos::Error as KerberosError;
use winreach_kerberos::credentials::Environment;
use winreach_kerberos::messages::ErrorCode;
use winreach_kerberos::transport::TransportError;
use winreach_logon::{Logon, Mechanism};
use winreach_rpc::Fault;
use winreach_rpc::client::{Connection, Error};

const HOST: &str = "host/dc1.test.lan";
const RPCSS: &str = "RPCSS/dc1.test.lan";
const PROTECTED: [AuthLevel; 2] = [AuthLevel::Integrity, AuthLevel::Privacy];

/// Samba and the files that were made for it.
struct Domain {
    peer: Peer,
    folder: PathBuf,
}

fn domain() -> Option<Domain> {
    let peer = samba::peer()?;
    let folder =
        std::env::var("WINREACH_TEST_SAMBA_DIR").expect("it goes with WINREACH_TEST_SAMBA");
    Some(Domain { peer, folder: folder.into() })
}

impl Domain {
    fn file(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    fn environment(&self) -> Environment {
        Environment::new().with_config(self.file("krb5.conf"))
    }

    fn password(&self, user: &str) -> String {
        let file =
            if user == "Administrator" { "password".into() } else { format!("{user}.password") };
        std::fs::read_to_string(self.file(&file)).unwrap().trim_end_matches('\n').to_owned()
    }

    fn as_user(&self, name: &str, user: &str) -> Logon {
        self.with_password(name, &self.password(user))
    }

    fn with_password(&self, name: &str, password: &str) -> Logon {
        Logon::with_password(Credentials::new(name, password.to_owned().into()))
            .environment(self.environment())
    }

    fn administrator(&self) -> Logon {
        self.as_user(r"TEST\Administrator", "Administrator")
    }

    /// A credential cache that `kinit` fills.
    fn kinit(&self, user: &str, arguments: &[&str]) -> Logon {
        static CACHES: AtomicU32 = AtomicU32::new(0);
        let number = CACHES.fetch_add(1, Ordering::Relaxed);
        let cache = self.file(&format!("cache.{}.{number}", std::process::id()));
        let mut kinit = Command::new("kinit")
            .args(arguments)
            .arg("-c")
            .arg(&cache)
            .arg(user)
            .env("KRB5_CONFIG", self.file("krb5.conf"))
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .expect("kinit is installed");
        let mut input = kinit.stdin.take().unwrap();
        std::io::Write::write_all(&mut input, (self.password(user) + "\n").as_bytes()).unwrap();
        drop(input);
        assert!(kinit.wait().unwrap().success());
        Logon::current_user()
            .environment(self.environment().with_ccache(format!("FILE:{}", cache.display())))
    }

    /// Why no initiator can be had.
    async fn refused(&self, logon: &Logon, service: &str) -> AuthError {
        match logon.initiator(service, AuthLevel::Privacy).await {
            Ok(_) => panic!("{service} was to be refused"),
            Err(error) => error,
        }
    }
}

/// Why Kerberos failed, with its remedy, which there must be.
fn kerberos(error: &AuthError) -> &KerberosError {
    let AuthError::Kerberos(failure) = error else { panic!("not Kerberos: {error}") };
    assert!(failure.remedy().is_some(), "no remedy for: {failure}");
    failure
}

fn refusal(error: &AuthError) -> ErrorCode {
    kerberos(error).code().unwrap_or_else(|| panic!("not refused: {error}"))
}

/// Several calls, some with answers and requests in many fragments.
async fn use_it(domain: &Domain, logon: &dyn InitiatorSource, level: AuthLevel) -> Connection {
    let mgmt = domain.peer.open_by(logon, RPCSS, 135, &[MGMT], level).await.unwrap();
    for _ in 0..3 {
        assert_eq!(status(&call(&mgmt, MGMT, 0, BytesMut::new()).await.unwrap()), 0);
    }
    let port = domain.peer.samr_port().await;
    let samr = domain.peer.open_by(logon, HOST, port, &[SAMR], level).await.unwrap();
    let server = samr_connect(&samr).await.unwrap();
    let handle = samr_open_domain(&samr, &server, "TEST").await;
    let names: Vec<String> =
        (0..999).map(|i| format!("nobody{i:04}")).chain(["alice".into()]).collect();
    let answer = call(&samr, SAMR, 17, samr_lookup_names(&handle, &names)).await.unwrap();
    assert!(answer.len() > 6000, "several fragments: {}", answer.len());
    samr
}

#[tokio::test]
async fn every_mechanism_at_every_protected_level() {
    let Some(domain) = domain() else { return };
    let ways = [
        (Mechanism::Ntlm, AuthType::Ntlm, AuthType::Ntlm),
        (Mechanism::Kerberos, AuthType::Kerberos, AuthType::Kerberos),
        (Mechanism::Negotiate, AuthType::Spnego, AuthType::Kerberos),
    ];
    for (mechanism, provider, real) in ways {
        for level in PROTECTED {
            println!("{mechanism:?} at {level}");
            let logon = domain.administrator().mechanism(mechanism);
            let connection = use_it(&domain, &logon, level).await;
            let info = connection.security();
            assert_eq!((info.provider, info.mechanism()), (provider, real));
            assert_eq!((info.level, info.signs_headers), (level, true));
            assert_eq!(info.mutual, real == AuthType::Kerberos);
        }
    }
}

#[tokio::test]
async fn negotiate_falls_back_to_ntlm_where_there_is_no_ticket() {
    let Some(domain) = domain() else { return };
    for level in PROTECTED {
        let logon = domain.administrator().service("host/no-such-host.test.lan");
        let info = use_it(&domain, &logon, level).await.security();
        assert_eq!((info.provider, info.mechanism()), (AuthType::Spnego, AuthType::Ntlm));
        assert!(!info.mutual);
    }
    let strict = domain.administrator().service("host/no-such-host.test.lan").without_ntlm();
    let error = domain.refused(&strict, HOST).await;
    assert_eq!(refusal(&error), ErrorCode::KDC_ERR_S_PRINCIPAL_UNKNOWN);
}

#[tokio::test]
async fn a_password_a_cache_and_a_keytab_do_alike() {
    let Some(domain) = domain() else { return };
    let credentials = [
        domain.as_user("alice@test.lan", "alice"),
        domain.kinit("alice", &[]),
        Logon::with_keytab(domain.file("alice.keytab"), Some("alice"))
            .environment(domain.environment()),
        Logon::with_keytab(domain.file("alice.keytab"), None).environment(domain.environment()),
    ];
    for logon in credentials {
        for mechanism in [Mechanism::Kerberos, Mechanism::Negotiate] {
            for level in PROTECTED {
                println!("{logon:?} by {mechanism:?} at {level}");
                let logon = logon.clone().mechanism(mechanism);
                let info = use_it(&domain, &logon, level).await.security();
                assert_eq!(info.identity.to_string(), "alice@TEST.LAN");
            }
        }
    }
}

#[tokio::test]
async fn names_are_read_as_a_domain_has_them() {
    let Some(domain) = domain() else { return };
    // bob's user principal name is robert@test.lan; the names of jürgen are not ASCII.
    for (name, user) in [
        (r"TEST\alice", "alice"),
        (r"test.lan\alice", "alice"),
        ("alice", "alice"),
        ("robert@test.lan", "bob"),
        ("jürgen@TEST.LAN", "jürgen"),
    ] {
        println!("{name}");
        let logon = domain.as_user(name, user).mechanism(Mechanism::Kerberos);
        use_it(&domain, &logon, AuthLevel::Privacy).await;
    }
}

#[tokio::test]
async fn rc4_is_used_where_it_is_allowed_and_only_then() {
    let Some(domain) = domain() else { return };
    let rc4 = Environment::new().with_config(domain.file("krb5-rc4.conf"));
    for level in PROTECTED {
        let logon = domain.administrator().mechanism(Mechanism::Kerberos).environment(rc4.clone());
        use_it(&domain, &logon, level).await;
    }
    let none = domain.file("krb5-no-rc4.conf");
    let text = std::fs::read_to_string(domain.file("krb5.conf")).unwrap();
    std::fs::write(&none, text.replace("allow_rc4 = true", "")).unwrap();
    let strict = Environment::new().with_config(none);
    let logon = domain.administrator().mechanism(Mechanism::Kerberos).environment(strict);
    let service = "host/rc4.test.lan";
    let error = domain.refused(&logon, service).await;
    assert_eq!(refusal(&error), ErrorCode::KDC_ERR_ETYPE_NOSUPP);
    logon.allow_rc4().initiator(service, AuthLevel::Privacy).await.unwrap();
}

#[tokio::test]
async fn each_failure_is_an_error_of_its_own_that_says_what_to_do() {
    let Some(domain) = domain() else { return };
    let by = |logon: Logon| logon.mechanism(Mechanism::Kerberos);

    let wrong = by(domain.with_password("alice@TEST.LAN", "wrong"));
    assert_eq!(refusal(&domain.refused(&wrong, HOST).await), ErrorCode::KDC_ERR_PREAUTH_FAILED);

    let unknown = by(domain.with_password("nobody@TEST.LAN", "x"));
    let error = domain.refused(&unknown, HOST).await;
    assert_eq!(refusal(&error), ErrorCode::KDC_ERR_C_PRINCIPAL_UNKNOWN);

    let disabled = by(domain.as_user("disabled", "disabled"));
    let error = domain.refused(&disabled, HOST).await;
    assert_eq!(refusal(&error), ErrorCode::KDC_ERR_CLIENT_REVOKED);

    let expired = by(domain.as_user("expired", "expired"));
    assert_eq!(refusal(&domain.refused(&expired, HOST).await), ErrorCode::KDC_ERR_KEY_EXPIRED);

    let alice = by(domain.as_user("alice", "alice"));
    let error = domain.refused(&alice, "host/no-such-host.test.lan").await;
    assert_eq!(refusal(&error), ErrorCode::KDC_ERR_S_PRINCIPAL_UNKNOWN);

    // A ticket of a minute, looked at a day later.
    let later: Arc<dyn Fn() -> SystemTime + Send + Sync> =
        Arc::new(|| SystemTime::now() + Duration::from_secs(86_400));
    let stale = by(domain.kinit("alice", &["-l", "60"])).clock(later);
    let error = domain.refused(&stale, HOST).await;
    assert!(matches!(kerberos(&error), KerberosError::Expired { .. }), "{error}");
}

#[tokio::test]
async fn a_wrong_clock_is_put_up_with_or_told() {
    let Some(domain) = domain() else { return };
    let strict = domain.file("krb5-strict-clock.conf");
    let text = std::fs::read_to_string(domain.file("krb5.conf")).unwrap();
    std::fs::write(&strict, text.replace("[libdefaults]", "[libdefaults]\nkdc_timesync = 0"))
        .unwrap();
    for seconds in [7200, -7200_i64] {
        let clock: Arc<dyn Fn() -> SystemTime + Send + Sync> = Arc::new(move || {
            let (now, by) = (SystemTime::now(), Duration::from_secs(7200));
            if seconds < 0 { now - by } else { now + by }
        });
        let logon = domain.administrator().mechanism(Mechanism::Kerberos).clock(clock);
        use_it(&domain, &logon, AuthLevel::Privacy).await;

        let logon = logon.environment(Environment::new().with_config(&strict));
        let error = domain.refused(&logon, HOST).await;
        let KerberosError::Skew { seconds: found, .. } = kerberos(&error) else {
            panic!("{error}")
        };
        assert!(found.abs_diff(seconds) < 60, "{error}");
    }
}

#[tokio::test]
async fn a_kdc_that_cannot_be_reached_is_told() {
    let Some(domain) = domain() else { return };
    let nowhere = domain.file("krb5-nowhere.conf");
    let text = std::fs::read_to_string(domain.file("krb5.conf")).unwrap();
    std::fs::write(&nowhere, text.replace("kdc = 127.0.0.10", "kdc = 127.0.0.10:9")).unwrap();
    let environment = Environment::new().with_config(nowhere);
    let logon = domain.administrator().mechanism(Mechanism::Kerberos).environment(environment);
    let error = domain.refused(&logon, HOST).await;
    let unreachable = matches!(
        kerberos(&error),
        KerberosError::Transport(TransportError::Unreachable { attempts, .. }) if !attempts.is_empty()
    );
    assert!(unreachable, "{error}");

    let realm = domain.with_password("alice@NO-SUCH.REALM", "x").mechanism(Mechanism::Kerberos);
    let bare = realm.environment(Environment::new().with_config("/nonexistent"));
    let error = domain.refused(&bare, HOST).await;
    assert!(matches!(kerberos(&error), KerberosError::Transport(_)), "{error}");
}

#[tokio::test]
async fn a_wrong_key_at_the_server_is_refused_there() {
    let Some(domain) = domain() else { return };
    // A ticket for another account's service, shown to the domain controller.
    let logon = domain.administrator().mechanism(Mechanism::Kerberos);
    let opened = domain
        .peer
        .open_by(&logon, "host/winreach.test.lan", 135, &[MGMT], AuthLevel::Privacy)
        .await;
    assert!(matches!(opened, Err(Error::BindRefused(_) | Error::Authentication(_))), "{opened:?}");
}

#[tokio::test]
async fn samr_at_connect_level_is_denied_under_kerberos_too() {
    let Some(domain) = domain() else { return };
    let port = domain.peer.samr_port().await;
    let logon = domain.administrator().mechanism(Mechanism::Kerberos);
    let level = AuthLevel::Connect;
    let connection = domain.peer.open_by(&logon, HOST, port, &[SAMR], level).await.unwrap();
    let error = samr_connect(&connection).await.unwrap_err();
    assert_eq!(error.fault(), Some(Fault::ACCESS_DENIED), "{error}");
}

#[tokio::test]
async fn credentials_are_delegated_to_whom_the_kdc_trusts() {
    let Some(domain) = domain() else { return };
    let logon = domain
        .administrator()
        .mechanism(Mechanism::Kerberos)
        .impersonation(ImpersonationLevel::Delegate);
    // A domain controller is trusted for delegation, the account of a service is not.
    let info = use_it(&domain, &logon, AuthLevel::Privacy).await.security();
    assert_eq!(info.impersonation(), ImpersonationLevel::Delegate);
    let AuthError::Kerberos(failure) = domain.refused(&logon, "host/winreach.test.lan").await
    else {
        panic!("not Kerberos")
    };
    assert!(matches!(*failure, KerberosError::Delegation(_)), "{failure}");
}
