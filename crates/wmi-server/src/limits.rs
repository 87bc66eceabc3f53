//! How much of the server one client, and all of them together, can take.

use std::time::Duration;

/// Bounds on every resource that a client can take. What goes beyond a bound is refused with a
/// status of its own, and the connection lives on where that is possible.
///
/// ```
/// use winreach_wmi_server::Limits;
/// let limits = Limits { connections: 16, ..Limits::default() };
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Open connections, all peers together; further ones are closed at once.
    pub connections: usize,
    /// Open connections of one peer address; further ones are closed at once.
    pub connections_per_peer: usize,
    /// How long a connection may take to authenticate.
    pub unauthenticated_time: Duration,
    /// How long a connection may stay silent.
    pub idle_time: Duration,
    /// Requests of one connection that are being answered at the same time.
    pub calls_per_connection: usize,
    /// Bytes of one request, all fragments together.
    pub request_bytes: usize,
    /// Remote objects of all kinds that one account keeps alive.
    pub objects_per_account: usize,
    /// Enumerators that are alive, all clients together. Each can hold a thread and
    /// [`Limits::rows_ahead`] rows.
    pub enumerators: usize,
    /// Enumerators that one account keeps alive.
    pub enumerators_per_account: usize,
    /// Objects that are being looked up, all clients together. Each takes a thread while it is.
    pub lookups: usize,
    /// Objects that are being looked up for one account.
    pub lookups_per_account: usize,
    /// Methods that are being carried out, all clients together. Each takes a thread while it is.
    pub methods: usize,
    /// Methods that are being carried out for one account.
    pub methods_per_account: usize,
    /// Rows that a query may be ahead of its reader.
    pub rows_ahead: usize,
    /// Bytes of one batch of rows. A batch ends with the row that reaches it.
    pub batch_bytes: usize,
    /// Characters of the text of a query.
    pub query_length: usize,
    /// Characters of an object path.
    pub path_length: usize,
}

impl Default for Limits {
    /// The bounds on texts and batches are those of Windows (`[MS-WMI]` Appendix B, notes 42
    /// and 48); the others fit a monitored machine rather than a busy server.
    fn default() -> Self {
        Self {
            connections: 512,
            connections_per_peer: 256,
            unauthenticated_time: Duration::from_secs(30),
            idle_time: Duration::from_secs(1800),
            calls_per_connection: 32,
            request_bytes: 1 << 20,
            objects_per_account: 4096,
            enumerators: 256,
            enumerators_per_account: 64,
            lookups: 256,
            lookups_per_account: 128,
            methods: 64,
            methods_per_account: 32,
            rows_ahead: 256,
            batch_bytes: 256 << 10,
            query_length: 16_384,
            path_length: 8192,
        }
    }
}
