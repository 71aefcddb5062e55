//! What `carehook-core` signs, verified by the libraries that receivers use.

use std::time::Duration;

use carehook_core::{Clock, Dialect, Envelope, Retired, Secret, Secrets, Signers, signed_headers};
use carehook_testkit::{Judge, JudgeVerdict};
use http::HeaderMap;

const BODY: &str = r#"{"type":"patient.updated","data":{"name":"Zoë ☂"}}"#;

fn signed(secrets: &Secrets, body: &str) -> HeaderMap {
    let signers = Signers::new(secrets, Dialect::Native).expect("the secrets are valid");
    let now = Clock::system().wall();
    let envelope = Envelope {
        event_id: "evt_1",
        body: body.as_bytes(),
        sent_at: now,
        wall: now,
    };
    signed_headers(&HeaderMap::new(), &envelope, &signers)
}

#[track_caller]
fn check_refused(verdict: &JudgeVerdict) {
    assert!(matches!(verdict, JudgeVerdict::Refused(_)), "{verdict:?}");
}

#[test]
fn every_judge_accepts_what_we_sign() {
    let secret = Secret::symmetric(&[7; 32]);
    let headers = signed(&Secrets::first(secret.clone(), Clock::system().now()), BODY);
    for judge in Judge::ALL {
        let verdict = judge.verify(secret.expose(), &headers, BODY);
        assert_eq!(verdict, JudgeVerdict::Accepted, "{judge:?}");
    }
}

#[test]
fn every_judge_refuses_another_body_another_secret_and_an_old_request() {
    let secret = Secret::symmetric(&[7; 32]);
    let other = Secret::symmetric(&[8; 32]);
    let headers = signed(&Secrets::first(secret.clone(), Clock::system().now()), BODY);
    let mut old = headers.clone();
    old.insert("webhook-timestamp", "1700000000".parse().unwrap());
    for judge in Judge::ALL {
        check_refused(&judge.verify(secret.expose(), &headers, "{}"));
        check_refused(&judge.verify(other.expose(), &headers, BODY));
        check_refused(&judge.verify(secret.expose(), &old, BODY));
    }
}

#[test]
fn during_a_rotation_every_judge_accepts_with_the_old_and_with_the_new_secret() {
    let old = Secret::symmetric(&[7; 32]);
    let new = Secret::symmetric(&[8; 32]);
    let now = Clock::system().now();
    let day = Duration::from_hours(24);
    let secrets = Secrets::first(old.clone(), now).rotated(new.clone(), now, day, Retired::Forget);
    let headers = signed(&secrets, BODY);
    for (judge, secret) in Judge::ALL
        .into_iter()
        .flat_map(|judge| [(judge, &old), (judge, &new)])
    {
        let verdict = judge.verify(secret.expose(), &headers, BODY);
        assert_eq!(verdict, JudgeVerdict::Accepted, "{judge:?}");
    }
}
