//! Reading and writing of DER with the names of fields for error reports.

use der::{Decode, Encode, ErrorKind, Header, Length, Reader as _, SliceReader, Tag, TagNumber};

use crate::{Error, Problem};

/// The content of an ASN.1 value of a peer, or a whole message.
#[derive(Clone)]
pub(super) struct Reader<'a> {
    message: &'static str,
    /// Where the content stands in the message.
    start: usize,
    der: SliceReader<'a>,
}

impl<'a> Reader<'a> {
    /// A reader of `bytes` that are to be a `message`.
    pub(super) fn new(message: &'static str, bytes: &'a [u8]) -> Result<Self, Error> {
        Self::at(message, 0, message, bytes)
    }

    fn at(
        message: &'static str,
        start: usize,
        field: &'static str,
        bytes: &'a [u8],
    ) -> Result<Self, Error> {
        let der = SliceReader::new(bytes).map_err(|_| {
            let problem = Problem::Length(bytes.len());
            Error::Malformed { message, field, offset: start, problem }
        })?;
        Ok(Self { message, start, der })
    }

    /// Where the next value stands in the message.
    fn offset(&self) -> usize {
        self.start.saturating_add(usize_of(self.der.position()))
    }

    /// An error at the next value.
    pub(super) fn error(&self, field: &'static str, problem: Problem) -> Error {
        Error::Malformed { message: self.message, field, offset: self.offset(), problem }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.der.is_finished()
    }

    /// The first byte of the next tag.
    pub(super) fn peek(&self) -> Option<u8> {
        self.der.peek_byte()
    }

    /// The next value, whatever it is: its tag and its content.
    pub(super) fn any(&mut self, field: &'static str) -> Result<(Tag, Self), Error> {
        let at = self.offset();
        let first = self.peek();
        let malformed = |error: der::Error| {
            let problem = problem_of(error, first);
            Error::Malformed { message: self.message, field, offset: at, problem }
        };
        let header = Header::decode(&mut self.der).map_err(malformed)?;
        let start = self.offset();
        let (needed, available) = (header.length(), self.der.remaining_len());
        if needed > available {
            let (needed, available) = (usize_of(needed), usize_of(available));
            let problem = Problem::Truncated { needed, available };
            return Err(Error::Malformed { message: self.message, field, offset: at, problem });
        }
        let content = self.der.read_slice(needed).map_err(malformed)?;
        Ok((header.tag(), Self::at(self.message, start, field, content)?))
    }

    /// The content of the next value, which must be tagged `tag`.
    pub(super) fn value(&mut self, tag: Tag, field: &'static str) -> Result<Self, Error> {
        let Some(first) = self.peek() else { return Err(self.error(field, Problem::Missing)) };
        if Tag::peek(&self.der) != Ok(tag) {
            return Err(self.error(field, Problem::Tag(first)));
        }
        Ok(self.any(field)?.1)
    }

    /// The only value in here, which must be tagged `tag`.
    pub(super) fn only(mut self, tag: Tag, field: &'static str) -> Result<Self, Error> {
        let value = self.value(tag, field)?;
        self.end(field)?;
        Ok(value)
    }

    /// Fails where anything follows.
    pub(super) fn end(&self, field: &'static str) -> Result<(), Error> {
        match usize_of(self.der.remaining_len()) {
            0 => Ok(()),
            more => Err(self.error(field, Problem::Trailing(more))),
        }
    }

    /// The bytes that are left.
    pub(super) fn bytes(mut self) -> &'a [u8] {
        // All that is left can be read, so nothing is lost here.
        self.der.read_slice(self.der.remaining_len()).unwrap_or_default()
    }

    /// The next field of a SEQUENCE of explicitly tagged ones, and its number. They stand in the
    /// order of their numbers, each of them once.
    pub(super) fn field(
        &mut self,
        last: &mut Option<u32>,
        field: impl Fn(u32) -> &'static str,
    ) -> Result<Option<(u32, Self)>, Error> {
        let Some(first) = self.peek() else { return Ok(None) };
        // Context-specific, constructed, of a number below 31.
        let number = u32::from(first & 0x1f);
        if first & 0xe0 != 0xa0 || number == 0x1f {
            return Err(self.error("field", Problem::Tag(first)));
        }
        let name = field(number);
        match last.replace(number) {
            Some(before) if before == number => return Err(self.error(name, Problem::Repeated)),
            Some(before) if before > number => return Err(self.error(name, Problem::Tag(first))),
            _ => {}
        }
        Ok(Some((number, self.any(name)?.1)))
    }
}

fn usize_of(length: Length) -> usize {
    usize::try_from(length).unwrap_or(usize::MAX)
}

/// What is wrong where the header of a value or its content cannot be read.
fn problem_of(error: der::Error, first: Option<u8>) -> Problem {
    match error.kind() {
        ErrorKind::Incomplete { expected_len, actual_len } => {
            let at = error.position().map_or(0, usize_of);
            Problem::Truncated {
                needed: usize_of(expected_len).saturating_sub(at),
                available: usize_of(actual_len).saturating_sub(at),
            }
        }
        ErrorKind::TagUnknown { .. } | ErrorKind::TagNumberInvalid => {
            Problem::Tag(first.unwrap_or_default())
        }
        _ => Problem::Encoding,
    }
}

/// The tag `[number]` of an explicitly tagged value.
pub(super) fn context(number: u32) -> Tag {
    TagNumber(number).context_specific(true)
}

/// A value: tag, length and the content, which is put together of `parts`.
pub(super) fn encode(tag: Tag, parts: &[&[u8]]) -> Result<Vec<u8>, Error> {
    let too_long = |_| Error::TooLong("SPNEGO token");
    let len: usize = parts.iter().map(|part| part.len()).sum();
    let length = Length::try_from(len).map_err(too_long)?;
    let mut bytes = Header::new(tag, length).to_der().map_err(too_long)?;
    bytes.reserve_exact(len);
    parts.iter().for_each(|part| bytes.extend_from_slice(part));
    Ok(bytes)
}

/// The value `[number]` around one of `tag`; nothing where there is none.
pub(super) fn encode_field(
    number: u32,
    tag: Tag,
    content: Option<&[u8]>,
) -> Result<Vec<u8>, Error> {
    match content {
        Some(content) => encode(context(number), &[&encode(tag, &[content])?]),
        None => Ok(Vec::new()),
    }
}
