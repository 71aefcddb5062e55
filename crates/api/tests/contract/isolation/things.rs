//! What rows are about: the things of an organization, made as their owners make them.

use std::time::Duration;

use carehook_core::{
    Attempt, AttemptId, AttemptOutcome, DeliveryId, DeliveryState, Dialect, PayloadClaim,
    PayloadLinks, Trigger,
};
use carehook_store::{AttemptRecord, Notify};
use serde_json::{Value, json};

use super::clinic::{Clinic, VITALS, make_key, make_operator_key};

impl Clinic<'_> {
    /// Makes what a row is about.
    pub(super) async fn make(&mut self, thing: &str) {
        match thing {
            "-" => {}
            "endpoint" => self.make_endpoint().await,
            "signer" => {
                self.make_endpoint().await;
                let path = format!("/endpoints/{}/secret/rotate", self.name("id"));
                self.post(&path, json!({"algorithm": "ed25519"}), 200).await;
            }
            "replay" => {
                self.make_endpoint().await;
                let path = format!("/endpoints/{}/replay", self.name("id"));
                let made = self.post(&path, json!({"state": "all"}), 202).await;
                self.is_private("job", text(&made, "id"));
            }
            "event" => self.make_event().await,
            "link" => self.make_link().await,
            "owed" => {
                self.make_event().await;
                let endpoint = self.name("endpoint").to_owned();
                self.stands_for("id", endpoint);
            }
            "delivery" => {
                let delivery = self.make_delivery().await;
                self.is_private("id", delivery);
            }
            "attempt" => self.make_attempt().await,
            "report" => self.make_report().await,
            "key" => {
                let fields = json!({"name": self.marker});
                let (id, _) = make_key(self.town.world, &self.id, &fields).await;
                self.is_private("id", id);
            }
            "operator-key" => {
                let fields = json!({"name": self.marker});
                let (id, _) = make_operator_key(self.town.world, &fields).await;
                self.is_private("id", id);
            }
            "erasure" => {
                let body = json!({"subject": self.marker});
                let made = self.post("/erasures", body, 202).await;
                self.is_private("id", text(&made, "id"));
            }
            "category" => self.make_category().await,
            "type" => self.make_type().await,
            other => panic!("isolation/things.rs does not know how to make `{other}`"),
        }
    }

    fn name(&self, name: &str) -> &str {
        let mut names = self.names.iter().rev();
        &names.find(|(known, _)| *known == name).unwrap().1
    }

    /// Sets what a name stands for.
    fn stands_for(&mut self, name: &'static str, text: String) {
        self.names.retain(|(known, _)| *known != name);
        self.names.push((name, text));
    }

    /// The same for an id that others must not see.
    fn is_private(&mut self, name: &'static str, id: String) {
        self.ids.push(id.clone());
        self.stands_for(name, id);
    }

    /// Asks the native API for something below the organization.
    async fn post(&self, path: &str, body: Value, status: u16) -> Value {
        let path = format!("/v1/organizations/{}{path}", self.id);
        self.town.world.post(&path, &body).await.is(status).body
    }

    /// What the endpoint wants, in the words of its dialect, and an event that it gets for it.
    fn wanted(&self) -> (&'static str, &'static str) {
        match self.town.dialect {
            Dialect::Native => ("*", "patient.created"),
            Dialect::Jump => ("patient.created", "patient.created"),
            Dialect::Decoda => ("PATIENT_CREATED", "patient.created"),
            Dialect::Mycure => ("appointments", "appointment.created"),
            Dialect::Ecg => (VITALS, VITALS),
        }
    }

    async fn make_endpoint(&mut self) {
        let body = json!({
            "url": format!("http://127.0.0.1:4009/{}", self.marker),
            "events": [self.wanted().0],
            "dialect": self.town.dialect.as_str(),
            "mode": "live",
        });
        let made = self.post("/endpoints", body, 201).await;
        for name in ["id", "endpoint", "subscriptionId"] {
            self.is_private(name, text(&made, "id"));
        }
    }

    async fn make_event(&mut self) {
        self.make_endpoint().await;
        let body = json!({
            "type": self.wanted().1,
            "data": {"text": self.marker},
            "subject": self.marker,
        });
        let published = self.post("/events", body, 202).await;
        assert_eq!(published["deliveries"], 1);
        self.is_private("id", text(&published, "id"));
    }

    /// The link to an event's payload, which its first delivery would carry.
    async fn make_link(&mut self) {
        self.make_event().await;
        let store = &self.town.world.store;
        let now = self.town.world.clock.now();
        let link = PayloadLinks::new(&store.payload_link_key(), "").link(&PayloadClaim {
            organization: self.id.parse().unwrap(),
            event: self.name("id").parse().unwrap(),
            endpoint: self.name("endpoint").parse().unwrap(),
            sequence: 1,
            sent_at: now,
            expires_at: now.plus(PayloadLinks::LIFETIME),
        });
        let token = link.strip_prefix(PayloadLinks::PATH).unwrap();
        self.is_private("token", token.to_owned());
    }

    async fn make_delivery(&mut self) -> String {
        self.make_event().await;
        let path = format!("/v1/organizations/{}/deliveries", self.id);
        let list = self.town.world.get(&path).await.is(200);
        text(&list.body["data"][0], "id")
    }

    async fn make_attempt(&mut self) {
        let delivery: DeliveryId = self.make_delivery().await.parse().unwrap();
        let id = AttemptId::of(delivery, 1);
        let record = AttemptRecord {
            sent_to: None,
            organization: self.id.parse().unwrap(),
            delivery,
            attempt: Attempt {
                id,
                number: 1,
                started_at: self.town.world.clock.now(),
                duration: Duration::from_millis(120),
                outcome: AttemptOutcome::Delivered,
                status: Some(200),
                error: None,
                answer: self.marker.clone().into(),
                trigger: Trigger::Schedule,
            },
            state: DeliveryState::Delivered,
            reason: None,
            due: None,
            notify: Notify::Never,
        };
        self.town.world.store.record(vec![record]).await.unwrap();
        for name in ["activityId", "activationId"] {
            self.is_private(name, id.to_string());
        }
    }

    async fn make_report(&mut self) {
        self.make_endpoint().await;
        let path = format!(
            "/api/organizations/{}/webhook-subscriptions/{}/activity",
            self.id,
            self.name("endpoint")
        );
        let body = json!({
            "type": 1,
            "payload": {"text": self.marker},
            "rawMessage": {"text": self.marker},
            "eventId": VITALS,
        });
        let id = self.town.world.post(&path, &body).await.is(201).text("id");
        for name in ["activityId", "activationId"] {
            self.is_private(name, id.clone());
        }
    }

    /// In the catalogue, which all organizations share: nothing of it is private.
    async fn make_category(&mut self) {
        let code = format!("made-{}", self.name("number"));
        let body = json!({"name": "Made", "code": code});
        let categories = "/api/webhook-categories";
        let made = self.town.world.post(categories, &body).await.is(201);
        self.stands_for("category", code);
        self.stands_for("webhookCategoryId", made.text("id"));
    }

    async fn make_type(&mut self) {
        self.make_category().await;
        let world = self.town.world;
        let code = format!("made.{}", self.name("number"));
        let events = format!(
            "/api/webhook-categories/{}/webhook-events",
            self.name("webhookCategoryId")
        );
        let body = json!({"name": "Made", "code": code, "version": "v1"});
        let id = world.post(&events, &body).await.is(201).text("id");
        let body = json!({
            "schema": {"type": "object"},
            "samples": [{"version": "v1", "data": {}}],
        });
        let path = format!("/v1/event-types/{code}");
        world.patch(&path, &body).await.is(200);
        self.stands_for("type", code);
        self.stands_for("webhookEventId", id);
    }
}

fn text(value: &Value, field: &str) -> String {
    value[field]
        .as_str()
        .unwrap_or_else(|| panic!("{value}"))
        .to_owned()
}
