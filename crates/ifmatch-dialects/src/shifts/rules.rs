//! The rules that the shifts of one agent must keep.

use super::Spelling;
use crate::{Rules, instants};
use ifmatch_core::merge::Pointer;
use ifmatch_core::{Breach, SignedDuration, Timestamp};
use serde_json::Value;

/// One shift with its bounds.
struct Bounds<'v> {
    id: &'v str,
    start: Timestamp,
    end: Timestamp,
    shift: &'v Value,
}

impl Spelling {
    /// The breaches of an agent's shifts: overlaps, activities outside of theirs, too little rest, too many paid minutes.
    pub(crate) fn breaches(&self, rules: &Rules, value: &Value) -> Vec<Breach> {
        let mut breaches = Vec::new();
        let mut shifts = Vec::new();
        for shift in value["shifts"].as_array().map(Vec::as_slice).unwrap_or_default() {
            match self.bounds(shift) {
                Some(bounds) => shifts.push(bounds),
                None => breaches.push(format!("shift {} has no start or length that can be read", shift["id"]).into()),
            }
        }
        shifts.sort_by_key(|bounds| (bounds.start, bounds.end));
        breaches.extend(overlaps(&shifts));
        breaches.extend(rests(rules, &shifts));
        breaches.extend(self.paid(rules, &shifts));
        breaches.extend(shifts.iter().flat_map(|shift| self.activities(shift)));
        breaches.extend(self.outside(value, &shifts));
        breaches
    }

    fn bounds<'v>(&self, shift: &'v Value) -> Option<Bounds<'v>> {
        let (start, end) = self.span(shift)?;
        Some(Bounds { id: shift["id"].as_str()?, start, end, shift })
    }

    fn span(&self, value: &Value) -> Option<(Timestamp, Timestamp)> {
        let start = instant(&value[self.start])?;
        let minutes = value[self.length].as_i64().filter(|minutes| (1..=7 * 24 * 60).contains(minutes))?;
        Some((start, start.checked_add(SignedDuration::from_mins(minutes)).ok()?))
    }

    /// More paid minutes in the week than are allowed: all of the shifts but the activities that are not paid.
    fn paid(&self, rules: &Rules, shifts: &[Bounds<'_>]) -> Option<Breach> {
        let most = rules.paid_minutes_max?;
        let unpaid = |bounds: &Bounds<'_>| -> i64 {
            let list = bounds.shift["activities"].as_array().map(Vec::as_slice).unwrap_or_default();
            let codes =
                list.iter().filter(|activity| activity[self.code].as_str().is_some_and(|c| rules.unpaid.contains(c)));
            codes
                .filter_map(|activity| self.span(activity))
                .map(|(start, end)| end.duration_since(start).as_mins())
                .sum()
        };
        let paid: i64 = shifts.iter().map(|at| at.end.duration_since(at.start).as_mins() - unpaid(at)).sum();
        let elements = || shifts.iter().map(|bounds| Pointer::from_segments(["shifts", bounds.id])).collect();
        (paid > i64::from(most)).then(|| Breach {
            reason: format!("the week has {paid} paid minutes, and {most} are allowed"),
            elements: elements(),
        })
    }

    fn activities(&self, bounds: &Bounds<'_>) -> Vec<Breach> {
        let list = bounds.shift["activities"].as_array().map(Vec::as_slice).unwrap_or_default();
        let inside = |activity: &&Value| {
            self.span(activity).is_some_and(|(start, end)| bounds.start <= start && end <= bounds.end)
        };
        list.iter()
            .filter(|activity| !inside(activity))
            .map(|activity| {
                let reason = format!("the activity {} lies outside shift {}", activity[self.code], bounds.id);
                Breach::between(reason, "shifts", [bounds.id])
            })
            .collect()
    }

    /// A shift belongs to the week in which it starts, by the clock of the schedule's zone.
    fn outside(&self, value: &Value, shifts: &[Bounds<'_>]) -> Vec<Breach> {
        let week = value[self.week].as_str().and_then(|week| week.parse().ok());
        let zone = self.zone_of(value);
        let Some((first, end)) = week.zip(zone).and_then(|(week, zone)| instants::week_bounds(&zone, week)) else {
            return Vec::new();
        };
        let out = |shift: &&Bounds<'_>| shift.start < first || shift.start >= end;
        let late = |shift: &Bounds<'_>| {
            Breach::between(format!("shift {} starts outside the week", shift.id), "shifts", [shift.id])
        };
        shifts.iter().filter(out).map(late).collect()
    }
}

fn instant(value: &Value) -> Option<Timestamp> {
    instants::instant(value.as_str()?).ok()
}

/// Every shift is compared with the one that reaches furthest before it.
fn overlaps(shifts: &[Bounds<'_>]) -> Vec<Breach> {
    let mut breaches = Vec::new();
    let mut furthest: Option<&Bounds<'_>> = None;
    for shift in shifts {
        if let Some(before) = furthest.filter(|before| shift.start < before.end) {
            let reason = format!("shifts {} and {} overlap", before.id, shift.id);
            breaches.push(Breach::between(reason, "shifts", [before.id, shift.id]));
        }
        if furthest.is_none_or(|before| before.end < shift.end) {
            furthest = Some(shift);
        }
    }
    breaches
}

/// Shifts that follow each other too soon. Those that overlap are told of as such.
fn rests(rules: &Rules, shifts: &[Bounds<'_>]) -> Vec<Breach> {
    let wanted = SignedDuration::from_mins(i64::from(rules.rest_minutes_min));
    let mut breaches = Vec::new();
    let mut last: Option<&Bounds<'_>> = None;
    for shift in shifts {
        if let Some(before) = last.filter(|before| shift.start >= before.end) {
            let rest = shift.start.duration_since(before.end);
            if rest < wanted {
                let (found, least) = (rest.as_mins(), rules.rest_minutes_min);
                let reason = format!(
                    "between shifts {} and {} are {found} minutes of rest, and {least} are due",
                    before.id, shift.id
                );
                breaches.push(Breach::between(reason, "shifts", [before.id, shift.id]));
            }
        }
        if last.is_none_or(|before| before.end < shift.end) {
            last = Some(shift);
        }
    }
    breaches
}
