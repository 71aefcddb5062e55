//! Patches that are malformed, reach too far, fail half-way, or grow.

use serde_json::json;

use super::*;

fn read(text: &str) -> Result<Patch, RequestError> {
    Patch::read(text.as_bytes())
}

fn applied(operations: &Value) -> Result<Value, AppError> {
    let shown = json!({
        "id": "1",
        "name": "Labs",
        "description": null,
        "payload": {"list": [1, 2], "a/b": {"~": 1}},
    });
    let patch = read(&operations.to_string()).unwrap();
    let patched = patch.apply(&shown, &["/name", "/description", "/payload"])?;
    Ok(patched.0)
}

/// The pointers of what was refused.
fn refused(error: &AppError) -> Vec<String> {
    let AppError::Invalid(faults) = error else {
        panic!("{error}");
    };
    faults.iter().map(|fault| fault.pointer.clone()).collect()
}

#[test]
fn the_operations_are_those_of_the_standard() {
    let patched = applied(&json!([
        {"op": "test", "path": "/id", "value": "1"},
        {"op": "test", "path": "/description", "value": null},
        {"op": "replace", "path": "/name", "value": "Laboratory"},
        {"op": "copy", "from": "/id", "path": "/description"},
        {"op": "add", "path": "/payload/list/-", "value": 3},
        {"op": "remove", "path": "/payload/a~1b/~0", "value": "ignored"},
        {"op": "move", "from": "/payload/list/0", "path": "/payload/first", "more": 1},
    ]))
    .unwrap();
    assert_eq!(
        patched,
        json!({
            "id": "1",
            "name": "Laboratory",
            "description": "1",
            "payload": {"list": [2, 3], "first": 1, "a/b": {}},
        })
    );
}

#[test]
fn a_failing_test_is_a_conflict() {
    for value in [json!("Lab"), json!(null), json!({})] {
        let test = json!([
            {"op": "replace", "path": "/description", "value": "x"},
            {"op": "test", "path": "/name", "value": value},
        ]);
        let refused = applied(&test);
        let Err(AppError::Conflict { reason }) = &refused else {
            panic!("{refused:?}");
        };
        assert!(reason.contains("operation 1"), "{reason}");
    }
}

#[test]
fn places_that_are_not_editable_are_refused_before_anything_is_tested() {
    for (operation, pointer) in [
        (
            json!({"op": "replace", "path": "/id", "value": 2}),
            "/1/path",
        ),
        (json!({"op": "replace", "path": "", "value": {}}), "/1/path"),
        (
            json!({"op": "add", "path": "/names", "value": 2}),
            "/1/path",
        ),
        (json!({"op": "remove", "path": "/id"}), "/1/path"),
        (
            json!({"op": "move", "from": "/id", "path": "/name"}),
            "/1/from",
        ),
        (
            json!({"op": "copy", "from": "/name", "path": "/id"}),
            "/1/path",
        ),
    ] {
        let failing = json!({"op": "test", "path": "/name", "value": "no"});
        let error = applied(&json!([failing, operation])).unwrap_err();
        assert_eq!(refused(&error), [pointer], "{operation}");
    }
}

#[test]
fn places_that_are_not_there_are_refused() {
    for (operation, pointer) in [
        (
            json!({"op": "replace", "path": "/payload/x", "value": 2}),
            "/0/path",
        ),
        (
            json!({"op": "remove", "path": "/payload/list/9"}),
            "/0/path",
        ),
        (
            json!({"op": "copy", "from": "/payload/x", "path": "/name"}),
            "/0/from",
        ),
        (
            json!({"op": "move", "from": "/payload", "path": "/payload/list"}),
            "/0/path",
        ),
    ] {
        let error = applied(&json!([operation])).unwrap_err();
        assert_eq!(refused(&error), [pointer], "{operation}");
    }
}

#[test]
fn a_malformed_patch_names_what_is_wrong() {
    for (text, pointers) in [
        ("{}", &[""][..]),
        ("null", &[""]),
        ("[1]", &["/0"]),
        (r#"[{"path": "/name", "value": 1}]"#, &["/0/op"]),
        (r#"[{"op": "add", "value": 1}]"#, &["/0/path"]),
        (r#"[{"op": "add", "path": "/name"}]"#, &["/0/value"]),
        (r#"[{"op": "move", "path": "/name"}]"#, &["/0/from"]),
        (r#"[{"op": "set", "path": "/name"}]"#, &["/0/op"]),
        (r#"[{"op": 1, "path": "/name"}]"#, &["/0/op"]),
        (
            r#"[{"op": "remove", "path": "name"}, {"op": "remove", "path": "/~2"}]"#,
            &["/0/path", "/1/path"],
        ),
    ] {
        let error = read(text).err().unwrap();
        let RequestError::App(error) = &error else {
            panic!("{error:?}");
        };
        assert_eq!(refused(error), pointers, "{text}");
    }
    for text in ["", "[", "[{\"op\": \"add\",}]"] {
        let error = read(text).err().unwrap();
        assert!(matches!(error, RequestError::MalformedJson(_)), "{text}");
    }
    let many = json!(vec![json!({"op": "test", "path": "/id", "value": 1}); 101]);
    assert!(read(&many.to_string()).is_err());
    let most = json!(vec![json!({"op": "test", "path": "/id", "value": 1}); 100]);
    assert!(read(&most.to_string()).is_ok());
}

#[test]
fn copies_of_copies_end_before_they_fill_the_memory() {
    // Each copy reaches as deep as all before it together.
    let deep = (1..100).map(|levels| {
        let path = format!("/payload{}", "/x".repeat(levels));
        json!({"op": "copy", "from": "/payload", "path": path})
    });
    let deep: Vec<_> = deep.collect();
    assert_eq!(refused(&applied(&json!(deep)).unwrap_err()).len(), 1);
    let grow =
        |n| json!({"op": "copy", "from": "/payload/list", "path": format!("/payload/list/{n}")});
    let long: Vec<_> = (0..100).map(|_| grow(0)).collect();
    assert_eq!(refused(&applied(&json!(long)).unwrap_err()).len(), 1);
}

#[test]
fn members_are_read_as_what_they_are() {
    let patched = Patched(json!({"name": "x", "number": 1, "none": null}));
    let mut faults = Faults::default();
    assert_eq!(patched.text("name", &mut faults).as_deref(), Some("x"));
    assert_eq!(patched.optional_text("none", &mut faults), None);
    assert_eq!(patched.optional_text("gone", &mut faults), None);
    assert!(faults.check().is_ok());
    let mut faults = Faults::default();
    patched.text("number", &mut faults);
    patched.text("none", &mut faults);
    let error = faults.check().unwrap_err();
    assert_eq!(refused(&error), ["/number", "/none"]);
}
