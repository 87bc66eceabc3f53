//! The MS-WMI interfaces on the wire, for the client and the server alike.
//!
//! Each method is a type of its name that holds what the caller sends; [`Method::Out`] is what comes
//! back beside the status, in a [`Response`]. Stubs here begin behind the ORPC header and a response
//! ends with its [`HResult`].
//!
//! ```
//! use bytes::Bytes;
//! use winreach_ndr::Endian;
//! use winreach_wmi_proto::services::ExecQuery;
//! use winreach_wmi_proto::{Flags, HResult, Method, Parameters, Response};
//!
//! let request = ExecQuery {
//!     language: "WQL".into(),
//!     query: "SELECT * FROM Win32_OperatingSystem".into(),
//!     flags: Flags::RETURN_IMMEDIATELY | Flags::FORWARD_ONLY,
//!     context: None,
//! };
//! let stub = Bytes::from(request.encode());
//! assert_eq!(ExecQuery::decode(&stub, Endian::Little)?, request);
//! assert_eq!((ExecQuery::NAME, ExecQuery::OPNUM), ("IWbemServices::ExecQuery", 20));
//!
//! // WBEM_E_INVALID_QUERY: no enumerator, and the status.
//! let refusal = Response::<<ExecQuery as Method>::Out>::failed(HResult(0x8004_1017));
//! assert_eq!(refusal.encode(), [0, 0, 0, 0, 0x17, 0x10, 0x04, 0x80]);
//! # Ok::<(), winreach_ndr::Error>(())
//! ```
//!
//! A method with flags is [`Flagged`]: it knows which of them it takes. What a server says of a
//! failure beside its status is an [`ErrorObject`].
//!
//! # What is proven, and by what
//! | interface | recorded Windows 10 | Samba's `ndrdump` | impacket | the specification alone |
//! |---|---|---|---|---|
//! | `IWbemLevel1Login` | `EstablishPosition`, `NTLMLogin` | those, the request of `RequestChallenge` | as Samba | `WBEMLogin`, the answer of `RequestChallenge` |
//! | `IWbemLoginClientID`, `…Ex` | both | – | the first | – |
//! | `IWbemLoginHelper` | – | – | – | `SetEvent` |
//! | `IWbemServices` | `GetObject`, `ExecQuery`, `ExecMethod` | every answer, `QueryObjectSink` | all but the request of `PutClass` | – |
//! | `IEnumWbemClassObject` | `Reset`, `Clone` | all but `NextAsync` | all | – |
//! | `IWbemFetchSmartEnum` | `GetSmartEnum` | it | it | – |
//! | `IWbemWCOSmartEnum` | `Next` | – | – | – |
//! | `IWbemCallResult` | – | all but the answer of `GetResultString` | all | – |
//! | `IWbemObjectSink` | – | `Indicate` | both | – |
//! | `IWbemBackupRestore`, `…Ex` | – | – | `Pause`, `Resume` | `Backup`, `Restore` |
//! | `IWbemRefreshingServices` | – | – | `AddObjectToRefresherByTemplate`, `RemoveObjectFromRefresher`, `GetRemoteRefresher` | the others |
//! | `IWbemRemoteRefresher` | – | – | – | all |
//! | [`Context`] | none was sent | its frame | its frame | its values |
//! | [`ErrorObject`] | none was sent | the extension | the object | that both go together |
//!
//! "Recorded" means that requests and answers made out of values are the recorded bytes; each reader
//! is given stubs of this crate, and impacket's client writes some that are read here.

mod allowed;
mod array;
mod by_value;
mod context;
mod error_object;
mod flags;
mod hresult;
mod objref;
mod packed;
mod parameter;
mod stub;

pub mod backup;
pub mod call_result;
pub mod enumerator;
pub mod iid;
pub mod login;
pub mod refresher;
pub mod services;
pub mod sink;
pub mod smart;

pub use allowed::{FlagSet, Flagged};
pub use by_value::ClassObject;
pub use context::{Context, Variant, VariantArray, VariantType};
pub use error_object::ErrorObject;
pub use flags::{Flags, PutFlags, Timeout};
pub use hresult::HResult;
pub use parameter::{FileTime, Marshal, Slot};
pub use stub::{Method, Parameters, Reader, Response};
pub use winreach_dcom::wire::ObjRef;
pub use winreach_ndr::{Endian, Error};
