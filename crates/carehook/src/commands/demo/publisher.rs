//! The product's side of the demo: publishing, and looking at what became of it.

use std::sync::Arc;

use anyhow::Context as _;
use carehook_core::{JsonText, SampleEvent};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::client::{Call, Client};

/// What the server says about an accepted event.
#[derive(Deserialize)]
pub(super) struct Accepted {
    pub(super) id: String,
    pub(super) deliveries: usize,
}

/// An event as it is sent.
#[derive(Serialize)]
struct Event<'a> {
    r#type: String,
    version: &'a str,
    /// Whom it is about, so that it is found and erased with them.
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<String>,
    data: Arc<RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    previous: Option<Arc<RawValue>>,
}

pub(super) async fn publish(
    client: &Client,
    organization: &str,
    sample: &SampleEvent,
) -> anyhow::Result<Accepted> {
    let event = Event {
        r#type: sample.event_type.to_string(),
        version: &sample.version,
        subject: subject(sample),
        data: sample.data.to_raw()?,
        previous: sample.previous.as_ref().map(JsonText::to_raw).transpose()?,
    };
    let call = Call::post(&["organizations", organization, "events"]).json(&event);
    let answer = client.send(call).await.context("publish a sample event")?;
    serde_json::from_slice(&answer.body).context("read the answer to a publish")
}

/// The patient in a sample, where there is one.
fn subject(sample: &SampleEvent) -> Option<String> {
    let data: Value = serde_json::from_slice(sample.data.bytes()).ok()?;
    let fields: &[&str] = match sample.event_type.as_str().split('.').next() {
        Some("patient") => &["id"],
        _ => &["patient_id", "patientId"],
    };
    fields.iter().find_map(|field| match &data[field] {
        Value::String(id) => Some(id.clone()),
        Value::Number(id) => Some(id.to_string()),
        _ => None,
    })
}

/// How many deliveries the API shows as delivered, at most 100.
pub(super) async fn delivered(client: &Client, organization: &str) -> anyhow::Result<usize> {
    let list = deliveries(client, organization, "delivered").await?;
    Ok(list.len())
}

/// Why the newest delivery that has not arrived has not.
pub(super) async fn last_error(client: &Client, organization: &str) -> Option<String> {
    let pending = deliveries(client, organization, "pending").await.ok()?;
    let id = pending.first()?["id"].as_str()?;
    let call = Call::get(&["organizations", organization, "deliveries", id]);
    let answer = client.send(call).await.ok()?;
    let delivery: Value = serde_json::from_slice(&answer.body).ok()?;
    let attempt = delivery["attempts"].as_array()?.last()?;
    Some(format!("{} {}", attempt["outcome"], attempt["error"]))
}

async fn deliveries(
    client: &Client,
    organization: &str,
    state: &str,
) -> anyhow::Result<Vec<Value>> {
    let call = Call::get(&["organizations", organization, "deliveries"])
        .query("state", Some(state))
        .query("limit", Some(100));
    let answer = client.send(call).await?;
    let mut list: Value =
        serde_json::from_slice(&answer.body).context("read a list of deliveries")?;
    match list["data"].take() {
        Value::Array(deliveries) => Ok(deliveries),
        _ => anyhow::bail!("the list of deliveries has no `data`"),
    }
}
