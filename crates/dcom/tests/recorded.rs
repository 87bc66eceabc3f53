//! Stubs of recorded Windows 10 traffic: read to the last byte, and written again to the same bytes.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may panic")]

mod common;

use common::{Recorded, recorded_session};
use winreach_dcom::wire::activator::{ActivationResponse, RemoteCreateInstance};
use winreach_dcom::wire::object_exporter::ServerAlive2Response;
use winreach_dcom::wire::rem_unknown::{
    InterfaceRefs, RemQueryInterface, RemQueryInterfaceResponse,
};
use winreach_dcom::wire::{
    ActivationProperties, ComVersion, InterfacePointer, ObjRef, OrpcThat, OrpcThis, Property,
    clsid, empty_context, iid,
};
use winreach_ndr::{Decode, Decoder, Encode, Encoder, Error};

/// Reads a whole stub and writes it again.
fn again<T: Decode + Encode>(stub: &[u8]) -> Result<Vec<u8>, Error> {
    let mut decoder = Decoder::new(stub);
    let value: T = decoder.get()?;
    decoder.finish()?;
    let mut encoder = Encoder::new();
    encoder.put(&value);
    Ok(encoder.finish())
}

/// As [`again`], for a stub that begins with an ORPC header.
fn again_after<H: Decode + Encode, T: Decode + Encode>(stub: &[u8]) -> Result<Vec<u8>, Error> {
    let mut decoder = Decoder::new(stub);
    let header: H = decoder.get()?;
    let value: T = decoder.get()?;
    decoder.finish()?;
    let mut encoder = Encoder::new();
    encoder.put(&header);
    encoder.put(&value);
    Ok(encoder.finish())
}

fn activation_request(stub: &[u8]) -> Result<Vec<u8>, Error> {
    let mut decoder = Decoder::new(stub);
    let mut request: RemoteCreateInstance = decoder.get()?;
    decoder.finish()?;
    if let Some(reference) = &request.properties.0 {
        request.properties = ActivationProperties::from_request(reference)?.to_request().into();
    }
    let mut encoder = Encoder::new();
    encoder.put(&request);
    Ok(encoder.finish())
}

fn activation_answer(stub: &[u8]) -> Result<Vec<u8>, Error> {
    let mut decoder = Decoder::new(stub);
    let mut response: ActivationResponse = decoder.get()?;
    decoder.finish()?;
    if let Some(reference) = &response.properties.0 {
        response.properties = ActivationProperties::from_answer(reference)?.to_answer().into();
    }
    let mut encoder = Encoder::new();
    encoder.put(&response);
    Ok(encoder.finish())
}

type Again = fn(&[u8]) -> Result<Vec<u8>, Error>;

/// How to read a stub; nothing for the interfaces of WMI, and for the request that is empty.
fn reader(pdu: &Recorded) -> Option<Again> {
    Some(match (pdu.interface, pdu.opnum, pdu.is_request) {
        (iid::OBJECT_EXPORTER, 5, false) => again::<ServerAlive2Response>,
        (iid::REMOTE_SCM_ACTIVATOR, 4, true) => activation_request,
        (iid::REMOTE_SCM_ACTIVATOR, 4, false) => activation_answer,
        (iid::REM_UNKNOWN2, 3, true) => again_after::<OrpcThis, RemQueryInterface>,
        (iid::REM_UNKNOWN2, 3, false) => again_after::<OrpcThat, RemQueryInterfaceResponse>,
        (iid::REM_UNKNOWN2, 5, true) => again_after::<OrpcThis, InterfaceRefs>,
        (iid::REM_UNKNOWN2, 5, false) => again_after::<OrpcThat, u32>,
        _ => return None,
    })
}

#[test]
fn every_stub_of_dcom_itself_reads_whole_and_writes_to_the_same_bytes() {
    let Some(session) = recorded_session() else { return };
    let mut seen = 0;
    for pdu in &session {
        if let Some(again) = reader(pdu) {
            assert_eq!(again(&pdu.stub).as_ref(), Ok(&pdu.stub), "frame {}", pdu.frame);
            seen += 1;
        }
    }
    assert_eq!(seen, 56, "2 answers of the resolver, 8 activations, 20 queries, 26 releases");
}

#[test]
fn a_stub_that_is_cut_is_an_error_and_a_flipped_bit_never_panics() {
    let Some(session) = recorded_session() else { return };
    for pdu in &session {
        let Some(again) = reader(pdu) else { continue };
        for length in 0..pdu.stub.len() {
            assert!(again(&pdu.stub[..length]).is_err(), "frame {} cut at {length}", pdu.frame);
        }
        let mut stub = pdu.stub.clone();
        for at in 0..stub.len() {
            for bit in 0..8u32 {
                stub[at] ^= 1 << bit;
                let _ = again(&stub);
                stub[at] ^= 1 << bit;
            }
        }
    }
}

#[test]
fn every_reference_in_the_session_reads_whole_and_writes_to_the_same_bytes() {
    let Some(session) = recorded_session() else { return };
    let mut seen = 0;
    for pdu in &session {
        for at in 4..pdu.stub.len() {
            if !pdu.stub[at..].starts_with(b"MEOW") {
                continue;
            }
            // The count of an interface pointer stands before it; references within an activation
            // blob are read with the blob, but they too have theirs.
            let count =
                usize::try_from(u32::from_le_bytes(pdu.stub[at - 4..at].try_into().unwrap()))
                    .unwrap();
            let bytes = &pdu.stub[at..at + count];
            assert_eq!(ObjRef::from_bytes(bytes).unwrap().to_bytes(), bytes, "{}", pdu.frame);
            seen += 1;
        }
    }
    assert!(seen > 20, "{seen} references");
}

#[test]
fn the_context_of_windows_is_the_empty_one() {
    let Some(session) = recorded_session() else { return };
    let request = session.iter().find(|pdu| pdu.interface == iid::REMOTE_SCM_ACTIVATOR).unwrap();
    let request: RemoteCreateInstance = Decoder::new(&request.stub).get().unwrap();
    let properties =
        ActivationProperties::from_request(request.properties.0.as_ref().unwrap()).unwrap();
    let context = properties
        .properties
        .iter()
        .find_map(|property| match property {
            Property::Context(info) => info.client_context.0.clone(),
            _ => None,
        })
        .unwrap();
    let data = context.data(clsid::CONTEXT_MARSHALER).unwrap();
    let context_id = Decoder::new(&data[4..]).uuid("ContextId").unwrap();
    assert_eq!(empty_context(context_id), context);
}

#[test]
fn the_values_of_an_activation_answer_are_those_that_were_sent() {
    let Some(session) = recorded_session() else { return };
    let pdu = session
        .iter()
        .find(|pdu| pdu.interface == iid::REMOTE_SCM_ACTIVATOR && !pdu.is_request)
        .unwrap();
    let response: ActivationResponse = Decoder::new(&pdu.stub).get().unwrap();
    assert_eq!((response.that.flags, response.hresult), (1, 0));
    let answer =
        ActivationProperties::from_answer(response.properties.0.as_ref().unwrap()).unwrap();
    let [Property::PropsOut(objects), Property::ScmReply(exporter)] = &answer.properties[..] else {
        panic!("{answer:?}");
    };
    assert_eq!(exporter.version, ComVersion { major: 5, minor: 7 });
    assert_eq!(exporter.authn_hint, 4);
    assert_eq!(exporter.bindings.strings.len(), 2);
    let services: Vec<u16> = exporter.bindings.security.iter().map(|one| one.service).collect();
    assert_eq!(services, [0x0A, 0x1E, 0x10, 0x09, 0x16, 0x1F]);
    let [interface] = &objects.interfaces[..] else { panic!("{objects:?}") };
    let (std, resolver) = interface.reference.0.as_ref().unwrap().remote().unwrap();
    assert_eq!((std.flags, std.public_refs, std.oxid), (0, 5, exporter.oxid));
    assert_eq!(resolver.strings[0].host(), exporter.bindings.strings[0].host());
    assert_eq!(resolver.strings[0].port(), None);
    assert!(exporter.bindings.strings[0].port().is_some_and(|port| port > 49151));
}

#[test]
fn fed_with_the_same_values_a_request_is_that_of_windows() {
    let Some(session) = recorded_session() else { return };
    let mut seen = 0;
    for pdu in session.iter().filter(|pdu| pdu.interface == iid::REMOTE_SCM_ACTIVATOR) {
        if !pdu.is_request {
            continue;
        }
        let recorded: RemoteCreateInstance = Decoder::new(&pdu.stub).get().unwrap();
        let reference = recorded.properties.0.as_ref().unwrap();
        let properties = ActivationProperties::from_request(reference).unwrap().properties;
        let [
            Property::Special(special),
            Property::Instantiation(instantiation),
            Property::Context(context),
            Property::Security(security),
            Property::Location(_),
            Property::ScmRequest(_),
        ] = &properties[..]
        else {
            panic!("{properties:?}");
        };
        let context = context.client_context.0.as_ref().unwrap();
        let context = context.data(clsid::CONTEXT_MARSHALER).unwrap();
        let server = security.server.0.as_ref().unwrap().name.0.as_ref().unwrap();
        let ours = ActivationProperties::request(
            &server.0,
            instantiation.class_id,
            &instantiation.iids,
            special.default_authn_level,
            Decoder::new(&context[4..]).uuid("ContextId").unwrap(),
        );
        let ours = RemoteCreateInstance {
            this: OrpcThis {
                flags: 1,
                ..OrpcThis::new(ComVersion::CURRENT, recorded.this.causality)
            },
            outer: InterfacePointer::null(),
            properties: ours.to_request().into(),
        };
        let mut encoder = Encoder::new();
        encoder.put(&ours);
        assert_eq!(encoder.finish(), pdu.stub, "frame {}", pdu.frame);
        seen += 1;
    }
    assert_eq!(seen, 4);
}

/// Some clients send a pointer to an interface pointer of no bytes where they mean null.
#[test]
fn a_pointer_to_no_bytes_is_null() {
    let mut stub = Decoder::new(&[1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    assert_eq!(stub.get::<InterfacePointer>(), Ok(InterfacePointer::null()));
    assert_eq!(stub.finish(), Ok(()));
}
