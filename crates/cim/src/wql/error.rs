//! What can be wrong with a query.

use std::fmt;

use crate::{Name, ValueType, WbemStatus};

use super::{CompareOp, MAX_DEPTH, MAX_LENGTH};

/// A text is not a data query.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("column {column}: {kind}")]
pub struct ParseError {
    /// Where the query goes wrong, in characters from 1.
    pub column: usize,
    /// What is wrong.
    pub kind: ParseErrorKind,
}

/// What is wrong with a text that should be a query.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ParseErrorKind {
    /// Something else should stand there.
    #[error("expected {expected}, found {found}")]
    Expected {
        /// What could have stood there.
        expected: &'static str,
        /// What stands there.
        found: String,
    },
    /// A string has no closing quote.
    #[error("the string that begins here has no closing quote")]
    OpenString,
    /// A backslash stands before a character that needs none.
    #[error(r"expected a backslash or a quote after the backslash (\\ stands for \)")]
    Escape,
    /// A number does not fit 64 bits.
    #[error("the number does not fit 64 bits")]
    Number,
    /// The query is longer than [`MAX_LENGTH`].
    #[error("the query is longer than {MAX_LENGTH} characters")]
    TooLong,
    /// Parentheses and `NOT` are nested deeper than [`MAX_DEPTH`].
    #[error("parentheses and NOT are nested more than {MAX_DEPTH} deep")]
    TooDeep,
    /// It is WQL, but not a data query.
    #[error("this is {0}, not a data query")]
    NotDataQuery(Statement),
}

/// The kinds of WQL statements that are no data queries.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Statement {
    /// `SELECT … FROM meta_class`.
    Schema,
    /// `ASSOCIATORS OF {…}`.
    Associators,
    /// `REFERENCES OF {…}`.
    References,
    /// `SELECT … WITHIN`, `GROUP` or `HAVING`.
    Event,
}

impl ParseError {
    /// What a server answers to such a query.
    pub fn status(&self) -> WbemStatus {
        match self.kind {
            ParseErrorKind::TooLong | ParseErrorKind::TooDeep => WbemStatus::E_QUOTA_VIOLATION,
            _ => WbemStatus::E_INVALID_QUERY,
        }
    }
}

impl fmt::Display for Statement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Schema => "a schema query",
            Self::Associators => "an ASSOCIATORS OF query",
            Self::References => "a REFERENCES OF query",
            Self::Event => "an event query",
        })
    }
}

/// A query does not fit the class that it asks for.
#[derive(Clone, PartialEq, Debug, thiserror::Error)]
#[error("column {column}: {kind}")]
pub struct BindError {
    /// Where in the query, in characters from 1.
    pub column: usize,
    /// What does not fit.
    pub kind: BindErrorKind,
}

/// What does not fit between a query and a class.
#[derive(Clone, PartialEq, Debug, thiserror::Error)]
#[allow(missing_docs)]
pub enum BindErrorKind {
    #[error("the query asks for {expected}, not for {found}")]
    OtherClass { expected: Name, found: Name },
    #[error("class {class} has no property {property}")]
    UnknownProperty { class: Name, property: Name },
    #[error("property {property} is no embedded object and has no parts")]
    NotAnObject { property: Name },
    #[error("properties of type {found} cannot be compared with {}", op.symbol())]
    Operator { op: CompareOp, found: ValueType },
    #[error("a property of type {expected} cannot be compared with {found}")]
    Constant { expected: ValueType, found: String },
    #[error("the pattern is wrong: {0}")]
    Pattern(&'static str),
}

impl BindError {
    /// What a server answers to such a query.
    pub fn status(&self) -> WbemStatus {
        match self.kind {
            BindErrorKind::OtherClass { .. } => WbemStatus::E_INVALID_CLASS,
            _ => WbemStatus::E_INVALID_QUERY,
        }
    }
}
