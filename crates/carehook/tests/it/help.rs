//! What the program says about itself.

use crate::command::carehook;

#[test]
fn the_commands_are_listed_with_what_they_do() {
    let help = carehook(&["--help"]).env("COLUMNS", "100").run();
    insta::assert_snapshot!(help);
}

#[test]
fn the_version_is_that_of_the_package() {
    let version = carehook(&["--version"]).run().good();
    assert_eq!(
        version,
        concat!("carehook ", env!("CARGO_PKG_VERSION"), "\n")
    );
}

#[test]
fn a_misspelled_command_is_a_usage_error_with_a_suggestion() {
    let outcome = carehook(&["doktor"]).run().ends_with(2);
    assert!(
        outcome
            .stderr
            .contains("a similar subcommand exists: 'doctor'"),
        "{outcome}"
    );
}

#[test]
fn client_commands_need_a_key_and_say_where_it_goes() {
    insta::assert_snapshot!(carehook(&["organizations", "list"]).run(), @r"
    exit 3
    error: no usable API key: set CAREHOOK_KEY or --key
    ");
}

#[test]
fn a_server_that_is_not_there_has_its_own_exit_code() {
    let words = [
        "organizations",
        "list",
        "--url",
        "http://127.0.0.1:1",
        "--key",
        "k",
    ];
    let outcome = carehook(&words).run().ends_with(5);
    let expected = "error: no answer from http://127.0.0.1:1/ (is the server running?";
    assert!(outcome.stderr.starts_with(expected), "{outcome}");
}

#[test]
fn completions_know_every_command() {
    for shell in ["bash", "zsh", "fish"] {
        let script = carehook(&["completions", shell]).run().good();
        assert!(
            script.contains("organizations") && script.contains("once"),
            "{shell}"
        );
    }
}

#[test]
fn the_openapi_description_is_json_of_version_3_1() {
    let description = carehook(&["openapi"]).run().json();
    assert_eq!(description["openapi"], "3.1.0");
    assert!(description["paths"]["/v1/organizations"].is_object());
}
