//! The providers, on machines with known answers and on this one.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test may panic"
)]

mod fixture;
mod hardware;
mod hostile;
mod network;
mod processes;
mod real;
mod schema;
mod services;
mod system;
