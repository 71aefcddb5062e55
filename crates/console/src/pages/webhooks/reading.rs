//! From the fields of a form to what the use cases take.

use carehook_app::{
    AppError, Change, CredentialsChange, EndpointChange, Faults, FieldFault, HeadersChange,
    NewAuthentication, NewCredentials, NewEndpoint, NewTls,
};
use carehook_core::{AccountId, Dialect, Endpoint, Mode, PayloadMode, Secret};

use super::fields::Fields;
use super::form::Credential;
use super::schedule;

/// What has the same form for a new webhook and for a change.
struct Read {
    account: Option<AccountId>,
    timeout_ms: Option<u64>,
    retry_schedule: Option<Vec<u32>>,
    headers: Vec<(String, Option<Secret>)>,
}

impl Read {
    fn of(entered: &Fields, current: Option<&Endpoint>) -> Result<Self, AppError> {
        let mut faults = Faults::default();
        let account = entered.given("account").map(str::parse);
        let millis = entered.given("timeout_ms").map(|text| {
            let number = text.parse::<u64>();
            number.map_err(|_| "must be a number of milliseconds")
        });
        let schedule = entered.given("retry_schedule").map(schedule::read);
        let read = Self {
            account: faults.take_optional("/account", account),
            timeout_ms: faults.take_optional("/timeout_ms", millis),
            retry_schedule: faults.take_optional("/retry_schedule", schedule),
            headers: headers(entered, current, &mut faults),
        };
        faults.check()?;
        Ok(read)
    }
}

/// A new webhook of this mode, as the form says.
pub(super) fn new_endpoint(entered: &Fields, mode: Mode) -> Result<NewEndpoint, AppError> {
    let Read {
        account,
        timeout_ms,
        retry_schedule,
        headers,
    } = Read::of(entered, None)?;
    let owned = |name| entered.given(name).map(str::to_owned);
    let given = |(name, value): (String, Option<Secret>)| value.map(|value| (name, value));
    Ok(NewEndpoint {
        name: owned("name"),
        url: entered.text("url").to_owned(),
        events: events(entered),
        dialect: dialect(entered),
        mode: Some(mode),
        account,
        active: entered.ticked("active"),
        payload: payload(entered),
        version: owned("version"),
        headers: headers.into_iter().filter_map(given).collect(),
        credentials: NewCredentials {
            authentication: authentication(entered),
            tls: tls(entered),
        },
        timeout_ms,
        retry_schedule,
        notification_email: owned("notification_email"),
    })
}

/// What the form makes of a webhook. What stands in it unchanged is not part of the change: a rule
/// that is newer than it would else be in the way.
pub(super) fn change(entered: &Fields, current: &Endpoint) -> Result<EndpointChange, AppError> {
    let Read {
        account,
        timeout_ms,
        retry_schedule,
        headers,
    } = Read::of(entered, Some(current))?;
    let owned = |name| entered.given(name).map(str::to_owned);
    let url = entered.text("url");
    let events = events(entered);
    let payload = payload(entered);
    let version = current.version.as_deref().map(str::to_owned);
    let timeout = current.timeout.map(|time| time.as_millis());
    let timeout = timeout.and_then(|millis| u64::try_from(millis).ok());
    let schedule = current.retry_policy.as_ref();
    let schedule = schedule.map(|own| own.seconds().to_vec());
    Ok(EndpointChange {
        name: changed(owned("name"), current.name.as_ref()),
        url: (url != current.url).then(|| url.to_owned()),
        events: differ(&events, current).then_some(events),
        account: changed(account, current.account.as_ref()),
        payload: (payload != current.payload).then_some(payload),
        version: changed(owned("version"), version.as_ref()),
        headers: HeadersChange::Merge(headers),
        credentials: CredentialsChange {
            authentication: of_choice(entered.text("authentication"), authentication(entered)),
            tls: of_choice(entered.text("tls"), tls(entered)),
        },
        timeout_ms: changed(timeout_ms, timeout.as_ref()),
        retry_schedule: changed(retry_schedule, schedule.as_ref()),
        notification_email: changed(
            owned("notification_email"),
            current.notification_email.as_ref(),
        ),
        ..EndpointChange::default()
    })
}

fn changed<T: PartialEq>(now: Option<T>, before: Option<&T>) -> Change<T> {
    match now {
        same if same.as_ref() == before => Change::Keep,
        None => Change::Clear,
        Some(value) => Change::Set(value),
    }
}

fn differ(events: &[String], current: &Endpoint) -> bool {
    let mut now: Vec<&str> = events.iter().map(String::as_str).collect();
    let mut before = current.subscription_names();
    now.sort_unstable();
    before.sort_unstable();
    now != before
}

fn of_choice<T>(choice: &str, given: Option<T>) -> Change<T> {
    match Credential::named(choice) {
        Credential::Keep => Change::Keep,
        _ => given.map_or(Change::Clear, Change::Set),
    }
}

/// Whether everything is wanted, whatever is ticked.
pub(super) fn wants_all(entered: &Fields) -> bool {
    entered.text("which") == "all"
}

/// What is wanted: what is ticked, and what is typed besides.
pub(super) fn events(entered: &Fields) -> Vec<String> {
    if wants_all(entered) {
        return vec!["*".to_owned()];
    }
    let typed = entered.all("patterns").flat_map(|text| {
        let parts = text.split([',', ' ', '\t', '\r', '\n']);
        parts.filter(|part| !part.is_empty())
    });
    let mut events: Vec<String> = Vec::new();
    for name in entered.all("event").chain(typed) {
        if !events.iter().any(|known| known == name) {
            events.push(name.to_owned());
        }
    }
    events
}

/// The dialect that is chosen; a field with another word is as one without any.
pub(super) fn dialect(entered: &Fields) -> Dialect {
    let word = entered.text("dialect");
    let named = Dialect::ALL.into_iter().find(|one| one.as_str() == word);
    named.unwrap_or_default()
}

/// How much is sent.
pub(super) fn payload(entered: &Fields) -> PayloadMode {
    let word = entered.text("payload");
    let named = PayloadMode::ALL
        .into_iter()
        .find(|one| one.as_str() == word);
    named.unwrap_or_default()
}

/// Headers to set and, without a value, to remove; those with an empty value stay.
fn headers(
    entered: &Fields,
    current: Option<&Endpoint>,
    faults: &mut Faults,
) -> Vec<(String, Option<Secret>)> {
    let removed = entered.all("header_removed");
    let mut headers: Vec<_> = removed.map(|name| (name.to_owned(), None)).collect();
    let own = |name: &str| {
        let mut own = current.iter().flat_map(|endpoint| &endpoint.headers);
        own.any(|header| header.name.as_str().eq_ignore_ascii_case(name))
    };
    let pairs = entered.all("header_name").zip(entered.all("header_value"));
    for (name, value) in pairs.map(|(name, value)| (name.trim(), value.trim())) {
        let is_removed = headers.iter().any(|(gone, _)| gone == name);
        match (name, value) {
            ("", "") => {}
            ("", _) => faults.add("/headers", "a value needs a name"),
            (name, "") if own(name) => {}
            (name, "") => faults.add(pointer(name), "needs a value"),
            (_, _) if is_removed => {}
            (name, value) => headers.push((name.to_owned(), Some(Secret::new(value)))),
        }
    }
    headers
}

fn pointer(name: &str) -> String {
    format!("/headers/{}", name.replace('~', "~0").replace('/', "~1"))
}

fn authentication(entered: &Fields) -> Option<NewAuthentication> {
    let secret = |name| Secret::new(entered.all(name).next().unwrap_or_default());
    match Credential::named(entered.text("authentication")) {
        Credential::Basic => Some(NewAuthentication::Basic {
            username: secret("username"),
            password: secret("password"),
        }),
        Credential::Bearer => Some(NewAuthentication::Bearer {
            token: Secret::new(entered.text("token")),
        }),
        Credential::Keep | Credential::None | Credential::Own => None,
    }
}

fn tls(entered: &Fields) -> Option<NewTls> {
    let given = |name| entered.given(name).map(Secret::new);
    (Credential::named(entered.text("tls")) == Credential::Own).then(|| NewTls {
        client_certificate: given("client_certificate"),
        client_key: given("client_key"),
        ca: given("ca"),
    })
}

/// The same error, where faults of an event or of a header name it: beside a field that holds many,
/// a place in a list says nothing.
pub(super) fn named(error: AppError, events: &[String]) -> AppError {
    let AppError::Invalid(faults) = error else {
        return error;
    };
    let faults = faults.into_iter().map(|FieldFault { pointer, reason }| {
        let event = pointer.strip_prefix("/events/");
        let event = event.and_then(|place| events.get(place.parse::<usize>().ok()?));
        let header = pointer.strip_prefix("/headers/").map(str::to_owned);
        let reason = match event.cloned().or(header) {
            Some(name) => format!("`{}` {reason}", crate::figures::shortened(&name, 80)),
            None => reason,
        };
        FieldFault { pointer, reason }
    });
    AppError::Invalid(faults.collect())
}
