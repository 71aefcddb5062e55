//! Laws of repeated requests: one that has a key runs once and is answered again for 24 hours.

use carehook_core::{Limits, OrganizationId};

use super::Fixture;
use super::scene::{HOUR, Scene};
use crate::{Refusal, RequestKey, RequestStart, StoreError, StoredAnswer};

const FINGERPRINT: [u8; 32] = [3; 32];

fn key(caller: &str, key: &str) -> RequestKey {
    RequestKey {
        caller: caller.into(),
        key: key.into(),
        organization: None,
    }
}

fn answer() -> StoredAnswer {
    StoredAnswer {
        status: 201,
        body: "{\"secret\":\"whsec_x\"}".into(),
    }
}

impl<F: Fixture> Scene<F> {
    async fn start(&self, caller: &str, name: &str) -> RequestStart {
        let key = key(caller, name);
        let started = self.store().start_request(key, FINGERPRINT, self.now());
        started.await.unwrap()
    }
}

pub(super) async fn a_request_runs_once_and_is_answered_again<F: Fixture>() {
    let scene = Scene::<F>::new();
    assert_eq!(scene.start("me", "a").await, RequestStart::New);
    assert_eq!(scene.start("me", "a").await, RequestStart::Running);
    let finished = scene.store().finish_request(key("me", "a"), answer());
    finished.await.unwrap();
    let scene = scene.crashed().await;
    let answered = RequestStart::Answered(answer());
    assert_eq!(scene.start("me", "a").await, answered);
    // Keys of other callers, and other keys, are other requests.
    assert_eq!(scene.start("you", "a").await, RequestStart::New);
    assert_eq!(scene.start("me", "b").await, RequestStart::New);
    let different = scene
        .store()
        .start_request(key("me", "a"), [4; 32], scene.now());
    let different = different.await;
    let reused = StoreError::Refused(Refusal::KeyReused);
    assert_eq!(
        different.unwrap_err().to_string(),
        reused.to_string(),
        "another body"
    );
}

pub(super) async fn an_abandoned_request_can_be_sent_again<F: Fixture>() {
    let scene = Scene::<F>::new();
    assert_eq!(scene.start("me", "a").await, RequestStart::New);
    let abandoned = scene.store().abandon_request(key("me", "a"));
    abandoned.await.unwrap();
    assert_eq!(scene.start("me", "a").await, RequestStart::New);
    let finished = scene.store().finish_request(key("me", "a"), answer());
    finished.await.unwrap();
    // An answer that was given stays.
    let abandoned = scene.store().abandon_request(key("me", "a"));
    abandoned.await.unwrap();
    let answered = RequestStart::Answered(answer());
    assert_eq!(scene.start("me", "a").await, answered);
}

pub(super) async fn a_request_that_ran_at_a_crash_can_be_sent_again<F: Fixture>() {
    let scene = Scene::<F>::new();
    assert_eq!(scene.start("me", "a").await, RequestStart::New);
    let scene = scene.crashed().await;
    assert_eq!(scene.start("me", "a").await, RequestStart::New);
}

pub(super) async fn an_answer_is_forgotten_after_a_day<F: Fixture>() {
    let scene = Scene::<F>::new();
    scene.start("me", "a").await;
    let finished = scene.store().finish_request(key("me", "a"), answer());
    finished.await.unwrap();
    scene.clock.advance(23 * HOUR);
    let answered = RequestStart::Answered(answer());
    assert_eq!(scene.start("me", "a").await, answered);
    scene
        .clock
        .advance(Limits::IDEMPOTENCY.saturating_sub(23 * HOUR));
    assert_eq!(scene.start("me", "a").await, RequestStart::New);
}

pub(super) async fn answers_go_with_their_organization<F: Fixture>() {
    let scene = Scene::<F>::new();
    let (org, other) = (
        scene.organization("northside").await,
        scene.organization("southside").await,
    );
    let of = |organization: &OrganizationId, name: &str| RequestKey {
        organization: Some(organization.clone()),
        ..key(organization.as_str(), name)
    };
    let start = async |key: RequestKey| {
        let started = scene.store().start_request(key, FINGERPRINT, scene.now());
        started.await.unwrap()
    };
    for key in [of(&org, "a"), of(&other, "a")] {
        start(key.clone()).await;
        let finished = scene.store().finish_request(key, answer());
        finished.await.unwrap();
    }
    assert_eq!(start(of(&org, "running")).await, RequestStart::New);
    let now = scene.now();
    scene.store().delete_organization(&org, now).await.unwrap();
    // Its end finds nothing to add an answer to.
    let finished = scene.store().finish_request(of(&org, "running"), answer());
    finished.await.unwrap();
    let org = scene.organization("northside").await;
    for name in ["a", "running"] {
        assert_eq!(start(of(&org, name)).await, RequestStart::New, "{name}");
    }
    let kept = RequestStart::Answered(answer());
    assert_eq!(start(of(&other, "a")).await, kept);
}
