//! Reading the rows of a result, batch by batch.

use std::sync::Arc;

use futures_util::stream;
use tokio::time::Instant;
use uuid::Uuid;
use winreach_cim::WbemStatus;
use winreach_dcom::Status;
use winreach_dcom::client::Proxy;
use winreach_wmi_proto::{HResult, enumerator, iid, smart};
use winreach_wmio::{ClassMap, ObjectArray, PacketObject};

use crate::enumeration::{Enumeration, Pace, patience};
use crate::error::Cause;
use crate::invoke::invoke;
use crate::row::Row;
use crate::session::Session;

/// What a round trip brought.
#[derive(Default)]
pub(crate) struct Chunk {
    pub(crate) rows: Vec<Row>,
    /// A status of success that has something to say.
    pub(crate) notice: Option<WbemStatus>,
}

/// The rows of an enumerator. One that is dropped lets go of what it holds on the server.
pub(crate) struct Reader {
    /// Nothing where all has been read.
    way: Option<Way>,
    turn: Turn,
    pace: Pace,
    classes: ClassMap,
    deadline: Instant,
    /// What went wrong after the rows that were handed out last.
    failed: Option<Cause>,
    /// The namespace stays open as long as the result does.
    _session: Arc<Session>,
}

/// By which interface rows come.
enum Way {
    /// `IEnumWbemClassObject`.
    Plain(Proxy),
    /// `IWbemWCOSmartEnum`, and as whom it knows us.
    Smart(Proxy, Uuid),
}

/// When to turn to smart enumeration.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Turn {
    Now,
    /// When there is more than came at first.
    WhenFull,
    Never,
}

/// What a call brought.
struct Arrival {
    rows: Vec<Row>,
    bytes: usize,
    status: HResult,
    /// Why there are not all the rows that there should be.
    broken: Option<Cause>,
}

impl Reader {
    pub(crate) fn new(
        session: Arc<Session>,
        enumerator: Proxy,
        enumeration: Enumeration,
        deadline: Instant,
    ) -> Self {
        Self {
            way: Some(Way::Plain(enumerator)),
            turn: match enumeration {
                Enumeration::Auto => Turn::WhenFull,
                Enumeration::Plain => Turn::Never,
                Enumeration::Smart => Turn::Now,
            },
            pace: Pace::first(),
            classes: ClassMap::new(),
            deadline,
            failed: None,
            _session: session,
        }
    }

    /// The chunks, one after the other. After an error there are no more.
    pub(crate) fn into_stream(self) -> impl stream::Stream<Item = Result<Chunk, Cause>> + Send {
        stream::unfold(Some(self), |reader| async move {
            let mut reader = reader?;
            match reader.chunk().await.transpose()? {
                Ok(chunk) => Some((Ok(chunk), Some(reader))),
                Err(cause) => Some((Err(cause), None)),
            }
        })
    }

    /// The next rows; nothing at the end.
    async fn chunk(&mut self) -> Result<Option<Chunk>, Cause> {
        loop {
            if let Some(cause) = self.failed.take() {
                return Err(cause);
            }
            if self.turn == Turn::Now {
                self.turn_smart().await?;
            }
            let Some(way) = &self.way else { return Ok(None) };
            let asked = self.pace.count();
            let arrival = way.next(asked, &mut self.classes, self.deadline).await?;
            let notice = self.conclude(&arrival, asked);
            if arrival.broken.is_some() {
                (self.way, self.failed) = (None, arrival.broken);
            }
            if !arrival.rows.is_empty() || notice.is_some() {
                return Ok(Some(Chunk { rows: arrival.rows, notice }));
            }
        }
    }

    /// Draws the conclusions from what came: whether it is the end, and how to go on.
    fn conclude(&mut self, arrival: &Arrival, asked: u32) -> Option<WbemStatus> {
        let count = arrival.rows.len();
        let full = u32::try_from(count).is_ok_and(|count| count >= asked);
        self.pace.learn(count, arrival.bytes);
        if full && self.turn == Turn::WhenFull {
            self.turn = Turn::Now;
        }
        match arrival.status {
            HResult::TIMED_OUT => None,
            HResult::OK => {
                if count == 0 {
                    self.way = None;
                    self.failed = Some(Cause::Protocol("neither rows nor an end of them"));
                }
                None
            }
            HResult::FALSE => {
                self.way = None;
                None
            }
            HResult(other) => {
                if !full {
                    self.way = None;
                }
                Some(WbemStatus(other))
            }
        }
    }

    /// From the enumerator to its smart form, where it has one.
    ///
    /// Source: `[MS-WMI] 3.2.4.2.8`.
    async fn turn_smart(&mut self) -> Result<(), Cause> {
        self.turn = Turn::Never;
        let Some(Way::Plain(enumerator)) = &self.way else { return Ok(()) };
        let fetcher = match enumerator.query_interface(iid::FETCH_SMART_ENUM, self.deadline).await {
            Ok(fetcher) => fetcher,
            Err(error) if error.status() == Some(Status::E_NOINTERFACE) => return Ok(()),
            Err(error) => return Err(error.into()),
        };
        let reference = invoke(&fetcher, &smart::GetSmartEnum {}, self.deadline).await?.out;
        let reference = reference.ok_or(Cause::Protocol("a success without a smart enumerator"))?;
        self.way = Some(Way::Smart(fetcher.adopt(&reference)?, Uuid::new_v4()));
        self.pace = Pace::blind();
        Ok(())
    }
}

impl Way {
    async fn next(
        &self,
        count: u32,
        classes: &mut ClassMap,
        deadline: Instant,
    ) -> Result<Arrival, Cause> {
        let timeout = patience(deadline);
        match self {
            Self::Plain(enumerator) => {
                let request = enumerator::Next { timeout, count };
                let response = invoke(enumerator, &request, deadline).await?;
                let objects = response.out.objects;
                let bytes = objects.iter().map(|object| object.0.len()).sum();
                let rows = objects.into_iter().map(|object| classes.decode_unit(object.0));
                Ok(Arrival::gather(rows, bytes, response.status))
            }
            Self::Smart(enumerator, reader) => {
                let request = smart::Next { proxy: *reader, timeout, count };
                let response = invoke(enumerator, &request, deadline).await?;
                let smart::Packet { returned, objects } = response.out;
                let bytes = objects.len();
                if objects.is_empty() && returned == 0 {
                    return Ok(Arrival::gather([], 0, response.status));
                }
                let mut packet = ObjectArray::decode(objects)?;
                if packet.remaining() != returned {
                    return Err(Cause::Protocol("another number of rows than was announced"));
                }
                let rows = std::iter::from_fn(|| packet.next(classes));
                Ok(Arrival::gather(rows, bytes, response.status))
            }
        }
    }
}

impl Arrival {
    /// The rows up to the first that cannot be read.
    fn gather(
        rows: impl IntoIterator<Item = Result<PacketObject, winreach_wmio::Error>>,
        bytes: usize,
        status: HResult,
    ) -> Self {
        let mut arrival = Self { rows: Vec::new(), bytes, status, broken: None };
        for row in rows {
            match row {
                Ok(row) => arrival.rows.push(row.into()),
                Err(error) => {
                    arrival.broken = Some(error.into());
                    break;
                }
            }
        }
        arrival
    }
}
