//! Where files lie on Windows.

use std::path::{Path, PathBuf};

pub(super) const CACHE: &str = r"FILE:%{TEMP}\krb5cc";
pub(super) const KEYTAB: &str = r"FILE:%{WINDOWS}\krb5kt";

pub(super) fn config_paths() -> Vec<PathBuf> {
    const KERBEROS: &str = r"MIT\Kerberos5\krb5.ini";
    [("APPDATA", KERBEROS), ("ProgramData", KERBEROS), ("SystemRoot", "krb5.ini")]
        .into_iter()
        .filter_map(|(variable, file)| {
            std::env::var_os(variable).map(|directory| Path::new(&directory).join(file))
        })
        .collect()
}

/// What stands for the tokens of `krb5.conf(5)` that the environment tells.
pub(super) fn tokens() -> Vec<(&'static str, String)> {
    [
        ("TEMP", "TEMP", ""),
        ("APPDATA", "APPDATA", ""),
        ("COMMON_APPDATA", "ProgramData", ""),
        ("LOCAL_APPDATA", "LOCALAPPDATA", ""),
        ("WINDOWS", "SystemRoot", ""),
        ("SYSTEM", "SystemRoot", r"\System32"),
        ("USERCONFIG", "APPDATA", r"\MIT\Kerberos5"),
        ("COMMONCONFIG", "ProgramData", r"\MIT\Kerberos5"),
        ("username", "USERNAME", ""),
    ]
    .into_iter()
    .filter_map(|(token, variable, behind)| {
        std::env::var(variable).ok().map(|value| (token, value + behind))
    })
    .collect()
}
