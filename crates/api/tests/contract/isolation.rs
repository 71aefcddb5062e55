//! Isolation: every route of every dialect is asked with every kind of credential, and answers as
//! its table says.
//!
//! The tables are the text files in `isolation`, one of each dialect, with a row for each route
//! that the dialect's description has: a new route without a row fails here. The rows are run one
//! by one, each with an organization of its own. All that a credential must not reach comes first
//! and the own key last, so that its success proves that the refused calls changed nothing. What
//! others are answered never holds anything of the organization, whatever the status.

mod clinic;
mod table;
mod things;

use carehook_core::Dialect;

use crate::world::World;
use clinic::{Clinic, Town};
use table::{Row, rows};

/// Who asks; the order is that of the columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asker {
    /// Who has all that the route needs.
    Own,
    /// A key of another organization, which names this organization.
    Foreign,
    /// The same key below its own organization, with the ids of this organization's things.
    Crossed,
    /// A key of this organization in the other mode.
    OtherMode,
    /// A key that was revoked.
    Revoked,
    /// A key that has ended.
    Expired,
    /// A key that has everything but what the route needs.
    Lacking,
    /// No credentials.
    Nobody,
}

impl Asker {
    const COLUMNS: [Self; 8] = [
        Self::Own,
        Self::Foreign,
        Self::Crossed,
        Self::OtherMode,
        Self::Revoked,
        Self::Expired,
        Self::Lacking,
        Self::Nobody,
    ];

    /// Whether it may see things of the organization: others must not find a trace of them.
    fn is_an_insider(self) -> bool {
        match self {
            Self::Own | Self::Lacking => true,
            Self::Foreign
            | Self::Crossed
            | Self::OtherMode
            | Self::Revoked
            | Self::Expired
            | Self::Nobody => false,
        }
    }
}

/// Runs one row; gives what is not as it should be.
async fn run(row: &Row, number: usize, town: &Town<'_>) -> Vec<String> {
    let clinic = Clinic::open(town, row, number).await;
    let mut wrong = Vec::new();
    // The own call is the first column and comes last.
    for (column, asker) in Asker::COLUMNS.into_iter().enumerate().rev() {
        for call in clinic.calls(row, asker).await {
            let answer = call.send(town.world).await;
            let expected = row.statuses[column];
            let text = String::from_utf8_lossy(&answer.bytes);
            let mut is_wrong = |what: String| {
                wrong.push(format!("{row}: {asker:?} {what}: {text}"));
            };
            if answer.status != expected {
                is_wrong(format!(
                    "is answered {} instead of {expected}",
                    answer.status
                ));
            }
            match clinic.private().find(|private| text.contains(private)) {
                Some(seen) if !asker.is_an_insider() => is_wrong(format!("sees `{seen}`")),
                // Or that the others do not see it would prove nothing.
                None if asker == Asker::Own && row.is_a_list() => {
                    is_wrong(format!("does not see the {}", row.thing));
                }
                _ => {}
            }
        }
    }
    wrong
}

/// Runs all rows of a dialect in one world.
async fn isolated(dialect: Dialect) {
    let world = World::start();
    let town = Town::founded(&world, dialect).await;
    let mut wrong = table::differences(dialect);
    for (number, row) in rows(dialect).iter().enumerate() {
        wrong.extend(run(row, number, &town).await);
    }
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n\n"));
}

#[tokio::test]
async fn every_native_route_answers_each_credential_as_its_table_says() {
    isolated(Dialect::Native).await;
}

#[tokio::test]
async fn every_route_of_jump_answers_each_credential_as_its_table_says() {
    isolated(Dialect::Jump).await;
}

#[tokio::test]
async fn every_route_of_decoda_answers_each_credential_as_its_table_says() {
    isolated(Dialect::Decoda).await;
}

#[tokio::test]
async fn every_route_of_mycure_answers_each_credential_as_its_table_says() {
    isolated(Dialect::Mycure).await;
}

#[tokio::test]
async fn every_route_of_ecg_answers_each_credential_as_its_table_says() {
    isolated(Dialect::Ecg).await;
}

#[test]
fn a_route_without_a_row_and_a_row_without_a_route_are_found() {
    let table = rows(Dialect::Jump);
    let (gone, rest) = table.split_first().unwrap();
    let missing = table::compared(Dialect::Jump, rest);
    assert_eq!(missing.len(), 1, "{missing:?}");
    assert!(missing[0].contains(&format!("{} {}", gone.method, gone.path)));
    assert!(missing[0].contains("isolation/jump.txt"), "{missing:?}");
    let more = [
        &table[..],
        &[Row::parse(
            "GET /nowhere - key 200 404 404 404 401 401 403 401",
        )],
    ];
    let more = table::compared(Dialect::Jump, &more.concat());
    assert_eq!(more.len(), 1, "{more:?}");
    assert!(more[0].contains("/nowhere"), "{more:?}");
}
