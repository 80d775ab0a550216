//! Connections: how many there may be, and how long one may keep silent.
//!
//! Nothing limits how long an answer takes as a whole: a download may last for hours.

use crate::http::client::ClientIp;
use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::serve::Listener;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use ipnet::IpNet;
use std::collections::HashMap;
use std::future::Future;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tower::ServiceExt;
use tower_http::timeout::TimeoutBody;

/// Request line and headers; no browser sends a quarter of it.
const MAX_HEAD_BYTES: usize = 16 * 1024;
/// What one connection reads ahead.
const MAX_BUFFER_BYTES: usize = 64 * 1024;

/// What one connection, and all of them, may take.
#[derive(Clone, Debug)]
pub struct Limits {
    /// From the end of one request, or the beginning of the connection, to the end of the next one's headers.
    pub head_within: Duration,
    /// Between two pieces of a request's body.
    pub body_pause: Duration,
    pub n_connections: usize,
    /// By client address; proxies of ours speak for many and are not counted.
    pub n_per_client: usize,
    pub trusted_proxies: Vec<IpNet>,
}

impl Limits {
    /// Room for many people behind one address, and none for one who opens connections for their own sake.
    pub fn new(trusted_proxies: Vec<IpNet>) -> Self {
        Self {
            head_within: Duration::from_secs(15),
            body_pause: Duration::from_secs(30),
            n_connections: 8192,
            n_per_client: 512,
            trusted_proxies,
        }
    }
}

/// Serves until `stop` resolves, then ends when the requests in flight have their answers.
pub async fn serve(mut listener: TcpListener, router: Router, limits: Limits, stop: impl Future<Output = ()>) {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(limits.head_within);
    http.max_header_size(MAX_HEAD_BYTES).max_buf_size(MAX_BUFFER_BYTES);
    // Routes are finished once here instead of at every request.
    let router: Router = router.with_state(());
    let (room, clients, graceful) = (Arc::new(Semaphore::new(limits.n_connections)), Clients::default(), GracefulShutdown::new());
    let mut stop = std::pin::pin!(stop);
    loop {
        // Who finds no room waits in the system's queue.
        let accepted = async {
            let permit = room.clone().acquire_owned().await;
            (Listener::accept(&mut listener).await, permit)
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
        let (router, body_pause) = (router.clone(), limits.body_pause);
        let service = service_fn(move |request: axum::http::Request<Incoming>| {
            let mut request = request.map(|body| Body::new(TimeoutBody::new(body_pause, body)));
            request.extensions_mut().insert(ConnectInfo(peer));
            router.clone().oneshot(request)
        });
        let connection = graceful.watch(http.serve_connection(TokioIo::new(socket), service));
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

/// How many connections each client has.
#[derive(Clone, Default)]
struct Clients(Arc<Mutex<HashMap<IpAddr, usize>>>);

impl Clients {
    /// A place for one more connection; `None` when the client has as many as it may.
    fn take(&self, peer: IpAddr, limits: &Limits) -> Option<Place> {
        let peer = peer.to_canonical();
        if limits.trusted_proxies.iter().any(|network| network.contains(&peer)) {
            return Some(Place(None));
        }
        let client = ClientIp(peer).bucket();
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
    use std::net::SocketAddr;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpStream;
    use tokio::sync::oneshot;

    fn patient() -> Limits {
        Limits::new(Vec::new())
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
        let router = Router::new().route("/slow", get(slow)).route("/echo", post(echo));
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
        let (address, _stop, _) = start(Limits { body_pause: Duration::from_millis(50), ..patient() }).await;
        let answer = heard(say(address, &format!("{ECHO}he")).await).await;
        assert!(answer.starts_with("HTTP/1.1 4"), "{answer}");
    }

    #[tokio::test]
    async fn an_answer_may_take_longer_than_any_silence() {
        let short = Duration::from_millis(50);
        let (address, _stop, _) = start(Limits { head_within: short, body_pause: short, ..patient() }).await;
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
