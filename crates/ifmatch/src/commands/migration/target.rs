//! What is asked of the target for a plan: reads through the gateway, within its budget.

use crate::client::{Body, Gateway};
use crate::error::Failure;
use http::Method;
use ifmatch_core::OrgName;
use ifmatch_sources::migration::Agents;
use serde_json::Value;
use std::time::Duration;

/// The most that one page of the target holds.
const PAGE: usize = 100;

/// How long one page may take: a closed budget opens again after a minute.
const WAIT: Duration = Duration::from_secs(90);

/// The one org that a caller can mean. `None` where there are several.
pub(crate) async fn only_org(gateway: &Gateway) -> Result<Option<OrgName>, Failure> {
    let status = gateway.get("/v1/status", Duration::ZERO).await?;
    let orgs = status.get("orgs").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    Ok(match orgs {
        [org] => org.get("org").and_then(Value::as_str).map(OrgName::from),
        _ => None,
    })
}

/// The agents of a built-in sandbox. Other targets of this kind have no directory: then `None`.
pub(crate) async fn sandbox_agents(gateway: &Gateway) -> Result<Option<Agents>, Failure> {
    let answer = gateway.send(Method::GET, "/__sandbox/world", Body::empty(), Duration::ZERO).await?;
    if !answer.status.is_success() {
        return Ok(None);
    }
    let world = answer.success()?;
    Ok(world.get("agents").and_then(Value::as_array).map(|agents| Agents::of_list(agents)))
}

/// Every trade of the target, as a source may read them.
///
/// # Errors
/// Also when the caller is no source, whom the proxy does not serve.
pub(crate) async fn trades(gateway: &Gateway) -> Result<Vec<Value>, Failure> {
    let mut trades = Vec::new();
    for page in 1.. {
        let path = format!("/api/v2/wfm/scheduling/shifts?page={page}&page_size={PAGE}");
        let answer = gateway.get(&path, WAIT).await?;
        let Some(entities) = answer.get("entities").and_then(Value::as_array) else {
            return Err(Failure::remote("the target's list of trades has no entities: does it speak wfm-v2?"));
        };
        let total = answer.get("total").and_then(Value::as_u64);
        trades.extend(entities.iter().cloned());
        let all = total.is_none_or(|total| trades.len() as u64 >= total);
        if entities.is_empty() || (all && (total.is_some() || entities.len() < PAGE)) {
            break;
        }
    }
    Ok(trades)
}

/// A schedule with all its agents, as a source may read it.
pub(crate) async fn schedule(gateway: &Gateway, id: &str) -> Result<Value, Failure> {
    let id: String = form_urlencoded::byte_serialize(id.as_bytes()).collect();
    gateway.get(&format!("/api/v2/wfm/schedules/{id}"), WAIT).await
}
