//! Organizations: made, renamed and deleted by the operator.

use std::sync::Arc;

use carehook_core::{Limits, Organization, OrganizationId, Scope};
use carehook_store::PageRequest;

use crate::cursor::{List, Page, PageOf};
use crate::faults::check_text;
use crate::{App, AppError, Operator, OrganizationAccess};

/// An organization to make.
#[derive(Clone, Debug)]
pub struct NewOrganization {
    /// Its id; made up when missing.
    pub id: Option<OrganizationId>,
    /// What people call it.
    pub name: String,
}

const ORGANIZATIONS: List<'static> = List {
    kind: "organizations",
    owner: "",
};

impl App {
    /// Makes an organization.
    pub async fn create_organization(
        &self,
        _operator: &Operator,
        new: NewOrganization,
    ) -> Result<Arc<Organization>, AppError> {
        let NewOrganization { id, name } = new;
        check_name(&name)?;
        let now = self.now();
        let id = id.unwrap_or_else(|| self.new_organization_id());
        let organization = Organization {
            id,
            name,
            created_at: now,
            updated_at: now,
        };
        let organization = self.store().create_organization(organization).await?;
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

    /// Gives an organization another name.
    pub async fn rename_organization(
        &self,
        _operator: &Operator,
        access: &OrganizationAccess,
        name: Option<String>,
    ) -> Result<Arc<Organization>, AppError> {
        let current = self.organization(access)?;
        let Some(name) = name else {
            return Ok(current);
        };
        check_name(&name)?;
        let renamed = Organization {
            name,
            updated_at: self.now(),
            ..(*current).clone()
        };
        Ok(self.store().update_organization(renamed).await?)
    }

    /// Deletes an organization; its payloads can no longer be read by anybody.
    pub async fn delete_organization(
        &self,
        _operator: &Operator,
        access: &OrganizationAccess,
    ) -> Result<(), AppError> {
        let id = access.organization();
        self.store().delete_organization(id, self.now()).await?;
        tracing::info!(organization = %id, "organization deleted");
        Ok(())
    }

    fn new_organization_id(&self) -> OrganizationId {
        let text = format!("org_{}", self.inner().random.hex());
        text.parse().expect("36 letters, digits and _ are an id")
    }
}

fn check_name(name: &str) -> Result<(), AppError> {
    check_text(name, Limits::NAME_CHARS).map_err(|reason| AppError::invalid("/name", reason))
}
