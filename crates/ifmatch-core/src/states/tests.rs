//! The table is sound, and `docs/STATES.md` is printed from it.

use super::*;
use std::collections::BTreeSet;
use std::fmt::Write as _;

#[test]
fn every_state_is_reachable_and_every_open_one_can_end() {
    let mut reached = BTreeSet::from([State::Accepted]);
    let mut ending: BTreeSet<State> = ALL.into_iter().filter(|state| state.is_terminal()).collect();
    for _ in ALL {
        for rule in TABLE {
            if reached.contains(&rule.from) {
                reached.insert(rule.to);
            }
            if ending.contains(&rule.to) {
                ending.insert(rule.from);
            }
        }
    }
    assert_eq!(reached.len(), ALL.len());
    assert_eq!(ending.len(), ALL.len());
}

#[test]
fn nothing_leaves_a_terminal_state_and_no_rule_stands_twice() {
    assert!(TABLE.iter().all(|rule| !rule.from.is_terminal()));
    let pairs: BTreeSet<(State, State)> = TABLE.iter().map(|rule| (rule.from, rule.to)).collect();
    assert_eq!(pairs.len(), TABLE.len());
}

#[test]
fn an_unresolved_attempt_is_never_expired_or_cancelled() {
    for rule in TABLE.iter().filter(|rule| rule.from.is_unresolved()) {
        assert!(!matches!(rule.to, State::Expired | State::Cancelled | State::Superseded), "{rule:?}");
    }
}

/// `docs/STATES.md` says what the code says. `IFMATCH_BLESS=1` is set by `cargo xtask docs`.
#[test]
fn the_document_is_printed_from_the_table() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/STATES.md");
    let wanted = document();
    if std::env::var_os("IFMATCH_BLESS").is_some() {
        std::fs::write(path, &wanted).unwrap();
    }
    let found = std::fs::read_to_string(path).unwrap_or_default();
    assert!(found == wanted, "docs/STATES.md differs from the table: run `cargo xtask docs`");
}

fn document() -> String {
    let mut out = String::from(
        "# States of an intent\n\nPrinted from the table in `crates/ifmatch-core/src/states.rs` by `cargo xtask docs`.\n\n\
         | from | to | when |\n|---|---|---|\n",
    );
    for rule in TABLE {
        writeln!(out, "| `{}` | `{}` | {} |", rule.from, rule.to, rule.when).unwrap();
    }
    let ends: Vec<String> =
        ALL.into_iter().filter(|state| state.is_terminal()).map(|state| format!("`{state}`")).collect();
    writeln!(out, "\nTerminal: {}.\n\n```mermaid\nstateDiagram-v2\n    [*] --> accepted", ends.join(", ")).unwrap();
    for rule in TABLE {
        writeln!(out, "    {} --> {}", rule.from, rule.to).unwrap();
    }
    out.push_str("```\n");
    out
}
