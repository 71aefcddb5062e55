//! Files that are made part by part while they are sent.

use axum::body::Body;
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use carehook_app::AppError;
use futures_util::{Stream, StreamExt as _, stream};
use http::header;

/// Answers with a file. `name` is what it is saved as, of characters that are harmless in a quoted
/// string.
///
/// # Errors
/// Those of the first part, which is made before the answer begins: so refusals are pages. A later
/// one breaks the answer off, so that nobody takes a part for the whole.
pub(crate) async fn download(
    name: &str,
    kind: &'static str,
    parts: impl Stream<Item = Result<Bytes, AppError>> + Send + 'static,
) -> Result<Response, AppError> {
    // Whoever compresses asks once more after the end, which not every stream stands.
    let mut parts = Box::pin(parts.fuse());
    let first = parts.next().await.transpose()?;
    let all = stream::iter(first.map(Ok)).chain(parts);
    let headers = [
        (header::CONTENT_TYPE, kind.to_owned()),
        (
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"{name}\""),
        ),
    ];
    Ok((headers, Body::from_stream(all)).into_response())
}
