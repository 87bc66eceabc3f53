//! Where files lie on Unix.

use std::path::PathBuf;

pub(super) const CACHE: &str = "FILE:/tmp/krb5cc_%{uid}";
pub(super) const KEYTAB: &str = "FILE:/etc/krb5.keytab";

pub(super) fn config_paths() -> Vec<PathBuf> {
    vec![PathBuf::from("/etc/krb5.conf")]
}

/// What stands for the tokens of `krb5.conf(5)`, save for the directories that MIT Kerberos is
/// installed in.
pub(super) fn tokens() -> Vec<(&'static str, String)> {
    let uid = rustix::process::getuid().as_raw().to_string();
    let euid = rustix::process::geteuid().as_raw().to_string();
    let temp = std::env::var("TMPDIR").unwrap_or_else(|_| "/tmp".to_owned());
    let username = username(&euid);
    let mut tokens = vec![("USERID", uid.clone()), ("uid", uid), ("euid", euid), ("TEMP", temp)];
    tokens.extend(username.map(|name| ("username", name)));
    tokens
}

/// The name of a user: of the local file of users, else what the environment says.
fn username(uid: &str) -> Option<String> {
    let users = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    let local = users.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)? == uid).then(|| name.to_owned())
    });
    local.or_else(|| std::env::var("LOGNAME").ok()).or_else(|| std::env::var("USER").ok())
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_superuser_has_a_name() {
        assert_eq!(super::username("0").as_deref(), Some("root"));
    }
}
