//! First lines of patches.

use super::*;

fn parse(line: &str) -> Result<Mutant> {
    Mutant::parse("m", Path::new("m.patch"), line)
}

#[test]
fn a_first_line_says_what_promise_checker_and_seeds() {
    let mutant = parse("# moves the base on send | P2 P1 | lost_edit | 200 seeds").unwrap();
    assert_eq!((mutant.breaks.as_str(), mutant.seeds, mutant.survives), ("moves the base on send", 200, false));
    assert_eq!(
        (mutant.promises, mutant.checker.as_str(), mutant.scenario),
        (vec!["P2".into(), "P1".into()], "lost_edit", None)
    );
}

#[test]
fn a_first_line_may_name_an_incident_and_that_nothing_sees_it() {
    let mutant = parse("# barrier | P1 | published | 20 seeds of i05 | survives").unwrap();
    assert_eq!((mutant.scenario.as_deref(), mutant.survives), (Some("i05"), true));
}

#[test]
fn other_first_lines_are_refused() {
    for line in ["", "# barrier", "# a | P1 | c | many seeds", "# a | P1 | c | 3 worlds", "diff --git a/x b/x"] {
        assert!(parse(line).is_err(), "{line}");
    }
}

#[test]
fn every_patch_has_a_first_line_and_a_checker_that_exists() {
    let mutants = Mutant::all().unwrap();
    assert!(mutants.len() >= 20, "{}", mutants.len());
    for mutant in mutants.iter().filter(|mutant| !mutant.survives) {
        // An incident's demands are a judge of their own.
        let incident = mutant.scenario.as_deref().is_some_and(|name| name.starts_with(['I', 'X']));
        if incident && mutant.checker == "demands" {
            continue;
        }
        let file = run::root().join(format!("crates/ifmatch-sim/src/checkers/{}.rs", mutant.checker));
        assert!(file.exists(), "{}: {} is no checker", mutant.name, mutant.checker);
    }
}

#[test]
fn every_checker_is_tripped_by_a_mutant() {
    let mutants = Mutant::all().unwrap();
    let text = std::fs::read_to_string(run::root().join("crates/ifmatch-sim/src/checkers.rs")).unwrap();
    let judges: Vec<&str> =
        text.lines().filter_map(|line| line.split_once("::judge(")?.0.split([' ', '(']).next_back()).collect();
    assert!(judges.len() >= 12, "{judges:?}");
    for judge in judges {
        let trips = |mutant: &&Mutant| mutant.checker == judge && !mutant.survives;
        assert!(mutants.iter().any(|mutant| trips(&mutant)), "no mutant trips {judge}");
    }
}

#[test]
fn every_mutant_was_tried_and_has_its_row() {
    let table = std::fs::read_to_string(run::root().join("docs/TESTING.md")).unwrap();
    for mutant in Mutant::all().unwrap() {
        let row = table.lines().find(|line| line.starts_with(&format!("| `{}` |", mutant.name)));
        let row = row.unwrap_or_else(|| panic!("{} was never tried: cargo xtask mutants --write", mutant.name));
        let by = if mutant.survives { "nobody".to_owned() } else { format!("`{}`", mutant.checker) };
        assert!(row.contains(&format!(" | {by} | ")), "{row}");
    }
}
