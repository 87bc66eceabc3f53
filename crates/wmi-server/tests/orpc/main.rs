//! The whole stack in one process: association, NTLM, activation, objects, engine.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may panic")]

mod access;
mod client;
mod enumeration;
mod house;
mod namespace;
mod tcp;
