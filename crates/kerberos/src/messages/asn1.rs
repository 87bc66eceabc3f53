//! The ASN.1 types that Kerberos makes of the universal ones (RFC 4120 section 5.2).

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use der::asn1::{BitStringRef, GeneralizedTime};
use der::{
    Decode, DecodeValue, Encode, EncodeValue, ErrorKind, FixedTag, Header, Length, Reader, Result,
    Sequence, SliceReader, Tag, TagNumber, Writer,
};

use zeroize::Zeroizing;

use super::MessageError;
use crate::{NameType, Principal};

/// KerberosString: a `GeneralString` that holds UTF-8, as Windows, MIT and Heimdal write it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KerberosString(pub String);

impl FixedTag for KerberosString {
    const TAG: Tag = Tag::GeneralString;
}

impl<'a> DecodeValue<'a> for KerberosString {
    type Error = der::Error;

    fn decode_value<R: Reader<'a>>(reader: &mut R, header: Header) -> Result<Self> {
        let bytes = reader.read_slice(header.length())?;
        match std::str::from_utf8(bytes) {
            Ok(text) => Ok(Self(text.to_owned())),
            Err(_) => Err(reader.error(ErrorKind::Value { tag: Self::TAG })),
        }
    }
}

impl EncodeValue for KerberosString {
    fn value_len(&self) -> Result<Length> {
        Length::try_from(self.0.len())
    }

    fn encode_value(&self, writer: &mut impl Writer) -> Result<()> {
        writer.write(self.0.as_bytes())
    }
}

/// A UInt32 or Int32 that some peers write with the sign of the other: it is taken modulo 2^32.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LooseU32(pub u32);

impl FixedTag for LooseU32 {
    const TAG: Tag = Tag::Integer;
}

impl<'a> DecodeValue<'a> for LooseU32 {
    type Error = der::Error;

    fn decode_value<R: Reader<'a>>(reader: &mut R, header: Header) -> Result<Self> {
        let wide = i64::decode_value(reader, header)?;
        u32::try_from(wide)
            .or_else(|_| i32::try_from(wide).map(i32::cast_unsigned))
            .map(Self)
            .map_err(|_| reader.error(ErrorKind::Value { tag: Self::TAG }))
    }
}

impl EncodeValue for LooseU32 {
    fn value_len(&self) -> Result<Length> {
        self.0.value_len()
    }

    fn encode_value(&self, writer: &mut impl Writer) -> Result<()> {
        self.0.encode_value(writer)
    }
}

/// KerberosTime: whole seconds since 1970-01-01 UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct KerberosTime(pub u64);

impl KerberosTime {
    /// The second in which `time` lies; 0 for what lies before 1970.
    #[must_use]
    pub fn of(time: SystemTime) -> Self {
        Self(time.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs()))
    }

    /// The beginning of that second.
    #[must_use]
    pub fn to_system_time(self) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(self.0)
    }

    /// So much later.
    #[must_use]
    pub fn plus(self, time: Duration) -> Self {
        Self(self.0.saturating_add(time.as_secs()))
    }
}

impl FixedTag for KerberosTime {
    const TAG: Tag = Tag::GeneralizedTime;
}

impl<'a> DecodeValue<'a> for KerberosTime {
    type Error = der::Error;

    fn decode_value<R: Reader<'a>>(reader: &mut R, header: Header) -> Result<Self> {
        let time = GeneralizedTime::decode_value(reader, header)?;
        Ok(Self(time.to_unix_duration().as_secs()))
    }
}

impl EncodeValue for KerberosTime {
    fn value_len(&self) -> Result<Length> {
        // YYYYMMDDHHMMSSZ
        Ok(Length::new(15))
    }

    fn encode_value(&self, writer: &mut impl Writer) -> Result<()> {
        GeneralizedTime::from_unix_duration(Duration::from_secs(self.0))?.encode_value(writer)
    }
}

/// KerberosFlags: a bit string of 32 bits, the first of which is the most significant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct KerberosFlags(pub u32);

impl KerberosFlags {
    /// Whether all bits of `other` are set.
    #[must_use]
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// The bits of both.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The bits that `other` does not have.
    #[must_use]
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }
}

impl FixedTag for KerberosFlags {
    const TAG: Tag = Tag::BitString;
}

impl<'a> DecodeValue<'a> for KerberosFlags {
    type Error = der::Error;

    /// Bits beyond the 32nd mean nothing; those left out at the end are zero.
    fn decode_value<R: Reader<'a>>(reader: &mut R, header: Header) -> Result<Self> {
        let bits = BitStringRef::decode_value(reader, header)?;
        let mut word = [0; 4];
        word.iter_mut().zip(bits.raw_bytes()).for_each(|(to, from)| *to = *from);
        Ok(Self(u32::from_be_bytes(word)))
    }
}

impl EncodeValue for KerberosFlags {
    fn value_len(&self) -> Result<Length> {
        Ok(Length::new(5))
    }

    fn encode_value(&self, writer: &mut impl Writer) -> Result<()> {
        writer.write_byte(0)?;
        writer.write(&self.0.to_be_bytes())
    }
}

/// PrincipalName: a name without its realm.
#[derive(Debug, Clone, PartialEq, Eq, Sequence)]
pub struct PrincipalName {
    /// The kind of name.
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT")]
    pub name_type: i32,
    /// Its components.
    #[asn1(context_specific = "1", tag_mode = "EXPLICIT")]
    pub name_string: Vec<KerberosString>,
}

impl PrincipalName {
    /// With its realm.
    #[must_use]
    pub fn in_realm(&self, realm: &KerberosString) -> Principal {
        Principal {
            name_type: NameType(self.name_type),
            components: self.name_string.iter().map(|part| part.0.clone()).collect(),
            realm: realm.0.clone(),
        }
    }
}

impl From<&Principal> for PrincipalName {
    fn from(principal: &Principal) -> Self {
        Self {
            name_type: principal.name_type.0,
            name_string: principal.components.iter().cloned().map(KerberosString).collect(),
        }
    }
}

/// A `[APPLICATION n]` message that is carried along as it came: DER is not taken apart and put
/// together again where only the peer it is for can read it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opaque<const N: u32>(pub Vec<u8>);

impl<const N: u32> Opaque<N> {
    /// Takes a whole message, tag and all.
    ///
    /// # Errors
    /// When the bytes are another message or more than one.
    pub fn parse_whole(
        name: &'static str,
        bytes: &[u8],
    ) -> std::result::Result<Self, MessageError> {
        parse(name, bytes)
    }
}

impl<const N: u32> FixedTag for Opaque<N> {
    const TAG: Tag = Tag::Application { constructed: true, number: TagNumber(N) };
}

impl<'a, const N: u32> DecodeValue<'a> for Opaque<N> {
    type Error = der::Error;

    fn decode_value<R: Reader<'a>>(reader: &mut R, header: Header) -> Result<Self> {
        reader.read_slice(header.length()).map(|value| Self(value.to_owned()))
    }
}

impl<const N: u32> EncodeValue for Opaque<N> {
    fn value_len(&self) -> Result<Length> {
        Length::try_from(self.0.len())
    }

    fn encode_value(&self, writer: &mut impl Writer) -> Result<()> {
        writer.write(&self.0)
    }
}

/// A message of its own: a type under the application tag by which it is known.
pub trait Message: for<'a> Decode<'a, Error = der::Error> + Encode {
    /// Its name in RFC 4120.
    const NAME: &'static str;
    /// The number of its application tag.
    const NUMBER: u32;

    /// The field that names a version of the protocol, or a type of message, that is not this one.
    fn misnomer(&self) -> Option<&'static str> {
        None
    }

    /// Reads the whole of `bytes` as this message.
    ///
    /// # Errors
    /// Where the bytes are no DER, another message, or followed by something.
    fn parse(bytes: &[u8]) -> std::result::Result<Self, MessageError> {
        (|| {
            let mut reader = SliceReader::new(bytes)?;
            let header = Header::decode(&mut reader)?;
            header.tag().assert_eq(Self::tag())?;
            if header.length() != reader.remaining_len() {
                return Err(reader.error(header.tag().length_error()));
            }
            let message = Self::decode(&mut reader)?;
            reader.finish()?;
            Ok(message)
        })()
        .map_err(|error| MessageError::new(Self::NAME, error))
        .and_then(Self::checked)
    }

    /// The message, if it names itself as it should.
    ///
    /// # Errors
    /// Where it is of another version or type.
    fn checked(self) -> std::result::Result<Self, MessageError> {
        match self.misnomer() {
            None => Ok(self),
            Some(field) => Err(MessageError {
                message: Self::NAME,
                field: Some(field),
                offset: None,
                problem: "another version or type".to_owned(),
            }),
        }
    }

    /// The bytes of the message.
    ///
    /// # Errors
    /// When the message is too long for DER, or a time lies beyond the year 9999.
    fn to_bytes(&self) -> std::result::Result<Vec<u8>, MessageError> {
        (|| {
            // It may hold keys, and is a copy.
            let inside = Zeroizing::new(self.to_der()?);
            let mut bytes = Header::new(Self::tag(), Length::try_from(inside.len())?).to_der()?;
            bytes.extend_from_slice(&inside);
            Ok(bytes)
        })()
        .map_err(|error| MessageError::new(Self::NAME, error))
    }

    /// The tag of the message.
    fn tag() -> Tag {
        Tag::Application { constructed: true, number: TagNumber(Self::NUMBER) }
    }
}

/// Reads the whole of `bytes` as a type that has no application tag.
pub(crate) fn parse<T>(name: &'static str, bytes: &[u8]) -> std::result::Result<T, MessageError>
where
    T: for<'a> Decode<'a, Error = der::Error>,
{
    T::from_der(bytes).map_err(|error| MessageError::new(name, error))
}

/// The bytes of a type that has no application tag.
pub(crate) fn encode<T: Encode>(
    name: &'static str,
    value: &T,
) -> std::result::Result<Vec<u8>, MessageError> {
    value.to_der().map_err(|error| MessageError::new(name, error))
}

/// Gives a type its place among the messages, and names the fields that can have one value alone.
macro_rules! messages {
    ($($name:ident = $number:literal, $text:literal
        $(, $($path:tt).+ == $value:literal)*;)*) => {$(
        impl $crate::messages::Message for $name {
            const NAME: &'static str = $text;
            const NUMBER: u32 = $number;

            $crate::messages::messages! { @misnomer $($($path).+ == $value,)* }
        }
    )*};
    (@misnomer) => {};
    (@misnomer $($($path:tt).+ == $value:literal,)+) => {
        fn misnomer(&self) -> Option<&'static str> {
            $(if self.$($path).+ != $value {
                return stringify!($($path).+).rsplit('.').next().map(str::trim);
            })+
            None
        }
    };
}
pub(crate) use messages;
