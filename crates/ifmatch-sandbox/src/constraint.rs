//! Constraints: what the business refuses although the request is sound, for reasons that no client can read. A staffing floor,
//! a compliance rule, a block of training, a legal hold.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::{
    api::{Call, trades::sides},
    refusal::{Checked, Refusal},
    target::Target,
};

/// One constraint. It is looked at after the version, with the other rules of the business (section 10).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Constraint {
    /// What is refused: writes to records whose path starts so. A publish has the path of its schedule with `/publish`.
    pub path: String,
    /// Only writes in whose body this text occurs.
    #[serde(default)]
    pub body: Option<String>,
    /// Only while an open trade is in this status; for an agent, one of its own.
    #[serde(default)]
    pub while_trade: Option<String>,
    /// Only writes that carry at least so many records: a limit that nothing documents.
    #[serde(default)]
    pub records_min: usize,
    /// Status of the refusal.
    #[serde(default = "conflict")]
    pub status: u16,
    /// Code of the refusal; empty for none.
    #[serde(default)]
    pub code: String,
    /// Text of the refusal.
    pub message: String,
    /// Whether the refusal names the record, where its envelope has room for details.
    #[serde(default)]
    pub names: bool,
    /// First moment at which it holds, milliseconds from the start.
    #[serde(default)]
    pub from_ms: i64,
    /// When it ends; absent for never.
    #[serde(default)]
    pub until_ms: Option<i64>,
}

fn conflict() -> u16 {
    409
}

/// The constraints of a scenario, and when they began to count.
#[derive(Debug, Clone, Default)]
pub(crate) struct Constraints {
    pub(crate) started: i64,
    pub(crate) all: Vec<Constraint>,
}

impl Target {
    /// The refusal of a write to this record, if a constraint forbids it.
    pub(crate) fn forbidden(&self, call: &Call, path: &str) -> Option<Box<Refusal>> {
        let since = call.now - self.constraints.started;
        let holds = |constraint: &&Constraint| {
            path.starts_with(&constraint.path)
                && (constraint.from_ms..constraint.until_ms.unwrap_or(i64::MAX)).contains(&since)
                && (constraint.records_min == 0 || carried(&call.body) >= constraint.records_min)
                && constraint.body.as_ref().is_none_or(|text| says(&call.body, text))
                && constraint.while_trade.as_ref().is_none_or(|status| self.trade_in(path, status))
        };
        let constraint = self.constraints.all.iter().find(holds)?;
        let mut refusal = Refusal::new(constraint.status, constraint.code.clone(), constraint.message.clone());
        if constraint.names {
            let agent = path.rsplit_once("/agents/").map(|(_, agent)| agent.to_owned());
            refusal.field = agent.is_none().then(|| path.to_owned());
            refusal.agent_id = agent;
        }
        Some(refusal)
    }

    /// The same as a step of a write.
    pub(crate) fn check_constraints(&self, call: &Call, path: &str) -> Checked<()> {
        self.forbidden(call, path).map_or(Ok(()), Err)
    }

    /// Whether a trade with this status exists, for an agent's path one that the agent is a side of.
    fn trade_in(&self, path: &str, status: &str) -> bool {
        let agent = path.rsplit_once("/agents/").map(|(_, agent)| agent);
        self.trades.values().map(|history| history.current()).any(|trade| {
            let mine = || sides(&trade.fields).iter().any(|(side, _)| agent.is_none_or(|agent| *side == agent));
            trade.text("status") == status && mine()
        })
    }
}

/// How many records a write carries.
fn carried(body: &Map<String, Value>) -> usize {
    let listed = ["agents", "items"].iter().find_map(|name| body.get(*name)?.as_array());
    listed.map_or(1, Vec::len)
}

fn says(body: &Map<String, Value>, text: &str) -> bool {
    json!(body).to_string().contains(text)
}
