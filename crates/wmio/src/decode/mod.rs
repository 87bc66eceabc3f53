//! From parts to the model.

mod class;
mod methods;
mod qualifiers;

pub(crate) use class::class;
pub use methods::Signature;
pub(crate) use methods::methods;
pub(crate) use qualifiers::qualifiers;
