//! `POST /v1/brake`: pauses or resumes an org, a source, a kind or a resource.
//!
//! Shape: `{"action": "pause" | "resume", "scope"?: "org" | {"source": "…"} | {"kind": "…"} |
//! {"resource": {…}}, "org"?: "…"}`. Without a scope the whole org is meant. A source may pause itself;
//! a person or the operator anything.

use crate::app::{App, Principal};
use crate::body;
use crate::problem::Fault;
use axum::Json;
use axum::body::Body;
use axum::extract::State;
use http::StatusCode;
use ifmatch_core::{Brake, Input, Scope};
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Pull {
    action: Action,
    #[serde(default = "whole_org")]
    scope: Scope,
    org: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Action {
    Pause,
    Resume,
}

fn whole_org() -> Scope {
    Scope::Org
}

pub(crate) async fn handle(
    State(app): State<App>,
    principal: Principal,
    body: Body,
) -> Result<(StatusCode, Json<Value>), Fault> {
    let bytes = body::read(body, app.settings.body_bytes_max).await?;
    let Pull { action, scope, org } = body::parse(&bytes, app.settings.json_depth_max)?;
    let org = app.org_or_only(&principal, org.as_deref())?;
    let own = matches!(&scope, Scope::Source(source) if *source == principal.name());
    if !own && !principal.may_brake_all() {
        return Err(Fault::Forbidden { what: "pause or resume others" });
    }
    if let Scope::Resource(resource) = &scope
        && resource.org != org.org
    {
        return Err(Fault::ForeignOrg { org: resource.org.to_string() });
    }
    let on = matches!(action, Action::Pause);
    let answer = json!({"org": org.org, "scope": scope, "paused": on});
    org.tell(Input::Braked(Brake { scope, on, by: principal.name().to_string() }))?;
    Ok((StatusCode::ACCEPTED, Json(answer)))
}
