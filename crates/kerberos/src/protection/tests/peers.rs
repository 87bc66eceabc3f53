//! Tokens that MIT Kerberos and impacket made (`peers.txt`) and the one of [MS-KILE] 4.5 are opened,
//! and made again.

use super::*;

const HEADER: &[u8] = b"header of 24 bytes......";
const TRAILER: &[u8] = b"trailer8";

/// Reads hexadecimal digits, a dash for none.
fn bytes(text: &str) -> Vec<u8> {
    if text == "-" { Vec::new() } else { hex(text) }
}

/// Opens and makes again all tokens of `peers.txt`; gives their number.
fn each_token(maker: &str) -> usize {
    let mut context = None;
    let mut tokens = 0;
    for line in include_str!("peers.txt").lines().filter(|line| !line.starts_with('#')) {
        let words: Vec<&str> = line.split(' ').collect();
        if let ["context", by, role, etype, subkey, number, key] = *words {
            let etype = EncryptionType::from_code(etype.parse().unwrap()).unwrap();
            let key = Key::new(etype, &hex(key)).unwrap();
            let role = if role == "initiator" { Role::Initiator } else { Role::Acceptor };
            let number: u64 = number.parse().unwrap();
            let ends = ends(&key, subkey == "1", role, number);
            context = by.starts_with(maker).then_some((ends, key, role, number));
            continue;
        }
        let Some(((sender, receiver), key, role, number)) = &mut context else { continue };
        match *words {
            ["mic", message, token] => {
                let (message, token) = (hex(message), hex(token));
                let (head, rest) = message.split_at(4);
                receiver.verify(&[head, rest], &token).unwrap();
                let mut made = vec![0; sender.mic_len()];
                sender.sign(&[&message], &mut made).unwrap();
                assert_eq!(made, token);
            }
            ["seal", sign_header, plain, body, token] => {
                let (plain, token) = (bytes(plain), hex(token));
                let mut sealed = Sealed {
                    header: HEADER.to_vec(),
                    body: bytes(body),
                    trailer: TRAILER.to_vec(),
                    sign_header: sign_header == "1",
                    token,
                };
                let again = sealed.clone();
                sealed.open(receiver).unwrap();
                assert_eq!(sealed.body, plain);
                // impacket's filler is of another length than ours.
                if again.token.len() == sender.seal_len() {
                    let (confounder, filler) = again.random(key, *role, *number);
                    let mut token = vec![0; again.token.len()];
                    let Sealed { header, body, trailer, sign_header, .. } = &mut sealed;
                    let message = Message::new(header, body, trailer, *sign_header);
                    sender.seal_with(message, &mut token, confounder, filler);
                    assert_eq!((sealed.body, token), (again.body, again.token));
                } else {
                    let Scheme::Cfx(_) = &sender.0 else { panic!("RC4 has no filler") };
                    sender.sign(&[], &mut vec![0; sender.mic_len()]).unwrap();
                }
            }
            ["wrap", confidential, message, token] => {
                let (message, token) = (hex(message), hex(token));
                let confidential = confidential == "1";
                let unwrapped = receiver.unwrap(&token).unwrap();
                assert_eq!(
                    (unwrapped.message, unwrapped.confidential),
                    (message.clone(), confidential)
                );
                let made = sender.wrap(&message, confidential).unwrap();
                assert_eq!(made.len(), token.len());
                if !confidential && key.etype() != EncryptionType::Rc4Hmac {
                    assert_eq!(made, token);
                }
            }
            _ => panic!("{line}"),
        }
        *number += 1;
        tokens += 1;
    }
    tokens
}

#[test]
fn tokens_of_mit_kerberos() {
    // Five encryption types; of each side a MIC, four sealed and two wrapped messages.
    assert_eq!(each_token("MIT-krb5"), 5 * 2 * 7);
}

#[test]
fn tokens_of_impacket() {
    assert_eq!(each_token("impacket"), 5 + 5 + 3);
}

/// [MS-KILE] 4.5, which is not in DCE style.
#[test]
fn the_example_of_rc4() {
    let key = Key::new(EncryptionType::Rc4Hmac, &hex("81a2cb90af7fc2d19554a150d8185359")).unwrap();
    let (mut sender, mut receiver) = ends(&key, false, Role::Initiator, 0x60cb_acd3);
    let plain = hex("112233445566778899aabbccddeeff");
    let mut random = [0; 16];
    random[..8].copy_from_slice(&hex("5256f3fb630cf12a"));
    let Scheme::Arcfour(arcfour) = &mut sender.0 else { panic!("an RC4 key") };
    let token = arcfour.wrap(&plain, true, random).unwrap();
    let expected = "603b06092a864886f712010202020111001000ffffe29e8bbc6348e740ebaa619244a156a1\
                    3b5cf65e3c21b9aa8ed63f0ac83815335b72e293bae1f660";
    assert_eq!(token, hex(expected));
    assert_eq!(receiver.unwrap(&token).unwrap().message, plain);
}
