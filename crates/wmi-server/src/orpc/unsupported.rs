//! The methods of `IWbemServices` that this server does not have.

use winreach_cim::WbemStatus;
use winreach_dcom::server::{Call, Results};
use winreach_rpc::Fault;
use winreach_wmi_proto::Method;
use winreach_wmi_proto::services::{
    CancelAsyncCall, CreateClassEnum, CreateClassEnumAsync, CreateInstanceEnum,
    CreateInstanceEnumAsync, DeleteClass, DeleteClassAsync, DeleteInstance, DeleteInstanceAsync,
    ExecMethodAsync, ExecNotificationQuery, ExecNotificationQueryAsync, ExecQueryAsync,
    GetObjectAsync, NamespaceOrCall, OpenNamespace, PutClass, PutClassAsync, PutInstance,
    PutInstanceAsync, QueryObjectSink,
};

use super::method::{hresult, parameters, respond};

/// Answers `WBEM_E_NOT_SUPPORTED`, with an empty output just where the caller has room for it.
macro_rules! refuse {
    ($call:ident; $( $method:ident => |$request:pat_param| $nothing:expr, )*) => {
        match $call.opnum {
            $( $method::OPNUM => {
                let $request = parameters::<$method>($call)?;
                respond::<$method>($nothing, hresult(WbemStatus::E_NOT_SUPPORTED))
            } )*
            _ => Err(Fault::OP_RANGE_ERROR),
        }
    };
}

/// The answer to a method that is none of those that the server has.
pub(super) fn answer(call: &Call) -> Result<Results, Fault> {
    refuse! { call;
        OpenNamespace => |request| NamespaceOrCall {
            namespace: request.working_namespace.answer(None),
            call: request.call.answer(None),
        },
        CancelAsyncCall => |_| (),
        QueryObjectSink => |_| None,
        GetObjectAsync => |_| (),
        PutClass => |request| request.call.answer(None),
        PutClassAsync => |_| (),
        DeleteClass => |request| request.call.answer(None),
        DeleteClassAsync => |_| (),
        CreateClassEnum => |_| None,
        CreateClassEnumAsync => |_| (),
        PutInstance => |request| request.call.answer(None),
        PutInstanceAsync => |_| (),
        DeleteInstance => |request| request.call.answer(None),
        DeleteInstanceAsync => |_| (),
        CreateInstanceEnum => |_| None,
        CreateInstanceEnumAsync => |_| (),
        ExecQueryAsync => |_| (),
        ExecNotificationQuery => |_| None,
        ExecNotificationQueryAsync => |_| (),
        ExecMethodAsync => |_| (),
    }
}
