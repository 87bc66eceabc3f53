//! Every PDU that can be said is read as it was written, in both byte orders.

#![allow(clippy::unwrap_used, reason = "a test")]

use bytes::Bytes;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use uuid::Uuid;
use winreach_rpc::SyntaxId;
use winreach_rpc::pdu::verification::{Header2, Verification};
use winreach_rpc::pdu::{
    Auth, Bind, BindAck, BindNak, Body, ByteOrder, ContextElement, ContextResult, FaultBody, Flags,
    Pdu, RejectReason, Request, Response,
};

fn bytes(length: usize) -> impl Strategy<Value = Bytes> {
    vec(any::<u8>(), 0..=length).prop_map(Bytes::from)
}

fn syntax() -> impl Strategy<Value = SyntaxId> {
    any::<(u128, u16, u16)>()
        .prop_map(|(uuid, major, minor)| SyntaxId::new(Uuid::from_u128(uuid), major, minor))
}

fn bind() -> impl Strategy<Value = Bind> {
    let element = (any::<u16>(), syntax(), vec(syntax(), 0..4)).prop_map(
        |(id, abstract_syntax, transfer_syntaxes)| ContextElement {
            id,
            abstract_syntax,
            transfer_syntaxes,
        },
    );
    (any::<(u16, u16, u32)>(), vec(element, 0..6)).prop_map(|((xmit, recv, group), contexts)| {
        Bind { max_xmit_frag: xmit, max_recv_frag: recv, assoc_group_id: group, contexts }
    })
}

fn bind_ack() -> impl Strategy<Value = BindAck> {
    let result = (any::<(u16, u16)>(), syntax()).prop_map(|((result, reason), transfer_syntax)| {
        ContextResult { result, reason, transfer_syntax }
    });
    (any::<(u16, u16, u32)>(), bytes(20), vec(result, 0..6)).prop_map(
        |((xmit, recv, group), secondary_address, results)| BindAck {
            max_xmit_frag: xmit,
            max_recv_frag: recv,
            assoc_group_id: group,
            secondary_address,
            results,
        },
    )
}

fn bind_nak() -> impl Strategy<Value = BindNak> {
    (any::<u16>(), vec(any::<(u8, u8)>(), 0..5), bytes(40)).prop_map(|(reason, versions, rest)| {
        BindNak { reason: RejectReason(reason), versions, rest }
    })
}

fn request() -> impl Strategy<Value = Request> {
    (any::<(u32, u16, u16)>(), option::of(any::<u128>()), bytes(200)).prop_map(
        |((alloc_hint, context_id, opnum), object, stub)| Request {
            alloc_hint,
            context_id,
            opnum,
            object: object.map(Uuid::from_u128),
            stub,
        },
    )
}

fn body() -> impl Strategy<Value = Body> {
    let response = (any::<(u32, u16, u8)>(), bytes(200)).prop_map(
        |((alloc_hint, context_id, cancel_count), stub)| Response {
            alloc_hint,
            context_id,
            cancel_count,
            stub,
        },
    );
    let fault = (any::<(u32, u16, u8, u8, u32)>(), bytes(60)).prop_map(
        |((alloc_hint, context_id, cancel_count, flags, status), rest)| FaultBody {
            alloc_hint,
            context_id,
            cancel_count,
            flags,
            status,
            rest,
        },
    );
    prop_oneof![
        request().prop_map(Body::Request),
        response.prop_map(Body::Response),
        fault.prop_map(Body::Fault),
        bind().prop_map(Body::Bind),
        bind().prop_map(Body::AlterContext),
        bind_ack().prop_map(Body::BindAck),
        bind_ack().prop_map(Body::AlterContextResp),
        bind_nak().prop_map(Body::BindNak),
        Just(Body::Auth3),
        Just(Body::Shutdown),
        Just(Body::CoCancel),
        Just(Body::Orphaned),
    ]
}

fn pdu() -> impl Strategy<Value = Pdu> {
    let auth = (any::<(u8, u8, u32)>(), bytes(15), vec(any::<u8>(), 1..80)).prop_map(
        |((auth_type, auth_level, context_id), padding, token)| Auth {
            auth_type,
            auth_level,
            context_id,
            padding,
            token: token.into(),
        },
    );
    (body(), option::of(auth), any::<(u8, u32, bool)>()).prop_map(
        |(body, auth, (flags, call_id, big))| {
            let mut flags = Flags::from_bits_retain(flags);
            // In a request the flag says that there is an object; elsewhere it says nothing.
            let has_object = matches!(&body, Body::Request(Request { object: Some(_), .. }));
            flags.set(Flags::OBJECT, has_object);
            let order = if big { ByteOrder::Big } else { ByteOrder::Little };
            Pdu { flags, order, call_id, body, auth }
        },
    )
}

proptest! {
    #[test]
    fn a_pdu_is_read_as_it_was_written(pdu in pdu()) {
        let bytes = pdu.to_bytes().unwrap();
        prop_assert_eq!(Pdu::parse(bytes).unwrap(), pdu);
    }

    #[test]
    fn any_bytes_are_a_pdu_or_an_error(mut bytes in vec(any::<u8>(), 0..200), ptype in 0_u8..20) {
        let _ = Pdu::parse(Bytes::from(bytes.clone()));
        // A good header leads deeper.
        let length = u16::try_from(bytes.len()).unwrap().to_le_bytes();
        for (at, byte) in [5, 0, ptype, 3, 0x10, 0, 0, 0, length[0], length[1], 0, 0].into_iter().enumerate() {
            if let Some(place) = bytes.get_mut(at) {
                *place = byte;
            }
        }
        let _ = Pdu::parse(Bytes::from(bytes));
    }

    #[test]
    fn a_verification_trailer_is_found_as_it_was_written(
        stub in vec(any::<u8>(), 0..50),
        bitmask in option::of(any::<u32>()),
        context in option::of((syntax(), syntax())),
        header in option::of(any::<(bool, u32, u16, u16)>()),
    ) {
        let header = header.map(|(big, call_id, context_id, opnum)| Header2 {
            order: if big { ByteOrder::Big } else { ByteOrder::Little },
            call_id,
            context_id,
            opnum,
        });
        let verification = Verification { bitmask, context, header };
        let whole = [&stub[..], &verification.to_bytes(stub.len())].concat();
        let expected = (!verification.is_empty()).then(|| (stub.len().next_multiple_of(4), verification));
        prop_assert_eq!(Verification::find(&whole).unwrap(), expected);
    }
}
