//! Layers that are copied for those requests alone that reach them.
//!
//! A layer of `from_fn` copies all that stands inside of it for each request, needed or not. With a dozen layers, one inside of the
//! other, that is most of what a page out of the cache costs.

use std::sync::Arc;
use std::task::{Context, Poll};
use tower::util::Oneshot;
use tower::{Layer, Service, ServiceExt};

/// Put it between layers: what is inside is copied when it is called.
#[derive(Clone, Copy)]
pub struct OnDemand;

impl<S> Layer<S> for OnDemand {
    type Service = Shared<S>;

    fn layer(&self, inner: S) -> Shared<S> {
        Shared(Arc::new(inner))
    }
}

/// A service that many hold.
pub struct Shared<S>(Arc<S>);

impl<S> Clone for Shared<S> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<S: Service<R> + Clone, R> Service<R> for Shared<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = Oneshot<S, R>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        // Whether the copy is ready is asked of it before it is called.
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: R) -> Self::Future {
        S::clone(&self.0).oneshot(request)
    }
}
