//! Rows as they arrive.

use std::fmt;
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::vec;

use futures_core::Stream;
use serde::de::DeserializeOwned;
use winreach_cim::WbemStatus;

use crate::reader::Chunk;
use crate::{Error, Row};

/// Rows as they arrive from somewhere.
type Chunks = Pin<Box<dyn Stream<Item = Result<Chunk, Error>> + Send>>;

/// The rows of a result, in the order in which the server has them.
///
/// While the rows of a batch are read the next batch is under way; there are never more than two,
/// however long the result is. After an error, or the last row, there is nothing more. Dropping the
/// stream gives the result up: the server hears of it and stops.
///
/// ```no_run
/// # use winreach_wmi::{Error, Services};
/// use futures_util::StreamExt as _;
///
/// # async fn example(services: Services) -> Result<(), Error> {
/// let mut rows = services.query("SELECT Name, State FROM Win32_Service").await?;
/// while let Some(row) = rows.next().await {
///     let row = row?;
///     println!("{:?} is {:?}", row.get("Name")?, row.get("State")?);
/// }
/// # Ok(())
/// # }
/// ```
pub struct RowStream {
    /// Nothing after the end.
    chunks: Option<Chunks>,
    /// A chunk that was asked for in advance and is already there.
    ahead: Option<Result<Chunk, Error>>,
    current: vec::IntoIter<Row>,
    notice: Option<WbemStatus>,
}

impl RowStream {
    pub(crate) fn new(chunks: Chunks) -> Self {
        let current = Vec::new().into_iter();
        Self { chunks: Some(chunks), ahead: None, current, notice: None }
    }

    /// The next row; nothing at the end.
    ///
    /// # Errors
    /// When the server reports a failure, the deadline passes, or the connection breaks. Rows that
    /// came before have been handed out.
    pub async fn next(&mut self) -> Option<Result<Row, Error>> {
        std::future::poll_fn(|cx| Pin::new(&mut *self).poll_next(cx)).await
    }

    /// The rows that are next, as many as came together; nothing at the end. It spares the handling
    /// of each row.
    ///
    /// # Errors
    /// As [`RowStream::next`].
    pub async fn next_batch(&mut self) -> Option<Result<Vec<Row>, Error>> {
        if self.current.len() == 0
            && let Err(error) = std::future::poll_fn(|cx| self.poll_refill(cx)).await?
        {
            return Some(Err(error));
        }
        Some(Ok(std::mem::take(&mut self.current).collect()))
    }

    /// All rows that are still to come.
    ///
    /// # Errors
    /// As [`RowStream::next`]; the rows before the error are lost then.
    pub async fn collect(mut self) -> Result<Vec<Row>, Error> {
        let mut rows = Vec::new();
        while let Some(batch) = self.next_batch().await {
            rows.extend(batch?);
        }
        Ok(rows)
    }

    /// What the server remarked on the result so far, such as
    /// [`WbemStatus::S_PARTIAL_RESULTS`]: nothing nearly always.
    pub fn notice(&self) -> Option<WbemStatus> {
        self.notice
    }

    /// Gets one row at least into `current`.
    fn poll_refill(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<(), Error>>> {
        while self.current.len() == 0 {
            let chunk = match (self.ahead.take(), &mut self.chunks) {
                (Some(chunk), _) => Some(chunk),
                (None, Some(chunks)) => ready!(chunks.as_mut().poll_next(cx)),
                (None, None) => None,
            };
            let chunk = match chunk {
                Some(Ok(chunk)) => chunk,
                end => {
                    // Whatever the server still holds goes now.
                    self.chunks = None;
                    return Poll::Ready(end.map(|end| end.map(drop)));
                }
            };
            self.notice = chunk.notice.or(self.notice);
            self.current = chunk.rows.into_iter();
            self.prefetch(cx);
        }
        Poll::Ready(Some(Ok(())))
    }

    /// Asks for the next chunk; its answer wakes whoever waits then.
    fn prefetch(&mut self, cx: &mut Context<'_>) {
        if let Some(chunks) = &mut self.chunks {
            match chunks.as_mut().poll_next(cx) {
                Poll::Ready(Some(ahead)) => self.ahead = Some(ahead),
                Poll::Ready(None) => self.chunks = None,
                Poll::Pending => {}
            }
        }
    }
}

impl Stream for RowStream {
    type Item = Result<Row, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.current.len() == 0
            && let Some(Err(error)) = ready!(self.poll_refill(cx))
        {
            return Poll::Ready(Some(Err(error)));
        }
        Poll::Ready(self.current.next().map(Ok))
    }
}

impl fmt::Debug for RowStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RowStream")
            .field("at_hand", &self.current.len())
            .field("ended", &self.chunks.is_none())
            .finish_non_exhaustive()
    }
}

/// The rows of a result as values of a Rust type, one for each instance.
///
/// What [`RowStream`] says holds here too. A row that does not fit the type is an error; the rows
/// after it follow.
pub struct TypedStream<T> {
    rows: RowStream,
    row: PhantomData<fn() -> T>,
}

impl<T: DeserializeOwned> TypedStream<T> {
    pub(crate) fn new(rows: RowStream) -> Self {
        Self { rows, row: PhantomData }
    }

    /// The next value; nothing at the end.
    ///
    /// # Errors
    /// As [`RowStream::next`], and when the row does not fit the type.
    pub async fn next(&mut self) -> Option<Result<T, Error>> {
        Some(self.rows.next().await?.and_then(|row| row.deserialize()))
    }

    /// All values that are still to come.
    ///
    /// # Errors
    /// As [`TypedStream::next`]; the values before the error are lost then.
    pub async fn collect(self) -> Result<Vec<T>, Error> {
        self.rows.collect().await?.iter().map(Row::deserialize).collect()
    }
}

impl<T: DeserializeOwned> Stream for TypedStream<T> {
    type Item = Result<T, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let row = ready!(Pin::new(&mut self.rows).poll_next(cx));
        Poll::Ready(row.map(|row| row?.deserialize()))
    }
}

impl<T> fmt::Debug for TypedStream<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("TypedStream").field(&self.rows).finish()
    }
}
