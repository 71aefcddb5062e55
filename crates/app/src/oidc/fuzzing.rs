//! A door for the fuzz targets, which cannot reach what reads a provider's answers otherwise.

use std::sync::LazyLock;

use carehook_core::Timestamp;
use serde_json::{Map, Value};

use super::People;
use super::claimed::Claimed;
use super::discovery::Metadata;
use super::exchange::{RefusalIn, Tokens};
use super::id_token::Expected;
use super::issuer::Issuer;
use super::pending::Seal;
use super::provider::MAX_TOKEN_BYTES;
use crate::random::Random;
use crate::tokens::{header_of, is_key_set};

const ISSUER: &str = "https://id.clinic.example/realms/staff";
const CLIENT: &str = "carehook";
const NONCE: &str = "the nonce";
const NOW: Timestamp = Timestamp(1_773_656_465_000);
/// Who may enter: one of each kind.
const ADDRESS: &str = "anna@clinic.example";
const DOMAIN: &str = "@it.clinic.example";
const GROUP: &str = "carehook-admins";

/// Reads bytes as everything that an identity provider sends, and as what a browser has kept; says
/// as what they could be read. What was taken is judged again here, by the plain words of the rules.
#[doc(hidden)]
pub fn read_as_every_answer_of_a_provider(bytes: &[u8]) -> Vec<&'static str> {
    let text = String::from_utf8_lossy(bytes);
    let claims = serde_json::from_slice::<Map<String, Value>>(bytes).ok();
    let is = [
        ("metadata", is_metadata(bytes)),
        ("keys", is_key_set(bytes)),
        ("header", header_of(&text, MAX_TOKEN_BYTES).is_ok()),
        ("tokens", serde_json::from_slice::<Tokens>(bytes).is_ok()),
        (
            "refusal",
            serde_json::from_slice::<RefusalIn>(bytes).is_ok(),
        ),
        ("claims", claims.as_ref().is_some_and(are_for_us)),
        ("person", claims.as_ref().is_some_and(is_let_in)),
        ("kept", is_kept(&text)),
    ];
    let read = is.into_iter().filter(|(_, is)| *is);
    read.map(|(what, _)| what).collect()
}

/// Nobody is sent to, and no code goes to, a place without TLS or of another provider.
fn is_metadata(bytes: &[u8]) -> bool {
    let issuer: Issuer = ISSUER.parse().expect("it has the form of an issuer");
    let Ok(metadata) = Metadata::read(bytes, &issuer) else {
        return false;
    };
    // What nobody asks for may be of a kind that no tree holds, such as the number 1e999.
    if let Ok(said) = serde_json::from_slice::<Value>(bytes) {
        assert_eq!(said["issuer"], ISSUER, "it is of another provider");
    }
    let places = [&metadata.authorization, &metadata.token, &metadata.keys];
    for place in places.into_iter().chain(&metadata.user_info) {
        assert_eq!(place.scheme(), "https", "{place}");
        assert!(place.has_host(), "{place}");
    }
    true
}

/// A token counts for this client, this sign-in and this moment only.
fn are_for_us(claims: &Map<String, Value>) -> bool {
    let expected = Expected {
        issuer: ISSUER,
        client_id: CLIENT,
        nonce: NONCE,
        now: NOW,
    };
    if expected.check(claims).is_err() {
        return false;
    }
    assert_eq!(claims["iss"], ISSUER);
    assert_eq!(claims["nonce"], NONCE);
    let audience = &claims["aud"];
    let among = audience.as_array().is_some_and(|all| {
        let is_alone = all.iter().filter(|one| one.is_string()).count() == 1;
        all.iter().any(|one| one == CLIENT) && (is_alone || claims["azp"] == CLIENT)
    });
    assert!(audience == CLIENT || among, "{audience}");
    let second = NOW.0 / 1_000;
    let within = |name: &str, from: i64, to: i64| {
        let time = claims[name].as_f64().expect("it was read as a number");
        #[expect(clippy::cast_possible_truncation, reason = "it was found to be a time")]
        let time = time as i64;
        assert!((from..=to).contains(&time), "{name} {time}");
    };
    within("exp", second - 60, 1_000_000_000_000);
    within("iat", second - 661, second + 61);
    true
}

/// Only who is on the list comes in, by what the provider has found to be true.
fn is_let_in(claims: &Map<String, Value>) -> bool {
    let Ok(person) = Claimed::read(claims) else {
        return false;
    };
    let called = person.called();
    let list = format!("{ADDRESS},{DOMAIN},group:{GROUP}");
    let people: People = list.parse().expect("it has the form of a list");
    if !people.has(&person) {
        return false;
    }
    let groups = claims.get("groups").unwrap_or(&Value::Null);
    let all = groups.as_array();
    let by_group = groups == GROUP || all.is_some_and(|all| all.iter().any(|one| one == GROUP));
    let email = claims.get("email").and_then(Value::as_str);
    let email = email.unwrap_or_default().to_ascii_lowercase();
    let verified = claims.get("email_verified") == Some(&Value::Bool(true));
    let by_address = verified && (email == ADDRESS || email.ends_with(DOMAIN));
    assert!(by_group || by_address, "{called:?}");
    true
}

/// Nobody makes up a sign-in that has begun here.
fn is_kept(text: &str) -> bool {
    static SEAL: LazyLock<Seal> = LazyLock::new(|| Seal::new(&Random::default()));
    SEAL.open(text).is_some()
}
