//! Connections: how many there may be, and how slowly one may send and take.
//!
//! Nothing limits how long an answer takes as a whole: a download may last for hours.

use crate::http::client::ClientIp;
use crate::pace::{Pace, PacedBody, PacedStream};
use anyhow::Context;
use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::StatusCode;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use ipnet::IpNet;
use std::collections::HashMap;
use std::future::Future;
use std::io::ErrorKind;
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tower::ServiceExt;

/// Request line and headers; no browser sends a quarter of it.
const MAX_HEAD_BYTES: usize = 16 * 1024;
/// What one connection reads ahead.
const MAX_BUFFER_BYTES: usize = 64 * 1024;
/// Databases, files, mail and Stripe have descriptors as well.
const FOR_ALL_ELSE: u64 = 256;
/// When no descriptor is left, others end soon; who waits is in the system's queue meanwhile.
const WITHOUT_DESCRIPTORS: Duration = Duration::from_millis(20);

/// Binds an address.
///
/// # Errors
/// Says which address is taken, or may not be used.
pub async fn bind(address: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).await.with_context(|| format!("{address} can't be listened on (is another program using it?)"))
}

/// What one connection, and all of them, may take.
#[derive(Clone, Debug)]
pub struct Limits {
    /// From the end of one request, or the beginning of the connection, to the end of the next one's headers.
    pub head_within: Duration,
    /// The same for proxies of ours: longer than any of them keeps a connection that nobody uses, so that none sends a request
    /// into one that ends.
    pub proxy_head_within: Duration,
    pub body: Pace,
    pub answer: Pace,
    pub n_connections: usize,
    /// By client address; proxies of ours speak for many and are not counted.
    pub n_per_client: usize,
    pub trusted_proxies: Vec<IpNet>,
}

impl Limits {
    /// Room for many people behind one address, and none for one who opens connections for their own sake; as much of it as
    /// the descriptors of this process allow.
    pub fn new(trusted_proxies: Vec<IpNet>, n_descriptors: u64) -> Self {
        let n_connections = n_descriptors.saturating_sub(FOR_ALL_ELSE).clamp(64, 8192) as usize;
        Self {
            head_within: Duration::from_secs(15),
            proxy_head_within: Duration::from_secs(130),
            body: Pace { within: Duration::from_secs(30), n_bytes: 240 * 1024 },
            answer: Pace { within: Duration::from_secs(60), n_bytes: 120 * 1024 },
            n_connections,
            n_per_client: (n_connections / 8).clamp(32, 512),
            trusted_proxies,
        }
    }

    fn is_ours(&self, peer: IpAddr) -> bool {
        self.trusted_proxies.iter().any(|network| network.contains(&peer.to_canonical()))
    }
}

/// Raises how many descriptors this process may have to what the system allows it, and tells how many that are.
pub fn raise_descriptors() -> u64 {
    const ENOUGH: u64 = 65_536;
    const USUAL: u64 = 1024;
    rlimit::increase_nofile_limit(ENOUGH)
        .or_else(|error| {
            tracing::warn!(?error, "the limit of open files could not be raised");
            rlimit::Resource::NOFILE.get_soft()
        })
        .unwrap_or(USUAL)
}

/// Serves until `stop` resolves, then ends when the requests in flight have their answers.
pub async fn serve(listener: TcpListener, router: Router, limits: Limits, stop: impl Future<Output = ()>) {
    let http = |head_within: Duration| {
        let mut http = http1::Builder::new();
        http.timer(TokioTimer::new()).header_read_timeout(head_within);
        http.max_header_size(MAX_HEAD_BYTES).max_buf_size(MAX_BUFFER_BYTES);
        http
    };
    let (for_all, for_proxies) = (http(limits.head_within), http(limits.proxy_head_within));
    // Routes are finished once here instead of at every request.
    let router: Router = router.with_state(());
    let (room, clients, graceful) = (Arc::new(Semaphore::new(limits.n_connections)), Clients::default(), GracefulShutdown::new());
    let mut stop = std::pin::pin!(stop);
    loop {
        // Who finds no room waits in the system's queue.
        let accepted = async {
            let permit = room.clone().acquire_owned().await;
            (accept(&listener).await, permit)
        };
        let ((socket, peer), permit) = tokio::select! {
            accepted = accepted => accepted,
            () = &mut stop => break,
        };
        let Some(place) = clients.take(peer.ip(), &limits) else { continue };
        // Nagle off: small answers would otherwise wait for an acknowledgement.
        if let Err(error) = socket.set_nodelay(true) {
            tracing::debug!(?error, "a connection keeps Nagle's algorithm");
        }
        let (router, pace) = (router.clone(), limits.body);
        let service = service_fn(move |request| answer(router.clone(), pace, peer, request));
        let http = if limits.is_ours(peer.ip()) { &for_proxies } else { &for_all };
        let socket = TokioIo::new(PacedStream::new(socket, limits.answer));
        let connection = graceful.watch(http.serve_connection(socket, service));
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(?error, "a connection ended early");
            }
            drop((place, permit));
        });
    }
    drop(listener);
    graceful.shutdown().await;
}

/// The next connection. What fails is one connection, or the descriptors of the moment, never the listener.
async fn accept(listener: &TcpListener) -> (TcpStream, SocketAddr) {
    const TELL_EVERY: Duration = Duration::from_secs(10);
    let mut told_at: Option<Instant> = None;
    loop {
        match listener.accept().await {
            Ok(accepted) => return accepted,
            // It was ended by the other side before it was ours.
            Err(error) if matches!(error.kind(), ErrorKind::ConnectionAborted | ErrorKind::ConnectionReset | ErrorKind::Interrupted) => {}
            Err(error) => {
                if told_at.is_none_or(|at| at.elapsed() >= TELL_EVERY) {
                    tracing::error!(?error, "no connection can be taken; raise the limit of open files (LimitNOFILE)");
                    told_at = Some(Instant::now());
                }
                tokio::time::sleep(WITHOUT_DESCRIPTORS).await;
            }
        }
    }
}

async fn answer(
    router: Router,
    pace: Pace,
    peer: SocketAddr,
    request: axum::http::Request<Incoming>,
) -> Result<axum::response::Response, std::convert::Infallible> {
    let is_slow = Arc::new(AtomicBool::new(false));
    let mut request = request.map(|body| Body::new(PacedBody::new(body, pace, is_slow.clone())));
    request.extensions_mut().insert(ConnectInfo(peer));
    let mut response = router.oneshot(request).await?;
    // Whoever reads a body knows only that it broke off.
    if is_slow.load(Ordering::Relaxed) && response.status().is_client_error() {
        *response.status_mut() = StatusCode::REQUEST_TIMEOUT;
    }
    Ok(response)
}

/// How many connections each client has.
#[derive(Clone, Default)]
struct Clients(Arc<Mutex<HashMap<IpAddr, usize>>>);

impl Clients {
    /// A place for one more connection; `None` when the client has as many as it may.
    fn take(&self, peer: IpAddr, limits: &Limits) -> Option<Place> {
        if limits.is_ours(peer) {
            return Some(Place(None));
        }
        let client = ClientIp(peer.to_canonical()).bucket();
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let n = counts.entry(client).or_default();
        if *n >= limits.n_per_client {
            return None;
        }
        *n += 1;
        Some(Place(Some((self.clone(), client))))
    }
}

/// One connection of a client; given back when dropped.
struct Place(Option<(Clients, IpAddr)>);

impl Drop for Place {
    fn drop(&mut self) {
        let Some((clients, client)) = &self.0 else { return };
        let mut counts = clients.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(n) = counts.get_mut(client) {
            *n -= 1;
            if *n == 0 {
                counts.remove(client);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::Method;
    use axum::routing::{get, post};
    use futures::StreamExt;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpStream;
    use tokio::sync::oneshot;

    fn patient() -> Limits {
        Limits::new(Vec::new(), 1024)
    }

    /// A pace that is soon missed.
    fn brief() -> Pace {
        Pace { within: Duration::from_millis(50), n_bytes: 1000 }
    }

    async fn start(limits: Limits) -> (SocketAddr, oneshot::Sender<()>, tokio::task::JoinHandle<()>) {
        let slow = || async {
            let pieces = futures::stream::iter(0..5).then(|_| async {
                tokio::time::sleep(Duration::from_millis(60)).await;
                Ok::<_, std::io::Error>("piece")
            });
            Body::from_stream(pieces)
        };
        let echo = |method: Method, ConnectInfo(peer): ConnectInfo<SocketAddr>, body: String| async move {
            format!("{method} {} {body}", peer.ip())
        };
        let slowly = |body: Body| async move {
            let (mut body, mut n) = (body.into_data_stream(), 0);
            while let Some(piece) = body.next().await {
                n += piece.unwrap().len();
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            n.to_string()
        };
        let endless = || async { Body::from_stream(futures::stream::repeat_with(|| Ok::<_, std::io::Error>(vec![b'a'; 64 * 1024]))) };
        let router = Router::new().route("/slow", get(slow)).route("/echo", post(echo));
        let router = router.route("/slowly", post(slowly)).route("/endless", get(endless));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        let server = tokio::spawn(serve(listener, router, limits, async move { drop(stopped.await) }));
        (address, stop, server)
    }

    async fn say(address: SocketAddr, text: &str) -> TcpStream {
        let mut socket = TcpStream::connect(address).await.unwrap();
        socket.write_all(text.as_bytes()).await.unwrap();
        socket
    }

    /// All that comes until the other side ends the connection.
    async fn heard(mut socket: TcpStream) -> String {
        let mut text = Vec::new();
        // A reset is an end as well.
        let _reset = socket.read_to_end(&mut text).await;
        String::from_utf8_lossy(&text).into_owned()
    }

    const ECHO: &str = "POST /echo HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\n\r\n";

    #[tokio::test]
    async fn who_never_ends_his_headers_is_left() {
        let (address, _stop, _) = start(Limits { head_within: Duration::from_millis(50), ..patient() }).await;
        for text in ["", "POST /echo HTTP/1.1\r\nhost:"] {
            heard(say(address, text).await).await;
        }
    }

    #[tokio::test]
    async fn who_asks_nothing_more_is_left() {
        let (address, _stop, _) = start(Limits { head_within: Duration::from_millis(50), ..patient() }).await;
        let answer = heard(say(address, &format!("{ECHO}hello")).await).await;
        assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("POST 127.0.0.1 hello"), "{answer}");
    }

    #[tokio::test]
    async fn who_never_ends_his_body_is_left() {
        let (address, _stop, _) = start(Limits { body: brief(), ..patient() }).await;
        let answer = heard(say(address, &format!("{ECHO}he")).await).await;
        assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
    }

    #[tokio::test]
    async fn who_sends_his_body_byte_by_byte_is_left() {
        let (address, _stop, _) = start(Limits { body: brief(), ..patient() }).await;
        let mut socket = say(address, &ECHO.replace(" 5", " 500000")).await;
        let mut answer = Vec::new();
        // Until the other side has had enough; no byte is late by itself.
        while answer.is_empty() {
            let _closed = socket.write_all(b"a").await;
            let _nothing_yet = tokio::time::timeout(Duration::from_millis(5), socket.read_buf(&mut answer)).await;
        }
        assert!(answer.starts_with(b"HTTP/1.1 408"), "{}", String::from_utf8_lossy(&answer));
    }

    #[tokio::test]
    async fn a_body_may_wait_for_those_who_read_it() {
        let (address, _stop, _) = start(Limits { body: brief(), ..patient() }).await;
        let body = "a".repeat(400_000);
        let head = format!("POST /slowly HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-length: {}\r\n\r\n", body.len());
        let answer = heard(say(address, &format!("{head}{body}")).await).await;
        assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("400000"), "{answer}");
    }

    #[tokio::test]
    async fn who_does_not_take_what_he_asked_for_is_left() {
        let (address, stop, server) = start(Limits { answer: brief(), ..patient() }).await;
        let _silent = say(address, "GET /endless HTTP/1.1\r\nhost: a\r\n\r\n").await;
        stop.send(()).unwrap();
        // It ends only when that answer has.
        server.await.unwrap();
    }

    #[tokio::test]
    async fn a_proxy_of_ours_may_keep_a_connection_that_nobody_uses() {
        let head_within = Duration::from_millis(50);
        let limits = Limits { head_within, trusted_proxies: vec!["127.0.0.0/8".parse().unwrap()], ..patient() };
        let (address, _stop, _) = start(limits).await;
        let mut socket = say(address, &format!("{ECHO}hello")).await;
        tokio::time::sleep(4 * head_within).await;
        socket.write_all(format!("{}again", ECHO.replace("host", "connection: close\r\nhost")).as_bytes()).await.unwrap();
        let answer = heard(socket).await;
        assert!(answer.contains("hello") && answer.ends_with("again"), "{answer}");
    }

    #[test]
    fn there_are_no_more_connections_than_descriptors() {
        let of = |n: u64| (Limits::new(Vec::new(), n).n_connections, Limits::new(Vec::new(), n).n_per_client);
        assert_eq!((of(1024), of(65_536)), ((768, 96), (8192, 512)));
        assert_eq!(of(0), (64, 32));
    }

    #[tokio::test]
    async fn an_answer_may_take_longer_than_any_silence() {
        let short = Duration::from_millis(50);
        let (address, _stop, _) = start(Limits { head_within: short, body: brief(), answer: brief(), ..patient() }).await;
        let answer = heard(say(address, "GET /slow HTTP/1.1\r\nhost: a\r\n\r\n").await).await;
        assert_eq!(answer.matches("piece").count(), 5, "{answer}");
    }

    #[tokio::test]
    async fn one_client_has_so_many_connections_and_a_proxy_more() {
        let one = Limits { n_per_client: 1, ..patient() };
        let (address, _stop, _) = start(one.clone()).await;
        let first = say(address, ECHO).await;
        assert_eq!(heard(say(address, "").await).await, "", "a second one is ended at once");
        drop(first);
        let (address, _stop, _) = start(Limits { trusted_proxies: vec!["127.0.0.0/8".parse().unwrap()], ..one }).await;
        let _first = say(address, ECHO).await;
        let answer = heard(say(address, &format!("{}hello", ECHO.replace("host", "connection: close\r\nhost"))).await).await;
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    }

    #[tokio::test]
    async fn who_finds_no_room_waits_until_there_is_some() {
        let (address, _stop, _) = start(Limits { n_connections: 1, head_within: Duration::from_millis(50), ..patient() }).await;
        let _silent = say(address, "").await;
        let answer = heard(say(address, &format!("{ECHO}hello")).await).await;
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    }

    #[tokio::test]
    async fn what_is_in_flight_at_the_end_is_finished() {
        let (address, stop, server) = start(patient()).await;
        let mut busy = say(address, "GET /slow HTTP/1.1\r\nhost: a\r\n\r\n").await;
        let idle = say(address, "").await;
        let mut first = [0];
        busy.read_exact(&mut first).await.unwrap();
        stop.send(()).unwrap();
        assert_eq!(heard(busy).await.matches("piece").count(), 5);
        assert_eq!(heard(idle).await, "");
        server.await.unwrap();
        assert!(TcpStream::connect(address).await.is_err());
    }
}
