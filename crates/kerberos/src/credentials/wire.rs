//! Numbers and counted bytes in files: reading with every length checked, and writing.

use zeroize::Zeroizing;

use super::error::{Malformed, Problem, Unencodable};

/// The most components that a name may have in a file: Kerberos knows no limit, but nobody uses more
/// than a few, and each takes more room in memory than in the file.
pub(super) const MAX_COMPONENTS: u16 = 255;

/// The order of the bytes in a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    Big,
    Little,
}

/// Bytes of a file, read with the name of what they are for error reports.
#[derive(Debug, Clone)]
pub(super) struct Reader<'a> {
    format: &'static str,
    order: Order,
    bytes: &'a [u8],
    /// Where the next byte stands in the file.
    offset: usize,
}

impl<'a> Reader<'a> {
    /// A reader of `bytes` that are to be a `format`; numbers are big endian until
    /// [`set_order`](Self::set_order).
    pub(super) fn new(format: &'static str, bytes: &'a [u8]) -> Self {
        Self { format, order: Order::Big, bytes, offset: 0 }
    }

    pub(super) fn set_order(&mut self, order: Order) {
        self.order = order;
    }

    /// Bytes that are left.
    pub(super) fn remaining(&self) -> usize {
        self.bytes.len()
    }

    /// An error in a field that stands `back` bytes before the next byte.
    pub(super) fn error(&self, field: &'static str, back: usize, problem: Problem) -> Malformed {
        let offset = self.offset.saturating_sub(back);
        Malformed { format: self.format, field, offset, problem }
    }

    /// The next `len` bytes.
    pub(super) fn take(&mut self, len: usize, field: &'static str) -> Result<&'a [u8], Malformed> {
        let Some((taken, rest)) = self.bytes.split_at_checked(len) else {
            let problem = Problem::Truncated { needed: len, available: self.bytes.len() };
            return Err(self.error(field, 0, problem));
        };
        self.bytes = rest;
        self.offset = self.offset.saturating_add(len);
        Ok(taken)
    }

    /// A reader of the next `len` bytes alone.
    pub(super) fn part(&mut self, len: usize, field: &'static str) -> Result<Self, Malformed> {
        let offset = self.offset;
        Ok(Self { bytes: self.take(len, field)?, offset, ..*self })
    }

    fn array<const N: usize>(&mut self, field: &'static str) -> Result<[u8; N], Malformed> {
        let mut array = [0; N];
        array.copy_from_slice(self.take(N, field)?);
        Ok(array)
    }

    pub(super) fn u8(&mut self, field: &'static str) -> Result<u8, Malformed> {
        self.array(field).map(|[byte]| byte)
    }

    pub(super) fn u16(&mut self, field: &'static str) -> Result<u16, Malformed> {
        let bytes = self.array(field)?;
        Ok(match self.order {
            Order::Big => u16::from_be_bytes(bytes),
            Order::Little => u16::from_le_bytes(bytes),
        })
    }

    /// Sixteen bits with a sign.
    pub(super) fn i16(&mut self, field: &'static str) -> Result<i16, Malformed> {
        self.u16(field).map(u16::cast_signed)
    }

    pub(super) fn u32(&mut self, field: &'static str) -> Result<u32, Malformed> {
        let bytes = self.array(field)?;
        Ok(match self.order {
            Order::Big => u32::from_be_bytes(bytes),
            Order::Little => u32::from_le_bytes(bytes),
        })
    }

    /// Thirty-two bits with a sign.
    pub(super) fn i32(&mut self, field: &'static str) -> Result<i32, Malformed> {
        self.u32(field).map(u32::cast_signed)
    }

    /// Bytes behind a length of 16 bits.
    pub(super) fn counted16(&mut self, field: &'static str) -> Result<&'a [u8], Malformed> {
        let len = self.u16(field)?;
        self.take(len.into(), field)
    }

    /// Bytes behind a length of 32 bits.
    pub(super) fn counted32(&mut self, field: &'static str) -> Result<&'a [u8], Malformed> {
        let len = self.u32(field)?;
        self.take(usize::try_from(len).unwrap_or(usize::MAX), field)
    }

    /// The text that was just read as `bytes`.
    pub(super) fn text(&self, bytes: &[u8], field: &'static str) -> Result<String, Malformed> {
        let text = std::str::from_utf8(bytes)
            .map_err(|_| self.error(field, bytes.len(), Problem::Text))?;
        Ok(text.to_owned())
    }

    /// Whether the next number of 32 bits, which is at most `most` from zero, is big or little
    /// endian. For old formats, which have the order of the machine that wrote them.
    pub(super) fn find_order(&self, most: u32, field: &'static str) -> Result<Order, Malformed> {
        let found = self.clone().u32(field)?;
        let fits = |number: u32| number.cast_signed().unsigned_abs() <= most;
        match (fits(found), fits(found.swap_bytes())) {
            (true, _) => Ok(self.order),
            (false, true) if self.order == Order::Big => Ok(Order::Little),
            (false, true) => Ok(Order::Big),
            (false, false) => Err(self.error(field, 0, Problem::ByteOrder(found))),
        }
    }
}

/// Bytes of a file that is being written, big endian; wiped from memory on drop.
#[derive(Debug)]
pub(super) struct Writer {
    format: &'static str,
    bytes: Zeroizing<Vec<u8>>,
}

impl Writer {
    /// The beginning of a `format`.
    pub(super) fn new(format: &'static str) -> Self {
        Self { format, bytes: Zeroizing::new(Vec::new()) }
    }

    pub(super) fn finish(self) -> Zeroizing<Vec<u8>> {
        self.bytes
    }

    pub(super) fn put(&mut self, bytes: &[u8]) {
        append(&mut self.bytes, bytes);
    }

    pub(super) fn u32(&mut self, number: u32) {
        self.put(&number.to_be_bytes());
    }

    /// A number in 16 bits without sign.
    pub(super) fn u16(&mut self, number: i64, field: &'static str) -> Result<(), Unencodable> {
        let number: u16 = self.narrow(number, u16::MAX.into(), field)?;
        self.put(&number.to_be_bytes());
        Ok(())
    }

    /// A number in 16 bits with a sign.
    pub(super) fn i16(&mut self, number: i64, field: &'static str) -> Result<(), Unencodable> {
        let number: i16 = self.narrow(number, i16::MAX.into(), field)?;
        self.put(&number.to_be_bytes());
        Ok(())
    }

    /// A count in 16 bits.
    pub(super) fn count16(&mut self, count: usize, field: &'static str) -> Result<(), Unencodable> {
        self.u16(i64::try_from(count).unwrap_or(i64::MAX), field)
    }

    /// A count in the positive half of 32 bits.
    pub(super) fn count31(&mut self, count: usize, field: &'static str) -> Result<(), Unencodable> {
        let count = i64::try_from(count).unwrap_or(i64::MAX);
        let count: i32 = self.narrow(count, i32::MAX.into(), field)?;
        self.put(&count.to_be_bytes());
        Ok(())
    }

    /// A count in 32 bits.
    pub(super) fn count32(&mut self, count: usize, field: &'static str) -> Result<(), Unencodable> {
        let count = i64::try_from(count).unwrap_or(i64::MAX);
        let count: u32 = self.narrow(count, u32::MAX.into(), field)?;
        self.u32(count);
        Ok(())
    }

    /// Bytes behind a length of 16 bits.
    pub(super) fn counted16(
        &mut self,
        bytes: &[u8],
        field: &'static str,
    ) -> Result<(), Unencodable> {
        self.count16(bytes.len(), field)?;
        self.put(bytes);
        Ok(())
    }

    /// Bytes behind a length of 32 bits.
    pub(super) fn counted32(
        &mut self,
        bytes: &[u8],
        field: &'static str,
    ) -> Result<(), Unencodable> {
        self.count32(bytes.len(), field)?;
        self.put(bytes);
        Ok(())
    }

    fn narrow<T: TryFrom<i64>>(
        &self,
        found: i64,
        limit: i64,
        field: &'static str,
    ) -> Result<T, Unencodable> {
        T::try_from(found).map_err(|_| Unencodable { format: self.format, field, found, limit })
    }
}

/// Appends to bytes that may be keys, so that none stay behind in memory when they move to grow.
pub(super) fn append(all: &mut Zeroizing<Vec<u8>>, bytes: &[u8]) {
    let len = all.len().saturating_add(bytes.len());
    if len > all.capacity() {
        let mut grown = Zeroizing::new(Vec::with_capacity(len.max(all.len().saturating_mul(2))));
        grown.extend_from_slice(all);
        *all = grown;
    }
    all.extend_from_slice(bytes);
}
