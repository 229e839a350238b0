//! A shift as minutes on a line, and what may be done with it: written anew for the judge, so that
//! a mistake in the gateway's own verbs shows.

use crate::demo::wish::Deed;
use jiff::Timestamp;
use serde_json::Value;

/// A shift: when it starts, and what each of its minutes is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Timeline {
    pub(super) start_min: i64,
    codes: Vec<String>,
}

impl Timeline {
    /// Reads a shift; `None` where it has no start or no length.
    pub(super) fn of(shift: &Value) -> Option<Self> {
        let start_min = minute(&shift["start"])?;
        let length = usize::try_from(shift["length_minutes"].as_i64()?).ok()?;
        let mut codes = vec![String::new(); length];
        for activity in shift["activities"].as_array().into_iter().flatten() {
            let from = minute(&activity["start"])? - start_min;
            let length = activity["length_minutes"].as_i64()?;
            fill(&mut codes, from, length, activity["code"].as_str().unwrap_or_default());
        }
        Some(Self { start_min, codes })
    }

    pub(super) fn end_min(&self) -> i64 {
        self.start_min + self.codes.len() as i64
    }

    /// The shift after a deed; `None` where that leaves no shift.
    pub(super) fn after(&self, deed: &Deed) -> Option<Self> {
        let mut shift = self.clone();
        match deed {
            Deed::Move(minutes) => shift.start_min += minutes,
            Deed::Extend(minutes) => {
                let length = usize::try_from(shift.codes.len() as i64 + minutes).ok().filter(|length| *length > 0)?;
                let last = shift.codes.iter().rposition(|code| !code.is_empty());
                shift.codes.resize(length, String::new());
                if let Some(last) = last.filter(|_| *minutes > 0) {
                    let code = shift.codes[last].clone();
                    fill(&mut shift.codes, last as i64 + 1, *minutes, &code);
                }
            }
            Deed::Add { offset, length, code } => {
                if offset + length > shift.codes.len() as i64 {
                    return None;
                }
                fill(&mut shift.codes, *offset, *length, code);
            }
            Deed::Remove => return None,
        }
        Some(shift)
    }
}

fn fill(codes: &mut [String], from: i64, length: i64, code: &str) {
    for (place, minute) in codes.iter_mut().enumerate() {
        if (from..from + length).contains(&(place as i64)) {
            code.clone_into(minute);
        }
    }
}

fn minute(value: &Value) -> Option<i64> {
    let at: Timestamp = value.as_str()?.parse().ok()?;
    Some(at.as_second().div_euclid(60))
}
