//! What the actors of a scenario do when their time comes.

mod documents;

use serde_json::{Map, Value, json};

use crate::{
    api::trades::is_open,
    record::{Kind, Shift, agent_path},
    rng::Rng,
    scenario::{Editor, Edits, Locker, Locks},
    target::Target,
    time::{MINUTE, format_in_zone},
};

impl Target {
    /// One edit by a person, if there is something to edit and no lock or rule forbids it.
    pub(crate) fn edit_something(&mut self, now: i64, editor: &Editor, rng: &mut Rng) {
        let edit = match editor.edits {
            Edits::Scores => self.score_edit(editor, rng),
            Edits::Trades => self.trade_edit(editor, rng),
            Edits::Shifts => self.shift_edit(editor, rng),
            Edits::Availability => self.availability_edit(editor, rng),
            Edits::Documents => self.document_edit(now, editor, rng),
        };
        if let Some((path, Value::Object(patch))) = edit {
            // A refused edit is one that the person gives up.
            drop(self.edit(now, &path, &patch, &editor.name));
        }
    }

    fn score_edit(&self, editor: &Editor, rng: &mut Rng) -> Option<(String, Value)> {
        let ids: Vec<&String> = self.scores.keys().take(editor.among.unwrap_or(usize::MAX)).collect();
        let id = *rng.pick(&ids)?;
        let (score, note) = (rng.between(40, 100), rng.between(1, 999));
        let mut patch = Map::new();
        let which = rng.below(3);
        if which != 1 {
            patch.insert("score".into(), json!(score));
        }
        if which != 0 {
            patch.insert("comments".into(), json!(format!("Checked by {}, note {note}", editor.name)));
        }
        Some((Kind::Score.path(id), Value::Object(patch)))
    }

    fn trade_edit(&self, editor: &Editor, rng: &mut Rng) -> Option<(String, Value)> {
        let open = self.trades.iter().filter(|(_, history)| is_open(history.current().text("status")));
        let ids: Vec<&String> = open.map(|(id, _)| id).take(editor.among.unwrap_or(usize::MAX)).collect();
        let id = *rng.pick(&ids)?;
        let note = format!("Seen by {}, note {}", editor.name, rng.between(1, 999));
        Some((Kind::Trade.path(id), json!({"notes": note})))
    }

    /// Moves one shift by up to an hour.
    fn shift_edit(&self, editor: &Editor, rng: &mut Rng) -> Option<(String, Value)> {
        let (schedule_id, agent_id) = self.some_agent(editor, rng)?;
        let schedule = self.schedule(&schedule_id)?;
        let week = &schedule.agents.get(agent_id.as_str())?.week;
        let shift = rng.pick(&week.shifts)?;
        let minutes = *rng.pick(&[-60, -30, -15, 15, 30, 60])?;
        let moved = moved(shift, minutes, &schedule.time_zone);
        Some((agent_path(&schedule_id, &agent_id), json!({"shifts": [moved]})))
    }

    fn availability_edit(&self, editor: &Editor, rng: &mut Rng) -> Option<(String, Value)> {
        let (schedule_id, agent_id) = self.some_agent(editor, rng)?;
        let status = *rng.pick(&["available", "unavailable", "training"])?;
        Some((agent_path(&schedule_id, &agent_id), json!({"availability": {"status": status}})))
    }

    fn some_agent(&self, editor: &Editor, rng: &mut Rng) -> Option<(String, String)> {
        let schedules: Vec<&String> = self.schedules.keys().collect();
        let schedule_id = *rng.pick(&schedules)?;
        let schedule = self.schedule(schedule_id)?;
        let most = schedule.agents.len().min(editor.among.unwrap_or(usize::MAX));
        let agent = schedule.agents.keys().nth(rng.below(most))?;
        Some((schedule_id.clone(), agent.to_string()))
    }

    /// The opening batch of a locker: distinct records, each held for its own time.
    pub(crate) fn lock_batch(&mut self, now: i64, locker: &Locker, rng: &mut Rng) {
        let mut keys = self.lockable(locker.locks);
        let most = locker.count.unwrap_or((keys.len() as f64 * locker.share.clamp(0.0, 1.0)).round() as usize);
        for _ in 0..most.min(keys.len()) {
            let key = keys.swap_remove(rng.below(keys.len()));
            self.hold(now, &key, now + rng.between(locker.hold_ms_min, locker.hold_ms_max));
        }
    }

    /// One further lock.
    pub(crate) fn lock_one(&mut self, now: i64, locker: &Locker, rng: &mut Rng) {
        let keys = self.lockable(locker.locks);
        if let Some(key) = rng.pick(&keys) {
            self.hold(now, key, now + rng.between(locker.hold_ms_min, locker.hold_ms_max));
        }
    }

    fn lockable(&self, locks: Locks) -> Vec<String> {
        match locks {
            Locks::Agents => self.agents.iter().map(|(id, _)| id.to_owned()).collect(),
            Locks::Scores => self.scores.keys().map(|id| Kind::Score.path(id)).collect(),
            Locks::Trades => self.trades.keys().map(|id| Kind::Trade.path(id)).collect(),
            Locks::Documents => self.all_documents().map(|(path, _)| path.to_owned()).collect(),
        }
    }
}

/// The shift some minutes later, with its activities.
fn moved(shift: &Shift, minutes: i64, zone: &str) -> Value {
    let later = |ms: i64| format_in_zone(ms + minutes * MINUTE, zone);
    let activities: Vec<Value> = shift
        .activities
        .iter()
        .map(|a| json!({"start": later(a.start_ms), "length_minutes": a.length_minutes, "code": a.code}))
        .collect();
    json!({"id": shift.id, "start": later(shift.start_ms), "activities": activities})
}
