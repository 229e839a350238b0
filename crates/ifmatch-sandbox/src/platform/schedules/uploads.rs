//! The signed address to which the content of an update or an import goes, and what was put there.

use std::io::Read as _;

use flate2::read::GzDecoder;
use serde_json::{Map, Value, json};

use crate::{
    api::Reply,
    platform::{
        call::{Call, Share},
        errors,
    },
    refusal::{Checked, Refusal},
    target::Target,
};

pub(crate) const SHARE: Share = &[("putUpload", put)];

/// The most that an upload unpacks to, in bytes.
const CONTENT_BYTES_MAX: u64 = 256 << 20;

/// An address that was given out.
#[derive(Debug, Clone)]
pub(crate) struct Upload {
    /// The path of the call that gave it out, without its last part: only the call beside that one takes it.
    purpose: String,
    /// What was put there.
    content: Option<Map<String, Value>>,
}

/// Gives out an address.
pub(crate) fn give_out(target: &mut Target, call: &Call) -> Checked<Reply> {
    let length = call.object()?.get("contentLengthBytes").and_then(Value::as_i64);
    if length.is_none_or(|length| length < 1) {
        return Err(errors::validation("contentLengthBytes", "contentLengthBytes is a whole number from 1"));
    }
    let key = target.platform_id();
    let purpose = call.path.trim_end_matches('/').trim_end_matches("/uploadurl").to_owned();
    let url = format!("{}/upload/{key}", call.origin);
    target.platform.schedules.uploads.insert(key.clone(), Upload { purpose, content: None });
    let headers =
        json!({"Content-Encoding": "gzip", "Content-Type": "application/json", "x-upload-purpose": "schedules"});
    Ok(call.reply(json!({"uploadKey": key, "url": url, "headers": headers})))
}

/// Something is put at an address.
fn put(target: &mut Target, call: &Call) -> Checked<Reply> {
    let denied = |message: &str| Refusal::new(403, "signature.does.not.match", message);
    let Some(upload) = target.platform.schedules.uploads.get_mut(call.param("uploadKey")) else {
        return Err(Refusal::new(404, "not.found", "There is no such upload"));
    };
    if call.header("authorization").is_some() {
        return Err(denied("A signed address takes no token"));
    }
    let signed = |name: &str, value: &str| call.header(name) == Some(value);
    if !signed("content-encoding", "gzip") || !signed("x-upload-purpose", "schedules") {
        return Err(denied("The headers are not those that came with the address"));
    }
    let mut text = Vec::new();
    let unpacked = GzDecoder::new(&*call.bytes).take(CONTENT_BYTES_MAX).read_to_end(&mut text);
    let content = unpacked.ok().and_then(|_| serde_json::from_slice(&text).ok());
    // The store takes any bytes; whoever processes them notices.
    upload.content = Some(content.unwrap_or_default());
    Ok(call.reply(Value::Null))
}

/// What lies at the address that a call names, for this call and once.
pub(crate) fn take(target: &mut Target, call: &Call) -> Checked<Map<String, Value>> {
    let key = call.object()?.get("uploadKey").and_then(Value::as_str).unwrap_or_default();
    let uploads = &mut target.platform.schedules.uploads;
    let own = uploads.get_mut(key).filter(|upload| upload.purpose == call.path.trim_end_matches('/'));
    let content = own.and_then(|upload| upload.content.take());
    if content.is_some() {
        uploads.remove(key);
    }
    content.ok_or_else(|| errors::validation("uploadKey", "Nothing was uploaded under this key"))
}
