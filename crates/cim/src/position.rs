//! Places in a text that was parsed.

use std::fmt;

/// A place in a text.
///
/// ```
/// let error = "SELECT *\nFORM a".parse::<winreach_cim::wql::Query>().unwrap_err();
/// assert_eq!((error.at.offset, error.at.line, error.at.column), (9, 2, 1));
/// assert_eq!(error.at.to_string(), "line 2, column 1");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Position {
    /// In bytes, from 0.
    pub offset: usize,
    /// From 1.
    pub line: usize,
    /// In characters within the line, from 1.
    pub column: usize,
}

impl Position {
    /// Where every text begins.
    pub const START: Self = Self { offset: 0, line: 1, column: 1 };
}

impl Default for Position {
    fn default() -> Self {
        Self::START
    }
}

/// The column alone in the first line: most texts have only one.
impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.line > 1 {
            write!(f, "line {}, ", self.line)?;
        }
        write!(f, "column {}", self.column)
    }
}

/// Where a part of a parsed text stands. Two texts that say the same are equal however they are
/// laid out, so places always compare equal.
#[derive(Clone, Copy, Debug, Default)]
pub struct Place(pub Position);

impl PartialEq for Place {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Place {}
