//! Why a change of the catalogue, or a use of an entry, is refused.

/// Why an entry cannot be added, changed or removed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CatalogueError {
    /// The code is taken.
    #[error("the {kind} `{code}` exists already")]
    Exists {
        /// `category` or `event type`.
        kind: &'static str,
        /// The code.
        code: String,
    },
    /// The entry comes with the program and stays.
    #[error("the {kind} `{code}` is built in and cannot be removed; archive it instead")]
    BuiltIn {
        /// `category` or `event type`.
        kind: &'static str,
        /// The code.
        code: String,
    },
    /// The field of an entry that comes with the program is the same everywhere.
    #[error("the {kind} `{code}` is built in: its {field} cannot be changed")]
    BuiltInField {
        /// `category` or `event type`.
        kind: &'static str,
        /// The code.
        code: String,
        /// What cannot be changed.
        field: &'static str,
    },
    /// The entry is not in use.
    #[error("the {kind} `{code}` is {state}")]
    Closed {
        /// `category` or `event type`.
        kind: &'static str,
        /// The code.
        code: String,
        /// `inactive` or `archived`.
        state: &'static str,
    },
    /// There is no such entry.
    #[error("there is no {kind} `{code}`")]
    NotFound {
        /// `category` or `event type`.
        kind: &'static str,
        /// The code.
        code: String,
    },
    /// The category still has event types.
    #[error("the category `{code}` still has event types")]
    CategoryInUse {
        /// The code.
        code: String,
    },
    /// A field of the definition is not acceptable.
    #[error("{reason}")]
    Invalid {
        /// The field.
        field: &'static str,
        /// What is wrong with it.
        reason: String,
    },
}
