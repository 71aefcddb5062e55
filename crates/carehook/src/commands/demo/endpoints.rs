//! An endpoint for each receiver, made through the API of its dialect as a customer would.

use anyhow::Context as _;
use carehook_core::{Catalogue, Dialect, Secret};
use http::Method;
use serde_json::{Value, json};

use crate::client::{Call, Client};

/// Who makes endpoints: the operator's client, and a client with a key of the organization.
pub(super) struct Makers {
    operator: Client,
    customer: Client,
    organization: &'static str,
    key: Secret,
}

impl Makers {
    /// Makes the organization's key.
    pub(super) async fn new(operator: &Client, organization: &'static str) -> anyhow::Result<Self> {
        let body = json!({
            "name": "Demo integration",
            "mode": "live",
            "permissions": [
                "patients:read", "consultations:read", "appointments:read", "documents:read",
                "clinicians:read", "locations:read", "appointment_types:read",
            ],
        });
        let call = Call::post(&["organizations", organization, "api-keys"]).json(&body);
        let made = answered(operator, call).await.context("make an API key")?;
        let key = secret(&made["key"])?;
        Ok(Self {
            operator: operator.clone(),
            customer: operator.with_key(key.clone()),
            organization,
            key,
        })
    }

    /// Makes an endpoint that gets everything that its dialect has a name for; gives its secret.
    pub(super) async fn make(&self, dialect: Dialect, url: &str) -> anyhow::Result<Secret> {
        let made = match dialect {
            Dialect::Native => self.native(url).await,
            Dialect::Jump => self.jump(url).await,
            Dialect::Decoda => self.decoda(url).await,
            Dialect::Mycure => self.mycure(url).await,
            Dialect::Ecg => self.ecg(url).await,
        };
        made.with_context(|| format!("make an endpoint of the dialect {}", dialect.as_str()))
    }

    async fn native(&self, url: &str) -> anyhow::Result<Secret> {
        let body = json!({"url": url, "events": ["*"], "name": "Demo receiver"});
        let call = Call::post(&["organizations", self.organization, "endpoints"]).json(&body);
        secret(&answered(&self.operator, call).await?["secret"])
    }

    async fn jump(&self, url: &str) -> anyhow::Result<Secret> {
        let events = names(Dialect::Jump);
        let body = json!({"url": url, "events": events, "name": "Demo receiver"});
        let call = Call::to(Method::POST, &["api-v1", "webhooks"]).json(&body);
        secret(&answered(&self.customer, call).await?["data"]["secret"])
    }

    async fn decoda(&self, url: &str) -> anyhow::Result<Secret> {
        let body = json!({"url": url, "subscriptions": names(Dialect::Decoda)});
        let call = Call::to(Method::POST, &["v1", "webhook", "create"])
            .header("tenant", self.organization)
            .header("api-key", self.key.expose())
            .json(&body);
        secret(&answered(&self.customer, call).await?["secret"])
    }

    async fn mycure(&self, url: &str) -> anyhow::Result<Secret> {
        let organization = self.organization;
        let body = json!({"organization": organization, "active": true, "url": url, "events": "*"});
        let call = Call::to(Method::POST, &["webhook-events"]).json(&body);
        secret(&answered(&self.customer, call).await?["secret"])
    }

    async fn ecg(&self, url: &str) -> anyhow::Result<Secret> {
        let codes: Vec<_> = Catalogue::built_in()
            .event_types()
            .map(|definition| definition.code.as_str())
            .collect();
        let body = json!({"postUri": url, "events": codes, "isDevelopment": false});
        let path = [
            "api",
            "organizations",
            self.organization,
            "webhook-subscriptions",
        ];
        let call = Call::to(Method::POST, &path).json(&body);
        secret(&answered(&self.customer, call).await?["secretKey"])
    }
}

/// The names that a dialect has for event types, each once.
fn names(dialect: Dialect) -> Vec<&'static str> {
    let known = Catalogue::built_in().event_types();
    let mut names: Vec<_> = known
        .filter_map(|definition| definition.wire_names.of(dialect).first())
        .map(String::as_str)
        .collect();
    names.sort_unstable();
    names.dedup();
    names
}

async fn answered(client: &Client, call: Call<'_>) -> anyhow::Result<Value> {
    let answer = client.send(call).await?;
    serde_json::from_slice(&answer.body).context("read the answer")
}

fn secret(value: &Value) -> anyhow::Result<Secret> {
    let text = value.as_str().context("the answer has no secret")?;
    Ok(Secret::new(text))
}
