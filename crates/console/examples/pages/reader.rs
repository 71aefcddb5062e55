//! A browser without a network: it keeps its session and reads pages to their end.

use std::error::Error;

use axum::Router;
use axum::body::Body;
use carehook_app::App;
use http::{Request, StatusCode, header};
use http_body_util::BodyExt as _;
use tower::ServiceExt as _;
use url::form_urlencoded::Serializer;

const PASSWORD: &str = "correct horse battery staple";

/// Somebody who is signed in.
pub(crate) struct Reader {
    pages: Router,
    cookie: String,
}

impl Reader {
    /// The operator, at the first visit.
    pub(crate) async fn operator(app: &App, pages: Router) -> Result<Self, Box<dyn Error>> {
        let link = app.first_visit_link().await?;
        let link = link.ok_or("the operator has a password already")?;
        let mut form = Serializer::new(String::new());
        form.append_pair("link", link.expose());
        form.append_pair("password", PASSWORD);
        form.append_pair("again", PASSWORD);
        let request = Request::post("/console/welcome")
            .header("sec-fetch-site", "same-origin")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(form.finish()))?;
        let answer = pages.clone().oneshot(request).await?;
        let cookie = answer.headers().get(header::SET_COOKIE);
        let cookie = cookie.ok_or("nobody was signed in")?.to_str()?;
        let (cookie, _) = cookie.split_once(';').unwrap_or((cookie, ""));
        Ok(Self {
            pages,
            cookie: cookie.to_owned(),
        })
    }

    /// The text of a page.
    pub(crate) async fn page(&self, path: &str) -> Result<String, Box<dyn Error>> {
        let request = Request::get(path)
            .header(header::COOKIE, &self.cookie)
            .body(Body::empty())?;
        let answer = self.pages.clone().oneshot(request).await?;
        let status = answer.status();
        let text = answer.into_body().collect().await?.to_bytes();
        if status != StatusCode::OK {
            return Err(format!("{path}: {status}").into());
        }
        Ok(String::from_utf8(text.into())?)
    }
}
