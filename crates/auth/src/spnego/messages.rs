//! The tokens (RFC 4178 section 4.2, [MS-SPNG] 2.2): reading with every length checked, and
//! writing.

use std::fmt;

use der::{Tag, TagNumber};

use super::mechanism::{MechType, Mechanism, SPNEGO};
use super::wire::{Reader, context, encode, encode_field};
use crate::{Error, Problem};

/// The longest token that is read, in bytes: no PDU can carry more.
pub const MAX_TOKEN: usize = 0xffff;

/// The longest list of mechanisms that is read. Windows offers five.
pub const MAX_MECHANISMS: usize = 32;

/// The name that hides the name of a server ([MS-SPNG] 2.2.1).
pub const HINT_NAME: &[u8] = b"not_defined_in_RFC4178@please_ignore";

/// Mechanisms in order of preference, the best first (`MechTypeList`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MechTypes {
    types: Vec<MechType>,
    der: Vec<u8>,
}

impl MechTypes {
    /// A list of these mechanisms.
    ///
    /// # Errors
    /// [`Error::TooLong`] for a list that no token can hold.
    pub fn new(mechanisms: &[Mechanism]) -> Result<Self, Error> {
        let types: Vec<MechType> = mechanisms.iter().copied().map(MechType::from).collect();
        let values = types
            .iter()
            .map(|mech_type| encode(Tag::ObjectIdentifier, &[mech_type.value()]))
            .collect::<Result<Vec<_>, _>>()?;
        let der = encode(Tag::Sequence, &[&values.concat()])?;
        Ok(Self { types, der })
    }

    /// Reads the list out of its field, and keeps its bytes as they came.
    fn read(field: Reader<'_>) -> Result<Self, Error> {
        const FIELD: &str = "mechTypes";
        let der = field.clone().bytes().to_vec();
        let mut list = field.only(Tag::Sequence, FIELD)?;
        let mut types = Vec::new();
        while !list.is_empty() {
            if types.len() == MAX_MECHANISMS {
                return Err(list.error(FIELD, Problem::Count(MAX_MECHANISMS + 1)));
            }
            types.push(MechType::from_value(list.value(Tag::ObjectIdentifier, FIELD)?.bytes()));
        }
        if types.is_empty() {
            return Err(list.error(FIELD, Problem::Missing));
        }
        Ok(Self { types, der })
    }

    /// The mechanisms.
    pub fn iter(&self) -> impl Iterator<Item = &MechType> {
        self.types.iter()
    }

    /// The DER of the list, tag and all, as it was sent: what a `mechListMIC` covers.
    #[must_use]
    pub fn as_der(&self) -> &[u8] {
        &self.der
    }
}

impl fmt::Display for MechTypes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, mech_type) in self.types.iter().enumerate() {
            if index > 0 {
                f.write_str(", ")?;
            }
            mech_type.fmt(f)?;
        }
        Ok(())
    }
}

/// The first token: of a client, or with `hints` of a server that speaks first (`NegTokenInit`,
/// `NegTokenInit2`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NegTokenInit<'a> {
    /// What is offered.
    pub mech_types: MechTypes,
    /// The first token of the first mechanism, sent in the hope that it will be the one.
    pub mech_token: Option<&'a [u8]>,
    /// What only servers say.
    pub hints: Option<NegHints<'a>>,
    /// The signature of `mech_types`.
    pub mech_list_mic: Option<&'a [u8]>,
}

/// What a server tells of itself (`NegHints`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct NegHints<'a> {
    /// The server's name in ANSI, long since [`HINT_NAME`].
    pub name: Option<&'a [u8]>,
    /// The server's address; never there.
    pub address: Option<&'a [u8]>,
}

impl<'a> NegTokenInit<'a> {
    /// Reads a first token, with the GSS-API framing that belongs around it or without.
    ///
    /// The request flags, which nobody signs, are passed over, as are fields of times to come.
    ///
    /// # Errors
    /// [`Error::Malformed`] with field and offset.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, Error> {
        let mut reader = open("NegTokenInit", bytes)?;
        if reader.peek() == Some(0x60) {
            reader = reader.only(application_0(), "GSS-API framing")?;
            let mechanism = reader.value(Tag::ObjectIdentifier, "thisMech")?;
            if mechanism.clone().bytes() != SPNEGO.as_bytes() {
                return Err(mechanism.error("thisMech", Problem::Mechanism));
            }
        }
        let mut fields =
            reader.only(context(0), "NegotiationToken")?.only(Tag::Sequence, "NegTokenInit")?;

        let (mut mech_types, mut mech_token, mut hints, mut mech_list_mic) =
            (None, None, None, None);
        let name = |number| match number {
            0 => "mechTypes",
            1 => "reqFlags",
            2 => "mechToken",
            3 => "negHints or mechListMIC",
            4 => "mechListMIC",
            _ => "a field of an extension",
        };
        let mut last = None;
        while let Some((number, field)) = fields.field(&mut last, name)? {
            match number {
                0 => mech_types = Some(MechTypes::read(field)?),
                2 => mech_token = Some(octets(field, "mechToken")?),
                3 if field.peek() == Some(0x30) => hints = Some(NegHints::read(field)?),
                3 | 4 => mech_list_mic = Some(octets(field, "mechListMIC")?),
                _ => {}
            }
        }
        let mech_types = mech_types.ok_or_else(|| fields.error("mechTypes", Problem::Missing))?;
        Ok(Self { mech_types, mech_token, hints, mech_list_mic })
    }

    /// The token with its framing.
    ///
    /// # Errors
    /// [`Error::TooLong`] for what no length of ASN.1 can say.
    pub fn encode(&self) -> Result<Vec<u8>, Error> {
        let hints = self.hints.map(NegHints::encode).transpose()?.unwrap_or_default();
        let mic_number = if self.hints.is_some() { 4 } else { 3 };
        let fields = encode(
            Tag::Sequence,
            &[
                &encode(context(0), &[self.mech_types.as_der()])?,
                &encode_field(2, Tag::OctetString, self.mech_token)?,
                &hints,
                &encode_field(mic_number, Tag::OctetString, self.mech_list_mic)?,
            ],
        )?;
        encode(
            application_0(),
            &[
                &encode(Tag::ObjectIdentifier, &[SPNEGO.as_bytes()])?,
                &encode(context(0), &[&fields])?,
            ],
        )
    }
}

impl<'a> NegHints<'a> {
    fn read(field: Reader<'a>) -> Result<Self, Error> {
        let mut fields = field.only(Tag::Sequence, "negHints")?;
        let mut hints = Self::default();
        let name = |number| match number {
            0 => "hintName",
            1 => "hintAddress",
            _ => "a field of an extension",
        };
        let mut last = None;
        while let Some((number, field)) = fields.field(&mut last, name)? {
            match number {
                0 => hints.name = Some(field.only(Tag::GeneralString, "hintName")?.bytes()),
                1 => hints.address = Some(octets(field, "hintAddress")?),
                _ => {}
            }
        }
        Ok(hints)
    }

    fn encode(self) -> Result<Vec<u8>, Error> {
        let fields = encode(
            Tag::Sequence,
            &[
                &encode_field(0, Tag::GeneralString, self.name)?,
                &encode_field(1, Tag::OctetString, self.address)?,
            ],
        )?;
        encode(context(3), &[&fields])
    }
}

/// How far the negotiation is for the sender.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum NegState {
    /// It waits for nothing more.
    AcceptCompleted = 0,
    /// It waits for another token.
    AcceptIncomplete = 1,
    /// It gives up.
    Reject = 2,
    /// As [`AcceptIncomplete`](Self::AcceptIncomplete), and the lists must be signed: the
    /// mechanism is not the client's first.
    RequestMic = 3,
}

impl NegState {
    fn read(field: Reader<'_>) -> Result<Self, Error> {
        const FIELD: &str = "negState";
        let value = field.only(Tag::Enumerated, FIELD)?;
        match value.clone().bytes() {
            [0] => Ok(Self::AcceptCompleted),
            [1] => Ok(Self::AcceptIncomplete),
            [2] => Ok(Self::Reject),
            [3] => Ok(Self::RequestMic),
            [other] => Err(value.error(FIELD, Problem::Value(u32::from(*other)))),
            bytes => Err(value.error(FIELD, Problem::Length(bytes.len()))),
        }
    }
}

/// Every token after the first (`NegTokenResp`).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NegTokenResp<'a> {
    /// How far the sender is.
    pub state: Option<NegState>,
    /// The mechanism that the server chose; in its first answer only.
    pub supported_mech: Option<MechType>,
    /// A token of that mechanism.
    pub response_token: Option<&'a [u8]>,
    /// The signature of the list that the client offered.
    pub mech_list_mic: Option<&'a [u8]>,
}

impl<'a> NegTokenResp<'a> {
    /// Reads a token. Fields of times to come are passed over.
    ///
    /// # Errors
    /// [`Error::Malformed`] with field and offset.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, Error> {
        let mut fields = open("NegTokenResp", bytes)?
            .only(context(1), "NegotiationToken")?
            .only(Tag::Sequence, "NegTokenResp")?;
        let mut response = Self::default();
        let name = |number| match number {
            0 => "negState",
            1 => "supportedMech",
            2 => "responseToken",
            3 => "mechListMIC",
            _ => "a field of an extension",
        };
        let mut last = None;
        while let Some((number, field)) = fields.field(&mut last, name)? {
            match number {
                0 => response.state = Some(NegState::read(field)?),
                1 => {
                    let oid = field.only(Tag::ObjectIdentifier, "supportedMech")?;
                    response.supported_mech = Some(MechType::from_value(oid.bytes()));
                }
                2 => response.response_token = Some(octets(field, "responseToken")?),
                3 => response.mech_list_mic = Some(octets(field, "mechListMIC")?),
                _ => {}
            }
        }
        Ok(response)
    }

    /// The token.
    ///
    /// # Errors
    /// [`Error::TooLong`] for what no length of ASN.1 can say.
    pub fn encode(&self) -> Result<Vec<u8>, Error> {
        let state = self.state.map(|state| [state as u8]);
        let supported_mech = self.supported_mech.as_ref().map(MechType::value);
        let fields = encode(
            Tag::Sequence,
            &[
                &encode_field(0, Tag::Enumerated, state.as_ref().map(<[u8; 1]>::as_slice))?,
                &encode_field(1, Tag::ObjectIdentifier, supported_mech)?,
                &encode_field(2, Tag::OctetString, self.response_token)?,
                &encode_field(3, Tag::OctetString, self.mech_list_mic)?,
            ],
        )?;
        encode(context(1), &[&fields])
    }
}

/// A reader of a whole token that is not too long.
fn open<'a>(message: &'static str, bytes: &'a [u8]) -> Result<Reader<'a>, Error> {
    let reader = Reader::new(message, bytes)?;
    if bytes.len() > MAX_TOKEN {
        return Err(reader.error("NegotiationToken", Problem::Length(bytes.len())));
    }
    Ok(reader)
}

/// What frames a first token (RFC 2743 section 3.1).
fn application_0() -> Tag {
    TagNumber(0).application(true)
}

fn octets<'a>(field: Reader<'a>, name: &'static str) -> Result<&'a [u8], Error> {
    Ok(field.only(Tag::OctetString, name)?.bytes())
}
