//! One object by its path.

use std::sync::Arc;

use winreach_cim::path::{KeyValue, Keys, ObjectPath};
use winreach_cim::{Class, Instance, Name, Object, Value, WbemStatus};

use super::{Depth, Error};
use crate::provider::{Provider, Request};
use crate::schema::{Entry, Namespace};

/// The class or the instance that `path` leads to in `namespace`. Asks providers, so it may block.
pub(super) fn object(
    namespace: &Namespace,
    path: &ObjectPath,
    depth: Depth,
) -> Result<Object, Error> {
    let found = if path.is_class() {
        namespace.class(&path.class).map(|class| Object::Class(Arc::clone(class)))
    } else {
        instance(namespace, path, depth)?.map(Object::Instance)
    };
    found.ok_or_else(|| Error::new(WbemStatus::E_NOT_FOUND, format!("there is no {path}")))
}

fn instance(
    namespace: &Namespace,
    path: &ObjectPath,
    depth: Depth,
) -> Result<Option<Instance>, Error> {
    let Some(entry) = namespace.entry(&path.class) else {
        let message = format!("there is no class {}", path.class);
        return Err(Error::new(WbemStatus::E_INVALID_CLASS, message));
    };
    let keys = key_values(&entry.class, &path.keys).map_err(|problem| {
        Error::new(WbemStatus::E_INVALID_OBJECT_PATH, format!("{path}: {problem}"))
    })?;
    let family = match depth {
        Depth::Direct => vec![entry],
        Depth::Deep => namespace.family(&path.class),
    };
    for Entry { provider, .. } in family {
        let Some(provider) = provider else { continue };
        let found = match &keys {
            Some(keys) => provider.get(keys)?,
            None => only(&**provider)?,
        };
        if let Some(mut instance) = found {
            instance.set_decoration(Some(Arc::clone(namespace.decoration())));
            return Ok(Some(instance));
        }
    }
    Ok(None)
}

/// The values of the keys as the class types them; nothing for a singleton, which has no keys.
fn key_values(class: &Class, keys: &Keys) -> Result<Option<Vec<(Name, Value)>>, String> {
    let value = |name: &Name, value: &KeyValue| {
        let property = class.property(name).filter(|property| property.is_key());
        let property = property.ok_or_else(|| format!("{name} is no key of {}", class.name()))?;
        let typed = value.to_value(property.value_type.base);
        typed
            .map(|typed| (property.name.clone(), typed))
            .ok_or_else(|| format!("{value} is no {} for {name}", property.value_type))
    };
    let given = match keys {
        Keys::Singleton if class.is_singleton() => return Ok(None),
        Keys::None | Keys::Singleton => return Err(format!("{} is no singleton", class.name())),
        Keys::Unnamed(key) => match class.keys().next() {
            Some(only) => vec![value(&only.name, key)?],
            None => return Err(format!("{} has no key", class.name())),
        },
        Keys::Named(bindings) => {
            bindings.iter().map(|(name, key)| value(name, key)).collect::<Result<_, _>>()?
        }
    };
    match class.keys().find(|key| !given.iter().any(|(name, _)| *name == key.name)) {
        Some(missing) => Err(format!("the key {} is missing", missing.name)),
        None => Ok(Some(given)),
    }
}

/// The first instance, for classes that have at most one.
fn only(provider: &dyn Provider) -> Result<Option<Instance>, Error> {
    let mut found = None;
    provider.enumerate(&Request::default(), &mut |instance| {
        found = Some(instance);
        std::ops::ControlFlow::Break(())
    })?;
    Ok(found)
}
