//! Every endpoint of the gateway, as a table.

use crate::app::App;
use crate::guard;
use crate::problem::Fault;
use crate::{proxy, routes};
use axum::Router;
use axum::routing::{MethodRouter, any, get, post};

/// Method, path and handler of every endpoint but the proxy, which takes the rest of `/api/`.
/// `openapi.json` describes the same ones; a test compares them.
fn table() -> Vec<(&'static str, &'static str, MethodRouter<App>)> {
    vec![
        // Access.
        ("post", "/oauth/token", post(routes::oauth_token::handle)),
        // Intents.
        ("post", "/v1/intents", post(routes::submit::handle)),
        ("get", "/v1/intents", get(routes::list::handle)),
        ("get", "/v1/intents/{id}", get(routes::show::handle)),
        ("get", "/v1/intents/{id}/why", get(routes::why::handle)),
        ("post", "/v1/intents/{id}/decision", post(routes::decide::handle)),
        ("post", "/v1/intents/{id}/cancel", post(routes::cancel::handle)),
        ("post", "/v1/intents/{id}/undo", post(routes::undo::handle)),
        ("get", "/v1/blame", get(routes::blame::handle)),
        ("get", "/v1/events", get(routes::events::handle)),
        ("get", "/v1/freshness", get(routes::freshness::handle)),
        ("get", "/v1/holds", get(routes::holds::handle)),
        // What other systems send as they send it.
        ("post", "/v1/hooks/{source}", post(routes::hook::handle)),
        // Files of sources.
        ("get", "/v1/files/{source}", get(routes::files::list::handle)),
        ("get", "/v1/files/{source}/{file}", get(routes::files::show::handle)),
        ("post", "/v1/files/{source}/{file}", post(routes::files::send::handle)),
        ("get", "/v1/files/{source}/{file}/account", get(routes::files::account::handle)),
        ("post", "/v1/files/{source}/{file}/release", post(routes::files::release::handle)),
        // Files of foreign systems, planned and applied whole.
        ("get", "/v1/imports", get(routes::imports::list::handle)),
        ("post", "/v1/imports", post(routes::imports::send::handle)),
        ("get", "/v1/imports/{import}", get(routes::imports::show::handle)),
        ("get", "/v1/imports/{import}/plan", get(routes::imports::plan::handle)),
        ("get", "/v1/imports/{import}/account", get(routes::imports::account::handle)),
        ("post", "/v1/imports/{import}/apply", post(routes::imports::apply::handle)),
        // Operation.
        ("post", "/v1/brake", post(routes::brake::handle)),
        ("get", "/v1/status", get(routes::status::handle)),
        ("get", "/v1/observed", get(routes::observed::handle)),
        ("get", "/health/live", get(routes::live::handle)),
        ("get", "/health/ready", get(routes::ready::handle)),
        // Documents.
        ("get", "/openapi.json", get(routes::openapi::handle)),
        ("get", "/errors/{*code}", get(routes::error_page::handle)),
    ]
}

/// The gateway as a service.
pub(crate) fn router(app: App) -> Router {
    let mut router = Router::new();
    // Two methods of one path are two rows.
    for (_, path, handler) in table() {
        router = router.route(path, handler);
    }
    router
        .route("/api/{*path}", any(proxy::door))
        .route("/__sandbox/{*path}", any(routes::sandbox_control::handle))
        .method_not_allowed_fallback(|| async { Fault::MethodNotAllowed })
        .fallback(|uri: http::Uri| async move {
            let path: String = uri.path().chars().take(200).collect();
            Fault::UnknownPath { path }
        })
        .layer(axum::middleware::from_fn(guard::guard))
        .with_state(app)
}

#[cfg(test)]
mod tests;
