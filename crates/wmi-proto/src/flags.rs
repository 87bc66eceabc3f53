//! What a caller asks of a method beyond its parameters.

use bitflags::bitflags;

bitflags! {
    /// Flags of the methods that read, query, delete and execute.
    ///
    /// Bits without a name are kept as they came, so that a server can refuse them.
    ///
    /// Source: `[MS-WMI] 2.2.6` and 2.2.9.
    #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
    pub struct Flags: u32 {
        /// Only the class itself or its immediate subclasses, not the whole hierarchy.
        const SHALLOW = 0x1;
        /// The class that describes the rows, in place of the rows.
        const PROTOTYPE = 0x2;
        /// Return before the operation is done: a semisynchronous call.
        const RETURN_IMMEDIATELY = 0x10;
        /// An enumerator that forgets what it has delivered: no `Reset`, no `Clone`.
        const FORWARD_ONLY = 0x20;
        /// Reserved; ignored on receipt.
        const NO_ERROR_OBJECT = 0x40;
        /// Report progress to the sink.
        const SEND_STATUS = 0x80;
        /// Objects carry enough for `__PATH` and the like to have a value.
        const ENSURE_LOCATABLE = 0x100;
        /// Only the class that was named, whatever it descends from and what descends from it.
        const DIRECT_READ = 0x200;
        /// Reserved; ignored on receipt.
        const RESERVED = 0x1_F000;
        /// With the qualifiers that can be translated, in the locale of the connection.
        const USE_AMENDED_QUALIFIERS = 0x2_0000;
        /// Reserved; ignored on receipt.
        const STRONG_VALIDATION = 0x10_0000;
        const _ = !0;
    }
}

bitflags! {
    /// Flags of the methods that write: the bits 0x20 and 0x40 mean something else than in
    /// [`Flags`].
    ///
    /// Source: `[MS-WMI] 2.2.5` and 2.2.6.
    #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
    pub struct PutFlags: u32 {
        /// Fail where the object does not exist yet.
        const UPDATE_ONLY = 0x1;
        /// Fail where the object exists.
        const CREATE_ONLY = 0x2;
        /// Return before the operation is done: a semisynchronous call.
        const RETURN_IMMEDIATELY = 0x10;
        /// Update a class that has subclasses where that causes no conflict.
        const UPDATE_SAFE_MODE = 0x20;
        /// Update a class that has subclasses, and resolve conflicts against the subclass.
        const UPDATE_FORCE_MODE = 0x40;
        /// Report progress to the sink.
        const SEND_STATUS = 0x80;
        /// Reserved; ignored on receipt.
        const RESERVED = 0x1_F000;
        /// The object carries qualifiers that can be translated.
        const USE_AMENDED_QUALIFIERS = 0x2_0000;
        /// Reserved; ignored on receipt.
        const STRONG_VALIDATION = 0x10_0000;
        const _ = !0;
    }
}

/// How long a server may keep a caller waiting for objects.
///
/// Source: `[MS-WMI] 2.2.8`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Timeout(pub u32);

impl Timeout {
    /// Only what is there now.
    pub const NO_WAIT: Self = Self(0);
    /// As long as it takes.
    pub const INFINITE: Self = Self(u32::MAX);

    /// A time in milliseconds; nothing where there is no limit.
    pub fn milliseconds(self) -> Option<u32> {
        (self != Self::INFINITE).then_some(self.0)
    }
}
