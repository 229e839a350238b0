//! Whatever is done to an exported log is found, at its place.

use super::*;
use crate::leaf::{Kind, Leaf};
use jiff::Timestamp;
use serde_json::json;

fn log(org: &str, size: u64) -> (Vec<Record>, Checkpoint) {
    let mut chain = Chain::new(org);
    let records = (0..size)
        .map(|at| {
            let kind = if at % 3 == 0 { Kind::Intake } else { Kind::Transition };
            let body = json!({"to": "landed", "by": "engine", "ratio": 0.1 * at as f64, "reason": "é \"quoted\" \n"});
            chain.append(Timestamp::from_second(1_700_000_000 + at as i64).unwrap(), kind, body)
        })
        .collect();
    (records, chain.checkpoint())
}

fn text(records: &[Record]) -> String {
    records.iter().map(|record| record.to_line() + "\n").collect()
}

/// Exports what `change` leaves of a log of eight records; the first bad place must be `index`.
fn check(index: u64, change: impl FnOnce(&mut Vec<Record>)) {
    let (mut records, checkpoint) = log("acme", 8);
    change(&mut records);
    let fault = verify_export(&text(&records), &checkpoint).expect_err("tampering must be found");
    assert_eq!(fault.index, index, "{fault}");
}

/// Chains the records anew from a place on, as somebody with access to the store could.
fn forge(records: &mut [Record], from: usize) {
    let mut head = if from == 0 { ChainHash::genesis("acme") } else { records[from - 1].hash };
    for (at, record) in records.iter_mut().enumerate().skip(from) {
        let mut leaf = record.leaf().unwrap();
        leaf.index = at as u64;
        record.index = at as u64;
        record.text = leaf.canonical();
        record.hash = link(&head, record.text.as_bytes());
        head = record.hash;
    }
}

#[test]
fn a_sound_log_passes_and_so_does_an_empty_one() {
    for size in [0, 1, 8] {
        let (records, checkpoint) = log("acme", size);
        assert_eq!(verify_export(&text(&records), &checkpoint), Ok(()));
        assert_eq!(checkpoint.to_string().parse(), Ok(checkpoint));
    }
}

#[test]
fn any_changed_byte_is_found_in_its_line() {
    let (records, checkpoint) = log("acme", 3);
    let sound = text(&records).into_bytes();
    let mut line = 0;
    for at in 0..sound.len() {
        for bit in [0x01, 0x20, 0x08] {
            let mut changed = sound.clone();
            changed[at] ^= bit;
            if let Ok(changed) = String::from_utf8(changed) {
                let fault = verify_export(&changed, &checkpoint).expect_err("a changed byte must be found");
                assert_eq!(fault.index, line, "byte {at}: {fault}");
            }
        }
        line += u64::from(sound[at] == b'\n');
    }
}

#[test]
fn any_changed_byte_of_a_checkpoint_is_found() {
    let (records, checkpoint) = log("acme", 3);
    let sound = checkpoint.to_string().into_bytes();
    for at in 0..sound.len() {
        let mut changed = sound.clone();
        changed[at] ^= 0x01;
        let changed = String::from_utf8(changed).unwrap();
        let passes = changed.parse().is_ok_and(|changed| verify_export(&text(&records), &changed).is_ok());
        assert!(!passes, "byte {at}: {changed}");
    }
}

#[test]
fn dropping_swapping_inserting_and_repeating_are_found() {
    check(0, |records| drop(records.remove(0)));
    check(3, |records| drop(records.remove(3)));
    check(2, |records| records.swap(2, 3));
    check(5, |records| records.swap(5, 7));
    check(4, |records| records.insert(4, records[2].clone()));
    check(6, |records| records.insert(6, records[5].clone()));
    check(0, |records| records.insert(0, log("globex", 1).0.remove(0)));
}

#[test]
fn cutting_off_and_going_on_are_found_by_the_checkpoint() {
    check(7, |records| records.truncate(7));
    check(0, Vec::clear);
    check(8, |records| {
        records.push(records[7].clone());
        forge(records, 8);
    });
}

#[test]
fn a_tail_written_anew_with_fresh_hashes_is_found_by_the_checkpoint() {
    let rewrite = |records: &mut Vec<Record>| {
        let mut leaf = records[4].leaf().unwrap();
        leaf.body = json!({"to": "rejected"});
        records[4].text = leaf.canonical();
        forge(records, 4);
    };
    check(7, rewrite);
    let (mut records, checkpoint) = log("acme", 8);
    let mut verifier = Verifier::new("acme");
    verifier.expect(Checkpoint { org: "acme".to_owned(), size: 5, head: records[4].hash });
    rewrite(&mut records);
    let found = records.iter().map(|record| verifier.check(record)).find_map(Result::err).unwrap();
    assert_eq!(found.index, 4, "{found}");
    assert_ne!(records[7].hash, checkpoint.head);
}

#[test]
fn a_log_of_another_org_does_not_pass() {
    let (records, mut checkpoint) = log("acme", 2);
    checkpoint.org = "globex".to_owned();
    assert_eq!(verify_export(&text(&records), &checkpoint).unwrap_err().index, 0);
    let (records, checkpoint) = log("acme", 2);
    let mut verifier = Verifier::new("acme");
    records.iter().for_each(|record| drop(verifier.check(record).unwrap()));
    let foreign = Checkpoint { org: "globex".to_owned(), ..checkpoint };
    assert!(matches!(verifier.end(&foreign).unwrap_err().kind, FaultKind::Foreign(_)));
}

#[test]
fn a_cut_last_line_is_found() {
    let (records, checkpoint) = log("acme", 3);
    let sound = text(&records);
    for cut in 1..sound.len() {
        let Some(cut) = sound.get(..sound.len() - cut) else {
            continue;
        };
        let lines = cut.matches('\n').count() as u64;
        assert_eq!(verify_export(cut, &checkpoint).unwrap_err().index, lines);
    }
}

#[test]
fn canonical_bytes_do_not_depend_on_the_order_of_members() {
    let at = Timestamp::from_second(1_700_000_000).unwrap();
    let leaf = |body| Leaf { at, body, index: 7, kind: Kind::Intake, org: "a\"b".to_owned() };
    let one: serde_json::Value = serde_json::from_str(r#"{"b": [{"y": 1, "x": null}], "a": "ü"}"#).unwrap();
    let other: serde_json::Value = serde_json::from_str(r#"{"a": "ü", "b": [{"x": null, "y": 1}]}"#).unwrap();
    let printed = leaf(one).canonical();
    assert_eq!(
        printed,
        r#"{"at":"2023-11-14T22:13:20Z","body":{"a":"ü","b":[{"x":null,"y":1}]},"index":7,"kind":"intake","org":"a\"b"}"#
    );
    assert_eq!(leaf(other.clone()).canonical(), printed);
    assert_eq!(Leaf::parse(&printed).unwrap(), leaf(other));
}

#[test]
fn the_hashes_of_the_format_stay_what_they_are() {
    let genesis = ChainHash::genesis("acme");
    let next = link(&genesis, b"{}");
    let genesis_expected = "sha256:395cbebc172a6778f11e711d91b2715dbd80a9869f3aaa7acd4366cac0b64dcb";
    let next_expected = "sha256:8646977e4d59fb4cef849bc72ba76464b0a322f9f28ff34f6e698cb7a04df6f1";
    assert_eq!((genesis.to_string().as_str(), next.to_string().as_str()), (genesis_expected, next_expected));
    assert_ne!(genesis, ChainHash::genesis("acm"));
    assert_ne!(next, link(&next, b"{}"));
    assert_ne!(link(&genesis, b""), genesis);
    assert_eq!(genesis.to_string().parse(), Ok(genesis));
    assert!(genesis.to_string().to_uppercase().parse::<ChainHash>().is_err());
}
