//! Writes stubs of this crate into a folder, one file for each, for other programs to read.
//!
//! ```text
//! stubs FOLDER
//! ```
//!
//! Each file is named `INTERFACE.METHOD.in` or `.out`, or `INTERFACE.STRUCTURE.struct`.

use std::error::Error;
use std::io;
use std::path::PathBuf;

use uuid::{Uuid, uuid};
use winreach_dcom::wire::activation_v1::{RemoteActivation, RemoteActivationResponse};
use winreach_dcom::wire::object_exporter::{
    ComplexPingResponse, ResolveOxid, ResolveOxid2Response, ResolveOxidResponse, SimplePing,
    StatusResponse,
};
use winreach_dcom::wire::{
    ComVersion, DualStringArray, Extensions, Extent, InterfacePointer, ObjRef, OrpcThat, OrpcThis,
    SecurityBinding, StdObjRef, StringBinding, TOWER_TCP, iid,
};
use winreach_ndr::{Conformant, Encode, Encoder, Unique};

const CLASS: Uuid = uuid!("8bc3f05e-d86b-11d0-a075-00c04fb68820");
const INTERFACE: Uuid = uuid!("f309ad18-d86a-11d0-a075-00c04fb68820");
const CHAIN: Uuid = uuid!("11111111-2222-4333-8444-555555555555");
const IPID: Uuid = uuid!("00009001-0a1c-0000-aaaa-bbbbccccdddd");
const OXID: u64 = 0x0123_4567_89ab_cdef;
const OID: u64 = 0xfedc_ba98_7654_3210;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args().nth(1).ok_or("usage: stubs FOLDER")?;
    let folder = Folder(folder.into());

    let this = OrpcThis { flags: 1, ..OrpcThis::new(ComVersion::CURRENT, CHAIN) };
    let that = OrpcThat { flags: 1, ..OrpcThat::default() };
    let (resolver, exporter) = (bindings(StringBinding::host_only), bindings(tcp));
    let std = StdObjRef { flags: 0, public_refs: 5, oxid: OXID, oid: OID, ipid: IPID };
    let reference: InterfacePointer = ObjRef::standard(INTERFACE, std, resolver.clone()).into();

    folder.put("IOXIDResolver.ServerAlive.out", &StatusResponse { status: 0 })?;
    let resolve = ResolveOxid { oxid: OXID, protocols: vec![TOWER_TCP].into() };
    folder.put("IOXIDResolver.ResolveOxid.in", &resolve)?;
    folder.put("IOXIDResolver.ResolveOxid2.in", &resolve)?;
    folder.put(
        "IOXIDResolver.ResolveOxid.out",
        &ResolveOxidResponse {
            bindings: Unique::some(exporter.clone()),
            ipid_rem_unknown: IPID,
            authn_hint: 5,
            status: 0,
        },
    )?;
    folder.put(
        "IOXIDResolver.ResolveOxid2.out",
        &ResolveOxid2Response {
            bindings: Unique::some(exporter.clone()),
            ipid_rem_unknown: IPID,
            authn_hint: 5,
            version: ComVersion::CURRENT,
            status: 0,
        },
    )?;
    folder.put("IOXIDResolver.SimplePing.in", &SimplePing { set_id: OXID })?;
    folder.put("IOXIDResolver.SimplePing.out", &StatusResponse { status: 0 })?;
    folder.put(
        "IOXIDResolver.ComplexPing.out",
        &ComplexPingResponse { set_id: OXID, backoff: 0, status: 0 },
    )?;

    let extent = Extent { id: CLASS, data: b"eleven char".to_vec() };
    let extended = OrpcThis {
        extensions: Unique::some(Extensions(vec![extent.clone()])),
        ..OrpcThis::new(ComVersion::CURRENT, CHAIN)
    };
    folder.put("ObjectRpcBaseTypes.ORPCTHIS.struct", &extended)?;
    folder.put(
        "ObjectRpcBaseTypes.ORPCTHAT.struct",
        &OrpcThat { flags: 0, extensions: Unique::some(Extensions(vec![extent.clone(), extent])) },
    )?;
    folder.put("ObjectRpcBaseTypes.STDOBJREF.struct", &std)?;
    folder.put("ObjectRpcBaseTypes.DUALSTRINGARRAY.struct", &exporter)?;
    folder.put(
        "IRemoteActivation.RemoteActivation.in",
        &RemoteActivation {
            this,
            clsid: CLASS,
            object_name: Unique::null(),
            storage: InterfacePointer::null(),
            impersonation_level: 2,
            mode: 0,
            interface_count: 1,
            iids: Unique::some(Conformant(vec![iid::UNKNOWN])),
            protocols: vec![TOWER_TCP].into(),
        },
    )?;
    folder.put(
        "IRemoteActivation.RemoteActivation.out",
        &RemoteActivationResponse {
            that,
            oxid: OXID,
            bindings: Unique::some(exporter),
            ipid_rem_unknown: IPID,
            authn_hint: 5,
            version: ComVersion::CURRENT,
            hresult: 0,
            references: Conformant(vec![reference]),
            results: Conformant(vec![0]),
            status: 0,
        },
    )?;
    Ok(())
}

struct Folder(PathBuf);

impl Folder {
    fn put(&self, name: &str, value: &impl Encode) -> io::Result<()> {
        let mut encoder = Encoder::new();
        encoder.put(value);
        std::fs::write(self.0.join(name), encoder.finish())
    }
}

fn bindings(binding: impl Fn(&str) -> StringBinding) -> DualStringArray {
    DualStringArray {
        strings: vec![binding("DC1"), binding("192.0.2.7")],
        security: vec![SecurityBinding { service: 10, principal: String::new() }],
    }
}

fn tcp(host: &str) -> StringBinding {
    StringBinding::tcp(host, 49666)
}
