//! WQL, the query language of WMI.
//!
//! A text becomes a [`Query`] of one of five kinds ([`str::parse`]), and prints as one. A query that
//! selects becomes a [`Bound`] query once for each class ([`Select::bind`]), and a bound query says
//! of each instance whether it matches ([`Bound::matches`]) without allocating, and what of it was
//! asked for ([`Bound::projection`]). Schema queries are bound to no class
//! ([`SchemaQuery::bind`]), event queries to the class of the events ([`EventQuery::bind`]).
//!
//! ```
//! use std::sync::Arc;
//! use winreach_cim::wql::Select;
//! use winreach_cim::{CimType, Class, Instance, Property};
//!
//! let class = Arc::new(
//!     Class::builder("Win32_LogicalDisk")
//!         .property(Property::new("DeviceID", CimType::String).key())
//!         .property(Property::new("FreeSpace", CimType::Uint64))
//!         .build()?,
//! );
//! let mut disk = Instance::new(Arc::clone(&class));
//! disk.set("DeviceID", "C:");
//! disk.set("FreeSpace", 1_000_000_u64);
//!
//! let query = "select * from win32_logicaldisk where deviceid = 'c:' and freespace < 2000000";
//! let select: Select = query.parse()?;
//! assert!(select.bind(&class)?.matches(&disk));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Source: `[MS-WMI] 2.2.1`; WMI SDK, *WQL (SQL for WMI)* and the pages below it.

mod ast;
mod bind;
mod constant;
mod date;
mod error;
mod eval;
mod event;
mod lexer;
mod like;
mod parser;
mod print;
mod project;
mod schema;
mod statement;

pub use ast::{Columns, CompareOp, Comparison, Expr, Literal, PropertyRef, Select};
pub use bind::Bound;
pub use error::{BindError, BindErrorKind, ParseError, ParseErrorKind};
pub use eval::{Ancestry, OwnAncestry};
pub use event::{BoundEvent, BoundGroup, GroupKey, Intrinsic};
pub use project::Projection;
pub use schema::BoundSchema;
pub use statement::{
    AssociationScope, Associators, EventQuery, Group, MAX_INTERVAL, MIN_INTERVAL, Query,
    References, SchemaQuery, Statement,
};

/// The longest query that is read, in characters.
pub const MAX_LENGTH: usize = 16_384;

/// How deep parentheses and `NOT` may be nested.
pub const MAX_DEPTH: usize = 64;

/// How many conditions a query can have.
pub const MAX_CONDITIONS: usize = 2048;

#[cfg(test)]
mod tests;
