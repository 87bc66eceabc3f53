//! The variables in expanded texts.

use super::tree::{Data, Key, KeyPath, Registry};

/// Where Windows keeps the variables of the system.
const ENVIRONMENT: [&str; 6] = [
    "HKEY_LOCAL_MACHINE",
    "SYSTEM",
    "CurrentControlSet",
    "Control",
    "Session Manager",
    "Environment",
];

/// The text with `%NAME%` replaced by the value that the registry itself has for it. What it has none
/// for stays as it is. The variables of the server's own process are not for clients.
pub(super) fn expand(registry: &Registry, text: &str) -> String {
    let environment = KeyPath::new(&ENVIRONMENT, "").ok().and_then(|path| registry.key(&path));
    let value = |name: &str| match environment.and_then(|key: &Key| key.value(name)) {
        Some(Data::Text(text) | Data::Expand(text)) => Some(text.as_str()),
        _ => None,
    };
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('%') {
        out.push_str(before);
        let found = after.split_once('%').and_then(|(name, after)| Some((value(name)?, after)));
        match found {
            Some((value, after)) => {
                out.push_str(value);
                rest = after;
            }
            None => {
                out.push('%');
                rest = after;
            }
        }
    }
    out + rest
}
