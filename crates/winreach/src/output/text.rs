//! Values as a person reads them.

use std::fmt::Write as _;

use winreach_cim::{Array, Name, Object, Value};

/// A value on one line. Null is the empty text. Control characters are escaped: a value came from
/// another computer and must not steer this terminal or pass for a line of its own.
pub(super) fn text(value: &Value) -> String {
    let mut out = String::new();
    write_value(&mut out, value);
    out
}

/// The name of a property, which came from there too.
pub(super) fn name(name: &Name) -> String {
    let mut out = String::new();
    escape(&mut out, name);
    out
}

fn write_value(out: &mut String, value: &Value) {
    // Writing to a String does not fail.
    let _ = match value {
        Value::Null => Ok(()),
        Value::Boolean(v) => out.write_str(if *v { "TRUE" } else { "FALSE" }),
        Value::Sint8(v) => write!(out, "{v}"),
        Value::Uint8(v) => write!(out, "{v}"),
        Value::Sint16(v) => write!(out, "{v}"),
        Value::Uint16(v) => write!(out, "{v}"),
        Value::Sint32(v) => write!(out, "{v}"),
        Value::Uint32(v) => write!(out, "{v}"),
        Value::Sint64(v) => write!(out, "{v}"),
        Value::Uint64(v) => write!(out, "{v}"),
        Value::Real32(v) => write!(out, "{v}"),
        Value::Real64(v) => write!(out, "{v}"),
        Value::Char16(unit) => {
            let c = char::from_u32(u32::from(*unit)).unwrap_or(char::REPLACEMENT_CHARACTER);
            return escape(out, c.encode_utf8(&mut [0; 4]));
        }
        Value::String(v) | Value::Reference(v) => return escape(out, v),
        Value::DateTime(v) => write!(out, "{v}"),
        Value::Object(object) => return write_object(out, object),
        Value::Array(array) => return write_array(out, array),
    };
}

fn write_array(out: &mut String, array: &Array) {
    out.push('{');
    for (i, element) in array.iter().enumerate() {
        if i > 0 {
            out.push_str(", ");
        }
        match element {
            Value::Null => out.push_str("NULL"),
            element => write_value(out, &element),
        }
    }
    out.push('}');
}

fn write_object(out: &mut String, object: &Object) {
    escape(out, object.class().name());
    if let Some(instance) = object.as_instance() {
        out.push('{');
        for (i, (name, value)) in instance.iter().filter(|(_, v)| !v.is_null()).enumerate() {
            if i > 0 {
                out.push_str("; ");
            }
            escape(out, name);
            out.push('=');
            write_value(out, value);
        }
        out.push('}');
    }
}

/// Also the bidirectional controls, which can make a line read as another.
fn escape(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c.is_control()
                || matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}') =>
            {
                out.extend(c.escape_unicode());
            }
            c => out.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn null_is_empty_and_booleans_are_words() {
        assert_eq!(text(&Value::Null), "");
        assert_eq!(text(&Value::Boolean(true)), "TRUE");
    }

    #[test]
    fn arrays_stand_in_braces() {
        let array = Array::String(vec![Some("a".into()), None]);
        assert_eq!(text(&array.into()), "{a, NULL}");
    }

    #[test]
    fn a_value_cannot_steer_the_terminal() {
        assert_eq!(text(&"a\u{1b}[2Jb\nc\u{202E}d".into()), "a\\u{1b}[2Jb\\nc\\u{202e}d");
    }
}
