//! The status codes of WMI: number, symbol and meaning.
//!
//! Source: `[MS-WMI] 2.2.11` and its appendix; WMI SDK, *WMI Error Constants* and
//! *WMI Non-Error Constants*.

mod table;

use std::fmt;

/// A status of a WMI operation: an `HRESULT` from WMI's own range or from elsewhere.
///
/// ```
/// use winreach_cim::WbemStatus;
/// let status = WbemStatus(0x8004_1017);
/// assert_eq!(status, WbemStatus::E_INVALID_QUERY);
/// assert_eq!(status.name(), Some("WBEM_E_INVALID_QUERY"));
/// assert!(status.is_error());
/// assert!(status.to_string().starts_with("WBEM_E_INVALID_QUERY (0x80041017): "));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct WbemStatus(pub u32);

/// Whether an operation succeeded: the top bit of an `HRESULT` (`[MS-ERREF] 2.1`).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[allow(missing_docs)]
pub enum Severity {
    Success,
    Error,
}

impl WbemStatus {
    /// Every status that WMI documents, in ascending order.
    pub fn all() -> impl Iterator<Item = Self> {
        table::TABLE.iter().map(|entry| entry.status)
    }

    /// The status with this symbol, in any case. The SDK's `WBEMESS_E_` spellings are known too.
    pub fn from_name(name: &str) -> Option<Self> {
        let is = |symbol: &str| symbol.eq_ignore_ascii_case(name);
        let alias = name.get(..7).filter(|prefix| prefix.eq_ignore_ascii_case("WBEMESS"));
        let alias = alias.and_then(|_| name.get(7..)).map(|rest| format!("WBEM{rest}"));
        let is_alias =
            |symbol: &str| alias.as_deref().is_some_and(|a| symbol.eq_ignore_ascii_case(a));
        table::TABLE.iter().find(|e| is(e.name) || is_alias(e.name)).map(|e| e.status)
    }

    /// The number.
    pub const fn code(self) -> u32 {
        self.0
    }

    /// Whether the operation succeeded, perhaps with something to say about it.
    pub const fn severity(self) -> Severity {
        if self.0 & 0x8000_0000 == 0 { Severity::Success } else { Severity::Error }
    }

    /// Whether the operation failed.
    pub const fn is_error(self) -> bool {
        matches!(self.severity(), Severity::Error)
    }

    /// The symbol, such as `WBEM_E_NOT_FOUND`; nothing for a number that WMI does not document.
    pub fn name(self) -> Option<&'static str> {
        self.entry().map(|entry| entry.name)
    }

    /// What it means, in a few words.
    pub fn message(self) -> Option<&'static str> {
        self.entry().map(|entry| entry.message)
    }

    fn entry(self) -> Option<&'static table::Entry> {
        let at = table::TABLE.binary_search_by_key(&self.0, |entry| entry.status.0).ok()?;
        table::TABLE.get(at)
    }
}

impl From<u32> for WbemStatus {
    fn from(code: u32) -> Self {
        Self(code)
    }
}

impl From<WbemStatus> for u32 {
    fn from(status: WbemStatus) -> Self {
        status.0
    }
}

impl fmt::Display for WbemStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.entry() {
            Some(entry) => write!(f, "{} (0x{:08X}): {}", entry.name, self.0, entry.message),
            None => write!(f, "0x{:08X}", self.0),
        }
    }
}

impl fmt::Debug for WbemStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "WbemStatus(0x{:08X}", self.0)?;
        if let Some(name) = self.name() {
            write!(f, " {name}")?;
        }
        f.write_str(")")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_and_names_every_status_once() {
        let all: Vec<_> = WbemStatus::all().collect();
        assert!(all.windows(2).all(|pair| pair[0] < pair[1]));
        assert_eq!(all.len(), 196);
        for status in all {
            assert_eq!(WbemStatus::from_name(status.name().unwrap()), Some(status));
            assert!(status.message().is_some_and(|m| !m.is_empty()));
        }
    }

    #[test]
    fn symbols_have_the_documented_numbers() {
        for (name, code) in [
            ("WBEM_S_NO_ERROR", 0),
            ("WBEM_S_FALSE", 1),
            ("WBEM_S_TIMEDOUT", 0x0004_0004),
            ("WBEM_S_NEW_STYLE", 0x0004_00FF),
            ("WBEM_E_FAILED", 0x8004_1001),
            ("WBEM_E_CANNOT_CHANGE_KEY_INHERITANCE", 0x8004_1049),
            ("WBEM_E_CANNOT_CHANGE_INDEX_INHERITANCE", 0x8004_1050),
            ("WBEM_E_UNINTERPRETABLE_PROVIDER_QUERY", 0x8004_105F),
            ("WBEM_E_QUOTA_VIOLATION", 0x8004_106C),
            ("WBEM_E_VETO_PUT", 0x8004_107A),
            ("WBEM_E_INVALID_LOCALE", 0x8004_1080),
            ("WBEM_E_PROVIDER_DISABLED", 0x8004_108A),
            ("wbemess_e_registration_too_precise", 0x8004_2002),
            ("WBEM_E_RESOURCE_CONTENTION", 0x8004_3002),
            ("WBEMMOF_E_INVALID_DELETECLASS_SYNTAX", 0x8004_4031),
        ] {
            assert_eq!(WbemStatus::from_name(name), Some(WbemStatus(code)), "{name}");
        }
    }

    #[test]
    fn success_and_error_are_told_apart_by_the_top_bit() {
        assert!(!WbemStatus::S_PARTIAL_RESULTS.is_error());
        assert!(WbemStatus::E_NOT_FOUND.is_error());
        assert_eq!(WbemStatus(0x8007_0005).to_string(), "0x80070005");
        assert_eq!(format!("{:?}", WbemStatus(5)), "WbemStatus(0x00000005)");
    }
}
