//! How parameters become a stub and a stub becomes parameters.

use bytes::Bytes;
use uuid::Uuid;
use winreach_ndr::{Decoder, Encoder, Endian, Error};

use crate::HResult;

/// Reads parameters off a stub, and hands out what is large without copying it.
pub struct Reader<'a> {
    stub: &'a Bytes,
    decoder: Decoder<'a>,
}

impl<'a> Reader<'a> {
    /// Reads a stub from behind the ORPC header on: that is a multiple of eight bytes long, so
    /// alignment starts again.
    pub fn new(stub: &'a Bytes, endian: Endian) -> Self {
        Self { stub, decoder: Decoder::with_endian(stub, endian) }
    }

    /// What has not been read: a verification trailer, or bytes that some peers leave behind.
    pub fn rest(&self) -> &'a [u8] {
        self.decoder.rest()
    }

    /// The next `count` bytes, shared with the stub.
    pub(crate) fn bytes(&mut self, count: usize, field: &'static str) -> Result<Bytes, Error> {
        self.decoder.bytes(count, field).map(|bytes| self.stub.slice_ref(bytes))
    }

    pub(crate) fn decoder(&mut self) -> &mut Decoder<'a> {
        &mut self.decoder
    }
}

/// Values that lie one after the other in a stub.
pub trait Parameters: Sized {
    /// Appends them to a stub.
    fn write(&self, encoder: &mut Encoder);

    /// Takes them off a stub.
    ///
    /// # Errors
    /// Where the bytes are not what the interface definition says, with the offset and the field.
    fn read(reader: &mut Reader<'_>) -> Result<Self, Error>;

    /// They alone, as a stub without its ORPC header.
    fn encode(&self) -> Vec<u8> {
        let mut encoder = Encoder::new();
        self.write(&mut encoder);
        encoder.finish()
    }

    /// Reads them off a stub without its ORPC header. Bytes left over are not looked at: some peers
    /// leave some behind, and a verification trailer may stand there.
    ///
    /// # Errors
    /// As [`Parameters::read`].
    fn decode(stub: &Bytes, endian: Endian) -> Result<Self, Error> {
        Self::read(&mut Reader::new(stub, endian))
    }
}

/// A method of an interface; the type itself is what the caller sends.
pub trait Method: Parameters {
    /// What comes back beside the status.
    type Out: Parameters;
    /// The interface.
    const INTERFACE: Uuid;
    /// The number of the method in the interface.
    const OPNUM: u16;
    /// The name, such as `IWbemServices::ExecQuery`.
    const NAME: &'static str;
}

/// What comes back from a method: its output and its status, in this order.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Response<T> {
    /// The output. A failed method has some too: nulls and zeros.
    pub out: T,
    /// Whether the method succeeded.
    pub status: HResult,
}

impl<T> Response<T> {
    /// A method that did everything.
    pub fn ok(out: T) -> Self {
        Self { out, status: HResult::OK }
    }
}

impl<T: Default> Response<T> {
    /// A method that did nothing.
    pub fn failed(status: HResult) -> Self {
        Self { out: T::default(), status }
    }
}

impl<T: Parameters> Parameters for Response<T> {
    fn write(&self, encoder: &mut Encoder) {
        self.out.write(encoder);
        self.status.write(encoder);
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, Error> {
        Ok(Self { out: T::read(reader)?, status: HResult::read(reader)? })
    }
}

/// Declares the methods of an interface: what each sends, and what it gets.
macro_rules! methods {
    (
        $interface:literal $iid:path;
        $(
            $(#[$attribute:meta])*
            $opnum:literal => $name:ident {
                $( $(#[$field_attribute:meta])* $field:ident: $type:ty ),* $(,)?
            } -> $out:ty;
        )*
    ) => {$(
        $(#[$attribute])*
        #[derive(Clone, PartialEq, Debug)]
        pub struct $name {
            $( $(#[$field_attribute])* pub $field: $type, )*
        }

        impl $crate::stub::Parameters for $name {
            fn write(&self, _encoder: &mut ::winreach_ndr::Encoder) {
                $( $crate::stub::Parameters::write(&self.$field, _encoder); )*
            }

            fn read(
                _reader: &mut $crate::stub::Reader<'_>,
            ) -> Result<Self, ::winreach_ndr::Error> {
                Ok(Self {
                    $( $field: $crate::stub::Parameters::read(_reader).map_err(|error| {
                        error.named(concat!(stringify!($name), ".", stringify!($field)))
                    })?, )*
                })
            }
        }

        impl $crate::stub::Method for $name {
            type Out = $out;
            const INTERFACE: ::uuid::Uuid = $iid;
            const OPNUM: u16 = $opnum;
            const NAME: &'static str = concat!($interface, "::", stringify!($name));
        }
    )*};
}

pub(crate) use methods;

impl Parameters for () {
    fn write(&self, _: &mut Encoder) {}

    fn read(_: &mut Reader<'_>) -> Result<Self, Error> {
        Ok(())
    }
}
