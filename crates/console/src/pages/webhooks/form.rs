//! The form of a webhook: what stands in its fields, for a new one and for one that is changed.

use std::collections::BTreeSet;

use carehook_core::{AccountId, Dialect, Endpoint, PayloadMode};

use super::Webhook;
use super::fields::Fields;
use super::picker::Picker;
use super::schedule;
use crate::forms::Faults;
use crate::moment::Moment;
use crate::router::Console;
use crate::visitor::Place;

/// New headers that fit into the form at once.
const FREE_HEADERS: usize = 3;

/// The fields of a webhook's form.
pub(super) struct WebhookForm {
    /// Where it is sent.
    pub(super) action: String,
    pub(super) name: String,
    pub(super) url: String,
    /// Whether the server takes a URL over plain http.
    pub(super) takes_http: bool,
    /// Whether it gets everything, whatever is ticked.
    pub(super) all_events: bool,
    pub(super) picker: Picker,
    pub(super) dialect: Option<Dialect>,
    pub(super) payload: PayloadMode,
    pub(super) account: String,
    pub(super) version: String,
    pub(super) timeout_ms: String,
    pub(super) retry_schedule: String,
    /// The schedule of those that have none of their own.
    pub(super) default_schedule: String,
    pub(super) notification_email: String,
    /// Whether it starts to work at once; only asked for a new one.
    pub(super) active: bool,
    /// The headers that it has.
    pub(super) headers: Vec<Header>,
    /// Names of new headers; empty ones are free.
    pub(super) new_headers: Vec<String>,
    pub(super) authentication: Credential,
    pub(super) tls: Credential,
    /// What is stored already; `None` for a new one.
    pub(super) stored: Option<Stored>,
}

/// What is stored of a webhook and cannot be seen or changed in the form.
pub(super) struct Stored {
    pub(super) authentication: Option<&'static str>,
    /// Subjects and ends of its certificates.
    pub(super) certificates: Vec<(String, Moment)>,
    pub(super) has_tls: bool,
}

/// A header that a webhook has.
pub(super) struct Header {
    pub(super) name: String,
    /// Whether it is to go.
    pub(super) removed: bool,
}

/// What is chosen for credentials.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Credential {
    /// What there is stays.
    Keep,
    None,
    Basic,
    Bearer,
    /// Certificates.
    Own,
}

impl Credential {
    /// The choice that a field names; without one, what there is stays.
    pub(super) fn named(text: &str) -> Self {
        match text {
            "none" => Self::None,
            "basic" => Self::Basic,
            "bearer" => Self::Bearer,
            "own" => Self::Own,
            _ => Self::Keep,
        }
    }

    /// Whether this radio button is the chosen one; templates ask.
    pub(super) fn is(self, word: &str) -> bool {
        self == Self::named(word)
    }
}

impl WebhookForm {
    /// The form of a new webhook.
    pub(super) fn empty(console: &Console, place: &Place) -> Self {
        let caller = place.visitor.person.caller();
        let catalogue = console.app().catalogue(caller);
        Self {
            action: place.to("webhooks"),
            name: String::new(),
            url: String::new(),
            takes_http: console.app().takes_plain_http(),
            all_events: true,
            picker: Picker::of(&catalogue, std::iter::empty()),
            dialect: Some(Dialect::Native),
            payload: PayloadMode::Full,
            account: String::new(),
            version: String::new(),
            timeout_ms: String::new(),
            retry_schedule: String::new(),
            default_schedule: default_schedule(Dialect::Native),
            notification_email: String::new(),
            active: true,
            headers: Vec::new(),
            new_headers: vec![String::new(); FREE_HEADERS],
            authentication: Credential::None,
            tls: Credential::None,
            stored: None,
        }
    }

    /// The form of a webhook as it is.
    pub(super) fn of(console: &Console, webhook: &Webhook) -> Self {
        let endpoint = &*webhook.endpoint;
        let empty = Self::empty(console, &webhook.place);
        let names = endpoint.subscription_names();
        let caller = webhook.place.visitor.person.caller();
        let catalogue = console.app().catalogue(caller);
        let headers = endpoint.headers.iter().map(|header| Header {
            name: header.name.to_string(),
            removed: false,
        });
        let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
        let schedule = endpoint.retry_policy.as_ref();
        let timeout = endpoint.timeout;
        Self {
            action: webhook.to("/settings"),
            name: text(endpoint.name.as_deref()),
            url: endpoint.url.clone(),
            all_events: names.contains(&"*"),
            picker: Picker::of(&catalogue, names.into_iter()),
            dialect: None,
            payload: endpoint.payload,
            account: text(endpoint.account.as_ref().map(AccountId::as_str)),
            version: text(endpoint.version.as_deref()),
            timeout_ms: timeout.map_or_else(String::new, |time| time.as_millis().to_string()),
            retry_schedule: schedule
                .map_or_else(String::new, |policy| schedule::written(policy.seconds())),
            default_schedule: default_schedule(endpoint.dialect),
            notification_email: text(endpoint.notification_email.as_deref()),
            headers: headers.collect(),
            authentication: Credential::Keep,
            tls: Credential::Keep,
            stored: Some(Stored::of(endpoint)),
            ..empty
        }
    }

    /// The same form with what was entered; secrets are not repeated.
    #[must_use]
    pub(super) fn filled(self, console: &Console, place: &Place, entered: &Fields) -> Self {
        let events = super::reading::events(entered);
        let caller = place.visitor.person.caller();
        let catalogue = console.app().catalogue(caller);
        let text = |name: &'static str| entered.text(name).to_owned();
        let removed: BTreeSet<&str> = entered.all("header_removed").collect();
        let own = |name: &str| self.headers.iter().any(|header| header.name == name);
        let new = entered.all("header_name").filter(|name| !own(name));
        let mut new_headers: Vec<_> = new.map(str::to_owned).collect();
        new_headers.resize(new_headers.len().max(FREE_HEADERS), String::new());
        let headers = self.headers.iter().map(|header| Header {
            name: header.name.clone(),
            removed: removed.contains(&*header.name),
        });
        Self {
            name: text("name"),
            url: text("url"),
            takes_http: self.takes_http,
            all_events: super::reading::wants_all(entered),
            picker: Picker::of(&catalogue, events.iter().map(String::as_str)),
            dialect: self.dialect.map(|_| super::reading::dialect(entered)),
            payload: super::reading::payload(entered),
            account: text("account"),
            version: text("version"),
            timeout_ms: text("timeout_ms"),
            retry_schedule: text("retry_schedule"),
            notification_email: text("notification_email"),
            active: entered.ticked("active"),
            headers: headers.collect(),
            new_headers,
            authentication: Credential::named(entered.text("authentication")),
            tls: Credential::named(entered.text("tls")),
            action: self.action,
            default_schedule: self.default_schedule,
            stored: self.stored,
        }
    }

    /// Whether there is something wrong in the part that is folded.
    pub(super) fn opens_more(&self, faults: &Faults) -> bool {
        let more = [
            "payload",
            "account",
            "version",
            "timeout_ms",
            "retry_schedule",
            "notification_email",
            "headers",
            "authentication",
            "tls",
        ];
        self.stored.is_some() || more.iter().any(|field| !faults.of_field(field).is_empty())
    }

    /// Modes of payloads with what they mean, and which one is chosen.
    pub(super) fn payloads(&self) -> [(&'static str, &'static str, bool); 4] {
        PayloadMode::ALL.map(|mode| {
            let words = match mode {
                PayloadMode::Full => "Full: everything that happened",
                PayloadMode::Thin => "Thin: ids, the names of changed fields, a link to the rest",
                PayloadMode::IdOnly => "Id only: the event's id and a link",
                PayloadMode::Empty => "Empty: only that something happened",
            };
            (mode.as_str(), words, mode == self.payload)
        })
    }

    /// Dialects with what they are for, and which one is chosen.
    pub(super) fn dialects(&self) -> [(&'static str, &'static str, bool); 5] {
        Dialect::ALL.map(|dialect| {
            let words = match dialect {
                Dialect::Native => "Standard Webhooks (native)",
                Dialect::Jump => "Jump EHR",
                Dialect::Decoda => "Decoda",
                Dialect::Mycure => "MYCURE",
                Dialect::Ecg => "ECG Webhooks Module",
            };
            (dialect.as_str(), words, self.dialect == Some(dialect))
        })
    }
}

impl Stored {
    fn of(endpoint: &Endpoint) -> Self {
        let tls = endpoint.tls.as_ref();
        let client = tls.and_then(|tls| tls.client.as_ref());
        let authorities = tls.and_then(|tls| tls.authorities.as_ref());
        let facts = client.map(|client| &client.facts).into_iter();
        let facts = facts.chain(authorities.iter().flat_map(|own| own.facts.iter()));
        let authentication = endpoint.authentication.as_ref();
        Self {
            authentication: authentication.map(|kind| match kind.kind() {
                "basic" => "user name and password",
                _ => "a token",
            }),
            certificates: facts
                .map(|facts| (facts.subject.to_string(), Moment(facts.expires_at)))
                .collect(),
            has_tls: tls.is_some(),
        }
    }
}

fn default_schedule(dialect: Dialect) -> String {
    schedule::written(dialect.default_retry_policy().seconds())
}
