//! I05: a timer asks for a publish every 15 minutes, a publish takes 20, and each one that ends
//! opens a case whose webhook changes an agent's availability and asks for a publish again.
//!
//! A planner moves shifts of the same agents. An error to the caller opens an incident record, and
//! an incident record triggers the sync once more: the loop of the report.

use super::world::{ORG, Pulled, agent_path, schedule_path};
use super::{Feed, News, Reaction};
use crate::demo::wish::{Door, Effect, End, Hand, Payload, Set, Subject, Truth, Way, Wish};
use serde_json::{Value, json};

const MINUTE: i64 = 60_000;

/// How long the timer runs.
const LAST: i64 = 150 * MINUTE;

/// The agents whose cases come up, the first ones of the week.
const CASES: usize = 4;

pub(super) fn feed(pulled: Pulled) -> anyhow::Result<Feed> {
    let mut desk = Desk::new(&pulled);
    let mut wishes: Vec<Wish> =
        (0..=LAST / (15 * MINUTE)).map(|turn| desk.publish(turn * 15 * MINUTE + MINUTE, Door::Timer)).collect();
    for minute in [8, 52, 97, 128] {
        wishes.extend(desk.case(minute * MINUTE));
    }
    let hands = planner(&pulled);
    Ok(Feed::new(wishes).with_hands(hands).with_reaction(desk).with_start(pulled.records))
}

/// The case desk: knows what it said of each agent, never looks at the target again.
struct Desk {
    schedule: String,
    agents: Vec<String>,
    /// Its own copy of the entries, with what it said since.
    entries: Vec<Value>,
    publishes: usize,
    cases: usize,
    /// Until when an incident record is open; one is enough for all errors meanwhile.
    incident_ms: i64,
}

impl Desk {
    fn new(pulled: &Pulled) -> Self {
        let first = pulled.agents.iter().take(CASES);
        let (agents, entries) = first.map(|(id, entry)| (id.clone(), entry.clone())).unzip();
        Self { schedule: pulled.schedule.clone(), agents, entries, publishes: 0, cases: 0, incident_ms: 0 }
    }

    /// The sync, which somebody asks for with a call of a webhook.
    fn sync(&mut self, at_ms: i64) -> Wish {
        let call = json!({"event": "sync", "sys_id": format!("sync-{}", self.publishes + 1), "sys_mod_count": "0", "schedule": self.schedule});
        self.publish(at_ms, Door::OpenHook(call.to_string()))
    }

    fn publish(&mut self, at_ms: i64, door: Door) -> Wish {
        self.publishes += 1;
        let name = format!("publish-{}", self.publishes);
        let intent = json!({
            "idempotency_key": name,
            "resource": {"org": ORG, "kind": "schedule", "id": self.schedule},
            "change": {"operation": {"name": "publish"}},
            "origin": {"system": "servicenow"},
        });
        Wish {
            at_ms,
            worker: 0,
            order: 0,
            way: Way::Submit { source: "servicenow".to_owned(), intent },
            door,
            payload: Payload::Publish { schedule: self.schedule.clone() },
            truth: Truth {
                subject: Subject::Path(schedule_path(&self.schedule)),
                effect: Effect::Publish,
                needs_person: None,
                deadline_ms: None,
            },
            name,
        }
    }

    /// The case screen: it sets the agent's availability and triggers the sync.
    fn case(&mut self, at_ms: i64) -> [Wish; 2] {
        let place = self.cases % CASES;
        let status = if (self.cases / CASES).is_multiple_of(2) { "training" } else { "available" };
        self.cases += 1;
        let base = self.entries[place]["availability"]["status"].clone();
        self.entries[place]["availability"]["status"] = json!(status);
        let name = format!("case-{}", self.cases);
        let agent = &self.agents[place];
        let intent = json!({
            "idempotency_key": name,
            "resource": {"org": ORG, "kind": "agent-schedule", "id": format!("{}/{agent}", self.schedule)},
            "change": {"merge_patch": {"availability": {"status": status}}},
            "base": {"value": {"availability": {"status": base}}},
            "origin": {"system": "servicenow"},
        });
        let set = Set {
            path: "/availability/status".to_owned(),
            base: Some(base),
            after: Some(json!(status)),
            own: vec![json!("available"), json!("training")],
        };
        let call = json!({
            "event": "case", "sys_id": name, "sys_mod_count": "0", "schedule": self.schedule, "agent": agent, "status": status,
        });
        let availability = Wish {
            at_ms,
            worker: 1,
            order: 0,
            way: Way::Submit { source: "servicenow".to_owned(), intent },
            door: Door::OpenHook(call.to_string()),
            payload: Payload::Agent { schedule: self.schedule.clone(), entry: self.entries[place].clone() },
            truth: Truth {
                subject: Subject::Path(agent_path(&self.schedule, agent)),
                effect: Effect::Sets(vec![set]),
                needs_person: None,
                deadline_ms: None,
            },
            name,
        };
        [availability, self.sync(at_ms + 2_000)]
    }
}

impl Reaction for Desk {
    fn react(&mut self, news: &News<'_>) -> Vec<Wish> {
        let mut wishes = Vec::new();
        for _ in 0..news.publishes {
            wishes.extend(self.case(news.now_ms + MINUTE));
        }
        for ended in news.ended {
            let failed = matches!(ended.end, End::Discarded | End::Rejected);
            if failed && news.now_ms >= self.incident_ms {
                self.incident_ms = news.now_ms + 2 * MINUTE;
                wishes.push(self.sync(self.incident_ms));
            }
        }
        wishes.retain(|wish| wish.at_ms <= LAST);
        wishes
    }
}

/// The planner shortens one shift of each of these agents now and then.
fn planner(pulled: &Pulled) -> Vec<Hand> {
    let mut hands = Vec::new();
    for (place, (agent, entry)) in pulled.agents.iter().take(CASES).enumerate() {
        for (turn, minute) in [3, 45, 90].into_iter().enumerate() {
            let Some(shift) = entry["shifts"].get(turn) else { continue };
            let minutes = shift["length_minutes"].as_i64().unwrap_or(480) - 30;
            let mut activities = shift["activities"].as_array().cloned().unwrap_or_default();
            if let Some(last) = activities.last_mut() {
                let length = last["length_minutes"].as_i64().unwrap_or(60);
                last["length_minutes"] = json!(length - 30);
            }
            hands.push(Hand {
                at_ms: (minute + place as i64) * MINUTE,
                path: agent_path(&pulled.schedule, agent),
                patch: json!({"shifts": [{"id": shift["id"], "length_minutes": minutes, "activities": activities}]}),
                by: "Nadia Keller",
            });
        }
    }
    hands
}
