//! The tokio driver of a client association.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use bytes::Bytes;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Duration, Instant, timeout, timeout_at};

use super::{
    Association, Call, CallId, Config, Error, Event, NegotiationId, Security, SecurityInfo,
};
use crate::SyntaxId;
use crate::wire::{Progress, Wire};

/// How long a connection that nobody needs any more tries to send its last words.
const LINGER: Duration = Duration::from_secs(1);

/// A handle to an open connection. Clones share the connection; it closes when the last one is
/// dropped.
///
/// A task of its own owns the stream. When the connection dies, every outstanding call and every
/// later one fails with the same error.
///
/// ```no_run
/// use std::time::Duration;
/// use bytes::Bytes;
/// use tokio::{net::TcpStream, time::Instant};
/// use uuid::uuid;
/// use winreach_rpc::{SyntaxId, client::{Call, Config, Connection}};
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let mgmt = SyntaxId::new(uuid!("afa8bd80-7d8a-11c9-bef4-08002b102989"), 1, 0);
/// let deadline = Instant::now() + Duration::from_secs(10);
/// let stream = TcpStream::connect(("server.example", 135)).await?;
/// let connection = Connection::open(stream, &[mgmt], None, Config::default(), deadline).await?;
/// let call = Call { interface: mgmt, opnum: 0, object: None, stub: Bytes::new() };
/// let stub = connection.call(call, deadline).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Connection {
    commands: mpsc::UnboundedSender<Command>,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    next_ticket: AtomicU64,
    assoc_group_id: OnceLock<u32>,
    security: Mutex<SecurityInfo>,
    /// Why the connection is no more.
    death: OnceLock<Error>,
}

/// What handles ask of the task.
#[derive(Debug)]
enum Command {
    Call { ticket: u64, call: Call, reply: oneshot::Sender<Result<Bytes, Error>> },
    Orphan { ticket: u64 },
    Negotiate(Vec<SyntaxId>, Option<Security>, oneshot::Sender<Result<(), Error>>),
}

impl Connection {
    /// Opens an association on `stream` for all `interfaces` in one bind, under `security` if
    /// there is any. The last leg of a three-legged authentication waits and goes out together with
    /// the first call; a refused password therefore shows there, as [`crate::Fault::ACCESS_DENIED`]
    /// (Windows, this crate) or [`crate::Fault::PROTOCOL_ERROR`] (Samba).
    ///
    /// Must be called within a tokio runtime.
    ///
    /// # Errors
    /// When the server refuses the association, the caller or each of the interfaces, when the
    /// stream fails, or when `deadline` passes first.
    pub async fn open<S>(
        stream: S,
        interfaces: &[SyntaxId],
        security: Option<Security>,
        config: Config,
        deadline: Instant,
    ) -> Result<Self, Error>
    where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let (commands, receiver) = mpsc::unbounded_channel();
        let shared = Arc::new(Shared {
            next_ticket: AtomicU64::default(),
            assoc_group_id: OnceLock::new(),
            security: Mutex::new(SecurityInfo::none()),
            death: OnceLock::new(),
        });
        let driver = Driver {
            wire: Wire::new(stream),
            association: Association::new(config),
            commands: receiver,
            calls: HashMap::new(),
            tickets: HashMap::new(),
            negotiations: HashMap::new(),
            shared: shared.clone(),
        };
        tokio::spawn(driver.run());
        let connection = Self { commands, shared };
        connection.negotiate(interfaces.to_vec(), security, deadline).await?;
        Ok(connection)
    }

    /// Adds interfaces; their calls are protected like those of the interfaces added before.
    ///
    /// # Errors
    /// When the server accepts none of them, when the connection dies or `deadline` passes first.
    pub async fn add_interfaces(
        &self,
        interfaces: &[SyntaxId],
        deadline: Instant,
    ) -> Result<(), Error> {
        self.negotiate(interfaces.to_vec(), None, deadline).await
    }

    /// Adds interfaces under a further security context, where the server allows several.
    ///
    /// # Errors
    /// As [`Self::add_interfaces`], and when the server refuses the caller or another context.
    pub async fn add_secured(
        &self,
        interfaces: &[SyntaxId],
        security: Security,
        deadline: Instant,
    ) -> Result<(), Error> {
        self.negotiate(interfaces.to_vec(), Some(security), deadline).await
    }

    async fn negotiate(
        &self,
        interfaces: Vec<SyntaxId>,
        security: Option<Security>,
        deadline: Instant,
    ) -> Result<(), Error> {
        let (reply, answer) = oneshot::channel();
        self.send(Command::Negotiate(interfaces, security, reply))?;
        self.wait(answer, deadline).await
    }

    /// Calls an operation and returns its results, still encoded. Several calls may be outstanding;
    /// where the server does not allow that, they wait for each other.
    ///
    /// Dropping the future gives the call up and tells the server so.
    ///
    /// # Errors
    /// When the server fails the call, when the connection dies or `deadline` passes first.
    pub async fn call(&self, call: Call, deadline: Instant) -> Result<Bytes, Error> {
        let ticket = self.shared.next_ticket.fetch_add(1, Ordering::Relaxed);
        let (reply, answer) = oneshot::channel();
        self.send(Command::Call { ticket, call, reply })?;
        let mut given_up = OrphanOnDrop { connection: self, ticket: Some(ticket) };
        let result = self.wait(answer, deadline).await;
        if !matches!(result, Err(Error::Deadline)) {
            given_up.ticket = None;
        }
        result
    }

    /// The group of the association, for [`Config::assoc_group_id`] of another connection to the
    /// same server.
    pub fn assoc_group_id(&self) -> u32 {
        self.shared.assoc_group_id.get().copied().unwrap_or(0)
    }

    /// The security in effect: that of the context which was made last, by [`open`](Self::open)
    /// or [`add_secured`](Self::add_secured).
    ///
    /// ```no_run
    /// # async fn example(connection: winreach_rpc::client::Connection) {
    /// let security = connection.security();
    /// println!("{security}; the server may: {}", security.impersonation());
    /// # }
    /// ```
    pub fn security(&self) -> SecurityInfo {
        self.shared.security.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Why the connection is no more; nothing while it lives.
    pub fn death(&self) -> Option<Error> {
        self.shared.death.get().cloned()
    }

    fn send(&self, command: Command) -> Result<(), Error> {
        self.commands.send(command).map_err(|_| self.death().unwrap_or(Error::Closed))
    }

    async fn wait<T>(
        &self,
        answer: oneshot::Receiver<Result<T, Error>>,
        deadline: Instant,
    ) -> Result<T, Error> {
        match timeout_at(deadline, answer).await {
            Err(_) => Err(Error::Deadline),
            Ok(Err(_)) => Err(self.death().unwrap_or(Error::Closed)),
            Ok(Ok(result)) => result,
        }
    }
}

/// Gives a call up when the future that waits for it goes away.
struct OrphanOnDrop<'a> {
    connection: &'a Connection,
    ticket: Option<u64>,
}

impl Drop for OrphanOnDrop<'_> {
    fn drop(&mut self) {
        if let Some(ticket) = self.ticket {
            // A connection that is no more has forgotten the call already.
            let _ = self.connection.send(Command::Orphan { ticket });
        }
    }
}

/// The task that owns stream and association.
struct Driver<S> {
    wire: Wire<S>,
    association: Association,
    commands: mpsc::UnboundedReceiver<Command>,
    calls: HashMap<CallId, (u64, oneshot::Sender<Result<Bytes, Error>>)>,
    tickets: HashMap<u64, CallId>,
    negotiations: HashMap<NegotiationId, oneshot::Sender<Result<(), Error>>>,
    shared: Arc<Shared>,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Driver<S> {
    async fn run(mut self) {
        let result = self.drive().await;
        let farewell = result.is_ok();
        let error = result.err().unwrap_or(Error::Closed);
        tracing::debug!(%error, "RPC connection ended");
        // Whoever waits for an answer finds this when its channel closes.
        let _ = self.shared.death.set(error);
        self.commands.close();
        self.calls.clear();
        self.negotiations.clear();
        if farewell {
            let _ = timeout(LINGER, self.linger()).await;
        }
    }

    /// Works until the last handle is gone or the server has closed.
    async fn drive(&mut self) -> Result<(), Error> {
        loop {
            self.transmit()?;
            if self.association.is_drained() {
                return Ok(());
            }
            tokio::select! {
                command = self.commands.recv() => match command {
                    Some(command) => self.handle_command(command),
                    None => return Ok(()),
                },
                progress = self.wire.progress(true) => match progress? {
                    Progress::Received => self.association.handle_input(&mut self.wire.input)?,
                    Progress::Sent => {}
                    Progress::Eof => return Err(Error::Closed),
                },
            }
            // What was asked for together goes out together.
            while let Ok(command) = self.commands.try_recv() {
                self.handle_command(command);
            }
            self.handle_events();
        }
    }

    fn transmit(&mut self) -> Result<(), Error> {
        if self.wire.wants_output()
            && let Some(bytes) = self.association.poll_transmit()?
        {
            self.wire.send(bytes);
        }
        Ok(())
    }

    /// Sends what is still to be sent, such as news of calls that were given up.
    async fn linger(&mut self) -> Result<(), Error> {
        self.transmit()?;
        while !self.wire.is_flushed() {
            self.wire.progress(false).await?;
            self.transmit()?;
        }
        Ok(self.wire.shutdown().await?)
    }

    fn handle_command(&mut self, command: Command) {
        match command {
            Command::Call { ticket, call, reply } => {
                let id = self.association.call(call);
                self.tickets.insert(ticket, id);
                self.calls.insert(id, (ticket, reply));
            }
            Command::Orphan { ticket } => {
                if let Some(id) = self.tickets.remove(&ticket) {
                    self.calls.remove(&id);
                    self.association.orphan(id);
                }
            }
            Command::Negotiate(interfaces, security, reply) => {
                let id = self.association.add_interfaces(&interfaces, security);
                self.negotiations.insert(id, reply);
            }
        }
    }

    fn handle_events(&mut self) {
        while let Some(event) = self.association.poll_event() {
            match event {
                Event::Negotiated { id, result } => {
                    let Shared { assoc_group_id, security, .. } = &*self.shared;
                    let _ = assoc_group_id.set(self.association.assoc_group_id());
                    *security.lock().unwrap_or_else(PoisonError::into_inner) =
                        self.association.security();
                    if let Some(reply) = self.negotiations.remove(&id) {
                        let _ = reply.send(result);
                    }
                }
                Event::Completed { id, result } => {
                    if let Some((ticket, reply)) = self.calls.remove(&id) {
                        self.tickets.remove(&ticket);
                        let _ = reply.send(result);
                    }
                }
            }
        }
    }
}
