//! Gets a small document from a place that the operator has configured, such as a set of keys.
//!
//! The operator chose the URL, so the address policy for receivers does not apply: the place may be
//! inside the operator's network. What answers is still not trusted with our time or memory: one
//! deadline covers everything, head and body are bounded, nothing is decompressed, and only status
//! 200 counts, so no redirect is followed. A form may also be answered with a refusal that says why.

use std::error::Error;
use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use carehook_core::Secret;
use http::{HeaderValue, Method, Request, Response, StatusCode, header};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper::rt::{Read, Write};
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use url::{Host, Position, Url};

use crate::dial::http1_settings;
use crate::error::DeliverError;
use crate::tls::TlsSettings;

/// A name may have many addresses; the first ones are tried.
const MAX_ADDRESSES_TRIED: u32 = 4;

/// Bounds on what is fetched.
#[derive(Clone, Copy, Debug)]
pub struct FetchLimits {
    /// The one deadline over everything.
    pub timeout: Duration,
    /// The largest document.
    pub max_bytes: usize,
}

/// What is sent along; by default nothing, which fetches a document that anybody may have.
#[derive(Clone, Default)]
pub struct FetchRequest {
    /// A form to post (`application/x-www-form-urlencoded`), in place of reading the document.
    pub form: Option<Secret>,
    /// What proves who asks: the value of the header `authorization`.
    pub authorization: Option<Secret>,
}

/// What was answered.
#[derive(Clone, Debug)]
pub struct Fetched {
    /// 200, or 400 or 401 where a form was refused (RFC 6749, 5.2).
    pub status: u16,
    /// The whole body.
    pub body: Bytes,
}

/// Why a document could not be fetched; for the operator's log.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FetchError {
    #[error("only http and https URLs with a host can be fetched from")]
    Url,
    #[error("what proves who asks holds what no header may hold")]
    Authorization,
    #[error("find the address of the host")]
    Lookup(#[source] io::Error),
    #[error("connect to the host")]
    Connect(#[source] io::Error),
    #[error("agree on TLS with the host")]
    Tls(#[source] io::Error),
    #[error("get an answer from the host")]
    Exchange(#[source] hyper::Error),
    #[error("the host answered with status {0}, not 200")]
    Status(u16),
    #[error("the answer is larger than {0} bytes")]
    TooLarge(usize),
    #[error("there was no whole answer within {0:?}")]
    TimedOut(Duration),
    #[error("prepare the connection")]
    Setup(#[source] DeliverError),
}

/// Fetches a document.
pub(crate) async fn fetch(
    url: &Url,
    request: FetchRequest,
    limits: FetchLimits,
    tls: &TlsSettings,
    user_agent: &HeaderValue,
) -> Result<Fetched, FetchError> {
    let FetchLimits {
        timeout: limit,
        max_bytes,
    } = limits;
    let request = written(url, request, user_agent)?;
    let work = async {
        let stream = connect(url, limit).await?;
        if url.scheme() == "http" {
            return get(TokioIo::new(stream), request, max_bytes).await;
        }
        let stream = secure(url, stream, tls).await?;
        get(TokioIo::new(stream), request, max_bytes).await
    };
    timeout(limit, work)
        .await
        .unwrap_or(Err(FetchError::TimedOut(limit)))
}

fn written(
    url: &Url,
    request: FetchRequest,
    user_agent: &HeaderValue,
) -> Result<Request<Full<Bytes>>, FetchError> {
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
        return Err(FetchError::Url);
    }
    let FetchRequest {
        form,
        authorization,
    } = request;
    let mut builder = Request::builder()
        .uri(&url[Position::BeforePath..Position::AfterQuery])
        .header(
            header::HOST,
            &url[Position::BeforeHost..Position::AfterPort],
        )
        .header(header::USER_AGENT, user_agent)
        .header(header::ACCEPT, "application/json");
    if let Some(proof) = authorization {
        let mut value =
            HeaderValue::try_from(proof.expose()).map_err(|_| FetchError::Authorization)?;
        value.set_sensitive(true);
        builder = builder.header(header::AUTHORIZATION, value);
    }
    let body = if let Some(form) = form {
        let kind = "application/x-www-form-urlencoded";
        builder = builder
            .method(Method::POST)
            .header(header::CONTENT_TYPE, kind);
        Bytes::copy_from_slice(form.expose().as_bytes())
    } else {
        Bytes::new()
    };
    builder.body(Full::new(body)).map_err(|_| FetchError::Url)
}

/// Tries the host's addresses in order, each with its share of the time.
async fn connect(url: &Url, limit: Duration) -> Result<TcpStream, FetchError> {
    let port = url.port_or_known_default().ok_or(FetchError::Url)?;
    let addresses: Vec<SocketAddr> = match url.host().ok_or(FetchError::Url)? {
        Host::Ipv4(address) => vec![(address, port).into()],
        Host::Ipv6(address) => vec![(address, port).into()],
        // The operator's hosts may stand in the hosts file or a search domain of the machine.
        Host::Domain(name) => lookup_host((name, port))
            .await
            .map_err(FetchError::Lookup)?
            .take(MAX_ADDRESSES_TRIED as usize)
            .collect(),
    };
    let share = limit / u32::try_from(addresses.len().max(1)).unwrap_or(MAX_ADDRESSES_TRIED);
    let mut last = io::Error::from(ErrorKind::AddrNotAvailable);
    for address in addresses {
        match timeout(share, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => return Ok(stream),
            Ok(Err(error)) => last = error,
            Err(_) => last = ErrorKind::TimedOut.into(),
        }
    }
    Err(FetchError::Connect(last))
}

async fn secure(
    url: &Url,
    stream: TcpStream,
    tls: &TlsSettings,
) -> Result<TlsStream<TcpStream>, FetchError> {
    let name = match url.host().ok_or(FetchError::Url)? {
        Host::Ipv4(address) => ServerName::IpAddress(address.into()),
        Host::Ipv6(address) => ServerName::IpAddress(address.into()),
        Host::Domain(name) => ServerName::try_from(name.to_owned()).map_err(|_| FetchError::Url)?,
    };
    let shared = tls.config(None).map_err(FetchError::Setup)?;
    let mut config = (*shared).clone();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    TlsConnector::from(Arc::new(config))
        .connect(name, stream)
        .await
        .map_err(FetchError::Tls)
}

async fn get<T>(
    io: T,
    request: Request<Full<Bytes>>,
    max_bytes: usize,
) -> Result<Fetched, FetchError>
where
    T: Read + Write + Unpin,
{
    let (mut sender, connection) = http1_settings()
        .handshake(io)
        .await
        .map_err(FetchError::Exchange)?;
    let answer = receive(&mut sender, request, max_bytes);
    // Both run in this task, so that dropping the fetch cuts the connection off.
    tokio::pin!(answer);
    tokio::select! {
        answer = &mut answer => answer,
        // Whatever ended the connection, the answer knows it, or is already whole.
        _ = connection => answer.await,
    }
}

async fn receive(
    sender: &mut http1::SendRequest<Full<Bytes>>,
    request: Request<Full<Bytes>>,
    max_bytes: usize,
) -> Result<Fetched, FetchError> {
    let is_form = request.method() == Method::POST;
    let response: Response<Incoming> = sender
        .send_request(request)
        .await
        .map_err(FetchError::Exchange)?;
    let status = response.status();
    let says_why = is_form && matches!(status.as_u16(), 400 | 401);
    if status != StatusCode::OK && !says_why {
        return Err(FetchError::Status(status.as_u16()));
    }
    let body = Limited::new(response.into_body(), max_bytes);
    let whole = body.collect().await;
    let whole = whole.map_err(|error| unreadable(error, max_bytes))?;
    Ok(Fetched {
        status: status.as_u16(),
        body: whole.to_bytes(),
    })
}

fn unreadable(error: Box<dyn Error + Send + Sync>, max_bytes: usize) -> FetchError {
    match error.downcast::<hyper::Error>() {
        Ok(error) => FetchError::Exchange(*error),
        // The only other error of a bounded body.
        Err(_) => FetchError::TooLarge(max_bytes),
    }
}
