//! From an argument to a value of the type that is asked for.

use serde_json::Value as Json;
use winreach_cim::{Array, CimType, Value, ValueType};

use super::Argument;

/// An argument does not fit a type.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{found} is no {expected}")]
pub struct Misfit {
    /// What was given.
    pub found: String,
    /// The type that was asked for.
    pub expected: ValueType,
}

impl Argument {
    /// The argument as a value of a type: integers of any width that holds them, texts as date-times,
    /// references and characters. Embedded objects are not made here, since that takes their class.
    ///
    /// ```
    /// use winreach_cim::{CimType, Value};
    /// use winreach_wmi::Argument;
    ///
    /// let text = Argument::Text("0x80000002".into());
    /// assert_eq!(text.fit(CimType::Uint32.into()), Ok(Value::Uint32(0x8000_0002)));
    /// let error = Argument::Value(300.into()).fit(CimType::Uint8.into()).unwrap_err();
    /// assert_eq!(error.to_string(), "300 is no uint8");
    /// ```
    ///
    /// # Errors
    /// When it does not fit.
    pub fn fit(&self, expected: ValueType) -> Result<Value, Misfit> {
        let misfit = || Misfit { found: self.describe(), expected };
        if self.is_null() {
            return Ok(Value::Null);
        }
        if let Self::Value(value) = self
            && value.value_type() == Some(expected)
        {
            return Ok(value.clone());
        }
        match expected.array {
            false => self.scalar(expected.base).ok_or_else(misfit),
            true => {
                let elements = self.elements().ok_or_else(misfit)?;
                let fitted = elements.iter().map(|element| element.fit(expected.base.into()));
                array(expected.base, fitted.collect::<Result<_, _>>()?).ok_or_else(misfit)
            }
        }
    }

    fn is_null(&self) -> bool {
        matches!(self, Self::Value(Value::Null) | Self::Json(Json::Null))
    }

    /// The elements, where it is an array. A text has commas between them, or is a JSON array.
    pub(super) fn elements(&self) -> Option<Vec<Argument>> {
        match self {
            Self::List(elements) => Some(elements.clone()),
            Self::Json(Json::Array(elements)) => {
                Some(elements.iter().cloned().map(Argument::Json).collect())
            }
            Self::Value(Value::Array(array)) => Some(array.iter().map(Argument::Value).collect()),
            Self::Text(text) if text.is_empty() => Some(Vec::new()),
            Self::Text(text) => match text.starts_with('[').then(|| serde_json::from_str(text)) {
                Some(Ok(Json::Array(elements))) => {
                    Some(elements.into_iter().map(Argument::Json).collect())
                }
                _ => Some(text.split(',').map(|part| Self::Text(part.to_owned())).collect()),
            },
            _ => None,
        }
    }

    fn scalar(&self, expected: CimType) -> Option<Value> {
        match self {
            Self::List(_) => None,
            Self::Text(text) => of_text(text, expected),
            Self::Json(json) => of_json(json, expected),
            Self::Value(value) => of_value(value, expected),
        }
    }

    fn describe(&self) -> String {
        let cut = |text: &str| match text.char_indices().nth(60) {
            Some((end, _)) => format!("{:?}…", text.get(..end).unwrap_or_default()),
            None => format!("{text:?}"),
        };
        match self {
            Self::Text(text) | Self::Json(Json::String(text)) => cut(text),
            Self::Value(Value::String(text) | Value::Reference(text)) => cut(text),
            Self::Value(value) => match (value.as_i64(), value.as_f64(), value.value_type()) {
                (Some(number), _, _) => number.to_string(),
                (None, Some(number), _) => number.to_string(),
                (None, None, Some(found)) => format!("a value of type {found}"),
                (None, None, None) => "null".to_owned(),
            },
            Self::Json(Json::Object(_)) => "a JSON object".to_owned(),
            Self::Json(Json::Array(_)) | Self::List(_) => "an array".to_owned(),
            Self::Json(json) => json.to_string(),
        }
    }
}

fn of_text(text: &str, expected: CimType) -> Option<Value> {
    match expected {
        CimType::Boolean => match text.to_ascii_lowercase().as_str() {
            "true" | "1" => Some(Value::Boolean(true)),
            "false" | "0" => Some(Value::Boolean(false)),
            _ => None,
        },
        CimType::Real32 | CimType::Real64 => real(text.trim().parse().ok()?, expected),
        CimType::String | CimType::Reference | CimType::DateTime | CimType::Char16 => {
            textual(text, expected)
        }
        CimType::Object => None,
        _ => integer(number(text.trim())?, expected),
    }
}

fn of_json(json: &Json, expected: CimType) -> Option<Value> {
    match json {
        Json::Bool(value) => (expected == CimType::Boolean).then_some(Value::Boolean(*value)),
        Json::String(text) => textual(text, expected),
        Json::Number(number) => match (number.as_i64(), number.as_u64()) {
            (Some(whole), _) => numeric(whole.into(), expected),
            (None, Some(whole)) => numeric(whole.into(), expected),
            (None, None) => real(number.as_f64()?, expected),
        },
        Json::Null | Json::Array(_) | Json::Object(_) => None,
    }
}

fn of_value(value: &Value, expected: CimType) -> Option<Value> {
    match value {
        Value::String(text) | Value::Reference(text) => textual(text, expected),
        Value::Real32(_) | Value::Real64(_) => real(value.as_f64()?, expected),
        Value::Uint64(whole) => numeric((*whole).into(), expected),
        _ => numeric(value.as_i64()?.into(), expected),
    }
}

fn textual(text: &str, expected: CimType) -> Option<Value> {
    match expected {
        CimType::String => Some(Value::String(text.to_owned())),
        CimType::Reference => Some(Value::Reference(text.to_owned())),
        CimType::DateTime => text.parse().ok().map(Value::DateTime),
        CimType::Char16 => {
            let mut units = text.encode_utf16();
            units.next().filter(|_| units.next().is_none()).map(Value::Char16)
        }
        _ => None,
    }
}

/// Decimal, or hexadecimal after `0x`; perhaps with a sign.
fn number(text: &str) -> Option<i128> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if !digits.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let hexadecimal = digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X"));
    let magnitude = match hexadecimal {
        Some(digits) if digits.starts_with(|c: char| c.is_ascii_hexdigit()) => {
            i128::from_str_radix(digits, 16).ok()?
        }
        Some(_) => return None,
        None => digits.parse().ok()?,
    };
    Some(if negative { -magnitude } else { magnitude })
}

/// A whole number as an integer or a real.
fn numeric(number: i128, expected: CimType) -> Option<Value> {
    match expected {
        // Parsing is the one conversion that rounds and never fails.
        CimType::Real32 | CimType::Real64 => real(number.to_string().parse().ok()?, expected),
        _ => integer(number, expected),
    }
}

fn integer(number: i128, expected: CimType) -> Option<Value> {
    Some(match expected {
        CimType::Sint8 => Value::Sint8(number.try_into().ok()?),
        CimType::Uint8 => Value::Uint8(number.try_into().ok()?),
        CimType::Sint16 => Value::Sint16(number.try_into().ok()?),
        CimType::Uint16 => Value::Uint16(number.try_into().ok()?),
        CimType::Sint32 => Value::Sint32(number.try_into().ok()?),
        CimType::Uint32 => Value::Uint32(number.try_into().ok()?),
        CimType::Sint64 => Value::Sint64(number.try_into().ok()?),
        CimType::Uint64 => Value::Uint64(number.try_into().ok()?),
        _ => return None,
    })
}

fn real(number: f64, expected: CimType) -> Option<Value> {
    match expected {
        CimType::Real64 => Some(Value::Real64(number)),
        CimType::Real32 => {
            #[expect(
                clippy::cast_possible_truncation,
                reason = "a float rounds, and overflow shows"
            )]
            let narrow = number as f32;
            (narrow.is_finite() || !number.is_finite()).then_some(Value::Real32(narrow))
        }
        _ => None,
    }
}

/// Values of one type as an array; nothing where a null stands among those that cannot be null.
pub(super) fn array(base: CimType, values: Vec<Value>) -> Option<Value> {
    macro_rules! plain {
        ($variant:ident) => {{
            let each = values.into_iter().map(|value| match value {
                Value::$variant(value) => Some(value),
                _ => None,
            });
            Array::$variant(each.collect::<Option<_>>()?)
        }};
    }
    macro_rules! nullable {
        ($variant:ident) => {{
            let each = values.into_iter().map(|value| match value {
                Value::$variant(value) => Some(Some(value)),
                Value::Null => Some(None),
                _ => None,
            });
            Array::$variant(each.collect::<Option<_>>()?)
        }};
    }
    Some(Value::from(match base {
        CimType::Boolean => plain!(Boolean),
        CimType::Sint8 => plain!(Sint8),
        CimType::Uint8 => plain!(Uint8),
        CimType::Sint16 => plain!(Sint16),
        CimType::Uint16 => plain!(Uint16),
        CimType::Sint32 => plain!(Sint32),
        CimType::Uint32 => plain!(Uint32),
        CimType::Sint64 => plain!(Sint64),
        CimType::Uint64 => plain!(Uint64),
        CimType::Real32 => plain!(Real32),
        CimType::Real64 => plain!(Real64),
        CimType::Char16 => plain!(Char16),
        CimType::String => nullable!(String),
        CimType::DateTime => nullable!(DateTime),
        CimType::Reference => nullable!(Reference),
        CimType::Object => {
            let each = values.into_iter().map(|value| match value {
                Value::Object(object) => Some(Some(*object)),
                Value::Null => Some(None),
                _ => None,
            });
            Array::Object(each.collect::<Option<_>>()?)
        }
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str, expected: CimType) -> Option<Value> {
        Argument::Text(text.into()).fit(expected.into()).ok()
    }

    #[test]
    fn texts_become_what_the_parameter_takes() {
        assert_eq!(text("42", CimType::Uint8), Some(Value::Uint8(42)));
        assert_eq!(text("-1", CimType::Sint64), Some(Value::Sint64(-1)));
        assert_eq!(text("0xFFFFFFFFFFFFFFFF", CimType::Uint64), Some(Value::Uint64(u64::MAX)));
        assert_eq!(text("TRUE", CimType::Boolean), Some(Value::Boolean(true)));
        assert_eq!(text("1.5", CimType::Real32), Some(Value::Real32(1.5)));
        assert_eq!(text("42", CimType::String), Some(Value::from("42")));
        assert_eq!(text("é", CimType::Char16), Some(Value::Char16(0xE9)));
        let date = "20240101000000.000000+000";
        assert_eq!(text(date, CimType::DateTime), date.parse().ok().map(Value::DateTime));
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        for (given, expected) in [
            ("256", CimType::Uint8),
            ("-1", CimType::Uint32),
            ("0x", CimType::Uint32),
            ("0x-1", CimType::Uint32),
            ("--1", CimType::Sint32),
            ("", CimType::Uint32),
            ("1e2", CimType::Uint32),
            ("yes", CimType::Boolean),
            ("1e99", CimType::Real32),
            ("ab", CimType::Char16),
            ("", CimType::Char16),
            ("today", CimType::DateTime),
            ("99999999999999999999999999999999999999999999", CimType::Uint64),
        ] {
            assert_eq!(text(given, expected), None, "{given:?} as {expected}");
        }
        // A typed text is no number, and a number no text.
        assert!(Argument::Value("42".into()).fit(CimType::Uint32.into()).is_err());
        assert!(Argument::Value(42.into()).fit(CimType::String.into()).is_err());
        assert!(Argument::Value(1.into()).fit(CimType::Boolean.into()).is_err());
        assert!(Argument::Value(1.5.into()).fit(CimType::Uint32.into()).is_err());
        assert!(Argument::Value(1.into()).fit(ValueType::array(CimType::Uint32)).is_err());
    }

    #[test]
    fn arrays_fit_element_by_element() {
        let bytes = ValueType::array(CimType::Uint8);
        let expected = Ok(Value::from(Array::Uint8(vec![1, 255])));
        let json = serde_json::json!([1, 255]);
        assert_eq!(Argument::Json(json).fit(bytes), expected);
        assert_eq!(Argument::Text("1,0xff".into()).fit(bytes), expected);
        assert_eq!(Argument::Text("[1, 255]".into()).fit(bytes), expected);
        let list = ["1", "0xff"].map(|text| Argument::Text(text.into())).to_vec();
        assert_eq!(Argument::List(list).fit(bytes), expected);
        let wide = Array::Sint32(vec![1, 255]);
        assert_eq!(Argument::Value(wide.into()).fit(bytes), expected);
        assert!(Argument::Json(serde_json::json!([1, null])).fit(bytes).is_err());
        let texts = Argument::Json(serde_json::json!(["a", null]));
        let expected = Array::String(vec![Some("a".into()), None]);
        assert_eq!(texts.fit(ValueType::array(CimType::String)), Ok(expected.into()));
        let error = Argument::Json(serde_json::json!([1, 256])).fit(bytes).unwrap_err();
        assert_eq!(error.to_string(), "256 is no uint8");
    }
}
