//! Requests that pass through: reads, and writes that the dialect does not know.

use super::Proxied;
use crate::problem::Fault;
use crate::upstream::forwarded_response;
use axum::body::Body;
use axum::response::Response as HttpResponse;
use http::{HeaderName, HeaderValue, StatusCode};
use ifmatch_core::{Input, Request, Resource, Response};

/// Passes the request of a client through and gives back the target's answer.
pub(super) async fn handle(proxied: &Proxied<'_>, reads: Option<Resource>) -> Result<HttpResponse, Fault> {
    Ok(to_http(&exchange(proxied, proxied.request.clone(), reads).await?))
}

/// Passes a request through. What it shows of records that the engine does not read by itself is
/// observed: the client's next write starts from it.
pub(super) async fn exchange(
    proxied: &Proxied<'_>,
    request: Request,
    reads: Option<Resource>,
) -> Result<Response, Fault> {
    let (org, source) = (proxied.org, &proxied.account.name);
    let is_known = reads.is_some();
    let response = org.pass(source.clone(), request.clone(), reads).await?;
    if is_known {
        return Ok(response);
    }
    let shown = org.dialect.records_shown(&org.org, org.clock.now(), &request, &response);
    for (resource, snapshot) in shown {
        let observed = Input::Observed {
            resource,
            version: snapshot.version,
            snapshot: Some(Box::new(snapshot)),
            unlocked: false,
            shown_to: Some(source.clone()),
        };
        org.tell(observed)?;
    }
    Ok(response)
}

/// An answer of the target, or one made in its model, as it goes to the client.
pub(super) fn to_http(response: &Response) -> HttpResponse {
    let mut answer = HttpResponse::new(Body::from(response.body.clone()));
    *answer.status_mut() = StatusCode::from_u16(response.status).unwrap_or(StatusCode::BAD_GATEWAY);
    for (name, value) in forwarded_response(&response.headers) {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            answer.headers_mut().append(name, value);
        }
    }
    answer
}
