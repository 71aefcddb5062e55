//! Panics in handlers: whoever asked gets an answer, and others on the same connection notice nothing.

use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::Poll;

use axum::Router;
use axum::body::HttpBody;
use axum::response::Response;
use bytes::Bytes;
use carehook_app::AppError;
use http::Request;
use tower::ServiceExt as _;

use crate::extract::RequestError;
use crate::router::refused;

/// Answers a request; when that panics, with a 500 in the words of the dialect that the path belongs
/// to. What the panic said is in no answer and in no log of this: it may hold anything.
pub async fn answer<B>(router: Router, request: Request<B>) -> Response
where
    B: HttpBody<Data = Bytes> + Send + 'static,
    B::Error: Into<axum::BoxError>,
{
    let uri = request.uri().clone();
    let mut answering = pin!(router.oneshot(request));
    let answered = poll_fn(|context| {
        // After a panic it is dropped without being polled again; what handlers share has no state
        // that a panic leaves half changed.
        let polled = catch_unwind(AssertUnwindSafe(|| answering.as_mut().poll(context)));
        match polled {
            Ok(Poll::Pending) => Poll::Pending,
            Ok(Poll::Ready(Ok(response))) => Poll::Ready(Some(response)),
            Err(_) => Poll::Ready(None),
        }
    });
    answered.await.unwrap_or_else(|| {
        let panicked = AppError::Internal("a handler panicked".into());
        refused(&uri, RequestError::App(panicked))
    })
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::routing::get;
    use http::{StatusCode, header};
    use http_body_util::BodyExt as _;

    use super::*;

    const CANARY: &str = "canary4711";

    /// A router whose every path panics with something private, but for one.
    fn router() -> Router {
        let panics = async |uri: http::Uri| -> &'static str { panic!("{CANARY} at {uri}") };
        let later = async || -> &'static str {
            tokio::task::yield_now().await;
            panic!("{CANARY} after a while")
        };
        Router::new()
            .route("/healthy", get(async || "fine"))
            .route("/later", get(later))
            .fallback(panics)
    }

    async fn asked(path: &str) -> (StatusCode, String, String) {
        let request = Request::get(path).body(Body::empty()).unwrap();
        let response = answer(router(), request).await;
        let media = response.headers()[header::CONTENT_TYPE].to_str().unwrap();
        let (status, media) = (response.status(), media.to_owned());
        let body = response.into_body().collect().await.unwrap().to_bytes();
        (status, media, String::from_utf8(body.to_vec()).unwrap())
    }

    #[tokio::test]
    async fn a_panic_is_a_fault_in_the_words_of_each_dialect_without_what_it_said() {
        for (path, expected) in [
            ("/v1/organizations", "application/problem+json"),
            ("/later", "application/problem+json"),
            ("/api-v1/webhooks", "application/json"),
            ("/v1/webhook/list", "application/json"),
            ("/webhook-events", "application/json"),
            ("/api/seed-data/versions", "application/json"),
        ] {
            let (status, media, body) = asked(path).await;
            assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR, "{path}");
            assert!(media.starts_with(expected), "{path}: {media}");
            assert!(!body.contains(CANARY), "{path}: {body}");
        }
    }

    #[tokio::test]
    async fn what_does_not_panic_is_answered_as_ever() {
        let (status, _, body) = asked("/healthy").await;
        assert_eq!((status, body.as_str()), (StatusCode::OK, "fine"));
    }
}
