//! What a carrier must see of an answer: that it is one, and whether to ask on.

use der::{Decode, Header, Length, Reader, SliceReader, Tag, TagNumber};
use winreach_kerberos::transport::Failure;

/// "Service not available" (RFC 4120 section 7.5.9): another KDC may be.
pub(crate) const SVC_UNAVAILABLE: i32 = 29;
/// "Response too big for UDP; retry with TCP" (RFC 4120 section 7.5.9).
pub(crate) const RESPONSE_TOO_BIG: i32 = 52;

const AS_REP: Tag = application(11);
const TGS_REP: Tag = application(13);
const KRB_ERROR: Tag = application(30);
/// `error-code [6] Int32` of a KRB-ERROR (RFC 4120 section 5.9.1).
const ERROR_CODE: Tag = Tag::ContextSpecific { constructed: true, number: TagNumber(6) };

const fn application(number: u32) -> Tag {
    Tag::Application { constructed: true, number: TagNumber(number) }
}

/// An AS-REP, a TGS-REP or a KRB-ERROR.
#[derive(Debug)]
pub(crate) struct Answer {
    /// As it came.
    pub(crate) bytes: Vec<u8>,
    /// The code of a KRB-ERROR.
    pub(crate) error_code: Option<i32>,
}

impl Answer {
    /// Takes bytes for an answer if they are one from the first to the last.
    pub(crate) fn read(bytes: Vec<u8>) -> Result<Self, Failure> {
        let malformed = |offset: Length, what| Failure::Malformed {
            offset: usize::try_from(offset).unwrap_or(usize::MAX),
            what,
        };
        let mut reader = SliceReader::new(&bytes)
            .map_err(|_| malformed(Length::ZERO, "more bytes than DER can have"))?;
        let error_code = match whole(&mut reader) {
            Some(AS_REP | TGS_REP) => None,
            Some(KRB_ERROR) => Some(
                error_code(&mut reader)
                    .ok_or_else(|| malformed(reader.position(), "no error-code of a KRB-ERROR"))?,
            ),
            _ => return Err(malformed(Length::ZERO, "no whole AS-REP, TGS-REP or KRB-ERROR")),
        };
        Ok(Self { bytes, error_code })
    }
}

/// The tag of an element that goes to the end.
fn whole(reader: &mut SliceReader<'_>) -> Option<Tag> {
    let header = Header::decode(reader).ok()?;
    (header.length() == reader.remaining_len()).then(|| header.tag())
}

/// The code within a KRB-ERROR. Where there is none the reader stops at what is wrong.
fn error_code(reader: &mut SliceReader<'_>) -> Option<i32> {
    if whole(reader)? != Tag::Sequence {
        return None;
    }
    while !reader.is_finished() {
        let field = Header::decode(reader).ok()?;
        if field.tag() == ERROR_CODE {
            return i32::decode(reader).ok();
        }
        reader.read_slice(field.length()).ok()?;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What krb5kdc 1.20 of MIT answers where pre-authentication is missing (error-code 25).
    const PREAUTH_REQUIRED: &str = "\
        7e81da3081d7a003020105a10302011ea411180f32303236313132353135353734345aa50502030bb4e2a60302\
        0119a70a1b08544553542e4c414ea8123010a003020101a10930071b05616c696365a90a1b08544553542e4c41\
        4eaa1d301ba003020102a11430121b066b72627467741b08544553542e4c414eab101b0e4e45454445445f5052\
        4541555448ac4f044d304b300aa10402020088a20204003023a103020113a21c041a30183016a003020112a10f\
        1b0d544553542e4c414e616c6963653009a103020102a2020400300da10402020085a20504034d4954";
    /// What it answers over UDP where the ticket is too big for that (error-code 52).
    const TOO_BIG: &str = "\
        7e563054a003020105a10302011ea411180f32303236313132353135353734345aa50502030bb4e3a603020134\
        a90a1b08544553542e4c414eaa1d301ba003020102a11430121b066b72627467741b08544553542e4c414e";

    fn unhex(text: &str) -> Vec<u8> {
        let digit = |at| u8::from_str_radix(&text[at..at + 2], 16).unwrap();
        (0..text.len()).step_by(2).map(digit).collect()
    }

    #[test]
    fn the_codes_of_recorded_errors_are_read() {
        for (recorded, code) in [(PREAUTH_REQUIRED, 25), (TOO_BIG, RESPONSE_TOO_BIG)] {
            let bytes = unhex(recorded);
            let answer = Answer::read(bytes.clone()).unwrap();
            assert_eq!((answer.error_code, answer.bytes), (Some(code), bytes));
        }
    }

    #[test]
    fn replies_are_taken_whole() {
        for tag in [0x6b, 0x6d] {
            let answer = Answer::read(vec![tag, 2, 0x30, 0]).unwrap();
            assert_eq!(answer.error_code, None);
        }
    }

    #[test]
    fn what_is_no_answer_says_where() {
        let offset = |bytes: &[u8]| match Answer::read(bytes.to_vec()) {
            Err(Failure::Malformed { offset, .. }) => offset,
            other => panic!("{other:?} of {bytes:x?}"),
        };
        // Nothing, HTTP, a request, a length that is too short, too long, or without an end.
        for bytes in
            [&b""[..], b"HTTP/1.1 400", &[0x6a, 0], &[0x6b, 1, 0, 0], &[0x6b, 3, 0], &[0x6b, 0x80]]
        {
            assert_eq!(offset(bytes), 0);
        }
        let whole = unhex(TOO_BIG);
        for length in 0..whole.len() {
            assert_eq!(offset(&whole[..length]), 0);
        }
        // The same with the field of the code named otherwise, and with a code of five bytes.
        let code = whole.windows(2).position(|pair| pair == [0xa6, 3]).unwrap();
        let mut nameless = whole.clone();
        nameless[code] = 0xa7;
        assert_eq!(offset(&nameless), whole.len());
        let mut long = whole.clone();
        long[code + 3] = 5;
        assert!((code..code + 5).contains(&offset(&long)), "{}", offset(&long));
        // An error whose content is no sequence.
        assert_eq!(offset(&[0x7e, 2, 0x04, 0]), 4);
    }

    #[test]
    fn a_flipped_bit_is_never_more_than_an_error() {
        let whole = unhex(PREAUTH_REQUIRED);
        for bit in 0..whole.len() * 8 {
            let mut bytes = whole.clone();
            bytes[bit / 8] ^= 1 << (bit % 8);
            let _ = Answer::read(bytes);
        }
    }
}
