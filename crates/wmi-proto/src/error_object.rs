//! What a server says of a failure beside its status.

use bytes::Bytes;
use winreach_dcom::wire::{ErrorInfo, Extensions, Extent, ObjRef, clsid, iid as com};

use crate::{ClassObject, iid};

/// The error beside the results of a method that failed, in the extension
/// [`clsid::ERROR_EXTENSION`].
///
/// What `SetStatus` tells a sink has the same object as a parameter; here it comes as the error that
/// COM hands to a program, which for WMI is the object itself. That it then travels by value as any
/// object does is what `[MS-DCOM] 2.2.21.1` and `[MS-WMI] 2.2.4` say together; no recorded traffic
/// shows it.
///
/// ```
/// use winreach_dcom::wire::Extensions;
/// use winreach_wmi_proto::{ClassObject, ErrorObject};
///
/// let error = ErrorObject::Status(ClassObject(bytes::Bytes::from_static(b"a unit")));
/// assert_eq!(ErrorObject::from_extensions(&error.to_extensions()), Some(error));
/// assert_eq!(ErrorObject::from_extensions(&Extensions::default()), None);
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ErrorObject {
    /// An instance of `__ExtendedStatus` or of a subclass of it.
    Status(ClassObject),
    /// COM's own form: texts for people.
    Com(ErrorInfo),
}

impl ErrorObject {
    /// The error that came beside the results; nothing where there is none, or one of another kind.
    /// What is beside the results never fails a call.
    pub fn from_extensions(extensions: &Extensions) -> Option<Self> {
        let reference = ObjRef::from_bytes(extensions.get(clsid::ERROR_EXTENSION)?).ok()?;
        match reference.data(iid::CLSID_CLASS_OBJECT) {
            Some(unit) => Some(Self::Status(ClassObject(Bytes::copy_from_slice(unit)))),
            None => ErrorInfo::from_extensions(extensions).map(Self::Com),
        }
    }

    /// What to send beside the results.
    pub fn to_extensions(&self) -> Extensions {
        match self {
            Self::Com(error) => error.to_extensions(),
            Self::Status(ClassObject(unit)) => {
                let (interface, class) = (com::ERROR_INFO, iid::CLSID_CLASS_OBJECT);
                let data = ObjRef::custom(interface, class, unit.to_vec()).to_bytes();
                Extensions(vec![Extent { id: clsid::ERROR_EXTENSION, data }])
            }
        }
    }
}
