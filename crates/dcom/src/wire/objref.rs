//! References to objects, as they travel.
//!
//! Source: `[MS-DCOM] 2.2.18`. An object reference is packed and little-endian, whatever the byte
//! order of the stub around it.

use uuid::Uuid;
use winreach_ndr::{Decode, Decoder, Encode, Encoder, Endian, Error, ErrorKind, ndr_struct};

use super::DualStringArray;

/// "MEOW".
const SIGNATURE: u32 = 0x574F_454D;
/// The signature within an extended reference.
const EXTENDED_SIGNATURE: u32 = 0x4E53_5956;

const STANDARD: u32 = 1;
const HANDLER: u32 = 2;
const CUSTOM: u32 = 4;
const EXTENDED: u32 = 8;

ndr_struct! {
    /// Which interface of which object in which exporter, and how many references come with it.
    ///
    /// Source: `[MS-DCOM] 2.2.18.1`.
    #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
    pub struct StdObjRef {
        /// 0 or [`StdObjRef::NO_PING`]; a reader ignores other bits.
        pub flags: u32,
        /// How many references the receiver now owns and gives back one day.
        pub public_refs: u32,
        /// The exporter.
        pub oxid: u64,
        /// The object.
        pub oid: u64,
        /// The interface.
        pub ipid: Uuid,
    }
}

impl StdObjRef {
    /// The object lives without pings.
    pub const NO_PING: u32 = 0x1000;
}

/// A reference to an object.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ObjRef {
    /// The interface for which the reference was made.
    pub iid: Uuid,
    /// Where the object is, or the object itself.
    pub body: ObjRefBody,
}

/// The four forms of a reference.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ObjRefBody {
    /// A remote object.
    Standard {
        /// Which one.
        std: StdObjRef,
        /// The bindings of the resolver that knows the exporter, without endpoints.
        resolver: DualStringArray,
    },
    /// A remote object that wants a helper on the client.
    Handler {
        /// Which one.
        std: StdObjRef,
        /// The class of the helper.
        clsid: Uuid,
        /// The bindings of the resolver that knows the exporter.
        resolver: DualStringArray,
    },
    /// An object that travels by value.
    Custom {
        /// Who reads the data.
        clsid: Uuid,
        /// Anything; Windows writes the length of the data, for activation properties plus 8.
        reserved: u32,
        /// The object.
        data: Vec<u8>,
    },
    /// A remote object with an envoy context.
    Extended {
        /// Which one.
        std: StdObjRef,
        /// The bindings of the resolver that knows the exporter.
        resolver: DualStringArray,
        /// The identifier of the context.
        context_id: Uuid,
        /// The context.
        context: Vec<u8>,
    },
}

impl ObjRef {
    /// An object that travels by value.
    pub fn custom(iid: Uuid, clsid: Uuid, data: Vec<u8>) -> Self {
        let reserved = u32::try_from(data.len()).unwrap_or(u32::MAX);
        Self { iid, body: ObjRefBody::Custom { clsid, reserved, data } }
    }

    /// A remote object.
    pub const fn standard(iid: Uuid, std: StdObjRef, resolver: DualStringArray) -> Self {
        Self { iid, body: ObjRefBody::Standard { std, resolver } }
    }

    /// The remote object and its resolver; nothing for one that travels by value.
    pub const fn remote(&self) -> Option<(&StdObjRef, &DualStringArray)> {
        match &self.body {
            ObjRefBody::Standard { std, resolver }
            | ObjRefBody::Handler { std, resolver, .. }
            | ObjRefBody::Extended { std, resolver, .. } => Some((std, resolver)),
            ObjRefBody::Custom { .. } => None,
        }
    }

    /// The data of an object that travels by value and that `clsid` reads.
    pub fn data(&self, clsid: Uuid) -> Option<&[u8]> {
        match &self.body {
            ObjRefBody::Custom { clsid: reader, data, .. } if *reader == clsid => Some(data),
            _ => None,
        }
    }

    /// The reference as bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut encoder = Encoder::new();
        packed_u32(&mut encoder, SIGNATURE);
        packed_u32(&mut encoder, self.flags());
        encoder.bytes(&self.iid.to_bytes_le());
        match &self.body {
            ObjRefBody::Standard { std, resolver } => {
                std.encode(&mut encoder);
                resolver.encode_packet(&mut encoder);
            }
            ObjRefBody::Handler { std, clsid, resolver } => {
                std.encode(&mut encoder);
                encoder.bytes(&clsid.to_bytes_le());
                resolver.encode_packet(&mut encoder);
            }
            ObjRefBody::Custom { clsid, reserved, data } => {
                encoder.bytes(&clsid.to_bytes_le());
                packed_u32(&mut encoder, 0);
                packed_u32(&mut encoder, *reserved);
                encoder.bytes(data);
            }
            ObjRefBody::Extended { std, resolver, context_id, context } => {
                std.encode(&mut encoder);
                packed_u32(&mut encoder, EXTENDED_SIGNATURE);
                resolver.encode_packet(&mut encoder);
                packed_u32(&mut encoder, 1);
                packed_u32(&mut encoder, EXTENDED_SIGNATURE);
                encoder.bytes(&context_id.to_bytes_le());
                let rounded = context.len().next_multiple_of(8);
                packed_u32(&mut encoder, u32::try_from(context.len()).unwrap_or(u32::MAX));
                packed_u32(&mut encoder, u32::try_from(rounded).unwrap_or(u32::MAX));
                encoder.bytes(context);
                encoder.bytes(&vec![0; rounded - context.len()]);
            }
        }
        encoder.finish()
    }

    /// Reads a reference from the front of some bytes; data by value goes to their end.
    ///
    /// # Errors
    /// Where they are no reference of one of the four forms.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        Self::read(&mut Decoder::new(bytes))
    }

    /// As [`from_bytes`](Self::from_bytes), with errors that count from an outer stub.
    pub(crate) fn read(decoder: &mut Decoder<'_>) -> Result<Self, Error> {
        decoder.set_endian(Endian::Little);
        demand(decoder, SIGNATURE, "OBJREF.signature")?;
        let flags = decoder.u32("OBJREF.flags")?;
        let iid = decoder.uuid("OBJREF.iid")?;
        let body = match flags {
            STANDARD => ObjRefBody::Standard {
                std: StdObjRef::decode(decoder)?,
                resolver: DualStringArray::decode_packet(decoder)?,
            },
            HANDLER => ObjRefBody::Handler {
                std: StdObjRef::decode(decoder)?,
                clsid: decoder.uuid("OBJREF_HANDLER.clsid")?,
                resolver: DualStringArray::decode_packet(decoder)?,
            },
            CUSTOM => {
                let clsid = decoder.uuid("OBJREF_CUSTOM.clsid")?;
                let _extension = decoder.u32("OBJREF_CUSTOM.cbExtension")?;
                let reserved = decoder.u32("OBJREF_CUSTOM.reserved")?;
                let data = decoder.bytes(decoder.remaining(), "OBJREF_CUSTOM.pObjectData")?;
                ObjRefBody::Custom { clsid, reserved, data: data.to_vec() }
            }
            EXTENDED => extended(decoder)?,
            _ => {
                let kind = ErrorKind::Invalid("not one of the four forms of a reference");
                return Err(decoder.error("OBJREF.flags", kind));
            }
        };
        Ok(Self { iid, body })
    }

    const fn flags(&self) -> u32 {
        match self.body {
            ObjRefBody::Standard { .. } => STANDARD,
            ObjRefBody::Handler { .. } => HANDLER,
            ObjRefBody::Custom { .. } => CUSTOM,
            ObjRefBody::Extended { .. } => EXTENDED,
        }
    }
}

fn extended(decoder: &mut Decoder<'_>) -> Result<ObjRefBody, Error> {
    let std = StdObjRef::decode(decoder)?;
    demand(decoder, EXTENDED_SIGNATURE, "OBJREF_EXTENDED.Signature1")?;
    let resolver = DualStringArray::decode_packet(decoder)?;
    // The bindings may end at an odd place, and nothing is aligned after them.
    let mut decoder = decoder.nested(decoder.remaining(), "OBJREF_EXTENDED.nElms")?;
    demand(&mut decoder, 1, "OBJREF_EXTENDED.nElms")?;
    demand(&mut decoder, EXTENDED_SIGNATURE, "OBJREF_EXTENDED.Signature2")?;
    let context_id = decoder.uuid("DATAELEMENT.dataID")?;
    let size = decoder.count(1, "DATAELEMENT.cbSize")?;
    let rounded = decoder.count(1, "DATAELEMENT.cbRounded")?;
    let data = decoder.bytes(rounded, "DATAELEMENT.Data")?;
    let context = data.get(..size).ok_or_else(|| {
        decoder.error("DATAELEMENT.cbSize", ErrorKind::Invalid("larger than its rounded size"))
    })?;
    Ok(ObjRefBody::Extended { std, resolver, context_id, context: context.to_vec() })
}

fn demand(decoder: &mut Decoder<'_>, expected: u32, field: &'static str) -> Result<(), Error> {
    let wrong = decoder.error(field, ErrorKind::Invalid("not an object reference"));
    if decoder.u32(field)? == expected { Ok(()) } else { Err(wrong) }
}

fn packed_u32(encoder: &mut Encoder, value: u32) {
    encoder.bytes(&value.to_le_bytes());
}
