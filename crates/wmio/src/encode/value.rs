//! Values, and what they put into the heap.

use winreach_cim::{Array, CimType, Name, Object, Value, ValueType};

use super::object::object_block_at;
use super::writer::{self, Heap, patch, patch_u32, reserve};
use crate::error::EncodeError;
use crate::wire::NULL_REF;

/// Writes values that refer into one heap.
#[derive(Clone, Copy, Debug)]
pub(super) struct Values<'e> {
    pub(super) heap: Heap,
    /// Whose values they are, for errors.
    pub(super) element: &'e Name,
    /// How many objects they lie in.
    pub(super) depth: usize,
}

impl Values<'_> {
    /// Writes a value that is not null over the slot at `at`, and what it needs into the heap.
    #[inline]
    pub(super) fn put(
        self,
        out: &mut Vec<u8>,
        at: usize,
        value_type: ValueType,
        value: &Value,
    ) -> Result<(), EncodeError> {
        use CimType as T;
        match (value_type.array, value_type.base, value) {
            (false, T::Boolean, Value::Boolean(v)) => patch(out, at, &boolean(*v)),
            (false, T::Sint8, Value::Sint8(v)) => patch(out, at, &v.to_le_bytes()),
            (false, T::Uint8, Value::Uint8(v)) => patch(out, at, &v.to_le_bytes()),
            (false, T::Sint16, Value::Sint16(v)) => patch(out, at, &v.to_le_bytes()),
            (false, T::Uint16, Value::Uint16(v)) => patch(out, at, &v.to_le_bytes()),
            (false, T::Sint32, Value::Sint32(v)) => patch(out, at, &v.to_le_bytes()),
            (false, T::Uint32, Value::Uint32(v)) => patch(out, at, &v.to_le_bytes()),
            (false, T::Sint64, Value::Sint64(v)) => patch(out, at, &v.to_le_bytes()),
            (false, T::Uint64, Value::Uint64(v)) => patch(out, at, &v.to_le_bytes()),
            (false, T::Real32, Value::Real32(v)) => patch(out, at, &v.to_le_bytes()),
            (false, T::Real64, Value::Real64(v)) => patch(out, at, &v.to_le_bytes()),
            (false, T::Char16, Value::Char16(v)) => patch(out, at, &v.to_le_bytes()),
            _ => {
                self.heap.link(out, at)?;
                self.put_item(out, value_type, value)?;
            }
        }
        Ok(())
    }

    /// Writes what a value has in the heap.
    pub(super) fn put_item(
        self,
        out: &mut Vec<u8>,
        value_type: ValueType,
        value: &Value,
    ) -> Result<(), EncodeError> {
        let is_text = is_text(value_type.base);
        match (value_type.array, value) {
            (false, Value::String(v) | Value::Reference(v)) if is_text => {
                writer::text(out, v, self.element)
            }
            (false, Value::DateTime(v)) if is_text => writer::text(out, v.as_str(), self.element),
            (false, Value::Object(v)) if value_type.base == CimType::Object => {
                self.put_object(out, v)
            }
            (true, Value::Array(v))
                if value_type.base == v.element_type()
                    || is_text && self::is_text(v.element_type()) =>
            {
                self.put_array(out, v)
            }
            _ => Err(self.mismatch(value_type, value)),
        }
    }

    fn put_object(self, out: &mut Vec<u8>, object: &Object) -> Result<(), EncodeError> {
        let length = writer::open_length(out);
        object_block_at(object, self.depth + 1, out)?;
        writer::close_length(out, length)
    }

    /// The count and all elements, and only then what the elements refer to.
    fn put_array(self, out: &mut Vec<u8>, array: &Array) -> Result<(), EncodeError> {
        writer::put_u32(out, writer::size(array.len())?);
        macro_rules! numbers {
            ($numbers:expr) => {
                out.extend($numbers.iter().flat_map(|number| number.to_le_bytes()))
            };
        }
        match array {
            Array::Boolean(v) => out.extend(v.iter().copied().flat_map(boolean)),
            Array::Sint8(v) => numbers!(v),
            Array::Uint8(v) => out.extend_from_slice(v),
            Array::Sint16(v) => numbers!(v),
            Array::Uint16(v) => numbers!(v),
            Array::Sint32(v) => numbers!(v),
            Array::Uint32(v) => numbers!(v),
            Array::Sint64(v) => numbers!(v),
            Array::Uint64(v) => numbers!(v),
            Array::Real32(v) => numbers!(v),
            Array::Real64(v) => numbers!(v),
            Array::Char16(v) => numbers!(v),
            Array::String(v) | Array::Reference(v) => {
                return self.put_elements(out, v, |out, v| writer::text(out, v, self.element));
            }
            Array::DateTime(v) => {
                return self
                    .put_elements(out, v, |out, v| writer::text(out, v.as_str(), self.element));
            }
            Array::Object(v) => {
                return self.put_elements(out, v, |out, v| self.put_object(out, v));
            }
        }
        Ok(())
    }

    fn put_elements<T>(
        self,
        out: &mut Vec<u8>,
        elements: &[Option<T>],
        put: impl Fn(&mut Vec<u8>, &T) -> Result<(), EncodeError>,
    ) -> Result<(), EncodeError> {
        let mut at = reserve(out, 4 * elements.len());
        for element in elements {
            match element {
                Some(element) => {
                    self.heap.link(out, at)?;
                    put(out, element)?;
                }
                None => patch_u32(out, at, NULL_REF),
            }
            at += 4;
        }
        Ok(())
    }

    #[cold]
    fn mismatch(self, expected: ValueType, value: &Value) -> EncodeError {
        let found = value.value_type().unwrap_or(expected);
        EncodeError::Type { element: self.element.clone(), expected, found }
    }
}

fn boolean(value: bool) -> [u8; 2] {
    if value { [0xFF; 2] } else { [0; 2] }
}

/// Whether values of this type are text, in whatever role.
fn is_text(base: CimType) -> bool {
    matches!(base, CimType::String | CimType::DateTime | CimType::Reference)
}

/// Whether values of this type lie in the heap.
pub(super) fn is_in_heap(value_type: ValueType) -> bool {
    value_type.array || is_text(value_type.base) || value_type.base == CimType::Object
}
