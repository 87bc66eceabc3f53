//! How a type travels.

use uuid::Uuid;

use crate::{Decoder, Encoder, Error};

/// What a type asks of the place where it stands.
pub trait Layout {
    /// The natural alignment: that of the largest member, where pointers and counts take four.
    const ALIGN: usize;
}

/// A type that can be written to a stub.
pub trait Encode: Layout {
    /// Writes the value itself; of an embedded pointer, the referent.
    fn encode(&self, encoder: &mut Encoder);

    /// Writes the pointees of the embedded pointers, in the order of their referents.
    fn encode_deferred(&self, _encoder: &mut Encoder) {}
}

/// A type that can be read from a stub.
pub trait Decode: Layout + Sized {
    /// Reads the value itself; of an embedded pointer, the referent.
    ///
    /// # Errors
    /// Says what is wrong with the bytes, and where.
    fn decode(decoder: &mut Decoder<'_>) -> Result<Self, Error>;

    /// Reads the pointees of the embedded pointers, in the order of their referents.
    ///
    /// # Errors
    /// Says what is wrong with the bytes, and where.
    fn decode_deferred(&mut self, _decoder: &mut Decoder<'_>) -> Result<(), Error> {
        Ok(())
    }
}

macro_rules! primitive {
    ($($type:ty, $method:ident, $align:literal;)*) => {$(
        impl Layout for $type {
            const ALIGN: usize = $align;
        }

        impl Encode for $type {
            fn encode(&self, encoder: &mut Encoder) {
                encoder.$method(*self);
            }
        }

        impl Decode for $type {
            fn decode(decoder: &mut Decoder<'_>) -> Result<Self, Error> {
                decoder.$method("")
            }
        }
    )*};
}

primitive! {
    u8, u8, 1;
    u16, u16, 2;
    u32, u32, 4;
    u64, u64, 8;
    i32, i32, 4;
}

impl Layout for Uuid {
    const ALIGN: usize = 4;
}

impl Encode for Uuid {
    fn encode(&self, encoder: &mut Encoder) {
        encoder.uuid(self);
    }
}

impl Decode for Uuid {
    fn decode(decoder: &mut Decoder<'_>) -> Result<Self, Error> {
        decoder.uuid("")
    }
}
