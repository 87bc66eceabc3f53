//! The error object of WMI.

use std::sync::Arc;

use winreach_cim::{
    CimType, Class, ClassError, Instance, Object, Property, Qualifier, Value, WbemStatus,
};

use crate::error::{EncodeError, Error, ErrorKind};
use crate::layout::Layout;
use crate::unit::Unit;

/// What went wrong, beyond a number: an instance of `__ExtendedStatus`, or of a class that a provider
/// derives from it.
///
/// It comes with `IWbemObjectSink::SetStatus`, and beside the results of a call that failed.
///
/// ```
/// use winreach_cim::WbemStatus;
/// use winreach_wmio::{ExtendedStatus, Layout};
///
/// let layout = Layout::new(&ExtendedStatus::class()?)?;
/// let status = ExtendedStatus {
///     status: WbemStatus::E_NOT_FOUND,
///     operation: Some("GetObject".into()),
///     parameter_info: Some("Win32_Nothing".into()),
///     provider_name: Some("WinMgmt".into()),
///     ..ExtendedStatus::default()
/// };
/// let unit = status.encode(&layout)?;
/// assert_eq!(ExtendedStatus::decode(&unit), Ok(status));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Source: the WMI SDK on `__ExtendedStatus` and `__NotifyStatus`; `[MS-WMI] 2.2.31`. No recorded
/// traffic has one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ExtendedStatus {
    /// The status of the operation, or of the system call that failed in a provider.
    pub status: WbemStatus,
    /// What went wrong, for people.
    pub description: Option<String>,
    /// What was being done, such as `ExecQuery`.
    pub operation: Option<String>,
    /// With what: the query, the path or the class.
    pub parameter_info: Option<String>,
    /// Who failed; `WinMgmt` where it was no provider.
    pub provider_name: Option<String>,
}

const STATUS_CODE: &str = "StatusCode";
const DESCRIPTION: &str = "Description";
const OPERATION: &str = "Operation";
const PARAMETER_INFO: &str = "ParameterInfo";
const PROVIDER_NAME: &str = "ProviderName";

/// The class from which all errors descend.
const NOTIFY_STATUS: &str = "__NotifyStatus";

impl Default for ExtendedStatus {
    fn default() -> Self {
        Self {
            status: WbemStatus::E_FAILED,
            description: None,
            operation: None,
            parameter_info: None,
            provider_name: None,
        }
    }
}

impl ExtendedStatus {
    /// `__ExtendedStatus` with its superclasses, for a server's schema and for
    /// [`encode`](Self::encode).
    ///
    /// # Errors
    /// Never: the class is sound.
    pub fn class() -> Result<Arc<Class>, ClassError> {
        let system = Class::builder("__SystemClass").qualifier(Qualifier::new("abstract", true));
        let notify = Class::derive(NOTIFY_STATUS, &Arc::new(system.build()?))
            .qualifier(Qualifier::new("abstract", true))
            .property(Property::new(STATUS_CODE, CimType::Uint32));
        Class::derive("__ExtendedStatus", &Arc::new(notify.build()?))
            .property(Property::new(DESCRIPTION, CimType::String))
            .property(Property::new(OPERATION, CimType::String))
            .property(Property::new(PARAMETER_INFO, CimType::String))
            .property(Property::new(PROVIDER_NAME, CimType::String))
            .build()
            .map(Arc::new)
    }

    /// What an instance says; nothing where its class does not descend from `__NotifyStatus`.
    pub fn from_instance(instance: &Instance) -> Option<Self> {
        if !instance.class().is_a(NOTIFY_STATUS) {
            return None;
        }
        let text = |name| instance.get(name).and_then(Value::as_str).map(str::to_owned);
        let code = instance.get(STATUS_CODE).and_then(|code| match code {
            // As the class was before it was finished, and as some providers have it.
            Value::Sint32(code) => Some(code.cast_unsigned()),
            code => code.as_u64().and_then(|code| u32::try_from(code).ok()),
        });
        Some(Self {
            status: WbemStatus(code.unwrap_or(WbemStatus::E_FAILED.code())),
            description: text(DESCRIPTION),
            operation: text(OPERATION),
            parameter_info: text(PARAMETER_INFO),
            provider_name: text(PROVIDER_NAME),
        })
    }

    /// An instance of `__ExtendedStatus`, or of a class derived from it, that says this.
    pub fn to_instance(&self, class: &Arc<Class>) -> Instance {
        let mut instance = Instance::new(Arc::clone(class));
        instance.set(STATUS_CODE, self.status.code());
        for (name, text) in [
            (DESCRIPTION, &self.description),
            (OPERATION, &self.operation),
            (PARAMETER_INFO, &self.parameter_info),
            (PROVIDER_NAME, &self.provider_name),
        ] {
            if let Some(text) = text {
                instance.set(name, text.as_str());
            }
        }
        instance
    }

    /// Reads the encoding unit of an error object.
    ///
    /// # Errors
    /// When the unit is malformed, or of something else than an error.
    pub fn decode(unit: &[u8]) -> Result<Self, Error> {
        let object = Unit::decode(unit)?.into_object();
        let status = match &object {
            Object::Instance(instance) => Self::from_instance(instance),
            Object::Class(_) => None,
        };
        status.ok_or_else(|| Error::new(0, "__ExtendedStatus", ErrorKind::OtherClass))
    }

    /// The encoding unit of the error object, with the layout of its [`class`](Self::class).
    ///
    /// # Errors
    /// When a text has a NUL inside, or is too long.
    pub fn encode(&self, layout: &Layout) -> Result<Vec<u8>, EncodeError> {
        let mut unit = Vec::new();
        layout.encode(&self.to_instance(layout.class()), &mut unit)?;
        Ok(unit)
    }
}
