//! The operator's first minutes: the printed link, a password, an organization, signing out and in.

use super::scene::{PASSWORD, Scene};

#[tokio::test(flavor = "multi_thread")]
async fn the_operator_signs_in_through_the_printed_link_and_makes_an_organization() {
    let scene = Scene::signed_in();
    let browser = &scene.browser;
    browser.sees("No organization yet.");
    scene.make_organization("northside", "Northside Clinic");
    browser.open("/console/organizations");
    browser.sees_row(&["Northside Clinic", "northside"]);
    browser.follow("Sessions");
    browser.sees_row(&["this is you"]);

    browser.press("Sign out");
    browser.sees("Signed out");
    browser.open("/console/o/northside/webhooks");
    browser.fill("Password", "not the password at all");
    browser.press("Sign in");
    browser.sees("password is wrong");
    browser.fill("Password", PASSWORD);
    browser.press("Sign in");
    // Links survive the sign-in.
    browser.arrives_at("/console/o/northside/webhooks");
    browser.sees("No webhook yet.");

    browser.open(scene.first_link());
    browser.sees("This link has ended");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_breaks_the_policy_or_a_script_is_noticed() {
    let scene = Scene::start();
    let browser = &scene.browser;
    browser.open("/console/sign-in");
    assert_eq!(browser.complaints(), Vec::<String>::new());
    browser.run("document.body.insertAdjacentHTML('beforeend', '<p style=\"color: red\">x')");
    let noticed = |what: &str| browser.complaints().iter().any(|one| one.contains(what));
    assert!(noticed("style-src"));
    let throws = "setTimeout(() => { throw new Error('oh') }); \
        return new Promise(done => setTimeout(done))";
    browser.run(throws);
    assert!(noticed("Error: oh"));
}
