//! DCOM remoting: activation, object references, OXID resolution, reference counting and pinging,
//! both halves.

pub mod client;
pub mod server;
mod status;
pub mod wire;

pub use status::{Advice, Status};
