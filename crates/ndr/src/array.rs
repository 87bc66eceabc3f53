//! Arrays.

use crate::{Decode, Decoder, Encode, Encoder, Error, ErrorKind, Layout, largest};

/// A conformant array: its count, then the elements, then what the elements point to.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Conformant<T>(pub Vec<T>);

impl<T> Default for Conformant<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T: Layout> Layout for Conformant<T> {
    const ALIGN: usize = largest(&[4, T::ALIGN]);
}

impl<T: Encode> Encode for Conformant<T> {
    fn encode(&self, encoder: &mut Encoder) {
        encoder.count(self.0.len());
        encode_elements(&self.0, encoder);
    }

    fn encode_deferred(&self, encoder: &mut Encoder) {
        self.0.iter().for_each(|element| element.encode_deferred(encoder));
    }
}

impl<T: Decode> Decode for Conformant<T> {
    fn decode(decoder: &mut Decoder<'_>) -> Result<Self, Error> {
        let count = decoder.count(T::ALIGN, "")?;
        decode_elements(count, decoder).map(Self)
    }

    fn decode_deferred(&mut self, decoder: &mut Decoder<'_>) -> Result<(), Error> {
        self.0.iter_mut().try_for_each(|element| element.decode_deferred(decoder))
    }
}

/// A conformant varying array: room for `max_count` elements, of which these travel.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct ConformantVarying<T> {
    /// For how many elements there is room; at least as many as there are.
    pub max_count: u32,
    /// The elements that are there, from the first on.
    pub elements: Vec<T>,
}

impl<T: Layout> Layout for ConformantVarying<T> {
    const ALIGN: usize = largest(&[4, T::ALIGN]);
}

impl<T: Encode> Encode for ConformantVarying<T> {
    fn encode(&self, encoder: &mut Encoder) {
        encoder.u32(self.max_count);
        encoder.u32(0);
        encoder.count(self.elements.len());
        encode_elements(&self.elements, encoder);
    }

    fn encode_deferred(&self, encoder: &mut Encoder) {
        self.elements.iter().for_each(|element| element.encode_deferred(encoder));
    }
}

impl<T: Decode> Decode for ConformantVarying<T> {
    fn decode(decoder: &mut Decoder<'_>) -> Result<Self, Error> {
        let (max_count, count) = varying(decoder, T::ALIGN)?;
        Ok(Self { max_count, elements: decode_elements(count, decoder)? })
    }

    fn decode_deferred(&mut self, decoder: &mut Decoder<'_>) -> Result<(), Error> {
        self.elements.iter_mut().try_for_each(|element| element.decode_deferred(decoder))
    }
}

/// A conformant array of bytes, copied as a whole.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Octets(pub Vec<u8>);

impl Layout for Octets {
    const ALIGN: usize = 4;
}

impl Encode for Octets {
    fn encode(&self, encoder: &mut Encoder) {
        encoder.count(self.0.len());
        encoder.bytes(&self.0);
    }
}

impl Decode for Octets {
    fn decode(decoder: &mut Decoder<'_>) -> Result<Self, Error> {
        let count = decoder.count(1, "")?;
        Ok(Self(decoder.bytes(count, "")?.to_vec()))
    }
}

impl<T: Layout, const N: usize> Layout for [T; N] {
    const ALIGN: usize = T::ALIGN;
}

impl<T: Encode, const N: usize> Encode for [T; N] {
    fn encode(&self, encoder: &mut Encoder) {
        encode_elements(self, encoder);
    }

    fn encode_deferred(&self, encoder: &mut Encoder) {
        self.iter().for_each(|element| element.encode_deferred(encoder));
    }
}

impl<T: Decode, const N: usize> Decode for [T; N] {
    fn decode(decoder: &mut Decoder<'_>) -> Result<Self, Error> {
        let elements = decode_elements(N, decoder)?;
        elements.try_into().map_err(|_| decoder.error("", ErrorKind::Invalid("a short array")))
    }

    fn decode_deferred(&mut self, decoder: &mut Decoder<'_>) -> Result<(), Error> {
        self.iter_mut().try_for_each(|element| element.decode_deferred(decoder))
    }
}

/// The counts before a varying array of elements that take at least `size` bytes each: the maximum
/// and how many travel. An offset other than 0 has no use in the interfaces of DCOM.
pub(crate) fn varying(decoder: &mut Decoder<'_>, size: usize) -> Result<(u32, usize), Error> {
    let max_count = decoder.u32("")?;
    if decoder.u32("")? != 0 {
        return Err(decoder.error("", ErrorKind::Invalid("a varying array that starts late")));
    }
    let count = decoder.count(size, "")?;
    match u32::try_from(count) {
        Ok(found) if found > max_count => {
            Err(decoder.error("", ErrorKind::Disagreement { expected: max_count, found }))
        }
        _ => Ok((max_count, count)),
    }
}

fn encode_elements<T: Encode>(elements: &[T], encoder: &mut Encoder) {
    for element in elements {
        encoder.align(T::ALIGN);
        element.encode(encoder);
    }
}

fn decode_elements<T: Decode>(count: usize, decoder: &mut Decoder<'_>) -> Result<Vec<T>, Error> {
    // Not reserved: a small element on the wire may be a large one in memory.
    let mut elements = Vec::new();
    for _ in 0..count {
        decoder.align(T::ALIGN)?;
        elements.push(T::decode(decoder)?);
    }
    Ok(elements)
}
