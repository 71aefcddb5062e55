//! What the system lets the server have: files and its address.

use std::io;
use std::net::TcpListener;

use rustix::process::{Resource, getrlimit};

use super::finding::Finding;
use crate::config::Settings;

/// Two for each of some thousand connections.
const COMFORTABLE_FILES: u64 = 8_192;

pub(super) fn open_files() -> Finding {
    graded_files(getrlimit(Resource::Nofile).maximum)
}

fn graded_files(most: Option<u64>) -> Finding {
    let subject = "open files";
    match most {
        None => Finding::fine(subject, "no limit"),
        Some(most) if most < COMFORTABLE_FILES => Finding::warning(
            subject,
            format!("at most {most}: that limits connections"),
            "raise the hard limit (LimitNOFILE= in systemd, `ulimit -Hn` in a shell)",
        ),
        Some(most) => Finding::fine(subject, format!("at most {most}")),
    }
}

pub(super) fn listen_address(settings: &Settings) -> Finding {
    let subject = "listen address";
    let address = settings.listen.value;
    match TcpListener::bind(address) {
        Ok(_) => Finding::fine(subject, format!("{address} is free")),
        Err(error) if error.kind() == io::ErrorKind::AddrInUse => Finding::warning(
            subject,
            format!("{address} is in use"),
            "fine if that is the running server; else choose another with CAREHOOK_LISTEN",
        ),
        Err(error) => Finding::failed(
            subject,
            format!("{address}: {error}"),
            "set CAREHOOK_LISTEN to an address of this machine and a port above 1023",
        ),
    }
}

/// Whether browsers keep the cookie of the console.
pub(super) fn console(settings: &Settings) -> Finding {
    let subject = "console";
    if settings.lacks_tls() {
        return Finding::warning(
            subject,
            "reached over plain http: browsers keep a sign-in over https and at localhost only",
            "put TLS in front of the server and set CAREHOOK_PUBLIC_URL to its https URL",
        );
    }
    Finding::fine(subject, "browsers keep a sign-in at its address")
}

/// Links in thin deliveries and the sign-in of the console lead there.
pub(super) fn public_url(settings: &Settings) -> Finding {
    let subject = "public URL";
    let address = settings.listen.value;
    match &settings.public_url {
        Some(setting) => Finding::fine(subject, format!("from {}", setting.origin)),
        None if settings.lacks_public_url() => Finding::warning(
            subject,
            format!("not set: links in deliveries lead to http://{address}"),
            "set CAREHOOK_PUBLIC_URL to the URL that clients reach the server by",
        ),
        None => Finding::fine(subject, format!("not set: links lead to http://{address}")),
    }
}

#[cfg(test)]
mod tests {
    use super::super::finding::Grade;
    use super::*;

    #[test]
    fn few_open_files_are_a_warning() {
        assert_eq!(graded_files(Some(1_024)).grade, Grade::Warning);
        assert_eq!(graded_files(Some(1 << 20)).grade, Grade::Fine);
        assert_eq!(graded_files(None).grade, Grade::Fine);
    }
}
