//! Clients that read a resource through us: never shown less than what was seen or written.

use super::super::Purpose;
use super::super::lane::LaneKey;
use super::Engine;
use crate::dialect::{Call, Fact};
use crate::effect::{Effect, Notice};
use crate::ids::TurnId;
use crate::input::Pass;
use crate::wire::{Failure, Method, Response};

impl Engine {
    /// Sends the first waiting client's own request.
    pub(super) fn show(&mut self, turn: TurnId, key: &LaneKey) {
        let pass = self.lane(key).reads.remove(0);
        self.use_up(turn);
        self.send_now(pass.request.clone(), Purpose::ShownRead { turn, pass });
    }

    /// Shows the answer, and keeps what the client saw: its next write is made from it.
    pub(in crate::engine) fn on_shown(&mut self, turn: TurnId, pass: &Pass, response: Response) {
        let Some(key) = self.turns.get(&turn).and_then(|turn| turn.keys.first().cloned()) else { return };
        let reply = self.dialect.reply(self.now, &Call::Read(vec![key.resource.clone()]), &response);
        let mut material = self.take_material(turn, &key);
        let mut shown = response;
        if let Fact::Observed(snapshot) = super::only_fact(reply) {
            let mut snapshot = *snapshot;
            if snapshot.version.is_some_and(|version| version < material.row.floor) {
                // The read lags. What was confirmed before is newer, so that is shown.
                if let Some(newest) = material.row.history.last_mut() {
                    newest.shown_to.entry(pass.source.clone()).or_insert(self.last_order);
                    let age = self.now.duration_since(newest.read_at).as_secs().max(0);
                    shown = self.dialect.render(Method::Get, &key.resource, newest, false);
                    shown.headers.push(("age".to_owned(), age.to_string()));
                }
            } else {
                snapshot.shown_to.insert(pass.source.clone(), self.last_order);
                material.row.confirm(snapshot, self.last_order);
                self.confirmed(turn, &key);
            }
            material.row_changed = true;
        }
        self.put_material(turn, &key, material);
        // A client acts on what it was shown, so that must be remembered before it is shown.
        self.commits.after(Effect::Notify(Notice::Passed { ticket: pass.ticket, result: Ok(shown) }));
        self.free(turn, &key);
    }

    pub(in crate::engine) fn on_show_failed(&mut self, turn: TurnId, pass: &Pass, failure: Failure) {
        self.commits.now(Effect::Notify(Notice::Passed { ticket: pass.ticket, result: Err(failure) }));
        let Some(key) = self.turns.get(&turn).and_then(|turn| turn.keys.first().cloned()) else { return };
        self.free(turn, &key);
    }
}
