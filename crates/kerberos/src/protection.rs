//! Signed and sealed messages (RFC 4121, 4757).
