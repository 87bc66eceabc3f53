//! BSTR parameters.

use crate::wide_string::text;
use crate::{Decode, Decoder, Encode, Encoder, Error, ErrorKind, Layout};

/// "User", the referent that stands before every user-marshalled BSTR from Windows.
const USER_MARSHALLED: u32 = 0x7265_7355;

/// The byte count of a null BSTR.
const NULL_BYTES: u32 = u32::MAX;

/// A `BSTR` parameter, user-marshalled as a FLAGGED_WORD_BLOB behind a pointer.
///
/// Null and empty differ. Written as Windows does: without a terminator. Some peers count one, so a
/// reader takes trailing NULs off.
///
/// Source: `[MS-OAUT] 2.2.23`; the referent from recorded Windows 10 traffic.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Bstr(pub Option<String>);

impl Bstr {
    /// The null BSTR.
    pub const fn null() -> Self {
        Self(None)
    }

    /// The text; a null BSTR counts as empty, as it does in COM.
    pub fn as_str(&self) -> &str {
        self.0.as_deref().unwrap_or_default()
    }
}

impl From<&str> for Bstr {
    fn from(text: &str) -> Self {
        Self(Some(text.to_owned()))
    }
}

impl From<String> for Bstr {
    fn from(text: String) -> Self {
        Self(Some(text))
    }
}

impl Layout for Bstr {
    const ALIGN: usize = 4;
}

impl Encode for Bstr {
    fn encode(&self, encoder: &mut Encoder) {
        encoder.u32(USER_MARSHALLED);
    }

    fn encode_deferred(&self, encoder: &mut Encoder) {
        let units: Vec<u16> = self.as_str().encode_utf16().collect();
        encoder.count(units.len());
        match &self.0 {
            Some(_) => encoder.count(units.len().saturating_mul(2)),
            None => encoder.u32(NULL_BYTES),
        }
        encoder.count(units.len());
        encoder.units(units);
    }
}

impl Decode for Bstr {
    fn decode(decoder: &mut Decoder<'_>) -> Result<Self, Error> {
        decoder.pointer("")?;
        Ok(Self::null())
    }

    fn decode_deferred(&mut self, decoder: &mut Decoder<'_>) -> Result<(), Error> {
        if !decoder.pointee() {
            return Ok(());
        }
        let max_count = decoder.u32("FLAGGED_WORD_BLOB.max_count")?;
        let bytes = decoder.u32("FLAGGED_WORD_BLOB.cBytes")?;
        let size = decoder.u32("FLAGGED_WORD_BLOB.clSize")?;
        let kind = match usize::try_from(size) {
            _ if size != max_count => ErrorKind::Disagreement { expected: max_count, found: size },
            Ok(0) if bytes == NULL_BYTES => return Ok(()),
            Ok(count) => {
                let text = text(decoder, count);
                self.0 = Some(text.map_err(|error| error.named("FLAGGED_WORD_BLOB.asData"))?);
                return Ok(());
            }
            Err(_) => ErrorKind::Count { count: size, available: decoder.remaining() },
        };
        Err(decoder.error("FLAGGED_WORD_BLOB.clSize", kind))
    }
}
