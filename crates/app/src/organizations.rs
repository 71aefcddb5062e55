//! Organizations: made, changed and deleted by the operator.

use std::sync::Arc;

use carehook_core::{
    AuditAction, Limits, Organization, OrganizationId, OrganizationSettings, RateLimits, Retention,
    SchemaCheck, Scope,
};
use carehook_store::PageRequest;

use crate::audit;
use crate::cursor::{List, Page, PageOf};
use crate::faults::check_text;
use crate::{App, AppError, Change, Faults, Operator, OrganizationAccess};

/// An organization to make.
#[derive(Clone, Debug)]
pub struct NewOrganization {
    /// Its id; made up when missing.
    pub id: Option<OrganizationId>,
    /// What people call it.
    pub name: String,
    /// Its settings; what is not named has its default.
    pub settings: SettingsChange,
}

/// A change of an organization; what is not named stays.
#[derive(Clone, Debug, Default)]
pub struct OrganizationChange {
    /// What people call it.
    pub name: Option<String>,
    /// Its settings.
    pub settings: SettingsChange,
}

/// A change of an organization's settings; what is not named stays.
#[derive(Clone, Debug, Default)]
pub struct SettingsChange {
    /// See [`Retention::payload_days`].
    pub payload_days: Option<u32>,
    /// See [`Retention::metadata_days`].
    pub metadata_days: Option<u32>,
    /// See [`Retention::audit_years`].
    pub audit_years: Option<u32>,
    /// See [`OrganizationSettings::schema_check`].
    pub schema_check: Option<SchemaCheck>,
    /// See [`RateLimits::requests_per_hour`].
    pub requests_per_hour: Change<u32>,
    /// See [`RateLimits::events_per_second`].
    pub events_per_second: Change<u32>,
    /// See [`OrganizationSettings::ownership_challenge`].
    pub ownership_challenge: Option<bool>,
}

impl SettingsChange {
    fn apply(
        self,
        faults: &mut Faults,
        mut settings: OrganizationSettings,
    ) -> OrganizationSettings {
        let Self {
            payload_days,
            metadata_days,
            audit_years,
            schema_check,
            requests_per_hour,
            events_per_second,
            ownership_challenge,
        } = self;
        let Retention {
            payload_days: payload,
            metadata_days: metadata,
            audit_years: audit,
        } = &mut settings.retention;
        let days = payload_days.map(Retention::days);
        set(
            payload,
            faults.take_optional("/retention/payload_days", days),
        );
        let days = metadata_days.map(Retention::days);
        set(
            metadata,
            faults.take_optional("/retention/metadata_days", days),
        );
        let years = audit_years.map(Retention::years);
        set(audit, faults.take_optional("/retention/audit_years", years));
        if *metadata < *payload {
            let reason = "must not be less than payload_days";
            faults.add("/retention/metadata_days", reason);
        }
        set(&mut settings.schema_check, schema_check);
        set(&mut settings.ownership_challenge, ownership_challenge);
        let RateLimits {
            requests_per_hour: requests,
            events_per_second: events,
        } = &mut settings.rate_limits;
        for (at, limit, change) in [
            (
                "/rate_limits/requests_per_hour",
                requests,
                requests_per_hour,
            ),
            ("/rate_limits/events_per_second", events, events_per_second),
        ] {
            change.when_changed(|wanted| {
                *limit = faults.take_optional(at, wanted.copied().map(RateLimits::limit));
            });
        }
        settings
    }
}

fn set<T>(place: &mut T, wanted: Option<T>) {
    if let Some(wanted) = wanted {
        *place = wanted;
    }
}

const ORGANIZATIONS: List<'static> = List {
    kind: "organizations",
    owner: "",
};

impl App {
    /// Makes an organization.
    pub async fn create_organization(
        &self,
        operator: &Operator,
        new: NewOrganization,
    ) -> Result<Arc<Organization>, AppError> {
        let NewOrganization { id, name, settings } = new;
        let mut faults = Faults::default();
        faults.take("/name", check_text(&name, Limits::NAME_CHARS));
        // The audit trail calls the server's own book so.
        if id.as_ref().is_some_and(|id| id.as_str() == "installation") {
            faults.add("/id", "is the name of the server's own audit trail");
        }
        let settings = settings.apply(&mut faults, OrganizationSettings::default());
        faults.check()?;
        let now = self.now();
        let id = id.unwrap_or_else(|| self.new_organization_id());
        let organization = Organization {
            id,
            name,
            settings,
            created_at: now,
            updated_at: now,
        };
        let object = format!("organization/{}", organization.id);
        let action = AuditAction::OrganizationCreated;
        let entry = operator.entry(now, action, object);
        let store = self.noting_entry(&organization.id, entry);
        let organization = store.create_organization(organization).await?;
        tracing::info!(organization = %organization.id, "organization created");
        Ok(organization)
    }

    /// All organizations, by id.
    pub fn list_organizations(
        &self,
        _operator: &Operator,
        page: &Page,
    ) -> Result<PageOf<Arc<Organization>>, AppError> {
        let PageRequest { limit, after } = ORGANIZATIONS.request::<String>(page)?;
        let after = after
            .map(|id| id.parse())
            .transpose()
            .map_err(|reason| AppError::invalid("/cursor", reason))?;
        let found = self
            .store()
            .list_organizations(&PageRequest { limit, after });
        Ok(PageOf {
            next_cursor: found.next.map(|id| ORGANIZATIONS.cursor(&id.to_string())),
            items: found.items,
        })
    }

    /// One organization.
    pub fn organization(&self, access: &OrganizationAccess) -> Result<Arc<Organization>, AppError> {
        access.require(Scope::Read)?;
        let found = self.store().organization(access.organization());
        found.ok_or(AppError::NotFound {
            kind: "organization",
        })
    }

    /// Changes the name or the settings of an organization.
    pub async fn change_organization(
        &self,
        _operator: &Operator,
        access: &OrganizationAccess,
        change: OrganizationChange,
    ) -> Result<Arc<Organization>, AppError> {
        let current = self.organization(access)?;
        let OrganizationChange { name, settings } = change;
        let mut faults = Faults::default();
        if let Some(name) = &name {
            faults.take("/name", check_text(name, Limits::NAME_CHARS));
        }
        let settings = settings.apply(&mut faults, current.settings);
        faults.check()?;
        let mut changed = (*current).clone();
        set(&mut changed.name, name);
        changed.settings = settings;
        if changed == *current {
            return Ok(current);
        }
        changed.updated_at = self.now();
        let object = format!("organization/{}", changed.id);
        let entry = access.entry(self, AuditAction::OrganizationChanged, object);
        let entry = audit::with_organization_changes(entry, &current, &changed);
        let store = self.noting_entry(access.organization(), entry);
        let changed = store.update_organization(changed).await?;
        tracing::info!(organization = %changed.id, "organization changed");
        Ok(changed)
    }

    /// Deletes an organization; its payloads can no longer be read by anybody.
    pub async fn delete_organization(
        &self,
        _operator: &Operator,
        access: &OrganizationAccess,
    ) -> Result<(), AppError> {
        let id = access.organization();
        let object = format!("organization/{id}");
        let store = self.noting(access, AuditAction::OrganizationDeleted, object);
        store.delete_organization(id, self.now()).await?;
        tracing::info!(organization = %id, "organization deleted");
        Ok(())
    }

    fn new_organization_id(&self) -> OrganizationId {
        let text = format!("org_{}", self.inner().random.hex());
        text.parse().expect("36 letters, digits and _ are an id")
    }
}
