//! What an identity provider sends: its metadata, keys, tokens and refusals, and the claims of an ID
//! token, whoever has signed it.

use carehook_app::read_as_every_answer_of_a_provider;

use crate::Target;

pub(crate) const TARGET: Target = Target {
    name: "providers",
    run,
    words: &[
        "\"iss\"",
        "\"aud\":[\"carehook\",\"other\"]",
        "\"azp\":\"carehook\"",
        "\"nonce\"",
        "\"exp\":1773656765",
        "\"iat\":1e300",
        "-1",
        "0.5",
        "\"sub\":\"\"",
        "\"email\":\"anna@clinic.example\"",
        "\"email_verified\":true",
        "\"email_verified\":\"true\"",
        "@it.clinic.example",
        "\"groups\":[\"carehook-admins\"]",
        "carehook-admins",
        "https://id.clinic.example/realms/staff",
        "http://127.0.0.1/",
        "\"userinfo_endpoint\":",
        "\"kty\":\"oct\"",
        "eyJhbGciOiJub25lIn0",
        "\u{202e}",
        "null",
    ],
};

fn run(bytes: &[u8]) {
    let read = read_as_every_answer_of_a_provider(bytes);
    // The key of the seal is of this process.
    assert!(!read.contains(&"kept"), "a sign-in was made up");
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::driver::corpus;

    #[test]
    fn the_corpus_has_something_good_of_everything_that_is_read() {
        let samples = corpus(&TARGET).unwrap();
        let read: BTreeSet<_> = samples
            .iter()
            .flat_map(|bytes| read_as_every_answer_of_a_provider(bytes))
            .collect();
        let all = [
            "claims", "header", "keys", "metadata", "person", "refusal", "tokens",
        ];
        assert_eq!(read, BTreeSet::from(all));
    }
}
