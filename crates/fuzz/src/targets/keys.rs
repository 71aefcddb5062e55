//! What comes in `Authorization`: the text of a key, the parts of a token, scopes, permissions.

use carehook_core::{
    ApiKeyText, OperatorKeyText, OrganizationId, Permission, Scope, Secret, SigningKey,
};

use super::world::World;
use crate::Target;

pub(crate) const TARGET: Target = Target {
    name: "keys",
    run,
    words: &[
        "pk_live_",
        "pk_test_",
        "op_",
        "whsec_",
        "whsk_",
        "eyJ",
        ".",
        "..",
        "Bearer ",
        "=",
        "read:payload",
        "patients:write",
        "catalogue:write",
        "northside",
        "*",
        "{\"alg\":\"none\"}",
    ],
};

fn run(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let _ = ApiKeyText::is_well_formed(&text);
    let _ = OperatorKeyText::is_well_formed(&text);
    let _ = text.parse::<Scope>();
    let _ = text.parse::<Permission>();
    let _ = text.parse::<OrganizationId>();
    let _ = SigningKey::parse(&Secret::new(text.as_ref()));
    // Nobody gets in with bytes that were made up.
    let world = World::get();
    assert!(!world.lets_in(&text), "{text}");
}
