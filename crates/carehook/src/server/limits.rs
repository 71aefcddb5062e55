//! How much of the machine the server may use.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Connections at a time, however many files may be open.
const MOST_CONNECTIONS: u64 = 8_192;
const FEWEST_CONNECTIONS: u64 = 64;

/// Takes as many file descriptors as the system allows: many systems start programs with a limit
/// of 1,024 only for the sake of old programs, and let them raise it.
pub(crate) fn raise_file_limit() {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let wanted = Rlimit {
        current: maximum,
        maximum,
    };
    if current != maximum && setrlimit(Resource::Nofile, wanted).is_err() {
        tracing::warn!("the limit of open files could not be raised");
    }
}

/// Connections that may be open at a time; the other half of the files is for deliveries and data.
pub(super) fn most_connections() -> usize {
    connections_for(getrlimit(Resource::Nofile).current)
}

fn connections_for(files: Option<u64>) -> usize {
    let half = files.map_or(MOST_CONNECTIONS, |files| files / 2);
    let connections = half.clamp(FEWEST_CONNECTIONS, MOST_CONNECTIONS);
    usize::try_from(connections).expect("the constants fit")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_get_half_of_the_files_within_bounds() {
        assert_eq!(connections_for(Some(1_024)), 512);
        assert_eq!(connections_for(Some(10)), 64);
        assert_eq!(connections_for(Some(1 << 30)), 8_192);
        assert_eq!(connections_for(None), 8_192);
    }
}
