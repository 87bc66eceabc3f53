//! What is mounted where.

use super::machine::{Machine, lossy};

/// A line of `/proc/self/mounts`.
#[derive(Clone)]
pub(super) struct Mount {
    /// What is mounted: a device, what a server calls it, or just a word.
    pub(super) source: String,
    /// Where it is mounted.
    pub(super) point: String,
    /// Kind of file system.
    pub(super) file_system: String,
    pub(super) read_only: bool,
}

impl Mount {
    fn parse(line: &str) -> Option<Self> {
        let mut fields = line.split(' ').map(|field| unescaped(field, "\\", 3, 8));
        Some(Self {
            source: fields.next()?,
            point: fields.next()?,
            file_system: fields.next()?,
            read_only: fields.next()?.split(',').any(|option| option == "ro"),
        })
    }

    /// What is mounted, in the order of mounting; of two at one place the one that is seen.
    pub(super) fn all(machine: &Machine) -> Vec<Self> {
        let mut mounts: Vec<Self> = Vec::new();
        let text = machine.text("/proc/self/mounts").unwrap_or_default();
        for mount in text.lines().filter_map(Self::parse) {
            mounts.retain(|earlier| earlier.point != mount.point);
            mounts.push(mount);
        }
        mounts
    }

    /// What is mounted just there.
    pub(super) fn at(machine: &Machine, point: &str) -> Option<Self> {
        Self::all(machine).into_iter().find(|mount| mount.point == point)
    }

    /// The mount that a file lies in.
    pub(super) fn of(machine: &Machine, path: &str) -> Option<Self> {
        let mounts = Self::all(machine).into_iter();
        mounts.filter(|mount| mount.holds(path)).max_by_key(|mount| mount.point.len())
    }

    fn holds(&self, path: &str) -> bool {
        let rest = path.strip_prefix(self.point.trim_end_matches('/'));
        rest.is_some_and(|rest| rest.starts_with('/'))
    }
}

/// A name in `/dev/disk`, where odd characters stand as `\x` and two hexadecimal digits.
pub(super) fn unescaped_name(name: &str) -> String {
    unescaped(name, "\\x", 2, 16)
}

/// Puts bytes in place of a mark and so many digits behind it.
fn unescaped(text: &str, mark: &str, digits: usize, radix: u32) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once(mark) {
        bytes.extend_from_slice(before.as_bytes());
        let code = behind.get(..digits).and_then(|code| u8::from_str_radix(code, radix).ok());
        match code {
            Some(byte) => bytes.push(byte),
            None => bytes.extend_from_slice(mark.as_bytes()),
        }
        rest = code.and_then(|_| behind.get(digits..)).unwrap_or(behind);
    }
    bytes.extend_from_slice(rest.as_bytes());
    lossy(bytes)
}
