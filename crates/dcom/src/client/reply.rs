//! The answer to a call on an object.

use bytes::Bytes;
use winreach_ndr::Decoder;

use super::During;
use super::error::{Error, ErrorKind, Step};
use crate::Status;
use crate::wire::{Extensions, OrpcThat};

/// What an object answered: the results behind the ORPC header.
#[derive(Clone, Debug)]
pub struct Reply {
    stub: Bytes,
    extensions: Extensions,
}

impl Reply {
    /// Reads the header.
    pub(crate) fn read(stub: Bytes) -> Result<Self, winreach_ndr::Error> {
        let mut decoder = Decoder::new(&stub);
        let that: OrpcThat = decoder.get()?;
        // The header is a multiple of eight bytes long, so alignment may start again behind it.
        decoder.align(8)?;
        let results = stub.slice(decoder.position()..);
        Ok(Self { stub: results, extensions: that.extensions.0.unwrap_or_default() })
    }

    /// Demands that the only result is an HRESULT of success.
    pub(crate) fn finish(&self, step: impl Fn() -> Step) -> Result<(), Error> {
        let hresult = Status(self.decoder().u32("HRESULT").during(&step)?);
        if hresult.is_failure() {
            return Err(Error::new(step(), ErrorKind::Refused(hresult)));
        }
        Ok(())
    }

    /// A decoder of the results.
    pub fn decoder(&self) -> Decoder<'_> {
        Decoder::new(&self.stub)
    }

    /// The results; the HRESULT comes last.
    pub const fn stub(&self) -> &Bytes {
        &self.stub
    }

    /// What came beside the results.
    pub const fn extensions(&self) -> &Extensions {
        &self.extensions
    }
}
