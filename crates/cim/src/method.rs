//! Methods as their callers see them: one list of parameters.

use std::sync::Arc;

use crate::{
    Class, ClassBuilder, ClassError, Flavor, Method, Name, Property, Qualifier, Qualifiers, Value,
    ValueType,
};

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

/// The class of what goes into any method, and of what comes out.
const PARAMETERS: &str = "__PARAMETERS";

/// Puts a [`Method`] together. Made by [`Method::builder`].
///
/// ```
/// use winreach_cim::{CimType, Class, Method, Property};
///
/// let switch = Method::builder("Switch")
///     .input(Property::new("Lit", CimType::Boolean))
///     .output(Property::new("Before", CimType::Boolean))
///     .returns(CimType::Uint32)
///     .build()?;
/// let lamp = Class::builder("Acme_Lamp").method(switch).build()?;
/// let names: Vec<_> = lamp.methods()[0].parameters().iter().map(|p| &p.declaration.name).collect();
/// assert_eq!(names, ["Lit", "Before"]);
/// # Ok::<(), winreach_cim::ClassError>(())
/// ```
#[derive(Clone, Debug)]
pub struct MethodBuilder {
    name: Name,
    qualifiers: Qualifiers,
    inputs: Vec<Property>,
    outputs: Vec<Property>,
    returns: Option<ValueType>,
    next: i32,
}

impl Method {
    /// Starts a method of instances that returns nothing and has no parameters. Parameters stand in the
    /// order in which they are added.
    pub fn builder(name: impl Into<Name>) -> MethodBuilder {
        MethodBuilder {
            name: name.into(),
            qualifiers: [Qualifier::new("Implemented", true)].into_iter().collect(),
            inputs: Vec::new(),
            outputs: Vec::new(),
            returns: None,
            next: 0,
        }
    }
}

impl MethodBuilder {
    /// Adds a parameter that goes in.
    #[must_use]
    pub fn input(mut self, parameter: Property) -> Self {
        let parameter = self.place(parameter);
        self.inputs.push(parameter.qualifier(Qualifier::new("in", true)));
        self
    }

    /// Adds a parameter that comes out.
    #[must_use]
    pub fn output(mut self, parameter: Property) -> Self {
        let parameter = self.place(parameter);
        self.outputs.push(parameter.qualifier(Qualifier::new("out", true)));
        self
    }

    /// Says what the method returns.
    #[must_use]
    pub fn returns(mut self, value_type: impl Into<ValueType>) -> Self {
        self.returns = Some(value_type.into());
        self
    }

    /// The same as a method of the class, which takes no instance.
    #[must_use]
    pub fn on_class(self) -> Self {
        self.qualifier(Qualifier::new("Static", true))
    }

    /// Adds a qualifier.
    #[must_use]
    pub fn qualifier(mut self, qualifier: Qualifier) -> Self {
        self.qualifiers.set(qualifier);
        self
    }

    /// The finished method.
    ///
    /// # Errors
    /// When two parameters of one direction have one name, or a default does not fit its type.
    pub fn build(self) -> Result<Method, ClassError> {
        let returned = self.returns.map(|value_type| {
            Property::new(RETURN_VALUE, value_type).qualifier(Qualifier::new("out", true))
        });
        let outputs = self.outputs.into_iter().chain(returned).collect();
        Ok(Method {
            name: self.name,
            origin: 0,
            propagated: false,
            qualifiers: self.qualifiers,
            input: parameters(self.inputs)?,
            output: parameters(outputs)?,
        })
    }

    fn place(&mut self, parameter: Property) -> Property {
        let id = self.next;
        self.next = id.saturating_add(1);
        let flavor = Flavor::TO_INSTANCE | Flavor::NOT_OVERRIDABLE;
        parameter.qualifier(Qualifier::new("ID", id).with_flavor(flavor))
    }
}

fn parameters(parameters: Vec<Property>) -> Result<Option<Arc<Class>>, ClassError> {
    if parameters.is_empty() {
        return Ok(None);
    }
    let class = parameters.into_iter().fold(Class::builder(PARAMETERS), ClassBuilder::property);
    class.build().map(|class| Some(Arc::new(class)))
}
