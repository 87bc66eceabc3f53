//! `IWbemCallResult`: the outcome of a call that returned at once.
//!
//! Source: `[MS-WMI] 3.1.4.5`.

use winreach_dcom::wire::ObjRef;
use winreach_ndr::Bstr;

use crate::stub::methods;
use crate::{ClassObject, HResult, Timeout, iid};

methods! {
    "IWbemCallResult" iid::CALL_RESULT;

    /// The object of `GetObject` or the output of `ExecMethod`.
    3 => GetResultObject {
        /// How long to wait for it.
        timeout: Timeout,
    } -> Option<ClassObject>;

    /// The path that `PutInstance` gave the instance.
    4 => GetResultString {
        /// How long to wait for it.
        timeout: Timeout,
    } -> Bstr;

    /// The namespace of `OpenNamespace`.
    5 => GetResultServices {
        /// How long to wait for it.
        timeout: Timeout,
    } -> Option<ObjRef>;

    /// The status of the call.
    6 => GetCallStatus {
        /// How long to wait for it.
        timeout: Timeout,
    } -> HResult;
}
