//! What one account may hold.

use std::time::Duration;

/// Limits on what one account may hold in an exporter, and for how long without a sign of life.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Objects. Default: 10 000.
    pub objects: usize,
    /// References to all interfaces of all objects together. Default: 10 000 000.
    pub references: u64,
    /// Ping sets. Default: 256.
    pub ping_sets: usize,
    /// How long an object lives that nobody calls and nobody pings: three ping periods of two
    /// minutes (`[MS-DCOM] 3.1.2.2`). Default: 360 s.
    pub lifetime: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            objects: 10_000,
            references: 10_000_000,
            ping_sets: 256,
            lifetime: Duration::from_secs(360),
        }
    }
}
