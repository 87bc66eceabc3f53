//! A query laid over a class: names resolved, constants converted, patterns compiled.

use std::sync::Arc;

use super::ast::{Columns, CompareOp, Comparison, Expr, PropertyRef, Select};
use super::constant::Constant;
use super::error::{BindError, BindErrorKind};
use super::eval::{Ancestry, Node, OwnAncestry, Root, Row, Slot};
use super::like::Pattern;
use super::project::{Projection, Selection};
use crate::{CimType, Class, Instance, Name, Position, SystemProperty, Value, ValueType};

/// A query laid over a class; made by [`Select::bind`].
#[derive(Clone, Debug)]
pub struct Bound {
    class: Arc<Class>,
    selection: Selection,
    filter: Option<Node>,
}

impl Select {
    /// Lays the query over a class: the one it asks for or a subclass.
    ///
    /// # Errors
    /// When the class is another, has not the properties that the query names, when a comparison
    /// makes no sense for the type of its property, or when the query counts. The error says where
    /// in the query.
    pub fn bind(&self, class: &Arc<Class>) -> Result<Bound, BindError> {
        if !class.is_a(&self.class) {
            let (expected, found) = (self.class.clone(), class.name().clone());
            let kind = BindErrorKind::OtherClass { expected, found };
            return Err(BindError { at: self.class_place.0, kind });
        }
        let selection = match &self.columns {
            Columns::All => Selection::All,
            Columns::List(list) => {
                let roots: Result<_, _> =
                    list.iter().map(|p| slot(p, class).map(|(slot, _)| slot.root)).collect();
                Selection::List(roots?)
            }
            Columns::Count => {
                return Err(BindError { at: Position::START, kind: BindErrorKind::Count });
            }
        };
        let filter = self
            .filter
            .as_ref()
            .map(|filter| node(filter, &|property| slot(property, class)))
            .transpose()?;
        Ok(Bound { class: Arc::clone(class), selection, filter })
    }
}

impl Bound {
    /// The class that the query was laid over.
    pub fn class(&self) -> &Arc<Class> {
        &self.class
    }

    /// Whether the query asks for this instance. What compares with null is unknown, and what is
    /// unknown does not match.
    ///
    /// It allocates nothing, unless the query compares `__PATH` or `__RELPATH`. The instance may
    /// be one of any class: fastest are those of the bound class and its subclasses.
    pub fn matches(&self, instance: &Instance) -> bool {
        self.matches_with(instance, &OwnAncestry)
    }

    /// The same as [`Bound::matches`] for who knows more of the descent of classes than the
    /// instance itself.
    pub fn matches_with(&self, instance: &Instance, ancestry: &dyn Ancestry) -> bool {
        let row = Row::Instance(instance);
        self.filter.as_ref().is_none_or(|filter| filter.evaluate(row, ancestry) == Some(true))
    }

    /// The properties that matter to the query: those selected, those in the condition, and the
    /// keys. `None` stands for all.
    pub fn wanted(&self) -> Option<Vec<Name>> {
        let Selection::List(roots) = &self.selection else {
            return None;
        };
        let mut wanted: Vec<Name> = self.class.keys().map(|key| key.name.clone()).collect();
        let mut add = |root: &Root| {
            if let Root::Property { name, .. } = root
                && !wanted.contains(name)
            {
                wanted.push(name.clone());
            }
        };
        roots.iter().for_each(&mut add);
        if let Some(filter) = &self.filter {
            filter.each_slot(&mut |slot| add(&slot.root));
        }
        Some(wanted)
    }

    /// What every matching instance has in common: the properties that the condition demands to
    /// equal a constant, with the constant in the type of the property. Texts match in any case.
    /// Real numbers and date-times, of which many are equal, are left out.
    pub fn equalities(&self) -> Vec<(Name, Value)> {
        let all = match &self.filter {
            None => &[],
            Some(Node::And(all)) => all.as_slice(),
            Some(one) => std::slice::from_ref(one),
        };
        all.iter().filter_map(|node| self.equality(node)).collect()
    }

    fn equality(&self, node: &Node) -> Option<(Name, Value)> {
        let Node::Compare { slot, op: CompareOp::Equal, constant } = node else {
            return None;
        };
        match (&slot.root, slot.parts.as_slice()) {
            (Root::Property { index, name }, []) => {
                let property = self.class.properties().get(*index)?;
                Some((name.clone(), constant.as_key(property.value_type.base)?))
            }
            _ => None,
        }
    }

    /// What the query asks of each instance. With `locatable`, as by
    /// `WBEM_FLAG_ENSURE_LOCATABLE`, the keys and the origin stay even if the query does not
    /// select them, so that each result knows its path.
    pub fn projection(&self, locatable: bool) -> Projection {
        Projection::new(&self.class, &self.selection, locatable)
    }
}

fn root(property: &PropertyRef, class: &Class) -> Result<Root, BindError> {
    let name = property.root();
    if let Some(index) = class.property_index(name)
        && let Some(found) = class.properties().get(index)
    {
        return Ok(Root::Property { index, name: found.name.clone() });
    }
    SystemProperty::from_name(name).map(Root::System).ok_or_else(|| {
        let (class, property_name) = (class.name().clone(), Name::from(name));
        let kind = BindErrorKind::UnknownProperty { class, property: property_name };
        BindError { at: property.place.0, kind }
    })
}

/// Finds a property, and its type where the class tells: the type of a part of an embedded object
/// shows only in each instance.
pub(super) fn slot(property: &PropertyRef, class: &Class) -> Resolved {
    let root = root(property, class)?;
    let value_type = match &root {
        Root::System(system) => Some(system.value_type()),
        Root::Property { index, .. } => class.properties().get(*index).map(|p| p.value_type),
        Root::This => None,
    };
    let parts: Vec<Name> = property.names.iter().skip(1).cloned().collect();
    if parts.is_empty() {
        return Ok((Slot { root, parts }, value_type));
    }
    if value_type != Some(CimType::Object.into()) {
        let kind = BindErrorKind::NotAnObject { property: property.root().into() };
        return Err(BindError { at: property.place.0, kind });
    }
    Ok((Slot { root, parts }, None))
}

/// What a property of a condition means, and its type where that is known.
pub(super) type Resolved = Result<(Slot, Option<ValueType>), BindError>;

/// Binds a condition; `resolve` says what its properties mean.
pub(super) fn node(
    expr: &Expr,
    resolve: &dyn Fn(&PropertyRef) -> Resolved,
) -> Result<Node, BindError> {
    let all = |all: &[Expr]| all.iter().map(|expr| node(expr, resolve)).collect::<Result<_, _>>();
    Ok(match expr {
        Expr::Or(exprs) => Node::Or(all(exprs)?),
        Expr::And(exprs) => Node::And(all(exprs)?),
        Expr::Not(inner) => Node::Not(Box::new(node(inner, resolve)?)),
        Expr::Compare(comparison) => compare(comparison, resolve(&comparison.property)?)?,
        Expr::IsNull { property, negated } => {
            Node::IsNull { slot: resolve(property)?.0, negated: *negated }
        }
        Expr::IsA { property, class: wanted } => {
            let (slot, value_type) = resolve(property)?;
            if value_type.is_some_and(|t| t != CimType::Object.into()) {
                let kind = BindErrorKind::NotAnObject { property: property.root().into() };
                return Err(BindError { at: property.place.0, kind });
            }
            Node::IsA { slot, class: wanted.clone() }
        }
    })
}

fn compare(
    comparison: &Comparison,
    (slot, value_type): (Slot, Option<ValueType>),
) -> Result<Node, BindError> {
    let constant = Constant::new(&comparison.literal);
    let op = comparison.op;
    if let Some(found) = value_type
        && !is_comparable(found, op)
    {
        let kind = BindErrorKind::Operator { op, found };
        return Err(BindError { at: comparison.property.place.0, kind });
    }
    let literal_error = |kind| BindError { at: comparison.literal_place.0, kind };
    if op == CompareOp::Like {
        let wrong = |text| literal_error(BindErrorKind::Pattern(text));
        let pattern = Pattern::new(constant.text()).map_err(wrong)?;
        if value_type.is_none_or(|t| is_text(t.base)) {
            return Ok(Node::Like { slot, pattern, constant });
        }
        if !pattern.is_plain() {
            return Err(wrong("only texts can be compared with %, _ and [ ]"));
        }
    }
    if let Some(expected) = value_type
        && !constant.fits(expected.base)
    {
        let found = comparison.literal.to_string();
        return Err(literal_error(BindErrorKind::Constant { expected, found }));
    }
    let op = if op == CompareOp::Like { CompareOp::Equal } else { op };
    Ok(Node::Compare { slot, op, constant })
}

/// Which operators suit which types (`[MS-WMI] 2.2.1.1`).
fn is_comparable(value_type: ValueType, op: CompareOp) -> bool {
    let is_ordering = !matches!(op, CompareOp::Equal | CompareOp::NotEqual | CompareOp::Like);
    match value_type.base {
        _ if value_type.array => false,
        CimType::Object => false,
        CimType::Boolean | CimType::Reference => !is_ordering,
        _ => true,
    }
}

/// The types that WMI carries as texts: patterns apply to them.
fn is_text(cim_type: CimType) -> bool {
    matches!(cim_type, CimType::String | CimType::Reference | CimType::DateTime)
}
