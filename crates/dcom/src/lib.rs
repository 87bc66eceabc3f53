//! DCOM remoting: activation, object references, OXID resolution, reference counting and pinging,
//! both halves.

pub mod wire;
