//! Objects that travel by value, each in a custom object reference.
//!
//! Source: `[MS-DCOM] 2.2.18.6`; the value of the reserved field from recorded Windows 10 traffic.

use bytes::Bytes;
use uuid::Uuid;
use winreach_ndr::{Encoder, Error};

use crate::packed::Packed;
use crate::parameter::Marshal;
use crate::{Context, iid};

/// A class or an instance as it travels: the `EncodingUnit` of `[MS-WMIO] 2.2.1`, opaque here.
///
/// Read out of a stub it shares the memory of the stub.
///
/// Source: `[MS-WMI] 2.2.4`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ClassObject(pub Bytes);

impl Marshal for ClassObject {
    fn marshal(&self, encoder: &mut Encoder) {
        encoder.bytes(&self.header());
        encoder.bytes(&self.0);
    }

    fn unmarshal(objref: Bytes, offset: usize) -> Result<Self, Error> {
        let mut packed = Packed::new(objref, offset);
        read_header(&mut packed, iid::CLSID_CLASS_OBJECT)?;
        packed.bytes(packed.remaining(), "OBJREF.pObjectData").map(Self)
    }
}

impl ClassObject {
    /// Writes the object reference where it is not a parameter: into a context.
    pub(crate) fn put(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.header());
        out.extend_from_slice(&self.0);
    }

    /// Reads an object reference that is followed by something else. The length of the object is
    /// its own second field, as that of the reference is not to be relied on.
    ///
    /// `[MS-WMI] 2.2.13.2` can also be read as if the unit stood there alone, and so that is taken
    /// too.
    pub(crate) fn get(packed: &mut Packed) -> Result<Self, Error> {
        const PREFIX: usize = 8;
        const UNIT_SIGNATURE: u32 = 0x1234_5678;
        let mut ahead = packed.clone();
        if ahead.u32("OBJREF.signature")? != UNIT_SIGNATURE {
            read_header(packed, iid::CLSID_CLASS_OBJECT)?;
            ahead = packed.clone();
            if ahead.u32("EncodingUnit.Signature")? != UNIT_SIGNATURE {
                return Err(packed.invalid("EncodingUnit.Signature", "not an object"));
            }
        }
        let length = ahead.u32("EncodingUnit.ObjectEncodingLength")? as usize;
        packed.bytes(length.saturating_add(PREFIX), "EncodingUnit").map(Self)
    }

    fn header(&self) -> Vec<u8> {
        header(iid::CLASS_OBJECT, iid::CLSID_CLASS_OBJECT, self.0.len())
    }
}

impl Marshal for Context {
    fn marshal(&self, encoder: &mut Encoder) {
        let data = self.to_bytes();
        encoder.bytes(&header(iid::CONTEXT, iid::CLSID_CONTEXT, data.len()));
        encoder.bytes(&data);
    }

    fn unmarshal(objref: Bytes, offset: usize) -> Result<Self, Error> {
        let mut packed = Packed::new(objref, offset);
        read_header(&mut packed, iid::CLSID_CONTEXT)?;
        Self::read(&mut packed)
    }
}

const SIGNATURE: [u8; 4] = *b"MEOW";
const CUSTOM: u32 = 4;

/// What comes before the data of a custom object reference.
fn header(interface: Uuid, unmarshaler: Uuid, length: usize) -> Vec<u8> {
    let length = u32::try_from(length).unwrap_or(u32::MAX);
    [
        &SIGNATURE[..],
        &CUSTOM.to_le_bytes(),
        &interface.to_bytes_le(),
        &unmarshaler.to_bytes_le(),
        &0_u32.to_le_bytes(),
        &length.to_le_bytes(),
    ]
    .concat()
}

/// Reads what comes before the data of a custom object reference that `unmarshaler` understands.
fn read_header(packed: &mut Packed, unmarshaler: Uuid) -> Result<(), Error> {
    if packed.u32("OBJREF.signature")?.to_le_bytes() != SIGNATURE {
        return Err(packed.invalid("OBJREF.signature", "not an object reference"));
    }
    if packed.u32("OBJREF.flags")? != CUSTOM {
        return Err(packed.invalid("OBJREF.flags", "not an object by value"));
    }
    packed.uuid("OBJREF.iid")?;
    if packed.uuid("OBJREF.clsid")? != unmarshaler {
        return Err(packed.invalid("OBJREF.clsid", "an object of another kind"));
    }
    let extension = packed.u32("OBJREF.cbExtension")?;
    packed.u32("OBJREF.reserved")?;
    packed.bytes(extension as usize, "OBJREF.extension").map(drop)
}
