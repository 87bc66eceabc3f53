//! Names of those who have keys (RFC 4120 section 6).

use std::fmt;
use std::str::FromStr;

/// What kind of name a principal has (RFC 4120 section 6.2). It says how to read the name and never
/// tells one principal from another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct NameType(pub i32);

impl NameType {
    /// Not known.
    pub const UNKNOWN: Self = Self(0);
    /// A person, or any name of one component.
    pub const PRINCIPAL: Self = Self(1);
    /// A service with an instance, such as `krbtgt/EXAMPLE.COM`.
    pub const SRV_INST: Self = Self(2);
    /// A service on a host.
    pub const SRV_HST: Self = Self(3);
    /// A user principal name in one component (`user@suffix`), for the KDC to look up (RFC 6806).
    pub const ENTERPRISE: Self = Self(10);
}

/// Who has a key: a name of some components in a realm.
///
/// ```
/// use winreach_kerberos::Principal;
///
/// let service: Principal = "host/server.example.com@EXAMPLE.COM".parse()?;
/// assert_eq!(service.components, ["host", "server.example.com"]);
/// assert_eq!(service.realm, "EXAMPLE.COM");
/// assert_eq!(service.to_string(), "host/server.example.com@EXAMPLE.COM");
/// # Ok::<(), winreach_kerberos::PrincipalError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Principal {
    /// How to read the components.
    pub name_type: NameType,
    /// The name; at least one component.
    pub components: Vec<String>,
    /// The realm; empty where none is known yet.
    pub realm: String,
}

/// A text is no name of a principal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PrincipalError {
    /// Nothing stands before the realm.
    #[error("a principal needs a name")]
    Empty,
    /// More than one `@` without a backslash before it.
    #[error("a second '@' at position {0}; write '\\@' where it belongs to the name")]
    SecondRealm(usize),
    /// A backslash with nothing behind it.
    #[error("the text ends in the middle of an escape")]
    Escape,
}

impl Principal {
    /// A principal of the kind that its number of components suggests.
    #[must_use]
    pub fn new<S: Into<String>>(
        components: impl IntoIterator<Item = S>,
        realm: impl Into<String>,
    ) -> Self {
        let components: Vec<String> = components.into_iter().map(Into::into).collect();
        let name_type = if components.len() > 1 { NameType::SRV_INST } else { NameType::PRINCIPAL };
        Self { name_type, components, realm: realm.into() }
    }

    /// The ticket-granting service of `realm`, as the KDCs of `issuer` know it.
    #[must_use]
    pub fn ticket_granting(realm: &str, issuer: &str) -> Self {
        Self::new(["krbtgt", realm], issuer)
    }

    /// The same kind of name, so read.
    #[must_use]
    pub fn with_type(self, name_type: NameType) -> Self {
        Self { name_type, ..self }
    }

    /// The realm whose tickets a ticket-granting service issues; `None` for any other principal.
    #[must_use]
    pub fn ticket_granting_realm(&self) -> Option<&str> {
        match self.components.as_slice() {
            [service, realm] if service == "krbtgt" => Some(realm),
            _ => None,
        }
    }

    /// The name without its realm, components joined by slashes, escaped where it must be.
    #[must_use]
    pub fn name(&self) -> String {
        self.components.iter().map(|part| escaped(part)).collect::<Vec<_>>().join("/")
    }

    /// Whether this is the same name in the same realm, letter by letter except that the case of
    /// ASCII letters does not count, as Windows compares them (`[MS-KILE] 3.1.5.11`).
    #[must_use]
    pub fn eq_ignore_case(&self, other: &Self) -> bool {
        self.realm.eq_ignore_ascii_case(&other.realm) && self.same_name_ignoring_case(other)
    }

    /// As [`eq_ignore_case`](Self::eq_ignore_case), in whatever realm.
    #[must_use]
    pub fn same_name_ignoring_case(&self, other: &Self) -> bool {
        self.components.len() == other.components.len()
            && self.components.iter().zip(&other.components).all(|(a, b)| a.eq_ignore_ascii_case(b))
    }
}

/// Two principals are the same when name and realm are; the kind of name does not count (RFC 4120
/// section 6.2).
impl PartialEq for Principal {
    fn eq(&self, other: &Self) -> bool {
        self.components == other.components && self.realm == other.realm
    }
}

impl Eq for Principal {}

impl std::hash::Hash for Principal {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        (&self.components, &self.realm).hash(state);
    }
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '/' | '@' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\0' => out.push_str("\\0"),
            c if c.is_control() => out.extend(c.escape_unicode()),
            c => out.push(c),
        }
    }
    out
}

impl fmt::Display for Principal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name())?;
        if self.realm.is_empty() { Ok(()) } else { write!(f, "@{}", escaped(&self.realm)) }
    }
}

impl FromStr for Principal {
    type Err = PrincipalError;

    /// Reads `name/instance@REALM` with the escapes of MIT Kerberos; the realm may be missing.
    fn from_str(text: &str) -> Result<Self, PrincipalError> {
        let (mut components, mut part) = (Vec::new(), String::new());
        let mut in_realm = false;
        let mut chars = text.chars().enumerate();
        while let Some((position, c)) = chars.next() {
            match c {
                '\\' => part.push(match chars.next().ok_or(PrincipalError::Escape)?.1 {
                    'n' => '\n',
                    't' => '\t',
                    '0' => '\0',
                    other => other,
                }),
                '@' if in_realm => return Err(PrincipalError::SecondRealm(position)),
                '/' | '@' if !in_realm => {
                    components.push(std::mem::take(&mut part));
                    in_realm = c == '@';
                }
                c => part.push(c),
            }
        }
        let realm = if in_realm { std::mem::take(&mut part) } else { String::new() };
        if !in_realm {
            components.push(part);
        }
        if components.iter().all(String::is_empty) {
            return Err(PrincipalError::Empty);
        }
        Ok(Self::new(components, realm))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_and_printed() {
        for text in ["alice@EXAMPLE.COM", "alice", "host/server.example.com@EXAMPLE.COM"] {
            assert_eq!(text.parse::<Principal>().unwrap().to_string(), text);
        }
        let odd = Principal::new(["a/b", "c@d\\e"], "R");
        assert_eq!(odd.to_string(), r"a\/b/c\@d\\e@R");
        assert_eq!(odd.to_string().parse::<Principal>().unwrap(), odd);
    }

    #[test]
    fn what_is_no_name_is_refused() {
        assert_eq!("".parse::<Principal>(), Err(PrincipalError::Empty));
        assert_eq!("@REALM".parse::<Principal>(), Err(PrincipalError::Empty));
        assert_eq!("a@B@C".parse::<Principal>(), Err(PrincipalError::SecondRealm(3)));
        assert_eq!("a\\".parse::<Principal>(), Err(PrincipalError::Escape));
    }

    #[test]
    fn the_kind_of_name_does_not_count() {
        let a = Principal::new(["host", "s"], "R");
        assert_eq!(a, a.clone().with_type(NameType::SRV_HST));
        assert!(a.eq_ignore_case(&Principal::new(["HOST", "S"], "r")));
        assert_ne!(a, Principal::new(["HOST", "s"], "R"));
    }
}
