//! What stands before the parameters of every call on an object.

use uuid::Uuid;
use winreach_ndr::{
    Conformant, Decode, Decoder, Encode, Encoder, Error, ErrorKind, Layout, Unique, ndr_struct,
};

ndr_struct! {
    /// The version of the protocol.
    ///
    /// Source: `[MS-DCOM] 2.2.11`.
    #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
    pub struct ComVersion {
        /// Always 5.
        pub major: u16,
        /// 1 to 7.
        pub minor: u16,
    }
}

impl ComVersion {
    /// The version of this implementation, and of Windows.
    pub const CURRENT: Self = Self { major: 5, minor: 7 };
    /// What a server without `ServerAlive2` speaks.
    pub const OLDEST: Self = Self { major: 5, minor: 1 };

    /// What to speak with a peer: the lower of both minor versions, or nothing with another major
    /// version (`[MS-DCOM] 1.7`).
    pub fn negotiate(self, peer: Self) -> Option<Self> {
        (self.major == peer.major).then(|| self.min(peer))
    }
}

ndr_struct! {
    /// The header of a request.
    ///
    /// Source: `[MS-DCOM] 2.2.13.3`.
    #[derive(Clone, PartialEq, Eq, Debug)]
    pub struct OrpcThis {
        /// What the client speaks.
        pub version: ComVersion,
        /// 0 in calls on objects; anything in activations.
        pub flags: u32,
        /// 0.
        pub reserved: u32,
        /// The causality chain to which the call belongs.
        pub causality: Uuid,
        /// Data beside the parameters.
        pub extensions: Unique<Extensions>,
    }
}

impl OrpcThis {
    /// The header of a call on an object.
    pub const fn new(version: ComVersion, causality: Uuid) -> Self {
        Self { version, flags: 0, reserved: 0, causality, extensions: Unique::null() }
    }
}

ndr_struct! {
    /// The header of a response.
    ///
    /// Source: `[MS-DCOM] 2.2.13.4`.
    #[derive(Clone, PartialEq, Eq, Debug, Default)]
    pub struct OrpcThat {
        /// Anything; 0 from this implementation and in calls on Windows' objects.
        pub flags: u32,
        /// Data beside the results.
        pub extensions: Unique<Extensions>,
    }
}

/// Data beside the parameters, each piece under a GUID; a reader skips those that it does not know.
///
/// Source: `[MS-DCOM] 2.2.13.2`.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Extensions(pub Vec<Extent>);

impl Extensions {
    /// The data under a GUID.
    pub fn get(&self, id: Uuid) -> Option<&[u8]> {
        self.0.iter().find(|extent| extent.id == id).map(|extent| extent.data.as_slice())
    }
}

/// A piece of data under a GUID.
///
/// Source: `[MS-DCOM] 2.2.13.1`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Extent {
    /// Says what the data are.
    pub id: Uuid,
    /// The data, without the padding to a multiple of eight.
    pub data: Vec<u8>,
}

impl Layout for Extensions {
    const ALIGN: usize = 4;
}

impl Encode for Extensions {
    fn encode(&self, encoder: &mut Encoder) {
        encoder.count(self.0.len());
        encoder.u32(0);
        encoder.referent(true);
    }

    fn encode_deferred(&self, encoder: &mut Encoder) {
        // The array has an even number of pointers; the last one may be null.
        encoder.count(self.0.len().next_multiple_of(2));
        self.0.iter().for_each(|_| encoder.referent(true));
        if self.0.len() % 2 == 1 {
            encoder.referent(false);
        }
        self.0.iter().for_each(|extent| encoder.put(extent));
    }
}

impl Decode for Extensions {
    fn decode(decoder: &mut Decoder<'_>) -> Result<Self, Error> {
        let _count = decoder.u32("ORPC_EXTENT_ARRAY.size")?;
        let _reserved = decoder.u32("ORPC_EXTENT_ARRAY.reserved")?;
        decoder.pointer("ORPC_EXTENT_ARRAY.extent")?;
        Ok(Self::default())
    }

    fn decode_deferred(&mut self, decoder: &mut Decoder<'_>) -> Result<(), Error> {
        if decoder.pointee() {
            let extents: Conformant<Unique<Extent>> =
                decoder.get_named("ORPC_EXTENT_ARRAY.extent")?;
            self.0 = extents.0.into_iter().filter_map(|extent| extent.0).collect();
        }
        Ok(())
    }
}

impl Layout for Extent {
    const ALIGN: usize = 4;
}

impl Encode for Extent {
    fn encode(&self, encoder: &mut Encoder) {
        let padded = self.data.len().next_multiple_of(8);
        encoder.count(padded);
        encoder.uuid(&self.id);
        encoder.count(self.data.len());
        encoder.bytes(&self.data);
        encoder.bytes(&vec![0; padded - self.data.len()]);
    }
}

impl Decode for Extent {
    fn decode(decoder: &mut Decoder<'_>) -> Result<Self, Error> {
        let padded = decoder.count(1, "ORPC_EXTENT.max_count")?;
        let id = decoder.uuid("ORPC_EXTENT.id")?;
        let size = decoder.count(1, "ORPC_EXTENT.size")?;
        let data = decoder.bytes(padded, "ORPC_EXTENT.data")?;
        let data = data.get(..size).ok_or_else(|| {
            decoder.error("ORPC_EXTENT.size", ErrorKind::Invalid("larger than its data"))
        })?;
        Ok(Self { id, data: data.to_vec() })
    }
}
