//! What somebody who may only look sees of an endpoint: queries of URLs often hold a token of the
//! receiver.

use std::sync::Arc;

use carehook_core::{Dialect, Endpoint, Scope};

use super::MASKED;
use crate::OrganizationAccess;

/// The endpoint as the caller may see it: without the values in the query of its URL for who may
/// not manage it. The APIs of vendors know no such difference, and show it whole.
pub(super) fn shown(access: &OrganizationAccess, endpoint: Arc<Endpoint>) -> Arc<Endpoint> {
    let sees_all = access.has(Scope::Manage) || access.face() != Dialect::Native;
    if sees_all || !endpoint.url.contains('?') {
        return endpoint;
    }
    let mut shown = Endpoint::clone(&endpoint);
    shown.url = masked(&endpoint.url);
    Arc::new(shown)
}

fn masked(url: &str) -> String {
    let Some((place, query)) = url.split_once('?') else {
        return url.to_owned();
    };
    let pairs = query.split('&').map(|pair| match pair.split_once('=') {
        Some((name, _)) => format!("{name}={MASKED}"),
        // Without a name all of it is a value.
        None => MASKED.to_owned(),
    });
    let pairs: Vec<_> = pairs.collect();
    format!("{place}?{}", pairs.join("&"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stay_and_values_go() {
        for (url, expected) in [
            ("https://a.example/b", "https://a.example/b".to_owned()),
            (
                "https://a.example/b?token=s3cret&x=1=2&bare",
                format!("https://a.example/b?token={MASKED}&x={MASKED}&{MASKED}"),
            ),
            (
                "https://a.example/b?s3cret",
                format!("https://a.example/b?{MASKED}"),
            ),
        ] {
            assert_eq!(masked(url), expected);
        }
    }
}
