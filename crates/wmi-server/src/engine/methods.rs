//! A method of a class or an instance.

use std::sync::Arc;

use winreach_auth::Identity;
use winreach_cim::path::ObjectPath;
use winreach_cim::{Class, Instance, Method, WbemStatus};
use winreach_wmio::{Layout, Signature};

use super::{Depth, Engine, Error, check_length};
use crate::methods::{MethodCall, Methods};
use crate::provider::Provider;
use crate::schema::Namespace;

/// Which method of what is called, and with what.
#[derive(Clone, Copy, Debug)]
pub struct MethodRequest<'a> {
    /// The path of the class or the instance.
    pub path: &'a str,
    /// The method.
    pub method: &'a str,
    /// The unit of the parameters that go in, as it travels.
    pub input: Option<&'a [u8]>,
    /// Who calls.
    pub caller: &'a Identity,
}

impl Engine {
    /// Calls a method, and gives back what comes out; nothing where nothing does.
    ///
    /// Asks providers and so may block, for as long as the method takes.
    ///
    /// # Errors
    /// * `WBEM_E_INVALID_OBJECT_PATH`, `WBEM_E_INVALID_NAMESPACE`, `WBEM_E_INVALID_CLASS`,
    ///   `WBEM_E_NOT_FOUND` and `WBEM_E_QUOTA_VIOLATION` as for [`Engine::get`],
    /// * `WBEM_E_INVALID_METHOD` where the class has no such method, or it is one of instances and the
    ///   path names their class,
    /// * `WBEM_E_METHOD_DISABLED` where the schema says that it is,
    /// * `WBEM_E_METHOD_NOT_IMPLEMENTED` where nobody carries it out,
    /// * `WBEM_E_INVALID_METHOD_PARAMETERS` where what goes in is not what the schema declares,
    /// * what the provider says.
    ///
    /// Source: `[MS-WMI] 3.1.4.3.22`.
    pub fn call(
        &self,
        namespace: &Namespace,
        request: &MethodRequest<'_>,
    ) -> Result<Option<Instance>, Error> {
        let MethodRequest { path, method: name, input, caller } = *request;
        check_length("path", path, self.limits.path_length)?;
        check_length("name of the method", name, self.limits.path_length)?;
        let parsed: ObjectPath = path.parse().map_err(|error| {
            Error::new(WbemStatus::E_INVALID_OBJECT_PATH, format!("{path:?} is no path: {error}"))
        })?;
        let elsewhere;
        let namespace = if parsed.namespace.names().is_empty() {
            namespace
        } else {
            elsewhere = self.resolve(&parsed.namespace)?;
            &*elsewhere
        };
        let object = match parsed.is_class() {
            true => None,
            false => self.get(namespace, path, Depth::Deep)?.as_instance().cloned(),
        };
        let class = object.as_ref().map_or(&parsed.class, |object| object.class().name());
        let Some(entry) = namespace.entry(class) else {
            let message = format!("there is no class {class}");
            return Err(Error::new(WbemStatus::E_INVALID_CLASS, message));
        };
        let method = checked(&entry.class, name, object.as_ref())?;
        let Some(methods) = entry.provider.as_deref().and_then(Provider::methods) else {
            let message = format!("nobody carries out the methods of {class}");
            return Err(Error::new(WbemStatus::E_METHOD_NOT_IMPLEMENTED, message));
        };
        let input = self::input(method, input)?;
        let call = MethodCall {
            class: &entry.class,
            method,
            object: object.as_ref(),
            input: input.as_ref(),
            caller,
        };
        run(methods, &call)
    }
}

/// The method, where it can be called at all.
fn checked<'a>(
    class: &'a Class,
    name: &str,
    object: Option<&Instance>,
) -> Result<&'a Method, Error> {
    let Some(method) = class.method(name) else {
        let message = format!("{} has no method {name:?}", class.name());
        return Err(Error::new(WbemStatus::E_INVALID_METHOD, message));
    };
    let of_class = || format!("{}.{}", class.name(), method.name);
    if method.qualifiers.is_true("disabled") {
        let message = format!("{} is disabled on this server", of_class());
        return Err(Error::new(WbemStatus::E_METHOD_DISABLED, message));
    }
    if object.is_none() && !method.qualifiers.is_true("static") {
        let message = format!("{} takes the path of an instance", of_class());
        return Err(Error::new(WbemStatus::E_INVALID_METHOD, message));
    }
    Ok(method)
}

/// What goes in. Where the caller sends nothing, every parameter has its default.
fn input(method: &Method, unit: Option<&[u8]>) -> Result<Option<Instance>, Error> {
    let invalid = |message: String| {
        let message = format!("{}: {message}", method.name);
        Error::new(WbemStatus::E_INVALID_METHOD_PARAMETERS, message)
    };
    let Some(class) = &method.input else {
        return match unit {
            Some(_) => Err(invalid("the method takes no parameters".to_owned())),
            None => Ok(None),
        };
    };
    let Some(unit) = unit else {
        return Ok(Some(Instance::new(Arc::clone(class))));
    };
    let layout = Layout::new(class)
        .map_err(|error| Error::new(WbemStatus::E_FAILED, format!("{}: {error}", method.name)))?;
    let signature = Signature { input: Some(Arc::new(layout)), output: None };
    let sent = signature.decode_input(unit).map_err(|error| invalid(error.to_string()))?;
    // The defaults are those of the schema, whatever the class part of the caller says.
    Ok(Some(Instance::from_values(Arc::clone(class), sent.own().to_vec())))
}

fn run(methods: &dyn Methods, call: &MethodCall<'_>) -> Result<Option<Instance>, Error> {
    let output = methods.call(call)?;
    output.into_instance(call.method).map_err(|message| {
        tracing::error!(class = %call.class.name(), message, "a provider broke its signature");
        Error::new(WbemStatus::E_PROVIDER_FAILURE, message)
    })
}
