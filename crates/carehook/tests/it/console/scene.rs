//! Where the tests of the console begin: a server, a browser, and somebody who is signed in.

use super::browser::Browser;
use crate::server::Server;

pub(crate) const PASSWORD: &str = "the door is behind the blue shelf";

/// A server and the operator's browser.
pub(crate) struct Scene {
    // Dropped first, while the server still answers.
    pub(crate) browser: Browser,
    pub(crate) server: Server,
}

impl Scene {
    /// A new server, and a browser that has not been there.
    pub(crate) fn start() -> Self {
        let server = Server::start();
        Self {
            browser: Browser::at(server.url()),
            server,
        }
    }

    /// The operator is signed in, for the first time.
    pub(crate) fn signed_in() -> Self {
        let scene = Self::start();
        scene.sign_in_first();
        scene
    }

    /// The one-time link that the server printed.
    pub(crate) fn first_link(&self) -> &str {
        let banner = self.server.banner.split_once("set its password at ");
        let (_, rest) = banner.unwrap_or_else(|| panic!("{}", self.server.banner));
        rest.lines().next().unwrap().trim()
    }

    /// Opens the printed link and chooses a password.
    pub(crate) fn sign_in_first(&self) {
        self.browser.open(self.first_link());
        self.browser.fill("Password", PASSWORD);
        self.browser.fill("The same again", PASSWORD);
        self.browser.press("Set the password and sign in");
        self.browser.sees("Organizations");
    }

    /// Makes an organization with the form, and is on its page then.
    pub(crate) fn make_organization(&self, id: &str, name: &str) {
        self.browser.open("/console/organizations");
        self.browser.fill("Name", name);
        self.browser.fill("Id", id);
        self.browser.press("Make it");
    }
}
