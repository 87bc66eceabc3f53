//! A provider whose instances are at hand: for tests, benchmarks and small fixed tables.

use std::ops::ControlFlow;
use std::sync::Arc;

use winreach_cim::{Class, Instance};

use crate::provider::{Provider, ProviderError, Request};

/// Serves the instances it was given.
///
/// ```
/// use std::sync::Arc;
/// use winreach_cim::{CimType, Class, Instance, Property};
/// use winreach_wmi_server::MemoryProvider;
///
/// let class = Arc::new(
///     Class::builder("Acme_Lamp").property(Property::new("Room", CimType::String).key()).build()?,
/// );
/// let mut lamp = Instance::new(class.clone());
/// lamp.set("Room", "hall");
/// let provider = MemoryProvider::new(class, vec![lamp]);
/// # Ok::<(), winreach_cim::ClassError>(())
/// ```
#[derive(Clone, Debug)]
pub struct MemoryProvider {
    class: Arc<Class>,
    instances: Vec<Instance>,
}

impl MemoryProvider {
    /// A provider of these instances of `class`.
    pub fn new(class: Arc<Class>, instances: Vec<Instance>) -> Self {
        Self { class, instances }
    }
}

impl Provider for MemoryProvider {
    fn class(&self) -> &Arc<Class> {
        &self.class
    }

    fn enumerate(
        &self,
        _request: &Request,
        sink: &mut dyn FnMut(Instance) -> ControlFlow<()>,
    ) -> Result<(), ProviderError> {
        // A broken sink is no error: nobody wants more.
        let _ = self.instances.iter().cloned().try_for_each(sink);
        Ok(())
    }
}
