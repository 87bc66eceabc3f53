//! Methods, as their providers see them.

use std::sync::Arc;

use winreach_auth::Identity;
use winreach_cim::{Class, Instance, Method, Name, Value, WbemStatus, de};

use crate::provider::ProviderError;

/// Carries out the methods of a class.
///
/// ```
/// use winreach_wmi_server::methods::{MethodCall, MethodOutput, Methods};
/// use winreach_wmi_server::provider::ProviderError;
///
/// struct Arithmetic;
///
/// impl Methods for Arithmetic {
///     fn call(&self, call: &MethodCall<'_>) -> Result<MethodOutput, ProviderError> {
///         match call.method().as_str() {
///             "Square" => {
///                 let number: u32 = call.require("Number")?;
///                 Ok(MethodOutput::new().with("Square", u64::from(number) * u64::from(number)))
///             }
///             _ => Err(call.not_implemented()),
///         }
///     }
/// }
/// ```
pub trait Methods: Send + Sync {
    /// Carries out one call, on a thread that may block. The engine has checked that the class has the
    /// method, that it is not disabled, that what goes in has the types that the class declares, and
    /// that the instance exists.
    ///
    /// # Errors
    /// When the method cannot be carried out at all. What a method documents as its return values
    /// belongs into the [`MethodOutput`].
    fn call(&self, call: &MethodCall<'_>) -> Result<MethodOutput, ProviderError>;
}

/// A call of a method.
#[derive(Clone, Copy, Debug)]
pub struct MethodCall<'a> {
    pub(crate) class: &'a Arc<Class>,
    pub(crate) method: &'a Method,
    pub(crate) object: Option<&'a Instance>,
    pub(crate) input: Option<&'a Instance>,
    pub(crate) caller: &'a Identity,
}

impl<'a> MethodCall<'a> {
    /// A call as the engine would make it, for tests of a provider.
    pub fn new(
        class: &'a Arc<Class>,
        method: &'a Method,
        object: Option<&'a Instance>,
        input: Option<&'a Instance>,
        caller: &'a Identity,
    ) -> Self {
        Self { class, method, object, input, caller }
    }

    /// The class that the path names.
    pub fn class(&self) -> &'a Arc<Class> {
        self.class
    }

    /// The name of the method, in the spelling of the schema.
    pub fn method(&self) -> &'a Name {
        &self.method.name
    }

    /// The instance that the path leads to; nothing where it leads to the class.
    pub fn object(&self) -> Option<&'a Instance> {
        self.object
    }

    /// Who calls.
    pub fn caller(&self) -> &'a Identity {
        self.caller
    }

    /// A parameter that went in, or its default; null where there is neither.
    pub fn value(&self, parameter: &str) -> &'a Value {
        self.input.and_then(|input| input.get(parameter)).unwrap_or(&Value::Null)
    }

    /// The text of a parameter; nothing where it is null.
    pub fn text(&self, parameter: &str) -> Option<&'a str> {
        self.value(parameter).as_str()
    }

    /// A parameter that must not be null.
    ///
    /// # Errors
    /// `WBEM_E_INVALID_METHOD_PARAMETERS` where it is null or does not fit the type.
    pub fn require<T: TryFrom<u64>>(&self, parameter: &str) -> Result<T, ProviderError> {
        let number = self.value(parameter).as_u64().and_then(|number| T::try_from(number).ok());
        number.ok_or_else(|| self.invalid(format!("{parameter} must be a number that fits")))
    }

    /// All parameters as a Rust type.
    ///
    /// # Errors
    /// `WBEM_E_INVALID_METHOD_PARAMETERS` where they do not fit.
    pub fn arguments<T: serde::de::DeserializeOwned>(&self) -> Result<T, ProviderError> {
        let input = self.input.ok_or_else(|| self.invalid("no parameters went in".to_owned()))?;
        de::from_instance(input).map_err(|error| self.invalid(error.to_string()))
    }

    /// The error of parameters that make no sense together.
    pub fn invalid(&self, message: String) -> ProviderError {
        ProviderError { status: WbemStatus::E_INVALID_METHOD_PARAMETERS.code(), message }
    }

    /// The error of a method that is declared and not there.
    pub fn not_implemented(&self) -> ProviderError {
        let message = format!("{} has no implementation of {}", self.class.name(), self.method());
        ProviderError { status: WbemStatus::E_METHOD_NOT_IMPLEMENTED.code(), message }
    }
}

/// What comes out of a method.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct MethodOutput {
    values: Vec<(&'static str, Value)>,
}

impl MethodOutput {
    /// Nothing yet: every parameter has its default, or is null.
    pub fn new() -> Self {
        Self::default()
    }

    /// The return value alone.
    pub fn returning(value: impl Into<Value>) -> Self {
        Self::new().with("ReturnValue", value)
    }

    /// The same output and one more parameter.
    #[must_use]
    pub fn with(mut self, parameter: &'static str, value: impl Into<Value>) -> Self {
        self.values.push((parameter, value.into()));
        self
    }

    /// A parameter.
    pub fn get(&self, parameter: &str) -> Option<&Value> {
        self.values.iter().find(|(name, _)| *name == parameter).map(|(_, value)| value)
    }

    /// The instance of the method's output class; nothing where nothing comes out.
    ///
    /// # Errors
    /// In words, where the class has no such parameter, or one of another type.
    pub(crate) fn into_instance(self, method: &Method) -> Result<Option<Instance>, String> {
        let Some(class) = &method.output else {
            return match self.values.first() {
                Some((name, _)) => Err(format!("{} has no output {name}", method.name)),
                None => Ok(None),
            };
        };
        let mut instance = Instance::new(Arc::clone(class));
        for (name, value) in self.values {
            let declared = class.property(name).map(|property| property.value_type);
            match (declared, value.value_type()) {
                (Some(declared), Some(found)) if declared != found => {
                    return Err(format!("{}: {name} is {declared}, not {found}", method.name));
                }
                (Some(_), _) => instance.set(name, value),
                (None, _) => return Err(format!("{} has no output {name}", method.name)),
            };
        }
        Ok(Some(instance))
    }
}
