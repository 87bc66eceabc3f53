//! From the model to bytes, laid out as Windows lays them out.
//!
//! Nothing in the format demands the order of heap items that Windows has, nor its gaps and slack.
//! They are followed here so that a class comes out as the very bytes that a Windows server sends,
//! which is how this encoder is tested: against recorded Windows 10 traffic. What Windows leaves to
//! chance is named by [`Leftover`].

mod chance;
mod class;
mod frame;
mod growth;
mod instance;
mod methods;
mod object;
mod qualifiers;
mod signature;
mod value;
mod writer;

pub use chance::{Chance, Leftover, Zeros};
pub use class::Style;
pub(crate) use class::class_part;
pub use growth::WindowsGrowth;
pub(crate) use instance::same_shape;
pub use instance::{InstanceOptions, Unset};
pub use object::{class, class_with, object, object_block};
pub(crate) use writer::{patch_u32, size};
