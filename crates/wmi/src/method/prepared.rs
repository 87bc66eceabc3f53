//! A call, checked and ready to be sent.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;
use winreach_cim::path::ObjectPath;
use winreach_cim::{Class, Instance, Method, WbemStatus, mof};
use winreach_ndr::Bstr;
use winreach_wmi_proto::call_result::GetResultObject;
use winreach_wmi_proto::services::ExecMethod;
use winreach_wmi_proto::{ClassObject, Flags, HResult, Slot, Timeout};
use winreach_wmio::{ClassUnit, Unit};

use super::check::{Matched, match_parameters};
use super::signature::meaning;
use super::{Arguments, MethodSignature, Output, classes, embedded};
use crate::error::{Cause, Error, Step};
use crate::invoke::invoke;
use crate::limit::Limit;
use crate::services::Options;
use crate::session::Session;

/// A call of a method that was checked against its signature, and can be looked at before it is sent.
///
/// Printed, it shows the request.
#[derive(Clone, Debug)]
pub struct PreparedCall {
    session: Arc<Session>,
    limit: Limit,
    path: String,
    /// The path under which the class is kept.
    class_path: String,
    class: Arc<ClassUnit>,
    method: Method,
    options: Options,
    input: Option<Instance>,
    /// The same as it travels.
    unit: Option<ClassObject>,
}

/// How long the server may keep us waiting at a time, in a semisynchronous call.
const TURN: Duration = Duration::from_secs(10);

impl PreparedCall {
    pub(crate) async fn new(
        session: &Arc<Session>,
        path: &str,
        method: &str,
        arguments: Arguments,
        options: &Options,
        limit: Limit,
    ) -> Result<Self, Error> {
        let step = Step::Call { path: path.to_owned(), method: method.to_owned() };
        prepare(session, path, method, arguments, options, limit)
            .await
            .map_err(|cause| Error::new(step, cause))
    }

    /// The path of the object or the class.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The class as the server has it.
    pub fn class(&self) -> &Arc<Class> {
        &self.class.class
    }

    /// The method with its signature.
    pub fn method(&self) -> &Method {
        &self.method
    }

    /// The parameters that go in; nothing where the method takes none.
    pub fn input(&self) -> Option<&Instance> {
        self.input.as_ref()
    }

    /// What the method means by a number that it returns, where its schema says so. Windows tells it
    /// only where the class was asked for with its amended qualifiers.
    pub fn meaning(&self, code: i64) -> Option<String> {
        meaning(&self.method, code)
    }

    /// Sends the call.
    ///
    /// With [`Flags::RETURN_IMMEDIATELY`] among the options the call is semisynchronous: the server keeps
    /// the outcome and is asked for it in turns, so that neither side holds a call open for long.
    /// Otherwise one round trip does it. A deadline that passes does not stop the method: the server
    /// may finish it all the same.
    ///
    /// # Errors
    /// When the server refuses the call, or its provider fails. What the method itself reports is in
    /// its return value.
    pub async fn send(&self) -> Result<Output, Error> {
        self.exchange().await.map_err(|cause| {
            if let Cause::Status(code, _) = &cause
                && matches!(
                    WbemStatus(*code),
                    WbemStatus::E_INVALID_METHOD_PARAMETERS
                        | WbemStatus::E_INVALID_METHOD
                        | WbemStatus::E_METHOD_NOT_IMPLEMENTED
                )
            {
                self.session.classes.forget(&self.class_path);
            }
            let method = self.method.name.to_string();
            Error::new(Step::Call { path: self.path.clone(), method }, cause)
        })
    }

    async fn exchange(&self) -> Result<Output, Cause> {
        let deadline = self.limit.deadline();
        let semisynchronous = self.options.flags.contains(Flags::RETURN_IMMEDIATELY);
        let request = ExecMethod {
            path: Bstr::from(self.path.as_str()),
            method: Bstr::from(self.method.name.as_str()),
            flags: self.options.flags,
            context: self.options.context.clone(),
            input: self.unit.clone(),
            output: Slot::Empty,
            call: if semisynchronous { Slot::Empty } else { Slot::Absent },
        };
        let answer = invoke(&self.session.services, &request, deadline).await?.out;
        let object = match (answer.object.filled(), answer.call.filled()) {
            (Some(object), _) => Some(object),
            (None, Some(call)) if semisynchronous => {
                let call = self.session.services.adopt(&call)?;
                outcome(&call, deadline).await?
            }
            (None, _) if semisynchronous => {
                return Err(Cause::Protocol("a success without an IWbemCallResult"));
            }
            (None, _) => None,
        };
        if object.is_none() && self.method.output.is_some() {
            return Err(Cause::Protocol("a success without out parameters"));
        }
        match object.map(|object| Unit::decode(&object.0)).transpose()? {
            Some(Unit::Class(_)) => Err(Cause::Protocol("a class for out parameters")),
            Some(Unit::Instance(unit)) => Ok(Output::new(Some(unit.instance))),
            None => Ok(Output::new(None)),
        }
    }
}

/// What a semisynchronous call came to.
async fn outcome(
    call: &winreach_dcom::client::Proxy,
    deadline: Instant,
) -> Result<Option<ClassObject>, Cause> {
    loop {
        let left = deadline.saturating_duration_since(Instant::now()).min(TURN);
        let milliseconds = u32::try_from(left.as_millis()).unwrap_or(u32::MAX);
        let request = GetResultObject { timeout: Timeout(milliseconds) };
        let answer = invoke(call, &request, deadline).await?;
        if answer.status != HResult::TIMED_OUT {
            return Ok(answer.out);
        }
    }
}

async fn prepare(
    session: &Arc<Session>,
    path: &str,
    name: &str,
    arguments: Arguments,
    options: &Options,
    limit: Limit,
) -> Result<PreparedCall, Cause> {
    let deadline = limit.deadline();
    let parsed: ObjectPath =
        path.parse().map_err(|error| Cause::Misuse(format!("{path:?} is no path: {error}")))?;
    let class_path =
        ObjectPath { namespace: parsed.namespace.clone(), ..ObjectPath::new(parsed.class.clone()) }
            .to_string();
    let unit = classes::class(session, &class_path, deadline).await?;
    let (Some(method), Some(signature)) = (unit.class.method(name), unit.signature(name)) else {
        return Err(Cause::Misuse(no_such_method(&unit.class, name)));
    };
    let shown = |what: String| {
        Cause::Misuse(format!("{what}; the signature is {}", MethodSignature(method)))
    };
    if parsed.is_class() && !method.qualifiers.is_true("static") {
        return Err(shown(format!(
            "{} is a method of instances: it takes the path of one, not of their class",
            method.name
        )));
    }
    let matched =
        match_parameters(method.input.as_deref(), arguments.into_inner()).map_err(shown)?;
    let mut values = Vec::with_capacity(matched.len());
    for Matched { parameter, argument } in matched {
        let value = embedded::value(session, parameter, argument, deadline).await;
        let value = value.map_err(|cause| match cause {
            Cause::Misuse(what) => shown(what),
            other => other,
        })?;
        values.push((parameter.name.as_str(), value));
    }
    let input = method.input.as_ref().map(|class| {
        let mut input = Instance::new(Arc::clone(class));
        for (name, value) in &values {
            input.set(name, value.clone());
        }
        input
    });
    let encoded = signature.encode_input(values).map_err(|error| shown(error.to_string()))?;
    Ok(PreparedCall {
        session: Arc::clone(session),
        limit,
        path: path.to_owned(),
        class_path,
        method: method.clone(),
        class: Arc::clone(&unit),
        options: options.clone(),
        input,
        unit: encoded.map(|bytes| ClassObject(bytes.into())),
    })
}

fn no_such_method(class: &Class, name: &str) -> String {
    let known: Vec<_> = class.methods().iter().map(|method| method.name.as_str()).collect();
    let known = match known.is_empty() {
        true => "it has none".to_owned(),
        false => format!("it has {}", known.join(", ")),
    };
    format!("{} has no method {name:?}; {known}", class.name())
}

impl fmt::Display for PreparedCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "object:    {}", self.path)?;
        writeln!(f, "signature: {}", MethodSignature(&self.method))?;
        match &self.input {
            Some(input) => write!(f, "{}", mof::instance(input)),
            None => writeln!(f, "no parameters go in"),
        }
    }
}
