//! The proxy: a naive client of the target's API that has another host, and knows nothing else.

use super::site::Site;
use super::{ndjson, site};
use crate::demo::strategy::gateway::Handed;
use crate::demo::strategy::naive_refresh::carry_out;
use crate::demo::wish::{End, Wish};
use crate::live::Http;

/// How long the client waits for an answer, milliseconds of scenario time: longer than the gateway lets it wait.
const PATIENCE_MS: i64 = 40_000;

/// A script that keeps its login.
pub(super) async fn script(site: &Site, wish: &Wish) -> Handed {
    match &site.script {
        Some(http) => send(http, site, wish).await,
        None => Handed::Ended(End::Discarded, "nobody has logged in".to_owned()),
    }
}

/// What a timer starts: it logs in, sends the week as the scheduler once knew it, and asks for the publish.
pub(super) async fn timer(site: &Site, wish: &Wish) -> Handed {
    let fault = |error: anyhow::Error| Handed::Ended(End::Discarded, format!("{error:#}"));
    if let Some(week) = &site.week
        && let Err(error) = ndjson::send(site, site::SCRIPT, site::WEEK, week).await
    {
        return fault(error);
    }
    match Http::new(&site.url).log_in(site::SCRIPT, &site.secret).await {
        Ok(http) => send(&http, site, wish).await,
        Err(error) => fault(error.into()),
    }
}

async fn send(http: &Http, site: &Site, wish: &Wish) -> Handed {
    match carry_out(http, &site.stage, &wish.payload, PATIENCE_MS).await {
        Ok(reply) => match reply.intent {
            Some(id) => Handed::As(id),
            None => Handed::Ended(End::Landed, format!("{} without an intent: {}", reply.status, reply.text)),
        },
        Err((end, said)) => Handed::Ended(end, said),
    }
}
