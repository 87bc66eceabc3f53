//! What several classes say about the machine.

use super::machine::Machine;

/// Pairs of a key and a value, one a line, such as `/proc/meminfo` and `/etc/os-release` hold.
#[derive(Clone, Debug, Default)]
pub(super) struct Pairs(Vec<(String, String)>);

impl Pairs {
    /// Reads a file whose keys end at the first `separator`; no pairs where it cannot be read.
    pub(super) fn read(machine: &Machine, path: &str, separator: char) -> Self {
        Self::parse(&machine.text(path).unwrap_or_default(), separator)
    }

    /// Takes a text apart. Values lose the quotes of a shell.
    pub(super) fn parse(text: &str, separator: char) -> Self {
        let pairs = text.lines().filter(|line| !line.starts_with('#'));
        let pairs = pairs.filter_map(|line| line.split_once(separator));
        Self(pairs.map(|(key, value)| (key.trim().to_owned(), unquoted(value.trim()))).collect())
    }

    /// The first value of this key that is not empty.
    pub(super) fn get(&self, key: &str) -> Option<&str> {
        self.0.iter().find(|(k, v)| k == key && !v.is_empty()).map(|(_, value)| value.as_str())
    }

    /// The same, as text of its own.
    pub(super) fn owned(&self, key: &str) -> Option<String> {
        self.get(key).map(str::to_owned)
    }

    /// The number that the value begins with; a unit may follow it.
    pub(super) fn number<T: std::str::FromStr>(&self, key: &str) -> Option<T> {
        self.get(key)?.split_whitespace().next()?.parse().ok()
    }
}

fn unquoted(value: &str) -> String {
    let inner =
        ['"', '\''].iter().find_map(|quote| value.strip_prefix(*quote)?.strip_suffix(*quote));
    let mut text = String::new();
    let mut rest = inner.unwrap_or(value).chars();
    while let Some(c) = rest.next() {
        text.extend(if c == '\\' && inner.is_some() { rest.next() } else { Some(c) });
    }
    text
}

/// `/proc/meminfo`, in kilobytes.
pub(super) fn memory(machine: &Machine) -> Pairs {
    Pairs::read(machine, "/proc/meminfo", ':')
}

/// `os-release`, from where the machine keeps it.
pub(super) fn os_release(machine: &Machine) -> Pairs {
    let path = ["/etc/os-release", "/usr/lib/os-release"].into_iter().find(|p| machine.exists(p));
    path.map(|path| Pairs::read(machine, path, '=')).unwrap_or_default()
}

/// The numbers of all processes.
pub(super) fn process_ids(machine: &Machine) -> Vec<u32> {
    machine.names("/proc").iter().filter_map(|name| name.parse().ok()).collect()
}

/// The process that made another one; nothing where that has ended.
pub(super) fn parent_process(machine: &Machine, id: u32) -> Option<u32> {
    Pairs::read(machine, &format!("/proc/{id}/status"), ':').number("PPid")
}
