//! Embedded objects, out of JSON.

use futures_core::future::BoxFuture;
use serde_json::{Map, Value as Json};
use tokio::time::Instant;
use winreach_cim::path::ObjectPath;
use winreach_cim::{CimType, Instance, Object, Property, Value};

use super::Argument;
use super::classes;
use super::fit::array;
use crate::error::Cause;
use crate::session::Session;

/// Names the class of a JSON object, where that is not the one that is declared.
const CLASS: &str = "__CLASS";

/// An argument as the value of a parameter, or of a property of an embedded object.
pub(super) fn value<'a>(
    session: &'a Session,
    property: &'a Property,
    argument: Argument,
    deadline: Instant,
) -> BoxFuture<'a, Result<Value, Cause>> {
    Box::pin(async move {
        let misfit = |error: super::Misfit| Cause::Misuse(format!("{}: {error}", property.name));
        if property.value_type.base != CimType::Object {
            return argument.fit(property.value_type).map_err(misfit);
        }
        let objects = match (&argument, property.value_type.array) {
            (_, false) => vec![argument],
            // One object; its commas part no elements.
            (Argument::Text(text), true) if text.trim_start().starts_with('{') => vec![argument],
            (_, true) => match argument.elements() {
                Some(elements) => elements,
                None => return argument.fit(property.value_type).map_err(misfit),
            },
        };
        let mut values = Vec::with_capacity(objects.len());
        for argument in objects {
            values.push(match json(&property.name, argument)? {
                Argument::Json(Json::Object(members)) => {
                    let instance = instance(session, property, members, deadline).await?;
                    Value::from(Object::Instance(instance))
                }
                other => other.fit(CimType::Object.into()).map_err(misfit)?,
            });
        }
        match property.value_type.array {
            true => Ok(array(CimType::Object, values).unwrap_or_default()),
            false => Ok(values.into_iter().next().unwrap_or_default()),
        }
    })
}

/// A text for an object is JSON.
fn json(parameter: &str, argument: Argument) -> Result<Argument, Cause> {
    match argument {
        Argument::Text(text) => match serde_json::from_str(&text) {
            Ok(json) => Ok(Argument::Json(json)),
            Err(error) => Err(Cause::Misuse(format!("{parameter}: no JSON: {error}"))),
        },
        other => Ok(other),
    }
}

async fn instance(
    session: &Session,
    property: &Property,
    mut members: Map<String, Json>,
    deadline: Instant,
) -> Result<Instance, Cause> {
    let named = match members.remove(CLASS) {
        None => None,
        Some(Json::String(name)) => Some(name),
        Some(_) => return Err(Cause::Misuse(format!("{}: {CLASS} is no text", property.name))),
    };
    let declared = property.target_class().map(str::to_owned);
    let name = named.or(declared).ok_or_else(|| {
        let what = "the schema names no class of the object; its member __CLASS has to";
        Cause::Misuse(format!("{}: {what}", property.name))
    })?;
    let path = ObjectPath::new(name.as_str()).to_string();
    let class = classes::class(session, &path, deadline).await?;
    let class = &class.class;
    let mut instance = Instance::new(class.clone());
    for (name, member) in members {
        let Some(inner) = class.property(&name) else {
            let what = format!("{} has no property {name:?}", class.name());
            return Err(Cause::Misuse(format!("{}: {what}", property.name)));
        };
        let member = value(session, inner, Argument::Json(member), deadline).await;
        let member = member.map_err(|cause| match cause {
            Cause::Misuse(what) => Cause::Misuse(format!("{}.{what}", property.name)),
            other => other,
        })?;
        instance.set(&name, member);
    }
    Ok(instance)
}
