//! Messages that were cut, flipped or made up.

use super::*;
use crate::Problem;

/// The three messages of a fresh exchange.
fn messages(level: AuthLevel) -> [Vec<u8>; 3] {
    let mut seen = Vec::new();
    exchange_over(&mut *initiator(level), &mut *acceptor(level), |_, message| {
        seen.push(message.clone());
        message
    })
    .unwrap();
    seen.try_into().unwrap()
}

/// An exchange in which one message is replaced by what `change` makes of it.
fn exchange_with(
    leg: u8,
    change: impl Fn(&mut Vec<u8>),
) -> Result<(Established, Established), Error> {
    let level = AuthLevel::Privacy;
    exchange_over(&mut *initiator(level), &mut *acceptor(level), |found, mut message| {
        if found == leg {
            change(&mut message);
        }
        message
    })
}

#[test]
fn messages_cut_at_any_byte_are_refused() {
    for (leg, message) in (1..).zip(messages(AuthLevel::Privacy)) {
        for len in 0..message.len() {
            let result = exchange_with(leg, |message| message.truncate(len));
            assert!(result.is_err(), "message {leg} cut to {len} bytes");
        }
    }
}

#[test]
fn messages_with_any_bit_flipped_are_refused() {
    // The code in the last message covers every bit of all three.
    for (leg, message) in (1..).zip(messages(AuthLevel::Privacy)) {
        for bit in 0..message.len() * 8 {
            let result = exchange_with(leg, |message| message[bit / 8] ^= 1 << (bit % 8));
            assert!(result.is_err(), "message {leg} with bit {bit} flipped");
        }
    }
}

#[test]
fn bytes_that_are_no_message_say_where_they_go_wrong() {
    let [negotiate, challenge, authenticate] = messages(AuthLevel::Privacy);
    assert_eq!(
        Negotiate::parse(&challenge).unwrap_err().to_string(),
        "malformed NEGOTIATE: MessageType at offset 8: the value 0x2 cannot be"
    );
    assert_eq!(
        Challenge::parse(&challenge[..22]).unwrap_err().to_string(),
        "malformed CHALLENGE: NegotiateFlags at offset 20: 4 bytes where 2 are left"
    );
    assert!(Authenticate::parse(&negotiate).is_err());

    // An item inside the fixed part, and one beyond the end.
    let mut overlapping = authenticate.clone();
    overlapping[24..28].copy_from_slice(&[8, 0, 0, 0]);
    assert!(matches!(
        Authenticate::parse(&overlapping),
        Err(Error::Malformed { field: "NtChallengeResponse", problem: Problem::Overlap, .. })
    ));
    let mut beyond = authenticate;
    beyond[24..28].copy_from_slice(&[0xff; 4]);
    assert!(matches!(
        Authenticate::parse(&beyond),
        Err(Error::Malformed { problem: Problem::Truncated { available: 0, .. }, .. })
    ));
}

#[test]
fn target_information_is_read_to_its_end_and_no_further() {
    let problem = |bytes: &[u8]| match TargetInfo::parse(bytes) {
        Err(Error::Malformed { problem, .. }) => problem,
        other => panic!("{other:?}"),
    };
    let empty = TargetInfo::new();
    assert_eq!(TargetInfo::parse(&[0, 0, 0, 0, 1, 2, 3]), Ok(empty.clone()));
    assert_eq!(empty.encode().unwrap(), [0; 4]);
    assert_eq!(problem(&[]), Problem::Truncated { needed: 2, available: 0 });
    assert_eq!(problem(&[1, 0, 4, 0, 9]), Problem::Truncated { needed: 4, available: 1 });
    assert_eq!(problem(&[1, 0, 0, 0]), Problem::Truncated { needed: 2, available: 0 });
    assert_eq!(problem(&[7, 0, 1, 0, 9, 0, 0, 0, 0]), Problem::Length(1));
    assert_eq!(problem(&[1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0]), Problem::Repeated);
    // Attributes nobody knows yet are kept.
    let unknown = [0x77, 0, 1, 0, 9, 0, 0, 0, 0];
    assert_eq!(TargetInfo::parse(&unknown).unwrap().get(AvId(0x77)), Some([9].as_slice()));
}

#[test]
fn names_too_long_for_a_message_are_an_error_of_the_caller() {
    let mut initiator =
        source(&"x".repeat(40_000), PASSWORD).begin(SPN, AuthLevel::Connect).unwrap();
    let result = exchange(&mut *initiator, &mut *acceptor(AuthLevel::Connect));
    assert_eq!(result.err(), Some(Error::TooLong("the user name")));
}
