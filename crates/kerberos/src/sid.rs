//! Security identifiers.

use std::fmt;
use std::str::FromStr;

/// The number by which Windows knows an account or a group (`[MS-DTYP] 2.4.2`).
///
/// ```
/// use winreach_kerberos::Sid;
///
/// let administrators: Sid = "S-1-5-32-544".parse()?;
/// assert_eq!(administrators.sub_authorities(), [32, 544]);
/// assert_eq!(administrators.to_string(), "S-1-5-32-544");
/// # Ok::<(), winreach_kerberos::SidError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Sid {
    authority: u64,
    sub_authorities: Vec<u32>,
}

/// The most parts that an identifier has behind its authority.
const MAX_SUB_AUTHORITIES: usize = 15;

/// The greatest authority: 48 bits.
const MAX_AUTHORITY: u64 = (1 << 48) - 1;

/// A text or some numbers are no security identifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "not a security identifier: S-1-AUTHORITY-PART… with at most {MAX_SUB_AUTHORITIES} parts is"
)]
pub struct SidError;

impl Sid {
    /// An identifier of an authority (below 2^48) and at most 15 parts.
    ///
    /// # Errors
    /// When one of the two is too great.
    pub fn new(authority: u64, sub_authorities: Vec<u32>) -> Result<Self, SidError> {
        if authority > MAX_AUTHORITY || sub_authorities.len() > MAX_SUB_AUTHORITIES {
            return Err(SidError);
        }
        Ok(Self { authority, sub_authorities })
    }

    /// Who gave the identifier out: 5 for Windows itself.
    #[must_use]
    pub fn authority(&self) -> u64 {
        self.authority
    }

    /// The parts behind the authority; the last one is the relative identifier.
    #[must_use]
    pub fn sub_authorities(&self) -> &[u32] {
        &self.sub_authorities
    }

    /// The identifier of an account in the domain that `self` identifies.
    ///
    /// # Errors
    /// When `self` has no room for another part.
    pub fn with_rid(&self, rid: u32) -> Result<Self, SidError> {
        let mut parts = self.sub_authorities.clone();
        parts.push(rid);
        Self::new(self.authority, parts)
    }
}

impl fmt::Display for Sid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Authorities that do not fit into 32 bits are written in hexadecimal.
        if self.authority <= u64::from(u32::MAX) {
            write!(f, "S-1-{}", self.authority)?;
        } else {
            write!(f, "S-1-{:#014x}", self.authority)?;
        }
        self.sub_authorities.iter().try_for_each(|part| write!(f, "-{part}"))
    }
}

impl FromStr for Sid {
    type Err = SidError;

    fn from_str(text: &str) -> Result<Self, SidError> {
        let mut parts = text.split('-');
        let (scheme, revision) = (parts.next(), parts.next());
        if !scheme.is_some_and(|s| s.eq_ignore_ascii_case("S")) || revision != Some("1") {
            return Err(SidError);
        }
        let authority = parts.next().ok_or(SidError)?;
        let authority = match authority.strip_prefix("0x").or(authority.strip_prefix("0X")) {
            Some(digits) => u64::from_str_radix(digits, 16),
            None => authority.parse(),
        };
        let parts = parts.map(str::parse).collect::<Result<Vec<u32>, _>>();
        Self::new(authority.map_err(|_| SidError)?, parts.map_err(|_| SidError)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_are_read_and_printed() {
        for text in ["S-1-5-21-1-2-3-500", "S-1-0-0", "S-1-5", "S-1-0x010000000000-7"] {
            assert_eq!(text.parse::<Sid>().unwrap().to_string(), text);
        }
        let domain: Sid = "s-1-5-21-1-2-3".parse().unwrap();
        assert_eq!(domain.with_rid(512).unwrap().to_string(), "S-1-5-21-1-2-3-512");
    }

    #[test]
    fn what_is_no_identifier_is_refused() {
        for text in
            ["", "S-1", "S-2-5", "S-1-5-x", "S-1-5-4294967296", "X-1-5", "S-1-5-", "S-1-+5-"]
        {
            assert!(text.parse::<Sid>().is_err(), "{text}");
        }
        let long = format!("S-1-5{}", "-1".repeat(16));
        assert!(long.parse::<Sid>().is_err());
    }
}
