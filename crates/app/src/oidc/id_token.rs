//! What an ID token has to say (`OpenID` Connect Core 1.0, 3.1.3.7), once its signature is right.

use std::time::Duration;

use carehook_core::{Secret, Timestamp};
use serde_json::{Map, Value};

use super::pending::LIFETIME;

/// How far the provider's clock may be away from ours.
const LEEWAY: Duration = Duration::from_mins(1);

/// What the claims of a token are compared with.
pub(super) struct Expected<'a> {
    pub(super) issuer: &'a str,
    pub(super) client_id: &'a str,
    pub(super) nonce: &'a str,
    pub(super) now: Timestamp,
}

impl Expected<'_> {
    /// Says what is wrong with a token's claims.
    pub(super) fn check(&self, claims: &Map<String, Value>) -> Result<(), &'static str> {
        let text = |name: &str| claims.get(name).and_then(Value::as_str);
        if text("iss") != Some(self.issuer) {
            return Err("its `iss` is another issuer");
        }
        self.check_audience(claims)?;
        self.check_times(claims)?;
        let nonce = text("nonce").ok_or("it has no `nonce`")?;
        if Secret::new(nonce) != Secret::new(self.nonce) {
            return Err("its `nonce` is of another sign-in");
        }
        Ok(())
    }

    fn check_audience(&self, claims: &Map<String, Value>) -> Result<(), &'static str> {
        let audiences: Vec<&str> = match claims.get("aud") {
            Some(Value::String(one)) => vec![one],
            Some(Value::Array(all)) => all.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        };
        if !audiences.contains(&self.client_id) {
            return Err("its `aud` is another client");
        }
        match claims.get("azp") {
            Some(party) if party.as_str() != Some(self.client_id) => {
                Err("its `azp` is another client")
            }
            None if audiences.len() > 1 => Err("it has several audiences and no `azp`"),
            _ => Ok(()),
        }
    }

    fn check_times(&self, claims: &Map<String, Value>) -> Result<(), &'static str> {
        let now = self.now;
        let expires_at = time(claims, "exp")?.ok_or("it has no `exp`")?;
        if now >= expires_at.plus(LEEWAY) {
            return Err("it has expired");
        }
        let issued_at = time(claims, "iat")?.ok_or("it has no `iat`")?;
        if issued_at > now.plus(LEEWAY) {
            return Err("it was issued in the future");
        }
        if now > issued_at.plus(LIFETIME + LEEWAY) {
            return Err("it was issued too long ago");
        }
        let not_before = time(claims, "nbf")?.unwrap_or(now);
        if not_before > now.plus(LEEWAY) {
            return Err("it is not valid yet");
        }
        Ok(())
    }
}

/// A `NumericDate` (RFC 7519, 2): seconds, perhaps with a fraction.
fn time(claims: &Map<String, Value>, name: &str) -> Result<Option<Timestamp>, &'static str> {
    let Some(value) = claims.get(name) else {
        return Ok(None);
    };
    let seconds = value.as_f64().ok_or("one of its times is not a number")?;
    // Beyond this range nothing is a time, and adding to it would overflow.
    if !(0.0..1e12).contains(&seconds) {
        return Err("one of its times is out of range");
    }
    #[expect(clippy::cast_possible_truncation, reason = "the range was looked at")]
    Ok(Some(Timestamp((seconds * 1000.0) as i64)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const NOW: Timestamp = Timestamp(1_773_656_465_000);

    fn check(change: impl FnOnce(&mut Value)) -> Result<(), &'static str> {
        let second = NOW.seconds();
        let mut claims = json!({
            "iss": "https://id.clinic.example", "aud": "carehook", "nonce": "the nonce",
            "iat": second, "exp": second + 300,
        });
        change(&mut claims);
        let expected = Expected {
            issuer: "https://id.clinic.example",
            client_id: "carehook",
            nonce: "the nonce",
            now: NOW,
        };
        expected.check(claims.as_object().unwrap())
    }

    #[track_caller]
    fn assert_refused(name: &str, values: &[Value], why: &str) {
        for value in values {
            let checked = check(|claims| claims[name] = value.clone());
            assert_eq!(checked, Err(why), "{name} {value}");
        }
    }

    #[test]
    fn a_token_that_says_all_of_it_counts() {
        assert_eq!(check(|_| {}), Ok(()));
        let several = |claims: &mut Value| {
            claims["aud"] = json!(["other", "carehook"]);
            claims["azp"] = json!("carehook");
        };
        assert_eq!(check(several), Ok(()));
        assert_eq!(check(|claims| claims["aud"] = json!(["carehook"])), Ok(()));
        let second = NOW.seconds();
        for (name, value) in [
            ("exp", second - 59),
            ("iat", second + 60),
            ("iat", second - 660),
            ("nbf", second + 60),
        ] {
            let checked = check(|claims| claims[name] = json!(value));
            assert_eq!(checked, Ok(()), "{name} {value}");
        }
    }

    #[test]
    fn a_token_of_another_issuer_client_or_sign_in_does_not_count() {
        let near = [
            json!("https://id.clinic.example/"),
            json!("https://evil.example"),
            json!(["https://id.clinic.example"]),
            json!(null),
        ];
        assert_refused("iss", &near, "its `iss` is another issuer");
        let others = [json!("other"), json!([]), json!(["other"]), json!(null)];
        assert_refused("aud", &others, "its `aud` is another client");
        let several = [json!(["carehook", "other"])];
        assert_refused("aud", &several, "it has several audiences and no `azp`");
        let parties = [json!("other"), json!(null), json!(["carehook"])];
        assert_refused("azp", &parties, "its `azp` is another client");
        let nonces = [json!("another"), json!("")];
        assert_refused("nonce", &nonces, "its `nonce` is of another sign-in");
        assert_refused("nonce", &[json!(null), json!(7)], "it has no `nonce`");
    }

    #[test]
    fn a_token_of_another_time_does_not_count() {
        let second = NOW.seconds();
        assert_refused("exp", &[json!(second - 60), json!(0)], "it has expired");
        let future = [json!(second + 61)];
        assert_refused("iat", &future, "it was issued in the future");
        let past = [json!(second - 661)];
        assert_refused("iat", &past, "it was issued too long ago");
        assert_refused("nbf", &[json!(second + 61)], "it is not valid yet");
        for name in ["exp", "iat"] {
            let texts = [json!("soon"), json!(null)];
            assert_refused(name, &texts, "one of its times is not a number");
            let far = [json!(1e300), json!(-1)];
            assert_refused(name, &far, "one of its times is out of range");
            let checked = check(|claims| {
                claims.as_object_mut().unwrap().remove(name);
            });
            assert!(checked.is_err(), "{name}");
        }
    }
}
