//! An evaluation as the vendor shows it, and the notice of its change.

use serde_json::{Map, Value, json};

use super::forms;
use crate::{
    platform::{call::user_reference, models, users::name_of},
    record::{Flat, Writer},
    target::Target,
    time::{format_instant, parse_instant},
};

/// The conversation that a score is about.
pub(crate) fn conversation_of(score: &Flat) -> &str {
    let own = score.text("correlation_id");
    if own.is_empty() { score.text("id") } else { own }
}

/// A field that only this API knows; `null` when it is absent.
pub(crate) fn more<'s>(score: &'s Flat, name: &str) -> &'s Value {
    score.more.get(name).unwrap_or(&Value::Null)
}

/// The state of an evaluation. A score that never was anything else is finished.
pub(crate) fn status_of(score: &Flat) -> &str {
    more(score, "status").as_str().unwrap_or("FINISHED")
}

/// Who evaluated. A score that names nobody is the system's.
pub(crate) fn evaluator_of(score: &Flat) -> String {
    more(score, "evaluator").as_str().map_or_else(|| Writer::system().id, str::to_owned)
}

/// When it was created: that of a score is when the review was.
fn created(score: &Flat) -> Value {
    let own = more(score, "createdDate");
    if own.is_null() { reviewed(score) } else { own.clone() }
}

fn reviewed(score: &Flat) -> Value {
    let at = parse_instant(score.text("reviewed_at"));
    json!(format_instant(at.unwrap_or(score.meta.at)))
}

fn user(target: &Target, id: &str) -> Value {
    target.user_json(id).unwrap_or_else(|| {
        let mut known = user_reference(id);
        known["version"] = json!(1);
        known
    })
}

/// `Evaluation` or `EvaluationResponse`.
pub(crate) fn evaluation(target: &Target, score: &Flat, model: &str) -> Value {
    let (id, conversation, form) = (score.text("id"), conversation_of(score), score.text("evaluation_form"));
    let mut answers = more(score, "answers").as_object().cloned().unwrap_or_default();
    let given = score.fields.get("score").filter(|given| !given.is_null());
    if let Some(given) = given {
        answers.insert("totalScore".to_owned(), given.clone());
    }
    answers.insert("comments".to_owned(), json!(score.text("comments")));
    let mut shown = score.more.clone();
    let mut put = |name: &str, value: Value| drop(shown.insert(name.to_owned(), value));
    put("id", json!(id));
    put("name", json!(form));
    put("conversation", json!({"id": conversation, "selfUri": format!("/api/v2/conversations/{conversation}")}));
    put("evaluationForm", forms::show(form));
    put("evaluator", user(target, &evaluator_of(score)));
    put("agent", user(target, score.text("agent_id")));
    put("status", json!(status_of(score)));
    put("answers", if given.is_none() && answers.len() < 2 { Value::Null } else { Value::Object(answers) });
    put("createdDate", created(score));
    put("changedDate", json!(format_instant(score.meta.at)));
    put("conversationDate", reviewed(score));
    put("version", json!(1));
    put("selfUri", json!(format!("/api/v2/quality/conversations/{conversation}/evaluations/{id}")));
    if let Some(assignee) = more(score, "assignee").as_str() {
        put("assignee", user(target, assignee));
    }
    models::retain(model, &mut shown);
    Value::Object(shown)
}

/// What the notice of a change says.
pub(crate) fn notice(target: &Target, score: &Flat, now: i64, event: &str) -> Value {
    let person = |id: &str| {
        let mut shown = Map::new();
        shown.insert("id".to_owned(), json!(id));
        if let Some(email) = target.agents.email(id) {
            shown.insert("displayName".to_owned(), json!(name_of(email)));
        }
        Value::Object(shown)
    };
    let status = match status_of(score) {
        "PENDING" => "Pending",
        "INPROGRESS" => "InProgress",
        "INREVIEW" => "InReview",
        "RETRACTED" => "Retracted",
        _ => "Finished",
    };
    let form = score.text("evaluation_form");
    let mut body = json!({
        "id": score.text("id"), "conversationId": conversation_of(score), "agent": person(score.text("agent_id")),
        "evaluator": person(&evaluator_of(score)), "eventTime": format_instant(now), "evaluationFormId": forms::id_of(form),
        "formName": form, "contextId": forms::context_of(form), "status": status,
        "changedDate": format_instant(score.meta.at), "eventType": event, "version": 1,
    });
    if let Some(total) = score.fields.get("score").and_then(Value::as_f64) {
        // The model has whole numbers here; a score is at most 100.
        body["scoringSet"] = json!({"totalScore": total.round() as i64});
    }
    body
}
