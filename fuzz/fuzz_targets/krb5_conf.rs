//! `krb5.conf`. Whatever is configured can be asked for, and servers print to what they were read from.
#![no_main]

use libfuzzer_sys::fuzz_target;
use winreach_kerberos::credentials::config::{Profile, Server, seconds_of};
use winreach_kerberos::credentials::{CacheName, Config, Environment, KeytabName};

fuzz_target!(|data: &[u8]| {
    if let Ok(text) = std::str::from_utf8(data) {
        let _ = seconds_of(text);
        let _ = CacheName::parse(text).map(|name| name.to_string());
        let _ = KeytabName::parse(text);
        let _ = Environment::new().with_token("uid", "0").expand(text);
        if let Some(server) = Server::parse(text) {
            assert_eq!(Server::parse(&server.to_string()), Some(server));
        }
    }
    let Ok(config) = Profile::parse("krb5.conf", data).and_then(Config::new) else { return };
    for (_, section) in config.profile().root().sections() {
        for (name, _) in section.sections() {
            let _ = config.libdefaults_of(name);
            let _ = config.realm(name);
            let _ = config.path_between(name, name);
        }
        for (key, values) in section.relations() {
            assert!(!values.is_empty());
            let _ = config.host_realm(key);
        }
    }
});
