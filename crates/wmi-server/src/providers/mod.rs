//! The classes that this machine can answer for.
