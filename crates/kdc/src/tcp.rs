//! One KDC over TCP: four bytes of length go before request and answer (RFC 4120 section 7.2.2).

use std::io;
use std::sync::Arc;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use winreach_kerberos::transport::Failure;

use crate::answer::Answer;

/// What an answer may have at most, in bytes. The tickets of Windows stay below 64 KiB
/// (`MaxTokenSize`).
const MAX_ANSWER: usize = 1024 * 1024;
/// The bit of the length that is not length.
const RESERVED: u32 = 1 << 31;

/// Asks once; the caller bounds the time.
pub(crate) async fn ask(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    request: &[u8],
) -> Result<Answer, Failure> {
    let io = |error| Failure::Io(Arc::new(error));
    stream.write_all(&framed(request).map_err(io)?).await.map_err(io)?;
    let prefix = read(&mut stream, 4).await.map_err(io)?;
    let Ok(length) = prefix.as_slice().try_into().map(u32::from_be_bytes) else {
        return Err(Failure::Closed { received: prefix.len() });
    };
    if length & RESERVED != 0 {
        return Err(Failure::Malformed { offset: 0, what: "a length with the reserved bit set" });
    }
    let length = usize::try_from(length).unwrap_or(usize::MAX);
    if length > MAX_ANSWER {
        return Err(Failure::TooLarge { length, limit: MAX_ANSWER });
    }
    let answer = read(&mut stream, length).await.map_err(io)?;
    if answer.len() < length {
        return Err(Failure::Closed { received: answer.len() });
    }
    Answer::read(answer)
}

fn framed(request: &[u8]) -> io::Result<Vec<u8>> {
    let length = u32::try_from(request.len()).ok().filter(|length| length & RESERVED == 0);
    let length = length.ok_or(io::ErrorKind::InvalidInput)?;
    Ok([&length.to_be_bytes(), request].concat())
}

/// As many bytes, or less where the stream ends first. The memory grows with what comes.
async fn read(stream: &mut (impl AsyncRead + Unpin), length: usize) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let length = u64::try_from(length).unwrap_or(u64::MAX);
    stream.take(length).read_to_end(&mut bytes).await?;
    Ok(bytes)
}
