//! WQL, the query language of WMI: data queries, `SELECT … FROM … WHERE …`.
//!
//! A text becomes a [`Select`] ([`str::parse`]), a select becomes a [`Bound`] query once for each
//! class ([`Select::bind`]), and a bound query says of each instance whether it matches
//! ([`Bound::matches`]) without allocating, and what of it was asked for ([`Bound::projection`]).
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
//! Source: `[MS-WMI] 2.2.1`; WMI SDK, *WQL (SQL for WMI)*, *WHERE Clause*, *LIKE Operator* and the
//! pages beside them.

mod ast;
mod bind;
mod constant;
mod date;
mod error;
mod eval;
mod lexer;
mod like;
mod parser;
mod print;
mod project;

pub use ast::{Column, Columns, CompareOp, Comparison, Expr, Literal, PropertyRef, Select};
pub use bind::Bound;
pub use error::{BindError, BindErrorKind, ParseError, ParseErrorKind, Statement};
pub use project::Projection;

/// The longest query that is read, in characters.
pub const MAX_LENGTH: usize = 16_384;

/// How deep parentheses and `NOT` may be nested.
pub const MAX_DEPTH: usize = 64;

#[cfg(test)]
mod tests;
