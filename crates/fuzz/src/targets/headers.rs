//! Headers of endpoints: a name and a value, in a line each.

use carehook_core::checked_header;

use crate::Target;

pub(crate) const TARGET: Target = Target {
    name: "headers",
    run,
    words: &[
        "content-length",
        "transfer-encoding",
        "host",
        "webhook-id",
        "x-webhook-",
        "x-aws-",
        "authorization",
        "\r\n",
        "\r",
        "\0",
        ":",
        " ",
        "\t",
        "proxy-",
        "\u{e9}",
        "X-Api-Key",
    ],
};

const NEVER: [&str; 6] = [
    "content-length",
    "transfer-encoding",
    "host",
    "connection",
    "webhook-id",
    "webhook-signature",
];

fn run(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let (name, value) = text.split_once('\n').unwrap_or((&text, ""));
    let Ok((name, value)) = checked_header(name, value) else {
        return;
    };
    assert!(!NEVER.contains(&name.as_str()), "{name}");
    let split = |byte: &u8| matches!(byte, b'\r' | b'\n' | 0);
    assert!(!value.as_bytes().iter().any(split), "{value:?}");
    assert!(
        !name.as_str().bytes().any(|b| split(&b) || b == b':'),
        "{name}"
    );
}
