//! What is out of use is neither published nor newly subscribed; what was accepted before goes on.

use carehook_core::{Catalogue, Subscription};

use crate::AppError;

/// Refuses new names whose event types are all out of use.
///
/// A name that stands for several is fine while one of them is in use, and a name that the
/// endpoint had before stays.
pub(crate) fn check_subscribable(
    catalogue: &Catalogue,
    wanted: &[Subscription],
    before: &[Subscription],
) -> Result<(), AppError> {
    for Subscription { name, .. } in wanted {
        let had = before.iter().any(|entry| entry.name == *name);
        let mut entries = wanted.iter().filter(|entry| entry.name == *name);
        if !had && !entries.any(|entry| catalogue.matches_open(&entry.pattern)) {
            let reason = format!("`{name}` cannot be subscribed to: it is inactive or archived");
            return Err(AppError::conflict(reason));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use carehook_core::{Edit, Timestamp};

    use super::*;

    fn entry(name: &str, pattern: &str) -> Subscription {
        Subscription {
            name: name.into(),
            pattern: pattern.parse().unwrap(),
        }
    }

    /// A catalogue in which `document.created` is inactive.
    fn catalogue() -> Catalogue {
        let mut catalogue = Catalogue::built_in().clone();
        let code = "document.created".parse().unwrap();
        let mut definition = catalogue.existing_event_type(&code).unwrap().clone();
        let edit = Edit {
            by: "ana",
            at: Timestamp(1),
        };
        definition.status.set_active(false, edit);
        catalogue.change_event_type(definition).unwrap();
        catalogue
    }

    #[test]
    fn only_a_new_name_without_any_event_type_in_use_is_refused() {
        let catalogue = catalogue();
        let allowed = |wanted: &[Subscription], before: &[Subscription]| {
            check_subscribable(&catalogue, wanted, before).is_ok()
        };
        let closed = entry("document.created", "document.created");
        assert!(!allowed(std::slice::from_ref(&closed), &[]));
        assert!(allowed(
            std::slice::from_ref(&closed),
            std::slice::from_ref(&closed)
        ));
        assert!(allowed(&[entry("document.*", "document.*")], &[]));
        let group = [
            entry("documents", "document.created"),
            entry("documents", "document.updated"),
        ];
        assert!(allowed(&group, &[]));
        assert!(!allowed(&[entry("ping", "ping"), closed], &[]));
    }
}
