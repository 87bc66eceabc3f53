//! Constants of a query, and how values compare with them.

use std::cmp::Ordering;

use super::ast::Literal;
use super::date::Moment;
use crate::{CimType, DateTime, Value};

/// A literal, converted once to everything that a property could hold.
///
/// A property may be of another type than the literal: a `uint64` is often written in quotes, a
/// key of type string without. The literal takes the type of the property.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Constant {
    text: String,
    number: Option<Number>,
    boolean: Option<bool>,
    moment: Option<Moment>,
    unit: Option<u16>,
}

#[derive(Clone, Copy, PartialEq, Debug)]
enum Number {
    Integer(i128),
    Real(f64),
}

impl Constant {
    pub(super) fn new(literal: &Literal) -> Self {
        let text = match literal {
            Literal::Null => String::new(),
            Literal::Boolean(value) => if *value { "TRUE" } else { "FALSE" }.to_owned(),
            Literal::Integer(number) => number.to_string(),
            Literal::Real(real) => real.to_string(),
            Literal::Text(text) => text.clone(),
        };
        let number = match literal {
            Literal::Boolean(value) => Some(Number::Integer(i128::from(*value))),
            Literal::Real(real) => Some(Number::Real(*real)),
            _ => Number::parse(text.trim()),
        };
        let boolean = match (literal, number) {
            (Literal::Boolean(value), _) => Some(*value),
            _ if text.eq_ignore_ascii_case("TRUE") => Some(true),
            _ if text.eq_ignore_ascii_case("FALSE") => Some(false),
            // *WQL (SQL for WMI)* says that TRUE is -1, *WHERE Clause* that it is 1.
            (_, Some(Number::Integer(1 | -1))) => Some(true),
            (_, Some(Number::Integer(0))) => Some(false),
            _ => None,
        };
        let unit = match literal {
            Literal::Integer(number) => u16::try_from(*number).ok(),
            Literal::Text(text) => {
                let mut units = text.encode_utf16();
                units.next().filter(|_| units.next().is_none())
            }
            _ => None,
        };
        Self { moment: Moment::parse(&text), text, number, boolean, unit }
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Whether the constant can be compared with values of this type.
    pub(super) fn fits(&self, cim_type: CimType) -> bool {
        match cim_type {
            CimType::String | CimType::Reference => true,
            CimType::DateTime => self.moment.is_some(),
            CimType::Boolean => self.boolean.is_some(),
            CimType::Char16 => self.unit.is_some(),
            CimType::Object => false,
            _ => self.number.is_some(),
        }
    }

    /// The one value of this type that equals the constant, where there is just one such value and
    /// it can be a key.
    pub(super) fn as_key(&self, cim_type: CimType) -> Option<Value> {
        match cim_type {
            CimType::String => Some(Value::String(self.text.clone())),
            CimType::Reference => Some(Value::Reference(self.text.clone())),
            CimType::Boolean => self.boolean.map(Value::Boolean),
            _ => match self.number? {
                Number::Integer(number) => crate::value::integer(cim_type, number),
                Number::Real(_) => None,
            },
        }
    }

    pub(super) fn order_of_text(&self, value: &str) -> Ordering {
        crate::name::compare(value, &self.text)
    }

    /// How a value stands to the constant; nothing where the two cannot be ordered.
    pub(super) fn order_of(&self, value: &Value) -> Option<Ordering> {
        match value {
            Value::String(text) | Value::Reference(text) => Some(self.order_of_text(text)),
            Value::Boolean(value) => Some(value.cmp(&self.boolean?)),
            Value::Char16(unit) => Some(lower(*unit).cmp(&lower(self.unit?))),
            Value::DateTime(at) => self.order_of_moment(at),
            Value::Real32(real) => self.number?.order_of_real(f64::from(*real)),
            Value::Real64(real) => self.number?.order_of_real(*real),
            Value::Uint64(number) => self.number?.order_of_integer(i128::from(*number)),
            Value::Null | Value::Object(_) | Value::Array(_) => None,
            other => self.number?.order_of_integer(i128::from(other.as_i64()?)),
        }
    }

    fn order_of_moment(&self, value: &DateTime) -> Option<Ordering> {
        self.moment?.order_of(value)
    }
}

impl Number {
    fn parse(text: &str) -> Option<Self> {
        let is_number = text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'+' | b'-' | b'.'));
        if !is_number {
            return None;
        }
        text.parse().map(Self::Integer).or_else(|_| text.parse().map(Self::Real)).ok()
    }

    fn order_of_integer(self, value: i128) -> Option<Ordering> {
        match self {
            Self::Integer(number) => Some(value.cmp(&number)),
            Self::Real(real) => (value as f64).partial_cmp(&real),
        }
    }

    fn order_of_real(self, value: f64) -> Option<Ordering> {
        match self {
            Self::Integer(number) => value.partial_cmp(&(number as f64)),
            Self::Real(real) => value.partial_cmp(&real),
        }
    }
}

fn lower(unit: u16) -> u32 {
    let lower = |c: char| u32::from(c.to_lowercase().next().unwrap_or(c));
    char::from_u32(unit.into()).map_or(unit.into(), lower)
}
