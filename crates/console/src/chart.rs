//! Charts: SVG made by the server, each with words that say the same.

mod history;
mod plot;
mod range;
mod spark;
mod waits;

pub(crate) use history::History;
pub(crate) use range::{Asked, Range};
pub(crate) use spark::Sparkline;
pub(crate) use waits::Waits;
