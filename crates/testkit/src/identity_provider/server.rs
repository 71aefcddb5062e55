//! The HTTP server of an identity provider.

use std::convert::Infallible;
use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use parking_lot::Mutex;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::Route;
use super::pages::Pages;
use crate::Answer;

pub(super) async fn accept(
    listener: TcpListener,
    pages: Arc<Mutex<Pages>>,
    stop: CancellationToken,
    tasks: TaskTracker,
) {
    while let Some(accepted) = stop.run_until_cancelled(listener.accept()).await {
        let Ok((stream, _)) = accepted else { continue };
        let (pages, stop) = (Arc::clone(&pages), stop.clone());
        tasks.spawn(async move {
            let service = service_fn(|request| answer(Arc::clone(&pages), &stop, request));
            let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
            // A client that goes away is nothing to complain about.
            let _ = stop.run_until_cancelled(connection).await;
        });
    }
}

async fn answer(
    pages: Arc<Mutex<Pages>>,
    stop: &CancellationToken,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let (head, body) = request.into_parts();
    let Some(route) = route(head.uri.path()) else {
        return Ok(Answer::status(404).into_response());
    };
    let Ok(body) = body.collect().await else {
        return Ok(Answer::status(400).into_response());
    };
    let answer = {
        let pages = &mut *pages.lock();
        *pages.asked.entry(route).or_default() += 1;
        if pages.conduct.hanging == Some(route) {
            None
        } else if let Some(instead) = pages.conduct.instead.get(&route) {
            Some(instead.clone())
        } else {
            Some(match route {
                Route::Discovery => pages.discovery(),
                Route::Authorization => {
                    let url = format!("http://provider{}", head.uri);
                    let place = pages.authorize(&url);
                    Answer::status(303).header("location", &place)
                }
                Route::Token => pages.token(&head.headers, &body.to_bytes()),
                Route::Keys => pages.keys(),
                Route::UserInfo => pages.user_info(&head.headers),
            })
        }
    };
    let Some(answer) = answer else {
        stop.cancelled().await;
        return Ok(Answer::status(503).into_response());
    };
    Ok(answer.into_response())
}

fn route(path: &str) -> Option<Route> {
    match path.strip_prefix("/realm")? {
        "/.well-known/openid-configuration" => Some(Route::Discovery),
        "/authorize" => Some(Route::Authorization),
        "/token" => Some(Route::Token),
        "/keys" => Some(Route::Keys),
        "/userinfo" => Some(Route::UserInfo),
        _ => None,
    }
}
