//! The demo, which is the first thing that people start.

use std::io::{BufRead as _, BufReader};
use std::process::Stdio;

use rustix::process::Signal;

use crate::command::{bare_command, carehook};
use crate::server::send_signal;

#[test]
fn the_demo_verifies_every_sample_event_and_ends_well() {
    let output = carehook(&["demo", "--once"]).run().good();
    let of = |dialect: &str| -> Vec<&str> {
        let start = format!("  verified  {dialect:<7} ");
        output
            .lines()
            .filter(|line| line.starts_with(&start))
            .collect()
    };
    let samples = carehook_core::sample_events();
    for dialect in ["native", "mycure", "ecg"] {
        assert_eq!(of(dialect).len(), samples.len(), "{dialect}: {output}");
    }
    for sample in samples {
        let event_type = format!(" {} ", sample.event_type);
        let is_there = of("native").iter().any(|line| line.contains(&event_type));
        assert!(is_there, "{output}");
    }
    // Jump and Decoda have names for some of them only; each is called by its own.
    for (dialect, name) in [
        ("jump", "appointment.cancelled"),
        ("decoda", "APPOINTMENT_CANCELLED"),
        ("mycure", "appointments.cancelled"),
        ("ecg", "vitals.observations.created"),
    ] {
        let name = format!(" {name} ");
        let is_there = of(dialect).iter().any(|line| line.contains(&name));
        assert!(is_there, "{dialect} {name}: {output}");
    }
    let verified = output
        .lines()
        .filter(|line| line.starts_with("  verified  "));
    assert!(
        output.contains(&format!("All {} deliveries arrived", verified.count())),
        "{output}"
    );
    assert!(
        output.contains("documentation  http://127.0.0.1:"),
        "{output}"
    );
}

#[test]
fn the_demo_stays_until_it_is_interrupted_and_takes_its_data_away() {
    let mut demo = bare_command(&["demo"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(demo.stdout.take().unwrap())
        .lines()
        .map(Result::unwrap);
    let data = lines.find_map(|line| {
        let path = line.trim_start().strip_prefix("data ")?.trim();
        Some(path.split(' ').next().unwrap().to_owned())
    });
    let data = std::path::PathBuf::from(data.expect("the demo says where its data is"));
    assert!(data.exists());
    let way_in = lines.find(|line| line.contains("/console/welcome?link="));
    assert!(way_in.is_some_and(|link| link.trim().starts_with("http://127.0.0.1:")));
    assert!(lines.any(|line| line.contains("Ctrl-C ends the demo")));
    send_signal(Signal::INT, demo.id());
    assert_eq!(demo.wait().unwrap().code(), Some(0));
    assert!(!data.exists());
}
