//! The kinds of queries.

use std::time::Duration;

use super::ast::{Columns, Expr, PropertyRef, Select};
use crate::path::ObjectPath;
use crate::{Name, Place};

/// A WQL query of any kind.
///
/// Made by [`str::parse`]; printed by `Display` in a form that parses to an equal query.
///
/// A query for events that has neither `WITHIN` nor `GROUP` looks like a data query, and is read as
/// one here; who knows that events are asked for reads an [`EventQuery`] instead.
///
/// ```
/// use winreach_cim::wql::Query;
///
/// let query: Query = "associators of {Win32_LogicalDisk='C:'} where role=PartComponent".parse()?;
/// assert!(matches!(&query, Query::Associators(a) if a.role.as_deref() == Some("PartComponent")));
/// let printed = r#"ASSOCIATORS OF {Win32_LogicalDisk="C:"} WHERE Role = PartComponent"#;
/// assert_eq!(query.to_string(), printed);
/// # Ok::<(), winreach_cim::wql::ParseError>(())
/// ```
#[derive(Clone, PartialEq, Debug)]
pub enum Query {
    /// `SELECT … FROM class …`: instances.
    Select(Select),
    /// `SELECT * FROM meta_class …`: classes.
    Schema(SchemaQuery),
    /// `ASSOCIATORS OF {…} …`: what is associated with an object.
    Associators(Associators),
    /// `REFERENCES OF {…} …`: the associations of an object.
    References(References),
    /// `SELECT … FROM class WITHIN …` or `… GROUP WITHIN …`: events.
    Event(EventQuery),
}

/// A query for classes: `SELECT * FROM meta_class [WHERE filter]`.
///
/// The filter names `__this` before `ISA`, and system properties of classes such as `__CLASS`,
/// `__SUPERCLASS` and `__DYNASTY`.
#[derive(Clone, PartialEq, Debug)]
pub struct SchemaQuery {
    /// Which classes are asked for; all of them where there is no filter.
    pub filter: Option<Expr>,
}

/// `ASSOCIATORS OF {path} [WHERE …]`: the objects at the other ends of the associations of one.
///
/// Source: `[MS-WMI] 2.2.1.1`; WMI SDK, *ASSOCIATORS OF Statement* and *Schema Associations*.
#[derive(Clone, PartialEq, Debug)]
pub struct Associators {
    /// The object at this end.
    pub path: ObjectPath,
    /// Where the path stands in the query.
    pub path_place: Place,
    /// The association is of this class or one derived from it.
    pub assoc_class: Option<Name>,
    /// The association has this qualifier.
    pub required_assoc_qualifier: Option<Name>,
    /// The other end has this qualifier.
    pub required_qualifier: Option<Name>,
    /// The other end is of this class or one derived from it.
    pub result_class: Option<Name>,
    /// This property of the association leads to the other end.
    pub result_role: Option<Name>,
    /// This property of the association leads to the object at this end.
    pub role: Option<Name>,
    /// How much is asked for.
    pub scope: AssociationScope,
}

/// `REFERENCES OF {path} [WHERE …]`: the associations that lead to an object.
///
/// Source: `[MS-WMI] 2.2.1.1`; WMI SDK, *REFERENCES OF Statement* and *Schema Associations*.
#[derive(Clone, PartialEq, Debug)]
pub struct References {
    /// The object that the associations lead to.
    pub path: ObjectPath,
    /// Where the path stands in the query.
    pub path_place: Place,
    /// The association has this qualifier.
    pub required_qualifier: Option<Name>,
    /// The association is of this class or one derived from it.
    pub result_class: Option<Name>,
    /// This property of the association leads to the object.
    pub role: Option<Name>,
    /// How much is asked for.
    pub scope: AssociationScope,
}

/// How much of its results a query for associations asks for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct AssociationScope {
    /// `KeysOnly`: the keys of the results alone.
    pub keys_only: bool,
    /// `ClassDefsOnly`: the classes of the results, each once, in place of the results.
    pub class_defs_only: bool,
    /// `SchemaOnly`: the path leads to a class, and classes that can be associated with it are
    /// asked for.
    pub schema_only: bool,
}

/// A query for events:
/// `SELECT … FROM class [WITHIN n] [WHERE …] [GROUP WITHIN n [BY …] [HAVING …]]`.
///
/// Source: `[MS-WMI] 2.2.1.2`; WMI SDK, *SELECT Statement for Event Queries*, *WITHIN Clause*,
/// *GROUP Clause*, *HAVING Clause*.
#[derive(Clone, PartialEq, Debug)]
pub struct EventQuery {
    /// Which events are asked for; `class` is the class of the events.
    pub select: Select,
    /// How often the server looks for changes where no provider tells them.
    pub within: Option<Duration>,
    /// Whether events are told in groups.
    pub group: Option<Group>,
}

/// `GROUP WITHIN n [BY …] [HAVING …]`.
#[derive(Clone, PartialEq, Debug)]
pub struct Group {
    /// How long events are gathered from the first on.
    pub within: Duration,
    /// The properties in which the events of a group agree.
    pub by: Vec<PropertyRef>,
    /// Which groups are told: a condition on `__AggregateEvent`, nearly always on
    /// `NumberOfEvents`.
    pub having: Option<Expr>,
}

/// The shortest interval after `WITHIN` (`[MS-WMI] 3.1.2`, *EventPollingTimer*).
pub const MIN_INTERVAL: Duration = Duration::from_millis(1);

/// The longest interval after `WITHIN`, by the word of the same section.
pub const MAX_INTERVAL: Duration = Duration::from_secs(418_937);

impl From<Select> for EventQuery {
    /// A query for events that are told one by one as providers tell them.
    fn from(select: Select) -> Self {
        Self { select, within: None, group: None }
    }
}

impl Query {
    /// The kind of the query.
    pub fn statement(&self) -> Statement {
        match self {
            Self::Select(_) => Statement::Data,
            Self::Schema(_) => Statement::Schema,
            Self::Associators(_) => Statement::Associators,
            Self::References(_) => Statement::References,
            Self::Event(_) => Statement::Event,
        }
    }

    /// The columns of a query that has some.
    pub fn columns(&self) -> Option<&Columns> {
        match self {
            Self::Select(select) => Some(&select.columns),
            Self::Event(event) => Some(&event.select.columns),
            Self::Schema(_) | Self::Associators(_) | Self::References(_) => None,
        }
    }
}

/// The kinds of WQL statements.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Statement {
    /// `SELECT … FROM class …`.
    Data,
    /// `SELECT * FROM meta_class …`.
    Schema,
    /// `ASSOCIATORS OF {…} …`.
    Associators,
    /// `REFERENCES OF {…} …`.
    References,
    /// `SELECT … WITHIN …` or `… GROUP WITHIN …`.
    Event,
}
