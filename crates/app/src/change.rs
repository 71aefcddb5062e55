//! Changes of single fields: kept, cleared, or set.

/// What becomes of a field that can be cleared.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Change<T> {
    /// It stays.
    #[default]
    Keep,
    /// It goes.
    Clear,
    /// It gets this value.
    Set(T),
}

impl<T> Change<T> {
    /// The new value of the field, if it does not stay.
    pub(crate) fn when_changed(&self, set: impl FnOnce(Option<&T>)) {
        match self {
            Self::Keep => {}
            Self::Clear => set(None),
            Self::Set(value) => set(Some(value)),
        }
    }
}
