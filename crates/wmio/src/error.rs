//! What can be wrong with bytes, and with a model that is to become bytes.

use uuid::Uuid;
use winreach_cim::{ClassError, Name, ValueType};

/// Bytes are not the MS-WMIO object that they should be.
#[derive(Clone, PartialEq, Debug, thiserror::Error)]
#[error("malformed WMI object at offset {offset}, {field}: {kind}")]
pub struct Error {
    /// Where, in octets from the start of what was decoded. For a reference, where its heap begins.
    pub offset: usize,
    /// The field, as the specification calls it.
    pub field: &'static str,
    /// What is wrong with it.
    pub kind: ErrorKind,
}

/// What is wrong with a field.
#[derive(Clone, PartialEq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The bytes end before the field does.
    #[error("{needed} bytes needed, {left} left")]
    Truncated {
        /// How many bytes the field takes.
        needed: usize,
        /// How many there are.
        left: usize,
    },
    /// A length that cannot be.
    #[error("length {0} is impossible here")]
    Length(u32),
    /// A number that has no meaning here.
    #[error("{0:#x} is not allowed here")]
    Value(u32),
    /// A reference that leads out of its heap or to no dictionary entry.
    #[error("reference {0:#010x} leads nowhere")]
    Reference(u32),
    /// A number that is no CIM type.
    #[error("{0:#x} is not a CIM type")]
    Type(u32),
    /// A text without its closing NUL.
    #[error("text without an end")]
    Unterminated,
    /// Objects within objects within objects, beyond [`MAX_DEPTH`](crate::MAX_DEPTH).
    #[error("objects nested too deep")]
    TooDeep,
    /// References that share so much that following them all would take far more work than the
    /// size of the object warrants.
    #[error("references share too much")]
    TooMuchWork,
    /// Names or types that contradict each other.
    #[error(transparent)]
    Class(Box<ClassError>),
    /// An instance without its class, whose class was not sent before.
    #[error("class {0} was never sent")]
    UnknownClass(Uuid),
    /// More classes in one enumeration than there can be.
    #[error("the classes of the enumeration are too long together")]
    TooManyClasses,
    /// An index or name that the class does not have.
    #[error("the class has no such property")]
    NoSuchProperty,
    /// An object of another class than the one that must be here.
    #[error("an object of another class")]
    OtherClass,
}

impl Error {
    pub(crate) fn new(offset: usize, field: &'static str, kind: ErrorKind) -> Self {
        Self { offset, field, kind }
    }
}

/// A model cannot be written as MS-WMIO.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EncodeError {
    /// A value does not fit the type of its place.
    #[error("{element} has type {expected}, its value has {found}")]
    Type {
        /// The property or qualifier.
        element: Name,
        /// Its type.
        expected: ValueType,
        /// The type of the value.
        found: ValueType,
    },
    /// Text with a NUL inside, where NUL marks the end.
    #[error("the text of {element} has a NUL inside")]
    Nul {
        /// The property, qualifier or name.
        element: Name,
    },
    /// The instance belongs to another class than the layout.
    #[error("an instance of {found} cannot be written with the layout of {expected}")]
    OtherClass {
        /// The class of the layout.
        expected: Name,
        /// The class of the instance.
        found: Name,
    },
    /// The object does not fit the format: 2 GiB of heap, 65535 methods or properties.
    #[error("the object is too large for its format")]
    TooLarge,
    /// Objects within objects within objects, beyond [`MAX_DEPTH`](crate::MAX_DEPTH).
    #[error("objects nested too deep")]
    TooDeep,
}
