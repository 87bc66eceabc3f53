//! What a query that selects says.

use crate::{Name, Place};

/// A data query: `SELECT columns FROM class [WHERE filter]`.
///
/// Made by [`str::parse`]; printed by `Display` in a form that parses to an equal query.
#[derive(Clone, PartialEq, Debug)]
pub struct Select {
    /// Which properties are asked for.
    pub columns: Columns,
    /// The class whose instances, subclasses included, are looked at.
    pub class: Name,
    /// Where the class stands in the query.
    pub class_place: Place,
    /// Which instances are asked for; all of them where there is no filter.
    pub filter: Option<Expr>,
}

/// The properties that a query asks for.
#[derive(Clone, PartialEq, Debug)]
pub enum Columns {
    /// `*`
    All,
    /// At least one; the same may stand there twice.
    List(Vec<PropertyRef>),
    /// `COUNT(*)`: how many there are. Windows' own classes refuse it, the classes of
    /// Configuration Manager answer it.
    Count,
}

/// A condition on an instance.
#[derive(Clone, PartialEq, Debug)]
pub enum Expr {
    /// At least two conditions, one of which must hold.
    Or(Vec<Expr>),
    /// At least two conditions, all of which must hold.
    And(Vec<Expr>),
    /// A condition that must not hold. What is unknown stays unknown.
    Not(Box<Expr>),
    /// `property op literal`.
    Compare(Comparison),
    /// `property IS [NOT] NULL`; `= NULL` and `<> NULL` say the same.
    IsNull {
        /// The property.
        property: PropertyRef,
        /// Whether there is a `NOT`.
        negated: bool,
    },
    /// `property ISA class`: whether an embedded object belongs to a class.
    IsA {
        /// The property.
        property: PropertyRef,
        /// The class or one of its ancestors.
        class: Name,
    },
}

/// `property op literal`. A query may also have the literal first; it is turned round.
#[derive(Clone, PartialEq, Debug)]
pub struct Comparison {
    /// The property.
    pub property: PropertyRef,
    /// How it is compared.
    pub op: CompareOp,
    /// What it is compared with; never [`Literal::Null`] in a parsed query.
    pub literal: Literal,
    /// Where the literal stands in the query.
    pub literal_place: Place,
}

/// A property of the class, a system property such as `__CLASS`, or with dots a property of an
/// embedded object.
#[derive(Clone, PartialEq, Debug)]
pub struct PropertyRef {
    /// At least one name; each after the first belongs to the object in the one before.
    pub names: Vec<Name>,
    /// Where it stands in the query.
    pub place: Place,
}

/// An operator between a property and a literal.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[allow(missing_docs)]
pub enum CompareOp {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Like,
}

/// A constant in a query. Date-times stand in quotes and are told from texts by the property.
#[derive(Clone, PartialEq, Debug)]
#[allow(missing_docs)]
pub enum Literal {
    Null,
    Boolean(bool),
    /// From -2⁶³ to 2⁶⁴-1.
    Integer(i128),
    Real(f64),
    /// Without its quotes and escapes.
    Text(String),
}

impl CompareOp {
    /// The operator as it is written.
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::NotEqual => "<>",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
            Self::Like => "LIKE",
        }
    }

    /// The operator with its sides exchanged; nothing for `LIKE`, whose pattern is on the right.
    pub(super) fn turned(self) -> Option<Self> {
        Some(match self {
            Self::Equal => Self::Equal,
            Self::NotEqual => Self::NotEqual,
            Self::Less => Self::Greater,
            Self::LessOrEqual => Self::GreaterOrEqual,
            Self::Greater => Self::Less,
            Self::GreaterOrEqual => Self::LessOrEqual,
            Self::Like => return None,
        })
    }
}

impl PropertyRef {
    /// The first name: a property of the class itself.
    pub fn root(&self) -> &str {
        self.names.first().map_or("", |name| name.as_str())
    }
}
