//! CIM date-times and intervals.

use std::fmt;
use std::str::FromStr;

/// A CIM `datetime`: a point in time `yyyymmddHHMMSS.mmmmmm±UUU` or an interval
/// `ddddddddHHMMSS.mmmmmm:000`, where asterisks stand for whole fields that are not known.
///
/// It holds the 25 characters that travel, so what a server sent is what you get back.
///
/// Source: DSP0004; `[MS-WMIO] 2.3.1`; WMI SDK, *CIM_DATETIME* and *Interval Format*.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct DateTime {
    text: [u8; 25],
}

/// A text is not a CIM date-time.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("not a CIM date-time: unexpected character at position {position}")]
pub struct DateTimeError {
    /// Where the first wrong character stands, from 0; the length of the text where it is too short.
    pub position: usize,
}

impl DateTime {
    /// The 25 characters.
    pub fn as_str(&self) -> &str {
        // Only ASCII digits, signs and asterisks ever get in.
        std::str::from_utf8(&self.text).unwrap_or_default()
    }

    /// Whether this is an interval rather than a point in time.
    pub fn is_interval(&self) -> bool {
        self.text[21] == b':'
    }
}

impl FromStr for DateTime {
    type Err = DateTimeError;

    fn from_str(text: &str) -> Result<Self, DateTimeError> {
        let bytes = text.as_bytes();
        for (position, byte) in bytes.iter().enumerate() {
            let right = match position {
                14 => *byte == b'.',
                21 => matches!(byte, b'+' | b'-' | b':'),
                0..25 => byte.is_ascii_digit() || *byte == b'*',
                _ => false,
            };
            if !right {
                return Err(DateTimeError { position });
            }
        }
        let text = bytes.try_into().map_err(|_| DateTimeError { position: bytes.len() })?;
        Ok(Self { text })
    }
}

impl fmt::Display for DateTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for DateTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DateTime({})", self.as_str())
    }
}
