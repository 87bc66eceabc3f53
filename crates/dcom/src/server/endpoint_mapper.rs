//! Where the interfaces of the resolver are, for tools that ask before they come.

use std::net::IpAddr;

use bytes::Bytes;
use uuid::Uuid;
use winreach_ndr::{ConformantVarying, Unique};
use winreach_rpc::Fault;
use winreach_rpc::server::Request;

use super::dispatch::{parameters, results};
use crate::wire::endpoint_mapper::{
    Annotation, Entry, EptLookup, EptLookupHandleFree, EptLookupHandleFreeResponse,
    EptLookupResponse, EptMap, EptMapResponse, Handle, InterfaceId, NOT_REGISTERED, Tower, opnum,
};
use crate::wire::iid;

/// What is at the port of the resolver.
const REGISTERED: [(Uuid, &str); 3] = [
    (iid::OBJECT_EXPORTER, "IObjectExporter"),
    (iid::REMOTE_SCM_ACTIVATOR, "IRemoteSCMActivator"),
    (iid::ACTIVATION, "IActivation"),
];

const NO_HANDLE: Handle = [0; 5];

pub(super) fn call(request: &Request) -> Result<Bytes, Fault> {
    match request.opnum {
        opnum::EPT_LOOKUP => Ok(results(&lookup(&parameters(request)?, request))),
        opnum::EPT_MAP => Ok(results(&map(&parameters(request)?, request))),
        opnum::EPT_LOOKUP_HANDLE_FREE => {
            let _ended: EptLookupHandleFree = parameters(request)?;
            Ok(results(&EptLookupHandleFreeResponse { handle: NO_HANDLE, status: 0 }))
        }
        _ => Err(Fault::OP_RANGE_ERROR),
    }
}

fn lookup(wanted: &EptLookup, request: &Request) -> EptLookupResponse {
    let room = usize::try_from(wanted.max_entries).unwrap_or(usize::MAX);
    let matches = |uuid: Uuid| wanted.interface.0.is_none_or(|interface| interface.uuid == uuid);
    let entries: Vec<Entry> = REGISTERED
        .into_iter()
        .filter(|(uuid, _)| matches(*uuid))
        .map(|(uuid, name)| Entry {
            object: Uuid::nil(),
            tower: Unique::some(tower(uuid, request)),
            annotation: Annotation(name.to_owned()),
        })
        .take(room)
        .collect();
    EptLookupResponse {
        handle: NO_HANDLE,
        count: u32::try_from(entries.len()).unwrap_or_default(),
        status: if entries.is_empty() { NOT_REGISTERED } else { 0 },
        entries: ConformantVarying { max_count: wanted.max_entries, elements: entries },
    }
}

fn map(wanted: &EptMap, request: &Request) -> EptMapResponse {
    let interface = wanted.tower.0.as_ref().and_then(|tower| tower.interface().ok());
    let known = interface
        .filter(|interface| REGISTERED.iter().any(|(uuid, _)| *uuid == interface.uuid))
        .filter(|_| wanted.max_towers > 0);
    let towers: Vec<Unique<Tower>> =
        known.map(|interface| Unique::some(tower(interface.uuid, request))).into_iter().collect();
    EptMapResponse {
        handle: NO_HANDLE,
        count: u32::try_from(towers.len()).unwrap_or_default(),
        status: if towers.is_empty() { NOT_REGISTERED } else { 0 },
        towers: ConformantVarying { max_count: wanted.max_towers, elements: towers },
    }
}

/// An interface at the address that the client came to. A tower has no room for IPv6; there, as for
/// a wildcard, clients keep the address that they used.
fn tower(uuid: Uuid, request: &Request) -> Tower {
    let local = request.connection.local;
    let address = match local.map(|local| local.ip().to_canonical()) {
        Some(IpAddr::V4(address)) => address.octets(),
        _ => [0; 4],
    };
    let port = local.map_or(crate::client::RESOLVER_PORT, |local| local.port());
    Tower::tcp(InterfaceId { uuid, major: 0, minor: 0 }, port, address)
}
