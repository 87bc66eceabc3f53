//! The object that counts references.
//!
//! Source: `[MS-DCOM] 3.1.1.5.6`, `3.1.1.5.7`.

use bytes::Bytes;
use uuid::Uuid;
use winreach_ndr::{Conformant, Decoder, Encode, Unique};
use winreach_rpc::Fault;
use winreach_rpc::server::ConnectionInfo;

use super::dispatch::read;
use super::exporter::REFERENCES;
use super::owner::Owner;
use super::{Exporter, Results};
use crate::Status;
use crate::wire::rem_unknown::{
    InterfaceRefs, RemAddRefResponse, RemInterfaceRef, RemQiResult, RemQueryInterface,
    RemQueryInterface2, RemQueryInterface2Response, RemQueryInterfaceResponse, opnum,
};
use crate::wire::{InterfacePointer, ObjRef, StdObjRef};

/// A call on the object that counts references.
pub(super) fn call(
    exporter: &Exporter,
    owner: &Owner,
    connection: &ConnectionInfo,
    opnum: u16,
    parameters: &mut Decoder<'_>,
) -> Result<Bytes, Fault> {
    match opnum {
        opnum::REM_QUERY_INTERFACE => {
            results(&query_interface(exporter, owner, &read(parameters)?))
        }
        opnum::REM_ADD_REF => results(&add_ref(exporter, owner, &read(parameters)?)),
        opnum::REM_RELEASE => results(&release(exporter, owner, &read(parameters)?).0),
        opnum::REM_QUERY_INTERFACE2 => {
            results(&query_interface2(exporter, owner, connection, &read(parameters)?))
        }
        _ => Err(Fault::OP_RANGE_ERROR),
    }
}

fn query_interface(
    exporter: &Exporter,
    owner: &Owner,
    request: &RemQueryInterface,
) -> RemQueryInterfaceResponse {
    let found = query(exporter, owner, request.ipid, &request.iids.0, request.references);
    let results = found
        .iter()
        .map(|result| match result {
            Ok(std) => RemQiResult { hresult: 0, std: *std },
            Err(status) => RemQiResult { hresult: status.0, std: StdObjRef::default() },
        })
        .collect();
    RemQueryInterfaceResponse {
        results: Unique::some(Conformant(results)),
        hresult: summary(&found).0,
    }
}

fn query_interface2(
    exporter: &Exporter,
    owner: &Owner,
    connection: &ConnectionInfo,
    request: &RemQueryInterface2,
) -> RemQueryInterface2Response {
    let found = query(exporter, owner, request.ipid, &request.iids.0, REFERENCES);
    let resolver = exporter.addresses().resolver(connection);
    let (hresults, references) = found
        .iter()
        .zip(&request.iids.0)
        .map(|(result, iid)| match result {
            Ok(std) => (0, ObjRef::standard(*iid, *std, resolver.clone()).into()),
            Err(status) => (status.0, InterfacePointer::null()),
        })
        .unzip();
    RemQueryInterface2Response {
        hresults: Conformant(hresults),
        references: Conformant(references),
        hresult: summary(&found).0,
    }
}

fn query(
    exporter: &Exporter,
    owner: &Owner,
    ipid: Uuid,
    iids: &[Uuid],
    references: u32,
) -> Vec<Result<StdObjRef, Status>> {
    let query = |iid: &Uuid| match exporter.query(ipid, *iid, owner, references) {
        Err(Status::RPC_E_DISCONNECTED) => Err(Status::RPC_E_INVALID_OBJECT),
        result => result,
    };
    iids.iter().map(query).collect()
}

/// The HRESULT of the whole: success where there is any, else the first failure.
fn summary(results: &[Result<StdObjRef, Status>]) -> Status {
    match results.first() {
        _ if results.iter().any(Result::is_ok) => Status::S_OK,
        Some(Err(status)) => *status,
        _ => Status::E_INVALIDARG,
    }
}

fn add_ref(exporter: &Exporter, owner: &Owner, request: &InterfaceRefs) -> RemAddRefResponse {
    let add = |one: &RemInterfaceRef| {
        exporter.add(one.ipid, owner, (one.public_refs, one.private_refs)).0
    };
    RemAddRefResponse {
        results: Conformant(request.references.0.iter().map(add).collect()),
        hresult: 0,
    }
}

/// Never fails: what is gone is gone.
fn release(exporter: &Exporter, owner: &Owner, request: &InterfaceRefs) -> Status {
    for one in &request.references.0 {
        exporter.release(one.ipid, owner, (one.public_refs, one.private_refs));
    }
    Status::S_OK
}

fn results(value: &impl Encode) -> Result<Bytes, Fault> {
    let mut results = Results::new();
    results.put(value);
    Ok(results.finish())
}
