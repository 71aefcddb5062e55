//! Every address that a form is sent to leads to a page when it is opened, and asks for the right
//! before it reads the form; whatever cannot be read is told in words.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use carehook_app::{OrganizationChange, SettingsChange};
use carehook_core::Mode;
use http::{Request, StatusCode};

use super::OPERATOR_KEY;
use super::traffic::{APPOINTMENT, GIVEN_UP};
use super::world::{Browser, World};

/// Pages of one shape that are looked at: they differ by the state of what they show.
const ENOUGH: usize = 4;

/// An organization in which every form of the console can be found.
async fn full_world(world: &World) -> Browser<'_> {
    let mut operator = world.with_northside().await;
    let id = world.webhook("northside", Mode::Live, "Booking Sync").await;
    world.happens(APPOINTMENT).await;
    world.delivery(APPOINTMENT, &[GIVEN_UP]).await;
    let replay = format!("/console/o/northside/webhooks/{id}/replay");
    let form = [
        ("state", "all"),
        ("types", ""),
        ("since", ""),
        ("until", ""),
    ];
    let got = operator.post(&replay, &form).await;
    assert!(got.leads_to().starts_with(&replay), "{}", got.html);
    for new in ["o/northside/api-keys/new", "operator-keys/new"] {
        let form = [("name", "Server"), ("scope", "read")];
        operator.post(&format!("/console/{new}"), &form).await;
    }
    let link = world.portal_link("northside", &[]).await;
    world.stranger().get(&link).await;
    demand_challenges(world).await;
    world.webhook("northside", Mode::Live, "Unproven").await;
    operator
}

async fn demand_challenges(world: &World) {
    let access = world.access("northside").await;
    let caller = world.app.caller(Some(OPERATOR_KEY), None).await.unwrap();
    let by = world.app.operator(&caller).unwrap();
    let change = OrganizationChange {
        settings: SettingsChange {
            ownership_challenge: Some(true),
            ..SettingsChange::default()
        },
        ..OrganizationChange::default()
    };
    let changed = world.app.change_organization(&by, &access, change).await;
    changed.unwrap();
}

/// The address without ids and query: what its route looks like.
fn shape(address: &str) -> String {
    let path = address.split('?').next().unwrap();
    let is_id = |part: &&str| part.len() >= 20 && part.bytes().any(|byte| byte.is_ascii_digit());
    let parts = path.split('/');
    let parts = parts.map(|part| if is_id(&part) { "{id}" } else { part });
    parts.collect::<Vec<_>>().join("/")
}

fn attributes<'a>(html: &'a str, before: &'static str) -> impl Iterator<Item = String> + 'a {
    let found = html.split(before).skip(1);
    found.map(|rest| rest.split('"').next().unwrap().replace("&#38;", "&"))
}

/// The forms of all pages that can be reached, by their shape.
async fn forms_of(browser: &mut Browser<'_>) -> BTreeMap<String, String> {
    let mut forms = BTreeMap::new();
    let (mut seen, mut of_shape) = (BTreeSet::new(), BTreeMap::<String, usize>::new());
    let mut open = vec!["/console/organizations".to_owned()];
    while let Some(address) = open.pop() {
        let looked_at = of_shape.entry(shape(&address)).or_default();
        if *looked_at > ENOUGH || address.contains("/assets/") || !seen.insert(address.clone()) {
            continue;
        }
        *looked_at += 1;
        let got = browser.get(&address).await;
        assert!(!got.status.is_client_error(), "{address}: {}", got.html);
        if !got.leads_to().is_empty() {
            open.push(got.leads_to().to_owned());
        }
        for form in attributes(&got.html, "method=\"post\" action=\"") {
            forms.entry(shape(&form)).or_insert(form);
        }
        let links = attributes(&got.html, "href=\"");
        open.extend(links.filter(|link| link.starts_with("/console")));
    }
    forms
}

/// What the routes of the pages look like that take a form, out of their sources.
fn routes_with_forms(folder: &Path) -> BTreeSet<String> {
    let mut routes = BTreeSet::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            routes.extend(routes_with_forms(&path));
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        let one = text.split("let one = \"").nth(1);
        let one = one.map_or("", |rest| rest.split('"').next().unwrap());
        for call in text.split(".route(").skip(1) {
            let call = inside(call);
            if !call.contains("post(") {
                continue;
            }
            let route = call.split('"').nth(1).expect(call).replace("{one}", one);
            assert!(route.starts_with("/console"), "{}: {call}", path.display());
            let route = route.replace("{org}", "northside").replace("{job}", "{id}");
            routes.insert(route);
        }
    }
    routes
}

/// What stands before the bracket that closes a call.
fn inside(call: &str) -> &str {
    let mut open = 1;
    let end = call.find(|letter| {
        match letter {
            '(' => open += 1,
            ')' => open -= 1,
            _ => {}
        }
        open == 0
    });
    &call[..end.expect(call)]
}

/// Every address that takes a form: of those that no page shows at the moment, with ids of others.
async fn all_forms(operator: &mut Browser<'_>) -> BTreeMap<String, String> {
    let shown = forms_of(operator).await;
    let pages = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/pages");
    let routes = routes_with_forms(&pages);
    assert!(routes.len() > 25, "{routes:#?}");
    for form in shown.keys() {
        assert!(routes.contains(form), "{form} is no route: {routes:#?}");
    }
    let filled = routes.into_iter().map(|route| {
        let address = match shown.get(&route) {
            Some(address) => address.clone(),
            None => with_ids(&route, &shown),
        };
        (route, address)
    });
    filled.collect()
}

fn with_ids(route: &str, shown: &BTreeMap<String, String>) -> String {
    let Some(at) = route.rfind("{id}") else {
        return route.to_owned();
    };
    let (until, rest) = route.split_at(at + "{id}".len());
    let alike = shown.iter().find(|(shape, _)| shape.starts_with(until));
    let (_, address) = alike.unwrap_or_else(|| panic!("no ids for {route}: {shown:#?}"));
    let parts: Vec<_> = address.split('/').take(until.split('/').count()).collect();
    parts.join("/") + rest
}

#[tokio::test]
async fn every_address_of_a_form_leads_to_a_page() {
    let world = World::start();
    let mut operator = full_world(&world).await;
    for form in all_forms(&mut operator).await.values() {
        let mut got = operator.get(form).await;
        let mut hops = vec![form.clone()];
        while got.status == StatusCode::SEE_OTHER && hops.len() < 5 {
            let next = got.leads_to().to_owned();
            assert!(next.starts_with("/console"), "{hops:?} {next}");
            got = operator.get(&next).await;
            hops.push(next);
        }
        // Without its link, the first visit is over.
        let is_over = form == "/console/welcome";
        let expected = if is_over {
            got.status.is_client_error()
        } else {
            got.status == StatusCode::OK
        };
        assert!(expected, "{hops:?}: {}", got.status);
        assert!(got.html.contains("<h1>"), "{hops:?}: {}", got.html);
        assert!(!form.contains("mode=test") || hops.iter().all(|hop| hop.contains("mode=test")));
    }
}

#[tokio::test]
async fn who_may_only_look_is_refused_before_a_form_is_read() {
    let world = World::start();
    let forms = {
        let mut operator = full_world(&world).await;
        all_forms(&mut operator).await
    };
    // What everybody may: to come, to look for something, and to leave.
    let open = [
        "/theme",
        "/sign-in",
        "/welcome",
        "/portal",
        "/sign-out",
        "/find",
        "/log",
    ];
    let mut person = world.stranger();
    person.get(&world.portal_link("northside", &[]).await).await;
    for (shape, form) in forms {
        if open.iter().any(|end| shape.ends_with(end)) {
            continue;
        }
        let got = person.post(&form, &[]).await;
        let is_refused = matches!(got.status, StatusCode::FORBIDDEN | StatusCode::NOT_FOUND);
        assert!(is_refused, "{form}: {}: {}", got.status, got.html);
    }
}

#[tokio::test]
async fn what_cannot_be_read_is_told_in_words() {
    let world = World::start();
    let mut operator = world.with_northside().await;
    for (page, status) in [
        ("/console/o/northside/log/export", StatusCode::BAD_REQUEST),
        (
            "/console/o/northside/log?cursor=a&cursor=b",
            StatusCode::BAD_REQUEST,
        ),
        ("/console/o/northside/erasures/xyz", StatusCode::BAD_REQUEST),
    ] {
        let got = operator.get(page).await;
        assert_eq!(got.status, status, "{page}");
        assert!(
            got.html.contains("This address is not complete"),
            "{}",
            got.html
        );
        assert!(!got.html.contains("deserialize"), "{}", got.html);
    }
    let got = operator.post("/console/sessions/xyz/end", &[]).await;
    assert_eq!(got.status, StatusCode::BAD_REQUEST);
    assert!(got.html.contains("What was sent is not"), "{}", got.html);
    let request = Request::post("/console/organizations")
        .header("sec-fetch-site", "same-origin")
        .header("content-type", "application/json");
    let got = operator.send(request, "{}".into()).await;
    assert_eq!(got.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    assert!(got.html.contains("What was sent is not"), "{}", got.html);
    let got = operator.post("/console/nowhere", &[]).await;
    assert_eq!(got.status, StatusCode::NOT_FOUND);
    assert!(got.html.contains("<h1>"), "{}", got.html);
    let got = world
        .stranger()
        .get("/console/o/northside/log/export")
        .await;
    assert!(
        got.leads_to().starts_with("/console/sign-in"),
        "{}",
        got.html
    );
}

#[tokio::test]
async fn a_slash_at_the_end_is_one_too_many() {
    let world = World::start();
    let mut operator = world.with_northside().await;
    for (address, page) in [
        ("/console/", "/console"),
        ("/console/o/northside/", "/console/o/northside"),
        (
            "/console/o/northside/log/?mode=test&state=failed",
            "/console/o/northside/log?mode=test&state=failed",
        ),
        (
            "/console/o/northside/webhooks//",
            "/console/o/northside/webhooks",
        ),
        ("/console//evil.example/", "/console//evil.example"),
    ] {
        assert_eq!(operator.get(address).await.leads_to(), page, "{address}");
    }
}

#[tokio::test]
async fn the_link_of_a_delivery_is_its_own_also_when_its_payload_is_shown() {
    let world = World::start();
    let mut operator = world.with_northside().await;
    world.webhook("northside", Mode::Test, "Booking Sync").await;
    let happening = super::traffic::Happening {
        mode: Mode::Test,
        ..APPOINTMENT
    };
    let id = world.happens(happening).await.1[0];
    let one = format!("/console/o/northside/deliveries/{id}");
    let link = format!("data-page=\"{one}?mode=test\"");
    let payload = format!("{one}/payload?mode=test");
    let shown = operator.post(&payload, &[]).await;
    assert!(shown.html.contains(&link), "{}", shown.html);
    let got = operator.get(&payload).await;
    assert_eq!(got.leads_to(), format!("{one}?mode=test"));
}
