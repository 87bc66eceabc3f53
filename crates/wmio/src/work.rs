//! How much a peer's object may cost.

use crate::error::{Error, ErrorKind};

/// How deep objects may lie within objects: embedded ones and method signatures.
pub const MAX_DEPTH: usize = 16;

/// References may share heap items, so that a small object can stand for one that is far too
/// large. Windows never shares, and so no honest object comes near this many times its own size.
const ALLOWANCE: usize = 8;

/// What may still be spent on one object.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Work {
    left: usize,
    depth: usize,
}

impl Work {
    /// Enough for any honest object of this size.
    pub(crate) fn for_size(octets: usize) -> Self {
        Self { left: octets.saturating_add(256).saturating_mul(ALLOWANCE), depth: 0 }
    }

    /// Spends as much as handling this many octets costs.
    #[inline]
    pub(crate) fn spend(
        &mut self,
        octets: usize,
        offset: usize,
        field: &'static str,
    ) -> Result<(), Error> {
        match self.left.checked_sub(octets) {
            Some(left) => {
                self.left = left;
                Ok(())
            }
            None => Err(Error::new(offset, field, ErrorKind::TooMuchWork)),
        }
    }

    /// Does something one object deeper.
    pub(crate) fn deeper<T>(
        &mut self,
        offset: usize,
        field: &'static str,
        read: impl FnOnce(&mut Self) -> Result<T, Error>,
    ) -> Result<T, Error> {
        if self.depth >= MAX_DEPTH {
            return Err(Error::new(offset, field, ErrorKind::TooDeep));
        }
        self.depth += 1;
        let result = read(self);
        self.depth -= 1;
        result
    }
}
