//! `ifmatch pause` and `ifmatch resume`: the brake.

use crate::cli::Context;
use crate::client::{self, Body, Connect, Gateway};
use crate::error::Failure;
use crate::exit::Exit;
use crate::output::field;
use http::Method;
use serde_json::{Value, json};
use std::time::Duration;

/// Hold an org, a source, a kind or a resource: nothing more is sent for it.
///
/// Intents are taken as before and wait. What is under way ends.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  $ ifmatch pause
  $ ifmatch pause --source servicenow
  $ ifmatch pause --org acme --resource schedule/s-2026-14")]
pub(crate) struct PauseArgs {
    #[command(flatten)]
    brake: Brake,
}

/// Release what was paused. Give the same words as to `pause`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  $ ifmatch resume
  $ ifmatch resume --source servicenow")]
pub(crate) struct ResumeArgs {
    #[command(flatten)]
    brake: Brake,
}

/// What the brake holds; without a flag the whole org.
#[derive(Debug, Default, clap::Args)]
struct Brake {
    /// Intents of this source.
    #[arg(long, group = "scope")]
    source: Option<String>,
    /// Resources of this kind.
    #[arg(long, group = "scope")]
    kind: Option<String>,
    /// One resource.
    #[arg(long, group = "scope", value_name = "KIND/ID", requires = "org")]
    resource: Option<String>,
    /// The org; needed where the gateway serves several, and for a resource.
    #[arg(long)]
    org: Option<String>,
    #[command(flatten)]
    connect: Connect,
}

/// Pulls the brake.
pub(crate) fn pause(args: &PauseArgs, context: &Context) -> Result<Exit, Failure> {
    args.brake.pull("pause", context)
}

/// Releases it.
pub(crate) fn resume(args: &ResumeArgs, context: &Context) -> Result<Exit, Failure> {
    args.brake.pull("resume", context)
}

impl Brake {
    fn pull(&self, action: &str, context: &Context) -> Result<Exit, Failure> {
        let body = self.body(action)?;
        let answer = client::converse(async {
            let gateway = Gateway::open(&self.connect, &context.environment).await?;
            gateway.send(Method::POST, "/v1/brake", Body::json(&body), Duration::ZERO).await?.success()
        })?;
        context.out.data(&answer, || {
            let what = self.source.as_ref().map(|name| format!("source {name} of "));
            let what = what.or_else(|| self.kind.as_ref().map(|kind| format!("kind {kind} of ")));
            let what = what.or_else(|| self.resource.as_ref().map(|resource| format!("{resource} of ")));
            let state = if action == "pause" { "paused" } else { "resumed" };
            format!("{state}: {}org {}", what.unwrap_or_default(), field(&answer, "/org"))
        });
        Ok(Exit::Done)
    }

    fn body(&self, action: &str) -> Result<Value, Failure> {
        let scope = match (&self.source, &self.kind, &self.resource) {
            (Some(source), _, _) => json!({ "source": source }),
            (_, Some(kind), _) => json!({ "kind": kind }),
            (_, _, Some(resource)) => {
                let named = resource.split_once('/').filter(|(kind, id)| !kind.is_empty() && !id.is_empty());
                let (kind, id) = named.ok_or_else(|| {
                    Failure::user(format!("{resource:?} names no resource"))
                        .hint("write KIND/ID, for example quality-score/qs-118")
                })?;
                json!({ "resource": { "org": self.org, "kind": kind, "id": id } })
            }
            (None, None, None) => "org".into(),
        };
        let mut body = json!({ "action": action, "scope": scope });
        if let Some(org) = &self.org {
            body["org"] = org.as_str().into();
        }
        Ok(body)
    }
}

#[cfg(test)]
mod tests;
