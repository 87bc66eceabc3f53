//! A namespace.

use std::sync::Arc;
use std::time::Duration;

use serde::de::DeserializeOwned;
use tokio::time::Instant;
use winreach_cim::Object;
use winreach_dcom::client::{self as dcom, SecurityInfo};
use winreach_wmi_proto::{Context, Flags};

use crate::enumeration::Enumeration;
use crate::error::{Cause, Error, Step};
use crate::get;
use crate::limit::{GRACE, Limit};
use crate::method::{Arguments, Output, PreparedCall};
use crate::query;
use crate::session::Session;
use crate::stream::{RowStream, TypedStream};

/// An open namespace of a server.
///
/// Clones are cheap and share the connection; it is given up when the last of them and of their
/// streams is dropped.
#[derive(Clone, Debug)]
pub struct Services {
    session: Arc<Session>,
    limit: Limit,
}

/// What can be asked of a single operation.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Options {
    /// Flags beside those that belong to the operation, such as
    /// [`Flags::USE_AMENDED_QUALIFIERS`] for descriptions.
    pub flags: Flags,
    /// Named values for the server or the provider.
    pub context: Option<Context>,
    /// How the rows of a query are read.
    pub enumeration: Enumeration,
}

impl Services {
    pub(crate) fn new(session: Arc<Session>, limit: Limit) -> Self {
        Self { session, limit }
    }

    /// The host as the [`Locator`](crate::Locator) named it.
    pub fn host(&self) -> &str {
        self.session.path.server().unwrap_or_default()
    }

    /// The namespace, such as `root\cimv2`.
    pub fn namespace(&self) -> String {
        self.session.path.namespace()
    }

    /// The security in effect on the connection to the namespace, in which the level may be above
    /// the one that was asked for.
    ///
    /// Nothing where the namespace lives in another process of the host than the log-in to it, as
    /// long as nothing was asked of it: there is no connection to that process before. On Windows
    /// and on the embedded server both are one.
    ///
    /// ```no_run
    /// use winreach_wmi::{AuthLevel, Error, Services};
    ///
    /// # async fn example(services: Services) -> Result<(), Error> {
    /// if let Some(security) = services.security() {
    ///     // NTLM, level privacy, headers signed, server not proven, impersonate, as EXAMPLE\alice
    ///     println!("{security}");
    ///     assert!(security.level >= AuthLevel::Integrity);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn security(&self) -> Option<SecurityInfo> {
        self.session.services.security()
    }

    /// The same namespace, where each operation has so much time.
    #[must_use]
    pub fn with_timeout(&self, time: Duration) -> Self {
        Self { limit: Limit::Each(time), ..self.clone() }
    }

    /// The same namespace, where everything must be done by then.
    #[must_use]
    pub fn with_deadline(&self, deadline: Instant) -> Self {
        Self { limit: Limit::At(deadline), ..self.clone() }
    }

    /// Runs a WQL query.
    ///
    /// The deadline of the query covers its last row too. [`Enumeration`] says how many round trips
    /// it takes.
    ///
    /// # Errors
    /// When the server refuses the query. Some mistakes in a query show only with its first row.
    pub async fn query(&self, wql: &str) -> Result<RowStream, Error> {
        self.query_with(wql, &Options::default()).await
    }

    /// Runs a WQL query with options.
    ///
    /// # Errors
    /// As [`Services::query`].
    pub async fn query_with(&self, wql: &str, options: &Options) -> Result<RowStream, Error> {
        query::start(&self.session, wql, options, self.limit.deadline()).await
    }

    /// Runs a WQL query for values of a Rust type.
    ///
    /// ```no_run
    /// # use winreach_wmi::{Error, Services};
    /// #[derive(serde::Deserialize)]
    /// struct Disk {
    ///     #[serde(rename = "DeviceID")]
    ///     name: String,
    ///     #[serde(rename = "FreeSpace")]
    ///     free: Option<u64>,
    /// }
    ///
    /// # async fn example(services: Services) -> Result<(), Error> {
    /// let wql = "SELECT DeviceID, FreeSpace FROM Win32_LogicalDisk";
    /// let disks: Vec<Disk> = services.query_as(wql).await?.collect().await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`Services::query`].
    pub async fn query_as<T: DeserializeOwned>(&self, wql: &str) -> Result<TypedStream<T>, Error> {
        self.query(wql).await.map(TypedStream::new)
    }

    /// The class or the instance at a path, such as `Win32_Service` or `Win32_Service.Name="ssh"`.
    ///
    /// Takes one round trip.
    ///
    /// # Errors
    /// When the server refuses the path or has no such object.
    pub async fn get(&self, path: &str) -> Result<Object, Error> {
        self.get_with(path, &Options::default()).await
    }

    /// The class or the instance at a path, with options.
    ///
    /// # Errors
    /// As [`Services::get`].
    pub async fn get_with(&self, path: &str, options: &Options) -> Result<Object, Error> {
        let getting = |cause: Cause| Error::new(Step::Get { path: path.to_owned() }, cause);
        get::object(&self.session, path, options, self.limit.deadline()).await.map_err(getting)
    }

    /// Calls a method: a static one by the path of its class, another by the path of an instance.
    ///
    /// The arguments are checked against the class before anything is sent; the class is fetched for
    /// the first call of one of its methods and kept for the others.
    ///
    /// ```no_run
    /// # use winreach_wmi::{Arguments, Error, Services};
    /// # async fn example(services: Services) -> Result<(), Error> {
    /// let arguments = Arguments::new()
    ///     .with("sSubKeyName", r"SOFTWARE\Microsoft\Windows NT\CurrentVersion")
    ///     .with("sValueName", "ProductName");
    /// let output = services.call("StdRegProv", "GetStringValue", arguments).await?;
    /// if output.return_code() == Some(0) {
    ///     println!("{:?}", output.get("sValue"));
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// When the arguments are not those of the method, which shows its signature; when the server
    /// refuses the call. What the method itself reports is in [`Output::return_value`].
    pub async fn call(
        &self,
        path: &str,
        method: &str,
        arguments: impl Into<Arguments>,
    ) -> Result<Output, Error> {
        self.prepare_call(path, method, arguments, &Options::default()).await?.send().await
    }

    /// Makes a call ready, with options, and does not send it.
    ///
    /// # Errors
    /// When the arguments are not those of the method, or the class cannot be fetched.
    pub async fn prepare_call(
        &self,
        path: &str,
        method: &str,
        arguments: impl Into<Arguments>,
        options: &Options,
    ) -> Result<PreparedCall, Error> {
        let arguments = arguments.into();
        PreparedCall::new(&self.session, path, method, arguments, options, self.limit).await
    }

    /// Lets go of the namespace and waits until the server knows, which a program that is about to
    /// end should do. Otherwise the server finds out after some minutes. A server that does not
    /// answer is waited for two seconds, or until the deadline where that is sooner.
    ///
    /// Other clones and streams keep the namespace open.
    pub async fn close(self) {
        let client = self.client().clone();
        let deadline = self.limit.deadline().min(Instant::now() + GRACE);
        drop(self);
        client.settle(deadline).await;
    }

    pub(crate) fn client(&self) -> &dcom::Client {
        &self.session.client
    }
}
