//! A server, its identity provider, and a browser between them.

use carehook_core::{AuditAction, AuditEntry, Clock, ManualClock, Secret};
use carehook_store::DirectoryAudit;
use carehook_testkit::{ClientProof, IdentityProvider};
use tempfile::TempDir;
use url::Url;

use crate::fixture::app_with;
use crate::{App, AppConfig, OidcAnswer, OidcConfig, OidcError, OidcKept, OidcPerson, SignedIn};

pub(super) struct World {
    pub(super) provider: IdentityProvider,
    pub(super) app: App,
    pub(super) directory: TempDir,
}

/// Somebody who came in.
pub(super) struct Entry {
    pub(super) session: SignedIn,
    pub(super) next: String,
}

/// A sign-in that has begun: where the browser goes, and what it keeps.
pub(super) struct Begun {
    pub(super) url: String,
    pub(super) kept: OidcKept,
}

impl World {
    pub(super) async fn start() -> Self {
        Self::with(|_| {}).await
    }

    /// A world whose server is configured otherwise.
    pub(super) async fn with(change: impl FnOnce(&mut OidcConfig)) -> Self {
        let provider = IdentityProvider::start().await;
        let mut config = OidcConfig {
            issuer: provider.issuer().parse().unwrap(),
            client_id: IdentityProvider::CLIENT_ID.to_owned(),
            client_secret: Some(Secret::new(IdentityProvider::CLIENT_SECRET)),
            people: "anna@clinic.example".parse().unwrap(),
            name: None,
            only: false,
        };
        change(&mut config);
        let (app, directory) = app_with(AppConfig {
            public_url: "https://hooks.example.com/".to_owned(),
            oidc: Some(config),
            ..AppConfig::default()
        });
        let now = app.now().seconds();
        provider.behave(|conduct| conduct.now = Some(now));
        Self {
            provider,
            app,
            directory,
        }
    }

    /// A server without a secret at the provider.
    pub(super) async fn public() -> Self {
        let world = Self::with(|config| config.client_secret = None).await;
        world
            .provider
            .behave(|conduct| conduct.proof = ClientProof::Nothing);
        world
    }

    pub(super) fn clock(&self) -> &ManualClock {
        match &self.app.inner().clock {
            Clock::Manual(clock) => clock,
            Clock::System(_) => panic!("the clock of tests is set by hand"),
        }
    }

    pub(super) async fn begin(&self) -> Begun {
        let begun = self
            .app
            .begin_oidc("/console/o/northside", OidcPerson::Known, &[])
            .await
            .unwrap();
        Begun {
            url: begun.url.expose().to_owned(),
            kept: begun.kept,
        }
    }

    /// What the provider sends the browser back with.
    pub(super) fn consent(&self, begun: &Begun) -> OidcAnswer {
        answer(&self.provider.consent(&begun.url))
    }

    pub(super) async fn finish(
        &self,
        begun: &Begun,
        answer: OidcAnswer,
    ) -> Result<Entry, OidcError> {
        let kept = std::slice::from_ref(&begun.kept);
        let back = self.app.finish_oidc(answer, kept, None).await;
        let next = back.next.unwrap_or_default();
        back.outcome.map(|session| Entry { session, next })
    }

    /// The whole way.
    pub(super) async fn sign_in(&self) -> Result<Entry, OidcError> {
        let begun = self.begin().await;
        let answer = self.consent(&begun);
        self.finish(&begun, answer).await
    }

    /// What the trail calls those who were refused, in order.
    pub(super) async fn refused(&self) -> Vec<Option<String>> {
        self.app.drained().await;
        let trail = DirectoryAudit::open(self.directory.path()).unwrap();
        let mut refused = Vec::new();
        for book in trail.books().unwrap() {
            let read = trail.entries(&book, |record| {
                if record.entry.action == AuditAction::SignInRefused {
                    let name = record.entry.details.get(AuditEntry::ACTOR_NAME);
                    refused.push(name.cloned());
                }
            });
            read.unwrap();
        }
        refused
    }

    /// The whole way, which leads to nothing.
    #[track_caller]
    pub(super) fn refusal(result: Result<Entry, OidcError>) -> OidcError {
        match result {
            Ok(_) => panic!("somebody was signed in"),
            Err(error) => error,
        }
    }
}

/// What stands in the address that a browser is sent back to.
pub(super) fn answer(url: &str) -> OidcAnswer {
    let url: Url = url.parse().unwrap();
    assert_eq!(url.path(), "/console/sign-in/oidc/return", "{url}");
    assert_eq!(url.host_str(), Some("hooks.example.com"), "{url}");
    let value = |name: &str| {
        let mut pairs = url.query_pairs();
        let found = pairs.find(|(found, _)| found == name);
        found.map(|(_, value)| value.into_owned())
    };
    OidcAnswer {
        code: value("code"),
        state: value("state"),
        issuer: value("iss"),
        error: value("error"),
        error_description: value("error_description"),
    }
}
