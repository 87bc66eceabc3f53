//! A query that runs.

use std::ops::ControlFlow;
use std::sync::Arc;

use tokio::sync::mpsc::{self, Receiver, Sender};
use winreach_cim::Instance;

use super::{Error, Plan};

/// The rows of a running query, in the order in which the providers hand them over.
///
/// The providers run on a thread of their own and are at most so many rows ahead; dropping this
/// stops them.
#[derive(Debug)]
pub struct Rows {
    receiver: Receiver<Item>,
    /// A row that is there and has not been read.
    first: Option<Instance>,
    /// How the query ended, once it has.
    end: Option<Result<(), Error>>,
}

#[derive(Debug)]
enum Item {
    Row(Instance),
    End(Result<(), Error>),
}

impl Rows {
    /// Starts a query that may be `ahead` rows ahead of its reader. Must be called in a tokio
    /// runtime.
    pub fn start(plan: Arc<Plan>, ahead: usize) -> Self {
        let (sender, receiver) = mpsc::channel(ahead.max(1));
        tokio::task::spawn_blocking(move || run(&plan, &sender));
        Self { receiver, first: None, end: None }
    }

    /// The next row; nothing at the end. Loses no row when the future is dropped.
    ///
    /// # Errors
    /// What stopped the query, after the rows that came before; each further call says it again.
    pub async fn next(&mut self) -> Result<Option<Instance>, Error> {
        match self.first.take() {
            Some(row) => Ok(Some(row)),
            None => self.receive().await,
        }
    }

    /// Waits until the next row is there, or the end is known.
    ///
    /// # Errors
    /// What stopped the query, where there is no further row.
    pub async fn ready(&mut self) -> Result<(), Error> {
        if self.first.is_none() {
            self.first = self.receive().await?;
        }
        Ok(())
    }

    async fn receive(&mut self) -> Result<Option<Instance>, Error> {
        if self.end.is_none() {
            match self.receiver.recv().await {
                Some(Item::Row(row)) => return Ok(Some(row)),
                Some(Item::End(end)) => self.end = Some(end),
                // The thread always says how it ended, unless it panicked.
                None => self.end = Some(Err(Error::crashed())),
            }
        }
        self.end.clone().unwrap_or(Ok(())).map(|()| None)
    }
}

fn run(plan: &Plan, sender: &Sender<Item>) {
    let end = plan.run(&mut |row| match row {
        // Looked at between the rows that match, too: a query can search long for the next one.
        None if sender.is_closed() => ControlFlow::Break(()),
        None => ControlFlow::Continue(()),
        Some(row) => match sender.blocking_send(Item::Row(row)) {
            Ok(()) => ControlFlow::Continue(()),
            Err(_closed) => ControlFlow::Break(()),
        },
    });
    // Nobody is there to hear it where the reader is gone.
    let _ = sender.blocking_send(Item::End(end));
}
