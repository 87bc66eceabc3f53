//! What can be wrong with a query.

use std::fmt;

use super::statement::{MAX_INTERVAL, MIN_INTERVAL, Statement};
use super::{CompareOp, MAX_CONDITIONS, MAX_DEPTH, MAX_LENGTH};
use crate::{Name, Position, ValueType, WbemStatus};

/// A text is not a query, or not of the kind that was asked for.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{at}: {kind}{}", Hint(*hint))]
pub struct ParseError {
    /// Where the query goes wrong.
    pub at: Position,
    /// What is wrong.
    pub kind: ParseErrorKind,
    /// What the author probably meant, or what WQL has instead; for well-known mistakes.
    pub hint: Option<&'static str>,
    /// What was being read.
    pub statement: Statement,
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
    /// A brace has no closing brace.
    #[error("the path that begins here has no closing brace")]
    OpenBrace,
    /// A backslash stands before a character that needs none.
    #[error(r"expected a backslash or a quote after the backslash (\\ stands for \)")]
    Escape,
    /// A number does not fit 64 bits.
    #[error("the number does not fit 64 bits")]
    Number,
    /// An interval is too short or too long.
    #[error(
        "the interval is not between {} and {} seconds",
        MIN_INTERVAL.as_secs_f64(),
        MAX_INTERVAL.as_secs()
    )]
    Interval,
    /// `GROUP` lacks its `WITHIN`.
    #[error("GROUP needs WITHIN and the seconds for which events are gathered")]
    GroupWithoutWithin,
    /// A keyword that excludes another one, or that stands there already.
    #[error("{word} cannot stand here: {reason}")]
    Keyword {
        /// The keyword.
        word: &'static str,
        /// Why it cannot stand there.
        reason: &'static str,
    },
    /// The query is longer than [`MAX_LENGTH`].
    #[error("the query is longer than {MAX_LENGTH} characters")]
    TooLong,
    /// Parentheses and `NOT` are nested deeper than [`MAX_DEPTH`].
    #[error("parentheses and NOT are nested more than {MAX_DEPTH} deep")]
    TooDeep,
    /// There are more conditions than [`MAX_CONDITIONS`].
    #[error("there are more than {MAX_CONDITIONS} conditions")]
    TooManyConditions,
    /// It is WQL, but of another kind than was asked for.
    #[error("this is {found}, not {wanted}")]
    Other {
        /// What was asked for.
        wanted: Statement,
        /// What it is.
        found: Statement,
    },
}

impl ParseError {
    /// What a server answers to such a query.
    pub fn status(&self) -> WbemStatus {
        match (&self.kind, self.statement) {
            (
                ParseErrorKind::TooLong
                | ParseErrorKind::TooDeep
                | ParseErrorKind::TooManyConditions,
                _,
            ) => WbemStatus::E_QUOTA_VIOLATION,
            (ParseErrorKind::GroupWithoutWithin, _) => WbemStatus::E_MISSING_GROUP_WITHIN,
            (_, Statement::Event) => WbemStatus::E_UNPARSABLE_QUERY,
            _ => WbemStatus::E_INVALID_QUERY,
        }
    }

    pub(super) fn hint(mut self, hint: impl Into<Option<&'static str>>) -> Self {
        self.hint = hint.into().or(self.hint);
        self
    }
}

struct Hint(Option<&'static str>);

impl fmt::Display for Hint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.map_or(Ok(()), |hint| write!(f, " ({hint})"))
    }
}

impl fmt::Display for Statement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Data => "a data query",
            Self::Schema => "a schema query",
            Self::Associators => "an ASSOCIATORS OF query",
            Self::References => "a REFERENCES OF query",
            Self::Event => "an event query",
        })
    }
}

/// A query does not fit the class that it asks for.
#[derive(Clone, PartialEq, Debug, thiserror::Error)]
#[error("{at}: {kind}")]
pub struct BindError {
    /// Where in the query.
    pub at: Position,
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
    #[error("WQL knows COUNT(*), but no class here answers it")]
    Count,
    #[error("__this stands before ISA alone")]
    This,
    #[error("class {class} is no event")]
    NotAnEvent { class: Name },
    #[error("events cannot be grouped by {property}, an embedded object, but by a part of it")]
    GroupedByObject { property: Name },
    #[error("events cannot be grouped by a part of {property}, which is no embedded object")]
    GroupedByPart { property: Name },
}

impl BindError {
    /// What a server answers to such a query.
    pub fn status(&self) -> WbemStatus {
        match self.kind {
            BindErrorKind::OtherClass { .. } => WbemStatus::E_INVALID_CLASS,
            BindErrorKind::NotAnEvent { .. } => WbemStatus::E_NOT_EVENT_CLASS,
            BindErrorKind::GroupedByObject { .. } => WbemStatus::E_AGGREGATING_BY_OBJECT,
            BindErrorKind::GroupedByPart { .. } => WbemStatus::E_PROPERTY_NOT_AN_OBJECT,
            _ => WbemStatus::E_INVALID_QUERY,
        }
    }
}
