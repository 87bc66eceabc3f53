//! Packets of smart enumeration: many objects, whose classes are sent once (`[MS-WMI] 2.2.14`).

mod read;
mod write;

pub use read::{ClassMap, ObjectArray, PacketObject};
pub use write::{ObjectArrayWriter, SentClasses};

const SIGNATURE: &[u8; 8] = b"WBEMDATA";
/// The first header: byte order, signature, two sizes, flags, version and type.
const HEADER1_LEN: u32 = 26;
/// The second header: two sizes.
const HEADER2_LEN: u32 = 8;
/// The third header: two sizes and the number of objects.
const HEADER3_LEN: u32 = 12;
/// The header of an object: two sizes and a type.
const OBJECT_HEADER_LEN: u32 = 9;
/// The header of a class: two sizes.
const CLASS_HEADER_LEN: u32 = 8;
/// The header of an instance: two sizes and the class's GUID.
const INSTANCE_HEADER_LEN: u32 = 24;
const VERSION: u8 = 1;
/// The packet answers `IWbemWCOSmartEnum::Next`.
const SMART_ENUM: u8 = 1;

/// What an object in a packet is.
mod kind {
    pub(super) const CLASS: u8 = 1;
    pub(super) const INSTANCE: u8 = 2;
    pub(super) const INSTANCE_WITHOUT_CLASS: u8 = 3;
}
