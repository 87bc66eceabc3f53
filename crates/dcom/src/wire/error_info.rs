//! What COM knows of an error beside its number.

use uuid::Uuid;
use winreach_ndr::{Decoder, Encoder, Error, ErrorKind, WideString};

use super::{Extensions, Extent, ObjRef, clsid, iid};

/// The `IErrorInfo` of COM's own making, as it travels by value under
/// [`clsid::ERROR_EXTENSION`] beside the results of a call.
///
/// Whether anything fills up the place behind a text that ends off a multiple of four bytes is not
/// written, and no recorded traffic shows it. A reader here takes both; a writer gives such a text a
/// second NUL, so that there is no such place.
///
/// ```
/// use winreach_dcom::wire::ErrorInfo;
///
/// let error = ErrorInfo { description: Some("Not found".into()), ..ErrorInfo::default() };
/// assert_eq!(ErrorInfo::from_extensions(&error.to_extensions()), Some(error));
/// ```
///
/// Source: `[MS-DCOM] 2.2.21.1` to 2.2.21.3.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ErrorInfo {
    /// The interface that failed.
    pub iid: Uuid,
    /// The topic of the help file.
    pub help_context: u32,
    /// The program that failed.
    pub source: Option<String>,
    /// What went wrong, for people.
    pub description: Option<String>,
    /// A help file.
    pub help_file: Option<String>,
}

/// Stands before a text that is there.
const PRESENT: u32 = u32::MAX;
const ABSENT: u32 = 0;

impl ErrorInfo {
    /// The error that came beside the results of a call; nothing where there is none, or one of
    /// another form. What is beside the results never fails a call.
    pub fn from_extensions(extensions: &Extensions) -> Option<Self> {
        let reference = ObjRef::from_bytes(extensions.get(clsid::ERROR_EXTENSION)?).ok()?;
        Self::from_bytes(reference.data(clsid::ERROR_OBJECT)?).ok()
    }

    /// What to send beside the results of a call.
    pub fn to_extensions(&self) -> Extensions {
        let reference = ObjRef::custom(iid::ERROR_INFO, clsid::ERROR_OBJECT, self.to_bytes());
        let data = reference.to_bytes();
        Extensions(vec![Extent { id: clsid::ERROR_EXTENSION, data }])
    }

    /// Reads the data of the custom object reference.
    ///
    /// # Errors
    /// Where the bytes are no error, with texts that are filled up or with texts that are not.
    pub fn from_bytes(data: &[u8]) -> Result<Self, Error> {
        Self::read(data, true).or_else(|error| Self::read(data, false).map_err(|_| error))
    }

    /// The data of the custom object reference.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut encoder = Encoder::new();
        encoder.u32(0);
        encoder.u32(self.help_context);
        encoder.uuid(&self.iid);
        for text in [&self.source, &self.description, &self.help_file] {
            match text {
                None => encoder.u32(ABSENT),
                Some(text) => {
                    encoder.u32(PRESENT);
                    put_text(text, &mut encoder);
                }
            }
        }
        encoder.finish()
    }

    fn read(data: &[u8], filled_up: bool) -> Result<Self, Error> {
        let mut decoder = Decoder::new(data);
        if decoder.u32("ErrorInfo.dwVersion")? != 0 {
            let kind = ErrorKind::Invalid("an unknown version");
            return Err(decoder.error("ErrorInfo.dwVersion", kind));
        }
        let help_context = decoder.u32("ErrorInfo.dwHelpContext")?;
        let iid = decoder.uuid("ErrorInfo.iid")?;
        let mut text = |signature, field| {
            if !filled_up {
                // Alignment starts again wherever the decoder stands.
                decoder = decoder.nested(decoder.remaining(), signature)?;
            }
            match decoder.u32(signature)? {
                ABSENT => Ok(None),
                PRESENT => decoder.get_named::<WideString>(field).map(|text| Some(text.0)),
                _ => Err(decoder.error(signature, ErrorKind::Invalid("neither there nor not"))),
            }
        };
        let source = text("ErrorInfo.dwSourceSignature", "ErrorInfo.Source")?;
        let description = text("ErrorInfo.dwDescriptionSignature", "ErrorInfo.Description")?;
        let help_file = text("ErrorInfo.dwHelpFileSignature", "ErrorInfo.HelpFile")?;
        match decoder.rest() {
            // The object reference may be filled up to eight bytes.
            rest if rest.len() < 8 && rest.iter().all(|byte| *byte == 0) => {
                Ok(Self { iid, help_context, source, description, help_file })
            }
            rest => Err(decoder.error("ErrorInfo", ErrorKind::Trailing(rest.len()))),
        }
    }
}

/// An `ErrorInfoString` that ends at a multiple of four bytes.
fn put_text(text: &str, encoder: &mut Encoder) {
    let mut units: Vec<u16> = text.encode_utf16().collect();
    units.resize((units.len() + 1).next_multiple_of(2), 0);
    encoder.count(units.len());
    encoder.u32(0);
    encoder.count(units.len());
    encoder.units(units);
}
