//! A stream between two associations: what came in, what is to go out.

use std::io;

use bytes::{Buf, Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadHalf, WriteHalf};

/// A read asks for this much at first …
const FIRST_READ: usize = 8 * 1024;
/// … and for at most this much once the peer turns out to send more.
const LARGEST_READ: usize = 256 * 1024;

/// Both directions of a stream with their buffers.
pub(crate) struct Wire<S> {
    reader: ReadHalf<S>,
    writer: WriteHalf<S>,
    /// What has arrived and is not yet taken.
    pub(crate) input: BytesMut,
    read_size: usize,
    output: Bytes,
    flushed: bool,
}

/// What [`Wire::progress`] achieved.
#[derive(Debug, PartialEq)]
pub(crate) enum Progress {
    /// More input is there.
    Received,
    /// Some output is gone.
    Sent,
    /// The peer will send nothing more.
    Eof,
}

impl<S: AsyncRead + AsyncWrite> Wire<S> {
    pub(crate) fn new(stream: S) -> Self {
        let (reader, writer) = tokio::io::split(stream);
        Self {
            reader,
            writer,
            input: BytesMut::new(),
            read_size: FIRST_READ,
            output: Bytes::new(),
            flushed: true,
        }
    }

    /// Whether the last output is gone, so that more may be given to [`Wire::send`].
    pub(crate) fn wants_output(&self) -> bool {
        self.output.is_empty()
    }

    /// Whether nothing is on its way out.
    pub(crate) fn is_flushed(&self) -> bool {
        self.flushed
    }

    /// Gives the wire something to send.
    pub(crate) fn send(&mut self, output: Bytes) {
        debug_assert!(self.wants_output());
        self.flushed = false;
        self.output = output;
    }

    /// Reads or writes, whichever is possible first; reads only if `may_read`. Dropping the future
    /// loses nothing.
    pub(crate) async fn progress(&mut self, may_read: bool) -> io::Result<Progress> {
        if self.input.capacity() - self.input.len() < self.read_size / 2 {
            self.input.reserve(self.read_size);
        }
        let room = self.input.capacity() - self.input.len();
        tokio::select! {
            read = self.reader.read_buf(&mut self.input), if may_read => {
                let read = read?;
                if read == room {
                    self.read_size = (2 * self.read_size).min(LARGEST_READ);
                }
                Ok(if read == 0 { Progress::Eof } else { Progress::Received })
            }
            written = write_some(&mut self.writer, &mut self.output), if !self.flushed => {
                self.flushed = written?;
                Ok(Progress::Sent)
            }
            else => std::future::pending().await,
        }
    }

    /// Says goodbye to the peer.
    pub(crate) async fn shutdown(&mut self) -> io::Result<()> {
        self.writer.shutdown().await
    }
}

/// Writes some of `output`, or flushes when it is empty; says whether it was flushed.
async fn write_some(
    writer: &mut (impl AsyncWrite + Unpin),
    output: &mut Bytes,
) -> io::Result<bool> {
    if !output.has_remaining() {
        writer.flush().await?;
        return Ok(true);
    }
    match writer.write_buf(output).await? {
        0 => Err(io::ErrorKind::WriteZero.into()),
        _ => Ok(false),
    }
}
