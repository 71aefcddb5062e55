//! Operators' entries: stored, merged, changed, removed, refused.

use super::*;
use crate::catalogue::StoredEntry;

const DEFINITION: &str = r#"{
    "code": "bed.assigned",
    "category": "wards",
    "name": "Bed assigned",
    "description": "A bed was given to a patient.",
    "versions": ["v1", "v2"],
    "samples": [{"version": "v2", "data": { "id": 1, "ward": "Süd" }, "thin": {"id": 1}}],
    "schema": {"type": "object"},
    "schemas": {"v2": {"required": ["id"]}}
}"#;

fn wards() -> CategoryDefinition {
    serde_json::from_str(r#"{"code": "wards", "name": "Wards"}"#).unwrap()
}

fn bed_assigned() -> EventTypeDefinition {
    serde_json::from_str(DEFINITION).unwrap()
}

type Spoil = fn(&mut EventTypeDefinition);

fn own(definition: EventTypeDefinition) -> StoredEntry {
    StoredEntry::EventType(Box::new(definition))
}

fn own_category() -> StoredEntry {
    StoredEntry::Category(wards())
}

fn with_wards() -> Catalogue {
    let (catalogue, left_out) = Catalogue::from_stored([own(bed_assigned()), own_category()]);
    assert_eq!(left_out, []);
    catalogue
}

fn code(text: &str) -> EventType {
    text.parse().unwrap()
}

fn field_of(error: &CatalogueError) -> &'static str {
    match error {
        CatalogueError::Invalid { field, .. } => field,
        other => panic!("{other}"),
    }
}

#[test]
fn an_operators_entries_stand_beside_the_built_in_ones() {
    let catalogue = with_wards();
    let added = catalogue.event_type(&code("bed.assigned")).unwrap();
    assert!(!added.built_in);
    assert!(catalogue.matches_any(&"bed.*".parse().unwrap()));
    assert!(catalogue.knows(&code("patient.created")));
    assert!(!Catalogue::built_in().knows(&code("bed.assigned")));
}

#[test]
fn a_stored_definition_is_read_back_as_it_was() {
    let definition = bed_assigned();
    let stored = serde_json::to_string(&definition).unwrap();
    assert!(
        stored.contains(r#""data":{"id":1,"ward":"Süd"}"#),
        "{stored}"
    );
    assert!(!stored.contains("built_in"), "{stored}");
    let read: EventTypeDefinition = serde_json::from_str(&stored).unwrap();
    assert_eq!(read, definition);

    let stored = serde_json::to_string(&wards()).unwrap();
    let read: CategoryDefinition = serde_json::from_str(&stored).unwrap();
    assert_eq!(read, wards());
}

#[test]
fn every_built_in_definition_survives_being_stored() {
    for definition in Catalogue::built_in().event_types() {
        let stored = serde_json::to_string(definition).unwrap();
        let mut read: EventTypeDefinition = serde_json::from_str(&stored).unwrap();
        assert!(!read.built_in, "a stored definition is never built in");
        read.built_in = true;
        assert_eq!(&read, definition);
    }
}

#[test]
fn stored_definitions_with_unknown_or_malformed_parts_are_refused() {
    for text in [
        r#"{"code": "a.b", "category": "c", "built_in": true}"#,
        r#"{"code": "A.b", "category": "c"}"#,
        r#"{"code": "a.b", "category": "C"}"#,
        r#"{"code": "a.b", "category": "c", "schema": true}"#,
        r#"{"code": "a.b", "category": "c", "samples": [{"version": "v1", "data": [1]}]}"#,
    ] {
        assert!(
            serde_json::from_str::<EventTypeDefinition>(text).is_err(),
            "{text}"
        );
    }
    let minimal: EventTypeDefinition =
        serde_json::from_str(r#"{"code": "a.b", "category": "c"}"#).unwrap();
    assert_eq!(minimal.versions, ["v1"]);
    assert!(minimal.schema.is_none());
}

#[test]
fn own_entries_can_be_changed_and_removed() {
    let mut catalogue = with_wards();
    let mut changed = bed_assigned();
    changed.description = "A patient got a bed.".to_owned();
    catalogue.change_event_type(changed.clone()).unwrap();
    assert_eq!(catalogue.event_type(&changed.code), Some(&changed));
    let renamed = CategoryDefinition {
        name: "Stations".to_owned(),
        ..wards()
    };
    catalogue.change_category(renamed.clone()).unwrap();
    assert_eq!(catalogue.category(&renamed.code), Some(&renamed));

    let in_use = catalogue.remove_category(&wards().code);
    assert_eq!(
        in_use,
        Err(CatalogueError::CategoryInUse {
            code: "wards".into()
        })
    );
    catalogue.remove_event_type(&changed.code).unwrap();
    catalogue.remove_category(&wards().code).unwrap();
    assert!(
        catalogue
            .categories()
            .eq(Catalogue::built_in().categories())
    );
    assert!(
        catalogue
            .event_types()
            .eq(Catalogue::built_in().event_types())
    );
}

#[test]
fn built_in_entries_cannot_be_removed_or_replaced() {
    let mut catalogue = Catalogue::built_in().clone();
    let ping = catalogue.event_type(&code("ping")).unwrap().clone();
    let queues = "queues".parse().unwrap();
    let category = catalogue.category(&queues).unwrap().clone();
    let text = |result: Result<(), CatalogueError>| result.unwrap_err().to_string();
    assert_eq!(
        text(catalogue.remove_event_type(&ping.code)),
        "the event type `ping` is built in and cannot be removed; archive it instead"
    );
    assert_eq!(
        text(catalogue.add_event_type(ping)),
        "the event type `ping` exists already"
    );
    assert_eq!(
        text(catalogue.remove_category(&queues)),
        "the category `queues` is built in and cannot be removed; archive it instead"
    );
    assert_eq!(
        text(catalogue.add_category(category)),
        "the category `queues` exists already"
    );
    assert_eq!(&catalogue, Catalogue::built_in());
}

#[test]
fn of_a_built_in_event_type_only_what_is_not_fixed_can_be_changed() {
    let mut catalogue = Catalogue::built_in().clone();
    let ping = catalogue.event_type(&code("ping")).unwrap().clone();
    let fixed: [(&str, Spoil); 3] = [
        ("category", |d| d.category = "queues".parse().unwrap()),
        ("versions", |d| d.versions.push("v2".into())),
        ("wire names", |d| d.wire_names.jump.push("x".into())),
    ];
    for (field, spoil) in fixed {
        let mut changed = ping.clone();
        spoil(&mut changed);
        assert_eq!(
            catalogue.change_event_type(changed),
            Err(CatalogueError::BuiltInField {
                kind: "event type",
                code: "ping".to_owned(),
                field
            })
        );
    }
    assert_eq!(&catalogue, Catalogue::built_in());
    let mut changed = ping.clone();
    changed.name = "Knock".to_owned();
    changed.description = "Is anybody there?".to_owned();
    changed.schema = bed_assigned().schema;
    // Even a caller that says otherwise leaves it built in.
    changed.built_in = false;
    catalogue.change_event_type(changed.clone()).unwrap();
    changed.built_in = true;
    assert_eq!(catalogue.event_type(&ping.code), Some(&changed));
}

#[test]
fn what_is_not_there_can_be_neither_changed_nor_removed() {
    let mut catalogue = Catalogue::built_in().clone();
    let missing = |kind, code: &str| CatalogueError::NotFound {
        kind,
        code: code.to_owned(),
    };
    assert_eq!(
        catalogue.change_category(wards()),
        Err(missing("category", "wards"))
    );
    assert_eq!(
        catalogue.remove_category(&wards().code),
        Err(missing("category", "wards"))
    );
    assert_eq!(
        catalogue.remove_event_type(&code("bed.assigned")),
        Err(missing("event type", "bed.assigned"))
    );
    catalogue.add_category(wards()).unwrap();
    assert_eq!(
        catalogue.change_event_type(bed_assigned()),
        Err(missing("event type", "bed.assigned"))
    );
}

#[test]
fn a_refused_definition_names_its_field() {
    let catalogue = with_wards();
    let field = |spoil: fn(&mut EventTypeDefinition)| {
        let mut definition = bed_assigned();
        definition.code = code("bed.freed");
        spoil(&mut definition);
        let mut copy = catalogue.clone();
        let error = copy.add_event_type(definition).unwrap_err();
        assert_eq!(copy, catalogue);
        field_of(&error)
    };
    assert_eq!(
        field(|d| d.category = "no-such".parse().unwrap()),
        "category"
    );
    assert_eq!(field(|d| d.name = " ".to_owned()), "name");
    assert_eq!(field(|d| d.name.push('\u{202e}')), "name");
    assert_eq!(field(|d| d.name.push('\n')), "name");
    assert_eq!(field(|d| d.description.push('\u{2066}')), "description");
    assert_eq!(field(|d| d.description = "x".repeat(1_001)), "description");
    assert_eq!(field(|d| d.versions.clear()), "versions");
    assert_eq!(field(|d| d.versions.push("v1".into())), "versions");
    assert_eq!(field(|d| d.versions.push("V 3".into())), "versions");
    assert_eq!(
        field(|d| d.versions = (0..33).map(|n| format!("v{n}")).collect()),
        "versions"
    );
    assert_eq!(field(|d| d.versions = vec!["v1".into()]), "samples");
    assert_eq!(field(|d| d.samples.extend(d.samples.clone())), "samples");
    let other = |d: &mut EventTypeDefinition| {
        d.schemas.insert("v3".into(), d.schemas["v2"].clone());
    };
    assert_eq!(field(other), "schemas");

    for name in ["", "  ", &"x".repeat(201)] {
        let category = CategoryDefinition {
            name: name.to_owned(),
            ..wards()
        };
        let error = Catalogue::built_in()
            .clone()
            .add_category(category)
            .unwrap_err();
        assert_eq!(field_of(&error), "name");
    }
}

#[test]
fn an_addition_that_became_built_in_is_left_out_and_reported() {
    let mut former = bed_assigned();
    former.code = code("ping");
    let stored = [own_category(), own(former), own(bed_assigned())];
    let (catalogue, left_out) = Catalogue::from_stored(stored);
    let code = "ping".to_owned();
    assert_eq!(
        left_out,
        [CatalogueError::Exists {
            kind: "event type",
            code
        }]
    );
    assert!(catalogue.knows(&bed_assigned().code));
    assert_eq!(
        catalogue.event_type(&"ping".parse().unwrap()),
        Catalogue::built_in().event_type(&"ping".parse().unwrap())
    );
}
