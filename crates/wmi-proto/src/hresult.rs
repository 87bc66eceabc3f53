//! The number that ends every response.

use std::fmt;

/// What a method returns: success where the top bit is clear, failure where it is set.
///
/// A success need not be zero: `WBEM_S_FALSE` and `WBEM_S_TIMEDOUT` come with objects.
///
/// Source: `[MS-ERREF] 2.1`, `[MS-WMI] 2.2.11`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct HResult(pub u32);

impl HResult {
    /// `WBEM_S_NO_ERROR`: done, with everything that was asked for.
    pub const OK: Self = Self(0);
    /// `WBEM_S_FALSE`: the end; fewer objects than asked for, or none.
    pub const FALSE: Self = Self(1);
    /// `WBEM_S_TIMEDOUT`: the time ran out; fewer objects than asked for, and more may follow.
    pub const TIMED_OUT: Self = Self(0x0004_0004);
    /// `E_NOTIMPL`.
    pub const NOT_IMPLEMENTED: Self = Self(0x8000_4001);
    /// `E_NOINTERFACE`.
    pub const NO_INTERFACE: Self = Self(0x8000_4002);

    /// `WBEM_E_INVALID_PARAMETER`: flags that the method does not take, among others.
    pub const INVALID_PARAMETER: Self = Self(0x8004_1008);

    /// Whether the method failed.
    pub fn is_failure(self) -> bool {
        self.0 >= 0x8000_0000
    }
}

impl fmt::Display for HResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#010x}", self.0)
    }
}

impl fmt::Debug for HResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HResult({self})")
    }
}
