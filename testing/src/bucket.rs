//! A bucket of S3's kind on this machine, with a line to it that breaks when it is told to.

use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use s3s::auth::SimpleAuth;
use s3s::service::S3ServiceBuilder;
use shop::files::{S3FileStore, S3Options};
use std::io;
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};

/// The bucket `goods`, whose objects lie in a folder.
pub struct Bucket {
    pub host: String,
    /// After so many more bytes the line breaks.
    pub n_left: Arc<AtomicUsize>,
}

impl Bucket {
    pub async fn open(folder: &Path) -> Self {
        std::fs::create_dir_all(folder.join("goods")).unwrap();
        let mut service = S3ServiceBuilder::new(s3s_fs::FileSystem::new(folder).unwrap());
        service.set_auth(SimpleAuth::from_single("AKIATEST", "secret"));
        let service = service.build();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let host = listener.local_addr().unwrap().to_string();
        let n_left = Arc::new(AtomicUsize::new(usize::MAX));
        let of_lines = n_left.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (service, line) = (service.clone(), Line { stream, n_left: of_lines.clone() });
                tokio::spawn(async move { Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(line), service).await.ok() });
            }
        });
        Self { host, n_left }
    }

    /// Lets the line break after so many bytes that the bucket sends, once.
    pub fn break_after(&self, n_bytes: usize) {
        self.n_left.store(n_bytes, Ordering::SeqCst);
    }

    /// Whether the line has broken since.
    pub fn has_broken(&self) -> bool {
        self.n_left.load(Ordering::SeqCst) == usize::MAX
    }

    /// The shop's way to it; what it keeps begins with the prefix.
    pub fn store(&self, prefix: &str) -> S3FileStore {
        S3FileStore::new(S3Options {
            bucket: "goods".to_owned(),
            prefix: prefix.to_owned(),
            endpoint: Some(format!("http://{}", self.host)),
            region: "us-east-1".to_owned(),
            access_key_id: "AKIATEST".to_owned(),
            secret_access_key: "secret".to_owned(),
            session_token: None,
        })
    }
}

struct Line {
    stream: TcpStream,
    n_left: Arc<AtomicUsize>,
}

impl AsyncRead for Line {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Line {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let n_left = self.n_left.load(Ordering::SeqCst);
        if n_left == 0 {
            self.n_left.store(usize::MAX, Ordering::SeqCst);
            return Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()));
        }
        let bytes = &bytes[..bytes.len().min(n_left)];
        let written = Pin::new(&mut self.stream).poll_write(cx, bytes);
        if let (Poll::Ready(Ok(n)), true) = (&written, n_left < usize::MAX) {
            self.n_left.fetch_sub(*n, Ordering::SeqCst);
        }
        written
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
