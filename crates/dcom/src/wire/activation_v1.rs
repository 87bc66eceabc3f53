//! The parameters of IActivation, by which the first DCOM asked for objects.
//!
//! Source: `[MS-DCOM] 3.1.2.5.2.3.1`.

use uuid::Uuid;
use winreach_ndr::{Conformant, Unique, WideString};

use super::stub::stub;
use super::{ComVersion, Counted, DualStringArray, InterfacePointer, OrpcThat, OrpcThis};

/// Method numbers.
pub mod opnum {
    /// Asks for an object or a class factory.
    pub const REMOTE_ACTIVATION: u16 = 0;
}

/// The mode that asks for a class factory.
pub const MODE_CLASS_FACTORY: u32 = u32::MAX;

stub! {
    /// A request for an object.
    #[derive(Clone, PartialEq, Eq, Debug)]
    pub struct RemoteActivation {
        /// The header; its flags mean nothing here.
        pub this: OrpcThis,
        /// The class.
        pub clsid: Uuid,
        /// A name to begin with.
        pub object_name: Unique<WideString>,
        /// A state to begin with.
        pub storage: InterfacePointer,
        /// The impersonation level; servers ignore it.
        pub impersonation_level: u32,
        /// 0, or [`MODE_CLASS_FACTORY`].
        pub mode: u32,
        /// How many interfaces are wanted.
        pub interface_count: u32,
        /// The interfaces.
        pub iids: Unique<Conformant<Uuid>>,
        /// The protocols over which the caller can come.
        pub protocols: Counted<u16>,
    }
}

stub! {
    /// The answer.
    #[derive(Clone, PartialEq, Eq, Debug)]
    pub struct RemoteActivationResponse {
        /// The header.
        pub that: OrpcThat,
        /// The exporter.
        pub oxid: u64,
        /// Where it can be reached, with endpoints.
        pub bindings: Unique<DualStringArray>,
        /// Its IRemUnknown.
        pub ipid_rem_unknown: Uuid,
        /// The lowest authentication level that it takes.
        pub authn_hint: u32,
        /// What it speaks.
        pub version: ComVersion,
        /// 0, or why there is no object.
        pub hresult: u32,
        /// References, one for each interface that was wanted.
        pub references: Conformant<InterfacePointer>,
        /// 0 for each interface to which there is a reference.
        pub results: Conformant<u32>,
        /// 0.
        pub status: u32,
    }
}
