//! Names that compare without regard to case.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::Deref;
use std::sync::Arc;

/// The name of a class, property, method, qualifier or namespace.
///
/// WMI keeps the spelling it was given and compares without regard to case; so do `Eq`, `Ord` and
/// `Hash` here. Cloning is cheap: the text is shared.
///
/// Source: `[MS-WMIO] 2.2.21` (property names), `[MS-WMI] 2.2.2` (paths).
///
/// ```
/// use winreach_cim::Name;
/// assert_eq!(Name::from("Win32_Process"), Name::from("WIN32_PROCESS"));
/// assert_eq!(Name::from("Win32_Process").as_str(), "Win32_Process");
/// ```
#[derive(Clone)]
pub struct Name(Arc<str>);

impl Name {
    /// The text as it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether `other` names the same thing.
    pub fn is(&self, other: &str) -> bool {
        compare(&self.0, other) == Ordering::Equal
    }
}

/// Orders two names as WMI sorts its property tables: by lower-cased character.
///
/// Source: recorded Windows 10 classes; the text of `[MS-WMIO] 2.2.21` asks for the order of the
/// character set, which Windows does not use.
pub(crate) fn compare(a: &str, b: &str) -> Ordering {
    if a.is_ascii() && b.is_ascii() {
        return a
            .bytes()
            .map(|c| c.to_ascii_lowercase())
            .cmp(b.bytes().map(|c| c.to_ascii_lowercase()));
    }
    a.chars().flat_map(char::to_lowercase).cmp(b.chars().flat_map(char::to_lowercase))
}

/// Hashes a text without regard to case, in agreement with [`compare`].
pub(crate) fn hash<H: Hasher>(text: &str, state: &mut H) {
    for c in text.chars().flat_map(char::to_lowercase) {
        c.hash(state);
    }
}

impl From<&str> for Name {
    fn from(text: &str) -> Self {
        Self(text.into())
    }
}

impl From<String> for Name {
    fn from(text: String) -> Self {
        Self(text.into())
    }
}

impl Deref for Name {
    type Target = str;
    fn deref(&self) -> &str {
        &self.0
    }
}

impl AsRef<str> for Name {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl PartialEq for Name {
    fn eq(&self, other: &Self) -> bool {
        // A class shares the names of its superclass, so this is the common case.
        Arc::ptr_eq(&self.0, &other.0) || self.is(&other.0)
    }
}

impl Eq for Name {}

impl PartialEq<str> for Name {
    fn eq(&self, other: &str) -> bool {
        self.is(other)
    }
}

impl PartialEq<&str> for Name {
    fn eq(&self, other: &&str) -> bool {
        self.is(other)
    }
}

impl Ord for Name {
    fn cmp(&self, other: &Self) -> Ordering {
        compare(&self.0, &other.0)
    }
}

impl PartialOrd for Name {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Hash for Name {
    fn hash<H: Hasher>(&self, state: &mut H) {
        hash(&self.0, state);
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&*self.0, f)
    }
}
