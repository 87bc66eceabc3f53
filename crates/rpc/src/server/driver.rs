//! The tokio driver of a server association.

use std::collections::HashMap;
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;

use bytes::Bytes;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::task::{AbortHandle, Id, JoinError, JoinSet};
use tokio::time::{Duration, Instant, sleep_until, timeout};
use winreach_auth::Authenticator;

use super::{Association, CallId, Config, ConnectionInfo, Error, Event, Service};
use crate::Fault;
use crate::wire::{Progress, Wire};

/// How long a connection that is about to be closed tries to tell the client why.
const LINGER: Duration = Duration::from_secs(5);

/// Serves one connection until the client closes it.
///
/// Every call runs as a task of its own; closing the connection, or dropping the future, drops the
/// calls that are still running. Must be called within a tokio runtime.
///
/// # Errors
/// When the client broke the protocol or tampered with a request, when the stream failed, or when
/// one of the time limits of `config` passed.
pub async fn serve<S>(
    stream: S,
    service: Arc<dyn Service>,
    authenticator: Arc<dyn Authenticator>,
    config: Config,
    info: ConnectionInfo,
) -> Result<(), Error>
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    serve_until(stream, service, authenticator, config, info, std::future::pending()).await
}

/// As [`serve`], until `stop` completes: then no further call is taken, those that run are finished
/// and answered, and the connection is closed.
///
/// # Errors
/// As [`serve`].
pub async fn serve_until<S>(
    stream: S,
    service: Arc<dyn Service>,
    authenticator: Arc<dyn Authenticator>,
    config: Config,
    info: ConnectionInfo,
    stop: impl Future<Output = ()>,
) -> Result<(), Error>
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let mut driver = Driver {
        wire: Wire::new(stream),
        association: Association::new(service.clone(), authenticator, config.clone(), info),
        service,
        tasks: JoinSet::new(),
        calls: HashMap::new(),
        aborts: HashMap::new(),
    };
    let result = driver.drive(&config, stop).await;
    driver.tasks.abort_all();
    if !matches!(result, Err(Error::Io(_))) {
        let _ = timeout(LINGER, driver.linger()).await;
    }
    result
}

struct Driver<S> {
    wire: Wire<S>,
    association: Association,
    service: Arc<dyn Service>,
    tasks: JoinSet<Result<Bytes, Fault>>,
    calls: HashMap<Id, CallId>,
    aborts: HashMap<CallId, AbortHandle>,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Driver<S> {
    async fn drive(
        &mut self,
        config: &Config,
        stop: impl Future<Output = ()>,
    ) -> Result<(), Error> {
        let mut stop = pin!(stop);
        let mut stopping = false;
        let begun = Instant::now();
        let mut last_moved = begun;
        loop {
            self.transmit()?;
            if stopping && self.association.running() == 0 && self.wire.is_flushed() {
                return Ok(());
            }
            let may_read = !stopping && self.association.unsent() < config.max_unsent_bytes;
            let (limit, reached) = match self.association.is_bound() {
                false => (Some(begun + config.bind_timeout), Error::BindTimeout),
                true if !self.tasks.is_empty() && self.wire.is_flushed() => (None, Error::Idle),
                true => (config.idle_timeout.map(|idle| last_moved + idle), Error::Idle),
            };
            tokio::select! {
                () = &mut stop, if !stopping => stopping = true,
                progress = self.wire.progress(may_read) => {
                    last_moved = Instant::now();
                    match progress? {
                        Progress::Received => self.association.handle_input(&mut self.wire.input)?,
                        Progress::Sent => {}
                        Progress::Eof => return Ok(()),
                    }
                }
                Some(done) = self.tasks.join_next_with_id() => {
                    last_moved = Instant::now();
                    self.finish(done);
                }
                () = wait_until(limit) => return Err(reached),
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

    fn handle_events(&mut self) {
        while let Some(event) = self.association.poll_event() {
            match event {
                Event::Request(call, request) => {
                    let service = self.service.clone();
                    let task = self.tasks.spawn(async move { service.call(request).await });
                    self.calls.insert(task.id(), call);
                    self.aborts.insert(call, task);
                }
                Event::Cancel(call) => {
                    self.abort(call);
                    self.association.respond(call, Err(Fault::CANCELLED));
                }
                Event::Abandoned(call) => self.abort(call),
            }
        }
    }

    fn abort(&mut self, call: CallId) {
        if let Some(task) = self.aborts.remove(&call) {
            self.calls.remove(&task.id());
            task.abort();
        }
    }

    fn finish(&mut self, done: Result<(Id, Result<Bytes, Fault>), JoinError>) {
        let (id, result) = match done {
            Ok((id, result)) => (id, result),
            Err(error) => {
                if error.is_panic() {
                    tracing::error!(%error, "a call panicked");
                }
                (error.id(), Err(Fault::UNSPECIFIED))
            }
        };
        // A call that was aborted has been answered, or needs no answer.
        if let Some(call) = self.calls.remove(&id) {
            self.aborts.remove(&call);
            self.association.respond(call, result);
        }
    }

    /// Sends what is still to be sent.
    async fn linger(&mut self) -> Result<(), Error> {
        self.transmit()?;
        while !self.wire.is_flushed() {
            self.wire.progress(false).await?;
            self.transmit()?;
        }
        Ok(self.wire.shutdown().await?)
    }
}

async fn wait_until(limit: Option<Instant>) {
    match limit {
        Some(limit) => sleep_until(limit).await,
        None => std::future::pending().await,
    }
}
