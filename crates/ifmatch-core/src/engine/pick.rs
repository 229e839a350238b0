//! Which lane is next: chores first, then by urgency, deadline and order, as the gates allow.

use super::gates::Passage;
use super::lane::{LaneKey, Rank, Wake};
use super::ready::Unit;
use super::turn::Turn;
use super::{Engine, Purpose, Timer, Token};
use crate::dialect::{Call, Creation, OperationCall};
use crate::effect::Effect;
use crate::errand::Notes;
use crate::ids::{IntentId, TurnId};
use crate::intent::{Resource, Urgency};
use crate::states::State;
use jiff::Timestamp;
use serde_json::json;
use std::sync::Arc;

/// What starts next.
struct Next {
    keys: Vec<LaneKey>,
    /// The envelope that carries them.
    envelope: Option<Arc<str>>,
    /// The buckets of their requests.
    buckets: Vec<String>,
}

impl Engine {
    /// Starts what may start.
    pub(super) fn pump(&mut self) {
        while let Some(key) = self.lanes.next_chore() {
            self.begin(vec![key], None, (0, Vec::new()));
        }
        self.pump_listening();
        while self.exchanges.len() + self.turns.len() - self.tracked < 2 * self.config.limits.in_flight_max {
            if !self.has_token() {
                return;
            }
            if self.pump_pass() {
                continue;
            }
            let Some(next) = self.next_lanes() else { return };
            let requests = self.dialect.turn_requests(&next.keys[0].resource);
            self.gates.hold(&next.buckets, requests);
            self.begin(next.keys, next.envelope, (requests, next.buckets));
        }
    }

    /// A client's request goes before lanes: somebody waits for it.
    fn pump_pass(&mut self) -> bool {
        let Some(pass) = self.passes.front() else { return false };
        let buckets = self.dialect.buckets(&pass.request);
        match self.gates.passage(self.now, &buckets, 1) {
            Passage::Open => {}
            Passage::ClosedUntil(at) => {
                self.timer(at, Timer::Pump);
                return false;
            }
            Passage::AfterAnswer => return false,
        }
        let pass = self.passes.pop_front().expect("there is a front");
        self.send_now(pass.request.clone(), Purpose::Pass(pass));
        true
    }

    /// Whether there is a token; asks for one where there is none and something waits.
    fn has_token(&mut self) -> bool {
        match self.token {
            Token::Granted => true,
            Token::Asked => false,
            Token::Refused(until) if self.now < until => {
                self.timer(until, Timer::Pump);
                false
            }
            Token::None | Token::Refused(_) => {
                // Turns that wait for what becomes of a write ask for it with a token as well.
                if !self.passes.is_empty() || !self.lanes.families().is_empty() || self.tracked > 0 {
                    self.token = Token::Asked;
                    self.commits.now(Effect::Authorise);
                }
                false
            }
        }
    }

    /// The next ready lane whose gates are open, and those that share its envelope.
    fn next_lanes(&mut self) -> Option<Next> {
        loop {
            let mut best: Option<(Rank, Unit, String)> = None;
            for family in self.lanes.families() {
                let buckets: Vec<String> = family.split(' ').map(str::to_owned).collect();
                // A read and its write are admitted together: the gate never stands between them.
                match self.gates.passage(self.now, &buckets, 2) {
                    Passage::Open => {}
                    Passage::ClosedUntil(at) => {
                        self.timer(at, Timer::Pump);
                        continue;
                    }
                    Passage::AfterAnswer => continue,
                }
                let Some((rank, unit)) = self.first_in_line(&family) else { continue };
                if rank.0 == Urgency::Bulk
                    && let Some(at) = self.gates.kept_from_bulk(self.now, &buckets, 2)
                {
                    self.timer(at, Timer::Pump);
                    continue;
                }
                if best.as_ref().is_none_or(|(known, _, _)| rank < *known) {
                    best = Some((rank, unit, family));
                }
            }
            let (_, unit, family) = best?;
            let (key, envelope) = match unit {
                Unit::Lane(key) => (key, None),
                Unit::Envelope(envelope) => {
                    let first = self.lanes.together(&family, &envelope).next();
                    (first.expect("an envelope in line has a lane").clone(), Some(envelope))
                }
            };
            if let Some(wake) = self.holds_back(&key) {
                self.hold_back(&key, wake);
                continue;
            }
            if self.joins_above(&key) || self.joins_without_right(&key) {
                continue;
            }
            let buckets: Vec<String> = family.split(' ').map(str::to_owned).collect();
            if !self.has_room(&key, &buckets) {
                return None;
            }
            let keys = match &envelope {
                Some(envelope) => self.with_envelope(key.clone(), &family, envelope),
                None => vec![key.clone()],
            };
            let alone = || self.sole_writer(&key, self.lanes.look(&key)?);
            let envelope = envelope.or_else(alone);
            return Some(Next { keys, envelope, buckets });
        }
    }

    /// Whether the budget has room for all requests of a turn, where those are more than a read and a write.
    fn has_room(&mut self, key: &LaneKey, buckets: &[String]) -> bool {
        let requests = self.dialect.turn_requests(&key.resource).min(self.gates.most(buckets));
        if requests <= 2 {
            return true;
        }
        let passage = self.gates.passage(self.now, buckets, requests);
        if let Passage::ClosedUntil(at) = passage {
            self.timer(at, Timer::Pump);
        }
        passage == Passage::Open
    }

    /// The first of a family that does not wait for company.
    fn first_in_line(&mut self, family: &str) -> Option<(Rank, Unit)> {
        loop {
            let (rank, unit) = self.lanes.first(family)?.clone();
            let Unit::Envelope(envelope) = &unit else { return Some((rank, unit)) };
            let Some(until) = self.waits_for_company(family, envelope) else { return Some((rank, unit)) };
            self.lanes.rest(family, envelope);
            self.timer(until, Timer::Company(Arc::clone(envelope)));
        }
    }

    /// Has a ready lane wait for something before it may start.
    fn hold_back(&mut self, key: &LaneKey, wake: Wake) {
        self.lanes.dequeue(key);
        self.leave_right(key);
        let shown = self.lane(key).members.clone();
        let undeferred = |id: &IntentId| {
            self.heads.get(id).is_some_and(|head| matches!(head.state, State::Accepted | State::Queued))
        };
        if wake == Wake::Brake && shown.values().any(undeferred) {
            // What the brake holds is shown as deferred.
            self.lanes.add_chore(key);
        }
        if wake == Wake::Barrier {
            let shared = self.lane(key).envelope.as_deref().map(str::to_owned);
            if let Some(envelope) = shared.or_else(|| key.resource.id().map(str::to_owned)) {
                self.lanes.press(&envelope);
                self.barred.entry(envelope).or_default().insert(key.clone());
            }
        }
        self.lane(key).wake = wake;
    }

    /// A ready lane that must not start: the brake is on, or a publish has something to wait for.
    fn holds_back(&self, key: &LaneKey) -> Option<Wake> {
        let lane = self.lanes.look(key)?;
        if self.sole_writer(key, lane).is_some_and(|envelope| self.company.is_under_way(&envelope)) {
            return Some(Wake::Barrier);
        }
        if lane.unresolved.is_some() || !lane.reads.is_empty() {
            return None;
        }
        if self.is_braked(key, lane) {
            return Some(Wake::Brake);
        }
        if key.operation.is_none() || lane.run.is_some() || !lane.decisions.is_empty() {
            return None;
        }
        // The first member that wants it decides here; later ones are looked at when wishes are noted. One that waits for a person
        // wants nothing.
        let wants = |id: &IntentId| self.heads.get(id).is_some_and(|head| head.state != State::Review);
        let order = lane.members.iter().find(|(_, id)| wants(id)).map(|(order, _)| *order)?;
        self.barrier(key, order).then_some(Wake::Barrier)
    }

    /// The envelope of which a turn of a lane alone must be the only one, where one version guards it all. A client's read
    /// writes nothing. What is above all records of an envelope, and operations on it, are written in its name.
    fn sole_writer(&self, key: &LaneKey, lane: &super::lane::Lane) -> Option<Arc<str>> {
        if !lane.reads.is_empty() || !self.dialect.one_writer(&key.resource) {
            return None;
        }
        match &lane.envelope {
            Some(envelope) => lane.is_solo(key).then(|| Arc::clone(envelope)),
            None => key.resource.id().map(Arc::from),
        }
    }

    /// Whether an earlier intent that the operation must carry is still on its way. Those that wait
    /// for a lock, a time or a person are not waited for, nor half of a pair whose other half does.
    pub(super) fn barrier(&self, key: &LaneKey, order: u64) -> bool {
        let Some(envelope) = key.resource.id() else { return false };
        self.lanes.of_envelope(envelope).any(|lane| {
            !matches!(lane.wake, Wake::Lock(_) | Wake::Brake)
                && lane.members.range(..order).any(|(_, id)| {
                    self.heads.get(id).is_some_and(|head| {
                        !matches!(head.state, State::Parked | State::Deferred | State::Review)
                            && head.not_before.is_none_or(|at| at <= self.now)
                            && !self.rests(*id)
                    })
                })
        })
    }

    /// A ready lane with those that go in the same envelope.
    fn with_envelope(&self, key: LaneKey, family: &str, envelope: &Arc<str>) -> Vec<LaneKey> {
        let bound = |lane: &super::lane::Lane| lane.share_max.unwrap_or(usize::MAX);
        let mut most = self.dialect.envelope_max().min(self.lanes.look(&key).map_or(usize::MAX, bound));
        let mut keys = vec![key.clone()];
        for other in self.lanes.together(family, envelope) {
            if keys.len() >= most {
                break;
            }
            let lane = self.lanes.look(other).expect("a ready lane exists");
            if bound(lane) <= keys.len() {
                break;
            }
            if *other != key && !lane.is_solo(other) && !self.is_braked(other, lane) {
                most = most.min(bound(lane));
                keys.push(other.clone());
            }
        }
        keys
    }

    /// Starts a turn that holds these lanes.
    fn begin(&mut self, keys: Vec<LaneKey>, envelope: Option<Arc<str>>, held: (u64, Vec<String>)) {
        self.last_turn += 1;
        let id = TurnId(self.last_turn);
        if let Some(envelope) = &envelope {
            self.company_began(Arc::clone(envelope), id, keys.len());
        }
        let mut intents = Vec::new();
        for key in &keys {
            self.lanes.dequeue(key);
            self.lane(key).held_by = Some(id);
            intents.extend(self.members_for_turn(key));
        }
        let resources = keys.iter().map(|key| key.resource.clone()).collect();
        self.turns.insert(id, Turn::loading(keys, envelope, held, self.now));
        self.commits.load(Effect::Load { turn: id, resources, intents });
    }

    /// The members that a turn looks at: every one that waits for a person, and the first of the
    /// others; the rest has its turn after.
    fn members_for_turn(&self, key: &LaneKey) -> Vec<IntentId> {
        let Some(lane) = self.lanes.look(key) else { return Vec::new() };
        let mut active = 0;
        let mut looked_at = |id: &&IntentId| {
            let held = self.heads.get(*id).is_some_and(|head| head.state == State::Review);
            active += usize::from(!held);
            held || active <= MEMBERS_MAX || self.withdrawn.contains_key(*id)
        };
        lane.members.values().filter(|id| looked_at(id)).copied().collect()
    }

    /// Makes a lane ready, in its place by what is open in it.
    pub(super) fn make_ready(&mut self, key: &LaneKey) {
        let lane = self.lane(key);
        if lane.held_by.is_some() {
            return;
        }
        let resolves =
            lane.unresolved.is_some() || lane.has_debt() || !lane.reads.is_empty() || !lane.decisions.is_empty();
        if !lane.reads.is_empty() || !lane.decisions.is_empty() {
            if matches!(lane.wake, Wake::At(_) | Wake::Lock(_)) {
                lane.rest = Some(lane.wake.clone());
            }
            let rank = (Urgency::Interactive, Timestamp::MAX, 0);
            let family = self.family(key);
            return self.lanes.enqueue(key, family, rank, true);
        }
        let members: Vec<_> = lane.members.values().copied().collect();
        let now = self.now;
        let active = members.iter().filter_map(|id| self.heads.get(id)).filter(|head| {
            head.state != State::Review
                && head.not_before.is_none_or(|at| at <= now)
                && !self.source_braked(&head.source)
                && !self.pairs.waits(head.id)
        });
        let rank = active
            .map(|head| (head.class, head.deadline.unwrap_or(Timestamp::MAX), head.order))
            .reduce(|a, b| (a.0.min(b.0), a.1.min(b.1), a.2.min(b.2)));
        let rank = rank.or_else(|| resolves.then_some((Urgency::Normal, Timestamp::MAX, 0)));
        match rank {
            Some(rank) => {
                let family = self.family(key);
                let presses = self.presses(rank);
                // While a culprit is looked for, who was refused less often goes first: halves before quarters.
                let sifted = u64::from(self.lane(key).sifted) << SIFTED_SHIFT;
                self.lanes.enqueue(key, family, (rank.0, rank.1, rank.2 | sifted), presses);
            }
            None => {
                self.lanes.dequeue(key);
                let lane = self.lanes.look(key).expect("the lane was looked at");
                let braked = self.is_braked(key, lane);
                self.lane(key).wake = if braked { Wake::Brake } else { Wake::Idle };
                self.lanes.sweep(key);
            }
        }
    }

    /// The buckets of a lane's requests, as one name.
    fn family(&self, key: &LaneKey) -> String {
        let call = self.first_call(&key.resource, key.operation.as_deref());
        let mut buckets = self.dialect.buckets(&self.dialect.request(&call, &Notes::default()));
        buckets.extend(self.dialect.write_buckets(&key.resource).iter().map(|&name| name.to_owned()));
        buckets.join(" ")
    }

    fn first_call(&self, resource: &Resource, operation: Option<&str>) -> Call {
        match (operation, resource.id()) {
            (Some(name), _) => {
                Call::Status(OperationCall { resource: resource.clone(), name: name.to_owned(), job: None })
            }
            (None, Some(_)) => Call::Read(vec![resource.clone()]),
            (None, None) => Call::Create(Creation { resource: resource.clone(), value: json!({}) }),
        }
    }

    /// Has a lane looked at again at an instant.
    pub(super) fn wake_at(&mut self, key: &LaneKey, at: Timestamp) {
        self.lanes.dequeue(key);
        self.lane(key).wake = Wake::At(at);
        self.timer(at, Timer::Lane(key.clone()));
    }

    /// Has a lane wait for its lock domain.
    pub(super) fn park(&mut self, key: &LaneKey) {
        let domain = self.domain_of(key);
        let pauses = self.probe_pauses(key);
        let due = self.trains.park(self.now, &domain, key, pauses);
        self.timer(due, Timer::Train(domain.clone()));
        self.lanes.dequeue(key);
        self.lane(key).wake = Wake::Lock(domain);
    }

    /// A lock domain was seen free.
    pub(super) fn release_lock(&mut self, domain: &str) {
        for key in self.trains.release(domain) {
            self.lane(&key).held_above = false;
            self.make_ready(&key);
        }
    }
}

/// Where in the last part of a rank the count of refusals begins: above every order of acceptance.
const SIFTED_SHIFT: u32 = 56;

/// The most members that one turn composes.
const MEMBERS_MAX: usize = 512;
