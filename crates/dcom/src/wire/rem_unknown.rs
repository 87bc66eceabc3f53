//! The parameters of IRemUnknown and IRemUnknown2, without the ORPC headers.
//!
//! Source: `[MS-DCOM] 3.1.1.5.6` and `3.1.1.5.7`.

use uuid::Uuid;
use winreach_ndr::{Conformant, Unique, ndr_struct};

use super::stub::stub;
use super::{Counted, InterfacePointer, StdObjRef};

/// Method numbers.
pub mod opnum {
    /// References to other interfaces of an object.
    pub const REM_QUERY_INTERFACE: u16 = 3;
    /// More references to interfaces.
    pub const REM_ADD_REF: u16 = 4;
    /// Fewer references to interfaces.
    pub const REM_RELEASE: u16 = 5;
    /// References to other interfaces of an object, as whole object references.
    pub const REM_QUERY_INTERFACE2: u16 = 6;
}

stub! {
    /// Asks for other interfaces of an object.
    #[derive(Clone, PartialEq, Eq, Debug)]
    pub struct RemQueryInterface {
        /// Any interface of the object.
        pub ipid: Uuid,
        /// How many references to each.
        pub references: u32,
        /// The interfaces.
        pub iids: Counted<Uuid>,
    }
}

stub! {
    /// The answer of `RemQueryInterface`.
    #[derive(Clone, PartialEq, Eq, Debug, Default)]
    pub struct RemQueryInterfaceResponse {
        /// One for each interface.
        pub results: Unique<Conformant<RemQiResult>>,
        /// 0, or what went wrong.
        pub hresult: u32,
    }
}

ndr_struct! {
    /// A reference to an interface, or why there is none.
    ///
    /// Source: `[MS-DCOM] 2.2.24`.
    #[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
    pub struct RemQiResult {
        /// 0 where there is a reference.
        pub hresult: u32,
        /// The reference.
        pub std: StdObjRef,
    }
}

stub! {
    /// Asks for other interfaces of an object, as whole object references.
    #[derive(Clone, PartialEq, Eq, Debug)]
    pub struct RemQueryInterface2 {
        /// Any interface of the object.
        pub ipid: Uuid,
        /// The interfaces.
        pub iids: Counted<Uuid>,
    }
}

stub! {
    /// The answer of `RemQueryInterface2`.
    #[derive(Clone, PartialEq, Eq, Debug, Default)]
    pub struct RemQueryInterface2Response {
        /// 0 for each interface to which there is a reference.
        pub hresults: Conformant<u32>,
        /// The references.
        pub references: Conformant<InterfacePointer>,
        /// 0, or what went wrong.
        pub hresult: u32,
    }
}

ndr_struct! {
    /// References to add to an interface, or to take from it.
    ///
    /// Source: `[MS-DCOM] 2.2.23`.
    #[derive(Clone, Copy, PartialEq, Eq, Debug)]
    pub struct RemInterfaceRef {
        /// The interface.
        pub ipid: Uuid,
        /// How many references.
        pub public_refs: u32,
        /// How many references that belong to one client alone; nobody uses them.
        pub private_refs: u32,
    }
}

stub! {
    /// Asks for more references to interfaces, or gives some back.
    #[derive(Clone, PartialEq, Eq, Debug)]
    pub struct InterfaceRefs {
        /// The interfaces.
        pub references: Counted<RemInterfaceRef>,
    }
}

stub! {
    /// The answer of `RemAddRef`.
    #[derive(Clone, PartialEq, Eq, Debug, Default)]
    pub struct RemAddRefResponse {
        /// One for each interface.
        pub results: Conformant<u32>,
        /// 0, or what went wrong.
        pub hresult: u32,
    }
}
