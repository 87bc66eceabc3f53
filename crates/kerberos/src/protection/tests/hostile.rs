//! What was changed, cut, replayed or made up is refused.

use proptest::prelude::*;

use super::*;

/// A key of each type.
fn keys() -> Vec<Key> {
    EncryptionType::ALL.into_iter().map(|etype| Key::random(etype).unwrap()).collect()
}

fn sealed(sender: &mut Protection, len: usize) -> Sealed {
    let mut sealed = Sealed {
        header: vec![5; 24],
        body: vec![7; len],
        trailer: vec![9; 8],
        sign_header: true,
        token: vec![0; sender.seal_len()],
    };
    let Sealed { header, body, trailer, token, .. } = &mut sealed;
    sender.seal(header, body, trailer, true, token).unwrap();
    sealed
}

fn flip(bytes: &mut [u8], bit: usize) {
    bytes[bit / 8] ^= 1 << (bit % 8);
}

#[test]
fn no_bit_of_a_sealed_message_may_change() {
    for (key, len) in keys().iter().flat_map(|key| [0, 16, 21, 32].map(|len| (key, len))) {
        let (mut sender, mut receiver) = ends(key, true, Role::Acceptor, 3);
        let genuine = sealed(&mut sender, len);
        let parts: [fn(&mut Sealed) -> &mut Vec<u8>; 4] =
            [|s| &mut s.header, |s| &mut s.body, |s| &mut s.trailer, |s| &mut s.token];
        for part in parts {
            for bit in 0..part(&mut genuine.clone()).len() * 8 {
                let mut changed = genuine.clone();
                flip(part(&mut changed), bit);
                changed.open(&mut receiver).unwrap_err();
                assert_eq!(changed.body, vec![0; len], "nothing is given out");
            }
        }
        let mut opened = genuine.clone();
        opened.open(&mut receiver).unwrap();
        assert_eq!(opened.body, vec![7; len], "the genuine message is still good");
    }
}

#[test]
fn no_bit_of_a_signed_or_wrapped_message_may_change() {
    for key in keys() {
        let (mut sender, mut receiver) = ends(&key, false, Role::Initiator, 1 << 31);
        let (mut message, mut token) = (*b"message", vec![0; sender.mic_len()]);
        sender.sign(&[&message], &mut token).unwrap();
        for bit in 0..token.len() * 8 {
            flip(&mut token, bit);
            receiver.verify(&[&message], &token).unwrap_err();
            flip(&mut token, bit);
        }
        for bit in 0..message.len() * 8 {
            flip(&mut message, bit);
            assert_eq!(receiver.verify(&[&message], &token), Err(ProtectionError::Checksum));
            flip(&mut message, bit);
        }
        receiver.verify(&[&message], &token).unwrap();

        for confidential in [true, false] {
            let mut token = sender.wrap(&message, confidential).unwrap();
            for bit in 0..token.len() * 8 {
                flip(&mut token, bit);
                receiver.unwrap(&token).unwrap_err();
                flip(&mut token, bit);
            }
            assert_eq!(receiver.unwrap(&token).unwrap().message, message);
        }
    }
}

#[test]
fn no_token_may_be_cut_or_grow() {
    for key in keys() {
        let (mut sender, mut receiver) = ends(&key, true, Role::Initiator, 0);
        let genuine = sealed(&mut sender, 21);
        for len in (0..genuine.token.len()).chain([genuine.token.len() + 1]) {
            let mut cut = genuine.clone();
            cut.token.resize(len, 0);
            cut.open(&mut receiver).unwrap_err();
        }
        for len in (0..21).chain([22]) {
            let mut cut = genuine.clone();
            cut.body.resize(len, 0);
            cut.open(&mut receiver).unwrap_err();
        }
        genuine.clone().open(&mut receiver).unwrap();

        let mut token = vec![0; sender.mic_len()];
        sender.sign(&[b"x"], &mut token).unwrap();
        for len in (0..token.len()).chain([token.len() + 1]) {
            let mut cut = token.clone();
            cut.resize(len, 0);
            let expected = token.len();
            let error = ProtectionError::Length { expected, actual: len };
            assert_eq!(receiver.verify(&[b"x"], &cut), Err(error));
        }
        receiver.verify(&[b"x"], &token).unwrap();

        let token = sender.wrap(b"message", true).unwrap();
        for len in 0..token.len() {
            receiver.unwrap(&token[..len]).unwrap_err();
        }
        receiver.unwrap(&token).unwrap();
    }
}

#[test]
fn room_of_another_length_is_refused() {
    for key in keys() {
        let (mut sender, _) = ends(&key, true, Role::Initiator, 0);
        let expected = sender.mic_len();
        let error = ProtectionError::Length { expected, actual: expected - 1 };
        assert_eq!(sender.sign(&[], &mut vec![0; expected - 1]), Err(error));
        let expected = sender.seal_len();
        let error = ProtectionError::Length { expected, actual: expected + 1 };
        let token = &mut vec![0; expected + 1];
        assert_eq!(sender.seal(&[], &mut [], &[], true, token), Err(error));
    }
}

#[test]
fn messages_open_once_and_in_order() {
    for key in keys() {
        let (mut sender, mut receiver) = ends(&key, true, Role::Acceptor, 0xffff_ffff);
        let [first, second] = [sealed(&mut sender, 16), sealed(&mut sender, 16)];
        // Only RC4 counts to 32 bits.
        let after = if key.aes().is_some() { 1 << 32 } else { 0 };
        let out_of_order = |expected, actual| Err(ProtectionError::Sequence { expected, actual });
        assert_eq!(second.clone().open(&mut receiver), out_of_order(0xffff_ffff, after));
        assert_eq!(first.clone().open(&mut receiver), Ok(()));
        assert_eq!(first.clone().open(&mut receiver), out_of_order(after, 0xffff_ffff));
        assert_eq!(second.clone().open(&mut receiver), Ok(()));
        let mut token = vec![0; sender.mic_len()];
        sender.sign(&[b"x"], &mut token).unwrap();
        assert_eq!(receiver.verify(&[b"x"], &token), Ok(()));
        assert_eq!(receiver.verify(&[b"x"], &token), out_of_order(after + 2, after + 1));
        let token = sender.wrap(b"x", false).unwrap();
        assert!(receiver.unwrap(&token).is_ok());
        assert_eq!(
            receiver.unwrap(&token),
            Err(ProtectionError::Sequence { expected: after + 3, actual: after + 2 })
        );
    }
}

#[test]
fn a_token_of_the_own_side_is_refused() {
    for key in keys() {
        for (role, peer) in [(Role::Initiator, Role::Acceptor), (Role::Acceptor, Role::Initiator)] {
            let (mut sender, _) = ends(&key, true, role, 0);
            let mut itself = Protection::new(&key, true, role, 0, 0);
            let mut token = vec![0; sender.mic_len()];
            sender.sign(&[b"x"], &mut token).unwrap();
            assert_eq!(itself.verify(&[b"x"], &token), Err(ProtectionError::Direction));
            let sealed = sealed(&mut sender, 5);
            assert_eq!(sealed.clone().open(&mut itself), Err(ProtectionError::Direction));
            let mut other = Protection::new(&key, true, peer, 0, 1);
            assert_eq!(sealed.clone().open(&mut other), Ok(()));
        }
    }
}

#[test]
fn a_token_of_another_kind_is_refused() {
    for key in keys() {
        let (mut sender, mut receiver) = ends(&key, true, Role::Initiator, 0);
        let mut token = vec![0; sender.mic_len()];
        sender.sign(&[], &mut token).unwrap();
        let error = receiver.unwrap(&token).unwrap_err();
        assert!(matches!(error, ProtectionError::TokenId { .. }), "{error}");
        if key.aes().is_some() {
            let error = receiver.unseal(&[], &mut [], &[], true, &token).unwrap_err();
            assert!(matches!(error, ProtectionError::TokenId { .. }), "{error}");
            let (mut other, _) = ends(&key, false, Role::Initiator, 0);
            other.sign(&[], &mut token).unwrap();
            assert_eq!(receiver.verify(&[], &token), Err(ProtectionError::Subkey));
        }
    }
}

#[test]
fn a_message_only_signed_is_no_sealed_one() {
    for key in keys() {
        let (mut sender, mut receiver) = ends(&key, true, Role::Initiator, 0);
        let mut token = sender.wrap(&[], false).unwrap();
        token.resize(receiver.seal_len(), 0);
        if key.aes().is_none() {
            token[1] = 43;
        }
        let mut body = *b"body";
        let refused = receiver.unseal(&[], &mut body, &[], true, &token);
        assert_eq!((refused, body), (Err(ProtectionError::NotSealed), [0; 4]));
    }
}

/// RFC 4121 section 4.2.5: wrapped messages may be rotated by any number of bytes.
#[test]
fn wrapped_messages_may_be_rotated() {
    for key in keys().iter().filter(|key| key.aes().is_some()) {
        for (rotation, confidential) in [(0, true), (28, true), (12, false), (0xffff, false)] {
            let (mut sender, mut receiver) = ends(key, true, Role::Initiator, 0);
            let mut token = sender.wrap(b"message", confidential).unwrap();
            let len = token.len() - 16;
            token[16..].rotate_right(rotation % len);
            token[6..8].copy_from_slice(&u16::try_from(rotation).unwrap().to_be_bytes());
            let unwrapped = receiver.unwrap(&token).unwrap();
            assert_eq!(unwrapped.message, b"message");
            assert_eq!(unwrapped.confidential, confidential);
        }
    }
}

#[test]
fn counts_that_do_not_fit_are_refused() {
    for key in keys().iter().filter(|key| key.aes().is_some()) {
        let (mut sender, mut receiver) = ends(key, true, Role::Initiator, 0);
        let genuine = sealed(&mut sender, 32);
        let wrapped = [true, false].map(|kind| sender.wrap(b"message", kind).unwrap());
        for count in (0..=0xff).chain([0xfff, 0x7fff, 0x8000, 0xffff]).map(u16::to_be_bytes) {
            for at in [4, 6] {
                let mut changed = genuine.clone();
                changed.token[at..at + 2].copy_from_slice(&count);
                if changed.token != genuine.token {
                    let error = changed.open(&mut receiver).unwrap_err();
                    assert!(matches!(error, ProtectionError::Counts { .. }), "{error}");
                }
                for mut token in wrapped.clone() {
                    token[at..at + 2].copy_from_slice(&count);
                    // Not yet due even where the counts are right.
                    receiver.unwrap(&token).unwrap_err();
                }
            }
        }
        genuine.clone().open(&mut receiver).unwrap();
    }
}

proptest! {
    #[test]
    fn every_message_arrives(
        etype in prop::sample::select(EncryptionType::ALL.to_vec()),
        subkey: bool,
        initiator: bool,
        number: u32,
        sign_header: bool,
        messages in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..100), 1..4),
    ) {
        let key = Key::random(etype).unwrap();
        let role = if initiator { Role::Initiator } else { Role::Acceptor };
        let (mut sender, mut receiver) = ends(&key, subkey, role, number.into());
        for message in messages {
            let mut sealed = Sealed {
                header: b"header".to_vec(),
                body: message.clone(),
                trailer: b"trailer".to_vec(),
                sign_header,
                token: vec![0; sender.seal_len()],
            };
            let Sealed { header, body, trailer, token, .. } = &mut sealed;
            sender.seal(header, body, trailer, sign_header, token).unwrap();
            if !sign_header {
                sealed.header = b"another".to_vec();
            }
            sealed.open(&mut receiver).unwrap();
            prop_assert_eq!(&sealed.body, &message);

            let mut token = vec![0; sender.mic_len()];
            sender.sign(&[&message], &mut token).unwrap();
            let (head, rest) = message.split_at(message.len() / 2);
            receiver.verify(&[head, rest], &token).unwrap();

            for confidential in [true, false] {
                let token = sender.wrap(&message, confidential).unwrap();
                let unwrapped = receiver.unwrap(&token).unwrap();
                prop_assert_eq!(&unwrapped.message, &message);
                prop_assert_eq!(unwrapped.confidential, confidential);
            }
        }
    }

    /// Bytes that somebody made up are refused, however much they look like a token.
    #[test]
    fn what_is_made_up_is_refused(
        etype in prop::sample::select(EncryptionType::ALL.to_vec()),
        like in 0..4_usize,
        mut token in prop::collection::vec(any::<u8>(), 0..100),
        mut body in prop::collection::vec(any::<u8>(), 0..50),
    ) {
        let key = Key::random(etype).unwrap();
        let (_, mut receiver) = ends(&key, true, Role::Initiator, 0);
        let beginnings: [&[u8]; 4] =
            [&[], b"\x04\x04\x04\xff\xff\xff\xff\xff", b"\x05\x04\x06\xff\x00", b"\x60\x2b\x06\x09"];
        token.iter_mut().zip(beginnings[like]).for_each(|(to, from)| *to = *from);
        prop_assert!(receiver.verify(&[&body], &token).is_err());
        prop_assert!(receiver.unwrap(&token).is_err());
        prop_assert!(receiver.unseal(b"header", &mut body, b"trailer", true, &token).is_err());
        prop_assert!(body.iter().all(|&byte| byte == 0));
        prop_assert!(key.decrypt(KeyUsage(24), &token).is_err());
    }
}
