//! Bodies from outside: bounded in size and depth before anything reads them.

use crate::problem::Fault;
use axum::body::Body;
use bytes::Bytes;
use http::HeaderMap;
use http::header::CONTENT_TYPE;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde::Deserialize;
use serde::de::IgnoredAny;

#[cfg(test)]
mod tests;

/// How much of a body that is too large is read on and thrown away, in multiples of its bound. A
/// sender that is still writing when the connection closes sees a reset in place of the answer
/// (RFC 9112, section 9.6); one that goes on beyond this has to live with that.
const DRAINED_TIMES: usize = 8;

/// The media type of a body in lower case, without parameters; empty where none is named.
pub(crate) fn media_type(headers: &HeaderMap) -> String {
    let named = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    named.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// Reads a body of at most `max` bytes.
pub(crate) async fn read(mut body: Body, max: usize) -> Result<Bytes, Fault> {
    match Limited::new(&mut body, max).collect().await {
        Ok(collected) => Ok(collected.to_bytes()),
        Err(error) if error.downcast_ref::<LengthLimitError>().is_some() => {
            drain(body, max.saturating_mul(DRAINED_TIMES)).await;
            Err(Fault::TooLarge { max })
        }
        Err(_) => Err(Fault::BodyCut),
    }
}

/// Reads the rest of a body, keeps nothing of it and gives up after `max` bytes.
async fn drain(mut body: Body, max: usize) {
    let mut left = max;
    while let Some(Ok(frame)) = body.frame().await {
        let length = frame.data_ref().map_or(0, Bytes::len);
        let Some(rest) = left.checked_sub(length) else { return };
        left = rest;
    }
}

/// Refuses JSON that nests deeper than `max` levels. Works on the bytes, so that no parser recurses
/// into a hostile document; what is no JSON is left to the parser.
pub(crate) fn check_depth(json: &[u8], max: usize) -> Result<(), Fault> {
    let (mut depth, mut in_text, mut escaped) = (0usize, false, false);
    for byte in json {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_text => escaped = true,
            b'"' => in_text = !in_text,
            b'{' | b'[' if !in_text => {
                depth += 1;
                if depth > max {
                    return Err(Fault::TooDeep { max });
                }
            }
            b'}' | b']' if !in_text => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    Ok(())
}

/// Reads a typed value from JSON; the error names the member at fault by JSON Pointer.
pub(crate) fn parse<'de, T: Deserialize<'de>>(json: &'de [u8], depth_max: usize) -> Result<T, ParseError> {
    check_depth(json, depth_max).map_err(ParseError::Broken)?;
    let mut reader = serde_json::Deserializer::from_slice(json);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let pointer = to_pointer(error.path());
        // What is no JSON at all has no shape, wherever its first member went wrong.
        let broken = serde_json::from_slice::<IgnoredAny>(json).err();
        broken.map_or_else(|| describe(error.into_inner(), pointer), |error| describe(error, String::new()))
    })?;
    reader.end().map_err(|error| describe(error, String::new()))?;
    Ok(value)
}

/// Why a body could not be read as the value wanted.
#[derive(Debug)]
pub(crate) enum ParseError {
    /// It is no JSON, or too deep.
    Broken(Fault),
    /// It is JSON of another shape.
    Shape {
        /// JSON Pointer of the member at fault.
        field: String,
        /// What is wrong with it.
        reason: String,
    },
}

impl From<ParseError> for Fault {
    fn from(error: ParseError) -> Self {
        match error {
            ParseError::Broken(fault) => fault,
            ParseError::Shape { field, reason } => Self::Parameter { field, reason },
        }
    }
}

fn describe(error: serde_json::Error, mut field: String) -> ParseError {
    let text = error.to_string();
    let reason = match text.rsplit_once(" at line ") {
        Some((reason, _)) => reason.to_owned(),
        None => text,
    };
    if !error.is_data() {
        let (line, column) = (error.line(), error.column());
        return ParseError::Broken(Fault::InvalidJson { line, column, reason });
    }
    // Serde reports a missing member at its parent.
    if let Some(name) = reason.strip_prefix("missing field `").and_then(|rest| rest.strip_suffix('`')) {
        field = format!("{field}/{name}");
    }
    ParseError::Shape { field, reason }
}

fn to_pointer(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;
    let mut pointer = String::new();
    for segment in path {
        match segment {
            Segment::Seq { index } => pointer.push_str(&format!("/{index}")),
            Segment::Map { key } => {
                pointer.push('/');
                pointer.push_str(&key.replace('~', "~0").replace('/', "~1"));
            }
            // A variant of an enum is a member of the JSON object that holds it.
            Segment::Enum { variant } => {
                pointer.push('/');
                pointer.push_str(variant);
            }
            Segment::Unknown => {}
        }
    }
    pointer
}
