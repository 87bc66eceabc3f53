//! Every ORPC stub of a recorded Windows 10 session decodes with nothing left over and encodes
//! again to the same bytes, with no field left out. Only a verification trailer, which belongs to
//! the layer below, may follow a request.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod recording;

use std::collections::BTreeMap;

use bytes::Bytes;
use recording::{Pdu, TRAILER, recording};
use winreach_dcom::wire::activator::{self, ActivationResponse, RemoteCreateInstance};
use winreach_dcom::wire::object_exporter::{self, ServerAlive2Response};
use winreach_dcom::wire::rem_unknown::{
    self, InterfaceRefs, RemQueryInterface, RemQueryInterfaceResponse,
};
use winreach_dcom::wire::{ActivationProperties, OrpcThat, OrpcThis, iid as com};
use winreach_ndr::{Decode, Decoder, Encode, Encoder, Endian, Error};
use winreach_wmi_proto::{Method, Parameters, Reader, Response, enumerator, iid};
use winreach_wmi_proto::{login, services, smart};

/// Reads a stub and writes it again; gives back what was written and what was not read.
type Codec = fn(&Pdu) -> Result<(Vec<u8>, Vec<u8>), Error>;

/// A stub that begins behind an ORPC header.
fn behind_header<H: Decode + Encode, P: Parameters>(
    pdu: &Pdu,
) -> Result<(Vec<u8>, Vec<u8>), Error> {
    let mut decoder = Decoder::new(&pdu.stub);
    let header: H = decoder.get()?;
    let stub = pdu.stub.slice(decoder.position()..);
    let mut reader = Reader::new(&stub, Endian::Little);
    let parameters = P::read(&mut reader)?;
    let mut encoder = Encoder::new();
    encoder.put(&header);
    parameters.write(&mut encoder);
    Ok((encoder.finish(), reader.rest().to_vec()))
}

fn method<M: Method>(pdu: &Pdu) -> Result<(Vec<u8>, Vec<u8>), Error> {
    assert_eq!((pdu.interface, pdu.opnum), (M::INTERFACE, M::OPNUM), "{}", M::NAME);
    match pdu.request {
        true => behind_header::<OrpcThis, M>(pdu),
        false => behind_header::<OrpcThat, Response<M::Out>>(pdu),
    }
}

/// A stub that NDR alone reads.
fn plain<T: Decode + Encode>(pdu: &Pdu) -> Result<(Vec<u8>, Vec<u8>), Error> {
    let mut decoder = Decoder::new(&pdu.stub);
    let value: T = decoder.get()?;
    let mut encoder = Encoder::new();
    encoder.put(&value);
    Ok((encoder.finish(), decoder.rest().to_vec()))
}

/// A stub of NDR behind an ORPC header.
fn plain_behind<H: Decode + Encode, T: Decode + Encode>(
    pdu: &Pdu,
) -> Result<(Vec<u8>, Vec<u8>), Error> {
    let mut decoder = Decoder::new(&pdu.stub);
    let header: H = decoder.get()?;
    let value: T = decoder.get()?;
    let mut encoder = Encoder::new();
    encoder.put(&header);
    encoder.put(&value);
    Ok((encoder.finish(), decoder.rest().to_vec()))
}

fn activation_request(pdu: &Pdu) -> Result<(Vec<u8>, Vec<u8>), Error> {
    let mut decoder = Decoder::new(&pdu.stub);
    let mut request: RemoteCreateInstance = decoder.get()?;
    if let Some(blob) = request.properties.0.take() {
        request.properties = ActivationProperties::from_request(&blob)?.to_request().into();
    }
    let mut encoder = Encoder::new();
    encoder.put(&request);
    Ok((encoder.finish(), decoder.rest().to_vec()))
}

fn activation_answer(pdu: &Pdu) -> Result<(Vec<u8>, Vec<u8>), Error> {
    let mut decoder = Decoder::new(&pdu.stub);
    let mut answer: ActivationResponse = decoder.get()?;
    if let Some(blob) = answer.properties.0.take() {
        answer.properties = ActivationProperties::from_answer(&blob)?.to_answer().into();
    }
    let mut encoder = Encoder::new();
    encoder.put(&answer);
    Ok((encoder.finish(), decoder.rest().to_vec()))
}

fn nothing(pdu: &Pdu) -> Result<(Vec<u8>, Vec<u8>), Error> {
    Ok((Vec::new(), pdu.stub.to_vec()))
}

/// The name of the interface and how its stubs are read.
fn codec(pdu: &Pdu) -> (&'static str, Codec) {
    use rem_unknown::opnum;
    match (pdu.interface, pdu.opnum, pdu.request) {
        (com::OBJECT_EXPORTER, object_exporter::opnum::SERVER_ALIVE2, true) => {
            ("IObjectExporter", nothing)
        }
        (com::OBJECT_EXPORTER, object_exporter::opnum::SERVER_ALIVE2, false) => {
            ("IObjectExporter", plain::<ServerAlive2Response>)
        }
        (com::REMOTE_SCM_ACTIVATOR, activator::opnum::REMOTE_CREATE_INSTANCE, true) => {
            ("IRemoteSCMActivator", activation_request)
        }
        (com::REMOTE_SCM_ACTIVATOR, activator::opnum::REMOTE_CREATE_INSTANCE, false) => {
            ("IRemoteSCMActivator", activation_answer)
        }
        (com::REM_UNKNOWN2, opnum::REM_QUERY_INTERFACE, true) => {
            ("IRemUnknown2", plain_behind::<OrpcThis, RemQueryInterface>)
        }
        (com::REM_UNKNOWN2, opnum::REM_QUERY_INTERFACE, false) => {
            ("IRemUnknown2", plain_behind::<OrpcThat, RemQueryInterfaceResponse>)
        }
        (com::REM_UNKNOWN2, opnum::REM_RELEASE, true) => {
            ("IRemUnknown2", plain_behind::<OrpcThis, InterfaceRefs>)
        }
        (com::REM_UNKNOWN2, opnum::REM_RELEASE, false) => {
            ("IRemUnknown2", plain_behind::<OrpcThat, u32>)
        }
        (iid::LOGIN_CLIENT_ID, ..) => ("IWbemLoginClientID", method::<login::SetClientInfo>),
        (iid::LOGIN_CLIENT_ID_EX, ..) => ("IWbemLoginClientIDEx", method::<login::SetClientInfoEx>),
        (iid::LEVEL1_LOGIN, 3, _) => ("IWbemLevel1Login", method::<login::EstablishPosition>),
        (iid::LEVEL1_LOGIN, 6, _) => ("IWbemLevel1Login", method::<login::NTLMLogin>),
        (iid::SERVICES, 6, _) => ("IWbemServices", method::<services::GetObject>),
        (iid::SERVICES, 20, _) => ("IWbemServices", method::<services::ExecQuery>),
        (iid::SERVICES, 24, _) => ("IWbemServices", method::<services::ExecMethod>),
        (iid::ENUM_CLASS_OBJECT, 3, _) => ("IEnumWbemClassObject", method::<enumerator::Reset>),
        (iid::ENUM_CLASS_OBJECT, 6, _) => ("IEnumWbemClassObject", method::<enumerator::Clone>),
        (iid::FETCH_SMART_ENUM, ..) => ("IWbemFetchSmartEnum", method::<smart::GetSmartEnum>),
        (iid::WCO_SMART_ENUM, ..) => ("IWbemWCOSmartEnum", method::<smart::Next>),
        other => panic!("no codec for {other:?}"),
    }
}

#[test]
fn every_stub_comes_back_byte_for_byte() {
    let Some(pdus) = recording() else { return };
    let mut seen = BTreeMap::new();
    for (number, pdu) in pdus.iter().enumerate() {
        let (interface, codec) = codec(pdu);
        let (written, rest) = codec(pdu).unwrap_or_else(|e| panic!("stub {number}: {e}"));
        let trailer = pdu.request && rest.starts_with(&TRAILER);
        assert!(rest.is_empty() || trailer, "stub {number} of {interface}: {rest:02x?} is left");
        assert_eq!(written, pdu.stub[..pdu.stub.len() - rest.len()], "stub {number}");
        let (requests, answers) = seen.entry(interface).or_insert((0, 0));
        *if pdu.request { requests } else { answers } += 1;
    }
    let expected = BTreeMap::from([
        ("IEnumWbemClassObject", (2, 2)),
        ("IObjectExporter", (2, 2)),
        ("IRemUnknown2", (23, 23)),
        ("IRemoteSCMActivator", (4, 4)),
        ("IWbemFetchSmartEnum", (2, 2)),
        ("IWbemLevel1Login", (8, 8)),
        ("IWbemLoginClientID", (4, 4)),
        ("IWbemLoginClientIDEx", (4, 4)),
        // The one request that is left out of the recording carries a script.
        ("IWbemServices", (9, 10)),
        ("IWbemWCOSmartEnum", (2, 2)),
    ]);
    assert_eq!(seen, expected);
    assert_eq!(pdus.len(), 121);
}

#[test]
fn cut_stubs_are_errors() {
    let Some(pdus) = recording() else { return };
    for pdu in pdus.into_iter().filter(|pdu| !pdu.stub.is_empty()) {
        let (_, codec) = codec(&pdu);
        let (written, _) = codec(&pdu).unwrap();
        // Every cut of the small stubs; some of the large ones, which are mostly opaque.
        let step = (written.len() / 1000).max(1);
        for length in (0..written.len()).step_by(step) {
            let cut = Pdu { stub: pdu.stub.slice(..length), ..pdu };
            assert!(codec(&cut).is_err(), "{length} of {} bytes are enough", written.len());
        }
    }
}

#[test]
fn flipped_bits_are_errors_or_values() {
    let Some(pdus) = recording() else { return };
    for pdu in pdus {
        let (_, codec) = codec(&pdu);
        // What lies beyond is the inside of an object, which nothing here looks at.
        for bit in 0..pdu.stub.len().min(1024) * 8 {
            let mut flipped = pdu.stub.to_vec();
            flipped[bit / 8] ^= 1 << (bit % 8);
            let _ = codec(&Pdu { stub: Bytes::from(flipped), ..pdu });
        }
    }
}
