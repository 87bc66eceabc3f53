//! The kinds of parameters that the methods have.

use bytes::Bytes;
use uuid::Uuid;
use winreach_ndr::{
    Bstr, ConformantVarying, Encoder, Error, ErrorKind, NarrowString, Unique, WideString,
};

use crate::backup::RestoreFlags;
use crate::refresher::RefresherId;
use crate::sink::StatusKind;
use crate::stub::{Parameters, Reader};
use crate::{Flags, HResult, PutFlags, Timeout};

/// What travels in an interface pointer: an object reference.
pub trait Marshal: Sized {
    /// Appends the object reference.
    fn marshal(&self, encoder: &mut Encoder);

    /// Reads an object reference that lies `offset` bytes into the stub.
    ///
    /// # Errors
    /// Where the bytes are no object reference, or refer to an object of another kind.
    fn unmarshal(objref: Bytes, offset: usize) -> Result<Self, Error>;
}

/// An `[in, out, unique]` interface pointer.
///
/// The caller says by it whether it wants the object at all, and the response has the same state:
/// what was not wanted stays absent.
///
/// Source: recorded Windows 10 traffic of `IWbemServices::GetObject` and `ExecMethod`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Slot<T> {
    /// The caller does not want the object.
    #[default]
    Absent,
    /// There is room for the object, and none in it.
    Empty,
    /// The object.
    Filled(T),
}

impl<T> Slot<T> {
    /// The object, if there is one.
    pub fn filled(self) -> Option<T> {
        match self {
            Self::Filled(value) => Some(value),
            Self::Absent | Self::Empty => None,
        }
    }

    /// Whether the caller has room for an object.
    pub fn is_wanted(&self) -> bool {
        !matches!(self, Self::Absent)
    }

    /// The answer to this parameter: `value`, if the caller has room for it.
    pub fn answer<U>(&self, value: Option<U>) -> Slot<U> {
        match value {
            _ if !self.is_wanted() => Slot::Absent,
            None => Slot::Empty,
            Some(value) => Slot::Filled(value),
        }
    }
}

impl<T: Marshal> Parameters for Slot<T> {
    fn write(&self, encoder: &mut Encoder) {
        encoder.referent(self.is_wanted());
        match self {
            Self::Absent => {}
            Self::Empty => encoder.referent(false),
            Self::Filled(value) => {
                encoder.referent(true);
                write_pointee(value, encoder);
            }
        }
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, Error> {
        if !reader.decoder().referent("")? {
            return Ok(Self::Absent);
        }
        Ok(Option::read(reader)?.map_or(Self::Empty, Self::Filled))
    }
}

/// An interface pointer, or null.
impl<T: Marshal> Parameters for Option<T> {
    fn write(&self, encoder: &mut Encoder) {
        encoder.referent(self.is_some());
        if let Some(value) = self {
            write_pointee(value, encoder);
        }
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, Error> {
        match reader.decoder().referent("")? {
            true => read_pointee(reader),
            false => Ok(None),
        }
    }
}

/// The `MInterfacePointer` behind an interface pointer.
///
/// Source: `[MS-DCOM] 2.2.14`.
pub(crate) fn write_pointee(value: &impl Marshal, encoder: &mut Encoder) {
    encoder.align(4);
    let counts = encoder.len();
    encoder.u32(0);
    encoder.u32(0);
    let start = encoder.len();
    value.marshal(encoder);
    let length = u32::try_from(encoder.len() - start).unwrap_or(u32::MAX);
    encoder.patch_u32(counts, length);
    encoder.patch_u32(counts + 4, length);
}

/// An `MInterfacePointer`; nothing where it is empty, as some peers write a null.
pub(crate) fn read_pointee<T: Marshal>(reader: &mut Reader<'_>) -> Result<Option<T>, Error> {
    let decoder = reader.decoder();
    let expected = decoder.u32("MInterfacePointer.max_count")?;
    let found = decoder.u32("MInterfacePointer.ulCntData")?;
    if found != expected {
        let kind = ErrorKind::Disagreement { expected, found };
        return Err(decoder.error("MInterfacePointer.ulCntData", kind));
    }
    let offset = decoder.position();
    match reader.bytes(found as usize, "MInterfacePointer.abData")? {
        empty if empty.is_empty() => Ok(None),
        objref => T::unmarshal(objref, offset).map(Some),
    }
}

/// The time at which a process started, in steps of 100 ns from 1601 on.
///
/// Source: `[MS-DTYP] 2.3.3`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct FileTime(pub u64);

impl Parameters for FileTime {
    fn write(&self, encoder: &mut Encoder) {
        // A structure of two 32-bit numbers: it aligns to four bytes.
        encoder.align(4);
        encoder.bytes(&self.0.to_le_bytes());
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, Error> {
        let low = u64::from(reader.decoder().u32("FILETIME.dwLowDateTime")?);
        let high = u64::from(reader.decoder().u32("FILETIME.dwHighDateTime")?);
        Ok(Self(high << 32 | low))
    }
}

/// Types that NDR knows.
macro_rules! plain {
    ($($type:ty),* $(,)?) => {$(
        impl Parameters for $type {
            fn write(&self, encoder: &mut Encoder) {
                encoder.put(self);
            }

            fn read(reader: &mut Reader<'_>) -> Result<Self, Error> {
                reader.decoder().get()
            }
        }
    )*};
}

plain! {
    u32, Uuid, Bstr, NarrowString, WideString, Unique<WideString>,
    ConformantVarying<u8>, Unique<ConformantVarying<u8>>, RefresherId,
}

/// Types that wrap a 32-bit number.
macro_rules! number {
    ($($type:ty: $wrap:expr, $unwrap:expr;)*) => {$(
        impl Parameters for $type {
            fn write(&self, encoder: &mut Encoder) {
                let unwrap: fn(&Self) -> u32 = $unwrap;
                encoder.u32(unwrap(self));
            }

            fn read(reader: &mut Reader<'_>) -> Result<Self, Error> {
                reader.decoder().u32("").map($wrap)
            }
        }
    )*};
}

number! {
    HResult: HResult, |status| status.0;
    Timeout: Timeout, |timeout| timeout.0;
    Flags: Flags::from_bits_retain, Flags::bits;
    PutFlags: PutFlags::from_bits_retain, PutFlags::bits;
    RestoreFlags: RestoreFlags::from_bits_retain, RestoreFlags::bits;
    StatusKind: StatusKind, |kind| kind.0;
}
