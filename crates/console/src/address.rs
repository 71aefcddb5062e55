//! Addresses of pages: one place that knows how organization, mode and page stand in a path.

use carehook_core::{Mode, OrganizationId};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

/// What cannot stand in a part of a path or in a value of a query as it is (RFC 3986, 3.3 and 3.4).
const PART: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'&')
    .add(b'+')
    .add(b'/')
    .add(b'<')
    .add(b'=')
    .add(b'>')
    .add(b'?')
    .add(b'[')
    .add(b'\\')
    .add(b']')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// One part of a path, or one value of a query.
pub(crate) fn part(text: &str) -> String {
    utf8_percent_encode(text, PART).to_string()
}

/// A page of an organization in a mode; `page` begins after the organization, such as
/// `webhooks/new`, `log?state=failed` or `?range=1h`.
pub(crate) fn in_organization(organization: &OrganizationId, mode: Mode, page: &str) -> String {
    let base = format!("/console/o/{}", part(organization.as_str()));
    let path = match page {
        "" => base,
        query if query.starts_with('?') => format!("{base}{query}"),
        page => format!("{base}/{page}"),
    };
    match mode {
        Mode::Live => path,
        Mode::Test if path.contains('?') => format!("{path}&mode=test"),
        Mode::Test => format!("{path}?mode=test"),
    }
}

/// A page to come back to after signing in: only pages of the console, so that a link to the
/// sign-in cannot lead elsewhere.
pub(crate) fn page_to_return_to(named: Option<&str>) -> &str {
    let is_ours = |path: &&str| {
        let rest = path.strip_prefix("/console");
        let ours = rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?']));
        // A header takes no other signs, and a browser may read a backslash as a slash.
        ours && path
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && byte != b'\\')
    };
    named.filter(is_ours).unwrap_or("/console")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_test_mode_stands_in_the_address() {
        let northside = "northside".parse().unwrap();
        let check = |mode, page, expected| {
            assert_eq!(in_organization(&northside, mode, page), expected);
        };
        check(Mode::Live, "", "/console/o/northside");
        check(
            Mode::Test,
            "?range=1h",
            "/console/o/northside?range=1h&mode=test",
        );
        check(
            Mode::Live,
            "log?state=failed",
            "/console/o/northside/log?state=failed",
        );
        check(
            Mode::Test,
            "webhooks",
            "/console/o/northside/webhooks?mode=test",
        );
        check(
            Mode::Test,
            "log?state=failed",
            "/console/o/northside/log?state=failed&mode=test",
        );
    }

    #[test]
    fn signing_in_leads_to_pages_of_the_console_only() {
        for (named, expected) in [
            (
                Some("/console/o/a/log?state=failed"),
                "/console/o/a/log?state=failed",
            ),
            (Some("/console"), "/console"),
            (Some("/consoles"), "/console"),
            (Some("//evil.example"), "/console"),
            (Some("https://evil.example"), "/console"),
            (Some("/console\\evil"), "/console"),
            (Some("/console/\0"), "/console"),
            (Some("/console/\u{202e}"), "/console"),
            (None, "/console"),
        ] {
            assert_eq!(page_to_return_to(named), expected, "{named:?}");
        }
    }
}
