//! How a true conflict is answered: by a policy, by what a person decided, by the target's own refusal, or in review.

use super::Canvas;
use super::base;
use super::fate::MemberFate;
use crate::intent::Change as Wish;
use crate::record::{ConflictNote, Decided, IntentRecord};
use ifmatch_merge::{Change, Conflict, Pointer, Policies, Policy, apply_to, get, same};
use serde_json::Value;

impl Canvas<'_> {
    /// The policies of a member. Where a person decided that its side of an interval set stands, it wins in the
    /// stretches in question, and what others changed elsewhere in it stays.
    pub(super) fn decided_policies(&self, record: &IntentRecord, local: &Value) -> Policies {
        let schema = &self.ground.spec.schema;
        let holds = |(path, decided): &(&Pointer, &Decided)| {
            base::interval_set(schema, path).is_some()
                && same(decided.value.as_ref(), get(schema, local, path))
                && same(decided.remote.as_ref(), get(schema, &self.value, path))
        };
        let decided = record.status.decided.iter().filter(holds);
        decided.fold(self.policies(record), |policies, (path, _)| policies.with(path.clone(), Policy::LocalWins))
    }

    fn policies(&self, record: &IntentRecord) -> Policies {
        let none = Policies::new();
        if let Wish::Undo(_) = record.intent.change {
            // What somebody wrote since is a person's matter, whatever the source that asks would have otherwise.
            return none;
        }
        let source = self.ground.config.sources.get(&record.source).map_or(&none, |source| &source.on_conflict);
        record.intent.policies(source)
    }

    /// Uses what a person decided, where the remote value is still the one that the person saw.
    pub(super) fn decide(
        &self,
        record: &IntentRecord,
        mut value: Value,
        conflicts: Vec<Conflict>,
    ) -> (Value, Vec<Conflict>) {
        let schema = &self.ground.spec.schema;
        // Where a rule was in the way, the merge finds no conflict: what a person leaves to the target stays as it is there.
        let beside = record.status.decided.iter().filter(|(path, decided)| {
            !conflicts.iter().any(|conflict| conflict.path == **path)
                && same(decided.remote.as_ref(), get(schema, &self.value, path))
                && same(decided.value.as_ref(), decided.remote.as_ref())
        });
        let beside =
            beside.map(|(path, decided)| Change { path: path.clone(), before: None, after: decided.value.clone() });
        let mut chosen: Vec<Change> = beside.collect();
        let mut open = Vec::new();
        for conflict in conflicts {
            match record.status.decided.get(&conflict.path) {
                Some(decided) if same(decided.remote.as_ref(), conflict.remote.as_ref()) => {
                    chosen.push(Change { path: conflict.path, before: None, after: decided.value.clone() });
                }
                _ => open.push(conflict),
            }
        }
        apply_to(schema, &mut value, &chosen);
        (value, open)
    }

    /// A true conflict in the way that the source wants it answered.
    pub(super) fn answered(&self, record: &IntentRecord, fate: MemberFate) -> MemberFate {
        match fate {
            MemberFate::Review { code, reason, conflict, .. } if self.refuses(record) && !conflict.is_empty() => {
                let code = match code {
                    _ if record.strict => "rejected/stale",
                    "review/no_base" => "rejected/no_base",
                    "review/unknown_base" => "rejected/unknown_base",
                    _ => "rejected/true_conflict",
                };
                MemberFate::Rejected { code, reason, winner: None, conflict }
            }
            fate => fate,
        }
    }

    /// Who asked for the target's bare semantics is refused as it would refuse: the record has moved from the version that is named,
    /// whoever moved it.
    pub(super) fn stale(&self, record: &IntentRecord) -> Option<MemberFate> {
        let named = record.intent.base.as_ref()?.version.filter(|_| record.strict)?;
        let stands = self.ground.remote?.version.filter(|stands| *stands > named)?;
        let reason = format!("it names version {named}, and the record is at {stands}");
        Some(MemberFate::Rejected { code: "rejected/stale", reason, winner: None, conflict: Vec::new() })
    }

    pub(super) fn refuses(&self, record: &IntentRecord) -> bool {
        let source = self.ground.config.sources.get(&record.source);
        record.strict || (record.proxied && source.is_some_and(|s| s.answer == crate::AnswerPolicy::Refuse))
    }

    /// A conflict with what others wrote, and with what nobody knows the base of: of the latter nobody is said to have
    /// changed it.
    pub(super) fn true_conflict(
        &self,
        record: &IntentRecord,
        mut conflicts: Vec<Conflict>,
        doubted: &dyn Fn(&Pointer) -> bool,
    ) -> MemberFate {
        for conflict in conflicts.iter_mut().filter(|conflict| doubted(&conflict.path)) {
            conflict.remote_writer = self.source_at(&conflict.path);
        }
        let (unknown, known): (Vec<&Conflict>, Vec<&Conflict>) =
            conflicts.iter().partition(|conflict| doubted(&conflict.path));
        let code = if known.is_empty() { "review/unknown_base" } else { "review/true_conflict" };
        let reasons = [meanwhile(&known), unknown_then(record, &unknown)];
        let reason = reasons.into_iter().flatten().collect::<Vec<_>>().join("; ");
        let conflict = conflicts.into_iter().map(ConflictNote::from).collect();
        MemberFate::Review { code, reason, conflict, edits: Vec::new() }
    }
}

fn paths(conflicts: &[&Conflict]) -> Option<String> {
    let paths: Vec<String> = conflicts.iter().map(|conflict| conflict.path.to_string()).collect();
    (!paths.is_empty()).then(|| paths.join(", "))
}

/// What others changed since the source looked.
fn meanwhile(conflicts: &[&Conflict]) -> Option<String> {
    let writer = conflicts.iter().find_map(|conflict| conflict.remote_writer.clone());
    let by = writer.unwrap_or_else(|| "somebody else".to_owned());
    Some(format!("{by} changed {} meanwhile", paths(conflicts)?))
}

/// What stood there when the wish was made, which nobody knows.
fn unknown_then(record: &IntentRecord, conflicts: &[&Conflict]) -> Option<String> {
    let paths = paths(conflicts)?;
    Some(match record.intent.base.as_ref().and_then(|base| base.version) {
        Some(version) => format!("it names version {version}, and what stood at {paths} then is not known here"),
        None => format!("what stood at {paths} when it was made is not known here"),
    })
}
