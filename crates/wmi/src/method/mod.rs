//! Calling methods.
//!
//! A call is made ready against the signature of its method, out of the class that the server has, and
//! only then sent: [`PreparedCall`].

mod arguments;
mod check;
mod classes;
mod embedded;
mod fit;
mod output;
mod prepared;
mod signature;

pub use arguments::{Argument, Arguments};
pub use fit::Misfit;
pub use output::Output;
pub use prepared::PreparedCall;
pub use signature::MethodSignature;

pub(crate) use classes::Classes;
