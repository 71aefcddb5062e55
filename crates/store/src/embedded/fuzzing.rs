//! A door for the fuzz targets, which cannot reach what reads records otherwise.

use bytes::Bytes;
use carehook_core::{EndpointId, RecordId};

use super::codec;

/// Reads bytes as each kind of record that the store writes, and what could be read once more after
/// writing it. A damaged record has to be told as such and must never end the process.
#[doc(hidden)]
pub fn read_as_every_record(plain: &[u8]) {
    let bytes = Bytes::copy_from_slice(plain);
    let organization = "northside".parse().expect("it has the form of an id");
    let key = (EndpointId(RecordId::new(1, 2, 3)), organization, 1);
    if let Some(endpoint) = codec::decode_endpoint(key.clone(), &bytes) {
        let again = codec::decode_endpoint(key, &codec::encode_endpoint(&endpoint));
        assert!(again.is_some(), "an endpoint is not read as it was written");
    }
    if let Some(body) = codec::decode_body(bytes) {
        let again = codec::decode_body(codec::encode_body(&body).into());
        assert!(again == Some(body), "a body is not read as it was written");
    }
    if let Some(settings) = std::str::from_utf8(plain)
        .ok()
        .and_then(codec::settings_of_text)
    {
        let again = codec::settings_of_text(&codec::settings_to_text(settings));
        assert_eq!(
            again,
            Some(settings),
            "settings are not read as they were written"
        );
    }
}
