//! The parameters of IRemoteSCMActivator.
//!
//! Source: `[MS-DCOM] 3.1.2.5.2.3`.

use super::stub::stub;
use super::{InterfacePointer, OrpcThat, OrpcThis};

/// Method numbers.
pub mod opnum {
    /// Asks for a class factory.
    pub const REMOTE_GET_CLASS_OBJECT: u16 = 3;
    /// Asks for an object.
    pub const REMOTE_CREATE_INSTANCE: u16 = 4;
}

stub! {
    /// A request for a class factory.
    #[derive(Clone, PartialEq, Eq, Debug)]
    pub struct RemoteGetClassObject {
        /// The header; its flags mean nothing here.
        pub this: OrpcThis,
        /// [`ActivationProperties`](super::ActivationProperties) by value.
        pub properties: InterfacePointer,
    }
}

stub! {
    /// A request for an object.
    #[derive(Clone, PartialEq, Eq, Debug)]
    pub struct RemoteCreateInstance {
        /// The header; its flags mean nothing here.
        pub this: OrpcThis,
        /// Null.
        pub outer: InterfacePointer,
        /// [`ActivationProperties`](super::ActivationProperties) by value.
        pub properties: InterfacePointer,
    }
}

stub! {
    /// The answer to both.
    #[derive(Clone, PartialEq, Eq, Debug)]
    pub struct ActivationResponse {
        /// The header.
        pub that: OrpcThat,
        /// [`ActivationProperties`](super::ActivationProperties) by value; null on failure.
        pub properties: InterfacePointer,
        /// 0, or why there is no object.
        pub hresult: u32,
    }
}
