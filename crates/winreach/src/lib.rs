//! Windows management from any machine.
//!
//! This crate is the facade over winreach's libraries and the home of the `winreach` command:
//!
//! * [`wmi`]: the client. Connect to a namespace, query it, get objects.
//! * [`server`]: the embedded WMI server.
//! * [`cim`]: the model both speak: classes, instances, values, paths, WQL, MOF.
//! * [`auth`] and [`dcom`]: credentials and transports, for those who need more than the defaults.

#[doc(inline)]
pub use winreach_auth as auth;
#[doc(inline)]
pub use winreach_cim as cim;
#[doc(inline)]
pub use winreach_dcom as dcom;
#[doc(inline)]
pub use winreach_wmi as wmi;
#[doc(inline)]
pub use winreach_wmi_server as server;

/// The examples of the README compile.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;
