//! Sample payloads: one for each version of an event type, to look at and to test with.

use std::sync::Arc;

use carehook_core::{
    Audit, Catalogue, Edit, EventType, EventTypeDefinition, JsonText, SampleEvent, SamplePayload,
    example_events,
};

use super::removals::unless_it_was;
use crate::{App, AppError, Caller, CatalogueEditor};

/// A sample payload with the event type that it belongs to.
#[derive(Clone, Debug)]
pub struct Sample {
    /// The event type.
    pub event_type: EventTypeDefinition,
    /// The payload of one of its versions.
    pub payload: SamplePayload,
}

const NO_SAMPLE: AppError = AppError::NotFound { kind: "sample" };

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

    /// The payload that comes with the program for one of the sample types: ack, nack, phone-log
    /// and vitals-observation.
    pub fn example(&self, _caller: &Caller, sample_type: &str) -> Option<&'static SampleEvent> {
        let mut examples = example_events().iter();
        examples.find(|example| example.event_type.as_str() == sample_type)
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
        (version, data): (&str, JsonText),
    ) -> Result<Sample, AppError> {
        let edit = self.edit(editor);
        let add = |definition: &mut EventTypeDefinition| {
            if definition.sample(version).is_some() {
                let reason = format!("the event type `{code}` has a sample of `{version}` already");
                return Err(AppError::conflict(reason));
            }
            if !definition.has_version(version) {
                definition.versions.push(version.to_owned());
            }
            definition.samples.push(SamplePayload {
                version: version.to_owned(),
                data: data.clone(),
                previous: None,
                thin: None,
                audit: Audit::made(edit),
            });
            Ok(())
        };
        let changed = self.changed_samples((editor, edit), code, add).await?;
        sample_of(&changed, code, version)
    }

    /// Changes the payload of a sample to what `change` makes of it as it is at that moment.
    ///
    /// What else the sample tells (the fields before, the thin form) no longer fits and goes.
    pub async fn edit_sample(
        &self,
        editor: &CatalogueEditor,
        (code, version): (&EventType, &str),
        change: impl Fn(&EventTypeDefinition, &SamplePayload) -> Result<JsonText, AppError>,
    ) -> Result<Sample, AppError> {
        let edit = self.edit(editor);
        let apply = |definition: &mut EventTypeDefinition| {
            let old = definition.sample(version).ok_or(NO_SAMPLE)?;
            let data = change(definition, old)?;
            let mut samples = definition.samples.iter_mut();
            let sample = samples.find(|s| s.version == version).ok_or(NO_SAMPLE)?;
            if sample.data != data {
                sample.data = data;
                sample.previous = None;
                sample.thin = None;
                sample.audit.change(edit);
            }
            Ok(())
        };
        let changed = self.changed_samples((editor, edit), code, apply).await?;
        sample_of(&changed, code, version)
    }

    /// Removes the sample of a version; the version stays. When that was done before, nothing
    /// changes.
    pub async fn delete_sample(
        &self,
        editor: &CatalogueEditor,
        (code, version): (&EventType, &str),
    ) -> Result<(), AppError> {
        let remove = |definition: &mut EventTypeDefinition| {
            let old = definition.sample(version).ok_or(NO_SAMPLE)?.clone();
            definition.samples.retain(|sample| *sample != old);
            Ok(())
        };
        let edit = self.edit(editor);
        let deleted = self
            .changed_samples((editor, edit), code, remove)
            .await
            .map(drop);
        let was_there = || self.store().catalogue().had_sample(code, version);
        unless_it_was(deleted, was_there)
    }

    async fn changed_samples(
        &self,
        (editor, edit): (&CatalogueEditor, Edit<'_>),
        code: &EventType,
        change: impl Fn(&mut EventTypeDefinition) -> Result<(), AppError>,
    ) -> Result<Arc<Catalogue>, AppError> {
        let apply = |catalogue: &mut Catalogue| {
            let old = catalogue.existing_event_type(code)?;
            let mut new = old.clone();
            change(&mut new)?;
            if new != *old {
                new.status.audit.change(edit);
            }
            Ok(catalogue.change_event_type(new)?)
        };
        self.changed_catalogue((editor, code.as_str()), apply).await
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
