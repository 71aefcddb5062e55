//! The canonical form is one for each entry; a chain shows every change.

use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use super::*;
use crate::{AttemptId, AttemptOutcome, DeliveryId, EndpointId, EventId, OrganizationId, RecordId};

fn entries() -> impl Strategy<Value = AuditEntry> {
    let who = (any::<i64>(), ".{0,20}", select(AuditAction::ALL), ".{0,20}");
    let how = (
        select(AuditOutcome::ALL),
        option::of(any::<IpAddr>()),
        option::of(any::<SubjectHash>()),
        btree_map(".{0,8}", ".{0,8}", 0..4),
    );
    (who, how).prop_map(
        |((at, actor, action, object), (outcome, source, subject, details))| AuditEntry {
            at: Timestamp(at),
            actor,
            action,
            object,
            outcome,
            source,
            subject,
            details,
        },
    )
}

fn northside() -> OrganizationId {
    "northside".parse().unwrap()
}

fn start() -> ChainHead {
    ChainHead::start(&northside(), 1, AuditBook::Journal)
}

/// A kept entry: its number, its bytes and its hash.
type Kept = (u64, Vec<u8>, ChainHash);

fn chained(entries: &[AuditEntry]) -> (Vec<Kept>, ChainHead) {
    let mut head = start();
    let mut kept = Vec::new();
    for (number, entry) in (1..).zip(entries) {
        let bytes = entry.canonical(number);
        head = head.after(&bytes);
        kept.push((number, bytes, head.hash));
    }
    (kept, head)
}

fn key() -> CheckpointKey {
    CheckpointKey::from_seed(&[3; 32])
}

fn checkpoint(head: ChainHead) -> Checkpoint {
    key().sign(Checkpoint {
        organization: northside(),
        incarnation: 1,
        book: AuditBook::Journal,
        head,
        at: Timestamp(7),
        signature: Vec::new(),
    })
}

fn verify(kept: &[Kept], checkpoint: Option<&Checkpoint>) -> Result<ChainHead, AuditFault> {
    let mut verifier = ChainVerifier::new(start(), checkpoint);
    for (number, bytes, hash) in kept {
        verifier.entry(*number, Some(bytes), &hash.0)?;
    }
    verifier.end()
}

proptest! {
    #[test]
    fn an_entry_has_one_canonical_form(entry in entries(), number: u64) {
        let bytes = entry.canonical(number);
        prop_assert_eq!(AuditEntry::from_canonical(&bytes), Ok((number, entry)));
    }

    #[test]
    fn different_entries_have_different_bytes(
        a in entries(), b in entries(), (m, n) in (0u64..3, 0u64..3),
    ) {
        prop_assert_eq!(a.canonical(m) == b.canonical(n), (m, &a) == (n, &b));
    }

    #[test]
    fn arbitrary_bytes_are_refused_or_canonical(bytes in vec(any::<u8>(), 0..80)) {
        if let Ok((number, entry)) = AuditEntry::from_canonical(&bytes) {
            prop_assert_eq!(entry.canonical(number), bytes);
        }
    }

    #[test]
    fn a_flipped_bit_is_found_where_it_is(
        entries in vec(entries(), 1..6), at: prop::sample::Index, bit: prop::sample::Index,
    ) {
        let (mut kept, head) = chained(&entries);
        prop_assert_eq!(verify(&kept, Some(&checkpoint(head))), Ok(head));
        let (number, bytes, hash) = at.get_mut(&mut kept);
        let bit = bit.index((bytes.len() + 32) * 8);
        match bytes.get_mut(bit / 8) {
            Some(byte) => *byte ^= 1 << (bit % 8),
            None => hash.0[bit / 8 - bytes.len()] ^= 1 << (bit % 8),
        }
        let number = *number;
        prop_assert_eq!(verify(&kept, None), Err(AuditFault::Changed(number)));
    }

    #[test]
    fn a_dropped_tail_is_found_by_the_checkpoint(
        entries in vec(entries(), 1..6), left: prop::sample::Index,
    ) {
        let (mut kept, head) = chained(&entries);
        let left = left.index(kept.len());
        kept.truncate(left);
        let first = left as u64 + 1;
        let fault = AuditFault::TailDropped(first, head.count);
        prop_assert_eq!(verify(&kept, Some(&checkpoint(head))), Err(fault));
        // Without a checkpoint it is a shorter book.
        prop_assert!(verify(&kept, None).is_ok());
    }

    #[test]
    fn swapped_entries_are_found(
        entries in vec(entries(), 2..6),
        one: prop::sample::Index,
        other: prop::sample::Index,
        with_numbers: bool,
    ) {
        let (mut kept, _) = chained(&entries);
        let (one, other) = (one.index(kept.len()), other.index(kept.len()));
        prop_assume!(one < other);
        kept.swap(one, other);
        let first = one as u64 + 1;
        if with_numbers {
            kept[one].0 = first;
            kept[other].0 = other as u64 + 1;
            prop_assert_eq!(verify(&kept, None), Err(AuditFault::Changed(first)));
        } else {
            prop_assert_eq!(verify(&kept, None), Err(AuditFault::Missing(first)));
        }
    }

    #[test]
    fn an_entry_removed_in_the_middle_is_found(
        entries in vec(entries(), 2..6), gone: prop::sample::Index, renumbered: bool,
    ) {
        let (mut kept, _) = chained(&entries);
        let gone = gone.index(kept.len() - 1);
        kept.remove(gone);
        let number = gone as u64 + 1;
        if renumbered {
            for (number, kept) in (1..).zip(&mut kept) {
                kept.0 = number;
            }
            prop_assert_eq!(verify(&kept, None), Err(AuditFault::Changed(number)));
        } else {
            prop_assert_eq!(verify(&kept, None), Err(AuditFault::Missing(number)));
        }
    }

    #[test]
    fn a_chain_that_was_made_anew_is_not_the_signed_one(
        entries in vec(entries(), 1..6), at: prop::sample::Index,
    ) {
        let (_, head) = chained(&entries);
        let mut forged = entries;
        at.get_mut(&mut forged).actor.push('x');
        let (kept, _) = chained(&forged);
        let fault = AuditFault::Rewritten(head.count);
        prop_assert_eq!(verify(&kept, Some(&checkpoint(head))), Err(fault));
    }

    #[test]
    fn a_disclosure_is_written_as_its_entry_would_be(
        host in "[a-z.]{0,20}",
        subject in option::of(any::<SubjectHash>()),
        status in option::of(100u16..600),
        outcome in select(vec![
            AttemptOutcome::Delivered, AttemptOutcome::Rejected, AttemptOutcome::TimedOut,
            AttemptOutcome::Unreachable,
        ]),
        (number, delivery, attempt) in (1u64..9, 1u64..1 << 40, 1u32..9),
        given: bool,
        payload in option::of(select(&crate::PayloadMode::ALL)),
    ) {
        let record = RecordId::new(5, delivery, 6);
        let event = if given { EventId::Given("order-1".into()) } else { EventId::Made(record) };
        let disclosure = Disclosure {
            at: Timestamp(9),
            endpoint: EndpointId(record),
            host: &host,
            event: &event,
            event_type: "patient.created",
            subject: subject.as_ref(),
            attempt: AttemptId::of(DeliveryId(record), attempt),
            payload,
            outcome,
            status,
        };
        let mut bytes = Vec::new();
        disclosure.write_canonical(number, &mut bytes);
        prop_assert_eq!(bytes, disclosure.to_entry().canonical(number));
    }
}

#[test]
fn the_canonical_form_is_fixed() {
    let entry = AuditEntry::new(
        Timestamp(1),
        "operator",
        AuditAction::SecretViewed,
        "endpoint/7".to_owned(),
    );
    let bytes = entry.with("a", "b").canonical(2);
    let expected = [
        "01 0000000000000002 0000000000000001",
        "00000008 6f70657261746f72 0000000d 7365637265742e766965776564",
        "0000000a 656e64706f696e742f37 00000007 73756363657373 00000000 00000000",
        "00000001 00000001 61 00000001 62",
    ];
    assert_eq!(hex::encode(&bytes), expected.concat().replace(' ', ""));
    let hash = start().after(&bytes).hash;
    assert_eq!(
        hash.to_string(),
        "3964912d23b3b98b1248399c7e11f11711347e4a344f4c018c970d6482e69487"
    );
}

#[test]
fn books_of_different_organizations_and_days_begin_differently() {
    let (ours, others) = (northside(), "southside".parse().unwrap());
    let starts = [
        ChainHash::start(&ours, 1, AuditBook::Journal),
        ChainHash::start(&ours, 2, AuditBook::Journal),
        ChainHash::start(&ours, 1, AuditBook::Disclosures(1)),
        ChainHash::start(&others, 1, AuditBook::Journal),
    ];
    for (place, start) in starts.iter().enumerate() {
        assert!(!starts[..place].contains(start));
    }
}

#[test]
fn a_checkpoint_is_signed_with_everything_that_it_says() {
    let signed = checkpoint(start());
    let public = key().public();
    assert!(signed.is_signed_by(&public));
    assert!(!signed.is_signed_by(&CheckpointKey::from_seed(&[4; 32]).public()));
    let changed: [fn(&mut Checkpoint); 6] = [
        |c| c.organization = "southside".parse().unwrap(),
        |c| c.incarnation += 1,
        |c| c.book = AuditBook::Disclosures(1),
        |c| c.head.count += 1,
        |c| c.head.hash.0[0] ^= 1,
        |c| c.at.0 += 1,
    ];
    for change in changed {
        let mut other = signed.clone();
        change(&mut other);
        assert!(!other.is_signed_by(&public));
    }
}

#[test]
fn what_was_signed_is_read_as_it_is_written_wherever_it_stands() {
    let mut signed = checkpoint(start());
    signed.book = AuditBook::Disclosures(20_454);
    let sum = RegisterPart::new(AuditBook::Journal).sum();
    let register = key().sign_register(Register {
        number: 7,
        at: Timestamp(9),
        sum,
        signature: Vec::new(),
    });
    let lines = [
        SignedLine::Checkpoint(checkpoint(start())),
        SignedLine::Checkpoint(signed),
        SignedLine::Register(register),
    ];
    for line in &lines {
        assert_eq!(line.to_string().parse().as_ref(), Ok(line));
    }
    let [one, two, three] = &lines;
    let text = format!("INFO x=1 checkpoint={one} carehook: y\n{{\"a\":\"{two}\"}}\n\n  {three}");
    let found: Result<Vec<_>, _> = SignedLine::all_in(&text).collect();
    assert_eq!(found.as_deref(), Ok(&lines[..]));
    let cut = &one.to_string()[..60];
    let found: Vec<_> = SignedLine::all_in(cut).collect();
    assert_eq!(found, [Err(SignedLineError)]);
}

#[test]
fn a_register_is_signed_with_everything_that_it_says() {
    let mut part = RegisterPart::new(AuditBook::Journal);
    part.add(1, start());
    let sum = RegisterSum::of([&part.sum()]);
    let signed = key().sign_register(Register {
        number: 1,
        at: Timestamp(2),
        sum,
        signature: Vec::new(),
    });
    let public = key().public();
    assert!(signed.is_signed_by(&public));
    let changed: [fn(&mut Register); 5] = [
        |r| r.number += 1,
        |r| r.at.0 += 1,
        |r| r.sum.books += 1,
        |r| r.sum.entries += 1,
        |r| r.sum.digest[0] ^= 1,
    ];
    for change in changed {
        let mut other = signed.clone();
        change(&mut other);
        assert!(!other.is_signed_by(&public));
    }
}

#[test]
fn a_book_fits_everything_that_was_ever_signed_of_it() {
    let entries: Vec<_> = (0..5)
        .map(|at| AuditEntry::new(Timestamp(at), "x", AuditAction::AuditViewed, String::new()))
        .collect();
    let (kept, head) = chained(&entries);
    let verify = |checkpoints: &[Checkpoint], kept: &[Kept]| {
        let mut verifier = ChainVerifier::new(start(), checkpoints);
        for (number, bytes, hash) in kept {
            verifier.entry(*number, Some(bytes), &hash.0)?;
        }
        verifier.end()
    };
    let (_, early) = chained(&entries[..2]);
    let both = [checkpoint(early), checkpoint(head)];
    assert_eq!(verify(&both, &kept), Ok(head));
    let fault = AuditFault::TailDropped(4, 5);
    assert_eq!(verify(&both, &kept[..3]), Err(fault));
    let mut other = checkpoint(early);
    other.head.hash.0[0] ^= 1;
    let fault = AuditFault::Rewritten(2);
    assert_eq!(verify(&[other, checkpoint(head)], &kept), Err(fault));
    let mut other = checkpoint(start());
    other.head.hash.0[0] ^= 1;
    assert_eq!(verify(&[other], &kept), Err(AuditFault::Rewritten(0)));
}

#[test]
fn an_id_has_one_spelling() {
    let id = |book, number| AuditId { book, number };
    for (text, expected) in [
        ("journal-17", id(AuditBook::Journal, 17)),
        ("2026-01-01-3", id(AuditBook::Disclosures(20_454), 3)),
    ] {
        assert_eq!(text.parse(), Ok(expected));
        assert_eq!(expected.to_string(), text);
    }
    for wrong in [
        "",
        "journal",
        "journal-",
        "journal-+1",
        "journal-01",
        "2026-1-1-3",
        "x-1",
    ] {
        assert_eq!(wrong.parse::<AuditId>(), Err(AuditIdError), "{wrong}");
    }
}

#[test]
fn words_are_read_as_they_are_written() {
    for action in AuditAction::ALL {
        assert_eq!(action.as_str().parse(), Ok(*action));
    }
    for outcome in AuditOutcome::ALL {
        assert_eq!(outcome.as_str().parse(), Ok(*outcome));
    }
    assert!("patient.created".parse::<AuditAction>().is_err());
}

#[test]
fn the_host_of_a_url_is_found() {
    for (url, host) in [
        ("https://receiver.example/hook?a=b@c:1", "receiver.example"),
        ("https://receiver.example:8443", "receiver.example"),
        ("http://127.0.0.1:80/", "127.0.0.1"),
        ("http://[::1]:80/", "[::1]"),
        ("http://[::1]/", "[::1]"),
        ("https://user:word@receiver.example?x", "receiver.example"),
    ] {
        assert_eq!(host_of(url), host, "{url}");
    }
}
