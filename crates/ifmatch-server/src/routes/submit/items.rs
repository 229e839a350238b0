//! The items of a submission: one object, a list, or NDJSON.

use crate::body::{self, ParseError};
use crate::problem::Fault;
use http::HeaderMap;
use ifmatch_core::{Intent, IntentError, OrgName};
use serde_json::value::RawValue;
use serde_json::{Value, json};

/// How a body carries its intents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// One object.
    One,
    /// A JSON array.
    List,
    /// One object a line.
    Lines,
}

/// The items of a body, not read yet: each is read when its turn comes.
#[derive(Debug)]
pub(super) struct Items<'a> {
    pub(super) form: Form,
    texts: Vec<&'a [u8]>,
    /// The key of the header, for one object alone.
    key: Option<String>,
    depth_max: usize,
    /// The org that a resource without one is in; none where the caller has several.
    org: Option<OrgName>,
}

impl<'a> Items<'a> {
    pub(super) fn read(
        headers: &HeaderMap,
        body: &'a [u8],
        depth_max: usize,
        org: Option<&OrgName>,
    ) -> Result<Self, Fault> {
        let form = form(headers, body);
        let key = idempotency_key(headers)?;
        if form != Form::One && key.is_some() {
            let reason = "the header names one key for many intents; give each its idempotency_key";
            return Err(Fault::IdempotencyKeyAmbiguous { reason });
        }
        let texts = match form {
            Form::One => vec![body],
            Form::List => {
                // A list may hold items of the full depth.
                let list: Vec<&RawValue> = body::parse(body, depth_max + 1)?;
                list.into_iter().map(|item| item.get().as_bytes()).collect()
            }
            Form::Lines => {
                let lines = body.split(|byte| *byte == b'\n');
                lines.filter(|line| !line.trim_ascii().is_empty()).collect()
            }
        };
        Ok(Self { form, texts, key, depth_max, org: org.cloned() })
    }

    pub(super) fn len(&self) -> usize {
        self.texts.len()
    }

    /// The intents in windows of at most `size`, each with its own fault.
    pub(super) fn windows(&self, size: usize) -> impl Iterator<Item = impl Iterator<Item = Result<Intent, Fault>>> {
        self.texts.chunks(size).map(|texts| texts.iter().map(|text| self.intent(text)))
    }

    /// An intent whose resource names no org, with the only one that it can mean.
    fn in_only_org(&self, text: &[u8]) -> Option<Vec<u8>> {
        let org = self.org.as_ref()?;
        let mut value: Value = serde_json::from_slice(text).ok()?;
        let resource = value.get_mut("resource")?.as_object_mut().filter(|resource| !resource.contains_key("org"))?;
        resource.insert("org".to_owned(), json!(org));
        serde_json::to_vec(&value).ok()
    }

    fn intent(&self, text: &[u8]) -> Result<Intent, Fault> {
        let read = body::parse(text, self.depth_max).or_else(|error| match self.in_only_org(text) {
            Some(text) => body::parse::<Intent>(&text, self.depth_max),
            None => Err(error),
        });
        let mut intent = read.map_err(|error| match error {
            ParseError::Broken(fault) => fault,
            ParseError::Shape { field, reason } => Fault::Intent(IntentError::new("invalid_intent", field, reason)),
        })?;
        match (&intent.idempotency_key, &self.key) {
            (Some(inner), Some(outer)) if inner != outer => {
                let reason = "header and body name different keys";
                return Err(Fault::IdempotencyKeyAmbiguous { reason });
            }
            (None, Some(key)) => intent.idempotency_key = Some(key.clone()),
            (_, _) => {}
        }
        Ok(intent)
    }
}

fn form(headers: &HeaderMap, bytes: &[u8]) -> Form {
    match body::media_type(headers).as_str() {
        "application/x-ndjson" | "application/ndjson" | "application/jsonl" => Form::Lines,
        _ if bytes.trim_ascii_start().first() == Some(&b'[') => Form::List,
        _ => Form::One,
    }
}

/// The `Idempotency-Key` of a request, quoted or bare.
pub(crate) fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>, Fault> {
    let Some(value) = headers.get("idempotency-key") else { return Ok(None) };
    let wrong = |reason: &str| Err(Fault::parameter("Idempotency-Key", reason));
    let Ok(text) = value.to_str() else { return wrong("must be text") };
    let text = text.trim();
    let bare = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text);
    match bare.len() {
        1..=255 => Ok(Some(bare.to_owned())),
        _ => wrong("must have 1 to 255 bytes"),
    }
}

#[cfg(test)]
mod tests {
    //! Behaviour of the reader of submissions.

    use super::*;

    const ONE: &str =
        r#"{"resource": {"org": "acme", "kind": "quality-score", "id": "qs-1"}, "change": {"delete": true}}"#;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect()
    }

    fn intents(headers: &HeaderMap, body: &str) -> Vec<Result<Intent, Fault>> {
        let items = Items::read(headers, body.as_bytes(), 64, None).unwrap();
        items.windows(2).flat_map(Iterator::collect::<Vec<_>>).collect()
    }

    #[test]
    fn the_three_forms_are_told_apart() {
        let plain = headers(&[]);
        assert_eq!(intents(&plain, ONE).len(), 1);
        assert_eq!(intents(&plain, &format!("[{ONE}, {ONE}, 7]")).len(), 3);
        let lines = headers(&[("content-type", "application/x-ndjson; charset=utf-8")]);
        let read = intents(&lines, &format!("{ONE}\r\n\nnot json\n{ONE}\n"));
        let good: Vec<bool> = read.iter().map(Result::is_ok).collect();
        assert_eq!(good, [true, false, true], "a blank line is none, a bad one stops nothing");
    }

    #[test]
    fn the_key_of_the_header_may_be_quoted() {
        for text in ["\"a key\"", "a key"] {
            let read = intents(&headers(&[("idempotency-key", text)]), ONE);
            assert_eq!(read[0].as_ref().unwrap().idempotency_key.as_deref(), Some("a key"));
        }
    }

    #[test]
    fn the_only_org_need_not_be_named() {
        let (plain, acme) = (headers(&[]), OrgName::from("acme"));
        let read = |body: &str, org: Option<&OrgName>| {
            let items = Items::read(&plain, body.as_bytes(), 64, org).unwrap();
            items.windows(1).flat_map(Iterator::collect::<Vec<_>>).next().unwrap()
        };
        let bare = ONE.replace(r#""org": "acme", "#, "");
        assert_eq!(read(&bare, Some(&acme)), read(ONE, None));
        let field = |fault: Fault| match fault {
            Fault::Intent(error) => error.field,
            other => panic!("{other:?}"),
        };
        assert_eq!(field(read(&bare, None).unwrap_err()), "/resource/org");
        let wrong = bare.replace("delete", "remove");
        assert_eq!(field(read(&wrong, Some(&acme)).unwrap_err()), "/change");
        assert!(
            read(&bare.replace("quality-score", "quality-score\", \"org\": \"other"), Some(&acme))
                .unwrap()
                .resource
                .org
                == OrgName::from("other")
        );
    }

    #[test]
    fn one_key_for_many_or_two_for_one_are_ambiguous() {
        let key = headers(&[("idempotency-key", "a")]);
        let many = Items::read(&key, b"[]", 64, None).unwrap_err();
        assert!(matches!(many, Fault::IdempotencyKeyAmbiguous { .. }));
        let keyed = ONE.replacen('{', r#"{"idempotency_key": "b", "#, 1);
        let two = intents(&key, &keyed).remove(0).unwrap_err();
        assert!(matches!(two, Fault::IdempotencyKeyAmbiguous { .. }));
    }
}
