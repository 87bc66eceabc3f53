//! The whole stack in one process: association, NTLM, activation, objects, engine.

mod access;
mod client;
mod enumeration;
mod house;
mod namespace;
mod tcp;
