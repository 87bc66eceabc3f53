//! The worked examples of [MS-NLMP] 4.2, byte for byte.

use des::Des;
use des::cipher::{BlockCipherEncrypt, KeyInit as _};
use hmac::Mac;
use md4::Digest;
use md5::Md5;
use rc4::StreamCipher;

use crate::ntlm::flags::NegotiateFlags;
use crate::ntlm::keys::{self, HmacMd5, NtHash, Sender};
use crate::ntlm::messages::{
    Authenticate, AvId, Challenge, ClientChallenge, Negotiate, TargetInfo, Version,
};
use crate::ntlm::response::NtlmV2Response;
use crate::ntlm::session::Context;
use crate::ntlm::wire::encode_utf16;
use crate::{AuthLevel, Error, Pdu, SecurityContext};

/// [MS-NLMP] 4.2.1.
const SERVER_CHALLENGE: [u8; 8] = [0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef];
const CLIENT_CHALLENGE: [u8; 8] = [0xaa; 8];
const SESSION_KEY: [u8; 16] = [0x55; 16];
const USER: &str = "User";
const DOMAIN: &str = "Domain";
const PASSWORD: &str = "Password";

/// Bytes of hexadecimal digits, blanks ignored.
fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text
        .chars()
        .filter(|c| !c.is_whitespace())
        .map(|c| u8::try_from(c.to_digit(16).unwrap()).unwrap())
        .collect();
    assert_eq!(digits.len() % 2, 0);
    digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect()
}

fn hex16(text: &str) -> [u8; 16] {
    hex(text).try_into().unwrap()
}

fn flags(hex_text: &str) -> NegotiateFlags {
    NegotiateFlags::from_bits_retain(u32::from_le_bytes(hex(hex_text).try_into().unwrap()))
}

/// DES under 56 key bits, which go into the upper seven bits of each key byte.
fn des(key: &[u8], block: &[u8; 8]) -> [u8; 8] {
    let bits = key.iter().fold(0_u64, |bits, byte| bits << 8 | u64::from(*byte));
    let mut spread = [0; 8];
    for (i, byte) in spread.iter_mut().enumerate() {
        *byte = u8::try_from(bits >> (49 - 7 * i) & 0x7f).unwrap() << 1;
    }
    let mut out = (*block).into();
    Des::new(&spread.into()).encrypt_block(&mut out);
    out.into()
}

/// DESL of [MS-NLMP] section 6.
fn desl(key: &[u8; 16], data: &[u8; 8]) -> Vec<u8> {
    let mut padded = [0; 21];
    padded[..16].copy_from_slice(key);
    padded.chunks(7).flat_map(|part| des(part, data)).collect()
}

/// LMOWFv1 of [MS-NLMP] 3.3.1.
fn lmowf_v1(password: &str) -> [u8; 16] {
    let mut padded = password.to_uppercase().into_bytes();
    padded.resize(14, 0);
    let halves = padded.chunks(7).flat_map(|part| des(part, b"KGS!@#$%"));
    halves.collect::<Vec<_>>().try_into().unwrap()
}

fn md4_md4(hash: &NtHash) -> [u8; 16] {
    md4::Md4::digest(hash.as_bytes()).into()
}

fn plaintext() -> Vec<u8> {
    encode_utf16("Plaintext")
}

fn authenticate(flags: NegotiateFlags) -> Authenticate {
    Authenticate {
        lm_response: Vec::new(),
        nt_response: Vec::new(),
        domain: DOMAIN.into(),
        user: USER.into(),
        workstation: "COMPUTER".into(),
        encrypted_session_key: Vec::new(),
        flags,
        version: Some(Version { major: 5, minor: 1, build: 2600, revision: 15 }),
        mic: None,
    }
}

fn challenge(flags: NegotiateFlags, target_info: Option<TargetInfo>) -> Challenge {
    Challenge {
        flags,
        server_challenge: SERVER_CHALLENGE,
        target_name: "Server".into(),
        target_info,
        version: Some(Version { major: 6, minor: 0, build: 6000, revision: 15 }),
    }
}

fn target_info() -> TargetInfo {
    let mut info = TargetInfo::new();
    info.set_text(AvId::NB_DOMAIN_NAME, DOMAIN);
    info.set_text(AvId::NB_COMPUTER_NAME, "Server");
    info
}

/// Seals `Plaintext` as the client, and opens it again as the server.
fn seal_and_open(flags: NegotiateFlags, session_key: &[u8; 16]) -> (Vec<u8>, [u8; 16]) {
    fn pdu(body: &mut [u8]) -> Pdu<'_> {
        Pdu { header: &[], body, trailer: &[], sign_header: true }
    }
    let mut client = Context::new(flags, session_key, Sender::Client);
    let mut server = Context::new(flags, session_key, Sender::Server);
    let mut body = plaintext();
    let mut token = [0; 16];
    client.protect(AuthLevel::Privacy, pdu(&mut body), &mut token).unwrap();
    let sealed = body.clone();
    server.unprotect(AuthLevel::Privacy, pdu(&mut body), &token).unwrap();
    assert_eq!(body, plaintext());
    (sealed, token)
}

/// 4.2.2.1 and 4.2.2.2: NTLMv1. The product never computes it; it is here to prove the pieces
/// that NTLMv2 shares, and that the acceptor refuses it.
#[test]
fn ntlm_v1_keys_and_responses() {
    let lm_hash = lmowf_v1(PASSWORD);
    assert_eq!(lm_hash, hex16("e52cac67419a9a224a3b108f3fa6cb6d"));
    let nt_hash = NtHash::of_password(PASSWORD);
    assert_eq!(nt_hash.as_bytes(), &hex16("a4f49c406510bdcab6824ee7c30fd852"));
    let base_key = md4_md4(&nt_hash);
    assert_eq!(base_key, hex16("d87262b0cde4b1cb7499becccdf10784"));

    let lm_response = desl(&lm_hash, &SERVER_CHALLENGE);
    assert_eq!(
        desl(nt_hash.as_bytes(), &SERVER_CHALLENGE),
        hex("67c43011f30298a2ad35ece64f16331c44bdbed927841f94")
    );
    assert_eq!(lm_response, hex("98def7b87f88aa5dafe2df779688a172def11c7d5ccdef13"));

    let lm_block: [u8; 8] = lm_response[..8].try_into().unwrap();
    let mut lm_rest = [0xbd; 7];
    lm_rest[0] = lm_hash[7];
    let lm_key = [des(&lm_hash[..7], &lm_block), des(&lm_rest, &lm_block)].concat();
    assert_eq!(lm_key, hex("b09e379f7fbecb1eaf0afdcb0383c8a0"));

    let mut non_nt = [0; 16];
    non_nt[..8].copy_from_slice(&lm_hash[..8]);
    for (key, encrypted) in [
        (base_key, "518822b1b3f350c8958682ecbb3e3cb7"),
        (non_nt, "7452ca55c225a1ca04b48fae32cf56fc"),
        (lm_key.try_into().unwrap(), "4cd7bb57d697ef9b549f02b8f9b37864"),
    ] {
        assert_eq!(*keys::exchange_key(&key, &SESSION_KEY), hex16(encrypted));
    }
}

/// 4.2.2.3.
#[test]
fn ntlm_v1_messages() {
    let challenge_bytes = hex("4e544c4d53535000020000000c000c0038000000338202e20123456789abcdef
         00000000000000000000000000000000060070170000000f5300650072007600
         65007200");
    let expected = challenge(flags("338202e2"), None);
    assert_eq!(Challenge::parse(&challenge_bytes).unwrap(), expected);
    assert_eq!(expected.encode().unwrap(), challenge_bytes);

    let authenticate_bytes = hex("4e544c4d5353500003000000180018006c00000018001800840000000c000c00
         48000000080008005400000010001000 5c000000100010009c000000358280e2
         0501280a0000000f44006f006d00610069006e00550073006500720043004f00
         4d0050005500540045005200 98def7b87f88aa5dafe2df779688a172def11c7d
         5ccdef13 67c43011f30298a2ad35ece64f16331c44bdbed927841f94 518822b1
         b3f350c8958682ecbb3e3cb7");
    let mut expected = authenticate(flags("358280e2"));
    expected.lm_response = hex("98def7b87f88aa5dafe2df779688a172def11c7d5ccdef13");
    expected.nt_response = hex("67c43011f30298a2ad35ece64f16331c44bdbed927841f94");
    expected.encrypted_session_key = hex("518822b1b3f350c8958682ecbb3e3cb7");
    assert_eq!(Authenticate::parse(&authenticate_bytes).unwrap(), expected);
    assert_eq!(expected.encode().unwrap(), authenticate_bytes);
    assert_eq!(
        NtlmV2Response::parse(&expected.nt_response).err(),
        Some(Error::WeakProtocol("an NTLMv1 response"))
    );
}

/// 4.2.2.4: SEAL without extended session security, which the product never negotiates, out of
/// the cipher that it uses.
#[test]
fn ntlm_v1_seal() {
    let mut cipher = keys::rc4(&SESSION_KEY);
    let mut data = plaintext();
    let crc = crc32(&data);
    assert_eq!(crc.to_le_bytes(), [0x7d, 0x84, 0xaa, 0x93]);
    cipher.apply_keystream(&mut data);
    assert_eq!(data, hex("56fe04d861f9319af0d7238a2e3b4d457fb8"));
    let mut signature = [[0; 4], crc.to_le_bytes(), [0; 4]].concat();
    cipher.apply_keystream(&mut signature);
    assert_eq!(signature, hex("45c844e509dcd1df2e459d36"));
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ (0xedb8_8320 * (crc & 1)))
    })
}

/// 4.2.3: NTLMv1 with a client challenge, whose session security is the extended one, at 56
/// bits and without key exchange.
#[test]
fn ntlm_v1_with_extended_session_security() {
    let negotiated = flags("33820a82");
    let nt_hash = NtHash::of_password(PASSWORD);
    let lm_response = [CLIENT_CHALLENGE.as_slice(), &[0; 16]].concat();

    let both = [SERVER_CHALLENGE, CLIENT_CHALLENGE].concat();
    let session_hash: [u8; 16] = Md5::digest(&both).into();
    let nt_response = desl(nt_hash.as_bytes(), &session_hash[..8].try_into().unwrap());
    assert_eq!(nt_response, hex("7537f803ae367128ca458204bde7caf81e97ed2683267232"));

    let mut mac: HmacMd5 = keys::keyed_hmac(&md4_md4(&nt_hash));
    mac.update(&both);
    let session_key: [u8; 16] = mac.finalize().into_bytes().into();
    assert_eq!(session_key, hex16("eb93429a8bd952f8b89c55b87f475edc"));

    assert_eq!(
        *keys::sealing_key(&session_key, negotiated, Sender::Client),
        hex16("04dd7f014d8504d265a25cc86a3a7c06")
    );
    assert_eq!(
        *keys::signing_key(&session_key, Sender::Client),
        hex16("60e799be5c72fc92922ae8ebe961fb8d")
    );
    let (sealed, token) = seal_and_open(negotiated, &session_key);
    assert_eq!(sealed, hex("a02372f6530273f3aa1eb90190ce5200c99d"));
    assert_eq!(token, hex16("01000000ff2aeb52f681793a00000000"));

    let challenge_bytes = hex("4e544c4d53535000020000000c000c003800000033820a820123456789abcdef
         00000000000000000000000000000000060070170000000f5300650072007600
         65007200");
    let expected = challenge(negotiated, None);
    assert_eq!(Challenge::parse(&challenge_bytes).unwrap(), expected);
    assert_eq!(expected.encode().unwrap(), challenge_bytes);

    let authenticate_bytes = hex("4e544c4d5353500003000000180018006c00000018001800840000000c000c00
         480000000800080054000000100010005c000000000000009c00000035820882
         0501280a0000000f44006f006d00610069006e00550073006500720043004f00
         4d0050005500540045005200aaaaaaaaaaaaaaaa000000000000000000000000
         000000007537f803ae367128ca458204bde7caf81e97ed2683267232");
    let mut expected = authenticate(flags("35820882"));
    expected.lm_response = lm_response;
    expected.nt_response = nt_response;
    assert_eq!(Authenticate::parse(&authenticate_bytes).unwrap(), expected);
    assert_eq!(expected.encode().unwrap(), authenticate_bytes);
}

/// 4.2.4: NTLMv2.
#[test]
fn ntlm_v2() {
    let negotiated = flags("33828ae2");
    let key = NtHash::of_password(PASSWORD).response_key(DOMAIN, USER);
    let temp = ClientChallenge { time: 0, nonce: CLIENT_CHALLENGE, target_info: target_info() };
    let covered = temp.encode().unwrap();
    assert_eq!(
        covered,
        hex("01010000000000000000000000000000aaaaaaaaaaaaaaaa0000000002000c00
             44006f006d00610069006e0001000c005300650072007600650072000000000000000000")
    );
    let proof = key.proof(&SERVER_CHALLENGE, &covered);
    assert_eq!(proof, hex16("68cd0ab851e51c96aabc927bebef6a1c"));
    let lm_response = key.lm_response(&SERVER_CHALLENGE, &CLIENT_CHALLENGE);
    assert_eq!(lm_response, hex("86c35097ac9cec102554764a57cccc19aaaaaaaaaaaaaaaa"));
    let base_key = key.key_exchange_key(&proof);
    assert_eq!(*base_key, hex16("8de40ccadbc14a82f15cb0ad0de95ca3"));
    let encrypted = keys::exchange_key(&base_key, &SESSION_KEY);
    assert_eq!(*encrypted, hex16("c5dad2544fc9799094ce1ce90bc9d03e"));

    let challenge_bytes = hex("4e544c4d53535000020000000c000c003800000033828ae20123456789abcdef
         00000000000000002400240044000000060070170000000f5300650072007600
         6500720002000c0044006f006d00610069006e0001000c005300650072007600
         6500720000000000");
    let expected = challenge(negotiated, Some(target_info()));
    assert_eq!(Challenge::parse(&challenge_bytes).unwrap(), expected);
    assert_eq!(expected.encode().unwrap(), challenge_bytes);

    let authenticate_bytes = hex("4e544c4d5353500003000000180018006c00000054005400840000000c000c00
         480000000800080054000000100010005c00000010001000d8000000358288e2
         0501280a0000000f44006f006d00610069006e00550073006500720043004f00
         4d005000550054004500520086c35097ac9cec102554764a57cccc19aaaaaaaa
         aaaaaaaa68cd0ab851e51c96aabc927bebef6a1c010100000000000000000000
         00000000aaaaaaaaaaaaaaaa0000000002000c0044006f006d00610069006e00
         01000c005300650072007600650072000000000000000000c5dad2544fc97990
         94ce1ce90bc9d03e");
    let mut expected = authenticate(flags("358288e2"));
    expected.lm_response = lm_response;
    expected.nt_response = [proof.as_slice(), &covered].concat();
    expected.encrypted_session_key = encrypted.to_vec();
    assert_eq!(Authenticate::parse(&authenticate_bytes).unwrap(), expected);
    assert_eq!(expected.encode().unwrap(), authenticate_bytes);

    let response = NtlmV2Response::parse(&expected.nt_response).unwrap();
    assert_eq!(response.proof, proof);
    assert_eq!(response.covered, covered);
    assert_eq!(response.challenge, temp);
}

/// 4.2.4.4.
#[test]
fn ntlm_v2_seal() {
    let negotiated = flags("33828ae2");
    assert_eq!(
        *keys::sealing_key(&SESSION_KEY, negotiated, Sender::Client),
        hex16("59f600973cc4960a25480a7c196e4c58")
    );
    assert_eq!(
        *keys::signing_key(&SESSION_KEY, Sender::Client),
        hex16("4788dc861b4782f35d43fd98fe1a2d39")
    );
    let (sealed, token) = seal_and_open(negotiated, &SESSION_KEY);
    assert_eq!(sealed, hex("54e50165bf1936dc996020c1811b0f06fb5f"));
    assert_eq!(token, hex16("010000007fb38ec5c55d497600000000"));
}

/// Recorded Windows 10 traffic: the 40 bytes of a NEGOTIATE for privacy.
#[test]
fn negotiate_of_windows_10() {
    let bytes =
        hex("4e544c4d535350000100000 0b78208e2 0000000000000000 0000000000000000 0a00614a0000000f");
    let negotiate = Negotiate::parse(&bytes).unwrap();
    assert_eq!(negotiate.flags.bits(), 0xe208_82b7);
    assert_eq!(negotiate.version, Some(Version::CURRENT));
    assert_eq!(negotiate.encode().unwrap(), bytes);
}
