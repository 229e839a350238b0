//! What the table of operations says about an answer, held against every answer that a test gets: status, model, and the code
//! of a refusal.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
};

use serde_json::Value;

use super::model;
use crate::{
    http::Response,
    platform::{
        codes, dispatch,
        operations::{self, Found, Operation},
    },
};

thread_local! {
    static SEEN: RefCell<BTreeMap<&'static str, BTreeSet<u16>>> = const { RefCell::new(BTreeMap::new()) };
}

/// The statuses that this thread has seen each operation answer.
pub(crate) fn seen() -> BTreeMap<&'static str, BTreeSet<u16>> {
    SEEN.with_borrow(Clone::clone)
}

/// Notes an answer. One that is not as documented fails the test.
pub(crate) fn hold(method: &str, path: &str, response: &Response) {
    let Found::Operation(matched) = operations::find(method, path.split('?').next().unwrap_or_default()) else {
        return;
    };
    let found = faults(matched.operation, response);
    assert!(found.is_empty(), "{method} {path} answers {}: {found:#?}", response.status);
    SEEN.with_borrow_mut(|seen| seen.entry(&matched.operation.operation_id).or_default().insert(response.status));
}

/// What is wrong with an answer; nothing when it is as documented.
pub(crate) fn faults(operation: &Operation, response: &Response) -> Vec<String> {
    let body = if response.body.is_empty() { Value::Null } else { response.json().unwrap_or(Value::Null) };
    match response.status {
        501 if !dispatch::is_live(&operation.operation_id) => Vec::new(),
        status if status < 400 => {
            // Every job may be put off, whether its operation says so or not.
            let put_off = status == 202 && operation.path.ends_with("/jobs");
            let mut found = Vec::new();
            if !operation.success_codes.contains(&status) && !put_off {
                found.push(format!("{status} is none of {:?}", operation.success_codes));
            }
            // What a signed address gives has no model.
            if !operation.anonymous {
                found.extend(model::faults(operation, &body));
            }
            found
        }
        status => refusal_faults(operation, status, &body, response.header("ININ-Correlation-Id")),
    }
}

fn refusal_faults(operation: &Operation, status: u16, body: &Value, correlation: Option<&str>) -> Vec<String> {
    let mut found = model::fits_model(body, "ErrorBody");
    let mut must = |good: bool, text: &str| {
        if !good {
            found.push(format!("{text}: {body}"));
        }
    };
    // A server on the way answers for every operation.
    must(operation.codes.contains(&status) || status == 502, "the status is not documented");
    must(body["status"] == status, "the body has another status");
    must(body["contextId"].as_str() == correlation && correlation.is_some(), "the body has another correlation id");
    let code = body["code"].as_str().unwrap_or_default();
    let known = codes::of(operation).get(&status).is_some_and(|codes| codes.contains(&code));
    // Storage behind a signed address and a server on the way have codes of their own.
    let foreign = operation.anonymous || status == 502;
    must(known || foreign, "the code is not documented");
    found
}
