//! Where the tests of the console begin: a server, a browser, and somebody who is signed in.

use carehook_core::sample_events;
use carehook_testkit::{Answer, Receiver};
use serde_json::{Value, json};

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
        // Whoever leaves before that may call the request off.
        self.browser.arrives_at(&format!("/console/o/{id}"));
    }
}

/// An organization in which things happen: some arrive, some fail, some wait.
pub(crate) struct Clinic {
    pub(crate) scene: Scene,
    /// A webhook whose receiver works, and one whose receiver does not.
    pub(crate) working: String,
    /// A delivery that failed and will be retried.
    pub(crate) delivery: String,
    // They answer as long as they are held.
    _receivers: [Receiver; 2],
}

impl Clinic {
    pub(crate) const ID: &str = "northside";

    pub(crate) async fn start() -> Self {
        let scene = Scene::signed_in();
        let works = Receiver::start().await;
        let unavailable = Answer::status(503).body("Down for maintenance until 14:00.");
        let broken = Receiver::start().await.always(unavailable);
        let api = scene.server.api();
        let organization = json!({"id": Self::ID, "name": "Northside Clinic"});
        api.post("", &organization).await;
        let endpoint = async |name: &str, url: String, events: &[&str], active: bool| {
            let body = json!({"name": name, "url": url, "events": events, "active": active});
            let made = api.post("/northside/endpoints", &body).await;
            made["id"].as_str().unwrap().to_owned()
        };
        let working = endpoint("Billing", works.url(), &["*"], true).await;
        endpoint("Booking Sync", broken.url(), &["appointment.*"], true).await;
        endpoint("Archive", works.url(), &["document.*"], false).await;
        let key = json!({"name": "Booking server", "mode": "live", "scopes": ["read", "publish"]});
        api.post("/northside/api-keys", &key).await;
        let mut appointments = 0;
        for sample in sample_events() {
            let event_type = sample.event_type.to_string();
            appointments += usize::from(event_type.starts_with("appointment."));
            let data: Value = serde_json::from_slice(sample.data.bytes()).unwrap();
            let event = json!({"type": event_type, "version": sample.version, "data": data});
            api.post("/northside/events", &event).await;
        }
        works.wait_for(sample_events().len()).await;
        broken.wait_for(appointments).await;
        let delivery = a_failing_delivery(&scene).await;
        Self {
            scene,
            working,
            delivery,
            _receivers: [works, broken],
        }
    }
}

/// A delivery whose first attempt is on record; it was answered already.
async fn a_failing_delivery(scene: &Scene) -> String {
    let path = "/v1/organizations/northside/deliveries?state=pending";
    loop {
        let (_, list) = scene.server.api().get(path).await;
        let list: Value = serde_json::from_str(&list).unwrap();
        let mut pending = list["data"].as_array().unwrap().iter();
        let attempted = pending.find(|one| one["attempt_count"].as_u64() > Some(0));
        if let Some(delivery) = attempted {
            return delivery["id"].as_str().unwrap().to_owned();
        }
    }
}
