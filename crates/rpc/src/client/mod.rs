//! The client half: [`Connection`] for programs, [`Association`] for those who bring their own I/O.

mod association;
mod config;
mod connection;
mod error;
mod negotiation;
mod presentation;
mod security;

pub use self::association::{Association, CallId, Event, NegotiationId};
pub use self::config::{Call, Config};
pub use self::connection::Connection;
pub use self::error::Error;
pub use self::security::{Security, SecurityInfo};
