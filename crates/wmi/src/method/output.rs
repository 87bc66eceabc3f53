//! What a method gives back.

use serde::de::DeserializeOwned;
use winreach_cim::{Instance, Name, Value, de};

use crate::error::{Error, Step};

/// What came out of a method: its return value and its out parameters, by name.
#[derive(Clone, PartialEq, Debug)]
pub struct Output {
    /// Nothing where the method is `void` and has no out parameters.
    instance: Option<Instance>,
}

const RETURN_VALUE: &str = "ReturnValue";

impl Output {
    pub(super) fn new(instance: Option<Instance>) -> Self {
        Self { instance }
    }

    /// An out parameter; nothing where the method has none of this name. Case does not matter.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.instance.as_ref()?.get(name)
    }

    /// What the method returned; nothing where it is `void`.
    pub fn return_value(&self) -> Option<&Value> {
        self.get(RETURN_VALUE)
    }

    /// The number that the method returned. Nearly all methods return one, and mean by 0 that all went
    /// well; what the others mean is documented with each method.
    pub fn return_code(&self) -> Option<i64> {
        self.return_value()?.as_i64()
    }

    /// The return value and the out parameters, in the order of the schema.
    pub fn iter(&self) -> impl Iterator<Item = (&Name, &Value)> {
        self.instance.iter().flat_map(Instance::iter)
    }

    /// The same as an instance of `__PARAMETERS`; nothing where the method gives nothing back.
    pub fn instance(&self) -> Option<&Instance> {
        self.instance.as_ref()
    }

    /// The same as a Rust type, whose fields are the out parameters and `ReturnValue`.
    ///
    /// # Errors
    /// When a field has no out parameter, or one that does not fit.
    pub fn deserialize<T: DeserializeOwned>(&self) -> Result<T, Error> {
        match &self.instance {
            Some(instance) => {
                de::from_instance(instance).map_err(|error| Error::new(Step::Deserialize, error))
            }
            None => Err(Error::misuse(Step::Deserialize, "the method gave nothing back")),
        }
    }
}
