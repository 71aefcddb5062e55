//! Configuration: file, environment, flags; the later wins, and each value knows where it is from.
//!
//! Nothing else in the program reads the environment.

mod development;
mod environment;
mod error;
mod file;
mod flags;
mod key_source;
mod layers;
mod oidc;
mod ready;
mod setting;
mod settings;
mod shown;
mod values;

pub(crate) use development::{new_operator_key, random_bytes};
pub(crate) use environment::Environment;
pub(crate) use error::ConfigError;
pub(crate) use flags::{DataFlags, ServerFlags};
pub(crate) use ready::{DataConfig, Generated, ServerConfig};
pub(crate) use settings::Settings;
pub(crate) use shown::Shown;
