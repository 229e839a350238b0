//! `GET /errors/{code}`: what a code means and what to do; `type` of every problem points here.

use crate::errors;
use crate::problem::Fault;
use axum::extract::Path;
use http::header::CONTENT_TYPE;

pub(crate) async fn handle(
    Path(code): Path<String>,
) -> Result<([(http::HeaderName, &'static str); 1], &'static str), Fault> {
    let unknown = || Fault::UnknownCode { code: code.chars().take(64).collect() };
    let page = errors::page(&code).ok_or_else(unknown)?;
    Ok(([(CONTENT_TYPE, "text/markdown; charset=utf-8")], page))
}
