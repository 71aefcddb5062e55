//! What is sent by hand: pages say when it goes out, and ask before the receiver gets it twice.

use carehook_core::{DeliveryState, Mode};

use super::traffic::{APPOINTMENT, GIVEN_UP, TAKEN, UNAVAILABLE};
use super::world::{Browser, World};

const NORTHSIDE: &str = "/console/o/northside";

/// Sends a form, and reads what the page says to which it leads.
async fn told(person: &mut Browser<'_>, address: &str, form: &[(&str, &str)]) -> String {
    let got = person.post(address, form).await;
    let next = got.leads_to().to_owned();
    person.page(&next).await
}

#[tokio::test]
async fn a_retry_for_a_webhook_that_is_not_active_says_that_it_waits() {
    let world = World::start();
    let mut operator = world.with_northside().await;
    let webhook = world.webhook("northside", Mode::Live, "Booking Sync").await;
    let id = world.delivery(APPOINTMENT, &[GIVEN_UP]).await;
    let page = format!("{NORTHSIDE}/deliveries/{id}");
    let retry = format!("{page}/retry");
    let active = format!("{NORTHSIDE}/webhooks/{webhook}/active");
    operator.post(&active, &[("active", "false")]).await;
    let html = operator.page(&page).await;
    assert!(
        !html.contains("Retry now") && html.contains("<button>Retry</button>"),
        "{html}"
    );
    let back = format!("{NORTHSIDE}/log");
    for form in [&[][..], &[("back", &*back)]] {
        let html = told(&mut operator, &retry, form).await;
        assert!(
            html.contains("The delivery is to be sent again; it waits until its webhook is active"),
            "{html}"
        );
        assert!(!html.contains("sent again now"), "{html}");
    }
    operator.post(&active, &[("active", "true")]).await;
    let html = told(&mut operator, &retry, &[]).await;
    assert!(html.contains("The delivery is sent again now."), "{html}");
}

#[tokio::test]
async fn what_the_receiver_has_is_sent_again_behind_a_question_only() {
    let world = World::start();
    let mut operator = world.with_northside().await;
    world.webhook("northside", Mode::Live, "Booking Sync").await;
    let id = world.delivery(APPOINTMENT, &[TAKEN]).await;
    let access = world.access("northside").await;
    let page = format!("{NORTHSIDE}/deliveries/{id}");
    let html = operator.page(&page).await;
    assert!(!html.contains("Retry now"), "{html}");
    let title = html.split("<div class=\"title\"").nth(1).unwrap();
    let title = title.split("</div>").next().unwrap();
    assert!(!title.contains("primary"), "{title}");
    let question = html
        .split("<details class=\"question\">")
        .nth(1)
        .expect(&html);
    let question = question.split("</details>").next().unwrap();
    for words in [
        "<summary>Send again</summary>",
        "The receiver has it already",
        "name=\"again\" value=\"yes\"",
        "<button>Send it again</button>",
    ] {
        assert!(question.contains(words), "{words}: {question}");
    }

    // As from a page that was opened before it arrived.
    let html = told(&mut operator, &format!("{page}/retry"), &[]).await;
    assert!(
        html.contains("Nothing was sent: the receiver has the delivery already."),
        "{html}"
    );
    let (delivery, _) = world.app.delivery(&access, id).await.unwrap();
    assert_eq!(delivery.state, DeliveryState::Delivered);
    let sure = [("again", "yes")];
    let html = told(&mut operator, &format!("{page}/retry"), &sure).await;
    assert!(html.contains("The delivery is sent again now."), "{html}");
    let (delivery, _) = world.app.delivery(&access, id).await.unwrap();
    assert_eq!(delivery.state, DeliveryState::Pending);

    // While that is tried, and when it fails, the receiver still has it.
    for number in [2, 3] {
        let ended = if number == 2 { UNAVAILABLE } else { GIVEN_UP };
        world.attempt(id, number, ended).await;
        let html = operator.page(&page).await;
        assert!(
            html.contains("<summary>Send again</summary>") && !html.contains("Retry now"),
            "{html}"
        );
        let log = operator.page(&format!("{NORTHSIDE}/log")).await;
        assert!(!log.contains("/retry"), "{log}");
    }
}

#[tokio::test]
async fn a_pause_names_the_button_that_is_there() {
    let world = World::start();
    let mut operator = world.with_northside().await;
    let webhook = world.webhook("northside", Mode::Live, "Booking Sync").await;
    let id = world.delivery(APPOINTMENT, &[TAKEN]).await;
    let page = format!("{NORTHSIDE}/deliveries/{id}");
    let sure = [("again", "yes")];
    operator.post(&format!("{page}/retry"), &sure).await;
    let until = world.app.now().plus(std::time::Duration::from_mins(5));
    world.store.note_endpoint_pause(webhook, Some(until));
    let html = operator.page(&page).await;
    let words = "<q>Send again</q> goes out at once";
    assert!(html.contains(words), "{html}");
}
