//! Whether an object meets a condition.

use std::borrow::Cow;
use std::cmp::Ordering;

use super::ast::CompareOp;
use super::constant::Constant;
use super::like::Pattern;
use crate::{Class, Instance, Name, Object, SystemProperty, Value};

/// Which classes descend from which, for `ISA`.
///
/// An instance that came with some of its properties alone may not say from which classes its own
/// descends; who knows the schema can tell.
pub trait Ancestry {
    /// Whether `class` is `ancestor` or descends from it.
    fn is_a(&self, class: &Class, ancestor: &Name) -> bool;
}

/// What every class says of its own descent.
#[derive(Clone, Copy, Debug, Default)]
pub struct OwnAncestry;

impl Ancestry for OwnAncestry {
    fn is_a(&self, class: &Class, ancestor: &Name) -> bool {
        class.is_a(ancestor)
    }
}

/// What a condition is put to.
#[derive(Clone, Copy)]
pub(super) enum Row<'a> {
    Instance(&'a Instance),
    Class(&'a Class),
}

/// A condition, bound to a class.
#[derive(Clone, Debug)]
pub(super) enum Node {
    Or(Vec<Node>),
    And(Vec<Node>),
    Not(Box<Node>),
    /// The operator is never `LIKE`.
    Compare {
        slot: Slot,
        op: CompareOp,
        constant: Constant,
    },
    Like {
        slot: Slot,
        pattern: Pattern,
        constant: Constant,
    },
    IsNull {
        slot: Slot,
        negated: bool,
    },
    IsA {
        slot: Slot,
        class: Name,
    },
}

/// Where a value is found in an instance.
#[derive(Clone, Debug)]
pub(super) struct Slot {
    pub(super) root: Root,
    /// Properties of embedded objects, from the outside in.
    pub(super) parts: Vec<Name>,
}

#[derive(Clone, Debug)]
pub(super) enum Root {
    /// The index is that in the bound class; subclasses have the property at the same place.
    Property {
        index: usize,
        name: Name,
    },
    System(SystemProperty),
    /// `__this`: the class that a schema query looks at.
    This,
}

/// What was found.
pub(super) enum Operand<'a> {
    Null,
    Class(&'a Class),
    Text(Cow<'a, str>),
    Value(Cow<'a, Value>),
}

impl Node {
    /// `None` stands for unknown, by the rules of SQL.
    pub(super) fn evaluate(&self, row: Row<'_>, ancestry: &dyn Ancestry) -> Option<bool> {
        let holds = |node: &Self| node.evaluate(row, ancestry);
        match self {
            Self::Or(all) => any(all.iter().map(holds)),
            Self::And(all) => any(all.iter().map(|node| holds(node).map(|b| !b))).map(|b| !b),
            Self::Not(inner) => holds(inner).map(|b| !b),
            Self::Compare { slot, op, constant } => slot.find(row).compare(*op, constant),
            Self::Like { slot, pattern, constant } => slot.find(row).like(pattern, constant),
            Self::IsNull { slot, negated } => Some(slot.find(row).is_null() != *negated),
            Self::IsA { slot, class } => {
                let found = slot.find(row);
                found.class().map(|found| ancestry.is_a(found, class))
            }
        }
    }

    pub(super) fn each_slot<'a>(&'a self, visit: &mut impl FnMut(&'a Slot)) {
        match self {
            Self::Or(all) | Self::And(all) => all.iter().for_each(|node| node.each_slot(visit)),
            Self::Not(inner) => inner.each_slot(visit),
            Self::Compare { slot, .. }
            | Self::Like { slot, .. }
            | Self::IsNull { slot, .. }
            | Self::IsA { slot, .. } => visit(slot),
        }
    }
}

/// True if one is, else unknown if one is.
fn any(conditions: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let mut result = Some(false);
    for condition in conditions {
        match condition {
            Some(true) => return Some(true),
            Some(false) => {}
            None => result = None,
        }
    }
    result
}

impl Slot {
    pub(super) fn find<'a>(&self, row: Row<'a>) -> Operand<'a> {
        let root = match (&self.root, row) {
            (Root::This, Row::Class(class)) => return Operand::Class(class),
            (Root::System(system), Row::Class(class)) => {
                return Operand::Value(Cow::Owned(system.of_class(class)));
            }
            (Root::System(system), Row::Instance(instance)) => {
                return system_operand(*system, instance);
            }
            (Root::Property { index, name }, Row::Instance(instance)) => {
                property(instance, *index, name)
            }
            (Root::This, Row::Instance(_)) | (Root::Property { .. }, Row::Class(_)) => None,
        };
        let mut found = root;
        let mut parts = self.parts.iter();
        while let Some(part) = parts.next() {
            found = match found {
                Some(Value::Object(object)) => match &**object {
                    Object::Class(class) => class.property(part).map(|p| &p.default),
                    Object::Instance(inner) => match inner.get(part) {
                        None if parts.len() == 0 => return embedded_system(part, inner),
                        value => value,
                    },
                },
                _ => return Operand::Null,
            };
        }
        found.map_or(Operand::Null, Operand::from)
    }
}

/// The property at `index` if it has that name there, else wherever it is.
fn property<'a>(instance: &'a Instance, index: usize, name: &Name) -> Option<&'a Value> {
    match instance.class().properties().get(index) {
        Some(at) if at.name == *name => instance.value(index),
        _ => instance.get(name),
    }
}

fn embedded_system<'a>(name: &str, instance: &'a Instance) -> Operand<'a> {
    SystemProperty::from_name(name).map_or(Operand::Null, |p| system_operand(p, instance))
}

fn system_operand(system: SystemProperty, instance: &Instance) -> Operand<'_> {
    let class = instance.class();
    let text = match system {
        SystemProperty::Class => Some(class.name().as_str()),
        SystemProperty::Superclass => class.superclass().map(crate::Name::as_str),
        SystemProperty::Dynasty => Some(class.dynasty()),
        SystemProperty::Server => instance.origin().map(|origin| origin.server.as_str()),
        SystemProperty::Namespace => instance.origin().map(|origin| origin.namespace.as_str()),
        computed => return Operand::Value(Cow::Owned(computed.of_instance(instance))),
    };
    text.map_or(Operand::Null, |text| Operand::Text(Cow::Borrowed(text)))
}

impl<'a> From<&'a Value> for Operand<'a> {
    fn from(value: &'a Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::String(text) | Value::Reference(text) => Self::Text(Cow::Borrowed(text)),
            other => Self::Value(Cow::Borrowed(other)),
        }
    }
}

impl Operand<'_> {
    fn is_null(&self) -> bool {
        match self {
            Self::Null => true,
            Self::Text(_) | Self::Class(_) => false,
            Self::Value(value) => value.is_null(),
        }
    }

    fn compare(&self, op: CompareOp, constant: &Constant) -> Option<bool> {
        let order = match self {
            Self::Null | Self::Class(_) => return None,
            Self::Text(text) => Some(constant.order_of_text(text)),
            Self::Value(value) if value.is_null() => return None,
            Self::Value(value) => constant.order_of(value),
        };
        match (op, order) {
            (CompareOp::Equal | CompareOp::Like, order) => Some(order == Some(Ordering::Equal)),
            (CompareOp::NotEqual, order) => Some(order != Some(Ordering::Equal)),
            (CompareOp::Less, order) => order.map(Ordering::is_lt),
            (CompareOp::LessOrEqual, order) => order.map(Ordering::is_le),
            (CompareOp::Greater, order) => order.map(Ordering::is_gt),
            (CompareOp::GreaterOrEqual, order) => order.map(Ordering::is_ge),
        }
    }

    fn like(&self, pattern: &Pattern, constant: &Constant) -> Option<bool> {
        match self {
            Self::Null | Self::Class(_) => None,
            Self::Text(text) => Some(pattern.matches(text)),
            Self::Value(value) => match &**value {
                Value::Null => None,
                Value::String(text) => Some(pattern.matches(text)),
                Value::DateTime(at) => Some(pattern.matches(at.as_str())),
                _ if pattern.is_plain() => self.compare(CompareOp::Equal, constant),
                _ => None,
            },
        }
    }

    /// The class of an embedded object.
    fn class(&self) -> Option<&Class> {
        match self {
            Self::Class(class) => Some(class),
            Self::Value(value) => value.as_object().map(|object| &**object.class()),
            Self::Null | Self::Text(_) => None,
        }
    }
}
