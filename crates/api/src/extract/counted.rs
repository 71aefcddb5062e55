//! Rate limits: every request with a valid credential is counted once, before anything is done.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use carehook_app::{App, AppError};

use super::access::{NoCaller, source, with_route};
use super::request_error::{ErrorBody, RequestError};

/// Counts a request, and answers it when it is one too many.
///
/// The caller is left for who comes after, so that the credential is checked once. Who has no valid
/// one is not counted: each dialect answers that in its own order. What is left of a limit goes
/// along with the answer.
pub(crate) async fn counted<E: ErrorBody>(
    State(app): State<App>,
    mut request: Request,
    next: Next,
) -> Response {
    let credential = E::credential(request.headers());
    let source = source(request.extensions());
    let caller = match app.caller(credential, source).await {
        Ok(caller) => with_route(caller, request.method(), request.extensions()),
        Err(error) => {
            if matches!(error, AppError::Unauthenticated) {
                request.extensions_mut().insert(NoCaller);
            }
            return next.run(request).await;
        }
    };
    let (mut response, quota) = match app.count_request(&caller, E::DIALECT) {
        Ok(quota) => {
            request.extensions_mut().insert(caller);
            (next.run(request).await, quota)
        }
        Err(AppError::RateLimited(spent)) => {
            let refused = RequestError::App(AppError::RateLimited(spent));
            (E::from(refused).into_response(), Some(spent))
        }
        Err(error) => return E::from(RequestError::App(error)).into_response(),
    };
    if let Some(quota) = quota {
        E::tell_quota(&quota, response.headers_mut());
        response.extensions_mut().insert(quota);
    }
    response
}
