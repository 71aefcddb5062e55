//! The targets, one file each.

pub(crate) mod bodies;
pub(crate) mod cursors;
pub(crate) mod headers;
pub(crate) mod keys;
pub(crate) mod providers;
pub(crate) mod records;
pub(crate) mod schemas;
pub(crate) mod signatures;
pub(crate) mod urls;
mod world;
