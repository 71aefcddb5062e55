//! Fills a store with deliveries once and times what the pages of a console ask for.
//!
//! `cargo run --release -p carehook-app --example figures -- 1000000` prints a line for each
//! question: what it is, its median and its longest time in milliseconds. `cargo xtask bench` reads
//! them.

mod filling;
mod measuring;

use std::error::Error;
use std::future::Future;
use std::time::Duration;

use carehook_app::{
    App, AppError, LogFilter, Operator, OrganizationAccess, Page, Span, StatusClass,
};
use carehook_core::DeliveryState;
use measuring::{Full, OPERATOR_KEY, START};

/// How often each question is asked.
const TIMES: usize = 15;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let full = Full::of_the_wanted_size().await?;
    let app = &full.app;
    let caller = app.caller(Some(OPERATOR_KEY), None).await?;
    let access = app.access(&caller, filling::ORGANIZATION)?;
    figures(app, &access, &app.operator(&caller)?).await?;
    log(app, &access).await?;
    full.store.close().await;
    Ok(())
}

/// Everything but the log.
async fn figures(
    app: &App,
    access: &OrganizationAccess,
    operator: &Operator,
) -> Result<(), Box<dyn Error>> {
    for span in [Span::Hour, Span::Day, Span::Week, Span::Month] {
        let name = format!("chart of an organization, {span:?}");
        time(&name, || app.organization_chart(access, None, span)).await?;
    }
    time("chart of everything, Day", || {
        app.overall_chart(operator, Span::Day)
    })
    .await?;
    time("health of all endpoints", || {
        app.endpoint_health(access, None)
    })
    .await?;
    time("backlog of an organization", || {
        app.organization_backlog(access, None)
    })
    .await?;
    time("overview of an operator", || app.overview(operator, 50)).await?;
    time("troubled endpoints", || {
        app.troubled_endpoints(operator, 20)
    })
    .await?;
    time("node", || app.node(operator)).await
}

/// The delivery log with each filter, its first page and the next one, and how many match.
async fn log(app: &App, access: &OrganizationAccess) -> Result<(), Box<dyn Error>> {
    let health = app.endpoint_health(access, None).await?;
    let endpoint = health.first().map(|health| health.endpoint.id);
    let everything = LogFilter::default;
    let middle = START.plus(Duration::from_hours(24));
    let filters = [
        ("everything", everything()),
        (
            "one endpoint",
            LogFilter {
                endpoint,
                ..everything()
            },
        ),
        ("pending", of_state(DeliveryState::Pending)),
        ("failed", of_state(DeliveryState::Failed)),
        (
            "cancelled, of which there are none",
            of_state(DeliveryState::Cancelled),
        ),
        (
            "5xx",
            LogFilter {
                status: Some(StatusClass::ServerError),
                ..everything()
            },
        ),
        (
            "3xx, of which there are none",
            LogFilter {
                status: Some(StatusClass::Redirection),
                ..everything()
            },
        ),
        (
            "a type that never was",
            LogFilter {
                event_type: Some("never.published".parse()?),
                ..everything()
            },
        ),
        (
            "a subject that never was",
            LogFilter {
                subject: Some("nobody".into()),
                ..everything()
            },
        ),
        (
            "an hour in the middle",
            LogFilter {
                since: Some(middle),
                until: Some(middle.plus(Duration::from_hours(1))),
                ..everything()
            },
        ),
    ];
    for (name, filter) in filters {
        let first = Page::default();
        time(&format!("log: {name}"), || {
            app.find_deliveries(access, &filter, &first)
        })
        .await?;
        let found = app.find_deliveries(access, &filter, &first).await?;
        if found.next_cursor.is_some() {
            let next = Page {
                cursor: found.next_cursor,
                ..first
            };
            let name = format!("log: {name}, next page");
            time(&name, || app.find_deliveries(access, &filter, &next)).await?;
        }
        time(&format!("count: {name}"), || {
            app.count_deliveries(access, &filter)
        })
        .await?;
    }
    Ok(())
}

fn of_state(state: DeliveryState) -> LogFilter {
    LogFilter {
        state: Some(state),
        ..LogFilter::default()
    }
}

/// Asks and says how long it took.
async fn time<T, F>(name: &str, mut ask: impl FnMut() -> F) -> Result<(), Box<dyn Error>>
where
    F: Future<Output = Result<T, AppError>>,
{
    measuring::time(name, TIMES, async || ask().await).await
}
