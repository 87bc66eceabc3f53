//! Classes and instances as MOF text.
//!
//! Source: DSP0004, *MOF syntax*; WMI SDK, *Managed Object Format (MOF)* and the pages below it.

use std::fmt::{self, Write};

use crate::{
    Array, CimType, Class, Flavor, Instance, Method, Object, Property, Qualifier, Qualifiers, Value,
};

/// How much of a class is printed.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum Scope {
    /// All of it, what it inherits included.
    #[default]
    All,
    /// What the class itself declares or overrides.
    Own,
}

/// A class as MOF text.
///
/// `CIMTYPE` and `ID` are not printed: the type and the place of a parameter say the same.
///
/// ```
/// use winreach_cim::mof::{self, Scope};
/// use winreach_cim::{CimType, Class, Property};
///
/// let class = Class::builder("Disk").property(Property::new("Id", CimType::String).key()).build()?;
/// let text = "class Disk\n{\n\t[key: ToInstance ToSubclass DisableOverride] string Id;\n};\n";
/// assert_eq!(mof::class(&class, Scope::All).to_string(), text);
/// # Ok::<(), winreach_cim::ClassError>(())
/// ```
pub fn class(class: &Class, scope: Scope) -> impl fmt::Display {
    fmt::from_fn(move |f| {
        write_class(&mut Printer { out: f, depth: 0 }, class, scope)?;
        f.write_str(";\n")
    })
}

/// An instance as MOF text: each property that has a value, or that is null against the default of
/// its class.
pub fn instance(instance: &Instance) -> impl fmt::Display {
    fmt::from_fn(move |f| {
        write_instance(&mut Printer { out: f, depth: 0 }, instance)?;
        f.write_str(";\n")
    })
}

/// A class or an instance as MOF text.
pub fn object(object: &Object) -> impl fmt::Display {
    fmt::from_fn(move |f| {
        write_object(&mut Printer { out: f, depth: 0 }, object)?;
        f.write_str(";\n")
    })
}

/// Writes with an indentation, since objects can stand within objects.
struct Printer<'a> {
    out: &'a mut dyn Write,
    depth: usize,
}

impl Printer<'_> {
    fn line(&mut self) -> fmt::Result {
        self.out.write_char('\n')?;
        (0..self.depth).try_for_each(|_| self.out.write_char('\t'))
    }

    fn text(&mut self, text: &str) -> fmt::Result {
        self.out.write_str(text)
    }

    /// `{`, the members one a line, `}`.
    fn block(&mut self, members: impl FnOnce(&mut Printer<'_>) -> fmt::Result) -> fmt::Result {
        self.line()?;
        self.text("{")?;
        members(&mut Printer { out: self.out, depth: self.depth + 1 })?;
        self.line()?;
        self.text("}")
    }

    /// The items with commas between.
    fn list<T>(
        &mut self,
        items: impl IntoIterator<Item = T>,
        mut each: impl FnMut(&mut Self, T) -> fmt::Result,
    ) -> fmt::Result {
        for (i, item) in items.into_iter().enumerate() {
            if i > 0 {
                self.text(", ")?;
            }
            each(self, item)?;
        }
        Ok(())
    }
}

fn write_object(p: &mut Printer<'_>, object: &Object) -> fmt::Result {
    match object {
        Object::Class(class) => write_class(p, class, Scope::All),
        Object::Instance(instance) => write_instance(p, instance),
    }
}

fn write_class(p: &mut Printer<'_>, class: &Class, scope: Scope) -> fmt::Result {
    if write_qualifiers(p, shown(class.qualifiers(), scope))? {
        p.line()?;
    }
    p.text("class ")?;
    p.text(class.name())?;
    if let Some(superclass) = class.superclass() {
        p.text(" : ")?;
        p.text(superclass)?;
    }
    p.block(|p| {
        for property in class.properties().iter().filter(|p| is_shown(p, scope)) {
            p.line()?;
            write_property(p, property, shown(&property.qualifiers, scope))?;
            p.text(";")?;
        }
        for method in class.methods().iter().filter(|m| scope == Scope::All || !m.propagated) {
            p.line()?;
            write_method(p, method, scope)?;
            p.text(";")?;
        }
        Ok(())
    })
}

fn is_shown(property: &Property, scope: Scope) -> bool {
    scope == Scope::All
        || !property.propagated
        || !property.default_propagated && !property.default.is_null()
        || shown(&property.qualifiers, scope).next().is_some()
}

fn write_instance(p: &mut Printer<'_>, instance: &Instance) -> fmt::Result {
    if write_qualifiers(p, shown(instance.qualifiers(), Scope::All))? {
        p.line()?;
    }
    p.text("instance of ")?;
    p.text(instance.class().name())?;
    p.block(|p| {
        for (property, (name, value)) in instance.class().properties().iter().zip(instance.iter()) {
            if !value.is_null() || !property.default.is_null() {
                p.line()?;
                p.text(name)?;
                p.text(" = ")?;
                write_value(p, value)?;
                p.text(";")?;
            }
        }
        Ok(())
    })
}

/// `type Name[] = default`, with the qualifiers before.
fn write_property<'a>(
    p: &mut Printer<'_>,
    property: &Property,
    qualifiers: impl Iterator<Item = &'a Qualifier>,
) -> fmt::Result {
    if write_qualifiers(p, qualifiers)? {
        p.text(" ")?;
    }
    write_type(p, property)?;
    p.text(" ")?;
    p.text(&property.name)?;
    if property.value_type.array {
        p.text("[]")?;
    }
    if !property.default.is_null() {
        p.text(" = ")?;
        write_value(p, &property.default)?;
    }
    Ok(())
}

/// The type without the array mark: a reference is `Class ref`, an object that must belong to a
/// class is written by the name of the class.
fn write_type(p: &mut Printer<'_>, property: &Property) -> fmt::Result {
    match (property.value_type.base, property.target_class()) {
        (CimType::Reference, target) => {
            p.text(target.unwrap_or("object"))?;
            p.text(" ref")
        }
        (CimType::Object, Some(target)) => p.text(target),
        (base, _) => p.text(base.name()),
    }
}

fn write_method(p: &mut Printer<'_>, method: &Method, scope: Scope) -> fmt::Result {
    if write_qualifiers(p, shown(&method.qualifiers, scope))? {
        p.text(" ")?;
    }
    match method.return_value() {
        Some(value) => write_type(p, value)?,
        None => p.text("void")?,
    }
    p.text(" ")?;
    p.text(&method.name)?;
    p.text("(")?;
    p.list(method.parameters(), |p, parameter| {
        let merged = merged_qualifiers(parameter.input, parameter.output);
        write_property(p, parameter.declaration, merged.iter())
    })?;
    p.text(")")
}

/// The qualifiers of a parameter that goes in, comes out or both: each once, without its `ID`.
fn merged_qualifiers(input: Option<&Property>, output: Option<&Property>) -> Qualifiers {
    let mut merged = Qualifiers::new();
    for qualifier in [input, output].into_iter().flatten().flat_map(|side| &side.qualifiers) {
        if merged.get(&qualifier.name).is_none() && !is_type(qualifier) && !qualifier.name.is("ID")
        {
            merged.set(qualifier.clone());
        }
    }
    merged
}

fn is_type(qualifier: &Qualifier) -> bool {
    qualifier.name.is("CIMTYPE")
}

fn shown(qualifiers: &Qualifiers, scope: Scope) -> impl Iterator<Item = &Qualifier> {
    let is_inherited = |q: &Qualifier| q.flavor.contains(Flavor::PROPAGATED);
    qualifiers.iter().filter(move |q| !is_type(q) && (scope == Scope::All || !is_inherited(q)))
}

/// `[name(value): flavor, …]`; nothing at all where there are none. Says whether there were any.
fn write_qualifiers<'a>(
    p: &mut Printer<'_>,
    qualifiers: impl Iterator<Item = &'a Qualifier>,
) -> Result<bool, fmt::Error> {
    let mut qualifiers = qualifiers.peekable();
    if qualifiers.peek().is_none() {
        return Ok(false);
    }
    p.text("[")?;
    p.list(qualifiers, write_qualifier)?;
    p.text("]")?;
    Ok(true)
}

fn write_qualifier(p: &mut Printer<'_>, qualifier: &Qualifier) -> fmt::Result {
    p.text(&qualifier.name)?;
    match &qualifier.value {
        Value::Boolean(true) => {}
        array @ Value::Array(_) => write_value(p, array)?,
        value => {
            p.text("(")?;
            write_value(p, value)?;
            p.text(")")?;
        }
    }
    let flavors = [
        (Flavor::TO_INSTANCE, " ToInstance"),
        (Flavor::TO_SUBCLASS, " ToSubclass"),
        (Flavor::NOT_OVERRIDABLE, " DisableOverride"),
        (Flavor::AMENDED, " Amended"),
    ];
    let mut flavors =
        flavors.iter().filter(|(flavor, _)| qualifier.flavor.contains(*flavor)).peekable();
    if flavors.peek().is_some() {
        p.text(":")?;
    }
    flavors.try_for_each(|(_, name)| p.text(name))
}

fn write_value(p: &mut Printer<'_>, value: &Value) -> fmt::Result {
    match value {
        Value::Null => p.text("NULL"),
        Value::Boolean(value) => p.text(if *value { "TRUE" } else { "FALSE" }),
        Value::Real32(real) if real.is_finite() => write_real(p, real, real.fract() == 0.0),
        Value::Real64(real) if real.is_finite() => write_real(p, real, real.fract() == 0.0),
        // MOF has no way to write these.
        Value::Real32(_) | Value::Real64(_) => p.text("NULL"),
        Value::Char16(unit) => write_quoted(p, '\'', [*unit]),
        Value::String(text) | Value::Reference(text) => write_quoted(p, '"', text.encode_utf16()),
        Value::DateTime(at) => write!(p.out, "\"{at}\""),
        Value::Object(object) => write_object(p, object),
        Value::Array(array) => write_array(p, array),
        Value::Uint64(number) => write!(p.out, "{number}"),
        other => write!(p.out, "{}", other.as_i64().unwrap_or_default()),
    }
}

fn write_real(p: &mut Printer<'_>, real: &dyn fmt::Display, is_whole: bool) -> fmt::Result {
    write!(p.out, "{real}{}", if is_whole { ".0" } else { "" })
}

fn write_array(p: &mut Printer<'_>, array: &Array) -> fmt::Result {
    p.text("{")?;
    p.list(array.iter(), |p, value| write_value(p, &value))?;
    p.text("}")
}

/// A text in quotes, with the escapes of MOF.
fn write_quoted(
    p: &mut Printer<'_>,
    quote: char,
    units: impl IntoIterator<Item = u16>,
) -> fmt::Result {
    p.out.write_char(quote)?;
    for c in char::decode_utf16(units) {
        match c {
            Ok('\n') => p.text("\\n")?,
            Ok('\r') => p.text("\\r")?,
            Ok('\t') => p.text("\\t")?,
            Ok(c) if c == quote || c == '\\' => write!(p.out, "\\{c}")?,
            Ok(c) if c.is_control() => write!(p.out, "\\x{:04X}", u32::from(c))?,
            Ok(c) => p.out.write_char(c)?,
            Err(lone) => write!(p.out, "\\x{:04X}", lone.unpaired_surrogate())?,
        }
    }
    p.out.write_char(quote)
}

#[cfg(test)]
mod tests;
