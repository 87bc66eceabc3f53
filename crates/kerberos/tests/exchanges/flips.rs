//! Bytes that were changed or cut off on their way.

/// Where to change a byte, and which of its bits: one of them, and all.
pub(crate) fn changes(length: usize) -> impl Iterator<Item = (usize, u8)> {
    (0..length).flat_map(|at| [1, 0x80, 0xFF].map(|mask| (at, mask)))
}

/// The bytes with each single one changed, and where.
pub(crate) fn flipped(bytes: &[u8]) -> impl Iterator<Item = (usize, Vec<u8>)> {
    changes(bytes.len()).map(|(at, mask)| {
        let mut changed = bytes.to_vec();
        changed[at] ^= mask;
        (at, changed)
    })
}

/// The bytes cut off at each place, and with one more.
pub(crate) fn cut(bytes: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    (0..bytes.len()).map(|end| bytes[..end].to_vec()).chain([[bytes, &[0]].concat()])
}
