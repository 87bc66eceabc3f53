//! Extended error information. No recorded traffic has any: the bytes here are spelt out from
//! `[MS-DCOM] 2.2.21`, in both forms that its text allows.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

use proptest::prelude::*;
use uuid::Uuid;
use winreach_dcom::wire::{ErrorInfo, Extensions, Extent, ObjRef, clsid, iid};
use winreach_ndr::ErrorKind;

const IID: Uuid = Uuid::from_u128(0x9556_dc99_828c_11cf_a37e_00aa_0032_40c7);

fn words(words: &[u32]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_le_bytes()).collect()
}

/// An ErrorInfoString, filled up or not.
fn text(text: &str, filled_up: bool) -> Vec<u8> {
    let units: Vec<u16> = text.encode_utf16().chain([0]).collect();
    let count = u32::try_from(units.len()).unwrap();
    let mut out = words(&[count, 0, count]);
    out.extend(units.iter().flat_map(|unit| unit.to_le_bytes()));
    if filled_up {
        out.resize(out.len().next_multiple_of(4), 0);
    }
    out
}

fn head() -> Vec<u8> {
    [&words(&[0, 7])[..], &IID.to_bytes_le()].concat()
}

fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

#[test]
fn texts_are_read_whether_they_are_filled_up_or_not() {
    // Of odd and even lengths, absent ones in each place.
    let texts = [None, some(""), some("a"), some("ab"), some("abc")];
    for source in &texts {
        for description in &texts {
            for help_file in &texts {
                let expected = ErrorInfo {
                    iid: IID,
                    help_context: 7,
                    source: source.clone(),
                    description: description.clone(),
                    help_file: help_file.clone(),
                };
                for filled_up in [false, true] {
                    let mut data = head();
                    for field in [source, description, help_file] {
                        match field {
                            Some(field) => {
                                data.extend(words(&[u32::MAX]));
                                data.extend(text(field, filled_up));
                            }
                            None => data.extend(words(&[0])),
                        }
                    }
                    assert_eq!(ErrorInfo::from_bytes(&data), Ok(expected.clone()), "{data:02x?}");
                }
                let ours = expected.to_bytes();
                assert_eq!(ours.len() % 4, 0);
                assert_eq!(ErrorInfo::from_bytes(&ours), Ok(expected));
            }
        }
    }
}

#[test]
fn a_text_of_even_length_is_written_as_the_specification_has_it() {
    let error = ErrorInfo { iid: IID, help_context: 7, source: some("abc"), ..Default::default() };
    let expected = [head(), words(&[u32::MAX]), text("abc", false), words(&[0, 0])].concat();
    assert_eq!(error.to_bytes(), expected);
}

#[test]
fn the_error_travels_in_an_extent() {
    let error = ErrorInfo { iid: IID, description: some("Not found"), ..Default::default() };
    let extensions = error.to_extensions();
    assert_eq!(extensions.0.len(), 1);
    let reference = ObjRef::from_bytes(extensions.get(clsid::ERROR_EXTENSION).unwrap()).unwrap();
    assert_eq!(reference.iid, iid::ERROR_INFO);
    assert_eq!(reference.data(clsid::ERROR_OBJECT), Some(error.to_bytes().as_slice()));
    assert_eq!(ErrorInfo::from_extensions(&extensions), Some(error));
}

#[test]
fn what_is_no_error_is_passed_over() {
    assert_eq!(ErrorInfo::from_extensions(&Extensions::default()), None);
    let extent = |id, data: &[u8]| Extensions(vec![Extent { id, data: data.to_vec() }]);
    let good = ErrorInfo::default().to_extensions().0.remove(0).data;
    assert_eq!(ErrorInfo::from_extensions(&extent(clsid::CONTEXT_EXTENSION, &good)), None);
    assert_eq!(ErrorInfo::from_extensions(&extent(clsid::ERROR_EXTENSION, b"noise")), None);
    let other = ObjRef::custom(iid::ERROR_INFO, clsid::CONTEXT_MARSHALER, Vec::new()).to_bytes();
    assert_eq!(ErrorInfo::from_extensions(&extent(clsid::ERROR_EXTENSION, &other)), None);
}

#[test]
fn bad_bytes_are_named() {
    let error = |data: &[u8]| {
        let error = ErrorInfo::from_bytes(data).unwrap_err();
        (error.offset, error.field)
    };
    assert_eq!(error(&words(&[1])), (4, "ErrorInfo.dwVersion"));
    assert_eq!(error(&head()), (24, "ErrorInfo.dwSourceSignature"));
    let data = [head(), words(&[5, 0, 0])].concat();
    assert_eq!(error(&data), (28, "ErrorInfo.dwSourceSignature"));
    let data = [head(), words(&[u32::MAX, 1 << 30, 0, 1 << 30])].concat();
    assert_eq!(error(&data), (36, "ErrorInfo.Source"));
    let data = [head(), words(&[0, 0, 0]), vec![1]].concat();
    let found = ErrorInfo::from_bytes(&data).unwrap_err();
    assert_eq!((found.field, found.kind), ("ErrorInfo", ErrorKind::Trailing(1)));
}

fn error() -> impl Strategy<Value = ErrorInfo> {
    let text = || proptest::option::of("[^\u{0}]{0,9}");
    (any::<u128>(), any::<u32>(), text(), text(), text()).prop_map(
        |(iid, help_context, source, description, help_file)| ErrorInfo {
            iid: Uuid::from_u128(iid),
            help_context,
            source,
            description,
            help_file,
        },
    )
}

proptest! {
    #[test]
    fn any_error_comes_back(error in error()) {
        prop_assert_eq!(ErrorInfo::from_extensions(&error.to_extensions()), Some(error.clone()));
        prop_assert_eq!(ErrorInfo::from_bytes(&error.to_bytes()), Ok(error));
    }

    #[test]
    fn damaged_errors_are_errors_or_values(
        error in error(),
        cut in any::<prop::sample::Index>(),
        bit in any::<prop::sample::Index>(),
    ) {
        let mut data = error.to_bytes();
        prop_assert!(ErrorInfo::from_bytes(&data[..cut.index(36)]).is_err());
        let bit = bit.index(data.len() * 8);
        data[bit / 8] ^= 1 << (bit % 8);
        let _ = ErrorInfo::from_bytes(&data);
        let _ = ErrorInfo::from_bytes(&data[..cut.index(data.len())]);
    }
}
