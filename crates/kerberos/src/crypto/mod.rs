//! Encryption types, keys and checksums (RFC 3961, 3962, 8009, 4757).
