//! No secret shows in what `Debug` prints of anything that holds one.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::fmt::Debug;
use std::sync::Arc;

use secrecy::{ExposeSecret, SecretString};
use winreach::auth::ntlm::messages::Authenticate;
use winreach::auth::ntlm::{NtHash, Source, Target, UserTable};
use winreach::auth::{AuthLevel, AuthType, Authenticator as _, Credentials, ntlm};
use winreach::dcom::client::{Client, Options};
use winreach::server::Server;
use winreach::server::accounts::{AccountFile, AccountSet, LiveAccounts};
use winreach::wmi::{Locator, Logon, Mechanism, blocking};
use winreach_rpc::client::Security;

const PASSWORD: &str = "open sésame";

fn credentials() -> Credentials {
    Credentials::new("alice", PASSWORD.into())
}

fn hash() -> NtHash {
    NtHash::of_password(PASSWORD)
}

/// Fails where `value` shows bytes that nobody may see, as text, as a list or in hexadecimal.
#[track_caller]
fn assert_silent(value: &dyn Debug, secret: &[u8]) {
    let list: Vec<String> = secret.iter().map(u8::to_string).collect();
    let hexadecimal: String = secret.iter().map(|byte| format!("{byte:02x}")).collect();
    let text = String::from_utf8_lossy(secret).into_owned();
    for shown in [format!("{value:?}"), format!("{value:#?}")] {
        // A list over several lines is a list.
        let flat = shown.split_whitespace().collect::<Vec<_>>().join(" ");
        for secret in [&list.join(", "), &hexadecimal, &text] {
            assert!(!flat.contains(secret) && !shown.contains(secret), "{shown}");
        }
    }
}

#[track_caller]
fn assert_keeps_quiet(value: &dyn Debug) {
    assert_silent(value, PASSWORD.as_bytes());
    assert_silent(value, hash().as_bytes());
}

#[test]
fn whoever_holds_a_password_or_its_hash_keeps_quiet() {
    assert_keeps_quiet(&credentials());
    assert_keeps_quiet(&hash());
    let source = Source::new(credentials());
    assert_keeps_quiet(&source);
    let mut users = UserTable::new();
    users.insert("alice", hash());
    assert_keeps_quiet(&users);

    let initiator = source.begin("HOST/server", AuthLevel::Privacy).unwrap();
    assert_keeps_quiet(&Security::new(initiator, AuthLevel::Privacy));
    let options = Options::new(Arc::new(source));
    assert_keeps_quiet(&options);
    assert_keeps_quiet(&Client::new(options));
    assert_keeps_quiet(&Locator::new(
        "server",
        Logon::with_password(credentials()).mechanism(Mechanism::Ntlm),
    ));

    let mut accounts = AccountSet::new();
    accounts.set("alice".parse().unwrap(), &PASSWORD.into());
    assert_keeps_quiet(&accounts);
    let server = Server::builder().accounts(accounts).build().unwrap();
    let locator =
        Locator::new("server", Logon::with_password(credentials()).mechanism(Mechanism::Ntlm))
            .connector(Arc::new(server.connector()));
    let services = blocking::Services::connect(&locator.namespace("root")).unwrap();
    assert_keeps_quiet(&services);
    assert_keeps_quiet(&services.security());
    services.close();
}

#[test]
fn a_file_of_accounts_keeps_quiet() {
    let folder = std::env::temp_dir().join(format!("winreach-secrets-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let file = AccountFile::new(folder.join("accounts"));
    file.add(&"alice".parse().unwrap(), &PASSWORD.into()).unwrap();
    assert_keeps_quiet(&LiveAccounts::open(file).unwrap());
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn an_exchange_keeps_quiet() {
    let mut users = UserTable::new();
    users.insert("alice", hash());
    let server = ntlm::Authenticator::new(Arc::new(users), Target::new("SERVER"));
    let mut acceptor = server.acceptor(AuthType::Ntlm, AuthLevel::Privacy).unwrap();
    let mut initiator =
        Source::new(credentials()).begin("HOST/server", AuthLevel::Privacy).unwrap();
    let negotiate = initiator.step(None).unwrap().token.unwrap();
    let challenge = acceptor.step(&negotiate).unwrap().token.unwrap();
    let last = initiator.step(Some(&challenge)).unwrap();
    assert_keeps_quiet(&last.established);

    let token = last.token.unwrap();
    let message = Authenticate::parse(&token).unwrap();
    assert_silent(&message, message.nt_response.get(..16).unwrap());
    assert_silent(&message, &message.encrypted_session_key);
    assert_keeps_quiet(&acceptor.step(&token).unwrap());
}

#[test]
fn errors_keep_quiet() {
    let mut accounts = AccountSet::new();
    accounts.set("alice".parse().unwrap(), &SecretString::from("another"));
    let server = Server::builder().accounts(accounts).build().unwrap();
    let locator =
        Locator::new("server", Logon::with_password(credentials()).mechanism(Mechanism::Ntlm))
            .connector(Arc::new(server.connector()));
    let error = blocking::Services::connect(&locator).unwrap_err();
    assert_keeps_quiet(&error);
    assert!(!error.to_string().contains(PASSWORD));
}

#[test]
fn the_check_itself_sees_what_is_shown() {
    let shows = |value: &dyn Debug| {
        let value = format!("{value:?}");
        std::panic::catch_unwind(move || assert_keeps_quiet(&format_args!("{value}"))).is_err()
    };
    assert!(shows(&SecretString::from(PASSWORD).expose_secret()));
    assert!(shows(hash().as_bytes()));
    assert!(!shows(&"nothing"));
}
