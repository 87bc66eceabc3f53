//! The parameters of IObjectExporter, the interface of the resolver.
//!
//! Source: `[MS-DCOM] 3.1.2.5.1`.

use uuid::Uuid;
use winreach_ndr::{Conformant, Decode, Decoder, Encode, Encoder, Error, Layout, Unique};

use super::counted::matching;
use super::stub::stub;
use super::{ComVersion, Counted, DualStringArray};

/// Method numbers.
pub mod opnum {
    /// Where an exporter is; without its version.
    pub const RESOLVE_OXID: u16 = 0;
    /// Keeps a ping set alive.
    pub const SIMPLE_PING: u16 = 1;
    /// Makes, changes or keeps alive a ping set.
    pub const COMPLEX_PING: u16 = 2;
    /// Whether the resolver is there.
    pub const SERVER_ALIVE: u16 = 3;
    /// Where an exporter is.
    pub const RESOLVE_OXID2: u16 = 4;
    /// Whether the resolver is there, and how it can be reached.
    pub const SERVER_ALIVE2: u16 = 5;
}

stub! {
    /// A request to resolve, both for `ResolveOxid` and `ResolveOxid2`.
    #[derive(Clone, PartialEq, Eq, Debug)]
    pub struct ResolveOxid {
        /// The exporter.
        pub oxid: u64,
        /// The protocols over which the caller can come.
        pub protocols: Counted<u16>,
    }
}

stub! {
    /// The answer of `ResolveOxid`.
    #[derive(Clone, PartialEq, Eq, Debug, Default)]
    pub struct ResolveOxidResponse {
        /// Where the exporter can be reached, with endpoints.
        pub bindings: Unique<DualStringArray>,
        /// Its IRemUnknown.
        pub ipid_rem_unknown: Uuid,
        /// The lowest authentication level that it takes.
        pub authn_hint: u32,
        /// 0, or why not.
        pub status: u32,
    }
}

stub! {
    /// The answer of `ResolveOxid2`.
    #[derive(Clone, PartialEq, Eq, Debug)]
    pub struct ResolveOxid2Response {
        /// Where the exporter can be reached, with endpoints.
        pub bindings: Unique<DualStringArray>,
        /// Its IRemUnknown.
        pub ipid_rem_unknown: Uuid,
        /// The lowest authentication level that it takes.
        pub authn_hint: u32,
        /// What it speaks.
        pub version: ComVersion,
        /// 0, or why not.
        pub status: u32,
    }
}

stub! {
    /// Keeps a ping set alive.
    #[derive(Clone, Copy, PartialEq, Eq, Debug)]
    pub struct SimplePing {
        /// The set.
        pub set_id: u64,
    }
}

/// Makes, changes or keeps alive a ping set.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ComplexPing {
    /// The set; 0 for a new one.
    pub set_id: u64,
    /// Grows with each call on a set.
    pub sequence: u16,
    /// Objects that are to be in the set; at most 65535.
    pub add: Vec<u64>,
    /// Objects that are to leave it; at most 65535.
    pub remove: Vec<u64>,
}

impl Layout for ComplexPing {
    const ALIGN: usize = 8;
}

impl Encode for ComplexPing {
    fn encode(&self, encoder: &mut Encoder) {
        encoder.u64(self.set_id);
        encoder.u16(self.sequence);
        for oids in [&self.add, &self.remove] {
            encoder.u16(u16::try_from(oids.len()).unwrap_or(u16::MAX));
        }
        for oids in [&self.add, &self.remove] {
            encoder.referent(!oids.is_empty());
            if !oids.is_empty() {
                encoder.count(oids.len());
                oids.iter().for_each(|oid| encoder.u64(*oid));
            }
        }
    }
}

impl Decode for ComplexPing {
    fn decode(decoder: &mut Decoder<'_>) -> Result<Self, Error> {
        let set_id = decoder.u64("ComplexPing.pSetId")?;
        let sequence = decoder.u16("ComplexPing.SequenceNum")?;
        let added = decoder.u16("ComplexPing.cAddToSet")?;
        let removed = decoder.u16("ComplexPing.cDelFromSet")?;
        let mut oids = |count: u16| {
            let array: Unique<Conformant<u64>> = decoder.get()?;
            matching(decoder, count.into(), array.0.unwrap_or_default())
        };
        Ok(Self {
            set_id,
            sequence,
            add: oids(added).map_err(|error| error.named("ComplexPing.AddToSet"))?,
            remove: oids(removed).map_err(|error| error.named("ComplexPing.DelFromSet"))?,
        })
    }
}

stub! {
    /// The answer of `ComplexPing`.
    #[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
    pub struct ComplexPingResponse {
        /// The set, new where the request said 0.
        pub set_id: u64,
        /// By how much to ping less often; a client may ignore it.
        pub backoff: u16,
        /// 0, or why not.
        pub status: u32,
    }
}

stub! {
    /// The answer of `SimplePing` and of `ServerAlive`.
    #[derive(Clone, Copy, PartialEq, Eq, Debug)]
    pub struct StatusResponse {
        /// 0, or why not.
        pub status: u32,
    }
}

stub! {
    /// The answer of `ServerAlive2`.
    #[derive(Clone, PartialEq, Eq, Debug)]
    pub struct ServerAlive2Response {
        /// What the resolver speaks.
        pub version: ComVersion,
        /// Where it can be reached, without endpoints.
        pub bindings: Unique<DualStringArray>,
        /// 0.
        pub reserved: u32,
        /// 0, or why not.
        pub status: u32,
    }
}
