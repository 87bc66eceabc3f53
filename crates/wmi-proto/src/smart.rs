//! `IWbemFetchSmartEnum` and `IWbemWCOSmartEnum`: a result whose classes travel once.
//!
//! Source: `[MS-WMI] 3.1.4.6`, 3.1.4.7; what an empty answer looks like from recorded Windows 10
//! traffic.

use bytes::Bytes;
use uuid::Uuid;
use winreach_dcom::wire::ObjRef;
use winreach_ndr::{Encoder, Error, ErrorKind};

use crate::stub::{Parameters, Reader, methods};
use crate::{Timeout, iid};

/// What [`Next`] gives back.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Packet {
    /// How many objects are in it.
    pub returned: u32,
    /// The `ObjectArray` of `[MS-WMI] 2.2.14`; empty where there are no objects.
    pub objects: Bytes,
}

impl Parameters for Packet {
    fn write(&self, encoder: &mut Encoder) {
        encoder.u32(self.returned);
        encoder.count(self.objects.len());
        encoder.referent(!self.objects.is_empty());
        if !self.objects.is_empty() {
            encoder.count(self.objects.len());
            encoder.bytes(&self.objects);
        }
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, Error> {
        let decoder = reader.decoder();
        let returned = decoder.u32("Next.puReturned")?;
        let size = decoder.u32("Next.pdwBuffSize")?;
        let found = match decoder.referent("Next.pBuffer")? {
            true => decoder.u32("Next.pBuffer.max_count")?,
            false => 0,
        };
        if found != size {
            let kind = ErrorKind::Disagreement { expected: size, found };
            return Err(decoder.error("Next.pBuffer.max_count", kind));
        }
        Ok(Self { returned, objects: reader.bytes(size as usize, "Next.pBuffer")? })
    }
}

methods! {
    "IWbemFetchSmartEnum" iid::FETCH_SMART_ENUM;

    /// The smart form of the enumerator.
    3 => GetSmartEnum {} -> Option<ObjRef>;
}

methods! {
    "IWbemWCOSmartEnum" iid::WCO_SMART_ENUM;

    /// Reads objects.
    3 => Next {
        /// Who reads: the server keeps in mind which classes this one already has.
        proxy: Uuid,
        /// How long to wait for them.
        timeout: Timeout,
        /// How many at most.
        count: u32,
    } -> Packet;
}
