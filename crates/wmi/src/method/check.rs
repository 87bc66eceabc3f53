//! Arguments against the parameters of a method.

use winreach_cim::{Class, Property};

use super::Argument;

/// An argument with the parameter that it is for.
pub(super) struct Matched<'a> {
    pub(super) parameter: &'a Property,
    pub(super) argument: Argument,
}

/// Each argument with its parameter.
///
/// # Errors
/// In words: a name that the method has not, one that was given twice, or a parameter that must be
/// given and was not. A schema says the latter by the qualifier `Required` or `not_null` on a parameter
/// without a default; without it a parameter may be left out, and is null.
pub(super) fn match_parameters(
    input: Option<&Class>,
    arguments: Vec<(String, Argument)>,
) -> Result<Vec<Matched<'_>>, String> {
    let mut matched: Vec<Matched<'_>> = Vec::with_capacity(arguments.len());
    for (name, argument) in arguments {
        let Some(parameter) = input.and_then(|class| class.property(&name)) else {
            return Err(format!("there is no parameter {name:?} that goes in"));
        };
        if matched.iter().any(|earlier| earlier.parameter.name == parameter.name) {
            return Err(format!("the parameter {name} was given twice"));
        }
        matched.push(Matched { parameter, argument });
    }
    let given = |property: &Property| matched.iter().any(|m| m.parameter.name == property.name);
    let missing = input
        .into_iter()
        .flat_map(Class::properties)
        .find(|property| is_required(property) && !given(property));
    match missing {
        Some(missing) => Err(format!("the parameter {} must be given", missing.name)),
        None => Ok(matched),
    }
}

fn is_required(parameter: &Property) -> bool {
    let demanded = ["Required", "not_null"].iter().any(|name| parameter.qualifiers.is_true(name));
    demanded && parameter.default.is_null()
}
