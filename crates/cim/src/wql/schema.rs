//! Schema queries: which classes are asked for.

use super::ast::PropertyRef;
use super::bind::{Resolved, node};
use super::error::{BindError, BindErrorKind};
use super::eval::{Node, OwnAncestry, Root, Row, Slot};
use super::statement::SchemaQuery;
use crate::{CimType, Class, SystemProperty};

/// A schema query, ready to be put to classes; made by [`SchemaQuery::bind`].
#[derive(Clone, Debug)]
pub struct BoundSchema {
    filter: Option<Node>,
}

impl SchemaQuery {
    /// Makes the query ready.
    ///
    /// # Errors
    /// When the query names something else than `__this` and system properties, uses `__this`
    /// without `ISA`, or compares what cannot be compared. The error says where in the query.
    pub fn bind(&self) -> Result<BoundSchema, BindError> {
        let filter = self.filter.as_ref().map(|filter| node(filter, &slot)).transpose()?;
        Ok(BoundSchema { filter })
    }
}

impl BoundSchema {
    /// Whether the query asks for this class.
    pub fn matches(&self, class: &Class) -> bool {
        let row = Row::Class(class);
        self.filter.as_ref().is_none_or(|filter| filter.evaluate(row, &OwnAncestry) == Some(true))
    }
}

fn slot(property: &PropertyRef) -> Resolved {
    let error = |kind| BindError { at: property.place.0, kind };
    let [name] = property.names.as_slice() else {
        return Err(error(BindErrorKind::NotAnObject { property: property.root().into() }));
    };
    let (root, value_type) = if name.is("__this") {
        (Root::This, CimType::Object.into())
    } else if let Some(system) = SystemProperty::from_name(name) {
        (Root::System(system), system.value_type())
    } else {
        let (class, property) = ("meta_class".into(), name.clone());
        return Err(error(BindErrorKind::UnknownProperty { class, property }));
    };
    Ok((Slot { root, parts: Vec::new() }, Some(value_type)))
}
