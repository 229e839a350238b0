//! The table and its place.

use super::*;
use std::path::Path;

fn mutant(line: &str) -> Mutant {
    Mutant::parse("m", Path::new("m.patch"), line).unwrap()
}

#[test]
fn a_row_says_who_saw_it_and_when() {
    let caught = Trial::Caught { promise: "P2".to_owned(), seeds: 3, took: std::time::Duration::from_millis(250) };
    let text = of(&[mutant("# breaks it | P2 | lost_edit | 20 seeds of i05")], &[caught]);
    assert!(text.ends_with("| `m` | breaks it | P2 | `lost_edit` | after 3 of 20 seeds of `i05`, 0.2 s |\n"), "{text}");
    let text = of(&[mutant("# breaks it | P2 | lost_edit | 20 seeds")], &[Trial::Survived]);
    assert!(text.ends_with("| nobody | survived in 20 seeds |\n"), "{text}");
}

#[test]
fn the_table_replaces_what_stands_between_the_marks() {
    let text = format!("a\n{BEGIN}\nold\n{END}\nb\n");
    assert_eq!(between(&text, "new\n").unwrap(), format!("a\n{BEGIN}\nnew\n{END}\nb\n"));
    assert_eq!(between("a\n", "new\n"), None);
}

#[test]
fn a_row_names_its_mutant() {
    assert_eq!(name("| `m` | breaks it | P2 | `lost_edit` | after 3 of 20 seeds, 0.2 s |"), Some("m"));
    assert_eq!(name("| `crates` | another table |"), None);
    assert_eq!(name(HEAD), None);
}
