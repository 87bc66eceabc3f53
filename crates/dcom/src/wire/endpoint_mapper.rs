//! The parameters of the endpoint mapper, as far as tools ask it.
//!
//! Source: DCE 1.1: RPC (C706), appendices I, L and O; `[MS-RPCE] 2.2.1.2`.

use uuid::{Uuid, uuid};
use winreach_ndr::{
    ConformantVarying, Decode, Decoder, Encode, Encoder, Error, ErrorKind, Layout, Octets, Unique,
    ndr_struct,
};

use super::stub::stub;

/// The interface, version 3.0.
pub const ENDPOINT_MAPPER: Uuid = uuid!("e1af8308-5d1f-11c9-91a4-08002b14a0fa");

/// Nothing (more) is registered (`ept_s_not_registered`).
pub const NOT_REGISTERED: u32 = 0x16C9_A0D6;

/// Method numbers.
pub mod opnum {
    /// Lists what is registered.
    pub const EPT_LOOKUP: u16 = 2;
    /// Where an interface is.
    pub const EPT_MAP: u16 = 3;
    /// Ends a listing.
    pub const EPT_LOOKUP_HANDLE_FREE: u16 = 4;
}

/// A context handle; null, since an answer never leaves anything for a further call.
pub type Handle = [u32; 5];

ndr_struct! {
    /// An interface and its version.
    #[derive(Clone, Copy, PartialEq, Eq, Debug)]
    pub struct InterfaceId {
        /// The interface.
        pub uuid: Uuid,
        /// Major version.
        pub major: u16,
        /// Minor version.
        pub minor: u16,
    }
}

stub! {
    /// Asks for a list.
    #[derive(Clone, PartialEq, Eq, Debug)]
    pub struct EptLookup {
        /// What to list by.
        pub inquiry_type: u32,
        /// An object.
        pub object: Unique<Uuid>,
        /// An interface.
        pub interface: Unique<InterfaceId>,
        /// Which versions of it.
        pub version_option: u32,
        /// Null at first.
        pub handle: Handle,
        /// For how many entries there is room.
        pub max_entries: u32,
    }
}

stub! {
    /// A list.
    #[derive(Clone, PartialEq, Eq, Debug)]
    pub struct EptLookupResponse {
        /// Null where the list is complete.
        pub handle: Handle,
        /// How many entries there are.
        pub count: u32,
        /// The entries.
        pub entries: ConformantVarying<Entry>,
        /// 0, or [`NOT_REGISTERED`].
        pub status: u32,
    }
}

ndr_struct! {
    /// Something that is registered.
    #[derive(Clone, PartialEq, Eq, Debug)]
    pub struct Entry {
        /// An object, mostly nil.
        pub object: Uuid,
        /// Where it is.
        pub tower: Unique<Tower>,
        /// What it is.
        pub annotation: Annotation,
    }
}

stub! {
    /// Asks where an interface is.
    #[derive(Clone, PartialEq, Eq, Debug)]
    pub struct EptMap {
        /// An object, mostly nil.
        pub object: Unique<Uuid>,
        /// The interface and the protocols.
        pub tower: Unique<Tower>,
        /// Null at first.
        pub handle: Handle,
        /// For how many answers there is room.
        pub max_towers: u32,
    }
}

stub! {
    /// Where an interface is.
    #[derive(Clone, PartialEq, Eq, Debug)]
    pub struct EptMapResponse {
        /// Null where these are all.
        pub handle: Handle,
        /// How many towers there are.
        pub count: u32,
        /// The towers.
        pub towers: ConformantVarying<Unique<Tower>>,
        /// 0, or [`NOT_REGISTERED`].
        pub status: u32,
    }
}

stub! {
    /// Ends a listing.
    #[derive(Clone, Copy, PartialEq, Eq, Debug)]
    pub struct EptLookupHandleFree {
        /// The handle.
        pub handle: Handle,
    }
}

stub! {
    /// A listing has ended.
    #[derive(Clone, Copy, PartialEq, Eq, Debug)]
    pub struct EptLookupHandleFreeResponse {
        /// Null.
        pub handle: Handle,
        /// 0.
        pub status: u32,
    }
}

/// The layers of protocol by which an interface is reached, as bytes.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Tower(pub Vec<u8>);

impl Tower {
    /// An interface in NDR 2.0 over TCP at an address.
    pub fn tcp(interface: InterfaceId, port: u16, address: [u8; 4]) -> Self {
        const NDR: InterfaceId =
            InterfaceId { uuid: uuid!("8a885d04-1ceb-11c9-9fe8-08002b104860"), major: 2, minor: 0 };
        let mut tower = Encoder::new();
        tower.bytes(&5u16.to_le_bytes());
        for syntax in [interface, NDR] {
            let mut left = vec![Self::UUID];
            left.extend(syntax.uuid.to_bytes_le());
            left.extend(syntax.major.to_le_bytes());
            floor(&mut tower, &left, &syntax.minor.to_le_bytes());
        }
        floor(&mut tower, &[Self::CONNECTION_ORIENTED], &[0, 0]);
        floor(&mut tower, &[Self::TCP], &port.to_be_bytes());
        floor(&mut tower, &[Self::IP], &address);
        Self(tower.finish())
    }

    /// The interface of the first floor.
    ///
    /// # Errors
    /// Where the first floor is none.
    pub fn interface(&self) -> Result<InterfaceId, Error> {
        let mut tower = Decoder::new(&self.0);
        let _count = tower.u16("tower.floor_count")?;
        let left = tower.u16("tower.lhs_length")?;
        let mut left = tower.nested(left.into(), "tower.lhs")?;
        if left.u8("tower.protocol")? != Self::UUID {
            return Err(left.error("tower.protocol", ErrorKind::Invalid("not an interface")));
        }
        let mut left = left.nested(left.remaining(), "tower.uuid")?;
        let uuid = left.uuid("tower.uuid")?;
        let major = left.u16("tower.version")?;
        // Nothing is aligned in a tower.
        let right = tower.nested(2, "tower.rhs_length")?.u16("tower.rhs_length")?;
        let minor = tower.nested(right.into(), "tower.rhs")?.u16("tower.version")?;
        Ok(InterfaceId { uuid, major, minor })
    }

    const UUID: u8 = 0x0D;
    const CONNECTION_ORIENTED: u8 = 0x0B;
    const TCP: u8 = 0x07;
    const IP: u8 = 0x09;
}

fn floor(tower: &mut Encoder, left: &[u8], right: &[u8]) {
    for side in [left, right] {
        tower.bytes(&u16::try_from(side.len()).unwrap_or(u16::MAX).to_le_bytes());
        tower.bytes(side);
    }
}

impl Layout for Tower {
    const ALIGN: usize = 4;
}

impl Encode for Tower {
    fn encode(&self, encoder: &mut Encoder) {
        encoder.count(self.0.len());
        encoder.count(self.0.len());
        encoder.bytes(&self.0);
    }
}

impl Decode for Tower {
    fn decode(decoder: &mut Decoder<'_>) -> Result<Self, Error> {
        let _max_count = decoder.u32("twr_t.max_count")?;
        decoder.get::<Octets>().map(|octets| Self(octets.0)).map_err(|e| e.named("twr_t"))
    }
}

/// What an entry is for, in at most 63 characters.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Annotation(pub String);

impl Layout for Annotation {
    const ALIGN: usize = 4;
}

impl Encode for Annotation {
    fn encode(&self, encoder: &mut Encoder) {
        encoder.u32(0);
        encoder.count(self.0.len() + 1);
        encoder.bytes(self.0.as_bytes());
        encoder.u8(0);
    }
}

impl Decode for Annotation {
    fn decode(decoder: &mut Decoder<'_>) -> Result<Self, Error> {
        let _offset = decoder.u32("ept_entry_t.annotation")?;
        let count = decoder.count(1, "ept_entry_t.annotation")?;
        let bytes = decoder.bytes(count, "ept_entry_t.annotation")?;
        let text = bytes.split(|byte| *byte == 0).next().unwrap_or_default();
        Ok(Self(String::from_utf8_lossy(text).into_owned()))
    }
}
