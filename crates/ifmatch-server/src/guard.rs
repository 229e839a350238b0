//! What surrounds every handler: a line in the log, and a net under bugs.

use crate::problem::Fault;
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::task::Poll;

/// Turns a panic of a handler into a 500 and logs every request. The query is left out of the log:
/// it may name persons.
pub(crate) async fn guard(request: Request, next: Next) -> Response {
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let mut running = std::pin::pin!(next.run(request));
    let caught = std::future::poll_fn(|context| {
        // A handler that panicked is dropped and not polled again; what it shared is behind locks
        // that are whole after every step.
        match catch_unwind(AssertUnwindSafe(|| running.as_mut().poll(context))) {
            Ok(poll) => poll.map(Ok),
            Err(panic) => Poll::Ready(Err(panic)),
        }
    });
    let response = match caught.await {
        Ok(response) => response,
        Err(panic) => Fault::Internal { cause: words(panic.as_ref()) }.into_response(),
    };
    tracing::debug!(%method, path, status = response.status().as_u16(), "answered");
    response
}

fn words(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("a panic without words").to_owned()
}

#[cfg(test)]
mod tests {
    //! Behaviour of the net under bugs.

    use super::*;
    use axum::Router;
    use axum::routing::get;
    use tower::ServiceExt;

    #[tokio::test]
    async fn a_panic_is_a_500_that_tells_nothing() {
        async fn bug() -> &'static str {
            panic!("the secret is 42")
        }
        let router: Router = Router::new().route("/", get(bug)).layer(axum::middleware::from_fn(guard));
        let request = http::Request::get("/").body(axum::body::Body::empty()).unwrap();
        let response = router.oneshot(request).await.unwrap();
        assert_eq!(response.status(), 500);
        let body = axum::body::to_bytes(response.into_body(), 4096).await.unwrap();
        let body = String::from_utf8(body.to_vec()).unwrap();
        assert!(body.contains("\"internal\"") && !body.contains("42"), "{body}");
    }
}
