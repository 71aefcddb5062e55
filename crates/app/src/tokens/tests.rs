//! Which tokens are accepted, and which forgeries are not.

use carehook_core::{Secret, Timestamp};
use carehook_deliver::DeliverConfig;

use super::*;

const NOW: Timestamp = Timestamp(1_773_656_465_000);
const SECRET: &str = "a secret for tokens that is long enough";

fn secret(text: &str) -> TokenSecret {
    TokenSecret::try_new(Secret::new(text)).unwrap()
}

#[tokio::test]
async fn a_minted_token_is_accepted_until_it_ends() {
    let config = TokenConfig {
        secret: Some(secret(SECRET)),
        key_set_url: None,
    };
    let deliverer = Deliverer::new(DeliverConfig::default()).unwrap();
    let verifier = TokenVerifier::new(config, deliverer);
    let expires_at = Timestamp(NOW.0 + 60_000);
    let new = NewToken {
        subject: "nora".into(),
        organization: "north".parse().unwrap(),
        scopes: vec!["read".into(), "manage".into()],
        issued_at: NOW,
        expires_at,
    };
    let token = new.sign(&secret(SECRET));
    let claims = verifier.verify(token.expose(), NOW).await.unwrap();
    let expected = Claims {
        subject: "nora".into(),
        organization: TokenOrganization::One("north".parse().unwrap()),
        scopes: vec!["read".into(), "manage".into()],
        expires_at: Timestamp(1_773_656_525_000),
    };
    assert_eq!(claims, expected);
    let last = Timestamp(expires_at.0 - 1);
    assert!(verifier.verify(token.expose(), last).await.is_ok());
    assert!(verifier.verify(token.expose(), expires_at).await.is_err());
}
