//! The organization of a row: its things, its keys, and the calls that are made about it.

use std::time::Duration;

use carehook_core::{Dialect, Permission, Scope};
use serde_json::{Value, json};

use super::Asker;
use super::table::{Needs, Row};
use crate::world::{Call, World, with_fields};

/// The other organization, which all rows share.
const SOUTHSIDE: &str = "southside";
/// An event of ECG's catalogue.
pub(super) const VITALS: &str = "vitals.observations.created";
const CATALOGUE: &str = "catalogue:write";
const MILLISECOND: Duration = Duration::from_millis(1);

/// All that the rows of a dialect share.
pub(super) struct Town<'w> {
    pub(super) world: &'w World,
    pub(super) dialect: Dialect,
    foreign_key: String,
    /// Keys of the operator: one with all scopes, one that was revoked, one that has ended.
    operators: [String; 3],
}

impl<'w> Town<'w> {
    pub(super) async fn founded(world: &'w World, dialect: Dialect) -> Self {
        make_organization(world, SOUTHSIDE).await;
        // What all organizations share is not for one of them to change.
        let fields = json!({"scopes": scopes_without(&[CATALOGUE])});
        let foreign_key = make_key(world, SOUTHSIDE, &fields).await.1;
        let operator = make_operator_key(world, &json!({})).await.1;
        let (revoked_id, revoked) = make_operator_key(world, &json!({})).await;
        let path = format!("/v1/operator-keys/{revoked_id}");
        world.delete(&path).await.is(204);
        let end = world.clock.now().plus(MILLISECOND).to_string();
        let expired = json!({"expires_at": end});
        let expired = make_operator_key(world, &expired).await.1;
        world.advance(MILLISECOND);
        Self {
            world,
            dialect,
            foreign_key,
            operators: [operator, revoked, expired],
        }
    }
}

/// An organization with what one row is about.
pub(super) struct Clinic<'t> {
    pub(super) town: &'t Town<'t>,
    pub(super) id: String,
    /// In everything that belongs to the organization's live side.
    pub(super) marker: String,
    /// What names in paths and bodies stand for.
    pub(super) names: Vec<(&'static str, String)>,
    /// Ids that others must not see.
    pub(super) ids: Vec<String>,
    live: String,
    test: String,
    revoked: String,
    expired: String,
}

impl<'t> Clinic<'t> {
    pub(super) async fn open(town: &'t Town<'t>, row: &Row, number: usize) -> Self {
        let world = town.world;
        let id = format!("clinic-{number}");
        make_organization(world, &id).await;
        let marker = format!("private-{number}-");
        let fields = |more: Value| {
            let usual = json!({"name": marker, "scopes": scopes_without(&[])});
            with_fields(usual, &more)
        };
        let live = make_key(world, &id, &fields(json!({}))).await.1;
        let scopes = scopes_without(&[CATALOGUE]);
        let test = json!({"mode": "test", "name": "Test", "scopes": scopes});
        let test = make_key(world, &id, &fields(test)).await.1;
        let (revoked_id, revoked) = make_key(world, &id, &fields(json!({}))).await;
        let path = format!("/v1/organizations/{id}/api-keys/{revoked_id}");
        world.delete(&path).await.is(204);
        let end = world.clock.now().plus(MILLISECOND).to_string();
        let expired = make_key(world, &id, &fields(json!({"expires_at": end})))
            .await
            .1;
        world.advance(MILLISECOND);
        let mut clinic = Self {
            town,
            id,
            marker,
            names: vec![
                ("file", "native.json".to_owned()),
                ("eventCode", VITALS.to_owned()),
                ("eventId", VITALS.to_owned()),
                ("number", number.to_string()),
            ],
            ids: Vec::new(),
            live,
            test,
            revoked,
            expired,
        };
        clinic.make(row.thing).await;
        clinic
    }

    /// What nobody from outside may see.
    pub(super) fn private(&self) -> impl Iterator<Item = &str> {
        let ids = self.ids.iter().map(String::as_str);
        ids.chain([self.marker.as_str()])
    }

    /// The calls of an asker: one, or one for each group of scopes that can be missing.
    pub(super) async fn calls(&self, row: &Row, asker: Asker) -> Vec<Call> {
        let [operator, revoked_operator, expired_operator] = &self.town.operators;
        let lacking = match asker {
            Asker::Lacking => self.lacking_keys(&row.needs).await,
            _ => Vec::new(),
        };
        let keys = match asker {
            Asker::Own if row.needs == Needs::Operator => vec![operator],
            Asker::Own => vec![&self.live],
            Asker::Foreign | Asker::Crossed => vec![&self.town.foreign_key],
            Asker::OtherMode => vec![&self.test],
            Asker::Revoked => vec![&self.revoked, revoked_operator],
            Asker::Expired => vec![&self.expired, expired_operator],
            Asker::Nobody => return vec![self.call(row, asker, None)],
            Asker::Lacking => lacking.iter().collect(),
        };
        let calls = keys.into_iter();
        calls.map(|key| self.call(row, asker, Some(key))).collect()
    }

    /// Keys that have all scopes but what is needed.
    async fn lacking_keys(&self, needs: &Needs) -> Vec<String> {
        let scopes = match needs {
            Needs::Nothing | Needs::Key => vec![Vec::new()],
            Needs::Operator => vec![scopes_without(&[])],
            Needs::Scopes(groups) => groups.iter().map(|group| scopes_without(group)).collect(),
        };
        let mut keys = Vec::new();
        for scopes in scopes {
            let fields = json!({"name": self.marker, "scopes": scopes});
            keys.push(make_key(self.town.world, &self.id, &fields).await.1);
        }
        for scopes in self.lacking_operators(needs) {
            let fields = json!({"scopes": scopes});
            keys.push(make_operator_key(self.town.world, &fields).await.1);
        }
        keys
    }

    /// The scopes of operator keys that lack what is needed. `admin` would include all.
    fn lacking_operators(&self, needs: &Needs) -> Vec<Vec<&'static str>> {
        let without = |group: &[&str]| {
            let scopes = scopes_without(group).into_iter();
            scopes.filter(|scope| *scope != "admin").collect()
        };
        match needs {
            Needs::Nothing | Needs::Key => Vec::new(),
            // There who belongs to no organization is asked first for which one.
            Needs::Scopes(_) if self.town.dialect == Dialect::Mycure => Vec::new(),
            Needs::Operator => vec![without(&["keys"])],
            Needs::Scopes(groups) => groups.iter().map(|group| without(group)).collect(),
        }
    }

    fn call(&self, row: &Row, asker: Asker, key: Option<&str>) -> Call {
        let organization = match asker {
            Asker::Crossed => SOUTHSIDE,
            _ => &self.id,
        };
        let mut path = format!("{}{}", row.path, row.query);
        let mut body = row.body.to_owned();
        let organizations = ["org", "organizationId"].map(|name| (name, organization));
        let names = self.names.iter().map(|(name, text)| (*name, text.as_str()));
        for (name, text) in names.chain(organizations) {
            path = path.replace(&format!("{{{name}}}"), text);
            body = body.replace(&format!("${name}"), text);
        }
        assert!(
            !path.contains('{'),
            "isolation/clinic.rs: what is meant by {path}"
        );
        let call = Call::new(row.method.clone(), &path).without("authorization");
        let call = match (self.town.dialect, key) {
            (Dialect::Decoda, None) => call.header("tenant", organization),
            (Dialect::Decoda, Some(key)) => {
                call.header("tenant", organization).header("api-key", key)
            }
            (_, None) => call,
            (_, Some(key)) => call.with_key(key),
        };
        match body.strip_prefix("form:") {
            Some(form) => call
                .raw(form)
                .header("content-type", "application/x-www-form-urlencoded"),
            None if body.is_empty() => call,
            None => call.raw(body),
        }
    }
}

/// Makes an organization.
async fn make_organization(world: &World, id: &str) {
    let body = json!({"id": id, "name": "Clinic"});
    world.post("/v1/organizations", &body).await.is(201);
}

/// Makes a live key with all permissions unless the fields say otherwise; gives id and text.
pub(super) async fn make_key(
    world: &World,
    organization: &str,
    fields: &Value,
) -> (String, String) {
    let permissions: Vec<String> = Permission::all().map(|one| one.to_string()).collect();
    let usual = json!({"name": "Key", "mode": "live", "permissions": permissions});
    let path = format!("/v1/organizations/{organization}/api-keys");
    let made = world.post(&path, &with_fields(usual, fields)).await.is(201);
    (made.text("id"), made.text("key"))
}

/// Makes a key of the operator, with all scopes unless the fields say otherwise; gives id and text.
pub(super) async fn make_operator_key(world: &World, fields: &Value) -> (String, String) {
    let body = with_fields(json!({"name": "Operator"}), fields);
    let made = world.post("/v1/operator-keys", &body).await.is(201);
    (made.text("id"), made.text("key"))
}

/// All scopes but these and those that include one of them.
fn scopes_without(missing: &[&str]) -> Vec<&'static str> {
    let missing: Vec<Scope> = missing.iter().map(|name| name.parse().unwrap()).collect();
    let kept = |scope: &Scope| !missing.iter().any(|one| scope.includes(*one));
    let kept = Scope::ALL.into_iter().filter(kept);
    kept.map(Scope::as_str).collect()
}
