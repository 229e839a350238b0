//! Behaviour of the benches that no clock decides.

use super::*;
use std::collections::BTreeSet;

#[test]
fn every_id_belongs_to_one_group() {
    let ids: Vec<&str> = GROUPS.iter().flat_map(|group| group.ids).copied().collect();
    let distinct: BTreeSet<&str> = ids.iter().copied().collect();
    assert_eq!(distinct.len(), ids.len());
}

#[test]
fn the_simulated_rows_come_out_near_the_formula() {
    let rows = requests::rows(6, 20).unwrap();
    let ids: Vec<&str> = rows.iter().map(|row| row.id).collect();
    assert_eq!(ids, ["requests-known", "requests-unknown"]);
    for row in rows {
        assert!((0.8..1.2).contains(&row.ratio()), "{row:?}");
    }
}
