//! Event queries: which events are asked for, and in which groups.

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use super::ast::{CompareOp, Expr, Literal, PropertyRef};
use super::bind::{self, Bound};
use super::error::{BindError, BindErrorKind};
use super::eval::{Ancestry, Node, Operand, OwnAncestry, Row, Slot};
use super::project::Projection;
use super::statement::{EventQuery, Group};
use crate::{CimType, Class, Instance, Name, Object, Property, Value};

/// An event query laid over the class of the events; made by [`EventQuery::bind`].
#[derive(Clone, Debug)]
pub struct BoundEvent {
    query: Bound,
    within: Option<Duration>,
    group: Option<BoundGroup>,
    targets: Option<Vec<Name>>,
}

/// How events are gathered.
#[derive(Clone, Debug)]
pub struct BoundGroup {
    within: Duration,
    by: Vec<Slot>,
    having: Option<Node>,
}

/// What the events of a group have in common. Texts are the same in any case.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct GroupKey(Vec<String>);

/// What an intrinsic event tells a change of (`[MS-WMI] 2.2.1.2`).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Intrinsic {
    /// Of an instance: `__InstanceOperationEvent`.
    Instance,
    /// Of a class: `__ClassOperationEvent`.
    Class,
    /// Of a namespace: `__NamespaceOperationEvent`.
    Namespace,
}

impl EventQuery {
    /// Lays the query over the class that it asks for.
    ///
    /// # Errors
    /// When the class is no event, as for [`Select::bind`](super::Select::bind), or when events
    /// cannot be grouped by what `BY` names. The error says where in the query.
    pub fn bind(&self, class: &Arc<Class>) -> Result<BoundEvent, BindError> {
        let query = self.select.bind(class)?;
        if !class.is_a("__Event") {
            let kind = BindErrorKind::NotAnEvent { class: class.name().clone() };
            return Err(BindError { at: self.select.class_place.0, kind });
        }
        let group = self.group.as_ref().map(|group| group.bind(class)).transpose()?;
        let targets = self.select.filter.as_ref().and_then(targets);
        Ok(BoundEvent { query, within: self.within, group, targets })
    }
}

impl BoundEvent {
    /// The class of the events.
    pub fn class(&self) -> &Arc<Class> {
        self.query.class()
    }

    /// What the events tell a change of; nothing for extrinsic events and timers.
    pub fn intrinsic(&self) -> Option<Intrinsic> {
        let class = self.class();
        [
            ("__InstanceOperationEvent", Intrinsic::Instance),
            ("__ClassOperationEvent", Intrinsic::Class),
            ("__NamespaceOperationEvent", Intrinsic::Namespace),
        ]
        .into_iter()
        .find_map(|(name, intrinsic)| class.is_a(name).then_some(intrinsic))
    }

    /// How often to look for changes where no provider tells them. Without it a query for
    /// intrinsic events is `WBEM_E_REGISTRATION_TOO_PRECISE` there.
    pub fn within(&self) -> Option<Duration> {
        self.within
    }

    /// How to gather events; nothing where they are told one by one.
    pub fn group(&self) -> Option<&BoundGroup> {
        self.group.as_ref()
    }

    /// The classes of which one is an ancestor of whatever changes in a matching event, as by
    /// `TargetInstance ISA 'X'`; nothing where the query does not restrict them.
    pub fn targets(&self) -> Option<&[Name]> {
        self.targets.as_deref()
    }

    /// Whether the query asks for this event, by itself.
    pub fn matches(&self, event: &Instance, ancestry: &dyn Ancestry) -> bool {
        self.query.matches_with(event, ancestry)
    }

    /// What the query asks of each event.
    pub fn projection(&self) -> Projection {
        self.query.projection(false)
    }
}

impl Group {
    fn bind(&self, class: &Class) -> Result<BoundGroup, BindError> {
        let by = self.by.iter().map(|property| grouped(property, class));
        let having = self.having.as_ref();
        let aggregate = |property: &PropertyRef| bind::slot(property, &AGGREGATE);
        let having = having.map(|having| bind::node(having, &aggregate));
        Ok(BoundGroup {
            within: self.within,
            by: by.collect::<Result<_, _>>()?,
            having: having.transpose()?,
        })
    }
}

fn grouped(property: &PropertyRef, class: &Class) -> Result<Slot, BindError> {
    let at = property.place.0;
    let root = || Name::from(property.root());
    match bind::slot(property, class) {
        Ok((_, Some(value_type))) if value_type.base == CimType::Object => {
            Err(BindError { at, kind: BindErrorKind::GroupedByObject { property: root() } })
        }
        Err(BindError { kind: BindErrorKind::NotAnObject { .. }, .. }) => {
            Err(BindError { at, kind: BindErrorKind::GroupedByPart { property: root() } })
        }
        other => other.map(|(slot, _)| slot),
    }
}

impl BoundGroup {
    /// How long events are gathered from the first on.
    pub fn within(&self) -> Duration {
        self.within
    }

    /// The group that an event belongs to.
    pub fn key(&self, event: &Instance) -> GroupKey {
        GroupKey(self.by.iter().map(|slot| key(&slot.find(Row::Instance(event)))).collect())
    }

    /// The `__AggregateEvent` that stands for so many events, of which `representative` is one;
    /// nothing where `HAVING` asks for other groups.
    pub fn aggregate(&self, events: u32, representative: Instance) -> Option<Instance> {
        let mut aggregate = Instance::new(Arc::clone(&AGGREGATE));
        aggregate.set("NumberOfEvents", events);
        aggregate.set("Representative", Object::Instance(representative));
        let row = Row::Instance(&aggregate);
        let is_wanted = |having: &Node| having.evaluate(row, &OwnAncestry) == Some(true);
        self.having.as_ref().is_none_or(is_wanted).then_some(aggregate)
    }
}

/// `__AggregateEvent`, by the WMI SDK.
static AGGREGATE: LazyLock<Arc<Class>> = LazyLock::new(|| {
    let system = Arc::new(Class::builder("__SystemClass").finish());
    let related = Arc::new(Class::derive("__IndicationRelated", &system).finish());
    let aggregate = Class::derive("__AggregateEvent", &related)
        .property(Property::new("NumberOfEvents", CimType::Uint32))
        .property(Property::new("Representative", CimType::Object));
    Arc::new(aggregate.finish())
});

/// A value as the part of a key: a mark of its kind, then the value.
fn key(operand: &Operand<'_>) -> String {
    let text = |text: &str| format!("t{}", text.to_lowercase());
    match operand {
        Operand::Null => "n".to_owned(),
        Operand::Text(found) => text(found),
        Operand::Class(class) => text(class.name()),
        Operand::Value(value) => match &**value {
            Value::Null => "n".to_owned(),
            Value::String(found) | Value::Reference(found) => text(found),
            Value::DateTime(at) => text(at.as_str()),
            other => match other.as_i64() {
                Some(number) => format!("i{number}"),
                None => format!("{other:?}"),
            },
        },
    }
}

/// The classes of which `TargetInstance` or its like must be one for the condition to hold.
fn targets(condition: &Expr) -> Option<Vec<Name>> {
    match condition {
        Expr::And(all) => all.iter().find_map(targets),
        Expr::Or(all) => {
            let all: Option<Vec<_>> = all.iter().map(targets).collect();
            all.map(|all| all.concat())
        }
        Expr::IsA { property, class } => match property.names.as_slice() {
            [name] if is_target(name) => Some(vec![class.clone()]),
            _ => None,
        },
        Expr::Compare(comparison) if comparison.op == CompareOp::Equal => {
            match (comparison.property.names.as_slice(), &comparison.literal) {
                ([name, part], Literal::Text(class)) if is_target(name) && part.is("__CLASS") => {
                    Some(vec![class.as_str().into()])
                }
                _ => None,
            }
        }
        _ => None,
    }
}

fn is_target(name: &Name) -> bool {
    ["TargetInstance", "PreviousInstance", "TargetClass", "PreviousClass"]
        .into_iter()
        .any(|target| name.is(target))
}
