//! Interface pointers as parameters.

use winreach_ndr::{Decode, Decoder, Encode, Encoder, Error, ErrorKind, Layout};

use super::ObjRef;

/// An interface pointer: a unique pointer to an `MInterfacePointer`, which holds an [`ObjRef`].
///
/// Some peers send a pointer to zero bytes where they mean null; it is read as null.
///
/// Source: `[MS-DCOM] 2.2.14`, `2.2.16`.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct InterfacePointer(pub Option<ObjRef>);

impl InterfacePointer {
    /// The null pointer.
    pub const fn null() -> Self {
        Self(None)
    }
}

impl From<ObjRef> for InterfacePointer {
    fn from(reference: ObjRef) -> Self {
        Self(Some(reference))
    }
}

impl Layout for InterfacePointer {
    const ALIGN: usize = 4;
}

impl Encode for InterfacePointer {
    fn encode(&self, encoder: &mut Encoder) {
        encoder.referent(self.0.is_some());
    }

    fn encode_deferred(&self, encoder: &mut Encoder) {
        if let Some(reference) = &self.0 {
            let bytes = reference.to_bytes();
            encoder.count(bytes.len());
            encoder.count(bytes.len());
            encoder.bytes(&bytes);
        }
    }
}

impl Decode for InterfacePointer {
    fn decode(decoder: &mut Decoder<'_>) -> Result<Self, Error> {
        decoder.pointer("")?;
        Ok(Self::null())
    }

    fn decode_deferred(&mut self, decoder: &mut Decoder<'_>) -> Result<(), Error> {
        if !decoder.pointee() {
            return Ok(());
        }
        let max_count = decoder.u32("MInterfacePointer.max_count")?;
        let count = decoder.u32("MInterfacePointer.ulCntData")?;
        if count != max_count {
            let kind = ErrorKind::Disagreement { expected: max_count, found: count };
            return Err(decoder.error("MInterfacePointer.ulCntData", kind));
        }
        let count = usize::try_from(count).unwrap_or(usize::MAX);
        let mut bytes = decoder.nested(count, "MInterfacePointer.abData")?;
        if count != 0 {
            self.0 = Some(ObjRef::read(&mut bytes)?);
        }
        Ok(())
    }
}
