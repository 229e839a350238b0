//! Local times of a wish: read by the clock of their zone before anything is compared, and put to a
//! person where that clock shows them twice or never.

use super::Canvas;
use super::edit::{Edit, kept};
use super::fate::MemberFate;
use super::outcome::Outcome;
use crate::config::LocalTimes;
use crate::local::{Doubt, DoubtCase};
use crate::record::{ConflictNote, IntentRecord};
use ifmatch_merge::{Change, Conflict, Pointer, apply, get};
use serde_json::{Value, json};
use std::borrow::Cow;

/// A wish whose local times are instants, but for those that only a person can tell.
type Read<'v> = (Cow<'v, Value>, Vec<Doubt>);

impl Canvas<'_> {
    /// A wish with its local times as instants, as far as its zone, a decision or a policy tells them.
    /// What is in doubt stands in it as it was sent.
    pub(super) fn localised<'v>(&self, record: &IntentRecord, wish: &'v Value) -> Result<Read<'v>, MemberFate> {
        let found = self.ground.dialect.localise(&self.ground.spec.name, wish, &self.value);
        let found = found.map_err(|error| MemberFate::rejected("rejected/naive_time", error.to_string()))?;
        let Some(found) = found else { return Ok((Cow::Borrowed(wish), Vec::new())) };
        let told = |doubt: &Doubt| decided(record, doubt).or_else(|| self.told_by_policy(record, doubt));
        let told: Vec<Change> = found.doubts.iter().filter_map(told).collect();
        let value = apply(&self.ground.spec.schema, &found.value, &told);
        let open = |doubt: &Doubt| !told.iter().any(|change| change.path == doubt.path);
        let doubts: Vec<Doubt> = found.doubts.into_iter().filter(open).collect();
        match doubts.first() {
            Some(doubt) if self.local_times(record) == LocalTimes::Reject => Err(refused(doubt)),
            _ => Ok((Cow::Owned(value), doubts)),
        }
    }

    /// The edits of a wish that was with a person: what was decided of its doubts takes their place.
    pub(super) fn localised_edits(
        &self,
        record: &IntentRecord,
        said: Vec<Change>,
    ) -> Result<(Vec<Change>, Vec<Doubt>), MemberFate> {
        let schema = &self.ground.spec.schema;
        let wish = apply(schema, &json!({}), &said);
        let (once, _) = self.localised(record, &wish)?;
        if matches!(once, Cow::Borrowed(_)) {
            return Ok((said, Vec::new()));
        }
        // What a person wrote may be a local time in its turn.
        let (value, doubts) = self.localised(record, &once)?;
        let said = said.into_iter().map(|change| match change.after {
            Some(_) => Change { after: get(schema, &value, &change.path).cloned(), ..change },
            None => change,
        });
        Ok((said.collect(), doubts))
    }

    /// Local times in doubt among what a wish edits: a person must tell which instant is meant.
    pub(super) fn doubtful(&mut self, record: &IntentRecord, edit: &Edit) -> Option<Outcome> {
        let edited = |doubt: &&Doubt| edit.changes.iter().any(|(change, _)| change.path.is_prefix_of(&doubt.path));
        let doubts: Vec<&Doubt> = edit.doubts.iter().filter(edited).collect();
        let first = *doubts.first()?;
        let paths: Vec<Pointer> = edit.changes.iter().map(|(change, _)| change.path.clone()).collect();
        if self.refuses(record) {
            return Some(Outcome::ended(refused(first)));
        }
        let fate = MemberFate::Review {
            code: codes(first).0,
            reason: sentence(first),
            conflict: doubts.into_iter().map(|doubt| self.note(doubt, edit)).collect(),
            edits: kept(&edit.changes),
        };
        let outcome = Outcome {
            based: Vec::new(),
            fate,
            changes: Vec::new(),
            said: edit.said.clone(),
            paths,
            is_value: true,
            whole: edit.whole.clone(),
        };
        self.hear(record, &outcome, &edit.changes);
        Some(outcome)
    }

    /// The sides of a doubt: what the source started from, what it said, what stands there, and the two
    /// instants that it can mean.
    fn note(&self, doubt: &Doubt, edit: &Edit) -> ConflictNote {
        let remote = get(&self.ground.spec.schema, &self.value, &doubt.path).cloned();
        let at = edit.changes.iter().find(|(change, _)| change.path == doubt.path);
        let conflict = Conflict {
            path: doubt.path.clone(),
            base: at.and_then(|(_, base)| base.known()).cloned(),
            local: Some(json!(doubt.text)),
            remote,
            remote_writer: self.writer_of(&doubt.path),
            stretches: Vec::new(),
        };
        ConflictNote { candidates: doubt.candidates.iter().map(|text| json!(text)).collect(), ..conflict.into() }
    }

    /// The instant that the source's policy takes; or, of a whole record, the one that the source itself
    /// already stands for there.
    fn told_by_policy(&self, record: &IntentRecord, doubt: &Doubt) -> Option<Change> {
        let [earlier, later] = &doubt.candidates;
        let told = match self.local_times(record) {
            LocalTimes::Earlier => earlier,
            LocalTimes::Later => later,
            LocalTimes::Review | LocalTimes::Reject => {
                let shadow = self.row.sources.get(&record.source).filter(|_| self.is_whole(record))?;
                let word = get(&self.ground.spec.schema, &shadow.value, &doubt.path)?;
                doubt.candidates.iter().find(|candidate| self.ground.dialect.alike(&json!(candidate), word))?
            }
        };
        Some(Change { path: doubt.path.clone(), before: None, after: Some(json!(told)) })
    }

    fn local_times(&self, record: &IntentRecord) -> LocalTimes {
        self.ground.config.sources.get(&record.source).map_or_else(LocalTimes::default, |source| source.local_times)
    }
}

/// What a person decided at a local time in doubt; `None` where nobody has, or took the text as it was sent.
fn decided(record: &IntentRecord, doubt: &Doubt) -> Option<Change> {
    let decided = record.status.decided.get(&doubt.path)?;
    let told = decided.value.as_ref().is_none_or(|value| *value != json!(doubt.text));
    told.then(|| Change { path: doubt.path.clone(), before: None, after: decided.value.clone() })
}

fn refused(doubt: &Doubt) -> MemberFate {
    MemberFate::rejected(codes(doubt).1, sentence(doubt))
}

/// The codes of a doubt in review, and of one that is refused.
fn codes(doubt: &Doubt) -> (&'static str, &'static str) {
    match doubt.case {
        DoubtCase::Repeated => ("review/ambiguous_local_time", "rejected/ambiguous_local_time"),
        DoubtCase::Missing => ("review/missing_local_time", "rejected/missing_local_time"),
    }
}

fn sentence(doubt: &Doubt) -> String {
    let Doubt { path, text, candidates: [earlier, later], .. } = doubt;
    let shows = match doubt.case {
        DoubtCase::Repeated => "twice",
        DoubtCase::Missing => "never",
    };
    format!("{path}: the clock shows {text} {shows}; it can mean {earlier} or {later}")
}
