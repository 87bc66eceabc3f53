//! The way into a namespace.

use std::sync::Arc;

use tokio::time::Instant;
use winreach_cim::path::NamespacePath;
use winreach_dcom::client::{self as dcom, Proxy};
use winreach_ndr::Unique;
use winreach_wmi_proto::login::{EstablishPosition, NTLMLogin};
use winreach_wmi_proto::{HResult, iid};

use crate::error::{Cause, Error, Step};
use crate::invoke::invoke;
use crate::locator::Locator;
use crate::method::Classes;

/// A namespace that was opened. It is released when the last user drops it.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) client: dcom::Client,
    /// `IWbemServices`.
    pub(crate) services: Proxy,
    pub(crate) path: NamespacePath,
    /// The classes whose methods were called.
    pub(crate) classes: Classes,
}

/// Everything that a session may call, so that one bind is enough.
const INTERFACES: [uuid::Uuid; 6] = [
    iid::LEVEL1_LOGIN,
    iid::SERVICES,
    iid::CALL_RESULT,
    iid::ENUM_CLASS_OBJECT,
    iid::FETCH_SMART_ENUM,
    iid::WCO_SMART_ENUM,
];

/// Activates WMI on the host and opens the namespace.
///
/// Source: `[MS-WMI] 3.2.3`. What Windows does besides is left out, as it serves the log alone:
/// `IWbemLoginClientID` and its successor.
pub(crate) async fn open(locator: &Locator, deadline: Instant) -> Result<Session, Error> {
    let connecting = || Step::Connect { host: locator.host.clone() };
    let path = locator.path().map_err(|problem| Error::misuse(connecting(), problem))?;
    let client = client(locator);
    let login = activate(&client, &locator.host, deadline)
        .await
        .map_err(|cause| Error::new(connecting(), cause))?;
    let opening = || Step::Login { namespace: path.to_string() };
    let services = log_in(&login, locator, &path, deadline)
        .await
        .map_err(|cause| Error::new(opening(), cause))?;
    Ok(Session { client, services, path, classes: Classes::default() })
}

fn client(locator: &Locator) -> dcom::Client {
    dcom::Client::new(dcom::Options {
        resolver_port: locator.resolver_port,
        connector: Arc::clone(&locator.connector),
        level: locator.level,
        require_mutual: locator.require_mutual,
        preload: INTERFACES.to_vec(),
        ..dcom::Options::new(Arc::clone(&locator.initiators))
    })
}

async fn activate(client: &dcom::Client, host: &str, deadline: Instant) -> Result<Proxy, Cause> {
    let objects =
        client.activate(host, iid::CLSID_LEVEL1_LOGIN, &[iid::LEVEL1_LOGIN], deadline).await?;
    objects.into_iter().next().ok_or(Cause::Protocol("an activation without an object"))
}

async fn log_in(
    login: &Proxy,
    locator: &Locator,
    path: &NamespacePath,
    deadline: Instant,
) -> Result<Proxy, Cause> {
    let locale = match &locator.locale {
        Some(wanted) => locale(login, wanted, deadline).await?,
        None => None,
    };
    let request = NTLMLogin {
        network_resource: Unique::some(path.to_string().into()),
        preferred_locale: Unique(locale.map(Into::into)),
        flags: 0,
        context: None,
    };
    let namespace = invoke(login, &request, deadline).await?.out;
    let namespace = namespace.ok_or(Cause::Protocol("a login without a namespace"))?;
    Ok(login.adopt(&namespace)?)
}

/// The locales in a form that the server takes: one that does not implement `EstablishPosition`
/// knows a single name of the form `MS_xxx`.
///
/// Source: `[MS-WMI] 3.2.3`, 2.2.29.
async fn locale(login: &Proxy, wanted: &str, deadline: Instant) -> Result<Option<String>, Cause> {
    if is_old_form(wanted) {
        return Ok(Some(wanted.to_owned()));
    }
    let question = EstablishPosition { reserved1: Unique::null(), reserved2: 0 };
    match invoke(login, &question, deadline).await {
        Ok(_) => Ok(Some(wanted.to_owned())),
        Err(Cause::Status(status, _)) if HResult(status) == HResult::NOT_IMPLEMENTED => {
            Ok(wanted.split(',').find(|name| is_old_form(name)).map(str::to_owned))
        }
        Err(cause) => Err(cause),
    }
}

/// Whether this is one name of the form `MS_409`.
fn is_old_form(name: &str) -> bool {
    let prefix = name.get(..3).is_some_and(|prefix| prefix.eq_ignore_ascii_case("MS_"));
    prefix && !name.contains(',')
}
