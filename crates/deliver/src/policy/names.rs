//! Host names that mean this machine or the network it stands in.

/// Suffixes of special use (RFC 6761, 6762, 7686, 8375), the reserved `internal`, and what routers
/// commonly call a home network.
const REFUSED_SUFFIXES: [&str; 6] = [
    "localhost",
    "local",
    "internal",
    "home.arpa",
    "onion",
    "localdomain",
];

/// Says why a name is refused; the name is lower case and has no dot at its end.
pub(super) fn refusal(name: &str) -> Option<&'static str> {
    if REFUSED_SUFFIXES
        .iter()
        .any(|suffix| is_within(name, suffix))
    {
        return Some("the host name belongs to a private network");
    }
    if !name.contains('.') {
        return Some("the host name must have a domain");
    }
    None
}

fn is_within(name: &str, suffix: &str) -> bool {
    name.strip_suffix(suffix)
        .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}
