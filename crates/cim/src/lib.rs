//! The CIM model, as WMI understands it: what a class, an instance and a value *are*,
//! with no bytes of any wire, no sockets and no runtime.
//!
//! * [`Value`], [`CimType`], [`ValueType`]: every CIM type and arrays of each.
//! * [`Class`], [`Property`], [`Method`], [`Qualifier`]: the schema.
//! * [`Instance`]: values laid over a class, where *not set* differs from *null*.
//! * [`path`] and [`moniker`]: where an object is, and how to reach it.
//! * [`wql`]: queries, parsed and evaluated.
//! * [`mof`]: classes and instances as MOF text.
//! * [`de`], and `Serialize` on the model: instances as the caller's own types, and as JSON.
//! * [`SystemProperty`]: `__CLASS`, `__PATH` and the others that WMI computes.
//! * [`WbemStatus`]: what WMI answers when it does not answer with an object.

mod class;
mod cursor;
mod datetime;
mod instance;
mod method;
mod name;
mod position;
mod qualifier;
mod ser;
mod status;
mod system;
mod value;

pub mod de;
pub mod mof;
pub mod moniker;
pub mod path;
pub mod wql;

pub use class::{Class, ClassBuilder, ClassError, Decoration, Method, Property};
pub use datetime::{DateTime, DateTimeError, Fields as DateTimeFields};
pub use instance::{Instance, Object};
pub use method::{MethodBuilder, Parameter};
pub use name::Name;
pub use position::{Place, Position};
pub use qualifier::{Flavor, Qualifier, Qualifiers};
pub use status::{Severity, WbemStatus};
pub use system::SystemProperty;
pub use value::{Array, CimType, Value, ValueType};
