//! Published vectors, and what holds for all keys.

use proptest::prelude::*;

use super::EncryptionType::{
    Aes128CtsHmacSha1, Aes128CtsHmacSha256, Aes256CtsHmacSha1, Aes256CtsHmacSha384, Rc4Hmac,
};
use super::sealer::Pieces;
use super::{ChecksumType, CryptoError, EncryptionType, Key, KeyUsage, arcfour, string_to_key};

fn hex(text: &str) -> Vec<u8> {
    assert!(text.len().is_multiple_of(2));
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap())
        .collect()
}

fn key(etype: EncryptionType, text: &str) -> Key {
    Key::new(etype, &hex(text)).unwrap()
}

/// Encryption type, usage, key, plain text, encrypted text: those of AES with SHA-2 out of RFC 8009
/// appendix A, the others out of the tests of MIT Kerberos.
type Vector = (EncryptionType, u32, &'static str, &'static [u8], &'static str);

#[rustfmt::skip]
const ENCRYPTED: [Vector; 23] = [
    (Rc4Hmac, 0, "f81fec39255f5784e850c4377c88bd85", b"", "02c1eb15586144122ec717763dd348bf00434ddc6585954c"),
    (Rc4Hmac, 1, "67d1300d281223867f9647ff48721273", b"1", "6156e0cc04e0a0874f9fda008f498a7adbbc80b70b14dddbc0"),
    (Rc4Hmac, 2, "3e40ab6093695281b3ac1a9304224d98", b"9 bytesss", "0f9ad121d99d4a09448e4f1f718c4f5cbe6096262c66f29df232a87c9f98755d55"),
    (Rc4Hmac, 3, "4ba2fbf0379faed87a254d3b353d5a7e", b"13 bytes byte", "612c57568b17a70352bae8cf26fb9459a6f3353cd35fd439db3107cbec765d326dfc04c1dd"),
    (Rc4Hmac, 4, "68f263db3fce15d031c9eab02d67107a", b"30 bytes bytes bytes bytes byt", "95f9047c3ad75891c2e9b04b16566dc8b6eb9ce4231afb2542ef87a7b5a0f260a99f0460508de0cecc632d07c354124e46c5d2234eb8"),
    (Aes128CtsHmacSha1, 0, "5a5c0f0ba54f3828b2195e66ca24a289", b"", "49ff8e11c173d9583a3254fbe7b1f1df36c538e8416784a1672e6676"),
    (Aes128CtsHmacSha1, 1, "98450e3f3baa13f5c99beb936981b06f", b"1", "f86742f537b35dc2174a4dbaa920faf9042090b065e1ebb1cad9a65394"),
    (Aes128CtsHmacSha1, 2, "9062430c8cda3388922e6d6a509f5b7a", b"9 bytesss", "68fb9679601f45c78857b2bf820fd6e53eca8d42fd4b1d7024a09205abb7cd2ec26c355d2f"),
    (Aes128CtsHmacSha1, 3, "033ee6502c54fd23e27791e987983827", b"13 bytes byte", "ec366d0327a933bf49330e650e49bc6b974637fe80bf532fe51795b4809718e6194724db948d1fd637"),
    (Aes128CtsHmacSha1, 4, "dceeb70b3de76562e689226c76429148", b"30 bytes bytes bytes bytes byt", "c96081032d5d8eeb7e32b4089f789d0faa481dea74c0f97cbf3146ddfcf8e800156ecb532fc203e30ff600b63b350939fece510f02d7ff1e7bac"),
    (Aes256CtsHmacSha1, 0, "17f275f2954f2ed1f90c377ba7f4d6a369aa0136e0bf0c927ad6133c693759a9", b"", "e5094c55ee7b38262e2b044280b069379a95bf95bd8376fb3281b435"),
    (Aes256CtsHmacSha1, 1, "b9477e1ff0329c0050e20ce6c72d2dff27e8fe541ab0954429a9cb5b4f7b1e2a", b"1", "406150b97aeb76d43b36b62cc1ecdfbe6f40e95755e0beb5c27825f3a4"),
    (Aes256CtsHmacSha1, 2, "b1ae4cd8462aff1677053cc9279aac30b796fb81ce21474dd3ddbcfea4ec76d7", b"9 bytesss", "09957aa25fcaf88f7b39e4406e633012d5fea21853f6478da7065caef41fd454a40824eec5"),
    (Aes256CtsHmacSha1, 3, "e5a72be9b7926c1225bafef9c1872e7ba4cdb2b17893d84abd90acdd8764d966", b"13 bytes byte", "d8f1aafeec84587cc3e700a774e56651a6d693e174ec4473b5e6d96f80297a653fb818ad893e719f96"),
    (Aes256CtsHmacSha1, 4, "f1c795e9248a09338d82c3f8d5b567040b0110736845041347235b1404231398", b"30 bytes bytes bytes bytes byt", "d1137a4d634cfece924dbc3bf6790648bd5cff7de0e7b99460211d0daef3d79a295c688858f3b34b9cbd6eebae81daf6b734d4d498b6714f1c1d"),
    (Aes128CtsHmacSha256, 2, "3705d96080c17728a0e800eab6e0d23c", b"", "ef85fb890bb8472f4dab20394dca781dad877eda39d50c870c0d5a0a8e48c718"),
    (Aes128CtsHmacSha256, 2, "3705d96080c17728a0e800eab6e0d23c", b"\x00\x01\x02\x03\x04\x05", "84d7f30754ed987bab0bf3506beb09cfb55402cef7e6877ce99e247e52d16ed4421dfdf8976c"),
    (Aes128CtsHmacSha256, 2, "3705d96080c17728a0e800eab6e0d23c", b"\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f", "3517d640f50ddc8ad3628722b3569d2ae07493fa8263254080ea65c1008e8fc295fb4852e7d83e1e7c48c37eebe6b0d3"),
    (Aes128CtsHmacSha256, 2, "3705d96080c17728a0e800eab6e0d23c", b"\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10\x11\x12\x13\x14", "720f73b18d9859cd6ccb4346115cd336c70f58edc0c4437c5573544c31c813bce1e6d072c186b39a413c2f92ca9b8334a287ffcbfc"),
    (Aes256CtsHmacSha384, 2, "6d404d37faf79f9df0d33568d320669800eb4836472ea8a026d16b7182460c52", b"", "41f53fa5bfe7026d91faf9be959195a058707273a96a40f0a01960621ac612748b9bbfbe7eb4ce3c"),
    (Aes256CtsHmacSha384, 2, "6d404d37faf79f9df0d33568d320669800eb4836472ea8a026d16b7182460c52", b"\x00\x01\x02\x03\x04\x05", "4ed7b37c2bcac8f74f23c1cf07e62bc7b75fb3f637b9f559c7f664f69eab7b6092237526ea0d1f61cb20d69d10f2"),
    (Aes256CtsHmacSha384, 2, "6d404d37faf79f9df0d33568d320669800eb4836472ea8a026d16b7182460c52", b"\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f", "bc47ffec7998eb91e8115cf8d19dac4bbbe2e163e87dd37f49beca92027764f68cf51f14d798c2273f35df574d1f932e40c4ff255b36a266"),
    (Aes256CtsHmacSha384, 2, "6d404d37faf79f9df0d33568d320669800eb4836472ea8a026d16b7182460c52", b"\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10\x11\x12\x13\x14", "40013e2df58e8751957d2878bcd2d6fe101ccfd556cb1eae79db3c3ee86429f2b2a602ac86fef6ecb647d6295fae077a1feb517508d2c16b4192e01f62"),
];

/// The confounder an encrypted text begins with.
fn confounder(key: &Key, usage: KeyUsage, encrypted: &[u8]) -> [u8; 16] {
    let mut confounder = [0; 16];
    let Some(aes) = key.aes() else {
        let (checksum, message) = encrypted.split_at(16);
        let mut message = message.to_vec();
        arcfour::Arcfour::new(key.as_bytes(), usage).open(&mut message, checksum).unwrap();
        confounder[..8].copy_from_slice(&message[..8]);
        return confounder;
    };
    let (body, tag) = encrypted.split_at(encrypted.len() - usize::from(aes.hash.tag_len()));
    confounder.copy_from_slice(&body[..16]);
    let pieces = Pieces {
        confounder: &mut confounder,
        header: &[],
        body: &mut body[16..].to_vec(),
        trailer: &[],
        tail: &mut [],
    };
    aes.sealer(usage).open(pieces, tag).unwrap();
    confounder
}

#[test]
fn encrypts_and_decrypts_as_published() {
    for (etype, usage, bytes, plain, encrypted) in ENCRYPTED {
        let (key, usage, encrypted) = (key(etype, bytes), KeyUsage(usage), hex(encrypted));
        assert_eq!(*key.decrypt(usage, &encrypted).unwrap(), plain, "{etype}");
        let confounder = confounder(&key, usage, &encrypted);
        assert_eq!(key.encrypt_behind(&confounder, usage, plain), encrypted, "{etype}");
    }
}

#[test]
fn every_changed_bit_and_every_cut_is_refused() {
    for (etype, usage, bytes, _, encrypted) in ENCRYPTED {
        let (key, usage, mut encrypted) = (key(etype, bytes), KeyUsage(usage), hex(encrypted));
        for bit in 0..encrypted.len() * 8 {
            encrypted[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(key.decrypt(usage, &encrypted), Err(CryptoError::Integrity), "{etype}");
            encrypted[bit / 8] ^= 1 << (bit % 8);
        }
        for len in 0..encrypted.len() {
            assert!(key.decrypt(usage, &encrypted[..len]).is_err(), "{etype} {len}");
        }
        assert_eq!(key.decrypt(KeyUsage(99), &encrypted), Err(CryptoError::Integrity));
    }
}

/// RFC 4757 section 3, without what its errata take back: 9 stays 9.
#[test]
fn arcfour_numbers_some_usages_otherwise() {
    let key = Key::random(Rc4Hmac).unwrap();
    for (usage, same) in [(3, 8), (8, 3), (23, 13)] {
        let encrypted = key.encrypt(KeyUsage(usage), b"x").unwrap();
        assert_eq!(*key.decrypt(KeyUsage(same), &encrypted).unwrap(), b"x");
        assert!(key.decrypt(KeyUsage::TGS_REP_SUBKEY, &encrypted).is_err());
    }
}

/// The tests of MIT Kerberos; those of AES with SHA-2 are also in RFC 8009 appendix A.
#[test]
fn makes_checksums_as_published() {
    let counting: Vec<u8> = (0..21).collect();
    #[rustfmt::skip]
    let vectors: [(_, _, _, &[u8], _); 5] = [
        (Aes128CtsHmacSha1, 3, "9062430c8cda3388922e6d6a509f5b7a",
         b"eight nine ten eleven twelve thirteen", "01a4b088d45628f6946614e3"),
        (Aes256CtsHmacSha1, 4, "b1ae4cd8462aff1677053cc9279aac30b796fb81ce21474dd3ddbcfea4ec76d7",
         b"fourteen", "e08739e3279e2903ec8e3836"),
        (Aes128CtsHmacSha256, 2, "3705d96080c17728a0e800eab6e0d23c",
         &counting, "d78367186643d67b411cba9139fc1dee"),
        (Aes256CtsHmacSha384, 2, "6d404d37faf79f9df0d33568d320669800eb4836472ea8a026d16b7182460c52",
         &counting, "45ee791567eefca37f4ac1e0222de80d43c3bfa06699672a"),
        (Rc4Hmac, 6, "f7d3a155af5e238a0b7a871a96ba2ab2",
         b"seventeen eighteen nineteen twenty", "eb38cc97e2230f59da4117dc5859d7ec"),
    ];
    for (etype, usage, bytes, message, checksum) in vectors {
        let (key, usage, kind) = (key(etype, bytes), KeyUsage(usage), etype.checksum_type());
        let checksum = hex(checksum);
        let (head, rest) = message.split_at(3);
        assert_eq!(key.checksum(usage, &[head, rest]), checksum, "{etype}");
        assert_eq!(kind.len(), checksum.len());
        let verify = |message: &[u8], mac: &[u8]| key.verify_checksum(kind, usage, &[message], mac);
        assert_eq!(verify(message, &checksum), Ok(()));
        assert_eq!(verify(head, &checksum), Err(CryptoError::Integrity));
        assert_eq!(verify(message, &checksum[1..]), Err(CryptoError::Integrity));
    }
}

#[test]
fn a_pac_may_be_signed_with_md5_under_a_key_of_any_type() {
    let (checksum, usage) = (ChecksumType::HmacMd5, KeyUsage::PAC);
    for etype in EncryptionType::ALL {
        let key = Key::random(etype).unwrap();
        let mac = key.checksum_of_type(checksum, usage, &[b"pac"]).unwrap();
        assert_eq!(key.verify_checksum(checksum, usage, &[b"pac"], &mac), Ok(()));
    }
    let key = Key::random(Rc4Hmac).unwrap();
    let checksum = ChecksumType::HmacSha1Aes256;
    let error = CryptoError::ChecksumType { etype: Rc4Hmac, checksum };
    assert_eq!(key.checksum_of_type(checksum, usage, &[]), Err(error));
}

/// RFC 3962 appendix B, RFC 8009 appendix A and [MS-KILE] 4.4; iteration counts that no KDC may
/// ask for among them.
#[test]
fn passwords_become_keys_as_published() {
    const RAEBURN: &[u8] = b"ATHENA.MIT.EDUraeburn";
    let (block, longer) = ("X".repeat(64), "X".repeat(65));
    let long = "\u{ffff}".repeat(120);
    let salted = [&hex("10df9dd783e5bc8acea1730e74355f61"), RAEBURN].concat();
    #[rustfmt::skip]
    let vectors: [(_, _, &str, &[u8], _); 17] = [
        (Aes128CtsHmacSha1, 1, "password", RAEBURN, "42263c6e89f4fc28b8df68ee09799f15"),
        (Aes256CtsHmacSha1, 1, "password", RAEBURN, "fe697b52bc0d3ce14432ba036a92e65bbb52280990a2fa27883998d72af30161"),
        (Aes128CtsHmacSha1, 2, "password", RAEBURN, "c651bf29e2300ac27fa469d693bdda13"),
        (Aes256CtsHmacSha1, 2, "password", RAEBURN, "a2e16d16b36069c135d5e9d2e25f896102685618b95914b467c67622225824ff"),
        (Aes128CtsHmacSha1, 1200, "password", RAEBURN, "4c01cd46d632d01e6dbe230a01ed642a"),
        (Aes256CtsHmacSha1, 1200, "password", RAEBURN, "55a6ac740ad17b4846941051e1e8b0a7548d93b0ab30a8bc3ff16280382b8c2a"),
        (Aes128CtsHmacSha1, 5, "password", b"\x124VxxV4\x12", "e9b23d52273747dd5c35cb55be619d8e"),
        (Aes256CtsHmacSha1, 5, "password", b"\x124VxxV4\x12", "97a4e786be20d81a382d5ebc96d5909cabcdadc87ca48f574504159f16c36e31"),
        (Aes128CtsHmacSha1, 1200, &block, b"pass phrase equals block size", "59d1bb789a828b1aa54ef9c2883f69ed"),
        (Aes256CtsHmacSha1, 1200, &block, b"pass phrase equals block size", "89adee3608db8bc71f1bfbfe459486b05618b70cbae22092534e56c553ba4b34"),
        (Aes128CtsHmacSha1, 1200, &longer, b"pass phrase exceeds block size", "cb8005dc5f90179a7f02104c0018751d"),
        (Aes256CtsHmacSha1, 1200, &longer, b"pass phrase exceeds block size", "d78c5c9cb872a8c9dad4697f0bb5b2d21496c82beb2caeda2112fceea057401b"),
        (Aes128CtsHmacSha1, 50, "\u{1d11e}", b"EXAMPLE.COMpianist", "f149c1f2e154a73452d43e7fe62a56e5"),
        (Aes256CtsHmacSha1, 50, "\u{1d11e}", b"EXAMPLE.COMpianist", "4b6d9839f84406df1f09cc166db4b83c571848b784a3d6bdc346589a3e393f9e"),
        (Aes128CtsHmacSha1, 1000, &long, b"DOMAIN.COMhostclient.domain.com", "b82ee122531c2d94821ac755bccb5879"),
        (Aes128CtsHmacSha256, 32768, "password", &salted, "089bca48b105ea6ea77ca5d2f39dc5e7"),
        (Aes256CtsHmacSha384, 32768, "password", &salted, "45bd806dbf6a833a9cffc1c94589a222367a79bc21c413718906e9f578a78467"),
    ];
    for (etype, iterations, password, salt, expected) in vectors {
        let hash = etype.hash().unwrap();
        let secret = string_to_key::stretch(etype, hash, password, salt, iterations);
        assert_eq!(secret[..etype.key_len()], hex(expected), "{etype} {iterations}");
    }
    let by_default = Key::from_password(Aes128CtsHmacSha256, "password", &salted, None).unwrap();
    assert_eq!(by_default, key(Aes128CtsHmacSha256, "089bca48b105ea6ea77ca5d2f39dc5e7"));
}

/// RFC 4757 section 2, [MS-NLMP] 4.2.2.1.1.
#[test]
fn arcfour_keys_are_hashes_of_passwords() {
    for (password, hash) in [
        ("foo", "ac8e657f83df82beea5d43bdaf7800cc"),
        ("Password", "a4f49c406510bdcab6824ee7c30fd852"),
    ] {
        let key = Key::from_password(Rc4Hmac, password, b"ignored", None).unwrap();
        assert_eq!(key.as_bytes(), hex(hash));
    }
}

#[test]
fn parameters_that_harm_are_refused() {
    let from = |etype, parameters: &[u8]| Key::from_password(etype, "x", b"y", Some(parameters));
    let refused = |count, least| Err(CryptoError::Iterations { count, least, most: 1 << 20 });
    assert!(from(Aes256CtsHmacSha1, &4096_u32.to_be_bytes()).is_ok());
    assert_eq!(from(Aes256CtsHmacSha1, &4095_u32.to_be_bytes()), refused(4095, 4096));
    assert_eq!(from(Aes256CtsHmacSha384, &4096_u32.to_be_bytes()), refused(4096, 32_768));
    assert_eq!(from(Aes256CtsHmacSha1, &[0; 4]), refused(1 << 32, 4096));
    assert_eq!(from(Aes128CtsHmacSha1, &[0, 16, 0, 1]), refused((1 << 20) + 1, 4096));
    for len in [0, 3, 5] {
        let etype = Aes256CtsHmacSha1;
        let error = CryptoError::Parameters { etype, expected: 4, actual: len };
        assert_eq!(from(etype, &vec![1; len]), Err(error));
    }
    assert!(from(Rc4Hmac, &[]).is_ok());
    assert!(from(Rc4Hmac, &[1]).is_err());
}

#[test]
fn names_and_numbers() {
    for etype in EncryptionType::ALL {
        assert_eq!(EncryptionType::from_code(etype.code()), Some(etype));
        assert_eq!(etype.to_string().parse(), Ok(etype));
        let checksum = etype.checksum_type();
        assert_eq!(ChecksumType::from_code(checksum.code()), Some(checksum));
    }
    for (name, etype) in [
        ("aes256-cts", Aes256CtsHmacSha1),
        ("AES128-SHA1", Aes128CtsHmacSha1),
        ("aes256-sha2", Aes256CtsHmacSha384),
        ("aes128-sha2", Aes128CtsHmacSha256),
        ("rc4-hmac", Rc4Hmac),
        ("arcfour-hmac-md5", Rc4Hmac),
        ("rc4", Rc4Hmac),
    ] {
        assert_eq!(name.parse(), Ok(etype));
    }
    for name in ["aes", "", "des-cbc-crc"] {
        assert_eq!(name.parse::<EncryptionType>(), Err(CryptoError::UnknownName(name.into())));
    }
    assert_eq!(EncryptionType::from_code(16), None);
    assert_eq!(ChecksumType::from_code(7), None);
}

#[test]
fn a_key_has_its_length_and_shows_nothing() {
    let key = key(Aes128CtsHmacSha1, "9062430c8cda3388922e6d6a509f5b7a");
    assert_eq!(format!("{key:?}"), "Key(aes128-cts-hmac-sha1-96, ..)");
    let error = CryptoError::KeyLength { etype: Aes256CtsHmacSha1, expected: 32, actual: 16 };
    assert_eq!(Key::new(Aes256CtsHmacSha1, &[7; 16]), Err(error));
}

/// A message whose last piece begins at `at`.
fn pieces<'a>(confounder: &'a mut [u8; 16], message: &'a mut [u8], at: usize) -> Pieces<'a> {
    let (body, tail) = message.split_at_mut(at);
    Pieces { confounder, header: b"head", body, trailer: b"trail", tail }
}

proptest! {
    #[test]
    fn every_type_opens_what_it_sealed(
        etype in prop::sample::select(EncryptionType::ALL.to_vec()),
        usage: u32,
        message in prop::collection::vec(any::<u8>(), 0..200),
    ) {
        let (key, usage) = (Key::random(etype).unwrap(), KeyUsage(usage));
        let sealed = key.encrypt(usage, &message).unwrap();
        prop_assert_eq!(&*key.decrypt(usage, &sealed).unwrap(), &message);
        prop_assert_ne!(key.encrypt(usage, &message).unwrap(), sealed);
    }

    /// A message in pieces is the same message, wherever body and tail meet.
    #[test]
    fn pieces_make_one_message(
        etype in prop::sample::select(EncryptionType::ALL[..4].to_vec()),
        mut message in prop::collection::vec(any::<u8>(), 0..120),
        at: prop::sample::Index,
    ) {
        let (key, usage, mut confounder) = (Key::random(etype).unwrap(), KeyUsage(24), [7; 16]);
        let (plain, whole) = (message.clone(), key.encrypt_behind(&confounder, usage, &message));
        let sealer = key.aes().unwrap().sealer(usage);
        let at = at.index(message.len() + 1);
        let tag = sealer.seal(pieces(&mut confounder, &mut message, at));
        prop_assert_eq!(&[&confounder, message.as_slice()].concat(), &whole[..16 + plain.len()]);
        prop_assert!(!tag.is(&whole[16 + plain.len()..]), "the pieces only signed count");
        sealer.open(pieces(&mut confounder, &mut message, at), tag.as_bytes()).unwrap();
        prop_assert_eq!(message, plain);
    }
}
