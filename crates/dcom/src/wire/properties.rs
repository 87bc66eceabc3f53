//! The properties of a request for activation, each a type serialization stream of its own.
//!
//! They are never embedded in other structures, so pointees stand right behind the structure.
//! Source: `[MS-DCOM] 2.2.22.2`.

use uuid::Uuid;
use winreach_ndr::{
    Decode, Decoder, Encode, Encoder, Error, ErrorKind, Layout, Unique, WideString, ndr_struct,
};

use super::counted::behind;
use super::{ComVersion, InterfacePointer};

/// What to create.
///
/// Source: `[MS-DCOM] 2.2.22.2.1`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct InstantiationInfo {
    /// The class.
    pub class_id: Uuid,
    /// The class context that the program asked for; servers ignore it.
    pub class_context: u32,
    /// Activation flags; 0.
    pub flags: u32,
    /// 0.
    pub is_surrogate: i32,
    /// 0.
    pub instance_flags: u32,
    /// The interfaces, one to 0x8000 of them.
    pub iids: Vec<Uuid>,
    /// The size of this stream in bytes; servers ignore it.
    pub size: u32,
    /// What the client speaks; servers ignore it here.
    pub client_version: ComVersion,
}

impl Layout for InstantiationInfo {
    const ALIGN: usize = 4;
}

impl Encode for InstantiationInfo {
    fn encode(&self, encoder: &mut Encoder) {
        encoder.uuid(&self.class_id);
        encoder.u32(self.class_context);
        encoder.u32(self.flags);
        encoder.i32(self.is_surrogate);
        encoder.count(self.iids.len());
        encoder.u32(self.instance_flags);
        encoder.referent(true);
        encoder.u32(self.size);
        self.client_version.encode(encoder);
        put_array(encoder, &self.iids);
    }
}

impl Decode for InstantiationInfo {
    fn decode(decoder: &mut Decoder<'_>) -> Result<Self, Error> {
        let class_id = decoder.uuid("InstantiationInfoData.classId")?;
        let class_context = decoder.u32("InstantiationInfoData.classCtx")?;
        let flags = decoder.u32("InstantiationInfoData.actvflags")?;
        let is_surrogate = decoder.i32("InstantiationInfoData.fIsSurrogate")?;
        let count = decoder.u32("InstantiationInfoData.cIID")?;
        let instance_flags = decoder.u32("InstantiationInfoData.instFlag")?;
        let present = decoder.referent("InstantiationInfoData.pIID")?;
        let size = decoder.u32("InstantiationInfoData.thisSize")?;
        let client_version = decoder.get_named("InstantiationInfoData.clientCOMVersion")?;
        let iids = behind(decoder, present, count)
            .map_err(|error| error.named("InstantiationInfoData.pIID"))?;
        Ok(Self {
            class_id,
            class_context,
            flags,
            is_surrogate,
            instance_flags,
            iids,
            size,
            client_version,
        })
    }
}

/// Session and partition of the activation.
///
/// Source: `[MS-DCOM] 2.2.22.2.2`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SpecialProperties {
    /// The logon session, 0xFFFFFFFF for any.
    pub session_id: u32,
    /// 1 where the session matters.
    pub remote_this_session: i32,
    /// 1 where the calling thread impersonates.
    pub client_impersonating: i32,
    /// 1 where there is a partition.
    pub partition_present: i32,
    /// The default authentication level of the client program.
    pub default_authn_level: u32,
    /// The partition.
    pub partition: Uuid,
    /// 0.
    pub prt_flags: u32,
    /// The class context that the program asked for.
    pub class_context: u32,
    /// Windows writes 2; bit 0 asks for the console session.
    pub flags: u32,
    /// What follows in one of the two forms that the structure has.
    pub reserved: SpecialReserved,
}

/// The end of [`SpecialProperties`]; a server accepts both forms.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum SpecialReserved {
    /// The form that Windows sends: 84 bytes in all.
    Current(u32, u64, [u32; 5]),
    /// The alternate form: 80 bytes in all.
    Alternate([u32; 8]),
}

impl SpecialReserved {
    /// What the current form takes from its beginning on, which is not a multiple of eight, to its
    /// end.
    const CURRENT_LEN: usize = 36;
}

impl Layout for SpecialProperties {
    const ALIGN: usize = 8;
}

impl Encode for SpecialProperties {
    fn encode(&self, encoder: &mut Encoder) {
        encoder.u32(self.session_id);
        encoder.i32(self.remote_this_session);
        encoder.i32(self.client_impersonating);
        encoder.i32(self.partition_present);
        encoder.u32(self.default_authn_level);
        encoder.uuid(&self.partition);
        encoder.u32(self.prt_flags);
        encoder.u32(self.class_context);
        encoder.u32(self.flags);
        match &self.reserved {
            SpecialReserved::Current(first, second, third) => {
                encoder.u32(*first);
                encoder.u64(*second);
                third.encode(encoder);
            }
            SpecialReserved::Alternate(words) => words.encode(encoder),
        }
    }
}

impl Decode for SpecialProperties {
    fn decode(decoder: &mut Decoder<'_>) -> Result<Self, Error> {
        Ok(Self {
            session_id: decoder.u32("SpecialPropertiesData.dwSessionId")?,
            remote_this_session: decoder.i32("SpecialPropertiesData.fRemoteThisSessionId")?,
            client_impersonating: decoder.i32("SpecialPropertiesData.fClientImpersonating")?,
            partition_present: decoder.i32("SpecialPropertiesData.fPartitionIDPresent")?,
            default_authn_level: decoder.u32("SpecialPropertiesData.dwDefaultAuthnLvl")?,
            partition: decoder.uuid("SpecialPropertiesData.guidPartition")?,
            prt_flags: decoder.u32("SpecialPropertiesData.dwPRTFlags")?,
            class_context: decoder.u32("SpecialPropertiesData.dwOrigClsctx")?,
            flags: decoder.u32("SpecialPropertiesData.dwFlags")?,
            reserved: if decoder.remaining() >= SpecialReserved::CURRENT_LEN {
                SpecialReserved::Current(
                    decoder.u32("SpecialPropertiesData.Reserved1")?,
                    decoder.u64("SpecialPropertiesData.Reserved2")?,
                    decoder.get_named("SpecialPropertiesData.Reserved3")?,
                )
            } else {
                SpecialReserved::Alternate(decoder.get_named("SpecialPropertiesData.Reserved3")?)
            },
        })
    }
}

ndr_struct! {
    /// State with which the new object begins.
    ///
    /// Source: `[MS-DCOM] 2.2.22.2.3`.
    #[derive(Clone, PartialEq, Eq, Debug, Default)]
    pub struct InstanceInfo {
        /// A file.
        pub file_name: Unique<WideString>,
        /// How to open it.
        pub mode: u32,
        /// Null.
        pub running_object: InterfacePointer,
        /// A storage.
        pub storage: InterfacePointer,
    }
}

ndr_struct! {
    /// The contexts of the client.
    ///
    /// Source: `[MS-DCOM] 2.2.22.2.5`.
    #[derive(Clone, PartialEq, Eq, Debug, Default)]
    pub struct ActivationContextInfo {
        /// 0.
        pub client_ok: i32,
        /// 0.
        pub reserved1: i32,
        /// 0.
        pub reserved2: u32,
        /// 0.
        pub reserved3: u32,
        /// The context of the caller, such as [`empty_context`](super::empty_context).
        pub client_context: InterfacePointer,
        /// The context that the object is to have; mostly null.
        pub prototype_context: InterfacePointer,
    }
}

ndr_struct! {
    /// Where to create; servers ignore it, yet it must be there.
    ///
    /// Source: `[MS-DCOM] 2.2.22.2.6`.
    #[derive(Clone, PartialEq, Eq, Debug, Default)]
    pub struct LocationInfo {
        /// Null.
        pub machine_name: Unique<WideString>,
        /// 0.
        pub process_id: u32,
        /// 0.
        pub apartment_id: u32,
        /// 0.
        pub context_id: u32,
    }
}

ndr_struct! {
    /// What the program said about security; servers ignore it.
    ///
    /// Source: `[MS-DCOM] 2.2.22.2.7`.
    #[derive(Clone, PartialEq, Eq, Debug, Default)]
    pub struct SecurityInfo {
        /// 0.
        pub authn_flags: u32,
        /// The server as the program named it.
        pub server: Unique<ServerInfo>,
        /// Null.
        pub reserved: Unique<u32>,
    }
}

ndr_struct! {
    /// A server as a program names it.
    ///
    /// Source: `[MS-DCOM] 2.2.22.2.7.1`.
    #[derive(Clone, PartialEq, Eq, Debug, Default)]
    pub struct ServerInfo {
        /// 0.
        pub reserved1: u32,
        /// Its name.
        pub name: Unique<WideString>,
        /// Null.
        pub reserved2: Unique<u32>,
        /// 0.
        pub reserved3: u32,
    }
}

/// Over which protocols the client can come.
///
/// Source: `[MS-DCOM] 2.2.22.2.4`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ScmRequestInfo {
    /// The impersonation level; servers ignore it.
    pub impersonation_level: u32,
    /// Tower identifiers.
    pub protocols: Vec<u16>,
}

impl Layout for ScmRequestInfo {
    const ALIGN: usize = 4;
}

impl Encode for ScmRequestInfo {
    fn encode(&self, encoder: &mut Encoder) {
        encoder.referent(false);
        encoder.referent(true);
        encoder.u32(self.impersonation_level);
        encoder.u16(u16::try_from(self.protocols.len()).unwrap_or(u16::MAX));
        encoder.referent(true);
        put_array(encoder, &self.protocols);
    }
}

impl Decode for ScmRequestInfo {
    fn decode(decoder: &mut Decoder<'_>) -> Result<Self, Error> {
        reserved_pointer(decoder, "ScmRequestInfoData.pdwReserved")?;
        required_pointer(decoder, "ScmRequestInfoData.remoteRequest")?;
        let impersonation_level = decoder.u32("customREMOTE_REQUEST_SCM_INFO.ClientImpLevel")?;
        let count = decoder.u16("customREMOTE_REQUEST_SCM_INFO.cRequestedProtseqs")?;
        let present = decoder.referent("customREMOTE_REQUEST_SCM_INFO.pRequestedProtseqs")?;
        let protocols = behind(decoder, present, count.into())
            .map_err(|error| error.named("customREMOTE_REQUEST_SCM_INFO.pRequestedProtseqs"))?;
        Ok(Self { impersonation_level, protocols })
    }
}

fn put_array<T: Encode>(encoder: &mut Encoder, elements: &[T]) {
    encoder.count(elements.len());
    for element in elements {
        encoder.put(element);
    }
}

/// A pointer that must be null; where it is not, a number stands behind the structure that nobody
/// could tell from what follows.
pub(super) fn reserved_pointer(
    decoder: &mut Decoder<'_>,
    field: &'static str,
) -> Result<(), Error> {
    let wrong = decoder.error(field, ErrorKind::Invalid("must be null"));
    if decoder.referent(field)? { Err(wrong) } else { Ok(()) }
}

/// A pointer that must not be null.
pub(super) fn required_pointer(
    decoder: &mut Decoder<'_>,
    field: &'static str,
) -> Result<(), Error> {
    let wrong = decoder.error(field, ErrorKind::Invalid("must not be null"));
    if decoder.referent(field)? { Ok(()) } else { Err(wrong) }
}
