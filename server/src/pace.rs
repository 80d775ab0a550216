//! How slowly the other side may send or take: a number of bytes must arrive within a time.
//!
//! Only waiting counts. Where the shop itself is slow, nobody is blamed for it.

use axum::body::{Bytes, HttpBody};
use hyper::body::{Frame, SizeHint};
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Sleep;

/// The least pace: each chunk of this many bytes is waited for at most this long. What is shorter as a whole has the same time.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    pub within: Duration,
    pub n_bytes: usize,
}

/// Keeps the time of one direction of one connection.
struct Watch {
    pace: Pace,
    n_bytes: usize,
    waited: Duration,
    /// Since when nothing comes, and when that is over.
    waits: Option<(Instant, Pin<Box<Sleep>>)>,
}

impl Watch {
    fn new(pace: Pace) -> Self {
        Self { pace, n_bytes: 0, waited: Duration::ZERO, waits: None }
    }

    fn moved(&mut self, n_bytes: usize) {
        if let Some((since, _)) = self.waits.take() {
            self.waited += since.elapsed();
        }
        self.n_bytes += n_bytes;
        if self.n_bytes >= self.pace.n_bytes {
            (self.n_bytes, self.waited) = (0, Duration::ZERO);
        }
    }

    /// Ready when the other side has been waited for long enough.
    fn poll_over(&mut self, cx: &mut Context<'_>) -> Poll<io::Error> {
        let left = self.pace.within.saturating_sub(self.waited);
        let (_, sleep) = self.waits.get_or_insert_with(|| (Instant::now(), Box::pin(tokio::time::sleep(left))));
        ready!(sleep.as_mut().poll(cx));
        Poll::Ready(io::Error::new(io::ErrorKind::TimedOut, "the other side is too slow"))
    }
}

/// A request's body that must keep the pace.
pub struct PacedBody<B> {
    body: B,
    watch: Watch,
    is_slow: Arc<AtomicBool>,
}

impl<B> PacedBody<B> {
    /// `is_slow` is set when the body was ended for its pace.
    pub fn new(body: B, pace: Pace, is_slow: Arc<AtomicBool>) -> Self {
        Self { body, watch: Watch::new(pace), is_slow }
    }
}

impl<B: HttpBody<Data = Bytes> + Unpin> HttpBody for PacedBody<B>
where
    B::Error: Into<axum::BoxError>,
{
    type Data = Bytes;
    type Error = axum::BoxError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::BoxError>>> {
        match Pin::new(&mut self.body).poll_frame(cx) {
            Poll::Ready(frame) => {
                let n_bytes = frame.as_ref().and_then(|frame| frame.as_ref().ok()?.data_ref()).map_or(0, Bytes::len);
                self.watch.moved(n_bytes);
                Poll::Ready(frame.map(|frame| frame.map_err(Into::into)))
            }
            Poll::Pending => {
                let error = ready!(self.watch.poll_over(cx));
                self.is_slow.store(true, Ordering::Relaxed);
                Poll::Ready(Some(Err(error.into())))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// A connection whose other side must take what it asked for.
pub struct PacedStream<S> {
    stream: S,
    watch: Watch,
}

impl<S> PacedStream<S> {
    pub fn new(stream: S, pace: Pace) -> Self {
        Self { stream, watch: Watch::new(pace) }
    }

    fn written(&mut self, cx: &mut Context<'_>, written: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        match written {
            Poll::Ready(written) => {
                self.watch.moved(written.as_ref().map_or(0, |n| *n));
                Poll::Ready(written)
            }
            Poll::Pending => Poll::Ready(Err(ready!(self.watch.poll_over(cx)))),
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for PacedStream<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for PacedStream<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.written(cx, written)
    }

    fn poll_write_vectored(mut self: Pin<&mut Self>, cx: &mut Context<'_>, pieces: &[io::IoSlice<'_>]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, pieces);
        self.written(cx, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
