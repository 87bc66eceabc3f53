//! Signatures, as people read them.

use std::fmt;

use winreach_cim::{CimType, Method, Property, Value};

/// A method and its parameters on one line:
/// `uint32 EnumKey([in] uint32 hDefKey = 2147483650, [in] string sSubKeyName, [out] string[] sNames)`.
#[derive(Clone, Copy, Debug)]
pub struct MethodSignature<'a>(pub &'a Method);

impl fmt::Display for MethodSignature<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(method) = self;
        match method.return_value() {
            Some(value) => write!(f, "{}", Type(value))?,
            None => f.write_str("void")?,
        }
        write!(f, " {}(", method.name)?;
        for (i, parameter) in method.parameters().iter().enumerate() {
            let direction = match (parameter.input, parameter.output) {
                (Some(_), Some(_)) => "in, out",
                (Some(_), None) => "in",
                (None, _) => "out",
            };
            let declared = parameter.declaration;
            let comma = if i > 0 { ", " } else { "" };
            write!(f, "{comma}[{direction}] {} {}", Type(declared), declared.name)?;
            match (&declared.default, declared.default.as_i64()) {
                (Value::Uint64(number), _) => write!(f, " = {number}")?,
                (_, Some(number)) => write!(f, " = {number}")?,
                (Value::Boolean(value), _) => write!(f, " = {value}")?,
                (Value::String(text), _) => write!(f, " = {text:?}")?,
                _ => {}
            }
        }
        f.write_str(")")
    }
}

/// What a method means by a return value, where its schema says so in the qualifiers `ValueMap` and
/// `Values`.
pub(super) fn meaning(method: &Method, code: i64) -> Option<String> {
    let qualifiers = [&method.qualifiers]
        .into_iter()
        .chain(method.return_value().map(|value| &value.qualifiers));
    let texts = |name: &str| {
        let found = qualifiers.clone().find_map(|qualifiers| qualifiers.value(name)?.as_array());
        Some(found?.iter().map(|text| text.as_str().map(str::to_owned)).collect::<Vec<_>>())
    };
    let values = texts("Values")?;
    let index = match texts("ValueMap") {
        Some(map) => map
            .iter()
            .position(|known| known.as_ref().is_some_and(|known| known.parse() == Ok(code)))?,
        None => usize::try_from(code).ok()?,
    };
    values.into_iter().nth(index).flatten()
}

/// The type of a parameter: a class where it takes objects of one.
struct Type<'a>(&'a Property);

impl fmt::Display for Type<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value_type = self.0.value_type;
        match (value_type.base, self.0.target_class()) {
            (CimType::Object, Some(class)) => f.write_str(class)?,
            (CimType::Reference, Some(class)) => write!(f, "{class} ref")?,
            (base, _) => write!(f, "{base}")?,
        }
        f.write_str(if value_type.array { "[]" } else { "" })
    }
}
