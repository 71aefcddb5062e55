//! The headers that tell what is left of a limit (draft-ietf-httpapi-ratelimit-headers-10).

use carehook_app::{Counting, Quota};
use http::{HeaderMap, HeaderName, HeaderValue};

const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const LEFT: HeaderName = HeaderName::from_static("ratelimit");

/// Puts `RateLimit-Policy` and `RateLimit` into the headers of an answer.
pub(super) fn tell(quota: &Quota, headers: &mut HeaderMap) {
    let Quota {
        counting,
        limit,
        remaining,
        reset_seconds,
    } = quota;
    let name = match counting {
        Counting::Requests => "default",
        Counting::Events => "events",
        Counting::SignIns => "sign-ins",
    };
    let window = counting.window().as_secs();
    headers.insert(POLICY, text(&format!("\"{name}\";q={limit};w={window}")));
    let left = format!("\"{name}\";r={remaining};t={reset_seconds}");
    headers.insert(LEFT, text(&left));
}

fn text(text: &str) -> HeaderValue {
    HeaderValue::try_from(text).expect("it is printable ASCII")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_told_as_the_draft_writes_it() {
        let told = |counting| {
            let quota = Quota {
                counting,
                limit: 100,
                remaining: 7,
                reset_seconds: 42,
            };
            let mut headers = HeaderMap::new();
            tell(&quota, &mut headers);
            let shown = |name| headers.get(name).unwrap().to_str().unwrap().to_owned();
            (shown(POLICY), shown(LEFT))
        };
        let (policy, left) = told(Counting::Requests);
        assert_eq!(policy, "\"default\";q=100;w=3600");
        assert_eq!(left, "\"default\";r=7;t=42");
        let (policy, left) = told(Counting::Events);
        assert_eq!(policy, "\"events\";q=100;w=1");
        assert_eq!(left, "\"events\";r=7;t=42");
    }
}
