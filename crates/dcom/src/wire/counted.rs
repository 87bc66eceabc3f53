//! Arrays whose length is a parameter of its own.

use winreach_ndr::{Conformant, Decode, Decoder, Encode, Encoder, Error, ErrorKind, Layout};

/// An `unsigned short` and, right behind it, the conformant array that it counts.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Counted<T>(pub Vec<T>);

impl<T> From<Vec<T>> for Counted<T> {
    fn from(elements: Vec<T>) -> Self {
        Self(elements)
    }
}

impl<T> Layout for Counted<T> {
    const ALIGN: usize = 2;
}

impl<T: Encode> Encode for Counted<T> {
    fn encode(&self, encoder: &mut Encoder) {
        encoder.u16(u16::try_from(self.0.len()).unwrap_or(u16::MAX));
        encoder.count(self.0.len());
        for element in &self.0 {
            encoder.align(T::ALIGN);
            encoder.put(element);
        }
    }
}

impl<T: Decode> Decode for Counted<T> {
    fn decode(decoder: &mut Decoder<'_>) -> Result<Self, Error> {
        let count = decoder.u16("")?;
        let array = decoder.get()?;
        matching(decoder, count.into(), array).map(Self)
    }
}

/// The elements of an array, where there are as many as the parameter says.
pub(super) fn matching<T>(
    decoder: &Decoder<'_>,
    count: u32,
    array: Conformant<T>,
) -> Result<Vec<T>, Error> {
    let found = u32::try_from(array.0.len()).unwrap_or(u32::MAX);
    if found == count {
        Ok(array.0)
    } else {
        Err(decoder.error("", ErrorKind::Disagreement { expected: count, found }))
    }
}

/// The elements behind a pointer that was not null, or none; as many as the parameter says.
pub(super) fn behind<T: Decode>(
    decoder: &mut Decoder<'_>,
    present: bool,
    count: u32,
) -> Result<Vec<T>, Error> {
    let array = if present { decoder.get()? } else { Conformant::default() };
    matching(decoder, count, array)
}
