//! The client for programs without an asynchronous runtime.
//!
//! Each connection has a thread of its own with a runtime, which also keeps the objects on the
//! server alive while the program does other things.
//!
//! ```no_run
//! use winreach_wmi::{Credentials, Locator, blocking};
//!
//! # fn example() -> Result<(), winreach_wmi::Error> {
//! let credentials = Credentials::new("EXAMPLE\\alice", "open sesame".into());
//! let services = blocking::Services::connect(&Locator::new("server.example", credentials))?;
//! for row in services.query("SELECT Name FROM Win32_Service")? {
//!     println!("{:?}", row?.get("Name")?);
//! }
//! # Ok(())
//! # }
//! ```
//!
//! Nothing of this may be called from within a runtime.

use std::convert::Infallible;
use std::io;
use std::sync::{Arc, OnceLock};
use std::thread;

use tokio::runtime::{Builder, Handle};
use tokio::sync::oneshot;
use tokio::time::Instant;
use winreach_cim::{Object, WbemStatus};
use winreach_dcom::client as dcom;

use crate::limit::GRACE;
use crate::{Arguments, Error, Locator, Options, Output, Row, SecurityInfo, Step};

/// An open namespace of a server; see [`crate::Services`].
#[derive(Clone, Debug)]
pub struct Services {
    // Dropped before the runtime that it needs.
    services: crate::Services,
    engine: Arc<Engine>,
}

impl Services {
    /// Opens the namespace.
    ///
    /// # Errors
    /// As [`Locator::connect`], and when the system gives no thread.
    pub fn connect(locator: &Locator) -> Result<Self, Error> {
        let engine = Engine::start().map_err(|error| {
            let what = format!("no thread for the runtime: {error}");
            Error::misuse(Step::Connect { host: locator.host.clone() }, what)
        })?;
        let services = engine.handle.block_on(locator.connect())?;
        let _ = engine.client.set(services.client().clone());
        Ok(Self { services, engine: Arc::new(engine) })
    }

    /// The security in effect; see [`crate::Services::security`].
    pub fn security(&self) -> Option<SecurityInfo> {
        self.services.security()
    }

    /// The same with other limits of time and the like: what `change` makes of it.
    #[must_use]
    pub fn with(&self, change: impl FnOnce(&crate::Services) -> crate::Services) -> Self {
        Self { services: change(&self.services), engine: Arc::clone(&self.engine) }
    }

    /// Runs a WQL query.
    ///
    /// # Errors
    /// As [`crate::Services::query`].
    pub fn query(&self, wql: &str) -> Result<Rows, Error> {
        self.query_with(wql, &Options::default())
    }

    /// Runs a WQL query with options.
    ///
    /// # Errors
    /// As [`crate::Services::query`].
    pub fn query_with(&self, wql: &str, options: &Options) -> Result<Rows, Error> {
        let rows = self.engine.handle.block_on(self.services.query_with(wql, options))?;
        Ok(Rows { rows, engine: Arc::clone(&self.engine) })
    }

    /// The class or the instance at a path.
    ///
    /// # Errors
    /// As [`crate::Services::get`].
    pub fn get(&self, path: &str) -> Result<Object, Error> {
        self.get_with(path, &Options::default())
    }

    /// The class or the instance at a path, with options.
    ///
    /// # Errors
    /// As [`crate::Services::get`].
    pub fn get_with(&self, path: &str, options: &Options) -> Result<Object, Error> {
        self.engine.handle.block_on(self.services.get_with(path, options))
    }

    /// Calls a method.
    ///
    /// # Errors
    /// As [`crate::Services::call`].
    pub fn call(
        &self,
        path: &str,
        method: &str,
        arguments: impl Into<Arguments>,
    ) -> Result<Output, Error> {
        self.engine.handle.block_on(self.services.call(path, method, arguments))
    }

    /// Lets go of the namespace and waits until the server knows; see [`crate::Services::close`].
    pub fn close(self) {
        self.engine.handle.block_on(self.services.close());
    }
}

/// The rows of a result; see [`crate::RowStream`].
#[derive(Debug)]
pub struct Rows {
    // Dropped before the runtime that it needs.
    rows: crate::RowStream,
    engine: Arc<Engine>,
}

impl Rows {
    /// What the server remarked on the result so far; see [`crate::RowStream::notice`].
    pub fn notice(&self) -> Option<WbemStatus> {
        self.rows.notice()
    }
}

impl Iterator for Rows {
    type Item = Result<Row, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        self.engine.handle.block_on(self.rows.next())
    }
}

/// A runtime on a thread of its own, which ends with the last handle.
#[derive(Debug)]
struct Engine {
    handle: Handle,
    /// Whose references the thread gives back before it ends.
    client: Arc<OnceLock<dcom::Client>>,
    /// Dropped, it stops the thread.
    _stop: oneshot::Sender<Infallible>,
}

impl Engine {
    fn start() -> io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let handle = runtime.handle().clone();
        let (stop, stopped) = oneshot::channel();
        let client = Arc::new(OnceLock::<dcom::Client>::new());
        let connected = Arc::clone(&client);
        thread::Builder::new().name("winreach-wmi".into()).spawn(move || {
            runtime.block_on(async {
                let _ = stopped.await;
                if let Some(client) = connected.get() {
                    client.settle(Instant::now() + GRACE).await;
                }
            });
        })?;
        Ok(Self { handle, client, _stop: stop })
    }
}
