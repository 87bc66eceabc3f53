//! Values as they lie in a peer's bytes, and on to values of their own.

use winreach_cim::{Array, CimType, DateTime, Object, Value, ValueType};

use crate::error::{Error, ErrorKind};
use crate::heap::Heap;
use crate::text::Text;
use crate::unit::Unit;
use crate::wire;
use crate::work::Work;

/// A value borrowed from the bytes of an object: nothing is copied, nothing allocated.
///
/// ```
/// # use winreach_wmio::ValueRef;
/// fn describe(value: ValueRef<'_>) -> String {
///     match value {
///         ValueRef::Null => "nothing".into(),
///         ValueRef::Uint32(number) => format!("the number {number}"),
///         ValueRef::String(text) => format!("the text {text}"),
///         other => format!("{other:?}"),
///     }
/// }
/// assert_eq!(describe(ValueRef::Uint32(7)), "the number 7");
/// ```
#[derive(Clone, Copy, PartialEq, Debug)]
#[allow(missing_docs)]
pub enum ValueRef<'a> {
    /// No value.
    Null,
    Boolean(bool),
    Sint8(i8),
    Uint8(u8),
    Sint16(i16),
    Uint16(u16),
    Sint32(i32),
    Uint32(u32),
    Sint64(i64),
    Uint64(u64),
    Real32(f32),
    Real64(f64),
    /// One UTF-16 code unit.
    Char16(u16),
    String(Text<'a>),
    /// The 25 characters of a CIM date-time, unchecked.
    DateTime(Text<'a>),
    /// An object path.
    Reference(Text<'a>),
    Object(ObjectRef<'a>),
    Array(ArrayRef<'a>),
}

/// An embedded object, not yet decoded.
#[derive(Clone, Copy, Debug)]
pub struct ObjectRef<'a> {
    block: &'a [u8],
    offset: usize,
}

/// An array in a heap, its elements not yet decoded.
#[derive(Clone, Copy, Debug)]
pub struct ArrayRef<'a> {
    heap: Heap<'a>,
    elements: &'a [u8],
    element: CimType,
}

impl<'a> ValueRef<'a> {
    /// The value of this type at the start of `slot`, where heap values are references into `heap`.
    #[inline]
    pub(crate) fn read(
        value_type: ValueType,
        slot: &'a [u8],
        heap: Heap<'a>,
    ) -> Result<Self, Error> {
        if value_type.array {
            return ArrayRef::read(u32::from_le_bytes(first(slot)?), value_type.base, heap);
        }
        match value_type.base {
            CimType::Boolean => first(slot).map(|octets| Self::Boolean(octets != [0, 0])),
            CimType::Sint8 => first(slot).map(|octets| Self::Sint8(i8::from_le_bytes(octets))),
            CimType::Uint8 => first(slot).map(|octets| Self::Uint8(u8::from_le_bytes(octets))),
            CimType::Sint16 => first(slot).map(|octets| Self::Sint16(i16::from_le_bytes(octets))),
            CimType::Uint16 => first(slot).map(|octets| Self::Uint16(u16::from_le_bytes(octets))),
            CimType::Sint32 => first(slot).map(|octets| Self::Sint32(i32::from_le_bytes(octets))),
            CimType::Uint32 => first(slot).map(|octets| Self::Uint32(u32::from_le_bytes(octets))),
            CimType::Sint64 => first(slot).map(|octets| Self::Sint64(i64::from_le_bytes(octets))),
            CimType::Uint64 => first(slot).map(|octets| Self::Uint64(u64::from_le_bytes(octets))),
            CimType::Real32 => first(slot).map(|octets| Self::Real32(f32::from_le_bytes(octets))),
            CimType::Real64 => first(slot).map(|octets| Self::Real64(f64::from_le_bytes(octets))),
            CimType::Char16 => first(slot).map(|octets| Self::Char16(u16::from_le_bytes(octets))),
            CimType::String => Self::read_text(slot, heap, Self::String),
            CimType::DateTime => Self::read_text(slot, heap, Self::DateTime),
            CimType::Reference => Self::read_text(slot, heap, Self::Reference),
            CimType::Object => ObjectRef::read(u32::from_le_bytes(first(slot)?), heap),
        }
    }

    #[inline]
    fn read_text(
        slot: &[u8],
        heap: Heap<'a>,
        wrap: impl FnOnce(Text<'a>) -> Self,
    ) -> Result<Self, Error> {
        let text = heap.text(u32::from_le_bytes(first(slot)?), "Encoded-String")?;
        Ok(text.map_or(Self::Null, wrap))
    }

    /// Whether there is no value.
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// The value, independent of the bytes.
    ///
    /// A date-time that is none becomes a [`Value::String`], so that nothing is lost.
    ///
    /// # Errors
    /// When an embedded object or an array is malformed.
    pub fn to_value(self) -> Result<Value, Error> {
        let size = match self {
            Self::Array(array) => array.heap.bytes().len(),
            Self::Object(object) => object.block.len(),
            _ => usize::MAX,
        };
        self.own(&mut Work::for_size(size))
    }

    pub(crate) fn own(&self, work: &mut Work) -> Result<Value, Error> {
        Ok(match *self {
            Self::Null => Value::Null,
            Self::Boolean(v) => Value::Boolean(v),
            Self::Sint8(v) => Value::Sint8(v),
            Self::Uint8(v) => Value::Uint8(v),
            Self::Sint16(v) => Value::Sint16(v),
            Self::Uint16(v) => Value::Uint16(v),
            Self::Sint32(v) => Value::Sint32(v),
            Self::Uint32(v) => Value::Uint32(v),
            Self::Sint64(v) => Value::Sint64(v),
            Self::Uint64(v) => Value::Uint64(v),
            Self::Real32(v) => Value::Real32(v),
            Self::Real64(v) => Value::Real64(v),
            Self::Char16(v) => Value::Char16(v),
            Self::String(text) => Value::String(own_text(text, work)?),
            Self::Reference(text) => Value::Reference(own_text(text, work)?),
            Self::DateTime(text) => match date_time(text) {
                Some(at) => Value::DateTime(at),
                None => Value::String(own_text(text, work)?),
            },
            Self::Object(object) => Value::Object(Box::new(object.own(work)?)),
            Self::Array(array) => Value::Array(Box::new(array.own(work)?)),
        })
    }
}

/// The octets at the start of a slot.
#[inline]
fn first<const N: usize>(slot: &[u8]) -> Result<[u8; N], Error> {
    slot.first_chunk().copied().ok_or_else(|| {
        Error::new(0, "EncodedValue", ErrorKind::Truncated { needed: N, left: slot.len() })
    })
}

/// The octets of a reference, which even an empty text costs.
const REFERENCE: usize = 4;

fn own_text(text: Text<'_>, work: &mut Work) -> Result<String, Error> {
    work.spend(text.encoded_len() + REFERENCE, 0, "Encoded-String")?;
    Ok(text.into())
}

fn owned(text: Result<Option<Text<'_>>, Error>) -> Result<Option<String>, Error> {
    Ok(text?.map(String::from))
}

fn date_time(text: Text<'_>) -> Option<DateTime> {
    text.as_ascii()?.parse().ok()
}

impl<'a> ObjectRef<'a> {
    fn read(reference: u32, heap: Heap<'a>) -> Result<ValueRef<'a>, Error> {
        const FIELD: &str = "embedded object";
        let Some(mut item) = heap.item(reference, FIELD)? else { return Ok(ValueRef::Null) };
        let len = item.u32("ObjectEncodingLength")?;
        let block = item.part(len, FIELD)?;
        Ok(ValueRef::Object(Self { block: block.left(), offset: block.offset() }))
    }

    /// How many octets its block has.
    pub(crate) fn len(self) -> usize {
        self.block.len()
    }

    /// The object, decoded.
    ///
    /// # Errors
    /// When it is malformed.
    pub fn to_object(self) -> Result<Object, Error> {
        self.own(&mut Work::for_size(self.block.len()))
    }

    fn own(self, work: &mut Work) -> Result<Object, Error> {
        work.deeper(self.offset, "embedded object", |work| {
            Unit::read_block(self.block, self.offset, work).map(Unit::into_object)
        })
    }
}

impl PartialEq for ObjectRef<'_> {
    /// Whether they are the same octets.
    fn eq(&self, other: &Self) -> bool {
        self.block == other.block
    }
}

impl<'a> ArrayRef<'a> {
    fn read(reference: u32, element: CimType, heap: Heap<'a>) -> Result<ValueRef<'a>, Error> {
        const FIELD: &str = "Encoded-Array";
        let Some(mut item) = heap.item(reference, FIELD)? else { return Ok(ValueRef::Null) };
        let start = item;
        let count = item.u32(FIELD)?;
        let octets = usize::try_from(count)
            .ok()
            .and_then(|count| count.checked_mul(wire::element_width(element)))
            .ok_or_else(|| start.error(FIELD, ErrorKind::Length(count)))?;
        Ok(ValueRef::Array(Self { heap, elements: item.take(octets, FIELD)?, element }))
    }

    /// The type of each element.
    pub fn element_type(&self) -> CimType {
        self.element
    }

    /// How many elements there are.
    pub fn len(&self) -> usize {
        self.elements.len() / wire::element_width(self.element)
    }

    /// Whether there is no element.
    pub fn is_empty(&self) -> bool {
        self.elements.is_empty()
    }

    /// How many octets the elements have, without what they refer to.
    pub(crate) fn octets(&self) -> usize {
        self.elements.len()
    }

    /// Each element in turn; a null element is [`ValueRef::Null`].
    pub fn iter(self) -> impl ExactSizeIterator<Item = Result<ValueRef<'a>, Error>> + 'a {
        self.elements
            .chunks_exact(wire::element_width(self.element))
            .map(move |slot| ValueRef::read(ValueType::scalar(self.element), slot, self.heap))
    }

    fn own(self, work: &mut Work) -> Result<Array, Error> {
        macro_rules! numbers {
            ($variant:ident, $type:ty) => {{
                let (chunks, _) = self.elements.as_chunks();
                Array::$variant(chunks.iter().map(|b| <$type>::from_le_bytes(*b)).collect())
            }};
        }
        work.spend(self.elements.len(), self.heap.offset(), "Encoded-Array")?;
        Ok(match self.element {
            CimType::Boolean => {
                let (chunks, _) = self.elements.as_chunks::<2>();
                Array::Boolean(chunks.iter().map(|b| *b != [0, 0]).collect())
            }
            CimType::Sint8 => numbers!(Sint8, i8),
            CimType::Uint8 => Array::Uint8(self.elements.to_vec()),
            CimType::Sint16 => numbers!(Sint16, i16),
            CimType::Uint16 => numbers!(Uint16, u16),
            CimType::Sint32 => numbers!(Sint32, i32),
            CimType::Uint32 => numbers!(Uint32, u32),
            CimType::Sint64 => numbers!(Sint64, i64),
            CimType::Uint64 => numbers!(Uint64, u64),
            CimType::Real32 => numbers!(Real32, f32),
            CimType::Real64 => numbers!(Real64, f64),
            CimType::Char16 => numbers!(Char16, u16),
            CimType::String => {
                Array::String(self.texts(work).map(owned).collect::<Result<_, _>>()?)
            }
            CimType::Reference => {
                Array::Reference(self.texts(work).map(owned).collect::<Result<_, _>>()?)
            }
            CimType::DateTime => self.own_dates(work)?,
            CimType::Object => Array::Object(
                self.iter()
                    .map(|element| match element? {
                        ValueRef::Object(object) => object.own(work).map(Some),
                        _ => Ok(None),
                    })
                    .collect::<Result<_, _>>()?,
            ),
        })
    }

    /// Date-times, or all of them as text where one of them is none.
    fn own_dates(self, work: &mut Work) -> Result<Array, Error> {
        let texts = self.texts(work).collect::<Result<Vec<_>, _>>()?;
        let date = |text: &Option<Text<'_>>| match text {
            Some(text) => date_time(*text).map(Some),
            None => Some(None),
        };
        Ok(match texts.iter().map(date).collect() {
            Some(dates) => Array::DateTime(dates),
            None => Array::String(texts.into_iter().map(|text| text.map(String::from)).collect()),
        })
    }

    /// The text of each element, as far as the work allows it.
    fn texts(self, work: &mut Work) -> impl Iterator<Item = Result<Option<Text<'a>>, Error>> {
        const FIELD: &str = "Encoded-String";
        let Self { heap, elements, .. } = self;
        let (references, _) = elements.as_chunks();
        references.iter().map(move |reference| {
            let text = heap.text(u32::from_le_bytes(*reference), FIELD)?;
            work.spend(text.map_or(0, Text::encoded_len), heap.offset(), FIELD)?;
            Ok(text)
        })
    }
}

impl PartialEq for ArrayRef<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.element == other.element && self.iter().eq(other.iter())
    }
}
