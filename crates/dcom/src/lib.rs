//! DCOM remoting: activation, object references, OXID resolution, reference counting and pinging,
//! both halves.

pub mod client;
mod status;
pub mod wire;

pub use status::{Advice, Status};
