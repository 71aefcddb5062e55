//! Sample payloads: one for each version of an event type, to look at and to test with.

use carehook_core::{
    Audit, Catalogue, CatalogueError, Edit, EventType, EventTypeDefinition, JsonText, SamplePayload,
};

use crate::{App, AppError, Caller, CatalogueEditor};

/// A sample payload with the event type that it belongs to.
#[derive(Clone, Debug)]
pub struct Sample {
    /// The event type.
    pub event_type: EventTypeDefinition,
    /// The payload of one of its versions.
    pub payload: SamplePayload,
}

const NO_SAMPLE: AppError = AppError::NotFound {
    kind: "sample payload",
};

impl App {
    /// The sample of one version of an event type.
    pub fn sample(
        &self,
        caller: &Caller,
        code: &EventType,
        version: &str,
    ) -> Result<Sample, AppError> {
        sample_of(&self.catalogue(caller), code, version)
    }

    /// Any sample of an event type that is in use.
    pub fn random_sample(&self, caller: &Caller) -> Result<Sample, AppError> {
        let catalogue = self.catalogue(caller);
        let in_use = |d: &&EventTypeDefinition| catalogue.check_open(d).is_ok();
        let samples: Vec<(&EventTypeDefinition, &SamplePayload)> = catalogue
            .event_types()
            .filter(in_use)
            .flat_map(|definition| definition.samples.iter().map(move |s| (definition, s)))
            .collect();
        let random = usize::from_le_bytes(self.inner().random.bytes());
        let place = random.checked_rem(samples.len()).ok_or(NO_SAMPLE)?;
        let (event_type, payload) = samples.get(place).ok_or(NO_SAMPLE)?;
        Ok(Sample {
            event_type: (*event_type).clone(),
            payload: (*payload).clone(),
        })
    }

    /// Adds the sample of a version that has none; adds the version to the event type as well
    /// when that is not built in.
    pub async fn add_sample(
        &self,
        editor: &CatalogueEditor,
        code: &EventType,
        version: &str,
        data: JsonText,
    ) -> Result<Sample, AppError> {
        let edit = self.edit(editor);
        let old = self.store().catalogue();
        if old.existing_event_type(code)?.sample(version).is_some() {
            let reason = format!("the event type `{code}` has a sample of `{version}` already");
            return Err(AppError::conflict(reason));
        }
        let add = |definition: &mut EventTypeDefinition| {
            if !definition.has_version(version) {
                definition.versions.push(version.to_owned());
            }
            // Somebody may have added one meanwhile; the later one holds.
            definition.samples.retain(|s| s.version != version);
            definition.samples.push(SamplePayload {
                version: version.to_owned(),
                data: data.clone(),
                previous: None,
                thin: None,
                audit: Audit::made(edit),
            });
        };
        let changed = self.changed_event_type(code, edit, add).await?;
        sample_of(&changed, code, version)
    }

    /// Changes the payload of a sample.
    ///
    /// What else the sample tells (the fields before, the thin form) no longer fits and goes.
    pub async fn change_sample(
        &self,
        editor: &CatalogueEditor,
        code: &EventType,
        version: &str,
        data: JsonText,
    ) -> Result<Sample, AppError> {
        let edit = self.edit(editor);
        let found = sample_of(&self.store().catalogue(), code, version)?;
        if found.payload.data == data {
            return Ok(found);
        }
        let change = |definition: &mut EventTypeDefinition| {
            let mut samples = definition.samples.iter_mut();
            if let Some(sample) = samples.find(|s| s.version == version) {
                sample.data = data.clone();
                sample.previous = None;
                sample.thin = None;
                sample.audit.change(edit);
            }
        };
        let changed = self.changed_event_type(code, edit, change).await?;
        sample_of(&changed, code, version)
    }

    /// Removes the sample of a version; the version stays.
    pub async fn delete_sample(
        &self,
        editor: &CatalogueEditor,
        code: &EventType,
        version: &str,
    ) -> Result<(), AppError> {
        let edit = self.edit(editor);
        sample_of(&self.store().catalogue(), code, version)?;
        let remove = |definition: &mut EventTypeDefinition| {
            definition.samples.retain(|s| s.version != version);
        };
        self.changed_event_type(code, edit, remove).await?;
        Ok(())
    }

    async fn changed_event_type(
        &self,
        code: &EventType,
        edit: Edit<'_>,
        change: impl Fn(&mut EventTypeDefinition),
    ) -> Result<std::sync::Arc<Catalogue>, AppError> {
        let apply = |catalogue: &mut Catalogue| -> Result<(), CatalogueError> {
            let mut definition = catalogue.existing_event_type(code)?.clone();
            change(&mut definition);
            definition.status.audit.change(edit);
            catalogue.change_event_type(definition)
        };
        self.changed_catalogue(apply).await
    }
}

fn sample_of(catalogue: &Catalogue, code: &EventType, version: &str) -> Result<Sample, AppError> {
    let event_type = catalogue.existing_event_type(code)?;
    let payload = event_type.sample(version).ok_or(NO_SAMPLE)?;
    Ok(Sample {
        event_type: event_type.clone(),
        payload: payload.clone(),
    })
}
