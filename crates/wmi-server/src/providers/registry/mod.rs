//! `StdRegProv`: a registry in a file of its own.
//!
//! Linux has no registry. Programs that keep settings in one over WMI find here what they wrote, and what
//! an administrator put there: the file has the form in which the registry editor of Windows exports
//! keys. `HKEY_CURRENT_USER` is the key of the caller's account below `HKEY_USERS`.

mod class;
mod file;
mod places;
mod text;
mod tree;
mod variables;

#[cfg(test)]
mod tests;

pub use file::{RegistryFile, RegistryFileError};
pub use text::{RegistryTextError, RegistryTextProblem};
pub use tree::{Data, Key, KeyPath, NameError, Registry};

use std::ops::ControlFlow;
use std::sync::Arc;

use winreach_cim::{Array, Class, Instance, Name, Value, WbemStatus};

use crate::methods::{MethodCall, MethodOutput, Methods};
use crate::provider::{Provider, ProviderError, Request};
use tree::value_name;

/// Serves `StdRegProv` out of a file.
///
/// Signatures are those of Windows; the return values are the error numbers of its registry functions.
///
/// Source: the WMI SDK on `StdRegProv`; recorded Windows 10 traffic.
pub struct RegistryProvider {
    class: Arc<Class>,
    file: RegistryFile,
}

/// Return values: the system error codes of Windows (`[MS-ERREF] 2.2`), and a `WBEMSTATUS` where the
/// provider of Windows returns that.
mod code {
    pub(super) const SUCCESS: u32 = 0;
    pub(super) const FILE_NOT_FOUND: u32 = 2;
    pub(super) const ACCESS_DENIED: u32 = 5;
    pub(super) const INVALID_HANDLE: u32 = 6;
    pub(super) const INVALID_PARAMETER: u32 = 87;
    pub(super) const BAD_PATH: u32 = 161;
    pub(super) const NO_RESOURCES: u32 = 1450;
    pub(super) const TYPE_MISMATCH: u32 = 0x8004_1005;
}

/// What may be done with a key: to read and set values, to make and list keys, to delete it, to read
/// what may be done. Nobody has more, since there are no security descriptors and no notifications.
const GRANTED: u32 = 0x0003_000F;

impl RegistryProvider {
    /// A provider over the registry in `file`.
    pub fn new(file: RegistryFile) -> Self {
        Self { class: class::std_reg_prov(), file }
    }

    fn read(&self, call: &MethodCall<'_>, read: fn(&Key) -> MethodOutput) -> Outcome {
        self.with_key(call, |key| Ok(read(key)))
    }

    /// What `read` makes of the key of the call.
    fn with_key(
        &self,
        call: &MethodCall<'_>,
        read: impl FnOnce(&Key) -> Result<MethodOutput, u32>,
    ) -> Outcome {
        let path = places::of(call)?;
        let registry = self.file.load()?;
        let found = match registry.key(&path) {
            Some(key) => read(key)?,
            // A predefined key is there even where nothing is in it.
            None if places::is_predefined(call) => read(&Key::default())?,
            None => return Err(code::FILE_NOT_FOUND.into()),
        };
        Ok(found)
    }

    /// What `read` makes of the value of the call.
    fn value(
        &self,
        call: &MethodCall<'_>,
        parameter: &'static str,
        read: impl FnOnce(&Data) -> Option<Value>,
    ) -> Outcome {
        let name = call.text("sValueName").unwrap_or_default();
        self.with_key(call, |key| {
            let data = key.value(name).ok_or(code::FILE_NOT_FOUND)?;
            let value = read(data).ok_or(code::TYPE_MISMATCH)?;
            Ok(MethodOutput::returning(code::SUCCESS).with(parameter, value))
        })
    }

    /// Changes the registry, unless `change` gives the number of an error.
    fn change(&self, change: impl FnOnce(&mut Registry) -> Result<(), u32>) -> Outcome {
        let done = self.file.change(|registry| {
            let done = change(registry);
            (done, done.is_ok())
        });
        done??;
        Ok(MethodOutput::returning(code::SUCCESS))
    }

    fn set(&self, call: &MethodCall<'_>, data: Option<Data>) -> Outcome {
        let path = places::of(call)?;
        let name = value_name(call.text("sValueName").unwrap_or_default())?;
        let data = data.ok_or(code::INVALID_PARAMETER)?;
        let predefined = places::is_predefined(call);
        self.change(|registry| {
            let key = match predefined {
                true => registry.create(&path),
                false => registry.key_mut(&path).ok_or(code::FILE_NOT_FOUND)?,
            };
            key.values.insert(name, data);
            Ok(())
        })
    }

    fn create_key(&self, call: &MethodCall<'_>) -> Outcome {
        let path = places::of(call)?;
        self.change(|registry| {
            registry.create(&path);
            Ok(())
        })
    }

    /// A key that has others below it stays, as with `RegDeleteKey`.
    fn delete_key(&self, call: &MethodCall<'_>) -> Outcome {
        let KeyPath(mut above) = places::of(call)?;
        let name = match above.pop() {
            Some(name) if !places::is_predefined(call) => name,
            _ => return Err(code::ACCESS_DENIED.into()),
        };
        self.change(|registry| {
            let parent = registry.key_mut(&KeyPath(above)).ok_or(code::FILE_NOT_FOUND)?;
            match parent.keys.get(&name) {
                None => Err(code::FILE_NOT_FOUND),
                Some(key) if !key.keys.is_empty() => Err(code::ACCESS_DENIED),
                Some(_) => {
                    parent.keys.remove(&name);
                    Ok(())
                }
            }
        })
    }

    fn delete_value(&self, call: &MethodCall<'_>) -> Outcome {
        let path = places::of(call)?;
        let name = value_name(call.text("sValueName").unwrap_or_default())?;
        self.change(|registry| {
            let key = registry.key_mut(&path).ok_or(code::FILE_NOT_FOUND)?;
            key.values.remove(&name).map(drop).ok_or(code::FILE_NOT_FOUND)
        })
    }

    fn check_access(&self, call: &MethodCall<'_>) -> Outcome {
        let required: u32 = call.require("uRequired").map_err(Failure::Provider)?;
        self.with_key(call, |_| {
            let granted = required & !GRANTED == 0;
            let code = if granted { code::SUCCESS } else { code::ACCESS_DENIED };
            Ok(MethodOutput::returning(code).with("bGranted", granted))
        })
    }

    fn expanded(&self, call: &MethodCall<'_>) -> Outcome {
        let registry = self.file.load()?;
        self.value(call, "sValue", |data| match data {
            Data::Expand(text) => Some(variables::expand(&registry, text).into()),
            _ => None,
        })
    }

    fn dispatch(&self, call: &MethodCall<'_>) -> Outcome {
        let method = call.method().as_str();
        match method {
            "CreateKey" => self.create_key(call),
            "DeleteKey" => self.delete_key(call),
            "EnumKey" => self.read(call, key_names),
            "EnumValues" => self.read(call, value_names),
            "DeleteValue" => self.delete_value(call),
            "SetDWORDValue" => {
                let number = call.value("uValue").as_u64().and_then(|n| u32::try_from(n).ok());
                self.set(call, number.map(Data::Dword))
            }
            "SetQWORDValue" => self.set(call, call.value("uValue").as_u64().map(Data::Qword)),
            "SetStringValue" => self.set(call, text(call.value("sValue")).map(Data::Text)),
            "SetExpandedStringValue" => {
                self.set(call, text(call.value("sValue")).map(Data::Expand))
            }
            "SetMultiStringValue" => self.set(call, list(call.value("sValue")).map(Data::Multi)),
            "SetBinaryValue" => match call.value("uValue").as_array() {
                Some(Array::Uint8(bytes)) => self.set(call, Some(Data::Binary(bytes.clone()))),
                _ => self.set(call, None),
            },
            "GetDWORDValue" => self.value(call, "uValue", |data| match data {
                Data::Dword(number) => Some((*number).into()),
                _ => None,
            }),
            "GetQWORDValue" => self.value(call, "uValue", |data| match data {
                Data::Qword(number) => Some((*number).into()),
                _ => None,
            }),
            "GetStringValue" => self.value(call, "sValue", |data| match data {
                Data::Text(text) => Some(text.as_str().into()),
                _ => None,
            }),
            "GetExpandedStringValue" => self.expanded(call),
            "GetMultiStringValue" => self.value(call, "sValue", |data| match data {
                Data::Multi(list) => Some(texts(list.iter().map(String::as_str))),
                _ => None,
            }),
            "GetBinaryValue" => self.value(call, "uValue", |data| match data {
                Data::Binary(bytes) => Some(Array::Uint8(bytes.clone()).into()),
                _ => None,
            }),
            "CheckAccess" => self.check_access(call),
            _ => Err(Failure::Provider(call.not_implemented())),
        }
    }
}

/// An output, or why there is none.
type Outcome = Result<MethodOutput, Failure>;

enum Failure {
    /// A return value.
    Code(u32),
    /// The call as a whole.
    Provider(ProviderError),
}

impl From<u32> for Failure {
    fn from(code: u32) -> Self {
        Self::Code(code)
    }
}

impl From<NameError> for Failure {
    fn from(error: NameError) -> Self {
        Self::Code(match error {
            NameError::Empty => code::BAD_PATH,
            NameError::TooLong | NameError::TooDeep | NameError::Control => code::INVALID_PARAMETER,
        })
    }
}

impl From<RegistryFileError> for Failure {
    fn from(error: RegistryFileError) -> Self {
        match error {
            RegistryFileError::TooLarge { .. } => Self::Code(code::NO_RESOURCES),
            // Where the file lies is nobody's business but the administrator's.
            error => {
                tracing::error!(%error, "the registry cannot be used");
                let message = "the file of the registry cannot be used; the log says why".into();
                let status = WbemStatus::E_PROVIDER_FAILURE.code();
                Self::Provider(ProviderError { status, message })
            }
        }
    }
}

/// As Windows does, nothing rather than an empty list.
fn key_names(key: &Key) -> MethodOutput {
    let output = MethodOutput::returning(code::SUCCESS);
    match key.keys.is_empty() {
        true => output,
        false => output.with("sNames", texts(key.keys().map(Name::as_str))),
    }
}

fn value_names(key: &Key) -> MethodOutput {
    let output = MethodOutput::returning(code::SUCCESS);
    if key.values.is_empty() {
        return output;
    }
    let types = key.values().map(|(_, data)| data.number().cast_signed()).collect();
    output
        .with("sNames", texts(key.values().map(|(name, _)| name.as_str())))
        .with("Types", Array::Sint32(types))
}

fn texts<'a>(texts: impl Iterator<Item = &'a str>) -> Value {
    Array::String(texts.map(|text| Some(text.to_owned())).collect()).into()
}

/// The data of a text: without a NUL, which ends texts in a registry.
fn text(value: &Value) -> Option<String> {
    value.as_str().filter(|text| !text.contains('\0')).map(str::to_owned)
}

fn list(value: &Value) -> Option<Vec<String>> {
    match value.as_array()? {
        Array::String(list) => list.iter().map(|item| text(&item.clone().into())).collect(),
        _ => None,
    }
}

impl Provider for RegistryProvider {
    fn class(&self) -> &Arc<Class> {
        &self.class
    }

    /// The class has methods and no instances.
    fn enumerate(
        &self,
        _: &Request,
        _: &mut dyn FnMut(Instance) -> ControlFlow<()>,
    ) -> Result<(), ProviderError> {
        Ok(())
    }

    fn methods(&self) -> Option<&dyn Methods> {
        Some(self)
    }
}

impl Methods for RegistryProvider {
    fn call(&self, call: &MethodCall<'_>) -> Result<MethodOutput, ProviderError> {
        match self.dispatch(call) {
            Ok(output) => Ok(output),
            Err(Failure::Code(code)) => Ok(MethodOutput::returning(code)),
            Err(Failure::Provider(error)) => Err(error),
        }
    }
}
