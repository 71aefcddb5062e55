//! Tests: which credentials are accepted, and what each gives.

use carehook_core::Secret;

use super::*;
use crate::AppConfig;
use crate::fixture::app_with;

async fn accepts(key: Option<&str>, bearer: Option<&str>) -> bool {
    let (app, _directory) = app_with(AppConfig {
        operator_key: key.map(Secret::new),
        ..AppConfig::default()
    });
    let caller = app.caller(bearer).await;
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
