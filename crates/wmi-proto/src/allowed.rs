//! Which flags each method takes.

use bitflags::Flags as _;

use crate::services::*;
use crate::{Flags, HResult, Method, PutFlags};

/// A method with flags.
///
/// ```
/// use winreach_wmi_proto::services::DeleteClass;
/// use winreach_wmi_proto::{Flagged, Flags, HResult, Slot};
///
/// let flags = Flags::RETURN_IMMEDIATELY | Flags::FORWARD_ONLY;
/// let class = "Win32_Gone".into();
/// let request = DeleteClass { class, flags, context: None, call: Slot::Absent };
/// assert_eq!(request.refused_flags(), Flags::FORWARD_ONLY);
/// assert_eq!(request.check_flags(), Err(HResult::INVALID_PARAMETER));
/// ```
pub trait Flagged: Method {
    /// [`Flags`] or [`PutFlags`].
    type Flags: FlagSet;

    /// The flags that say something to the method.
    const ALLOWED: Self::Flags;

    /// The flags without which the method does nothing.
    const REQUIRED: Self::Flags;

    /// The flags of this call.
    fn flags(&self) -> Self::Flags;

    /// The flags of this call that the method does not know, and those of which only one may stand.
    /// Flags that every method passes over are not among them.
    fn refused_flags(&self) -> Self::Flags {
        let flags = self.flags();
        let unknown = flags.difference(Self::ALLOWED).difference(Self::Flags::PASSED_OVER);
        let alternatives = Self::Flags::ALTERNATIVES.iter().copied();
        alternatives.filter(|both| flags.contains(*both)).fold(unknown, Self::Flags::union)
    }

    /// What a server answers to flags that are not those of the method.
    ///
    /// # Errors
    /// [`HResult::INVALID_PARAMETER`] where there are [`refused_flags`](Self::refused_flags), or
    /// where a required flag is missing.
    fn check_flags(&self) -> Result<(), HResult> {
        let complete = self.flags().contains(Self::REQUIRED);
        match complete && self.refused_flags().is_empty() {
            true => Ok(()),
            false => Err(HResult::INVALID_PARAMETER),
        }
    }
}

/// A set of flags.
pub trait FlagSet: bitflags::Flags<Bits = u32> + Copy + PartialEq {
    /// Flags that no client should set and every server passes over, and one that some clients set
    /// on every method.
    const PASSED_OVER: Self;

    /// Sets of flags of which no two may stand together.
    const ALTERNATIVES: &[Self];
}

impl FlagSet for Flags {
    const PASSED_OVER: Self = Self::NO_ERROR_OBJECT
        .union(Self::RESERVED)
        .union(Self::STRONG_VALIDATION)
        .union(Self::ENSURE_LOCATABLE);
    const ALTERNATIVES: &[Self] = &[];
}

impl FlagSet for PutFlags {
    const PASSED_OVER: Self = Self::RESERVED.union(Self::STRONG_VALIDATION);
    const ALTERNATIVES: &[Self] = &[
        Self::UPDATE_ONLY.union(Self::CREATE_ONLY),
        Self::UPDATE_SAFE_MODE.union(Self::UPDATE_FORCE_MODE),
    ];
}

macro_rules! allowed {
    ($type:ident; $( $method:ident: $($flag:ident)|* $(, required $($required:ident)|*)?; )*) => {$(
        impl Flagged for $method {
            type Flags = $type;
            const ALLOWED: $type = $type::empty()$( .union($type::$flag) )*;
            const REQUIRED: $type = $type::empty()$($( .union($type::$required) )*)?;

            fn flags(&self) -> $type {
                self.flags
            }
        }
    )*};
}

// Source: the tables of `[MS-WMI] 3.1.4.3.1` to 3.1.4.3.23.
allowed! { Flags;
    OpenNamespace: RETURN_IMMEDIATELY;
    QueryObjectSink: ;
    GetObject: USE_AMENDED_QUALIFIERS | RETURN_IMMEDIATELY | DIRECT_READ;
    GetObjectAsync: USE_AMENDED_QUALIFIERS | SEND_STATUS | DIRECT_READ;
    DeleteClass: RETURN_IMMEDIATELY;
    DeleteClassAsync: SEND_STATUS;
    CreateClassEnum: USE_AMENDED_QUALIFIERS | RETURN_IMMEDIATELY | SHALLOW | FORWARD_ONLY;
    CreateClassEnumAsync: USE_AMENDED_QUALIFIERS | SEND_STATUS | SHALLOW;
    DeleteInstance: RETURN_IMMEDIATELY;
    DeleteInstanceAsync: SEND_STATUS;
    CreateInstanceEnum:
        USE_AMENDED_QUALIFIERS | RETURN_IMMEDIATELY | DIRECT_READ | SHALLOW | FORWARD_ONLY;
    CreateInstanceEnumAsync: USE_AMENDED_QUALIFIERS | SEND_STATUS | DIRECT_READ | SHALLOW;
    ExecQuery:
        USE_AMENDED_QUALIFIERS | RETURN_IMMEDIATELY | DIRECT_READ | PROTOTYPE | FORWARD_ONLY;
    ExecQueryAsync: USE_AMENDED_QUALIFIERS | SEND_STATUS | DIRECT_READ | PROTOTYPE;
    ExecNotificationQuery:
        USE_AMENDED_QUALIFIERS | RETURN_IMMEDIATELY | FORWARD_ONLY,
        required RETURN_IMMEDIATELY | FORWARD_ONLY;
    ExecNotificationQueryAsync: USE_AMENDED_QUALIFIERS | SEND_STATUS;
    ExecMethod: RETURN_IMMEDIATELY;
    ExecMethodAsync: SEND_STATUS;
}

allowed! { PutFlags;
    PutClass:
        USE_AMENDED_QUALIFIERS | RETURN_IMMEDIATELY
            | UPDATE_ONLY | CREATE_ONLY | UPDATE_FORCE_MODE | UPDATE_SAFE_MODE;
    PutClassAsync:
        USE_AMENDED_QUALIFIERS | SEND_STATUS
            | UPDATE_ONLY | CREATE_ONLY | UPDATE_FORCE_MODE | UPDATE_SAFE_MODE;
    PutInstance: USE_AMENDED_QUALIFIERS | RETURN_IMMEDIATELY | UPDATE_ONLY | CREATE_ONLY;
    PutInstanceAsync: USE_AMENDED_QUALIFIERS | SEND_STATUS | UPDATE_ONLY | CREATE_ONLY;
}
