//! Network Data Representation 2.0, encoded and decoded with limits.
//!
//! A stub is written with an [`Encoder`] and read with a [`Decoder`]. Both count alignment from the
//! first byte of the stub. A type says how it travels by [`Layout`], [`Encode`] and [`Decode`];
//! [`ndr_struct!`] writes the three for a structure whose fields are listed in wire order.
//!
//! ```
//! use winreach_ndr::{Decoder, Encoder, Unique, WideString, ndr_struct};
//!
//! ndr_struct! {
//!     /// A structure with an embedded pointer.
//!     #[derive(Clone, Debug, PartialEq)]
//!     struct Login {
//!         flags: u32,
//!         machine: Unique<WideString>,
//!         process: u32,
//!     }
//! }
//!
//! let login = Login { flags: 7, machine: Unique::some("DC1".into()), process: 42 };
//! let mut encoder = Encoder::new();
//! encoder.put(&login);
//! let stub = encoder.finish();
//!
//! let mut decoder = Decoder::new(&stub);
//! assert_eq!(decoder.get::<Login>()?, login);
//! decoder.finish()?;
//! # Ok::<(), winreach_ndr::Error>(())
//! ```
//!
//! Every length that a peer sent is compared with the bytes at hand before anything is allocated.
//! Sources: C706 chapter 14; `[MS-RPCE] 2.2.4` to `2.2.6`.

mod array;
mod bstr;
mod decoder;
mod encoder;
mod error;
mod narrow_string;
pub mod pickle;
mod pointer;
mod structure;
mod traits;
mod wide_string;

pub use array::{Conformant, ConformantVarying, Octets};
pub use bstr::Bstr;
pub use decoder::{Decoder, Endian};
pub use encoder::Encoder;
pub use error::{Error, ErrorKind};
pub use narrow_string::NarrowString;
pub use pointer::Unique;
pub use structure::largest;
pub use traits::{Decode, Encode, Layout};
pub use wide_string::WideString;

/// The value of the first non-null referent of a stub; each further one is four more.
const FIRST_REFERENT: u32 = 0x0002_0000;
