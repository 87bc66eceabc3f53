//! The providers, on machines with known answers and on this one.

mod fixture;
mod hardware;
mod hostile;
mod network;
mod processes;
mod real;
mod schema;
mod services;
mod system;
