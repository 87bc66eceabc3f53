//! `IWbemObjectSink`: where the objects of an asynchronous call go.
//!
//! The caller of the asynchronous call implements it, and the server calls it. Both methods return a
//! bare status. A sink answers [`HResult::OK`] and never `WBEM_S_NEW_STYLE` (0x400FF), which invites
//! the sender to pack objects into an `ObjectArray`: where that would lie in the stub of
//! [`Indicate`] is written nowhere, and a sender must do without where it is not invited.
//!
//! Source: `[MS-WMI] 3.1.4.2`, 3.2.4.1. No recorded traffic has it.

use winreach_ndr::Bstr;

use crate::stub::methods;
use crate::{ClassObject, HResult, iid};

/// What a sink is told of: the end, or the progress.
///
/// Source: `[MS-WMI] 2.2.7`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct StatusKind(pub u32);

impl StatusKind {
    /// The end of the operation. The server calls the sink no more.
    pub const COMPLETE: Self = Self(0);
    /// How far the operation has got; only where `SEND_STATUS` asked for it.
    pub const PROGRESS: Self = Self(2);
}

methods! {
    "IWbemObjectSink" iid::OBJECT_SINK;

    /// Delivers objects. A server that has none does not call.
    3 => Indicate {
        /// The objects.
        objects: Vec<ClassObject>,
    } -> ();

    /// Tells of the end or of the progress.
    4 => SetStatus {
        /// Which of both; a sink refuses others than those two.
        kind: StatusKind,
        /// The status of the operation; of progress, how far it has got.
        status: HResult,
        /// The path of an instance that was put; null otherwise.
        text: Bstr,
        /// The error, as an `__ExtendedStatus`, where there is one.
        object: Option<ClassObject>,
    } -> ();
}
