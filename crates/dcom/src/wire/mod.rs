//! What travels: structures, and the parameters of the methods of DCOM itself.
//!
//! Every type can be written and read, so that client and server share them.

mod activation;
pub mod activation_v1;
pub mod activator;
mod bindings;
mod context;
mod counted;
pub mod endpoint_mapper;
mod error_info;
mod ids;
mod interface_pointer;
pub mod object_exporter;
mod objref;
mod orpc;
mod properties;
mod properties_out;
pub mod rem_unknown;
mod stub;

pub use activation::{ActivationProperties, Property};
pub use bindings::{DualStringArray, SecurityBinding, StringBinding, TOWER_TCP};
pub use context::empty_context;
pub use counted::Counted;
pub use error_info::ErrorInfo;
pub use ids::{clsid, iid};
pub use interface_pointer::InterfacePointer;
pub use objref::{ObjRef, ObjRefBody, StdObjRef};
pub use orpc::{ComVersion, Extensions, Extent, OrpcThat, OrpcThis};
pub use properties::{
    ActivationContextInfo, InstanceInfo, InstantiationInfo, LocationInfo, ScmRequestInfo,
    SecurityInfo, ServerInfo, SpecialProperties, SpecialReserved,
};
pub use properties_out::{InterfaceResult, PropsOutInfo, ScmReplyInfo};
