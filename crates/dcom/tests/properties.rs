//! What holds for every value of the wire types, and for every run of bytes.

use proptest::collection::vec;
use proptest::prelude::*;
use uuid::Uuid;
use winreach_dcom::wire::activation_v1::{RemoteActivation, RemoteActivationResponse};
use winreach_dcom::wire::activator::{ActivationResponse, RemoteCreateInstance};
use winreach_dcom::wire::endpoint_mapper::{
    EptLookup, EptLookupResponse, EptMap, EptMapResponse, InterfaceId, Tower,
};
use winreach_dcom::wire::object_exporter::{
    ComplexPing, ResolveOxid, ResolveOxid2Response, ServerAlive2Response,
};
use winreach_dcom::wire::rem_unknown::{
    InterfaceRefs, RemQueryInterface, RemQueryInterface2Response, RemQueryInterfaceResponse,
};
use winreach_dcom::wire::{
    ActivationProperties, ComVersion, DualStringArray, Extensions, Extent, InterfacePointer,
    InterfaceResult, ObjRef, ObjRefBody, OrpcThat, OrpcThis, Property, PropsOutInfo, ScmReplyInfo,
    SecurityBinding, SpecialProperties, SpecialReserved, StdObjRef, StringBinding,
};
use winreach_ndr::{Decode, Decoder, Encode, Encoder, Error};

fn stub(value: &impl Encode) -> Vec<u8> {
    let mut encoder = Encoder::new();
    encoder.put(value);
    encoder.finish()
}

fn read<T: Decode>(stub: &[u8]) -> Result<T, Error> {
    let mut decoder = Decoder::new(stub);
    let value = decoder.get()?;
    decoder.finish()?;
    Ok(value)
}

fn uuid() -> impl Strategy<Value = Uuid> {
    any::<u128>().prop_map(Uuid::from_u128)
}

fn bindings() -> impl Strategy<Value = DualStringArray> {
    let string =
        (1u16.., "[^\u{0}]{0,8}").prop_map(|(tower, address)| StringBinding { tower, address });
    let security = (1u16.., "[^\u{0}]{0,8}")
        .prop_map(|(service, principal)| SecurityBinding { service, principal });
    (vec(string, 0..4), vec(security, 0..4))
        .prop_map(|(strings, security)| DualStringArray { strings, security })
}

fn std_objref() -> impl Strategy<Value = StdObjRef> {
    (any::<u32>(), any::<u32>(), any::<u64>(), any::<u64>(), uuid()).prop_map(
        |(flags, public_refs, oxid, oid, ipid)| StdObjRef { flags, public_refs, oxid, oid, ipid },
    )
}

fn objref() -> impl Strategy<Value = ObjRef> {
    let body =
        prop_oneof![
            (std_objref(), bindings())
                .prop_map(|(std, resolver)| ObjRefBody::Standard { std, resolver }),
            (std_objref(), uuid(), bindings())
                .prop_map(|(std, clsid, resolver)| ObjRefBody::Handler { std, clsid, resolver }),
            (uuid(), any::<u32>(), vec(any::<u8>(), 0..20))
                .prop_map(|(clsid, reserved, data)| ObjRefBody::Custom { clsid, reserved, data }),
            (std_objref(), bindings(), uuid(), vec(any::<u8>(), 0..20)).prop_map(
                |(std, resolver, context_id, context)| ObjRefBody::Extended {
                    std,
                    resolver,
                    context_id,
                    context
                }
            ),
        ];
    (uuid(), body).prop_map(|(iid, body)| ObjRef { iid, body })
}

fn extensions() -> impl Strategy<Value = Extensions> {
    let extent = (uuid(), vec(any::<u8>(), 0..20)).prop_map(|(id, data)| Extent { id, data });
    vec(extent, 0..4).prop_map(Extensions)
}

fn answer() -> impl Strategy<Value = ActivationProperties> {
    let interface = (uuid(), any::<u32>(), proptest::option::of(objref())).prop_map(
        |(iid, hresult, reference)| InterfaceResult {
            iid,
            hresult,
            reference: InterfacePointer(reference),
        },
    );
    let exporter = (any::<u64>(), bindings(), uuid(), any::<u32>()).prop_map(
        |(oxid, bindings, ipid_rem_unknown, authn_hint)| ScmReplyInfo {
            oxid,
            bindings,
            ipid_rem_unknown,
            authn_hint,
            version: ComVersion::CURRENT,
        },
    );
    (vec(interface, 1..4), exporter).prop_map(|(interfaces, exporter)| {
        ActivationProperties::answer(PropsOutInfo { interfaces }, exporter)
    })
}

fn read_everything(bytes: &[u8]) {
    let _ = ObjRef::from_bytes(bytes);
    let _ = ActivationProperties::from_bytes(bytes);
    let _ = read::<DualStringArray>(bytes);
    let _ = read::<OrpcThis>(bytes);
    let _ = read::<OrpcThat>(bytes);
    let _ = read::<RemoteCreateInstance>(bytes);
    let _ = read::<ActivationResponse>(bytes);
    let _ = read::<RemoteActivation>(bytes);
    let _ = read::<RemoteActivationResponse>(bytes);
    let _ = read::<ResolveOxid>(bytes);
    let _ = read::<ResolveOxid2Response>(bytes);
    let _ = read::<ServerAlive2Response>(bytes);
    let _ = read::<ComplexPing>(bytes);
    let _ = read::<RemQueryInterface>(bytes);
    let _ = read::<RemQueryInterfaceResponse>(bytes);
    let _ = read::<RemQueryInterface2Response>(bytes);
    let _ = read::<InterfaceRefs>(bytes);
    let _ = read::<EptMap>(bytes);
    let _ = read::<EptMapResponse>(bytes);
    let _ = read::<EptLookup>(bytes);
    let _ = read::<EptLookupResponse>(bytes);
    let _ = Tower(bytes.to_vec()).interface();
}

proptest! {
    #[test]
    fn a_reference_is_read_as_it_was_written(reference in objref()) {
        let bytes = reference.to_bytes();
        prop_assert_eq!(ObjRef::from_bytes(&bytes), Ok(reference));
    }

    #[test]
    fn a_pointer_to_a_reference_is_read_as_it_was_written(reference in objref()) {
        let pointer = InterfacePointer::from(reference);
        prop_assert_eq!(read::<InterfacePointer>(&stub(&pointer)), Ok(pointer));
    }

    #[test]
    fn a_header_ends_at_a_multiple_of_eight(cid in uuid(), extensions in extensions()) {
        let this = OrpcThis {
            extensions: Some(extensions.clone()).into(),
            ..OrpcThis::new(ComVersion::CURRENT, cid)
        };
        let that = OrpcThat { flags: 0, extensions: Some(extensions).into() };
        prop_assert_eq!((stub(&this).len() % 8, stub(&that).len() % 8), (0, 0));
        prop_assert_eq!(read::<OrpcThis>(&stub(&this)), Ok(this));
        prop_assert_eq!(read::<OrpcThat>(&stub(&that)), Ok(that));
    }

    #[test]
    fn an_activation_answer_is_read_as_it_was_written(answer in answer()) {
        prop_assert_eq!(ActivationProperties::from_bytes(&answer.to_bytes()), Ok(answer));
    }

    #[test]
    fn a_ping_is_read_as_it_was_written(
        set_id in any::<u64>(),
        sequence in any::<u16>(),
        add in vec(any::<u64>(), 0..5),
        remove in vec(any::<u64>(), 0..5),
    ) {
        let ping = ComplexPing { set_id, sequence, add, remove };
        prop_assert_eq!(read::<ComplexPing>(&stub(&ping)), Ok(ping));
    }

    #[test]
    fn a_tower_is_read_as_it_was_written(uuid in uuid(), major in any::<u16>(), minor in any::<u16>()) {
        let interface = InterfaceId { uuid, major, minor };
        prop_assert_eq!(Tower::tcp(interface, 135, [127, 0, 0, 1]).interface(), Ok(interface));
    }

    #[test]
    fn noise_never_panics(bytes in vec(any::<u8>(), 0..300)) {
        read_everything(&bytes);
    }

    #[test]
    fn what_is_nearly_right_never_panics(
        answer in answer(),
        reference in objref(),
        at in any::<prop::sample::Index>(),
        byte in any::<u8>(),
    ) {
        for mut bytes in [answer.to_bytes(), reference.to_bytes(), stub(&InterfacePointer::from(reference))] {
            let at = at.index(bytes.len());
            if let Some(place) = bytes.get_mut(at) {
                *place = byte;
            }
            read_everything(&bytes);
        }
    }
}

#[test]
fn both_forms_of_the_special_properties_are_taken() {
    for reserved in [
        SpecialReserved::Current(1, 2, [3, 4, 5, 6, 7]),
        SpecialReserved::Alternate([1, 2, 3, 4, 5, 6, 7, 8]),
    ] {
        let properties = ActivationProperties::new(vec![Property::Special(SpecialProperties {
            session_id: u32::MAX,
            remote_this_session: 0,
            client_impersonating: 1,
            partition_present: 0,
            default_authn_level: 2,
            partition: Uuid::nil(),
            prt_flags: 0,
            class_context: 0x14,
            flags: 2,
            reserved,
        })]);
        assert_eq!(ActivationProperties::from_bytes(&properties.to_bytes()), Ok(properties));
    }
}
