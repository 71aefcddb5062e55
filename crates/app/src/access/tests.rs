//! Tests: which credentials are accepted, and what each gives.

use carehook_core::{Mode, Permission, Resource, Secret, Timestamp};
use tempfile::TempDir;

use super::*;
use crate::fixture::app_with;
use crate::{
    AppConfig, NewApiKey, NewOrganization, NewToken, SettingsChange, TokenConfig, TokenSecret,
};

const OPERATOR_KEY: &str = "key-1";

fn token_secret() -> TokenSecret {
    TokenSecret::try_new(Secret::new("a secret of the tests, long enough")).unwrap()
}

/// An application with the organizations `northside` and `southside`.
struct Installation {
    app: App,
    _directory: TempDir,
}

impl Installation {
    async fn new() -> Self {
        let (app, directory) = app_with(AppConfig {
            operator_key: Some(Secret::new(OPERATOR_KEY)),
            tokens: TokenConfig {
                secret: Some(token_secret()),
                ..TokenConfig::default()
            },
            ..AppConfig::default()
        });
        let caller = app.caller(Some(OPERATOR_KEY), None).await.unwrap();
        let operator = app.operator(&caller).unwrap();
        for id in ["northside", "southside"] {
            let new = NewOrganization {
                settings: SettingsChange::default(),
                id: Some(id.parse().unwrap()),
                name: id.to_owned(),
            };
            app.create_organization(&operator, new).await.unwrap();
        }
        Self {
            app,
            _directory: directory,
        }
    }

    async fn caller(&self, bearer: &str) -> Caller {
        self.app.caller(Some(bearer), None).await.unwrap()
    }

    /// Who has a token with these scopes.
    async fn token(&self, organization: &str, scopes: &[&str]) -> Caller {
        let issued_at = self.app.now();
        let token = NewToken {
            subject: "mary".to_owned(),
            organization: organization.parse().unwrap(),
            scopes: scopes.iter().map(|scope| (*scope).to_owned()).collect(),
            issued_at,
            expires_at: Timestamp(issued_at.0 + 60_000),
        };
        self.caller(token.sign(&token_secret()).expose()).await
    }

    /// The text of a key of `northside`.
    async fn key(&self, scopes: &[Scope], permissions: &[&str]) -> Secret {
        let operator = self.caller(OPERATOR_KEY).await;
        let access = self.app.access(&operator, "northside").unwrap();
        let new = NewApiKey {
            name: "Key".to_owned(),
            mode: Mode::Test,
            permissions: Some(permissions.iter().map(|one| one.parse().unwrap()).collect()),
            scopes: Some(scopes.iter().copied().collect()),
            expires_at: None,
            rate_limit: None,
        };
        self.app.create_api_key(&access, new).await.unwrap().text
    }
}

fn scopes_of(access: &OrganizationAccess) -> Vec<Scope> {
    let all = Scope::ALL.into_iter();
    all.filter(|scope| access.has(*scope)).collect()
}

async fn accepts(key: Option<&str>, bearer: Option<&str>) -> bool {
    let (app, _directory) = app_with(AppConfig {
        operator_key: key.map(Secret::new),
        ..AppConfig::default()
    });
    let caller = app.caller(bearer, None).await;
    caller.is_ok_and(|caller| app.operator(&caller).is_ok())
}

#[tokio::test]
async fn only_the_operators_whole_key_is_accepted() {
    assert!(accepts(Some("key-1"), Some("key-1")).await);
    for bearer in [None, Some(""), Some("key"), Some("key-12"), Some("KEY-1")] {
        assert!(!accepts(Some("key-1"), bearer).await, "{bearer:?}");
    }
}

#[tokio::test]
async fn without_an_operators_key_nobody_is_accepted() {
    for key in [None, Some("")] {
        for bearer in [None, Some(""), Some("key-1")] {
            assert!(!accepts(key, bearer).await, "{key:?} {bearer:?}");
        }
    }
}

#[tokio::test]
async fn an_operators_key_may_look_like_an_api_key() {
    let text = ApiKeyText::new(Mode::Live, &[1; 32]);
    let text = text.secret().expose();
    assert!(accepts(Some(text), Some(text)).await);
}

#[tokio::test]
async fn the_operator_reaches_every_organization_and_belongs_to_none() {
    let installation = Installation::new().await;
    let app = &installation.app;
    let operator = installation.caller(OPERATOR_KEY).await;
    for id in ["northside", "southside"] {
        let access = app.access(&operator, id).unwrap();
        assert_eq!(scopes_of(&access), Scope::ALL);
        assert_eq!((access.mode(), access.actor()), (None, "operator"));
        assert_eq!(access.permissions().len(), Permission::all().count());
    }
    for unknown in ["nobody", "", "..", "a/b"] {
        let refused = app.access(&operator, unknown);
        assert!(matches!(refused, Err(AppError::NotFound { .. })));
    }
    let own = app.own_access(&operator);
    assert!(matches!(own, Err(AppError::Forbidden { .. })));
    assert!(app.catalogue_editor(&operator).is_ok());
}

#[tokio::test]
async fn a_key_reaches_its_own_organization_with_its_own_rights() {
    let installation = Installation::new().await;
    let app = &installation.app;
    let scopes = [Scope::Read, Scope::Manage];
    let text = installation.key(&scopes, &["patients:write"]).await;
    let caller = installation.caller(text.expose()).await;
    let access = app.own_access(&caller).unwrap();
    assert_eq!(access.organization().as_str(), "northside");
    assert_eq!(
        (access.mode(), scopes_of(&access)),
        (Some(Mode::Test), scopes.into())
    );
    assert!(access.may_read(Resource::Patients) && !access.may_read(Resource::Documents));
    assert_eq!(access.permissions().len(), 2, "write includes read");
    let foreign = app.access(&caller, "southside");
    assert!(matches!(foreign, Err(AppError::NotFound { .. })));
    assert!(app.operator(&caller).is_err() && app.catalogue_editor(&caller).is_err());
    let shown = format!("{caller:?} {access:?}");
    assert!(!shown.contains(&text.expose()[12..]), "{shown}");
}

#[tokio::test]
async fn admin_of_an_organization_is_not_the_operator() {
    let installation = Installation::new().await;
    let app = &installation.app;
    let key = installation.key(&[Scope::Admin], &[]).await;
    let key = installation.caller(key.expose()).await;
    let token = installation.token("northside", &["admin"]).await;
    for caller in [key, token] {
        let access = app.own_access(&caller).unwrap();
        assert_eq!(scopes_of(&access).len(), Scope::ALL.len() - 1);
        assert!(app.operator(&caller).is_err());
        assert!(app.catalogue_editor(&caller).is_err());
    }
}

#[tokio::test]
async fn a_token_gives_what_its_words_stand_for() {
    let installation = Installation::new().await;
    let app = &installation.app;
    for (words, expected) in [
        (
            &["webhooks:read"][..],
            &[Scope::Read, Scope::ReadPayload][..],
        ),
        (&["webhooks:write"], &[Scope::Read, Scope::Manage]),
        (&["publish", "keys"], &[Scope::Publish, Scope::Keys]),
        (&["catalogue:write", "unknown"], &[Scope::CatalogueWrite]),
        (&[], &[]),
    ] {
        let caller = installation.token("northside", words).await;
        let access = app.own_access(&caller).unwrap();
        assert_eq!(scopes_of(&access), expected, "{words:?}");
        assert_eq!((access.mode(), access.actor()), (None, "token:mary"));
        assert_eq!(&*access.name(), "mary");
        let edits = expected.contains(&Scope::CatalogueWrite);
        assert_eq!(app.catalogue_editor(&caller).is_ok(), edits, "{words:?}");
        assert!(app.access(&caller, "southside").is_err());
    }
    let gone = installation.token("nobody", &["admin"]).await;
    assert!(app.own_access(&gone).is_err());
}

#[tokio::test]
async fn a_token_for_all_organizations_is_the_operators_with_admin_only() {
    let installation = Installation::new().await;
    let app = &installation.app;
    let reader = installation.token("*", &["webhooks:read"]).await;
    for id in ["northside", "southside"] {
        let access = app.access(&reader, id).unwrap();
        assert_eq!(scopes_of(&access), [Scope::Read, Scope::ReadPayload]);
    }
    assert!(app.operator(&reader).is_err() && app.own_access(&reader).is_err());
    let admin = installation.token("*", &["admin"]).await;
    assert!(app.operator(&admin).is_ok() && app.catalogue_editor(&admin).is_ok());
}

#[tokio::test]
async fn repetitions_are_remembered_for_each_caller_alone() {
    let installation = Installation::new().await;
    let app = &installation.app;
    let scopes = [Scope::Read];
    let mut callers = vec![
        installation.caller(OPERATOR_KEY).await,
        installation.token("northside", &["webhooks:read"]).await,
        installation.token("northside", &["webhooks:write"]).await,
        installation.token("*", &["webhooks:write"]).await,
    ];
    for _ in 0..2 {
        let key = installation.key(&scopes, &[]).await;
        callers.push(installation.caller(key.expose()).await);
    }
    let mut names: Vec<String> = Vec::new();
    for caller in &callers {
        let access = app.access(caller, "northside").unwrap();
        names.push(access.requester().to_string());
    }
    // Two tokens with the same rights are one caller, however far each of them reaches.
    assert_eq!(names[2], names[3]);
    names.remove(3);
    for (index, name) in names.iter().enumerate() {
        assert!(!names[..index].contains(name), "{name}");
    }
}
