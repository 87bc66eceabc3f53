//! A query that runs.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::vec;

use tokio::sync::mpsc::{self, Receiver, Sender};
use tokio::task::{JoinHandle, spawn_blocking};
use winreach_cim::Instance;

use super::{Error, Plan};

/// The rows of a running query, in the order in which the providers hand them over.
///
/// The providers run on a thread of their own and are at most so many rows ahead; dropping this
/// stops them.
#[derive(Debug)]
pub struct Rows {
    receiver: Receiver<Instance>,
    providers: JoinHandle<Result<(), Error>>,
    /// Rows that have left the channel, where they came together, and have not been read.
    here: vec::IntoIter<Instance>,
    /// How many may leave the channel together.
    together: usize,
    /// How the query ended, once it has.
    end: Option<Result<(), Error>>,
}

impl Rows {
    /// Starts a query that may be `ahead` rows ahead of its reader. Must be called in a tokio
    /// runtime.
    pub fn start(plan: Arc<Plan>, ahead: usize) -> Self {
        // Half of them wait in the channel, so that one half is made while the other is read.
        let together = (ahead / 2).max(1);
        let (sender, receiver) = mpsc::channel(together);
        let providers = spawn_blocking(move || run(&plan, &sender));
        Self { receiver, providers, here: Vec::new().into_iter(), together, end: None }
    }

    /// The next row; nothing at the end. Loses no row when the future is dropped.
    ///
    /// # Errors
    /// What stopped the query, after the rows that came before; each further call says it again.
    pub async fn next(&mut self) -> Result<Option<Instance>, Error> {
        match self.here.next() {
            Some(row) => Ok(Some(row)),
            None => self.ready().await.map(|()| self.here.next()),
        }
    }

    /// Waits until the next row is there, or the end is known.
    ///
    /// # Errors
    /// What stopped the query, where there is no further row.
    pub async fn ready(&mut self) -> Result<(), Error> {
        if self.here.len() > 0 {
            return Ok(());
        }
        if self.end.is_none() {
            let mut rows = Vec::new();
            if self.receiver.recv_many(&mut rows, self.together).await > 0 {
                self.here = rows.into_iter();
                return Ok(());
            }
            let outcome = (&mut self.providers).await;
            self.end = Some(outcome.unwrap_or_else(|_panic| Err(Error::crashed())));
        }
        self.end.clone().unwrap_or(Ok(()))
    }
}

/// Asks the providers, until they have no more or nobody reads any more.
fn run(plan: &Plan, sender: &Sender<Instance>) -> Result<(), Error> {
    plan.run(&mut |row| match row {
        // Looked at between the rows that match, too: a query can search long for the next one.
        None if sender.is_closed() => ControlFlow::Break(()),
        None => ControlFlow::Continue(()),
        Some(row) => match sender.blocking_send(row) {
            Ok(()) => ControlFlow::Continue(()),
            Err(_closed) => ControlFlow::Break(()),
        },
    })
}
