//! Numbers that travel.

use bitflags::bitflags;
use winreach_cim::{CimType, ValueType};

/// What every encoding unit starts with (`[MS-WMIO] 2.2.77`).
pub(crate) const SIGNATURE: u32 = 0x1234_5678;
/// The reference to nothing (`[MS-WMIO] 2.2.69`).
pub(crate) const NULL_REF: u32 = 0xFFFF_FFFF;
/// Marks a reference into the dictionary, and always stands in the length of a heap.
pub(crate) const TOP_BIT: u32 = 0x8000_0000;
/// Marks the type of an array (`[MS-WMIO] 2.2.82`).
const ARRAY: u32 = 0x2000;
/// Marks the type of an inherited property (`[MS-WMIO] 2.2.32`).
pub(crate) const INHERITED: u32 = 0x4000;
/// Marks an inherited method (`[MS-WMIO] 2.2.43`).
pub(crate) const METHOD_INHERITED: u8 = 0x20;
/// The size of a method description (`[MS-WMIO] 2.2.41`).
pub(crate) const METHOD_DESCRIPTION: usize = 24;
/// No property has qualifiers of its own in this instance (`[MS-WMIO] 2.2.65`).
pub(crate) const NO_PROPERTY_QUALIFIERS: u8 = 1;
/// A qualifier set a property follows.
pub(crate) const PROPERTY_QUALIFIERS: u8 = 2;

bitflags! {
    /// What an object block is and carries (`[MS-WMIO] 2.2.6`).
    #[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
    pub struct ObjectFlags: u8 {
        /// A class.
        const CLASS = 0x01;
        /// An instance.
        const INSTANCE = 0x02;
        /// It says which server and namespace it comes from.
        const DECORATION = 0x04;
        /// The class is the prototype of a query's results.
        const PROTOTYPE = 0x10;
        /// A projection left key properties out.
        const KEYS_MISSING = 0x40;
    }
}

/// The value of a property is null (`[MS-WMIO] 2.2.27`).
pub(crate) const ND_NULL: u8 = 0b01;
/// The value of a property is inherited: in an instance, that of the class.
pub(crate) const ND_DEFAULT: u8 = 0b10;

/// The two bits of the property with this declaration order. Recorded Windows 10 traffic and the
/// examples of `[MS-WMIO] 3` index by declaration order, not by the lookup table as 2.2.26 says.
pub(crate) fn nd_bits(table: &[u8], order: usize) -> u8 {
    table.get(order / 4).map_or(ND_NULL, |byte| byte >> (2 * (order % 4)) & 0b11)
}

/// Sets the two bits of a property whose bits are still clear.
pub(crate) fn set_nd_bits(table: &mut [u8], order: usize, bits: u8) {
    if let Some(byte) = table.get_mut(order / 4) {
        *byte |= bits << (2 * (order % 4));
    }
}

/// The size of the NdTable for this number of properties.
pub(crate) fn nd_len(properties: usize) -> usize {
    properties.div_ceil(4)
}

/// Strings so common that they are numbers (`[MS-WMIO] 2.2.80`).
pub(crate) const DICTIONARY: [&str; 11] = [
    "\"", "key", "", "read", "write", "volatile", "provider", "dynamic", "cimwin32", "DWORD",
    "CIMTYPE",
];

/// The type out of its number; nothing where the number is none. Only the lower half counts, and
/// the mark of inheritance is not part of the type.
pub(crate) fn value_type(code: u32) -> Option<ValueType> {
    let code = code & 0xFFFF & !INHERITED;
    let base = u8::try_from(code & !ARRAY).ok().and_then(CimType::from_code)?;
    Some(ValueType { base, array: code & ARRAY != 0 })
}

/// The number of a type.
pub(crate) fn type_code(value_type: ValueType) -> u32 {
    u32::from(value_type.base.code()) | if value_type.array { ARRAY } else { 0 }
}

/// The octets of a value of this type outside a heap (`[MS-WMIO] 2.2.71`).
pub(crate) fn width(value_type: ValueType) -> usize {
    if value_type.array { 4 } else { element_width(value_type.base) }
}

/// The octets of one element of an array.
pub(crate) fn element_width(base: CimType) -> usize {
    match base {
        CimType::Sint8 | CimType::Uint8 => 1,
        CimType::Sint16 | CimType::Uint16 | CimType::Boolean | CimType::Char16 => 2,
        CimType::Sint32 | CimType::Uint32 | CimType::Real32 => 4,
        CimType::Sint64 | CimType::Uint64 | CimType::Real64 => 8,
        CimType::String | CimType::DateTime | CimType::Reference | CimType::Object => 4,
    }
}
