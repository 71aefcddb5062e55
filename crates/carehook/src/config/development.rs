//! What `--dev` sets: everything that a trial needs and production must not have by accident.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use aws_lc_rs::rand;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use carehook_core::Secret;
use carehook_deliver::PlainHttp;
use ipnet::IpNet;
use zeroize::Zeroizing;

use super::ConfigError;
use super::setting::{Origin, Setting};
use super::settings::Settings;

const DATA: &str = "./carehook-data";
const MASTER_KEY_FILE: &str = "master.key";
const OPERATOR_KEY_FILE: &str = "operator.key";
const LOOPBACK: [&str; 2] = ["127.0.0.0/8", "::1/128"];

/// Fills in what is not set, and opens the loopback.
pub(super) fn apply(settings: &mut Settings) {
    settings.development = true;
    if settings.data.is_none() {
        settings.data = Some(Setting::new(PathBuf::from(DATA), Origin::Development));
    }
    if settings.allow_http.origin == Origin::Default {
        settings.allow_http = Setting::new(PlainHttp::Everything, Origin::Development);
    }
    let targets = &mut settings.allow_targets;
    if targets.origin == Origin::Default {
        targets.origin = Origin::Development;
    }
    targets.value.extend(loopback());
}

fn loopback() -> impl Iterator<Item = IpNet> {
    let parse = |network: &str| network.parse().expect("the constants are networks");
    LOOPBACK.into_iter().map(parse)
}

/// A key that is kept in the data directory.
pub(super) struct KeptKey {
    pub(super) key: Secret,
    pub(super) path: PathBuf,
    /// Whether it was made now.
    pub(super) is_new: bool,
}

/// The master key of a trial; made at its first start.
pub(super) fn master_key(data: &Path) -> Result<KeptKey, ConfigError> {
    kept_key(data, MASTER_KEY_FILE, || {
        Secret::new(STANDARD.encode(*random_bytes()))
    })
}

/// Where the master key of a trial is.
pub(super) fn master_key_file(data: &Path) -> PathBuf {
    data.join(MASTER_KEY_FILE)
}

/// The operator key of a trial; made at its first start.
pub(super) fn operator_key(data: &Path) -> Result<KeptKey, ConfigError> {
    kept_key(data, OPERATOR_KEY_FILE, new_operator_key)
}

/// An operator key that nobody can guess.
pub(crate) fn new_operator_key() -> Secret {
    Secret::new(format!("op_{}", URL_SAFE_NO_PAD.encode(*random_bytes())))
}

fn kept_key(
    data: &Path,
    name: &str,
    make: impl FnOnce() -> Secret,
) -> Result<KeptKey, ConfigError> {
    let path = data.join(name);
    match fs::read_to_string(&path) {
        Ok(text) => Ok(KeptKey {
            key: Secret::new(text.trim()),
            path,
            is_new: false,
        }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let key = make();
            write_key(data, &path, &key).map_err(|source| ConfigError::KeyFile {
                action: "write",
                path: path.clone(),
                source,
            })?;
            Ok(KeptKey {
                key,
                path,
                is_new: true,
            })
        }
        Err(source) => Err(ConfigError::KeyFile {
            action: "read",
            path,
            source,
        }),
    }
}

/// Writes a key that only its owner can read, and does not return before it is on disk: data that
/// was sealed with a lost key is lost.
fn write_key(data: &Path, path: &Path, key: &Secret) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(data)?;
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    file.write_all(key.expose().as_bytes())?;
    file.write_all(b"\n")?;
    file.sync_all()?;
    fs::File::open(data)?.sync_all()
}

/// 32 bytes that nobody can guess.
pub(crate) fn random_bytes() -> Zeroizing<[u8; 32]> {
    let mut bytes = Zeroizing::new([0; 32]);
    rand::fill(&mut *bytes).expect("the system gives random bytes");
    bytes
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn a_key_is_made_once_and_only_its_owner_can_read_it() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("new");
        let first = operator_key(&data).unwrap();
        let second = operator_key(&data).unwrap();
        assert!(first.is_new && !second.is_new);
        assert!(first.key == second.key);
        let mode = fs::metadata(&first.path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let other = operator_key(&folder.path().join("other")).unwrap();
        assert!(other.key != first.key);
    }
}
