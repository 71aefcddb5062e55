//! All operations of ECG's document, and no others: in the description and in the router.

use std::collections::BTreeSet;

use carehook_core::Dialect;
use http::Method;

use crate::described::{description, operations};
use crate::world::{Call, World};

/// Method and path of every operation, as ECG's document has them.
const SOURCE: &str = include_str!("operations.txt");

fn source() -> BTreeSet<String> {
    SOURCE.lines().map(str::to_owned).collect()
}

#[test]
fn every_operation_of_the_source_is_described_and_no_other() {
    let description = description(Dialect::Ecg);
    let mut described = BTreeSet::new();
    for (method, path, operation) in operations(&description) {
        described.insert(format!("{} {path}", method.to_uppercase()));
        let responses = operation["responses"].as_object().unwrap();
        let good = responses.keys().any(|status| status.starts_with('2'));
        assert!(good || path.ends_with("failed-response"), "{path}");
    }
    assert_eq!(source().len(), 53);
    assert_eq!(described, source());
}

#[tokio::test]
async fn the_router_serves_what_the_source_has_and_no_other_method() {
    let world = World::start();
    let source = source();
    let paths: BTreeSet<&str> = source
        .iter()
        .map(|line| line.split_once(' ').unwrap().1)
        .collect();
    for path in paths {
        let concrete = path.replace(['{', '}'], "");
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE"] {
            let call = Call::new(method.parse::<Method>().unwrap(), &concrete);
            let answer = call.send(&world).await;
            let unknown = answer.body["message"] == "there is no such path";
            let served = answer.status != 405 && !unknown;
            let expected = source.contains(&format!("{method} {path}"));
            assert_eq!(served, expected, "{method} {path}: {}", answer.body);
        }
    }
}
