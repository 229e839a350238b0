//! `GET /v1/files/{source}/{file}/account`: the account of a file, a line a row, as it lies beside the file.

use super::{door, find};
use crate::app::{App, Principal};
use crate::problem::Fault;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use std::fs::File;
use std::io::Read as _;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

/// Bytes that are read at a time.
const PIECE: usize = 64 * 1024;

pub(crate) async fn handle(
    State(app): State<App>,
    principal: Principal,
    Path((source, file)): Path<(String, String)>,
) -> Result<Response, Fault> {
    let (door, org) = door(&app, &principal, &source)?;
    let record = find(door, org, &file).await?;
    let path = door.folder.account_of(&record);
    let none = |_| Fault::UnknownFile { file: format!("the account of {}", record.name) };
    let file = File::open(path).map_err(none)?;
    let (tell, pieces) = mpsc::channel(2);
    tokio::task::spawn_blocking(move || pour(file, &tell));
    let body = Body::from_stream(ReceiverStream::new(pieces));
    Ok(([(CONTENT_TYPE, "application/x-ndjson")], body).into_response())
}

fn pour(mut file: File, tell: &mpsc::Sender<std::io::Result<Bytes>>) {
    loop {
        let mut piece = vec![0; PIECE];
        let read = file.read(&mut piece).map(|got| {
            piece.truncate(got);
            Bytes::from(piece)
        });
        let last = read.as_ref().map_or(true, Bytes::is_empty);
        if last && read.is_ok() {
            return;
        }
        if tell.blocking_send(read).is_err() || last {
            return;
        }
    }
}
