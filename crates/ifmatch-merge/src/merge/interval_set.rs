//! Interval sets: instant by instant, whatever the parts that the sides cut the time into.

use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::equal::same;
use crate::schema::Node;
use crate::sides::Spot;
use crate::timeline::{IntervalNames, Part, Stretch, Timeline, minutes, points, spelled};

use super::{Merger, Outcome, Unit};

#[cfg(test)]
mod laws;
#[cfg(test)]
mod tests;

/// A side of the merge: the one whose word stands, or the one that something comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Local,
    Remote,
}

impl Merger<'_> {
    /// Merges the interval sets at this place. Where one of them cannot be read as such, the object merges member by
    /// member, its list as one unit.
    pub(super) fn interval_set(
        &mut self,
        at: Option<&Node>,
        names: &IntervalNames,
        spot: Spot<'_>,
        unit: Unit,
    ) -> Outcome {
        if same(spot.local, spot.base) || same(spot.local, spot.remote) {
            return Outcome::Remote;
        }
        if same(spot.remote, spot.base) {
            self.contribute(at, spot.remote, spot.local, unit);
            return Outcome::Local;
        }
        let (Some(Value::Object(local)), Some(Value::Object(remote))) = (spot.local, spot.remote) else {
            return self.settle(at, spot, unit);
        };
        let base = match spot.base {
            None => None,
            Some(Value::Object(base)) => Some(base),
            Some(_) => return self.settle(at, spot, unit),
        };
        // The whole is listed as one change, as the difference of two documents lists it.
        let listed = self.applied.len();
        let outcome = match self.woven(names, spot) {
            Some(woven) => {
                let rest = |members| without(names, members);
                let (base, local, remote) = (base.map(rest), rest(local), rest(remote));
                let mut members = match self.members(at, base.as_ref(), &local, &remote) {
                    Outcome::Built(Value::Object(members)) => members,
                    _ => remote,
                };
                members.extend(woven);
                Outcome::Built(Value::Object(members))
            }
            None => self.members(at, base, local, remote),
        };
        self.applied.truncate(listed);
        match outcome {
            Outcome::Built(value) if !same(Some(&value), spot.remote) => {
                self.contribute(at, spot.remote, Some(&value), unit);
                Outcome::Built(value)
            }
            _ => Outcome::Remote,
        }
    }

    /// The members that make the merged interval set; `None` where a side is none, or what came of it cannot be written
    /// in whole minutes.
    fn woven(&mut self, names: &IntervalNames, spot: Spot<'_>) -> Option<Map<String, Value>> {
        let base = match spot.base {
            None => None,
            Some(base) => Some(Timeline::read(names, base)?),
        };
        let (local, remote) = (Timeline::read(names, spot.local?)?, Timeline::read(names, spot.remote?)?);
        let loom = Loom { names, spot, base, local, remote };
        let cloth = loom.weave(Side::Remote)?;
        if cloth.contested.is_empty() {
            return Some(cloth.members);
        }
        let local_wins = loom.weave(Side::Local)?;
        match self.contest(spot, loom.stretches(&cloth.contested)) {
            Side::Remote => Some(cloth.members),
            Side::Local => Some(local_wins.members),
        }
    }
}

/// The members that are no part of the interval set.
fn without(names: &IntervalNames, members: &Map<String, Value>) -> Map<String, Value> {
    let other = |name: &str| name != names.start && name != names.length && name != names.parts;
    members.iter().filter(|(name, _)| other(name)).map(|(name, value)| (name.clone(), value.clone())).collect()
}

/// The three sides of an interval set.
struct Loom<'a> {
    names: &'a IntervalNames,
    spot: Spot<'a>,
    base: Option<Timeline<'a>>,
    local: Timeline<'a>,
    remote: Timeline<'a>,
}

/// What came of the three.
struct Cloth {
    members: Map<String, Value>,
    /// The stretches that both sides changed differently, in order, without those that touch.
    contested: Vec<(Timestamp, Timestamp)>,
}

/// A stretch of the result, with the part of the side that it comes from.
struct Piece<'t, 'a> {
    from: Timestamp,
    until: Timestamp,
    part: &'t Part<'a>,
    side: Side,
}

impl<'a> Loom<'a> {
    fn weave(&self, wins: Side) -> Option<Cloth> {
        let mut contested = Vec::new();
        let pieces = self.pieces(wins, &mut contested);
        let (mut start, mut end) = self.span(wins, &mut contested);
        for piece in &pieces {
            if start <= piece.from && piece.until <= end {
                continue;
            }
            // Somebody filled what the other one cut off.
            contested.push((piece.from, piece.until));
            if piece.side == wins {
                let line = self.line(wins);
                (start, end) = if piece.from < start { (line.start, end) } else { (start, line.end) };
            }
        }
        let mut threads: Vec<Piece<'_, 'a>> = Vec::new();
        for piece in pieces.into_iter().filter(|piece| start <= piece.from && piece.until <= end) {
            match threads.last_mut() {
                Some(last) if last.until == piece.from && self.goes_on(last, &piece) => last.until = piece.until,
                _ => threads.push(piece),
            }
        }
        let parts: Vec<Value> = threads.iter().map(|thread| self.written(thread)).collect::<Option<_>>()?;
        let mut members = self.span_members(start, end)?;
        members.insert(self.names.parts.clone(), Value::Array(parts));
        Some(Cloth { members, contested: joined(contested) })
    }

    /// What stands in each stretch between two points; where both sides changed it differently, the winner's word.
    fn pieces(&self, wins: Side, contested: &mut Vec<(Timestamp, Timestamp)>) -> Vec<Piece<'_, 'a>> {
        let points = points([&self.local, &self.remote].into_iter().chain(&self.base));
        let mut pieces = Vec::new();
        for pair in points.windows(2) {
            let (from, until) = (pair[0], pair[1]);
            let (local, remote) = (self.local.at(from), self.remote.at(from));
            // Without a base nobody can tell who changed what.
            let unchanged = |side| self.base.as_ref().is_some_and(|base| self.names.alike(side, base.at(from)));
            let side = if unchanged(local) || self.names.alike(local, remote) {
                Side::Remote
            } else if unchanged(remote) {
                Side::Local
            } else {
                contested.push((from, until));
                wins
            };
            let part = if side == Side::Local { local } else { remote };
            pieces.extend(part.map(|part| Piece { from, until, part, side }));
        }
        pieces
    }

    fn line(&self, side: Side) -> &Timeline<'a> {
        if side == Side::Local { &self.local } else { &self.remote }
    }

    /// Both ends, each by itself: one side may move the start while the other one moves the end.
    fn span(&self, wins: Side, contested: &mut Vec<(Timestamp, Timestamp)>) -> (Timestamp, Timestamp) {
        let mut end_of = |of: fn(&Timeline<'a>) -> Timestamp| {
            let (base, local, remote) = (self.base.as_ref().map(of), of(&self.local), of(&self.remote));
            if base == Some(local) || local == remote {
                return remote;
            }
            if base == Some(remote) {
                return local;
            }
            contested.push((local.min(remote), local.max(remote)));
            if wins == Side::Local { local } else { remote }
        };
        let (start, end) = (end_of(|line| line.start), end_of(|line| line.end));
        if start < end {
            return (start, end);
        }
        // One side cut off all that the other one left.
        let winner = self.line(wins);
        contested.push((self.local.start.min(self.remote.start), self.local.end.max(self.remote.end)));
        (winner.start, winner.end)
    }

    /// Whether a piece goes on in the next one: both hold the same, and nobody cut there.
    fn goes_on(&self, last: &Piece<'_, 'a>, next: &Piece<'_, 'a>) -> bool {
        self.names.alike(Some(last.part), Some(next.part)) && !self.has_seam(next.from)
    }

    /// Whether two parts that hold the same meet at an instant: a side that cut them apart, or joined them, changed it.
    fn has_seam(&self, point: Timestamp) -> bool {
        let seam = |line: &Timeline<'a>| line.has_seam(self.names, point);
        let base = self.base.as_ref().is_some_and(seam);
        let (local, remote) = (seam(&self.local), seam(&self.remote));
        if local == base { remote } else { local }
    }

    /// A stretch as a part: the one that it begins with, as that one is spelled, if need be with another span.
    fn written(&self, thread: &Piece<'_, 'a>) -> Option<Value> {
        let mut members = thread.part.members.clone();
        if thread.from != thread.part.from {
            let text = spelled(thread.from, members.get(&self.names.start)?.as_str()?);
            members.insert(self.names.start.clone(), Value::String(text));
        }
        if (thread.from, thread.until) != (thread.part.from, thread.part.until) {
            members.insert(self.names.length.clone(), Value::from(minutes(thread.from, thread.until)?));
        }
        Some(Value::Object(members))
    }

    fn span_members(&self, start: Timestamp, end: Timestamp) -> Option<Map<String, Value>> {
        let IntervalNames { start: name, length, .. } = self.names;
        let side = if start == self.remote.start { self.spot.remote? } else { self.spot.local? };
        let span = [(name.clone(), side.get(name)?.clone()), (length.clone(), Value::from(minutes(start, end)?))];
        Some(Map::from_iter(span))
    }

    fn stretches(&self, contested: &[(Timestamp, Timestamp)]) -> Vec<Stretch> {
        let like = self.spot.remote.and_then(|remote| remote.get(&self.names.start)).and_then(Value::as_str);
        let text = |point| spelled(point, like.unwrap_or("Z"));
        contested.iter().map(|(from, until)| Stretch { from: text(*from), until: text(*until) }).collect()
    }
}

/// The stretches in order, those that overlap or touch as one.
fn joined(mut stretches: Vec<(Timestamp, Timestamp)>) -> Vec<(Timestamp, Timestamp)> {
    stretches.sort_unstable();
    let mut joined: Vec<(Timestamp, Timestamp)> = Vec::new();
    for (from, until) in stretches {
        match joined.last_mut() {
            Some(last) if from <= last.1 => last.1 = last.1.max(until),
            _ => joined.push((from, until)),
        }
    }
    joined
}
