//! The wire to Stripe: requests of async-stripe over connections that stay open.
//!
//! The crate's own client opens a connection for every call, and with it a TLS handshake that a shopper waits for.

use super::{Failure, Sighting};
use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, DATE, HeaderName, HeaderValue, USER_AGENT};
use hyper::{Method, Request, Response, Uri, body::Incoming};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::{Client, Error};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use std::error::Error as _;
use std::fmt::Display;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use stripe_client_core::{CustomizedStripeRequest, RequestBuilder, StripeClient, StripeClientErr, StripeMethod};

/// Longer than Stripe takes as a rule, shorter than a shopper waits.
const TIMEOUT: Duration = Duration::from_secs(20);
/// How long a connection may lie idle: shorter than servers and what stands in between keep one as a rule.
const KEEP_IDLE: Duration = Duration::from_secs(30);

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
const STRIPE_VERSION: HeaderName = HeaderName::from_static("stripe-version");

/// Connections to one Stripe account.
#[derive(Clone)]
pub(super) struct Wire {
    connections: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
    /// Ends without a slash.
    pub(super) base: String,
    authorization: HeaderValue,
    /// What the last answer said of the time.
    sighting: Arc<Mutex<Option<Sighting>>>,
}

impl Wire {
    /// # Errors
    /// For a key that is no header value.
    pub fn new(secret_key: &str, base: &str) -> anyhow::Result<Self> {
        let mut http = HttpConnector::new();
        http.enforce_http(false);
        http.set_nodelay(true);
        let https = HttpsConnectorBuilder::new().with_webpki_roots().https_or_http().enable_http1().enable_http2().wrap_connector(http);
        let mut authorization = HeaderValue::try_from(format!("Bearer {secret_key}"))?;
        authorization.set_sensitive(true);
        Ok(Self {
            connections: Client::builder(TokioExecutor::new())
                .pool_idle_timeout(KEEP_IDLE)
                .pool_timer(TokioTimer::new())
                .timer(TokioTimer::new())
                .build(https),
            base: base.trim_end_matches('/').to_owned(),
            authorization,
            sighting: Arc::default(),
        })
    }

    fn request(&self, request: RequestBuilder, idempotency_key: Option<&str>) -> anyhow::Result<Request<Full<Bytes>>> {
        let query = request.query.map(|query| format!("?{query}")).unwrap_or_default();
        let uri: Uri = format!("{}/v1{}{query}", self.base, request.path).parse()?;
        let mut builder = Request::builder()
            .method(match request.method {
                StripeMethod::Get => Method::GET,
                StripeMethod::Post => Method::POST,
                StripeMethod::Delete => Method::DELETE,
            })
            .uri(uri)
            .header(AUTHORIZATION, self.authorization.clone())
            .header(USER_AGENT, concat!("Weightless/", env!("CARGO_PKG_VERSION")))
            .header(STRIPE_VERSION, stripe_shared::version::VERSION.to_string());
        if let Some(key) = idempotency_key {
            builder = builder.header(IDEMPOTENCY_KEY, key);
        }
        if request.body.is_some() {
            builder = builder.header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        }
        Ok(builder.body(Full::new(Bytes::from(request.body.unwrap_or_default())))?)
    }

    /// Posts to a webhook's address as Stripe would; the status and the beginning of the answer.
    pub async fn call_webhook(&self, url: &str, signature: &str, body: &'static [u8]) -> Result<(u16, Vec<u8>), String> {
        let request = Request::builder().method(Method::POST).uri(url).header("stripe-signature", signature);
        let request = request.header(CONTENT_TYPE, "application/json").body(Full::new(Bytes::from_static(body)));
        let called = async {
            let answer = self.connections.request(request.map_err(|error| error.to_string())?).await.map_err(|error| in_full(&error))?;
            let status = answer.status().as_u16();
            let body = Limited::new(answer.into_body(), 64 * 1024).collect().await.map_err(|error| error.to_string())?.to_bytes();
            Ok((status, body.to_vec()))
        };
        tokio::time::timeout(TIMEOUT, called).await.unwrap_or_else(|_| Err(format!("nothing answers within {} seconds", TIMEOUT.as_secs())))
    }

    /// What Stripe's last answer said of the time.
    pub fn sighting(&self) -> Option<Sighting> {
        *self.sighting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn note_time(&self, answer: &Response<Incoming>, asked: Instant) {
        let date = answer.headers().get(DATE).and_then(|date| date.to_str().ok());
        if let Some(sighting) = date.and_then(|date| Sighting::of_date(date, asked)) {
            *self.sighting.lock().unwrap_or_else(PoisonError::into_inner) = Some(sighting);
        }
    }

    /// Sends a request, and once more where that is harmless: a connection that lay idle may have ended just then.
    async fn send(&self, request: Request<Full<Bytes>>) -> Result<Response<Incoming>, Error> {
        let is_harmless = request.method() == Method::GET || request.headers().contains_key(IDEMPOTENCY_KEY);
        match self.connections.request(request.clone()).await {
            Err(error) if is_harmless && !error.is_connect() => self.connections.request(request).await,
            answer => answer,
        }
    }
}

impl StripeClient for Wire {
    type Err = Failure;

    async fn execute(&self, request: CustomizedStripeRequest) -> Result<Bytes, Failure> {
        let (request, options) = request.into_pieces();
        let key = options.request_strategy.and_then(|strategy| strategy.get_key());
        let request =
            self.request(request, key.as_ref().map(|key| key.as_str())).map_err(|error| Failure::Unreachable(error.to_string()))?;
        let answered = async {
            let asked = Instant::now();
            let answer = self.send(request).await.map_err(|error| Failure::Unreachable(in_full(&error)))?;
            self.note_time(&answer, asked);
            let status = answer.status();
            let body = answer.into_body().collect().await.map_err(|error| Failure::Unreachable(error.to_string()))?.to_bytes();
            if status.is_success() { Ok(body) } else { Err(failure(status.as_u16(), &body)) }
        };
        tokio::time::timeout(TIMEOUT, answered)
            .await
            .unwrap_or_else(|_| Err(Failure::Unreachable(format!("no answer within {} seconds", TIMEOUT.as_secs()))))
    }
}

impl StripeClientErr for Failure {
    // An answer that can't be read says nothing of what happened; asking again with the same key does.
    fn deserialize_err(why: impl Display) -> Self {
        Failure::Unreachable(why.to_string())
    }
}

/// Source: <https://docs.stripe.com/error-low-level>
fn failure(status: u16, body: &[u8]) -> Failure {
    let error = std::str::from_utf8(body).ok().and_then(|text| miniserde::json::from_str::<stripe_shared::Error>(text).ok());
    let Some(stripe_shared::Error { error }) = error else {
        return Failure::Unreachable(format!("status {status} with an answer that is not Stripe's"));
    };
    let message = error.message.unwrap_or_default();
    match status {
        409 | 424 | 429 => Failure::Unreachable(message),
        500.. => Failure::Broken { status, message },
        _ => Failure::Refused { status, code: error.code.map(|code| code.to_string()), message },
    }
}

fn in_full(error: &Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use miniserde::json::Value;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use stripe_client_core::{IdempotencyKey, RequestStrategy};
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    /// A server that hangs up without an answer when a connection asks for the `n`th time; counts its connections.
    async fn server(n_answers: usize) -> (Wire, Arc<AtomicUsize>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let n_connections = Arc::new(AtomicUsize::new(0));
        let counted = n_connections.clone();
        tokio::spawn(async move {
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                counted.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(async move {
                    let mut buffer = [0; 4096];
                    for _ in 0..n_answers {
                        if stream.read(&mut buffer).await.unwrap() == 0 {
                            return;
                        }
                        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}").await.unwrap();
                    }
                    let _last = stream.read(&mut buffer).await;
                });
            }
        });
        (Wire::new("sk_test_1", &format!("http://{address}/")).unwrap(), n_connections)
    }

    async fn call(wire: &Wire, method: StripeMethod, key: Option<&str>) -> Result<Value, Failure> {
        let mut call = RequestBuilder::new(method, "/things").customize();
        if let Some(key) = key {
            call = call.request_strategy(RequestStrategy::Idempotent(IdempotencyKey::new(key).unwrap()));
        }
        call.send(wire).await
    }

    #[tokio::test]
    async fn calls_share_a_connection() {
        let (wire, n_connections) = server(100).await;
        for _ in 0..5 {
            call(&wire, StripeMethod::Get, None).await.unwrap();
        }
        assert_eq!(n_connections.load(Ordering::SeqCst), 1);
    }

    #[tokio::test]
    async fn a_connection_that_ended_meanwhile_costs_another_and_no_answer() {
        let (wire, n_connections) = server(1).await;
        call(&wire, StripeMethod::Get, None).await.unwrap();
        call(&wire, StripeMethod::Get, None).await.unwrap();
        call(&wire, StripeMethod::Post, Some("key")).await.unwrap();
        assert_eq!(n_connections.load(Ordering::SeqCst), 3);
    }

    #[tokio::test]
    async fn what_may_have_been_done_and_has_no_key_is_not_sent_again() {
        let (wire, n_connections) = server(1).await;
        call(&wire, StripeMethod::Get, None).await.unwrap();
        let failure = call(&wire, StripeMethod::Post, None).await.unwrap_err();
        assert!(matches!(failure, Failure::Unreachable(_)), "{failure}");
        assert_eq!(n_connections.load(Ordering::SeqCst), 1);
    }

    #[tokio::test]
    async fn the_key_is_in_no_debug_text() {
        let wire = Wire::new("sk_test_secret", "http://127.0.0.1:9").unwrap();
        let request = wire.request(RequestBuilder::new(StripeMethod::Get, "/things"), None).unwrap();
        assert!(!format!("{request:?}").contains("secret"));
    }
}
