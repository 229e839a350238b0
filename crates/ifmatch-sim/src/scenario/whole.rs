//! A source that says whole records.

use crate::rng::Rng;
use crate::script::{Op, Spoken, Wish};
use serde_json::Value;

/// The source asks to be shown the record, or does not, and says all of it; now and then twice. `wish` names the source, the
/// record and no fields yet.
pub(super) fn says(rng: &mut Rng, ops: &mut Vec<(i64, Op)>, at: i64, wish: Wish, fields: impl Fn(&mut Rng) -> Value) {
    let Wish { source, kind, id, path, .. } = wish.clone();
    if rng.percent(70) {
        ops.push((at, Op::Show { source: source.clone(), kind, id, path }));
    }
    let spoken = if rng.percent(30) { Spoken::Pasted } else { Spoken::Whole };
    let when = at + rng.between(500, 30_000);
    ops.push((when, Op::Wish(Wish { set: fields(rng), spoken, ..wish })));
    if rng.percent(20) {
        ops.push((when + rng.between(0, 5_000), Op::Again { source }));
    }
}
