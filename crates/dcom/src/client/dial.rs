//! From an address to an association.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, timeout_at};
use winreach_auth::{AuthLevel, AuthType};
use winreach_rpc::SyntaxId;
use winreach_rpc::client::{self as rpc, Connection, Security};

use super::connector::{LookupError, Stream};
use super::error::{Attempt, Error, ErrorKind, Step};
use super::{During, Options};

/// A stream to some port of some host.
pub(crate) struct Dialled {
    stream: Box<dyn Stream>,
    host: String,
    port: u16,
}

/// Connects to one address.
pub(crate) async fn dial(
    options: &Options,
    host: &str,
    port: u16,
    deadline: Instant,
) -> Result<Dialled, Attempt> {
    tracing::debug!(host, port, "connecting");
    match timeout_at(deadline, options.connector.connect(host, port)).await {
        Ok(Ok(stream)) => Ok(Dialled { stream, host: host.to_owned(), port }),
        Ok(Err(error)) => Err(Attempt::new(host, port, error)),
        Err(_elapsed) => Err(Attempt::new(host, port, io::ErrorKind::TimedOut.into())),
    }
}

/// Connects to the first address that answers; none may use up the time of those behind it.
pub(crate) async fn dial_first(
    options: &Options,
    addresses: Vec<(String, u16)>,
    deadline: Instant,
) -> Result<Dialled, ErrorKind> {
    let mut tried = Vec::new();
    let mut left = u32::try_from(addresses.len()).unwrap_or(u32::MAX);
    if left == 0 {
        return Err(ErrorKind::NoAddress);
    }
    for (host, port) in addresses {
        let now = Instant::now();
        let share = deadline.saturating_duration_since(now).checked_div(left);
        match dial(options, &host, port, now + share.unwrap_or(Duration::ZERO)).await {
            Ok(dialled) => return Ok(dialled),
            Err(attempt) => tried.push(attempt),
        }
        left -= 1;
    }
    Err(ErrorKind::Unreachable(tried))
}

/// Makes an association over a stream: one bind for all interfaces.
///
/// The principal is named after the host that was dialled, not after what a server says of itself.
pub(crate) async fn associate(
    options: &Options,
    dialled: Dialled,
    service: &str,
    level: AuthLevel,
    interfaces: &[SyntaxId],
    deadline: Instant,
) -> Result<Connection, Error> {
    let Dialled { stream, host, port } = dialled;
    let spn = format!("{service}/{host}");
    let authenticating = || Step::Authenticate { address: address(&host, port) };
    let security = security(options, &spn, level, deadline).await.during(authenticating)?;
    let left_out = security.as_ref().and_then(Security::left_out).cloned().map(Box::new);
    Connection::open(stream, interfaces, security, options.rpc.clone(), deadline).await.map_err(
        |error| {
            let is_cut_off =
                matches!(error, rpc::Error::Io(_) | rpc::Error::Closed | rpc::Error::Deadline);
            let step = match error {
                rpc::Error::Authentication(_)
                | rpc::Error::Downgrade(_)
                | rpc::Error::NotMutual(_) => authenticating(),
                _ => Step::Bind { address: address(&host, port) },
            };
            Error::new(step, error).without(left_out.filter(|_| !is_cut_off))
        },
    )
}

/// What protects an association; at level none nobody is asked to authenticate.
async fn security(
    options: &Options,
    spn: &str,
    level: AuthLevel,
    deadline: Instant,
) -> Result<Option<Security>, rpc::Error> {
    if level == AuthLevel::None {
        return match options.require_mutual {
            true => Err(rpc::Error::NotMutual(AuthType::None)),
            false => Ok(None),
        };
    }
    let initiator = timeout_at(deadline, options.initiators.initiator(spn, level))
        .await
        .map_err(|_elapsed| rpc::Error::Deadline)??;
    Ok(Some(Security::new(initiator, level).require_mutual(options.require_mutual)))
}

/// Host and port as people write them.
pub(crate) fn address(host: &str, port: u16) -> String {
    if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") }
}

impl Attempt {
    fn new(host: &str, port: u16, error: io::Error) -> Self {
        Self { address: address(host, port), error: Arc::new(error) }
    }

    /// The failure as one of the resolver, where there is only one address.
    pub(crate) fn at_resolver(self, host: &str) -> Error {
        let step = if LookupError::is_cause_of(&self.error) {
            Step::Resolve { host: host.to_owned() }
        } else {
            Step::Connect { address: self.address.clone() }
        };
        Error::new(step, ErrorKind::Unreachable(vec![self]))
    }
}
