//! An identity provider (`OpenID` Connect) with real keys, for one client; it misbehaves when told to.
//!
//! It checks what a client sends as strictly as the protocol allows: the redirect URI, PKCE, the
//! proof of the client, and that a code is used once.

mod conduct;
mod pages;
mod server;

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use parking_lot::Mutex;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

pub use conduct::{ClientProof, Conduct, Route, Signing};
use pages::Pages;

/// A provider on the loopback; everybody who comes is the same person, and consents at once.
pub struct IdentityProvider {
    pages: Arc<Mutex<Pages>>,
    stop: CancellationToken,
    tasks: TaskTracker,
}

impl IdentityProvider {
    /// What the one client is called.
    pub const CLIENT_ID: &'static str = "carehook";
    /// What proves that it is the client; it holds signs that must be escaped in a form.
    pub const CLIENT_SECRET: &'static str = "canary: 100% secret+/=&ü";
    /// The access token, which leads to the person's claims.
    pub const ACCESS_TOKEN: &'static str = "canary-access-token";

    /// A provider that behaves.
    pub async fn start() -> Self {
        let listener = TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))
            .await
            .expect("the loopback has a free port");
        let address = listener
            .local_addr()
            .expect("a bound listener has an address");
        let (stop, tasks) = (CancellationToken::new(), TaskTracker::new());
        let pages = Arc::new(Mutex::new(Pages::at(address)));
        let accept = server::accept(listener, Arc::clone(&pages), stop.clone(), tasks.clone());
        tasks.spawn(accept);
        Self { pages, stop, tasks }
    }

    /// What it calls itself; it has a path.
    pub fn issuer(&self) -> String {
        self.pages.lock().issuer.clone()
    }

    /// Changes what it does from now on.
    pub fn behave(&self, change: impl FnOnce(&mut Conduct)) {
        change(&mut self.pages.lock().conduct);
    }

    /// Where a person is led who was sent to this address and consents.
    pub fn consent(&self, authorization_url: &str) -> String {
        self.pages.lock().authorize(authorization_url)
    }

    /// How often something was asked for over HTTP.
    pub fn asked_for(&self, route: Route) -> usize {
        self.pages.lock().asked.get(&route).copied().unwrap_or(0)
    }

    /// Why it has refused what clients sent, in order.
    pub fn refusals(&self) -> Vec<&'static str> {
        self.pages.lock().refusals.clone()
    }

    /// Closes all connections and frees the port.
    pub async fn stop(&self) {
        self.stop.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }
}

impl Drop for IdentityProvider {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}
