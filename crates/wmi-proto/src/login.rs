//! `IWbemLevel1Login`, `IWbemLoginClientID` and `IWbemLoginHelper`: the way into a namespace.
//!
//! Source: `[MS-WMI] 3.1.4.1`, 3.1.4.8 and 3.1.4.9; `IWbemLoginClientIDEx` from recorded Windows 10 traffic.

use winreach_dcom::wire::ObjRef;
use winreach_ndr::{ConformantVarying, NarrowString, Unique, WideString};

use crate::parameter::FileTime;
use crate::stub::methods;
use crate::{Context, iid};

methods! {
    "IWbemLevel1Login" iid::LEVEL1_LOGIN;

    /// Asks how the server takes locales; gives back `LocaleVersion`: 1 where the server passes over
    /// names that it does not know, 0 where they are errors.
    3 => EstablishPosition {
        /// Null.
        reserved1: Unique<WideString>,
        /// 0.
        reserved2: u32,
    } -> u32;

    /// Out of use; a server refuses it.
    4 => RequestChallenge {
        /// Null.
        reserved1: Unique<WideString>,
        /// Null.
        reserved2: Unique<WideString>,
    } -> ConformantVarying<u8>;

    /// Out of use; a server refuses it.
    5 => WBEMLogin {
        /// Null.
        reserved1: Unique<WideString>,
        /// Null.
        reserved2: Unique<ConformantVarying<u8>>,
        /// 0.
        reserved3: u32,
        /// Null.
        reserved4: Option<Context>,
    } -> Option<ObjRef>;

    /// Opens a namespace; gives back its `IWbemServices`.
    6 => NTLMLogin {
        /// The namespace, such as `\\server\root\cimv2`; the server part means nothing.
        network_resource: Unique<WideString>,
        /// Locales in the order of preference, such as `MS_409` or `en-US,en`.
        preferred_locale: Unique<WideString>,
        /// 0.
        flags: u32,
        /// Named values.
        context: Option<Context>,
    } -> Option<ObjRef>;
}

methods! {
    "IWbemLoginClientID" iid::LOGIN_CLIENT_ID;

    /// Tells the server's log who calls.
    3 => SetClientInfo {
        /// The client's NetBIOS name.
        machine: Unique<WideString>,
        /// The client's process.
        process: u32,
        /// 0.
        reserved: u32,
    } -> ();
}

methods! {
    "IWbemLoginClientIDEx" iid::LOGIN_CLIENT_ID_EX;

    /// Tells the server's log who calls, in more detail.
    3 => SetClientInfoEx {
        /// The client's NetBIOS name.
        machine: Unique<WideString>,
        /// The client's full DNS name.
        machine_fqdn: Unique<WideString>,
        /// The client's process.
        process: u32,
        /// When the client's process started.
        process_created: FileTime,
        /// 0.
        reserved: u32,
    } -> ();
}

methods! {
    "IWbemLoginHelper" iid::LOGIN_HELPER;

    /// Sets an event that the client may be waiting for, which tells it that the server runs on its
    /// own machine. Does nothing over a network; a client there does without the interface.
    3 => SetEvent {
        /// The name of the event.
        event: NarrowString,
    } -> ();
}
