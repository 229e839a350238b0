//! Shifts that wishes name: each change of ours must be what some of these wishes do to the shift
//! as it was then. A change that undoes somebody's effect is a lost edit, an effect that comes
//! twice a duplicate.

use super::records::{Record, Records, is_ours, shift_of};
use super::timeline::Timeline;
use super::{Case, Verdict};
use crate::demo::wish::{Deed, Effect};
use ifmatch_sandbox::{Change, LedgerEntry};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// The most wishes on one shift of which every choice is tried.
const CHOICES_MAX: usize = 12;

/// An agent's shifts by id, as the ledger tells them.
pub(super) type Shifts = Map<String, Value>;

/// The shifts of a record of the start.
pub(super) fn at_start(case: &Case<'_>, path: &str) -> Shifts {
    let shifts = case.start.get(path).and_then(|record| record["shifts"].as_array());
    let keyed = |shift: &Value| Some((shift["id"].as_str()?.to_owned(), shift.clone()));
    shifts.into_iter().flatten().filter_map(keyed).collect()
}

/// Carries one entry over to the shifts.
pub(super) fn replay(shifts: &mut Shifts, entry: &LedgerEntry) {
    for change in &entry.changes {
        let Some(shift) = shift_of(&change.path) else { continue };
        match (change.path.split('/').nth(3), &change.after) {
            (None, None) => drop(shifts.remove(shift)),
            (None, Some(whole)) => drop(shifts.insert(shift.to_owned(), whole.clone())),
            (Some(field), after) => {
                let stored = shifts.entry(shift.to_owned()).or_insert_with(|| json!({"id": shift}));
                stored[field] = after.clone().unwrap_or_default();
            }
        }
    }
}

/// The wishes on one shift: which took effect already, and who wrote last.
#[derive(Default)]
struct Shelf<'a> {
    deeds: Vec<&'a Deed>,
    used: BTreeSet<usize>,
    is_foreign: bool,
    was_foreign: bool,
}

pub(super) fn judge(case: &Case<'_>, records: &Records<'_>, verdict: &mut Verdict) {
    for record in &records.all {
        let mut shelves: BTreeMap<&str, Shelf<'_>> = BTreeMap::new();
        for ended in &record.wishes {
            if let Effect::Shift { shift, deed } = &ended.wish.truth.effect {
                shelves.entry(shift).or_default().deeds.push(deed);
            }
        }
        if !shelves.is_empty() {
            follow(case, record, &mut shelves, verdict);
        }
    }
}

fn follow(case: &Case<'_>, record: &Record<'_>, shelves: &mut BTreeMap<&str, Shelf<'_>>, verdict: &mut Verdict) {
    let mut shifts = at_start(case, record.path);
    for entry in &record.entries {
        let before = shifts.clone();
        replay(&mut shifts, entry);
        let touched: BTreeSet<&str> = entry.changes.iter().filter_map(|Change { path, .. }| shift_of(path)).collect();
        for shift in touched {
            let Some(shelf) = shelves.get_mut(shift) else { continue };
            if !is_ours(entry) {
                (shelf.is_foreign, shelf.was_foreign) = (true, true);
                continue;
            }
            let line = |shifts: &Shifts| shifts.get(shift).and_then(Timeline::of);
            let what = shelf.weigh(line(&before).as_ref(), line(&shifts).as_ref());
            let case = || format!("{} shift {shift} (entry {})", record.path, entry.seq);
            match what {
                Weighed::Explained => {}
                Weighed::Lost => verdict.lost_edits.push(case()),
                Weighed::Again(times) => verdict.duplicates.extend((0..times).map(|_| case())),
                Weighed::Unexplained => verdict.unexplained.push(case()),
            }
            shelf.is_foreign = false;
        }
    }
}

enum Weighed {
    Explained,
    Lost,
    Again(usize),
    Unexplained,
}

impl Shelf<'_> {
    fn weigh(&mut self, before: Option<&Timeline>, after: Option<&Timeline>) -> Weighed {
        let fresh: Vec<usize> = (0..self.deeds.len()).filter(|place| !self.used.contains(place)).collect();
        if let Some(choice) = self.choice(&fresh, before, after) {
            self.used.extend(choice);
            return Weighed::Explained;
        }
        if self.is_foreign {
            return Weighed::Lost;
        }
        let all: Vec<usize> = (0..self.deeds.len()).collect();
        match self.choice(&all, before, after) {
            Some(choice) => {
                let again = choice.iter().filter(|place| self.used.contains(place)).count();
                self.used.extend(choice);
                Weighed::Again(again)
            }
            None if self.was_foreign || !self.used.is_empty() => Weighed::Lost,
            None => Weighed::Unexplained,
        }
    }

    /// The fewest of these deeds that lead from one state to the other, in their order.
    fn choice(&self, places: &[usize], before: Option<&Timeline>, after: Option<&Timeline>) -> Option<Vec<usize>> {
        let before = before?;
        let places = &places[..places.len().min(CHOICES_MAX)];
        let mut choices: Vec<u32> = (1..1_u32 << places.len()).collect();
        choices.sort_by_key(|choice| choice.count_ones());
        choices.into_iter().find_map(|choice| {
            let chosen: Vec<usize> =
                places.iter().enumerate().filter(|(bit, _)| choice >> bit & 1 == 1).map(|(_, place)| *place).collect();
            let done = chosen.iter().try_fold(before.clone(), |shift, place| shift.after(self.deeds[*place]).ok_or(()));
            let removes = chosen.last().is_some_and(|place| *self.deeds[*place] == Deed::Remove);
            let leads = match (&done, after) {
                (Ok(shift), Some(after)) => shift == after,
                (Err(()), None) => removes,
                _ => false,
            };
            leads.then_some(chosen)
        })
    }
}
