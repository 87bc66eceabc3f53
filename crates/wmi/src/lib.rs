//! The WMI client: connect to a namespace, run queries, get objects, call methods.
//!
//! [`Locator`] says where to connect and as whom, [`Services`] is a namespace, [`RowStream`] the rows
//! of a query:
//!
//! ```no_run
//! use winreach_auth::Credentials;
//! use winreach_wmi::Locator;
//!
//! # async fn example() -> Result<(), winreach_wmi::Error> {
//! let credentials = Credentials::new("EXAMPLE\\alice", "open sesame".into());
//! let services = Locator::new("server.example", credentials).connect().await?;
//! let mut rows = services.query("SELECT Name, ProcessId FROM Win32_Process").await?;
//! while let Some(row) = rows.next().await {
//!     let process = row?.to_instance()?;
//!     println!("{:?}", process.get("Name"));
//! }
//! # Ok(())
//! # }
//! ```
//!
//! Everything that comes from the server is checked; an [`Error`] says at which step something went
//! wrong, who is at fault, and what to try. [`blocking`] has the same for programs without a runtime.

pub mod blocking;

mod advice;
mod enumeration;
mod error;
mod get;
mod invoke;
mod limit;
mod locator;
mod method;
mod query;
mod reader;
mod row;
mod services;
mod session;
mod stream;

pub use enumeration::Enumeration;
pub use error::{Error, ErrorKind, Step};
pub use locator::Locator;
pub use method::{Argument, Arguments, MethodSignature, Misfit, Output, PreparedCall};
pub use row::Row;
pub use services::{Options, Services};
pub use stream::{RowStream, TypedStream};
pub use winreach_auth::{AuthLevel, Credentials, ImpersonationLevel};
pub use winreach_dcom::Advice;
pub use winreach_dcom::client::SecurityInfo;
pub use winreach_logon::{Logon, LogonError, Mechanism};
pub use winreach_wmi_proto::{Context, Flags, Variant};
pub use winreach_wmio::{ExtendedStatus, Row as RowRef, ValueRef};
