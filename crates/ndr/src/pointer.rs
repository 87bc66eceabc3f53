//! Unique pointers.

use crate::{Decode, Decoder, Encode, Encoder, Error, Layout};

/// A `[unique]` pointer: a pointee or null.
///
/// As a parameter the pointee follows the referent at once ([`Encoder::put`], [`Decoder::get`]);
/// embedded in a structure it comes after the outermost structure.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Unique<T>(pub Option<T>);

impl<T> Unique<T> {
    /// A pointer to a value.
    pub const fn some(value: T) -> Self {
        Self(Some(value))
    }

    /// The null pointer.
    pub const fn null() -> Self {
        Self(None)
    }
}

impl<T> Default for Unique<T> {
    fn default() -> Self {
        Self::null()
    }
}

impl<T> From<Option<T>> for Unique<T> {
    fn from(value: Option<T>) -> Self {
        Self(value)
    }
}

impl<T> Layout for Unique<T> {
    const ALIGN: usize = 4;
}

impl<T: Encode> Encode for Unique<T> {
    fn encode(&self, encoder: &mut Encoder) {
        encoder.referent(self.0.is_some());
    }

    fn encode_deferred(&self, encoder: &mut Encoder) {
        if let Some(value) = &self.0 {
            encoder.put(value);
        }
    }
}

impl<T: Decode> Decode for Unique<T> {
    fn decode(decoder: &mut Decoder<'_>) -> Result<Self, Error> {
        decoder.pointer("")?;
        Ok(Self::null())
    }

    fn decode_deferred(&mut self, decoder: &mut Decoder<'_>) -> Result<(), Error> {
        if decoder.pointee() {
            self.0 = Some(decoder.get()?);
        }
        Ok(())
    }
}
