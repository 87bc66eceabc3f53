//! Tokens byte by byte.

use super::*;
use crate::spnego::messages::{MAX_MECHANISMS, MAX_TOKEN, NegHints};

/// The annotated token of [MS-SPNG] section 4: a first token of NEGOEX and NTLM with hints.
const MS_SPNG_4: &str = "\
6082015d06062b0601050502a08201513082014da01a3018060a2b06010401823702021e060a2b0601040182370202\
0aa282010104 81fe4e45474f455854530100000000000000600000007000 0000cffa11765e125 99a347d766852bf\
ce7097458710bb8242b4c7dfbada2d897aa311a7d868463430952562dc13c554f201000000000000000060000000010\
0000000000000000000005c33530deaf90d4db2ec4ae3786ec3084e45474f4558545303000000010000004000000\
08e000000cffa11765e12599a347d766852bfce705c33530deaf90d4db2ec4ae3786ec308400000004e0000 00304ca0\
4a3048302a80283026312430220603550403131b584d4c50726f766964657220496e7465726d656469617465204341\
301a8018301631143012060355040 3130b584d4c50726f7669646572a32a3028a0261b246e6f745f646566696e65645\
f696e5f5246433431373840706c656173655f69676e6f7265";

fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text
        .chars()
        .filter(|digit| !digit.is_whitespace())
        .map(|digit| u8::try_from(digit.to_digit(16).unwrap()).unwrap())
        .collect();
    digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect()
}

fn init(mechanisms: &[Mechanism]) -> NegTokenInit<'static> {
    NegTokenInit {
        mech_types: MechTypes::new(mechanisms).unwrap(),
        mech_token: None,
        hints: None,
        mech_list_mic: None,
    }
}

/// Field, offset and problem of an error.
fn malformed<T>(result: Result<T, Error>) -> (&'static str, usize, Problem) {
    match result.map(|_| ()) {
        Err(Error::Malformed { field, offset, problem, .. }) => (field, offset, problem),
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_token_of_the_specification_reads_and_writes_the_same() {
    let bytes = hex(MS_SPNG_4);
    assert_eq!(bytes.len(), 0x161);
    let token = NegTokenInit::parse(&bytes).unwrap();
    let listed = MechTypes::new(&[Mechanism::NegoEx, Mechanism::Ntlm]).unwrap();
    assert_eq!(token.mech_types, listed);
    assert_eq!(token.mech_types.to_string(), "NEGOEX, NTLM");
    let mech_token = token.mech_token.unwrap();
    assert_eq!(mech_token.len(), 0xfe);
    assert!(mech_token.starts_with(b"NEGOEXTS"));
    let name = Some(b"not_defined_in_RFC4178@please_ignore".as_slice());
    assert_eq!(token.hints, Some(NegHints { name, address: None }));
    assert_eq!(token.mech_list_mic, None);
    assert_eq!(token.encode().unwrap(), bytes);
}

#[test]
fn every_field_is_written_and_read() {
    for (state, chosen, token, mic) in [
        (None, None, None, None),
        (Some(NegState::AcceptCompleted), Some(Mechanism::Ntlm), Some(&b"a"[..]), Some(&b"b"[..])),
        (Some(NegState::AcceptIncomplete), None, Some(&[7; 300]), None),
        (Some(NegState::Reject), None, Some(b""), None),
        (Some(NegState::RequestMic), Some(Mechanism::Kerberos), None, Some(&[8; 127])),
    ] {
        let message = NegTokenResp {
            state,
            supported_mech: chosen.map(MechType::from),
            response_token: token,
            mech_list_mic: mic,
        };
        assert_eq!(NegTokenResp::parse(&message.encode().unwrap()).unwrap(), message);
    }
    let hints = [
        None,
        Some(NegHints::default()),
        Some(NegHints { name: Some(b"x"), address: Some(b"192.0.2.1") }),
    ];
    for hints in hints {
        for mic in [None, Some(&b"mic"[..])] {
            let message = NegTokenInit {
                mech_token: Some(&[1; 70]),
                hints,
                mech_list_mic: mic,
                ..init(&Mechanism::ALL)
            };
            assert_eq!(NegTokenInit::parse(&message.encode().unwrap()).unwrap(), message);
        }
    }
}

#[test]
fn the_identifiers_are_those_of_the_specifications() {
    let listed = MechTypes::new(&Mechanism::ALL).unwrap();
    assert_eq!(
        listed.as_der(),
        hex("302e 06092a864882f712010202 06092a864886f712010202
             060a2b06010401823702021e 060a2b06010401823702020a")
    );
    for mechanism in Mechanism::ALL {
        assert_eq!(MechType::from(mechanism).mechanism(), Some(mechanism));
    }
}

#[test]
fn request_flags_and_fields_of_times_to_come_are_passed_over() {
    let plain = init(&[Mechanism::Ntlm]);
    // reqFlags [1] BIT STRING, mechToken [2], a field [5].
    let bytes = hex("a0 25 30 23 a00e 300c 060a2b06010401823702020a a104 03020142 a205 0403 010203
                     a504 04020000");
    let token = NegTokenInit::parse(&bytes).unwrap();
    assert_eq!(token, NegTokenInit { mech_token: Some(&[1, 2, 3]), ..plain });

    let bytes = hex("a1 0d 30 0b a003 0a0101 a504 04020000");
    let answer = NegTokenResp::parse(&bytes).unwrap();
    assert_eq!(answer.state, Some(NegState::AcceptIncomplete));
}

#[test]
fn lists_are_kept_as_they_came_and_may_hold_the_unknown() {
    // 1.2.3.4, one of a UUID that no number here can hold, NTLM.
    let list = "301e 06032a0304 060b6900ffffffffffffffff7f 060a2b06010401823702020a";
    let bytes = hex(&format!("a0 24 30 22 a0 20 {list}"));
    let token = NegTokenInit::parse(&bytes).unwrap();
    assert_eq!(token.mech_types.as_der(), hex(list));
    let known: Vec<_> = token.mech_types.iter().map(MechType::mechanism).collect();
    assert_eq!(known, [None, None, Some(Mechanism::Ntlm)]);
}

#[test]
fn errors_say_where_and_what() {
    let resp = |text: &str| malformed(NegTokenResp::parse(&hex(text)));
    let truncated = |needed, available| Problem::Truncated { needed, available };
    assert_eq!(resp(""), ("NegotiationToken", 0, Problem::Missing));
    assert_eq!(resp("a0 02 3000"), ("NegotiationToken", 0, Problem::Tag(0xa0)));
    assert_eq!(resp("a1 03 3000"), ("NegotiationToken", 0, truncated(3, 2)));
    assert_eq!(resp("a1 02 3000 00"), ("NegotiationToken", 4, Problem::Trailing(1)));
    assert_eq!(resp("a1 02 3100"), ("NegTokenResp", 2, Problem::Tag(0x31)));
    assert_eq!(resp("a1 80 3000 0000"), ("NegotiationToken", 0, Problem::Encoding));
    assert_eq!(resp("a1 8102 3000"), ("NegotiationToken", 0, Problem::Encoding));
    assert_eq!(resp("a1 84ffffffff"), ("NegotiationToken", 0, truncated(0xffff_ffff, 0)));
    assert_eq!(resp("a1 07 3005 a003 0a0104"), ("negState", 8, Problem::Value(4)));
    assert_eq!(resp("a1 07 3005 a003 020101"), ("negState", 6, Problem::Tag(2)));
    assert_eq!(resp("a1 08 3006 a004 0a020001"), ("negState", 8, Problem::Length(2)));
    assert_eq!(resp("a1 0c 300a a003 0a0101 a003 0a0101"), ("negState", 9, Problem::Repeated));
    assert_eq!(
        resp("a1 0b 3009 a202 0400 a003 0a0101"),
        ("negState", 8, Problem::Tag(0xa0)),
        "fields stand in order"
    );
    assert_eq!(resp("a1 06 3004 8002 0400"), ("field", 4, Problem::Tag(0x80)));
    assert_eq!(resp("a1 07 3005 a203 040000"), ("responseToken", 8, Problem::Trailing(1)));
    assert_eq!(resp("a1 06 3004 a302 3000"), ("mechListMIC", 6, Problem::Tag(0x30)));

    let init = |text: &str| malformed(NegTokenInit::parse(&hex(text)));
    assert_eq!(init("a0 02 3000"), ("mechTypes", 4, Problem::Missing));
    assert_eq!(init("a0 06 3004 a002 3000"), ("mechTypes", 8, Problem::Missing));
    assert_eq!(init("a0 08 3006 a004 3002 0500"), ("mechTypes", 8, Problem::Tag(5)));
    assert_eq!(init("60 07 0605 2b06010505"), ("thisMech", 4, Problem::Mechanism));
    assert_eq!(init("60 08 0606 2b0601050502"), ("NegotiationToken", 10, Problem::Missing));
    assert_eq!(init("4e544c4d53535000"), ("NegotiationToken", 0, Problem::Tag(0x4e)));
    let list = "a00e 300c 060a2b06010401823702020a";
    assert_eq!(
        init(&format!("a0 18 3016 {list} a304 3002 0500")),
        ("field", 24, Problem::Tag(5)),
        "hints"
    );
    assert_eq!(
        init(&format!("a0 1a 3018 {list} a306 3004 a002 0400")),
        ("hintName", 26, Problem::Tag(4))
    );
}

#[test]
fn lists_and_tokens_have_a_limit() {
    let list = [Mechanism::Ntlm; MAX_MECHANISMS + 1];
    let most = init(&list[1..]).encode().unwrap();
    assert_eq!(NegTokenInit::parse(&most).unwrap().mech_types.iter().count(), MAX_MECHANISMS);
    let (field, _, problem) = malformed(NegTokenInit::parse(&init(&list).encode().unwrap()));
    assert_eq!((field, problem), ("mechTypes", Problem::Count(MAX_MECHANISMS + 1)));

    let token = vec![0; MAX_TOKEN];
    let long = NegTokenResp { response_token: Some(&token), ..Default::default() };
    let bytes = long.encode().unwrap();
    let expected = ("NegotiationToken", 0, Problem::Length(bytes.len()));
    assert_eq!(malformed(NegTokenResp::parse(&bytes)), expected);
    let fits = NegTokenResp { response_token: Some(&token[16..]), ..Default::default() };
    assert_eq!(NegTokenResp::parse(&fits.encode().unwrap()).unwrap(), fits);
}
