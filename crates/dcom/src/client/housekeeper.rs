//! The task behind a host: gives references back and pings.

use std::sync::{Arc, Weak};
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, sleep, sleep_until};
use uuid::Uuid;

use super::exporter::Exporter;
use super::machine::{Machine, PING_PERIOD};
use super::releases::Releases;

/// How long to wait for more references to give back: handles tend to go together.
const GATHERING: Duration = Duration::from_millis(20);

/// How long giving back may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// Something to do.
pub(crate) enum Chore {
    /// Give references to an interface back.
    Release { exporter: Arc<Exporter>, ipid: Uuid, references: u32 },
    /// Say when everything so far is done.
    Report(oneshot::Sender<()>),
}

/// Starts the task; it ends with the machine.
pub(crate) fn start(machine: Weak<Machine>) -> mpsc::UnboundedSender<Chore> {
    let (sender, chores) = mpsc::unbounded_channel();
    tokio::spawn(keep_house(machine, chores));
    sender
}

async fn keep_house(machine: Weak<Machine>, mut chores: mpsc::UnboundedReceiver<Chore>) {
    let mut next_ping = Instant::now() + PING_PERIOD;
    loop {
        tokio::select! {
            chore = chores.recv() => {
                let Some(chore) = chore else { return };
                if matches!(chore, Chore::Release { .. }) {
                    sleep(GATHERING).await;
                }
                let mut batch = Batch::default();
                batch.add(chore);
                while let Ok(chore) = chores.try_recv() {
                    batch.add(chore);
                }
                batch.carry_out().await;
            }
            () = sleep_until(next_ping) => {
                let Some(machine) = machine.upgrade() else { return };
                let pause = machine.ping().await;
                next_ping = Instant::now() + pause;
            }
        }
    }
}

/// What is done in one go.
#[derive(Default)]
struct Batch {
    /// An exporter and what it gets back; there are hardly ever two.
    releases: Vec<(Arc<Exporter>, Releases)>,
    reports: Vec<oneshot::Sender<()>>,
}

impl Batch {
    fn add(&mut self, chore: Chore) {
        match chore {
            Chore::Report(sender) => self.reports.push(sender),
            Chore::Release { exporter, ipid, references } => {
                let known = self.releases.iter().position(|(one, _)| Arc::ptr_eq(one, &exporter));
                match known.and_then(|at| self.releases.get_mut(at)) {
                    Some((_, releases)) => releases.add(ipid, references),
                    None => {
                        let mut releases = Releases::default();
                        releases.add(ipid, references);
                        self.releases.push((exporter, releases));
                    }
                }
            }
        }
    }

    async fn carry_out(self) {
        let deadline = Instant::now() + PATIENCE;
        for (exporter, mut releases) in self.releases {
            while let Some(references) = releases.take() {
                if let Err(error) = exporter.release(&references, deadline).await {
                    // What was not given back goes when the server misses our pings.
                    tracing::debug!(%error, "references could not be given back");
                    break;
                }
            }
        }
        for report in self.reports {
            let _ = report.send(());
        }
    }
}
