//! Whether an instance meets a condition.

use std::borrow::Cow;
use std::cmp::Ordering;

use super::ast::CompareOp;
use super::constant::Constant;
use super::like::Pattern;
use crate::{Instance, Name, Object, SystemProperty, Value};

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
}

/// What was found.
enum Operand<'a> {
    Null,
    Text(Cow<'a, str>),
    Value(Cow<'a, Value>),
}

impl Node {
    /// `None` stands for unknown, by the rules of SQL.
    pub(super) fn evaluate(&self, instance: &Instance) -> Option<bool> {
        match self {
            Self::Or(all) => any(all.iter().map(|node| node.evaluate(instance))),
            Self::And(all) => {
                any(all.iter().map(|node| node.evaluate(instance).map(|b| !b))).map(|b| !b)
            }
            Self::Not(inner) => inner.evaluate(instance).map(|b| !b),
            Self::Compare { slot, op, constant } => slot.find(instance).compare(*op, constant),
            Self::Like { slot, pattern, constant } => slot.find(instance).like(pattern, constant),
            Self::IsNull { slot, negated } => Some(slot.find(instance).is_null() != *negated),
            Self::IsA { slot, class } => slot.find(instance).is_a(class),
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
    fn find<'a>(&self, instance: &'a Instance) -> Operand<'a> {
        let root = match &self.root {
            Root::System(system) => return system_operand(*system, instance),
            Root::Property { index, name } => property(instance, *index, name),
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
            Self::Text(_) => false,
            Self::Value(value) => value.is_null(),
        }
    }

    fn compare(&self, op: CompareOp, constant: &Constant) -> Option<bool> {
        let order = match self {
            Self::Null => return None,
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
            Self::Null => None,
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

    fn is_a(&self, class: &Name) -> Option<bool> {
        match self {
            Self::Value(value) => value.as_object().map(|object| object.class().is_a(class)),
            Self::Null | Self::Text(_) => None,
        }
    }
}
