//! What is asked of the target for a plan: reads through the gateway, within its budget.

use crate::client::{Body, Gateway};
use crate::error::Failure;
use http::Method;
use ifmatch_core::OrgName;
use ifmatch_sources::migration::{Agents, Survey};
use serde_json::Value;
use std::time::Duration;

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

/// A survey with every answer, as a source may read them.
///
/// # Errors
/// Also when the caller is no source, whom the proxy does not serve.
pub(crate) async fn asked(gateway: &Gateway, mut survey: Survey) -> Result<Survey, Failure> {
    while let Some(path) = survey.next() {
        let answer = gateway.get(&path, WAIT).await?;
        survey.take(answer).map_err(|error| Failure::remote(error.to_string()))?;
    }
    Ok(survey)
}
