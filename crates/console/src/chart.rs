//! Charts: SVG made by the server, each with words that say the same.

mod spark;

pub(crate) use spark::Sparkline;
