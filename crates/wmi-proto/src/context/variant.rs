//! The values of a context.

use bytes::{Buf, BufMut};
use winreach_ndr::{Error, ErrorKind};

use crate::ClassObject;
use crate::packed::Packed;

/// A value in a [`Context`](crate::Context). There are no 64-bit integers; they travel as strings.
#[derive(Clone, PartialEq, Debug)]
#[allow(missing_docs)]
pub enum Variant {
    Null,
    Boolean(bool),
    Sint8(i8),
    Uint8(u8),
    Sint16(i16),
    Uint16(u16),
    Sint32(i32),
    Uint32(u32),
    Real32(f32),
    Real64(f64),
    String(String),
    Object(ClassObject),
    Array(VariantArray),
}

/// Values of one type, none of them an array.
#[derive(Clone, PartialEq, Debug)]
pub struct VariantArray {
    element: VariantType,
    items: Vec<Variant>,
}

/// The type of a [`Variant`] that can stand in an array.
///
/// The discriminants are those of `VARENUM` (`[MS-OAUT] 2.2.7`).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[repr(u16)]
#[allow(missing_docs)]
pub enum VariantType {
    /// The array has a length and nothing else.
    Null = 1,
    Sint16 = 2,
    Sint32 = 3,
    Real32 = 4,
    Real64 = 5,
    String = 8,
    Boolean = 11,
    Object = 13,
    Sint8 = 16,
    Uint8 = 17,
    Uint16 = 18,
    Uint32 = 19,
}

const ARRAY: u16 = 0x2000;
const TRUE: u16 = 0xFFFF;

impl Variant {
    fn variant_type(&self) -> Option<VariantType> {
        Some(match self {
            Self::Array(_) => return None,
            Self::Null => VariantType::Null,
            Self::Boolean(_) => VariantType::Boolean,
            Self::Sint8(_) => VariantType::Sint8,
            Self::Uint8(_) => VariantType::Uint8,
            Self::Sint16(_) => VariantType::Sint16,
            Self::Uint16(_) => VariantType::Uint16,
            Self::Sint32(_) => VariantType::Sint32,
            Self::Uint32(_) => VariantType::Uint32,
            Self::Real32(_) => VariantType::Real32,
            Self::Real64(_) => VariantType::Real64,
            Self::String(_) => VariantType::String,
            Self::Object(_) => VariantType::Object,
        })
    }

    /// The type code and the value.
    pub(super) fn put(&self, out: &mut Vec<u8>) {
        if let Self::Array(VariantArray { element, items }) = self {
            out.put_u16_le(ARRAY | *element as u16);
            out.put_u32_le(count(items.len()));
            out.put_u32_le(count(element.array_size()));
            items.iter().for_each(|item| item.put_value(out, element.array_size()));
        } else {
            out.put_u16_le(self.variant_type().unwrap_or(VariantType::Null) as u16);
            self.put_value(out, SINGLE);
        }
    }

    /// The bare value, filled up with zeros to `width` where it has a fixed size.
    fn put_value(&self, out: &mut Vec<u8>, width: usize) {
        let end = out.len() + width;
        match self {
            Self::Null | Self::Array(_) => return,
            Self::String(text) => return put_string(out, text),
            Self::Object(object) => return object.put(out),
            Self::Boolean(v) => out.put_u16_le(if *v { TRUE } else { 0 }),
            Self::Sint8(v) => out.put_i8(*v),
            Self::Uint8(v) => out.put_u8(*v),
            Self::Sint16(v) => out.put_i16_le(*v),
            Self::Uint16(v) => out.put_u16_le(*v),
            Self::Sint32(v) => out.put_i32_le(*v),
            Self::Uint32(v) => out.put_u32_le(*v),
            Self::Real32(v) => out.put_f32_le(*v),
            Self::Real64(v) => out.put_f64_le(*v),
        }
        out.resize(end, 0);
    }

    pub(super) fn get(packed: &mut Packed) -> Result<Self, Error> {
        let code = packed.u16("IWbemContext.PropertyType")?;
        let Some(element) = VariantType::from_code(code & !ARRAY) else {
            return Err(packed.invalid("IWbemContext.PropertyType", "not a type of a context"));
        };
        if code & ARRAY == 0 {
            return element.get(packed, SINGLE);
        }
        let count = packed.u32("IWbemContext.ElementCount")?;
        let size = packed.u32("IWbemContext.ElementSize")? as usize;
        if size < element.size() {
            return Err(packed.invalid("IWbemContext.ElementSize", "smaller than the type"));
        }
        if element == VariantType::Null && count > MAX_NULLS {
            return Err(packed.invalid("IWbemContext.ElementCount", "too many nulls"));
        }
        let mut items = Vec::new();
        for _ in 0..count {
            items.push(element.get(packed, size)?);
        }
        Ok(Self::Array(VariantArray { element, items }))
    }
}

/// How long an array of nulls may be, which takes no bytes however long it is.
const MAX_NULLS: u32 = 4096;

/// Bytes of a single value of a fixed size.
const SINGLE: usize = 8;

impl VariantArray {
    /// An array; nothing where an element is not of the type `element`, or where there are more than
    /// 4096 nulls.
    pub fn new(element: VariantType, items: Vec<Variant>) -> Option<Self> {
        let uniform = items.iter().all(|item| item.variant_type() == Some(element));
        let too_many = element == VariantType::Null && count(items.len()) > MAX_NULLS;
        (uniform && !too_many).then_some(Self { element, items })
    }

    /// An array of strings.
    pub fn strings(items: impl IntoIterator<Item = String>) -> Self {
        let items = items.into_iter().map(Variant::String).collect();
        Self { element: VariantType::String, items }
    }

    /// The type of each element.
    pub fn element_type(&self) -> VariantType {
        self.element
    }

    /// The elements.
    pub fn items(&self) -> &[Variant] {
        &self.items
    }
}

impl VariantType {
    fn from_code(code: u16) -> Option<Self> {
        use VariantType::*;
        [
            Null, Sint16, Sint32, Real32, Real64, String, Boolean, Object, Sint8, Uint8, Uint16,
            Uint32,
        ]
        .into_iter()
        .find(|t| *t as u16 == code)
    }

    /// Bytes that the value itself takes; for strings and objects, which vary, those of the
    /// `ElementSize` that stands for them.
    fn size(self) -> usize {
        match self {
            Self::Null => 0,
            Self::Sint8 | Self::Uint8 => 1,
            Self::Sint16 | Self::Uint16 | Self::Boolean => 2,
            Self::Sint32 | Self::Uint32 | Self::Real32 | Self::String | Self::Object => 4,
            Self::Real64 => 8,
        }
    }

    /// The `ElementSize` to write: `[MS-WMI] 2.2.13.4` gives a `VT_R4` in an array 8 bytes.
    fn array_size(self) -> usize {
        match self {
            Self::Real32 => 8,
            other => other.size(),
        }
    }

    /// One value that takes `width` bytes, if it is of a fixed size.
    fn get(self, packed: &mut Packed, width: usize) -> Result<Variant, Error> {
        const FIELD: &str = "IWbemContext.PropertyValue";
        let mut fixed = || packed.bytes(width.max(self.size()), FIELD);
        Ok(match self {
            Self::Null => Variant::Null,
            Self::Sint8 => Variant::Sint8(fixed()?.get_i8()),
            Self::Uint8 => Variant::Uint8(fixed()?.get_u8()),
            Self::Sint16 => Variant::Sint16(fixed()?.get_i16_le()),
            Self::Uint16 => Variant::Uint16(fixed()?.get_u16_le()),
            Self::Sint32 => Variant::Sint32(fixed()?.get_i32_le()),
            Self::Uint32 => Variant::Uint32(fixed()?.get_u32_le()),
            Self::Real32 => Variant::Real32(fixed()?.get_f32_le()),
            Self::Real64 => Variant::Real64(fixed()?.get_f64_le()),
            Self::Boolean => Variant::Boolean(fixed()?.get_u16_le() != 0),
            Self::String => Variant::String(get_string(packed, FIELD)?),
            Self::Object => Variant::Object(ClassObject::get(packed)?),
        })
    }
}

/// A count for the wire. What has more than 32 bits of anything fits into no stub.
pub(super) fn count(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

pub(super) fn put_string(out: &mut Vec<u8>, text: &str) {
    out.put_u32_le(count(text.encode_utf16().count()));
    text.encode_utf16().for_each(|unit| out.put_u16_le(unit));
}

pub(super) fn get_string(packed: &mut Packed, field: &'static str) -> Result<String, Error> {
    let units = packed.u32(field)? as usize;
    let offset = packed.offset();
    let bytes = packed.bytes(units.saturating_mul(2), field)?;
    let units = bytes.chunks_exact(2).map(|mut pair| pair.get_u16_le());
    char::decode_utf16(units).collect::<Result<String, _>>().map_err(|_| Error {
        offset,
        field,
        kind: ErrorKind::Utf16,
    })
}
