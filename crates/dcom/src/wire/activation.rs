//! The blob of properties that an activation sends and gets back.
//!
//! Source: `[MS-DCOM] 2.2.22`.

use uuid::Uuid;
use winreach_ndr::{Decode, Decoder, Encode, Encoder, Error, ErrorKind, Layout, Unique, pickle};

use super::counted::behind;
use super::{
    ActivationContextInfo, ComVersion, InstanceInfo, InstantiationInfo, LocationInfo, ObjRef,
    ObjRefBody, PropsOutInfo, ScmReplyInfo, ScmRequestInfo, SecurityInfo, ServerInfo,
    SpecialProperties, SpecialReserved, TOWER_TCP, clsid, empty_context, iid,
};

/// MSHCTX_DIFFERENTMACHINE, what Windows writes into every blob.
const DIFFERENT_MACHINE: u32 = 2;

/// CLSCTX_LOCAL_SERVER | CLSCTX_REMOTE_SERVER, as the WMI client of Windows writes.
const CLASS_CONTEXT: u32 = 0x14;

/// How many properties there may be (`MAX_ACTPROP_LIMIT`).
const MAX_PROPERTIES: usize = 10;

/// The properties of an activation, in order.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ActivationProperties {
    /// The destination context; servers ignore it.
    pub destination: u32,
    /// The properties.
    pub properties: Vec<Property>,
}

/// One property of an activation.
#[derive(Clone, PartialEq, Eq, Debug)]
#[expect(missing_docs, reason = "each holds the structure of its name")]
pub enum Property {
    Instantiation(InstantiationInfo),
    Special(SpecialProperties),
    Instance(InstanceInfo),
    ScmRequest(ScmRequestInfo),
    Context(ActivationContextInfo),
    Location(LocationInfo),
    Security(SecurityInfo),
    PropsOut(PropsOutInfo),
    ScmReply(ScmReplyInfo),
    /// One that this crate does not know, kept as it came.
    Unknown {
        clsid: Uuid,
        bytes: Vec<u8>,
    },
}

impl ActivationProperties {
    /// Properties in order.
    pub const fn new(properties: Vec<Property>) -> Self {
        Self { destination: DIFFERENT_MACHINE, properties }
    }

    /// What a client asks for: an object of class `clsid` on `server`, by the interfaces `iids`.
    ///
    /// The same properties in the same order as a Windows client sends, which calls the level at
    /// which a program works by default `authn_level` and its context `context_id`.
    pub fn request(
        server: &str,
        clsid: Uuid,
        iids: &[Uuid],
        authn_level: u32,
        context_id: Uuid,
    ) -> Self {
        let mut instantiation = InstantiationInfo {
            class_id: clsid,
            class_context: CLASS_CONTEXT,
            flags: 0,
            is_surrogate: 0,
            instance_flags: 0,
            iids: iids.to_vec(),
            size: 0,
            client_version: ComVersion::CURRENT,
        };
        instantiation.size = saturate(pickle::encode(&instantiation).len());
        let server = ServerInfo { name: Unique::some(server.into()), ..ServerInfo::default() };
        Self::new(vec![
            Property::Special(SpecialProperties {
                session_id: u32::MAX,
                remote_this_session: 0,
                client_impersonating: 0,
                partition_present: 0,
                default_authn_level: authn_level,
                partition: Uuid::nil(),
                prt_flags: 0,
                class_context: CLASS_CONTEXT,
                flags: 2,
                reserved: SpecialReserved::Current(0, 0, [0; 5]),
            }),
            Property::Instantiation(instantiation),
            Property::Context(ActivationContextInfo {
                client_context: empty_context(context_id).into(),
                ..ActivationContextInfo::default()
            }),
            Property::Security(SecurityInfo {
                server: Unique::some(server),
                ..SecurityInfo::default()
            }),
            Property::Location(LocationInfo::default()),
            Property::ScmRequest(ScmRequestInfo {
                impersonation_level: 2,
                protocols: vec![TOWER_TCP],
            }),
        ])
    }

    /// What a server answers. Some clients find the two properties by their places.
    pub fn answer(objects: PropsOutInfo, exporter: ScmReplyInfo) -> Self {
        Self::new(vec![Property::PropsOut(objects), Property::ScmReply(exporter)])
    }

    /// The blob.
    pub fn to_bytes(&self) -> Vec<u8> {
        let streams: Vec<Vec<u8>> = self.properties.iter().map(Property::to_bytes).collect();
        let mut header = CustomHeader {
            total_size: 0,
            header_size: 0,
            destination: self.destination,
            clsids: self.properties.iter().map(Property::clsid).collect(),
            sizes: streams.iter().map(|stream| saturate(stream.len())).collect(),
        };
        // The header counts itself; its length does not depend on the values.
        let header_size = pickle::encode(&header).len();
        let total_size = streams.iter().map(Vec::len).fold(header_size, usize::saturating_add);
        header.header_size = saturate(header_size);
        header.total_size = saturate(total_size);

        let mut encoder = Encoder::new();
        encoder.u32(header.total_size);
        encoder.u32(0);
        encoder.bytes(&pickle::encode(&header));
        streams.iter().for_each(|stream| encoder.bytes(stream));
        encoder.finish()
    }

    /// Reads a blob.
    ///
    /// # Errors
    /// Where sizes go beyond what is there, or a known property is malformed.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        let mut decoder = Decoder::new(bytes);
        let size = decoder.count(1, "ActivationProperties.dwSize")?;
        let _reserved = decoder.u32("ActivationProperties.dwReserved")?;
        let mut blob = decoder.nested(size, "ActivationProperties.dwSize")?;
        let mut front = blob.clone();
        let header: CustomHeader = pickle::decode(&mut front)?;
        let header_size = usize::try_from(header.header_size).unwrap_or(usize::MAX);
        blob.bytes(header_size, "CustomHeader.headerSize")?;
        let properties = header
            .clsids
            .into_iter()
            .zip(header.sizes)
            .map(|(clsid, size)| {
                let size = usize::try_from(size).unwrap_or(usize::MAX);
                Property::read(clsid, blob.nested(size, "CustomHeader.pSizes")?)
            })
            .collect::<Result<_, _>>()?;
        Ok(Self { destination: header.destination, properties })
    }

    /// The reference in which a request carries the blob.
    pub fn to_request(&self) -> ObjRef {
        self.to_reference(iid::ACTIVATION_PROPERTIES_IN, clsid::ACTIVATION_PROPERTIES_IN)
    }

    /// The reference in which an answer carries the blob.
    pub fn to_answer(&self) -> ObjRef {
        self.to_reference(iid::ACTIVATION_PROPERTIES_OUT, clsid::ACTIVATION_PROPERTIES_OUT)
    }

    /// Reads the blob of a request.
    ///
    /// # Errors
    /// Where the reference holds something else, or as [`from_bytes`](Self::from_bytes).
    pub fn from_request(reference: &ObjRef) -> Result<Self, Error> {
        Self::from_reference(reference, clsid::ACTIVATION_PROPERTIES_IN)
    }

    /// Reads the blob of an answer.
    ///
    /// # Errors
    /// Where the reference holds something else, or as [`from_bytes`](Self::from_bytes).
    pub fn from_answer(reference: &ObjRef) -> Result<Self, Error> {
        Self::from_reference(reference, clsid::ACTIVATION_PROPERTIES_OUT)
    }

    fn to_reference(&self, iid: Uuid, clsid: Uuid) -> ObjRef {
        let data = self.to_bytes();
        // Windows counts eight bytes more than there are.
        let reserved = saturate(data.len().saturating_add(8));
        ObjRef { iid, body: ObjRefBody::Custom { clsid, reserved, data } }
    }

    fn from_reference(reference: &ObjRef, clsid: Uuid) -> Result<Self, Error> {
        let wrong = ErrorKind::Invalid("not activation properties");
        let data = reference.data(clsid).ok_or(Error {
            offset: 0,
            field: "OBJREF_CUSTOM.clsid",
            kind: wrong,
        })?;
        Self::from_bytes(data)
    }
}

impl Property {
    /// Under which class identifier the property travels.
    pub const fn clsid(&self) -> Uuid {
        match self {
            Self::Instantiation(_) => clsid::INSTANTIATION_INFO,
            Self::Special(_) => clsid::SPECIAL_SYSTEM_PROPERTIES,
            Self::Instance(_) => clsid::INSTANCE_INFO,
            Self::ScmRequest(_) => clsid::SCM_REQUEST_INFO,
            Self::Context(_) => clsid::ACTIVATION_CONTEXT_INFO,
            Self::Location(_) => clsid::SERVER_LOCATION_INFO,
            Self::Security(_) => clsid::SECURITY_INFO,
            Self::PropsOut(_) => clsid::PROPS_OUT_INFO,
            Self::ScmReply(_) => clsid::SCM_REPLY_INFO,
            Self::Unknown { clsid, .. } => *clsid,
        }
    }

    fn to_bytes(&self) -> Vec<u8> {
        match self {
            Self::Instantiation(value) => pickle::encode(value),
            Self::Special(value) => pickle::encode(value),
            Self::Instance(value) => pickle::encode(value),
            Self::ScmRequest(value) => pickle::encode(value),
            Self::Context(value) => pickle::encode(value),
            Self::Location(value) => pickle::encode(value),
            Self::Security(value) => pickle::encode(value),
            Self::PropsOut(value) => pickle::encode(value),
            Self::ScmReply(value) => pickle::encode(value),
            Self::Unknown { bytes, .. } => bytes.clone(),
        }
    }

    fn read(clsid: Uuid, mut stream: Decoder<'_>) -> Result<Self, Error> {
        let stream = &mut stream;
        Ok(match clsid {
            clsid::INSTANTIATION_INFO => Self::Instantiation(pickle::decode(stream)?),
            clsid::SPECIAL_SYSTEM_PROPERTIES => Self::Special(pickle::decode(stream)?),
            clsid::INSTANCE_INFO => Self::Instance(pickle::decode(stream)?),
            clsid::SCM_REQUEST_INFO => Self::ScmRequest(pickle::decode(stream)?),
            clsid::ACTIVATION_CONTEXT_INFO => Self::Context(pickle::decode(stream)?),
            clsid::SERVER_LOCATION_INFO => Self::Location(pickle::decode(stream)?),
            clsid::SECURITY_INFO => Self::Security(pickle::decode(stream)?),
            clsid::PROPS_OUT_INFO => Self::PropsOut(pickle::decode(stream)?),
            clsid::SCM_REPLY_INFO => Self::ScmReply(pickle::decode(stream)?),
            clsid => Self::Unknown { clsid, bytes: stream.rest().to_vec() },
        })
    }
}

/// What stands before the properties.
///
/// Source: `[MS-DCOM] 2.2.22.1`.
struct CustomHeader {
    total_size: u32,
    header_size: u32,
    destination: u32,
    clsids: Vec<Uuid>,
    sizes: Vec<u32>,
}

impl Layout for CustomHeader {
    const ALIGN: usize = 4;
}

impl Encode for CustomHeader {
    fn encode(&self, encoder: &mut Encoder) {
        encoder.u32(self.total_size);
        encoder.u32(self.header_size);
        encoder.u32(0);
        encoder.u32(self.destination);
        encoder.count(self.clsids.len());
        encoder.uuid(&Uuid::nil());
        encoder.referent(true);
        encoder.referent(true);
        encoder.referent(false);
        encoder.count(self.clsids.len());
        self.clsids.iter().for_each(|clsid| encoder.uuid(clsid));
        encoder.count(self.sizes.len());
        self.sizes.iter().for_each(|size| encoder.u32(*size));
    }
}

impl Decode for CustomHeader {
    fn decode(decoder: &mut Decoder<'_>) -> Result<Self, Error> {
        let total_size = decoder.u32("CustomHeader.totalSize")?;
        let header_size = decoder.u32("CustomHeader.headerSize")?;
        let _reserved = decoder.u32("CustomHeader.dwReserved")?;
        let destination = decoder.u32("CustomHeader.destCtx")?;
        let too_many = decoder.error("CustomHeader.cIfs", ErrorKind::Invalid("not 1 to 10"));
        let count = decoder.u32("CustomHeader.cIfs")?;
        if !usize::try_from(count).is_ok_and(|count| (1..=MAX_PROPERTIES).contains(&count)) {
            return Err(too_many);
        }
        let _class_info = decoder.uuid("CustomHeader.classInfoClsid")?;
        let clsids_present = decoder.referent("CustomHeader.pclsid")?;
        let sizes_present = decoder.referent("CustomHeader.pSizes")?;
        let _reserved = decoder.referent("CustomHeader.pdwReserved")?;
        let clsids = behind(decoder, clsids_present, count)
            .map_err(|error| error.named("CustomHeader.pclsid"))?;
        let sizes = behind(decoder, sizes_present, count)
            .map_err(|error| error.named("CustomHeader.pSizes"))?;
        Ok(Self { total_size, header_size, destination, clsids, sizes })
    }
}

fn saturate(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}
