//! The whole stack in one process: association, log-on, activation, objects, engine.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may panic")]

mod access;
mod client;
mod enumeration;
mod house;
mod kerberos;
mod log;
mod namespace;
mod tcp;
