//! What stands between the query engine and the machine: one provider a class.

use std::ops::ControlFlow;
use std::sync::Arc;

use winreach_cim::{Class, Instance, Name, Value};

use crate::methods::Methods;

/// Serves the instances of one class.
///
/// Synchronous on purpose: what a provider does is to read files and ask the kernel. The engine
/// calls it on a thread that may block and passes its instances on through a bounded channel, so
/// that a slow client stops the provider rather than fills the memory.
pub trait Provider: Send + Sync + 'static {
    /// The class whose instances this provider serves.
    fn class(&self) -> &Arc<Class>;

    /// Hands each instance to `sink` until there are no more or `sink` breaks.
    ///
    /// `request` tells which properties are wanted and which equalities the query demands; a
    /// provider may use it to do less, and need not: the engine filters again.
    ///
    /// # Errors
    /// When the machine cannot be asked. Instances handed over before stay delivered.
    fn enumerate(
        &self,
        request: &Request,
        sink: &mut dyn FnMut(Instance) -> ControlFlow<()>,
    ) -> Result<(), ProviderError>;

    /// The instance with these keys, if there is one.
    ///
    /// # Errors
    /// As for [`Provider::enumerate`].
    fn get(&self, keys: &[(Name, Value)]) -> Result<Option<Instance>, ProviderError> {
        let request = Request::new(None, keys.to_vec());
        let mut found = None;
        self.enumerate(&request, &mut |instance| {
            if keys
                .iter()
                .all(|(name, value)| instance.get(name).is_some_and(|own| same_key(own, value)))
            {
                found = Some(instance);
                return ControlFlow::Break(());
            }
            ControlFlow::Continue(())
        })?;
        Ok(found)
    }

    /// What carries out the methods of the class; nothing where it has none.
    fn methods(&self) -> Option<&dyn Methods> {
        None
    }
}

/// Key values compare without regard to case or to the width of an integer.
pub(crate) fn same_key(a: &Value, b: &Value) -> bool {
    match (a.as_str(), b.as_str()) {
        (Some(a), Some(b)) => Name::from(a).is(b),
        _ => a == b || (a.as_i64().is_some() && a.as_i64() == b.as_i64()),
    }
}

/// What a query asks of a provider.
#[derive(Clone, Debug, Default)]
pub struct Request {
    wanted: Option<Vec<Name>>,
    equal: Vec<(Name, Value)>,
}

impl Request {
    /// A request for `wanted` properties (all, where it is `None`) of the instances for which each
    /// property in `equal` has the value beside it.
    pub fn new(wanted: Option<Vec<Name>>, equal: Vec<(Name, Value)>) -> Self {
        Self { wanted, equal }
    }

    /// Whether the query looks at this property; what it does not look at may stay null.
    pub fn wants(&self, property: &str) -> bool {
        self.wanted.as_ref().is_none_or(|wanted| wanted.iter().any(|name| name.is(property)))
    }

    /// The value that this property must have, where the query demands one.
    pub fn equal_to(&self, property: &str) -> Option<&Value> {
        self.equal.iter().find(|(name, _)| name.is(property)).map(|(_, value)| value)
    }
}

/// A provider could not answer.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{message} (0x{status:08X})")]
pub struct ProviderError {
    /// The WBEM status that the client gets.
    pub status: u32,
    /// What went wrong, for the log and the error object.
    pub message: String,
}
