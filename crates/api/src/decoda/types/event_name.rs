//! The names of event types, as the vendor's documentation lists them.

use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

use crate::decoda::errors::{FieldError, Place};

/// In the order and the spelling of the documentation.
const NAMES: [&str; 28] = [
    "PATIENT_CREATED",
    "PATIENT_UPDATED",
    "APPOINTMENT_CANCELLED",
    "APPOINTMENT_RESCHEDULED",
    "APPOINTMENT_REQUEST",
    "PAYMENT_CREATED",
    "PAYMENT_FAILED",
    "PAYMENT_SUCCEEDED",
    "CHARGE_CREATED",
    "REFUND_CREATED",
    "REFUND_FAILED",
    "REFUND_SUCCEEDED",
    "ADJUSTMENT_CREATED",
    "ADJUSTMENT_FAILED",
    "ADJUSTMENT_SUCCEEDED",
    "INVOICE_SENT",
    "INVOICE_FAILED",
    "CALL_RECIEVED",
    "CALL_MADE",
    "MESSAGE_RECIEVED",
    "MESSAGE_SENT",
    "MESSAGE_DELIVERED",
    "MESSAGE_FAILED",
    "EMAIL_RECIEVED",
    "EMAIL_SENT",
    "FORM_SUBMITTED",
    "MAIL_SENT",
    "MAIL_DELIVERY_FAILED",
];

/// The right spellings, which are understood and given back as well.
const CORRECTED: [&str; 3] = ["CALL_RECEIVED", "MESSAGE_RECEIVED", "EMAIL_RECEIVED"];

/// A name of an event type, for the description only: the catalogue knows which there are.
pub(crate) struct EventName;

impl PartialSchema for EventName {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .enum_values(Some(NAMES.into_iter().chain(CORRECTED)))
            .into()
    }
}

impl ToSchema for EventName {}

/// Something that is not the name of an event type.
pub(crate) fn event_choice(place: Vec<Place>) -> FieldError {
    let all = [&NAMES[..], &CORRECTED].concat();
    let (last, first) = all.split_last().expect("there are names");
    let first = first.join("', '");
    FieldError::new(
        place,
        "enum",
        format!("Input should be '{first}' or '{last}'"),
    )
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use carehook_core::{Catalogue, Dialect};

    use super::*;

    #[test]
    fn the_names_are_those_of_the_catalogue() {
        let catalogue = Catalogue::built_in();
        let first = catalogue.event_types();
        let first = first.filter_map(|known| known.wire_names.of(Dialect::Decoda).first());
        let first: BTreeSet<&str> = first.map(String::as_str).collect();
        assert_eq!(first, BTreeSet::from(NAMES));
        for name in CORRECTED {
            let found = Dialect::Decoda.subscriptions(name, catalogue);
            assert!(found.is_some(), "{name}");
        }
    }
}
