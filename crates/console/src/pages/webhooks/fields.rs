//! What somebody entered into a form whose fields may come several times.

/// Names and values, in the order of the page.
pub(super) type Pairs = Vec<(String, String)>;

/// The fields of a form.
pub(super) struct Fields(Pairs);

impl Fields {
    pub(super) fn new(pairs: Pairs) -> Self {
        Self(pairs)
    }

    /// The values of all fields of this name, as they were entered.
    pub(super) fn all<'a>(&'a self, name: &'static str) -> impl Iterator<Item = &'a str> {
        let named = self.0.iter().filter(move |(field, _)| field == name);
        named.map(|(_, value)| value.as_str())
    }

    /// The value of a field without white space around it; empty when it is not there.
    pub(super) fn text(&self, name: &'static str) -> &str {
        self.all(name).next().unwrap_or_default().trim()
    }

    /// The same, if there is something in it.
    pub(super) fn given(&self, name: &'static str) -> Option<&str> {
        Some(self.text(name)).filter(|text| !text.is_empty())
    }

    /// Whether a box is ticked.
    pub(super) fn ticked(&self, name: &'static str) -> bool {
        self.all(name).next().is_some()
    }
}
