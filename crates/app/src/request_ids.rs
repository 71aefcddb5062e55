//! Names of requests, by which a caller and the log can speak of the same one.

use crate::App;

impl App {
    /// A new name: 32 random hex digits.
    pub fn new_request_id(&self) -> String {
        self.inner().random.hex()
    }
}
