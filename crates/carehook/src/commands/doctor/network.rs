//! The name server, and what the address policy would say.

use carehook_deliver::{DeliverConfig, Deliverer, TargetError};

use super::finding::Finding;
use crate::config::Settings;

/// What must not be reachable, and why somebody would try.
const FORBIDDEN: [&str; 4] = [
    "https://127.0.0.1/",
    "https://10.0.0.1/",
    "https://169.254.169.254/",
    "http://example.com/",
];
/// Where clouds hand out credentials to anybody on the machine.
const METADATA: &str = "https://169.254.169.254/";

pub(super) async fn check(settings: &Settings, name: &str) -> Vec<Finding> {
    let config = DeliverConfig {
        allow_targets: settings.allow_targets.value.clone(),
        plain_http: settings.allow_http.value,
        ..DeliverConfig::default()
    };
    match Deliverer::new(config) {
        Ok(deliverer) => vec![
            authorities(),
            name_server(&deliverer, name).await,
            policy(&deliverer),
        ],
        Err(error) => {
            let reason = format!("{:#}", anyhow::Error::from(error));
            let advice = "look at /etc/resolv.conf";
            vec![Finding::failed("deliveries", reason, advice)]
        }
    }
}

/// Without them no receiver's certificate can be checked, and no delivery to https is made.
fn authorities() -> Finding {
    let subject = "authorities";
    match rustls_native_certs::load_native_certs().certs.len() {
        0 => Finding::failed(
            subject,
            "this machine trusts no certificate authority",
            "install them (package ca-certificates on Debian)",
        ),
        count => Finding::fine(
            subject,
            format!("{count} certificate authorities are trusted"),
        ),
    }
}

async fn name_server(deliverer: &Deliverer, name: &str) -> Finding {
    let subject = "name server";
    let vetted = match deliverer.parse_target(&format!("https://{name}/")) {
        Ok(target) => deliverer.vet(&target).await,
        Err(error) => Err(error),
    };
    match vetted {
        Ok(()) => Finding::fine(
            subject,
            format!("{name} resolves, and deliveries may go there"),
        ),
        Err(TargetError::Unresolvable) => Finding::warning(
            subject,
            format!("answers, but does not know {name}"),
            "try a receiver's name with --resolve",
        ),
        Err(TargetError::Fault(error)) => Finding::warning(
            subject,
            format!("{:#}", anyhow::Error::from(error)),
            "deliveries to names wait until one answers: look at /etc/resolv.conf",
        ),
        Err(error @ (TargetError::Invalid { .. } | TargetError::Refused { .. })) => {
            Finding::warning(
                subject,
                format!("{name}: {error}"),
                "a receiver there would need CAREHOOK_ALLOW_TARGETS",
            )
        }
    }
}

fn policy(deliverer: &Deliverer) -> Finding {
    let subject = "address policy";
    let (allowed, refused): (Vec<&str>, Vec<&str>) = FORBIDDEN
        .into_iter()
        .partition(|url| deliverer.parse_target(url).is_ok());
    if allowed.is_empty() {
        return Finding::fine(subject, format!("refuses {}", refused.join(" ")));
    }
    let detail = format!("allows {}", allowed.join(" "));
    if allowed.contains(&METADATA) {
        let advice =
            "customers could read this machine's cloud credentials: narrow CAREHOOK_ALLOW_TARGETS";
        return Finding::failed(subject, detail, advice);
    }
    let advice = "fine for a trial; in production unset CAREHOOK_ALLOW_TARGETS, CAREHOOK_ALLOW_HTTP and --dev";
    Finding::warning(subject, detail, advice)
}
