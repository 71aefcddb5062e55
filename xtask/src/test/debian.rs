//! Installs Debian's packages when this process may, else says exactly what a person has to do.

use anyhow::{Context as _, Result, bail};

use super::needs::{Need, describe, missing};
use crate::process::Tool;

/// How packages can be installed here.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Rights {
    Root,
    Sudo,
    None,
}

/// Makes sure that every need is met; installs packages where that is possible and allowed.
pub(crate) fn meet_needs() -> Result<()> {
    let needs = missing();
    if needs.is_empty() {
        return Ok(());
    }
    let packages = packages_of(&needs);
    let rights = rights();
    if rights == Rights::None {
        bail!("{}", instructions(&needs, &packages));
    }
    install(rights, &needs).with_context(|| {
        format!(
            "{}\nInstalling them failed",
            instructions(&needs, &packages)
        )
    })?;
    let still = missing();
    if !still.is_empty() {
        bail!(
            "still missing after the installation:\n{}",
            describe(&still)
        );
    }
    Ok(())
}

fn packages_of(needs: &[Need]) -> Vec<&'static str> {
    needs
        .iter()
        .flat_map(|need| need.packages)
        .copied()
        .collect()
}

fn rights() -> Rights {
    if !Tool::new("apt-get").args(["--version"]).succeeds() {
        return Rights::None;
    }
    let user = Tool::new("id").args(["-u"]).read();
    if user.is_ok_and(|id| id.trim() == "0") {
        return Rights::Root;
    }
    // `-n` never asks for a password: an unattended run must not hang.
    if Tool::new("sudo").args(["-n", "true"]).succeeds() {
        return Rights::Sudo;
    }
    Rights::None
}

/// Installs one need after the other, because some packages of Node bring npm and some refuse it.
fn install(rights: Rights, needs: &[Need]) -> Result<()> {
    apt_get(rights, &["update", "--quiet"])?;
    for need in needs.iter().filter(|need| !need.is_met()) {
        println!(
            "Installing {} (Debian: {})",
            need.name,
            need.packages.join(" ")
        );
        let mut arguments = vec!["install", "--yes", "--quiet", "--no-install-recommends"];
        arguments.extend(need.packages);
        apt_get(rights, &arguments)?;
    }
    Ok(())
}

fn apt_get(rights: Rights, arguments: &[&str]) -> Result<()> {
    // `sudo` drops the environment, so the variable goes through `env`.
    let prefix: &[&str] = match rights {
        Rights::Sudo => &["sudo", "-n"],
        Rights::Root | Rights::None => &[],
    };
    let mut words = prefix.to_vec();
    words.extend(["env", "DEBIAN_FRONTEND=noninteractive", "apt-get"]);
    words.extend(arguments);
    Tool::new(words[0]).args(&words[1..]).run()
}

fn instructions(needs: &[Need], packages: &[&str]) -> String {
    format!(
        "the tests need programs that are missing here:\n{}\nInstall them, on Debian as root with: apt-get install {}",
        describe(needs),
        packages.join(" ")
    )
}

#[cfg(test)]
mod tests {
    use super::super::needs::NEEDS;
    use super::*;

    #[test]
    fn the_packages_of_all_needs_are_installed_in_one_go() {
        assert_eq!(
            packages_of(&NEEDS[..2]),
            ["python3", "python3-venv", "nodejs"]
        );
    }

    #[test]
    fn without_rights_every_missing_program_and_the_command_are_named() {
        let text = instructions(&NEEDS[2..], &packages_of(&NEEDS[2..]));
        assert!(text.contains("npm: installs the npm library"), "{text}");
        assert!(text.contains("strace: kills the server"), "{text}");
        assert!(
            text.ends_with("apt-get install npm strace curl chromium chromium-driver"),
            "{text}"
        );
    }
}
