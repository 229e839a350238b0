//! The sources of a gateway, and its operator, who looks on.

use super::http::Http;
use anyhow::Context as _;
use ifmatch_server::Running;
use serde_json::Value;
use std::collections::BTreeMap;

/// How many intents one page of the list has.
const PAGE: usize = 1000;

/// The states in which an intent is under way.
const OPEN: &str = "accepted,queued,planned,sent,tracking,ambiguous,parked,deferred";

/// Clients of a gateway: its sources, logged in, and the operator.
#[derive(Debug)]
pub(crate) struct Callers {
    sources: BTreeMap<String, Http>,
    operator: Http,
}

/// What a gateway says to one intent that is handed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Taken {
    /// It is accepted under this id.
    As(String),
    /// It is one that was handed in before.
    Again,
    /// It is refused, or no answer came; says why.
    Refused(String),
}

impl Callers {
    /// Logs in as each of the sources.
    ///
    /// # Errors
    /// A source that the gateway does not have, or no answer.
    pub(crate) async fn log_in(running: &Running, sources: &[String]) -> anyhow::Result<Self> {
        let anonymous = Http::new(&running.url);
        let mut logged_in = BTreeMap::new();
        for name in sources {
            let account = running.accounts.iter().find(|account| account.name == *name);
            let account = account.with_context(|| format!("the gateway has no source {name}"))?;
            logged_in.insert(name.clone(), anonymous.log_in(&account.client_id, &account.client_secret).await?);
        }
        let token = std::fs::read_to_string(running.operator_token_path()).context("the operator's token")?;
        Ok(Self { sources: logged_in, operator: anonymous.with_token(token.trim()) })
    }

    /// Hands intents in as one source, in their order; says of each what came of it.
    pub(crate) async fn submit(&self, source: &str, intents: &[Value]) -> Vec<Taken> {
        let body: String = intents.iter().map(|intent| format!("{intent}\n")).collect();
        let answer = self.sources[source].send("POST", "/v1/intents", "application/x-ndjson", body).await;
        let lines = answer.as_ref().map(super::Reply::lines).unwrap_or_default();
        let taken = (0..intents.len()).map(|place| {
            let line = lines.get(place).cloned().unwrap_or_default();
            match (line["id"].as_str(), &answer) {
                (Some(_), _) if line["duplicate"] == true => Taken::Again,
                (Some(id), _) => Taken::As(id.to_owned()),
                (None, Ok(reply)) => Taken::Refused(format!("{} {line}", reply.status)),
                (None, Err(error)) => Taken::Refused(error.to_string()),
            }
        });
        taken.collect()
    }

    /// Whether any intent is under way. An unreadable answer counts as yes.
    pub(crate) async fn is_under_way(&self) -> bool {
        let answer = self.operator.get(&format!("/v1/intents?limit=1&state={OPEN}")).await;
        let page = answer.map(|reply| reply.json()).unwrap_or_default();
        page["intents"].as_array().is_none_or(|intents| !intents.is_empty())
    }

    /// Every intent of the gateway, as it answers about it.
    pub(crate) async fn all(&self) -> Vec<Value> {
        let mut all = Vec::new();
        let mut after = String::new();
        loop {
            let answer = self.operator.get(&format!("/v1/intents?limit={PAGE}{after}")).await;
            let page = answer.map(|reply| reply.json()).unwrap_or_default();
            all.extend(page["intents"].as_array().cloned().unwrap_or_default());
            match page["next"].as_str() {
                Some(next) => after = format!("&after={next}"),
                None => return all,
            }
        }
    }
}
