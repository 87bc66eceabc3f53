//! The verification trailer: what the header of a request says, repeated where it is signed
//! (`[MS-RPCE] 2.2.2.13`).

use bytes::{Bytes, BytesMut};

use super::{ByteOrder, Reader, Type, Writer};
use crate::SyntaxId;

/// Opens every trailer (`rpc_sec_verification_trailer`).
pub const SIGNATURE: [u8; 8] = [0x8a, 0xe3, 0x13, 0x71, 0x02, 0xf4, 0x36, 0x71];

const BITMASK_1: u16 = 0x0001;
const PCONTEXT: u16 = 0x0002;
const HEADER2: u16 = 0x0003;
const COMMAND: u16 = 0x3fff;
const END: u16 = 0x4000;
const MUST_PROCESS: u16 = 0x8000;
const CLIENT_SUPPORT_HEADER_SIGNING: u32 = 1;

/// What a client asserts about its request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Verification {
    /// The bits of the bitmask command: bit 0 says that the client offered header signing.
    pub bitmask: Option<u32>,
    /// The interface and the transfer syntax of the presentation context.
    pub context: Option<(SyntaxId, SyntaxId)>,
    /// The parts of the header that header signing would have covered.
    pub header: Option<Header2>,
}

/// `rpc_sec_vt_header2`, `[MS-RPCE] 2.2.2.13.3`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header2 {
    /// The byte order of the request.
    pub order: ByteOrder,
    /// Its call.
    pub call_id: u32,
    /// Its presentation context.
    pub context_id: u16,
    /// Its operation.
    pub opnum: u16,
}

/// A trailer that is there but cannot be accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the verification trailer is malformed or asks for what this side does not know")]
pub struct Malformed;

impl Verification {
    /// A client that can sign headers says so with this mask.
    pub const HEADER_SIGNING: u32 = CLIENT_SUPPORT_HEADER_SIGNING;

    /// Whether there is nothing to send.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The trailer for a stub of `stub_len` bytes, from the padding that aligns it on; empty when there
    /// is nothing to assert.
    pub fn to_bytes(&self, stub_len: usize) -> Bytes {
        if self.is_empty() {
            return Bytes::new();
        }
        let mut out = BytesMut::with_capacity(96);
        let mut writer = Writer::new(&mut out, ByteOrder::Little);
        writer.zeros(stub_len.wrapping_neg() % 4);
        writer.bytes(&SIGNATURE);
        let (context, header) = (self.context.is_some(), self.header.is_some());
        let end = |last: bool| if last { END } else { 0 };
        if let Some(bits) = self.bitmask {
            writer.u16(BITMASK_1 | end(!context && !header));
            writer.u16(4);
            writer.u32(bits);
        }
        if let Some((interface, transfer)) = &self.context {
            writer.u16(PCONTEXT | end(!header));
            writer.u16(40);
            writer.syntax(interface);
            writer.syntax(transfer);
        }
        if let Some(header) = &self.header {
            writer.u16(HEADER2 | END);
            writer.u16(16);
            header.write(&mut writer);
        }
        out.freeze()
    }

    /// Finds the trailer at the end of a whole stub and says where it starts, padding not counted.
    ///
    /// Only a signature from which the commands lead exactly to the end of the stub counts, so that
    /// arguments which happen to hold the signature are left alone.
    ///
    /// # Errors
    /// When a trailer is there but one of its commands is malformed or must be processed and is not
    /// known.
    pub fn find(stub: &[u8]) -> Result<Option<(usize, Self)>, Malformed> {
        // The longest trailer: every known command, and as much again for unknown ones.
        const LONGEST: usize = 256;
        let from = stub.len().saturating_sub(LONGEST);
        let window = stub.get(from..).unwrap_or_default();
        let position = window.windows(SIGNATURE.len()).rposition(|bytes| bytes == SIGNATURE);
        let Some(position) = position else { return Ok(None) };
        let commands = window.get(position + SIGNATURE.len()..).unwrap_or_default();
        Ok(Self::parse(commands)?.map(|verification| (from + position, verification)))
    }

    /// Reads the commands; nothing when they do not end where the bytes do.
    fn parse(bytes: &[u8]) -> Result<Option<Self>, Malformed> {
        let mut reader = Reader::new(bytes, 0, ByteOrder::Little);
        let mut found = Self::default();
        loop {
            let (Ok(command), Ok(length)) = (reader.u16("command"), reader.u16("length")) else {
                return Ok(None);
            };
            let Ok(data) = reader.bytes(length.into(), "data") else { return Ok(None) };
            found.read_command(command, data)?;
            if command & END != 0 {
                // Up to three bytes of stub padding may follow (`[MS-RPCE] 2.2.2.13`).
                return Ok((reader.remaining() < 4).then_some(found));
            }
        }
    }

    fn read_command(&mut self, command: u16, data: &[u8]) -> Result<(), Malformed> {
        let mut reader = Reader::new(data, 0, ByteOrder::Little);
        match (command & COMMAND, data.len()) {
            (BITMASK_1, 4) => self.bitmask = reader.u32("bits").ok(),
            (PCONTEXT, 40) => {
                self.context = reader.syntax("interface").ok().zip(reader.syntax("transfer").ok());
            }
            (HEADER2, 16) => self.header = Some(Header2::read(&mut reader)?),
            (BITMASK_1 | PCONTEXT | HEADER2, _) => return Err(Malformed),
            _ if command & MUST_PROCESS != 0 => return Err(Malformed),
            _ => {}
        }
        Ok(())
    }
}

impl Header2 {
    fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        let mut fields = || {
            let ptype = reader.u8("PTYPE")?;
            reader.bytes(3, "reserved")?;
            let label = <[u8; 4]>::try_from(reader.bytes(4, "drep")?).unwrap_or_default();
            let header = (reader.u32("call_id")?, reader.u16("p_cont_id")?, reader.u16("opnum")?);
            Ok::<_, super::Error>((ptype, label, header))
        };
        let (ptype, label, (call_id, context_id, opnum)) = fields().map_err(|_| Malformed)?;
        let order = [ByteOrder::Little, ByteOrder::Big].into_iter().find(|o| o.label() == label);
        match order {
            Some(order) if ptype == Type::Request as u8 => {
                Ok(Self { order, call_id, context_id, opnum })
            }
            _ => Err(Malformed),
        }
    }

    fn write(&self, writer: &mut Writer<'_>) {
        writer.bytes(&[Type::Request as u8, 0, 0, 0]);
        writer.bytes(&self.order.label());
        writer.u32(self.call_id);
        writer.u16(self.context_id);
        writer.u16(self.opnum);
    }
}
