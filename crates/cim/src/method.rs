//! Methods as their callers see them: one list of parameters.

use crate::{Method, Property, Value};

/// A parameter of a method, which goes in, comes out, or both.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Parameter<'a> {
    /// Its name, type, default and qualifiers: those of the side on which it goes in, if it does.
    pub declaration: &'a Property,
    /// Its declaration among the parameters that go in.
    pub input: Option<&'a Property>,
    /// Its declaration among the parameters that come out.
    pub output: Option<&'a Property>,
}

impl Method {
    /// The type that the method returns, as a property named `ReturnValue`; nothing for `void`.
    pub fn return_value(&self) -> Option<&Property> {
        self.output.as_ref()?.property(RETURN_VALUE)
    }

    /// The parameters, in the order of their `ID`; those without an `ID` come last.
    pub fn parameters(&self) -> Vec<Parameter<'_>> {
        let inputs = self.input.iter().flat_map(|class| class.properties());
        let outputs = self.output.iter().flat_map(|class| class.properties());
        let mut parameters: Vec<Parameter<'_>> = inputs
            .map(|input| Parameter { declaration: input, input: Some(input), output: None })
            .collect();
        for output in outputs.filter(|output| !output.name.is(RETURN_VALUE)) {
            match parameters.iter_mut().find(|p| p.declaration.name == output.name) {
                Some(both) => both.output = Some(output),
                None => parameters.push(Parameter {
                    declaration: output,
                    input: None,
                    output: Some(output),
                }),
            }
        }
        let id = |p: &Parameter<'_>| p.declaration.qualifiers.value("ID").and_then(Value::as_i64);
        parameters.sort_by_key(|parameter| id(parameter).unwrap_or(i64::MAX));
        parameters
    }
}

const RETURN_VALUE: &str = "ReturnValue";
