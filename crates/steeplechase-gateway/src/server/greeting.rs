use std::io;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::time::timeout;

/// What a client on HTTP/2 begins with.
const PREFACE: &[u8; 24] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// The first bytes of a client: as many as tell which HTTP it speaks.
#[derive(Clone, Copy, Debug)]
pub(super) struct Greeting {
    bytes: [u8; PREFACE.len()],
    len: u8,
}

/// Which HTTP a client speaks.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Version {
    Http1,
    Http2,
}

impl Greeting {
    /// Waits until a client has told which HTTP it speaks, for at most `limit`.
    ///
    /// # Errors
    ///
    /// The client has not told in time, or has gone.
    pub(super) async fn read(
        io: &mut (impl AsyncRead + Unpin),
        limit: Duration,
    ) -> io::Result<(Self, Version)> {
        let why = "the client has not begun to speak HTTP";
        timeout(limit, Self::read_all(io))
            .await
            .map_err(|_| io::Error::new(io::ErrorKind::TimedOut, why))?
    }

    async fn read_all(io: &mut (impl AsyncRead + Unpin)) -> io::Result<(Self, Version)> {
        let mut greeting = Self {
            bytes: [0; PREFACE.len()],
            len: 0,
        };
        loop {
            let rest = &mut greeting.bytes[usize::from(greeting.len)..];
            match io.read(rest).await? {
                0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                // No more than 24 are asked for.
                count => greeting.len += u8::try_from(count).unwrap_or(0),
            }
            if !PREFACE.starts_with(greeting.bytes()) {
                return Ok((greeting, Version::Http1));
            }
            if greeting.bytes().len() == PREFACE.len() {
                return Ok((greeting, Version::Http2));
            }
        }
    }

    /// What is left of it.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes[..usize::from(self.len)]
    }

    /// Takes the first `count` bytes away, or all.
    pub(super) fn advance(&mut self, count: usize) {
        let count = count.min(self.bytes().len());
        self.bytes.copy_within(count.., 0);
        self.len -= u8::try_from(count).unwrap_or(self.len);
    }
}
