//! Connection-oriented DCE/RPC: a sans-I/O association, client and server half, and its tokio
//! driver.
//!
//! Nothing here knows COM or WMI. The layers, from the bytes up:
//!
//! * [`pdu`]: every PDU, parsed, checked and written;
//! * [`client::Association`] and [`server::Association`]: the protocol as two state machines that
//!   know neither sockets nor clocks;
//! * [`client::Connection`] and [`server::serve`]: the same, driven by tokio over any stream.
//!
//! How peers authenticate and protect their messages comes from `winreach-auth`.
//!
//! Source: `[MS-RPCE]`, DCE 1.1: RPC (The Open Group, C706).

mod channel;
pub mod client;
mod fault;
mod fragment;
pub mod pdu;
pub mod server;
mod syntax;
mod wire;

pub use self::fault::Fault;
pub use self::syntax::{Features, SyntaxId};
