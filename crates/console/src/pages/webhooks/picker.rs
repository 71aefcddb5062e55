//! The event picker: the catalogue by category, with what is ticked.

use std::collections::{BTreeMap, BTreeSet};

use carehook_core::{Catalogue, EventType, EventTypeDefinition};

/// The categories with what can be chosen of each.
pub(super) struct Picker {
    pub(super) groups: Vec<Group>,
    /// What is chosen and stands in no box: patterns, and names of a dialect.
    pub(super) others: Vec<String>,
}

/// A category.
pub(super) struct Group {
    pub(super) name: String,
    pub(super) choices: Vec<Choice>,
    pub(super) chosen: usize,
}

/// An event type, or all of a resource.
pub(super) struct Choice {
    pub(super) code: String,
    pub(super) description: String,
    pub(super) chosen: bool,
}

impl Picker {
    /// The picker with these names chosen.
    pub(super) fn of<'a>(catalogue: &Catalogue, chosen: impl Iterator<Item = &'a str>) -> Self {
        let mut chosen: BTreeSet<&str> = chosen.collect();
        chosen.remove("*");
        let mut groups = Vec::new();
        for category in catalogue.categories() {
            let types: Vec<_> = catalogue.event_types_in(&category.code).collect();
            let choices = choices(catalogue, &types, &mut chosen);
            if !choices.is_empty() {
                groups.push(Group {
                    name: category.name.clone(),
                    chosen: choices.iter().filter(|choice| choice.chosen).count(),
                    choices,
                });
            }
        }
        let others = chosen.into_iter().map(str::to_owned).collect();
        Self { groups, others }
    }
}

/// The choices of a category; takes out of `chosen` what has a box here.
fn choices(
    catalogue: &Catalogue,
    types: &[&EventTypeDefinition],
    chosen: &mut BTreeSet<&str>,
) -> Vec<Choice> {
    let mut by_resource: BTreeMap<&str, Vec<&EventTypeDefinition>> = BTreeMap::new();
    for definition in types {
        let is_chosen = chosen.contains(definition.code.as_str());
        if is_chosen || catalogue.check_open(definition).is_ok() {
            let resource = resource_of(&definition.code);
            by_resource.entry(resource).or_default().push(definition);
        }
    }
    let mut choices = Vec::new();
    for (resource, types) in by_resource {
        if types.len() > 1 {
            let code = format!("{resource}.*");
            choices.push(Choice {
                chosen: chosen.remove(code.as_str()),
                description: "All of these, and those that are added later.".to_owned(),
                code,
            });
        }
        for definition in types {
            let code = definition.code.to_string();
            choices.push(Choice {
                chosen: chosen.remove(code.as_str()),
                description: definition.description.clone(),
                code,
            });
        }
    }
    choices
}

fn resource_of(code: &EventType) -> &str {
    let code = code.as_str();
    code.rsplit_once('.').map_or(code, |(resource, _)| resource)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_no_box_stands_with_the_patterns() {
        let chosen = ["*", "patient.*", "patient.created", "PATIENT_CREATED"];
        let picker = Picker::of(Catalogue::built_in(), chosen.into_iter());
        assert_eq!(picker.others, ["PATIENT_CREATED"]);
        let patients = picker.groups.iter().find(|group| group.name == "Patients");
        let patients = patients.unwrap();
        assert_eq!(patients.chosen, 2);
        let codes: Vec<_> = patients.choices.iter().map(|one| &*one.code).collect();
        let place = |code| codes.iter().position(|one| *one == code).unwrap();
        assert!(place("patient.*") < place("patient.created"));
    }
}
