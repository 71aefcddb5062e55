//! What makes a URL a target, and what a target shows of itself.

use carehook_deliver::{DeliverConfig, Deliverer, TargetError};
use proptest::prelude::*;

use crate::actors::loopback;

fn production() -> Deliverer {
    Deliverer::new(DeliverConfig {
        public_host: Some("Hooks.Example.org".to_owned()),
        ..DeliverConfig::default()
    })
    .unwrap()
}

#[track_caller]
fn assert_refused(url: &str) {
    let result = production().parse_target(url);
    assert!(
        matches!(result, Err(TargetError::Refused { .. })),
        "{url}: {result:?}"
    );
}

#[track_caller]
fn assert_invalid(url: &str) {
    let result = production().parse_target(url);
    assert!(
        matches!(result, Err(TargetError::Invalid { .. })),
        "{url}: {result:?}"
    );
}

#[tokio::test]
async fn schemes_other_than_https_are_refused() {
    for url in [
        "http://example.com/",
        "ftp://example.com/",
        "ws://example.com/",
        "file://a.b/c",
    ] {
        assert_refused(url);
    }
}

#[tokio::test]
async fn fragments_are_refused() {
    assert_refused("https://example.com/hook#part");
    assert_refused("https://example.com/hook#");
}

#[tokio::test]
async fn names_of_private_networks_are_refused() {
    for name in [
        "localhost",
        "LOCALHOST.",
        "a.localhost",
        "intranet",
        "intranet.",
        "printer.local",
        "db.internal",
        "metadata.google.internal.",
        "router.home.arpa",
        "home.arpa",
        "abc.onion",
        // Full-width letters and an ideographic full stop are mapped to plain ones.
        "ｌｏｃａｌｈｏｓｔ",
        "printer。local",
        "%6cocalhost",
    ] {
        assert_refused(&format!("https://{name}/hook"));
    }
}

#[tokio::test]
async fn names_that_only_look_private_are_allowed() {
    for name in [
        "localhost.example.com",
        "mylocal.example",
        "notinternal.com",
        "onion.example.com",
    ] {
        assert!(
            production()
                .parse_target(&format!("https://{name}/"))
                .is_ok(),
            "{name}"
        );
    }
}

#[tokio::test]
async fn our_own_public_host_is_refused() {
    assert_refused("https://hooks.example.org/v1");
    assert_refused("https://HOOKS.example.org.:8443/");
    assert!(
        production()
            .parse_target("https://other.example.org/")
            .is_ok()
    );
}

#[tokio::test]
async fn ports_of_other_protocols_are_refused() {
    for port in [0, 22, 25, 110, 465, 6000, 6667, 10080] {
        assert_refused(&format!("https://example.com:{port}/"));
    }
    assert!(
        production()
            .parse_target("https://example.com:8443/")
            .is_ok()
    );
}

#[tokio::test]
async fn zone_ids_and_malformed_hosts_are_invalid() {
    for url in [
        "https://[fe80::1%25eth0]/",
        "https://[fe80::1%eth0]/",
        "https://exa mple.com/",
        "https://example..com/",
        "https://.example.com/",
        "https://exam*ple.com/",
        "https://",
        "//example.com/",
        "/hook",
        "",
        "example.com",
        "https://example.com:99999/",
        "https://256.256.256.256/",
        "https://1.2.3.4.5/",
        "https://example.com/\r\nhost: evil",
        " https://example.com/",
        "ht\ttps://example.com/",
    ] {
        assert_invalid(url);
    }
    assert_invalid(&format!("https://{}.com/", "a".repeat(64)));
    assert_invalid(&format!("https://{}com/", "a.".repeat(130)));
    assert_invalid(&format!("https://example.com/{}", "a".repeat(2048)));
}

#[tokio::test]
async fn userinfo_becomes_a_header_and_leaves_the_url() {
    let target = production()
        .parse_target("https://us%20er:p%40ss@example.com/h?q=1")
        .unwrap();
    assert_eq!(target.url(), "https://example.com/h?q=1");
    // "us er:p@ss"
    assert_eq!(target.authorization().unwrap(), "Basic dXMgZXI6cEBzcw==");
    assert!(target.authorization().unwrap().is_sensitive());

    let plain = production().parse_target(target.url()).unwrap();
    assert_eq!(plain.authorization(), None);
}

#[tokio::test]
async fn a_target_shows_neither_path_nor_query_nor_userinfo() {
    let target = production()
        .parse_target("https://me:word@EXAMPLE.com:8443/path?key=v")
        .unwrap();
    assert_eq!(target.display_origin(), "https://example.com:8443");
    assert_eq!(target.host(), "example.com");
    assert_eq!(
        format!("{target:?}"),
        r#"Target("https://example.com:8443")"#
    );
}

#[tokio::test]
async fn hosts_are_spelled_in_one_way() {
    let target = production()
        .parse_target("https://BÜCHER.Example.:443/")
        .unwrap();
    assert_eq!(target.url(), "https://xn--bcher-kva.example/");
    assert_eq!(target.host(), "xn--bcher-kva.example");
    let address = production()
        .parse_target("https://[2606:4700:0:0::1111]/")
        .unwrap();
    assert_eq!(address.host(), "2606:4700::1111");
    assert_eq!(address.display_origin(), "https://[2606:4700::1111]");
}

#[tokio::test]
async fn localhost_is_a_target_where_the_loopback_is() {
    let deliverer = Deliverer::new(loopback()).unwrap();
    let target = deliverer.parse_target("http://localhost:8080/").unwrap();
    assert!(deliverer.vet(&target).await.is_ok());
    assert!(deliverer.parse_target("http://a.localhost:8080/").is_err());
}

#[tokio::test]
async fn refusals_repeat_nothing_of_the_url() {
    for url in [
        "https://canary:canary@10.0.0.1/canary?canary",
        "https://canary.local/canary",
    ] {
        let error = production().parse_target(url).unwrap_err();
        assert!(
            !format!("{error} {error:?}").contains("canary"),
            "{error:?}"
        );
    }
}

proptest! {
    #[test]
    fn any_text_is_judged_without_a_panic(text in "\\PC{0,80}") {
        let deliverer = production();
        let _ = deliverer.parse_target(&text);
        let _ = deliverer.parse_target(&format!("https://{text}/"));
    }
}
