//! The harness: the console on an embedded store of its own, and browsers that keep a cookie.

use std::collections::BTreeSet;

use axum::Router;
use axum::body::Body;
use carehook_app::{App, AppConfig, NewPortalLink, OrganizationAccess};
use carehook_console::{ConsoleConfig, router};
use carehook_core::{Clock, ManualClock, Scope, Secret, Timestamp};
use carehook_deliver::{DeliverConfig, Deliverer, PlainHttp};
use carehook_store::{EmbeddedOptions, MasterKey, Store};
use flate2::read::GzDecoder;
use http::{HeaderMap, Method, Request, Response, StatusCode, header};
use http_body_util::BodyExt as _;
use tempfile::TempDir;
use tower::ServiceExt as _;

pub(crate) const OPERATOR_KEY: &str = "operator-key-of-the-tests";
pub(crate) const PASSWORD: &str = "correct horse battery staple";
/// 2026-03-16T10:21:05Z.
pub(crate) const START: Timestamp = Timestamp(1_773_656_465_000);

/// A console without a network, and what it shows.
pub(crate) struct World {
    pub(crate) app: App,
    pub(crate) clock: ManualClock,
    /// What the application is on, for what the engine would do.
    pub(crate) store: Store,
    router: Router,
    directory: TempDir,
}

/// Somebody's browser: it sends back the session that it was given.
pub(crate) struct Browser<'a> {
    world: &'a World,
    session: Option<String>,
    /// The word for what was done just now.
    done: Option<String>,
}

/// What a browser got.
pub(crate) struct Got {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) html: String,
}

impl World {
    pub(crate) fn start() -> Self {
        Self::with(&ConsoleConfig::default())
    }

    pub(crate) fn with(config: &ConsoleConfig) -> Self {
        Self::with_app(config, AppConfig::default())
    }

    /// A world whose use cases have settings of their own.
    pub(crate) fn with_app(config: &ConsoleConfig, settings: AppConfig) -> Self {
        Self::on(tempfile::tempdir().unwrap(), config, settings)
    }

    /// The same server, stopped and started again.
    pub(crate) async fn restarted(self) -> Self {
        let Self {
            app,
            clock: _,
            store,
            router,
            directory,
        } = self;
        store.close().await;
        drop((app, store, router));
        Self::on(directory, &ConsoleConfig::default(), AppConfig::default())
    }

    fn on(directory: TempDir, config: &ConsoleConfig, settings: AppConfig) -> Self {
        let manual = ManualClock::at(START);
        let clock = Clock::Manual(manual.clone());
        let store = Store::open_embedded(
            directory.path(),
            MasterKey::new([7; 32]),
            &clock,
            EmbeddedOptions::default(),
        )
        .unwrap();
        let targets = DeliverConfig {
            plain_http: PlainHttp::Everything,
            allow_targets: vec!["127.0.0.0/8".parse().unwrap()],
            ..DeliverConfig::default()
        };
        let app = App::new(
            AppConfig {
                operator_key: Some(Secret::new(OPERATOR_KEY)),
                ..settings
            },
            store.clone(),
            Deliverer::new(targets).unwrap(),
            clock,
        );
        let router = router(app.clone(), config).unwrap();
        Self {
            app,
            clock: manual,
            store,
            router,
            directory,
        }
    }

    /// Somebody who is not signed in.
    pub(crate) fn stranger(&self) -> Browser<'_> {
        Browser {
            world: self,
            session: None,
            done: None,
        }
    }

    /// Somebody who comes back.
    pub(crate) fn returning(&self, session: Option<String>) -> Browser<'_> {
        Browser {
            world: self,
            session,
            done: None,
        }
    }

    /// The operator, signed in for the first time.
    pub(crate) async fn operator(&self) -> Browser<'_> {
        let link = self
            .app
            .first_visit_link()
            .await
            .unwrap()
            .expect("no password is set yet");
        let mut browser = self.stranger();
        let form = [
            ("link", link.expose()),
            ("password", PASSWORD),
            ("again", PASSWORD),
        ];
        let got = browser.post("/console/welcome", &form).await;
        assert_eq!(got.leads_to(), "/console", "{}", got.html);
        browser
    }

    /// The operator, and the organization `northside` (Northside Clinic).
    pub(crate) async fn with_northside(&self) -> Browser<'_> {
        let mut operator = self.operator().await;
        let form = [("id", "northside"), ("name", "Northside Clinic")];
        let got = operator.post("/console/organizations", &form).await;
        assert_eq!(got.leads_to(), "/console/o/northside", "{}", got.html);
        operator
    }
}

impl World {
    /// The address, on this server, of a new portal link with rights besides `read`.
    pub(crate) async fn portal_link(&self, organization: &str, rights: &[Scope]) -> String {
        self.portal_link_by(OPERATOR_KEY, organization, rights)
            .await
    }

    /// The same, made by who has this key.
    pub(crate) async fn portal_link_by(
        &self,
        key: &str,
        organization: &str,
        rights: &[Scope],
    ) -> String {
        let caller = self.app.caller(Some(key), None).await.unwrap();
        let access = self.app.access(&caller, organization).unwrap();
        let mut all = BTreeSet::from([Scope::Read]);
        all.extend(rights);
        let new = NewPortalLink {
            person: None,
            rights: Some(all),
            return_url: None,
        };
        self.link_to(&access, new).await
    }

    /// What is answered to a program that keeps nothing.
    pub(crate) async fn raw(&self, request: Request<Body>) -> Response<Body> {
        self.router.clone().oneshot(request).await.unwrap()
    }

    /// The same for somebody who is called so.
    pub(crate) async fn portal_link_for(&self, name: &str, rights: &[Scope]) -> String {
        let caller = self.app.caller(Some(OPERATOR_KEY), None).await.unwrap();
        let access = self.app.access(&caller, "northside").unwrap();
        let new = NewPortalLink {
            person: Some(name.parse().unwrap()),
            rights: Some(rights.iter().copied().collect()),
            return_url: None,
        };
        self.link_to(&access, new).await
    }

    async fn link_to(&self, access: &OrganizationAccess, new: NewPortalLink) -> String {
        let link = self.app.make_portal_link(access, new).await.unwrap();
        let at = link.url.expose().find("/console").unwrap();
        link.url.expose()[at..].to_owned()
    }
}

impl Browser<'_> {
    /// Goes on, as browsers do, from where it is looked whether they have kept the cookie.
    fn check_arrival(&self, headers: &mut HeaderMap) {
        let Some(place) = headers.get(header::LOCATION) else {
            return;
        };
        let arrival = place.to_str().unwrap().strip_prefix("/console/arrived?");
        let Some(arrival) = arrival.filter(|_| self.session.is_some()) else {
            return;
        };
        let mut named = url::form_urlencoded::parse(arrival.as_bytes());
        let (_, next) = named.find(|(name, _)| name == "next").unwrap();
        let next = next.parse().unwrap();
        headers.insert(header::LOCATION, next);
    }

    /// What it would send to a server that was started again.
    pub(crate) fn session(&self) -> Option<String> {
        self.session.clone()
    }

    /// Shows a form, and gives the text that makes it good once.
    pub(crate) async fn token_at(&mut self, path: &str) -> String {
        token_of(&self.page(path).await)
    }

    pub(crate) async fn get(&mut self, path: &str) -> Got {
        self.send(
            Request::builder().method(Method::GET).uri(path),
            Body::empty(),
        )
        .await
    }

    /// An answer that goes on.
    pub(crate) async fn open(&self, path: &str) -> Response<Body> {
        let session = self.session.as_deref().unwrap_or_default();
        let cookie = format!("__Host-carehook={session}");
        let request = Request::get(path).header(header::COOKIE, cookie);
        let request = request.body(Body::empty()).unwrap();
        self.world.router.clone().oneshot(request).await.unwrap()
    }

    /// A page that is there.
    pub(crate) async fn page(&mut self, path: &str) -> String {
        let got = self.get(path).await;
        assert_eq!(got.status, StatusCode::OK, "{path}: {}", got.html);
        got.html
    }

    pub(crate) async fn post(&mut self, path: &str, form: &[(&str, &str)]) -> Got {
        let body = form_body(form);
        let request = Request::builder()
            .method(Method::POST)
            .uri(path)
            .header("sec-fetch-site", "same-origin")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.send(request, Body::from(body)).await
    }

    pub(crate) async fn send(&mut self, mut request: http::request::Builder, body: Body) -> Got {
        if let Some(session) = &self.session {
            request = request.header(header::COOKIE, format!("__Host-carehook={session}"));
        }
        if let Some(done) = &self.done {
            request = request.header(header::COOKIE, format!("carehook-done={done}"));
        }
        request = request.header(header::ACCEPT_ENCODING, "gzip");
        let response = self
            .world
            .router
            .clone()
            .oneshot(request.body(body).unwrap())
            .await
            .unwrap();
        let (mut parts, body) = response.into_parts();
        for line in parts.headers.get_all(header::SET_COOKIE) {
            let line = line.to_str().unwrap();
            if let Some(rest) = line.strip_prefix("carehook-done=") {
                let word = rest.split(';').next().unwrap();
                self.done = Some(word.to_owned()).filter(|word| !word.is_empty());
            }
            let value = line
                .strip_prefix("__Host-carehook=")
                .and_then(|rest| rest.split(';').next());
            match value {
                Some("") => self.session = None,
                Some(text) => self.session = Some(text.to_owned()),
                None => {}
            }
        }
        self.check_arrival(&mut parts.headers);
        let body = body.collect().await.unwrap().to_bytes();
        let html = if parts.headers.contains_key(header::CONTENT_ENCODING) {
            std::io::read_to_string(GzDecoder::new(&*body)).unwrap()
        } else {
            String::from_utf8(body.to_vec()).unwrap()
        };
        Got {
            status: parts.status,
            headers: parts.headers,
            html,
        }
    }
}

impl Got {
    /// Where a redirection leads.
    pub(crate) fn leads_to(&self) -> &str {
        self.headers
            .get(header::LOCATION)
            .map_or("", |place| place.to_str().unwrap())
    }
}

/// The text that makes the first such form of a page good once.
pub(crate) fn token_of(html: &str) -> String {
    let mark = "name=\"once\" value=\"";
    let at = html.find(mark).expect(html) + mark.len();
    html[at..].split('"').next().unwrap().to_owned()
}

fn form_body(form: &[(&str, &str)]) -> String {
    let mut body = url::form_urlencoded::Serializer::new(String::new());
    body.extend_pairs(form);
    body.finish()
}
