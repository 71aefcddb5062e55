//! The catalogue through ECG's API: categories, events, samples.

mod isolation;
mod patches;
mod recorded;
mod refusals;
mod removals;
mod samples;
mod switches;

use serde_json::{Value, json};

use crate::world::{Answer, World};

pub(super) const CATEGORIES: &str = "/api/webhook-categories";
/// The id of the built-in category `monitoring`, the same in every installation.
pub(super) const MONITORING: &str = "3157ab15-8686-5f53-9653-3403d768fce2";
/// The id of the built-in event `vitals.observations.created`.
pub(super) const VITALS: &str = "e160ce49-d856-5a4e-b4a4-78ddf7bb6947";

/// A catalogue with a category and an event of its own.
pub(super) struct Labs {
    pub(super) world: World,
    /// The path of the category `labs`.
    pub(super) category: String,
    /// The path of the event `labs.result.ready`.
    pub(super) event: String,
}

impl Labs {
    pub(super) async fn start() -> Self {
        let world = World::with_northside().await;
        let labs = json!({"name": "Laboratory", "code": "labs", "description": "Results"});
        let made = world.post(CATEGORIES, &labs).await.is(201);
        let category = format!("{CATEGORIES}/{}", made.text("id"));
        let event = json!({
            "name": "Result ready", "code": "labs.result.ready", "version": "v1",
        });
        let events = format!("{category}/webhook-events");
        let made = world.post(&events, &event).await.is(201);
        let event = format!("{events}/{}", made.text("id"));
        Self {
            world,
            category,
            event,
        }
    }

    pub(super) fn events(&self) -> String {
        format!("{}/webhook-events", self.category)
    }

    pub(super) fn samples(&self) -> String {
        format!("{}/sample-payloads", self.event)
    }
}

/// The path of a built-in event that has samples of two versions.
pub(super) fn vitals() -> String {
    format!("{CATEGORIES}/{MONITORING}/webhook-events/{VITALS}")
}

impl Answer {
    /// Fails unless it says that it was done.
    #[track_caller]
    pub(super) fn done(self) {
        let answer = self.is(200);
        assert_eq!(answer.body, json!({"value": true}));
    }

    /// Fails unless it is a whole error of `NestJS` with this status; gives its message.
    #[track_caller]
    pub(super) fn nest(&self, status: u16, error: &str) -> Value {
        assert_eq!(self.status, status, "{}", self.body);
        assert_eq!(self.header("content-type"), "application/json");
        assert_eq!(self.body["statusCode"], status);
        assert_eq!(self.body["error"], error);
        assert_eq!(self.body.as_object().unwrap().len(), 3);
        self.body["message"].clone()
    }

    /// Fails unless the fields whose names begin the messages were refused, and no others.
    #[track_caller]
    pub(super) fn nest_fields(&self, fields: &[&str]) {
        let message = self.nest(400, "Bad Request");
        let told: Vec<&str> = message
            .as_array()
            .unwrap_or_else(|| panic!("{message}"))
            .iter()
            .map(|text| text.as_str().unwrap())
            .collect();
        let names: Vec<&str> = told.iter().map(|text| field_of(text)).collect();
        assert_eq!(names, fields, "{told:?}");
    }
}

/// The field that a message is about: `property x should not exist`, or `x must …`.
fn field_of(message: &str) -> &str {
    let rest = message.strip_prefix("property ").unwrap_or(message);
    rest.split(' ').next().unwrap()
}
