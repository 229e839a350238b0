//! Recording exports, which lock agents, and the metadata of recordings (section 8).

use serde_json::{Value, json};

use crate::{
    api::{Call, Reply},
    refusal::{Checked, Refusal},
    rng::{Rng, hash},
    target::Target,
    time::{DAY, MINUTE, format_instant, parse_instant},
    week::known_fields,
};

/// One conversation of an agent starts in each of these spans.
const SPAN_MS: i64 = 30 * MINUTE;

impl Target {
    pub(crate) fn create_recording_job(&mut self, call: &Call) -> Checked<Reply> {
        known_fields(&self.options, &call.body, &["agent_ids", "from", "to"], "")?;
        let list = call.body.get("agent_ids").and_then(Value::as_array);
        let agents: Option<Vec<String>> =
            list.and_then(|list| list.iter().map(|id| id.as_str().map(str::to_owned)).collect());
        let Some(agents) = agents.filter(|agents| !agents.is_empty()) else {
            return Err(Refusal::field("agent_ids", "a list of agents is needed"));
        };
        if let Some(unknown) = agents.iter().find(|id| self.agents.email(id).is_none()) {
            return Err(Refusal::field("agent_ids", format!("no agent has the id {unknown}")));
        }
        let instant = |name: &str| call.body.get(name).and_then(Value::as_str);
        span(instant("from"), instant("to"))?;
        let until = call.now + self.options.recording_job_ms;
        for agent in &agents {
            self.hold(call.now, agent, until);
        }
        self.exports += 1;
        Ok(Reply::new(202, json!({"job_id": self.rng.uuid()})))
    }

    pub(crate) fn list_recordings(&self, call: &Call) -> Checked<Reply> {
        let Some(agent) = call.query.get("agent_id").filter(|id| self.agents.email(id).is_some()) else {
            return Err(Refusal::field("agent_id", "an agent is needed"));
        };
        let (from, to) = span(call.query.get("from").map(String::as_str), call.query.get("to").map(String::as_str))?;
        let to = to.min(call.read_at);
        let first = from.div_euclid(SPAN_MS);
        let entities: Vec<Value> = (first..=to.div_euclid(SPAN_MS))
            .filter_map(|slot| self.recording(agent, slot, call))
            .filter(|(start, _)| (from..to).contains(start))
            .map(|(_, recording)| recording)
            .collect();
        Ok(Reply::new(200, Value::Array(entities)))
    }

    /// The recording of one span; derived from the seed, so that nothing has to be kept.
    fn recording(&self, agent: &str, slot: i64, call: &Call) -> Option<(i64, Value)> {
        let mut rng = Rng::new(self.seed ^ hash(format!("{agent}/{slot}").as_bytes()));
        let start = slot * SPAN_MS + rng.between(0, 20) * MINUTE;
        let end = start + rng.between(2, 9) * MINUTE;
        let (recording_id, mut conversation_id) = (rng.uuid(), rng.uuid());
        let fresh = call.now - start < self.options.recording_metadata_wrong_ms;
        if fresh && self.locks.is_held(call.now, agent) {
            match rng.below(3) {
                0 => return None,
                1 => conversation_id = rng.uuid(),
                _ => {}
            }
        }
        let recording = json!({
            "recording_id": recording_id, "conversation_id": conversation_id, "agent_id": agent,
            "start": format_instant(start), "end": format_instant(end),
        });
        (end <= call.read_at).then_some((start, recording))
    }
}

fn span(from: Option<&str>, to: Option<&str>) -> Checked<(i64, i64)> {
    let from = from.and_then(parse_instant).ok_or_else(|| Refusal::field("from", "an instant is needed (RFC 3339)"))?;
    let to = to.and_then(parse_instant).ok_or_else(|| Refusal::field("to", "an instant is needed (RFC 3339)"))?;
    if to <= from || to - from > 31 * DAY {
        return Err(Refusal::interval("to", "a span of up to 31 days is needed"));
    }
    Ok((from, to))
}
