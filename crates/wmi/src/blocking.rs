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

use std::sync::Arc;
use std::thread;

use tokio::runtime::{Builder, Handle};
use tokio::sync::oneshot;
use winreach_cim::{Object, WbemStatus};

use crate::error::Cause;
use crate::{Error, Locator, Options, Row, Step};

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
            Error::new(Step::Connect { host: locator.host.clone() }, Cause::Misuse(what))
        })?;
        let services = engine.handle.block_on(locator.connect())?;
        Ok(Self { services, engine: Arc::new(engine) })
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
    /// Dropped, it stops the thread.
    _stop: oneshot::Sender<()>,
}

impl Engine {
    fn start() -> std::io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let handle = runtime.handle().clone();
        let (stop, stopped) = oneshot::channel();
        thread::Builder::new().name("winreach-wmi".into()).spawn(move || {
            let _ = runtime.block_on(stopped);
        })?;
        Ok(Self { handle, _stop: stop })
    }
}
