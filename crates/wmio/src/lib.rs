//! MS-WMIO: CIM objects to bytes and back.
//!
//! WMI sends classes and instances by value, in an encoding of its own (`[MS-WMIO]`). This crate
//! reads and writes it, and the packets of smart enumeration (`[MS-WMI] 2.2.14`) that carry many
//! instances of few classes. It knows nothing of the calls that such bytes travel in.
//!
//! * [`Unit`] decodes a whole object; [`encode`] writes one.
//! * [`Layout`] is a class worked out once. It reads instances as [`Row`]s, whose values are
//!   borrowed from the bytes, and writes them.
//! * [`ObjectArray`] hands out the rows of a packet; [`ObjectArrayWriter`] makes packets.
//!
//! Every number of a peer is checked before it is used, and an object cannot cost more than a fixed
//! multiple of its size, whatever its references share.

mod cursor;
mod decode;
pub mod encode;
mod error;
mod extended_status;
mod heap;
mod layout;
mod packet;
mod parameters;
mod part;
mod refreshed;
mod row;
mod text;
mod unit;
mod value;
mod wire;
mod work;

pub use decode::Signature;
pub use error::{EncodeError, Error, ErrorKind};
pub use extended_status::ExtendedStatus;
pub use layout::Layout;
pub use packet::{ClassMap, ObjectArray, ObjectArrayWriter, PacketObject, SentClasses};
pub use parameters::ParameterError;
pub use refreshed::Refreshed;
pub use row::{Row, SharedRow};
pub use text::Text;
pub use unit::{ClassUnit, InstanceUnit, Unit};
pub use value::{ArrayRef, ObjectRef, ValueRef};
pub use wire::ObjectFlags;
pub use work::MAX_DEPTH;
