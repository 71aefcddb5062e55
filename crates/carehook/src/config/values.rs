//! The forms of settings as text, and what is said about a wrong one.

use std::net::{IpAddr, SocketAddr};

use carehook_app::TokenSecret;
use carehook_core::{RetryPolicy, RetryPolicyError, Secret};
use carehook_deliver::PlainHttp;
use carehook_engine::{MailServer, MailServerError};
use carehook_store::MasterKey;
use ipnet::IpNet;
use url::Url;

pub(super) fn address(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| {
        format!("`{text}` is not an address and port such as 127.0.0.1:8080 or 0.0.0.0:8080")
    })
}

/// The key is sent in a header, which cannot carry everything; its text is not shown.
pub(super) fn operator_key(text: &str) -> Result<Secret, &'static str> {
    // Files of secrets often end with a line feed.
    let text = text.trim();
    if text.bytes().all(|byte| byte.is_ascii_graphic()) {
        Ok(Secret::new(text))
    } else {
        Err("a key consists of visible ASCII characters without blanks")
    }
}

pub(super) fn master_key(text: &str) -> Result<MasterKey, String> {
    MasterKey::from_base64(text)
        .map_err(|error| format!("{error}; make one with `head -c 32 /dev/urandom | base64`"))
}

/// Every program that signs or checks tokens has to use the same bytes, so the text is the key as it
/// stands, base64 or not.
pub(super) fn token_secret(text: &str) -> Result<TokenSecret, String> {
    // Files of secrets often end with a line feed.
    TokenSecret::try_new(Secret::new(text.trim()))
        .map_err(|error| format!("{error}; make one with `head -c 32 /dev/urandom | base64`"))
}

/// Networks in CIDR form, separated by commas; an address alone stands for itself.
pub(super) fn networks(text: &str) -> Result<Vec<IpNet>, String> {
    let parts = text
        .split(',')
        .map(str::trim)
        .filter(|part| !part.is_empty());
    let network = |part: &str| {
        part.parse::<IpNet>()
            .or_else(|_| part.parse().map(|address: IpAddr| address.into()))
            .map_err(|_| format!("`{part}` is not a network such as 10.0.0.0/8 or fd00::/8"))
    };
    parts.map(network).collect()
}

/// Origins, separated by commas or spaces: what `frame-ancestors` of a content security policy lists.
pub(super) fn origins(text: &str) -> Result<Vec<String>, String> {
    let parts = text.split([',', ' ']).filter(|part| !part.is_empty());
    let origin = |part: &str| {
        let url = Url::parse(part).ok();
        let origin = url.map(|url| url.origin().ascii_serialization());
        origin
            .filter(|origin| origin == part.trim_end_matches('/'))
            .filter(|origin| origin.starts_with("https://") || origin.starts_with("http://"))
            .ok_or_else(|| format!("`{part}` is not an origin such as https://app.example.com"))
    };
    parts.map(origin).collect()
}

pub(super) fn plain_http(text: &str) -> Result<PlainHttp, String> {
    match text {
        "false" | "0" => Ok(PlainHttp::Refused),
        "true" | "1" => Ok(PlainHttp::WithoutData),
        "full" => Ok(PlainHttp::Everything),
        other => Err(format!("`{other}` is not false, true or full")),
    }
}

/// The same as text.
pub(super) fn plain_http_text(allowed: PlainHttp) -> String {
    let word = match allowed {
        PlainHttp::Refused => "false",
        PlainHttp::WithoutData => "true",
        PlainHttp::Everything => "full",
    };
    word.to_owned()
}

/// An empty list in the file means that nothing is tried again.
pub(super) fn schedule(text: &str) -> Result<RetryPolicy, RetryPolicyError> {
    if text.is_empty() {
        return RetryPolicy::try_new(&[]);
    }
    text.parse()
}

pub(super) fn url(text: &str) -> Result<Url, String> {
    let url: Url = text
        .parse()
        .map_err(|_| format!("`{text}` is not a URL such as https://hooks.example.com"))?;
    if matches!(url.scheme(), "https" | "http") && url.has_host() {
        Ok(url)
    } else {
        Err(format!("`{text}` does not begin with https:// or http://"))
    }
}

/// No text of a refusal repeats the URL, which may hold a password.
pub(super) fn mail_server(text: &str) -> Result<MailServer, MailServerError> {
    // Files of secrets often end with a line feed.
    text.trim().parse()
}

/// The request for the keys has no header for a user name and password.
pub(super) fn key_set_url(text: &str) -> Result<Url, String> {
    let url = url(text)?;
    if url.username().is_empty() && url.password().is_none() {
        Ok(url)
    } else {
        Err("the URL must not hold a user name or password".to_owned())
    }
}

/// A text that is shown to people or sent to others.
pub(super) fn words(text: &str) -> Result<String, &'static str> {
    let text = text.trim();
    let is_plain = !text.is_empty() && !text.chars().any(char::is_control);
    let is_short = text.chars().count() <= 255;
    if is_plain && is_short {
        Ok(text.to_owned())
    } else {
        Err("must have 1 to 255 characters, none of them a control character")
    }
}

/// A secret of another's making; its text is not shown.
pub(super) fn secret(text: &str) -> Result<Secret, &'static str> {
    // Files of secrets often end with a line feed.
    let text = text.trim();
    if text.is_empty() {
        return Err("holds no secret");
    }
    Ok(Secret::new(text))
}

pub(super) fn switch(text: &str) -> Result<bool, String> {
    match text {
        "false" | "0" => Ok(false),
        "true" | "1" => Ok(true),
        other => Err(format!("`{other}` is not true or false")),
    }
}

/// Numbers as they are written in the environment.
pub(super) fn join(numbers: &[u32]) -> String {
    let texts: Vec<String> = numbers.iter().map(ToString::to_string).collect();
    texts.join(",")
}
