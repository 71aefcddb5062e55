//! A person of the clinic's own directory: there, back, at work under the own name, and out again.

use carehook_testkit::{IdentityProvider, Route};
use serde_json::json;

use super::accessibility;
use super::browser::Browser;
use super::scene::PASSWORD;
use crate::command::carehook;
use crate::server::{Folder, Server};

/// What makes a server know the provider.
fn settings(issuer: &str) -> [(&str, &str); 6] {
    [
        ("CAREHOOK_OIDC_ISSUER", issuer),
        ("CAREHOOK_OIDC_CLIENT_ID", IdentityProvider::CLIENT_ID),
        (
            "CAREHOOK_OIDC_CLIENT_SECRET",
            IdentityProvider::CLIENT_SECRET,
        ),
        ("CAREHOOK_OIDC_PEOPLE", "anna@clinic.example"),
        ("CAREHOOK_OIDC_NAME", "Clinic ID"),
        ("CAREHOOK_LOG", "debug"),
    ]
}

fn start(variables: &[(&str, &str)]) -> Server {
    let folder = Folder::Own(tempfile::tempdir().unwrap());
    Server::start_in(folder, &["--dev"], variables)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_signs_in_with_the_identity_provider_and_is_called_by_name() {
    let provider = IdentityProvider::start().await;
    let server = start(&settings(&provider.issuer()));
    let api = server.api();
    api.post("", &json!({"id": "northside", "name": "Northside Clinic"}))
        .await;
    let browser = Browser::at(server.url());
    accessibility::check(&browser, &["/console/sign-in"]);
    browser.open("/console/o/northside/webhooks?mode=test");
    browser.follow("Sign in with Clinic ID");
    browser.arrives_at("/console/o/northside/webhooks?mode=test");
    browser.open("/console/sessions");
    browser.sees_row(&["anna@clinic.example", "this is you"]);
    browser.open("/console/organizations");
    browser.fill("Name", "Eastside");
    browser.fill("Id", "eastside");
    browser.press("Make it");
    browser.arrives_at("/console/o/eastside");
    browser.open("/console/o/eastside/audit");
    browser.sees_row(&["organization", "anna@clinic.example"]);
    browser.press("Sign out");
    browser.sees("Signed out");

    let other = json!({"email": "berta@clinic.example"});
    provider.behave(|conduct| conduct.claims = other);
    browser.open("/console/sign-in");
    browser.follow("Sign in with Clinic ID");
    browser.sees("You are not on the list of people who may enter.");
    browser.sees("You are berta@clinic.example.");
    accessibility::check_here(&browser);
    browser.open("/console/sessions");
    browser.sees("Sign in with Clinic ID");

    provider.behave(|conduct| conduct.claims = json!({"nonce": "another"}));
    browser.open("/console/sessions");
    browser.follow("Sign in with Clinic ID");
    browser.sees("its `nonce` is of another sign-in");
    provider.behave(|conduct| conduct.claims = json!({}));
    browser.follow("Sign in again");
    browser.follow("Sign in with Clinic ID");
    browser.arrives_at("/console/sessions");
    browser.sees_row(&["anna@clinic.example", "this is you"]);

    let log = server.log();
    assert!(log.contains("`nonce` is of another sign-in"), "{log}");
    for private in ["canary", "anna@", "berta@", "248289761001", "eyJ"] {
        assert!(!log.contains(private), "{private}: {log}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_is_down_leaves_the_password() {
    let provider = IdentityProvider::start().await;
    let issuer = provider.issuer();
    provider.stop().await;
    let server = start(&settings(&issuer));
    let browser = Browser::at(server.url());
    let (_, link) = server.banner.split_once("set its password at ").unwrap();
    browser.open(link.lines().next().unwrap().trim());
    browser.fill("Password", PASSWORD);
    browser.fill("The same again", PASSWORD);
    browser.press("Set the password and sign in");
    browser.sees("Organizations");
    browser.press("Sign out");
    browser.sees("Signed out");
    browser.open("/console/sign-in?next=/console/sessions");
    browser.follow("Sign in with Clinic ID");
    browser.sees("The identity provider cannot be used at the moment.");
    browser.fill("Password", PASSWORD);
    browser.press("Sign in");
    browser.arrives_at("/console/sessions");
}

#[tokio::test(flavor = "multi_thread")]
async fn doctor_tries_the_identity_provider_out() {
    let provider = IdentityProvider::start().await;
    let folder = tempfile::tempdir().unwrap();
    let doctor = |issuer: &str, only: &str| {
        let words = ["doctor", "--resolve", "localhost", "--dev"];
        let mut doctor = carehook(&words).dir(folder.path());
        for (name, value) in settings(issuer) {
            doctor = doctor.env(name, value);
        }
        let told = doctor.env("CAREHOOK_OIDC_ONLY", only).run().stdout;
        let mut lines = told.lines();
        let line = lines.find(|line| {
            line.get(6..)
                .is_some_and(|line| line.starts_with("sign-in "))
        });
        let lines = [line.unwrap_or(&told), lines.next().unwrap_or_default()];
        lines.join("\n")
    };
    let issuer = provider.issuer();
    let told = doctor(&issuer, "false");
    assert!(told.contains("answers, and leads back to "), "{told}");
    assert!(told.contains("/console/sign-in/oidc/return"), "{told}");
    let told = doctor(&format!("{issuer}/"), "false");
    assert!(told.contains("letter by letter"), "{told}");
    assert!(told.contains("the password still works"), "{told}");
    provider.stop().await;
    let told = doctor(&issuer, "true");
    assert!(told.contains("connect to the host"), "{told}");
    assert!(told.contains("nobody can sign in"), "{told}");
    assert_eq!(provider.asked_for(Route::Authorization), 0, "{told}");
}
