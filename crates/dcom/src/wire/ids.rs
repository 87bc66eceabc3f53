//! GUIDs with a meaning of their own.
//!
//! Source: `[MS-DCOM] 1.9`.

use uuid::{Uuid, uuid};

/// `0000XXXX-0000-0000-C000-000000000046`, the family that COM took for itself.
const fn com(number: u16) -> Uuid {
    Uuid::from_fields(number as u32, 0, 0, &[0xC0, 0, 0, 0, 0, 0, 0, 0x46])
}

/// Interface identifiers.
pub mod iid {
    use super::{Uuid, com, uuid};

    /// IUnknown; its three methods never travel.
    pub const UNKNOWN: Uuid = com(0);
    /// IRemUnknown.
    pub const REM_UNKNOWN: Uuid = com(0x131);
    /// IRemUnknown2.
    pub const REM_UNKNOWN2: Uuid = com(0x143);
    /// IObjectExporter, which is IOXIDResolver.
    pub const OBJECT_EXPORTER: Uuid = uuid!("99fcfec4-5260-101b-bbcb-00aa0021347a");
    /// IActivation, the activation of the first DCOM.
    pub const ACTIVATION: Uuid = uuid!("4d9f4ab8-7d1c-11cf-861e-0020af6e7c57");
    /// IRemoteSCMActivator, which is ISystemActivator.
    pub const REMOTE_SCM_ACTIVATOR: Uuid = com(0x1A0);
    /// The object reference that holds the properties of an activation request.
    pub const ACTIVATION_PROPERTIES_IN: Uuid = com(0x1A2);
    /// The object reference that holds the properties of an activation answer.
    pub const ACTIVATION_PROPERTIES_OUT: Uuid = com(0x1A3);
    /// IErrorInfo, for which references to errors are made (`[MSDN-IERRORINFO]`, unproven).
    pub const ERROR_INFO: Uuid = uuid!("1cf2b120-547d-101b-8e65-08002b2bd119");
    /// The object reference that holds a context.
    pub const CONTEXT: Uuid = com(0x1C0);
}

/// Class identifiers.
pub mod clsid {
    use super::{Uuid, com};

    /// Unmarshals the properties of an activation request.
    pub const ACTIVATION_PROPERTIES_IN: Uuid = com(0x338);
    /// Unmarshals the properties of an activation answer.
    pub const ACTIVATION_PROPERTIES_OUT: Uuid = com(0x339);
    /// Unmarshals a context.
    pub const CONTEXT_MARSHALER: Uuid = com(0x33B);
    /// Unmarshals extended error information.
    pub const ERROR_OBJECT: Uuid = com(0x31B);
    /// The ORPC extension that carries extended error information.
    pub const ERROR_EXTENSION: Uuid = com(0x31C);
    /// The ORPC extension that carries context properties.
    pub const CONTEXT_EXTENSION: Uuid = com(0x334);

    /// Names the activation property `LocationInfoData`.
    pub const SERVER_LOCATION_INFO: Uuid = com(0x1A4);
    /// Names the activation property `ActivationContextInfoData`.
    pub const ACTIVATION_CONTEXT_INFO: Uuid = com(0x1A5);
    /// Names the activation property `SecurityInfoData`.
    pub const SECURITY_INFO: Uuid = com(0x1A6);
    /// Names the activation property `ScmRequestInfoData`.
    pub const SCM_REQUEST_INFO: Uuid = com(0x1AA);
    /// Names the activation property `InstantiationInfoData`.
    pub const INSTANTIATION_INFO: Uuid = com(0x1AB);
    /// Names the activation property `InstanceInfoData`.
    pub const INSTANCE_INFO: Uuid = com(0x1AD);
    /// Names the activation property `ScmReplyInfoData`.
    pub const SCM_REPLY_INFO: Uuid = com(0x1B6);
    /// Names the activation property `SpecialPropertiesData`.
    pub const SPECIAL_SYSTEM_PROPERTIES: Uuid = com(0x1B9);
    /// Names the activation property `PropsOutInfo`.
    pub const PROPS_OUT_INFO: Uuid = com(0x339);
}
