//! A result and the place in it: what the interfaces of an enumerator share.

use std::sync::Arc;

use tokio::sync::Mutex;
use winreach_cim::{Class, Instance, Name, WbemStatus};
use winreach_wmi_proto::{HResult, Timeout};
use winreach_wmio::encode::{InstanceOptions, Unset};
use winreach_wmio::{EncodeError, Layout};

use super::deadline::Deadline;
use super::method::hresult;
use crate::engine::{Engine, Error, Plan, Rows};
use crate::quota::Share;

/// How instances are written. Defaults are written out, because impacket and aiowmi do not look
/// them up.
pub(super) const WHOLE: InstanceOptions =
    InstanceOptions { unset: Unset::WriteOut, keys_missing: false };

/// The result of a query, read from front to back through any of its interfaces.
pub(super) struct Enumeration {
    engine: Arc<Engine>,
    plan: Arc<Plan>,
    /// Whether it can be read once only.
    forward_only: bool,
    /// One of the account's enumerators.
    _share: Share<Name>,
    cursor: Mutex<Cursor>,
}

/// How far a result has been read.
struct Cursor {
    rows: Rows,
    position: u64,
    /// Rows that were read before the query ran anew, and are to be passed over.
    behind: u64,
    /// What went wrong with a row that cannot be read again.
    failed: Option<Error>,
    layouts: Layouts,
}

/// What was read of a result.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Pulled {
    /// Rows.
    pub(super) count: u32,
    /// `WBEM_S_NO_ERROR` for all the rows that were asked for, `WBEM_S_FALSE` for fewer at the end,
    /// `WBEM_S_TIMEDOUT` for fewer that others follow; an error comes without rows.
    pub(super) status: HResult,
}

/// Takes a row into an answer; gives back how many bytes the answer has by now.
pub(super) type Put<'a> =
    dyn FnMut(&mut Layouts, &Instance) -> Result<usize, EncodeError> + Send + 'a;

impl Enumeration {
    /// Starts the query.
    pub(super) fn start(
        engine: &Arc<Engine>,
        plan: Arc<Plan>,
        forward_only: bool,
        share: Share<Name>,
    ) -> Self {
        let cursor = Mutex::new(Cursor::new(engine.run(&plan), 0));
        Self { engine: Arc::clone(engine), plan, forward_only, _share: share, cursor }
    }

    /// How its rows are written.
    pub(super) fn options(&self) -> InstanceOptions {
        InstanceOptions { keys_missing: self.plan.drops_keys(), ..WHOLE }
    }

    /// Waits until there is a row, or none will come.
    ///
    /// # Errors
    /// What stopped the query before its first row.
    pub(super) async fn ready(&self) -> Result<(), Error> {
        self.cursor.lock().await.rows.ready().await
    }

    /// Reads up to `count` rows and has each put into the answer, until the time is up or the
    /// answer is large enough.
    pub(super) async fn pull(&self, timeout: Timeout, count: u32, put: &mut Put<'_>) -> Pulled {
        let nothing = |status| Pulled { count: 0, status };
        let deadline = match Deadline::after(timeout) {
            Ok(deadline) => deadline,
            Err(status) => return nothing(status),
        };
        let Some(mut cursor) = deadline.within(self.cursor.lock()).await else {
            return nothing(HResult::TIMED_OUT);
        };
        let room = self.engine.limits().batch_bytes;
        let mut pulled = nothing(HResult::OK);
        while pulled.count < count {
            match cursor.step(deadline, put).await {
                Ok(Some(bytes)) => {
                    pulled.count += 1;
                    if bytes >= room && pulled.count < count {
                        return Pulled { status: HResult::TIMED_OUT, ..pulled };
                    }
                }
                Ok(None) => return Pulled { status: HResult::FALSE, ..pulled },
                // First the rows that came before it. It will be said again.
                Err(Stop::TimeIsUp | Stop::Failed(_)) if pulled.count > 0 => {
                    return Pulled { status: HResult::TIMED_OUT, ..pulled };
                }
                Err(Stop::TimeIsUp) => return nothing(HResult::TIMED_OUT),
                Err(Stop::Failed(error)) => {
                    tracing::warn!(%error, "a query failed");
                    return nothing(hresult(error.status));
                }
            }
        }
        pulled
    }

    /// Passes over up to `count` rows.
    pub(super) async fn skip(&self, timeout: Timeout, count: u32) -> HResult {
        self.pull(timeout, count, &mut |_, _| Ok(0)).await.status
    }

    /// Goes back to the first row: the query runs anew.
    ///
    /// # Errors
    /// `WBEM_E_INVALID_OPERATION` where the result can be read once only.
    pub(super) async fn reset(&self) -> Result<(), HResult> {
        self.check_repeatable()?;
        *self.cursor.lock().await = Cursor::new(self.engine.run(&self.plan), 0);
        Ok(())
    }

    /// A second result at the same place; its query runs for itself.
    ///
    /// # Errors
    /// As [`Enumeration::reset`].
    pub(super) async fn duplicate(&self, share: Share<Name>) -> Result<Self, HResult> {
        self.check_repeatable()?;
        let position = self.cursor.lock().await.position;
        let cursor = Mutex::new(Cursor::new(self.engine.run(&self.plan), position));
        let (engine, plan) = (Arc::clone(&self.engine), Arc::clone(&self.plan));
        Ok(Self { engine, plan, forward_only: false, _share: share, cursor })
    }

    fn check_repeatable(&self) -> Result<(), HResult> {
        if self.forward_only { Err(hresult(WbemStatus::E_INVALID_OPERATION)) } else { Ok(()) }
    }
}

/// Why there is no row now.
enum Stop {
    TimeIsUp,
    Failed(Error),
}

impl Cursor {
    fn new(rows: Rows, position: u64) -> Self {
        Self { rows, position, behind: position, failed: None, layouts: Layouts::default() }
    }

    /// Puts the next row into the answer, which then has the bytes given back; nothing at the end.
    async fn step(&mut self, deadline: Deadline, put: &mut Put<'_>) -> Result<Option<usize>, Stop> {
        if let Some(error) = &self.failed {
            return Err(Stop::Failed(error.clone()));
        }
        loop {
            let next = deadline.within(self.rows.next()).await.ok_or(Stop::TimeIsUp)?;
            let Some(row) = next.map_err(Stop::Failed)? else { return Ok(None) };
            if self.behind > 0 {
                self.behind -= 1;
                continue;
            }
            self.position += 1;
            return put(&mut self.layouts, &row).map(Some).map_err(|error| {
                let message = format!("an instance of {}: {error}", row.class().name());
                let error = Error::new(WbemStatus::E_FAILED, message);
                self.failed = Some(error.clone());
                Stop::Failed(error)
            });
        }
    }
}

/// The layouts of the classes in a result, each worked out once.
#[derive(Default)]
pub(super) struct Layouts(Vec<Arc<Layout>>);

impl Layouts {
    /// The layout of a class.
    pub(super) fn of(&mut self, class: &Arc<Class>) -> Result<Arc<Layout>, EncodeError> {
        let same = |layout: &Arc<Layout>| Arc::ptr_eq(layout.class(), class);
        let equal = |layout: &Arc<Layout>| layout.class() == class;
        let known = self.0.iter().find(|l| same(l)).or_else(|| self.0.iter().find(|l| equal(l)));
        if let Some(layout) = known {
            return Ok(Arc::clone(layout));
        }
        let layout = Arc::new(Layout::new(class)?);
        self.0.push(Arc::clone(&layout));
        Ok(layout)
    }
}
