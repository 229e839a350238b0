//! A new evaluation. It is the one write of this API that can name itself, by the header `Idempotency-Key`.

use serde_json::{Map, Value, json};

use super::{
    evaluations::{answers, refused},
    forms, show,
};
use crate::{
    api::Reply,
    platform::{
        call::{Call, Share},
        errors,
        schedules::read::BusinessUnit,
    },
    record::{Flat, Kind},
    refusal::Checked,
    target::Target,
    time::{format_instant, local_date},
};

pub(crate) const SHARE: Share = &[("postQualityConversationEvaluations", create)];

fn create(target: &mut Target, call: &Call) -> Checked<Reply> {
    let Some(key) = &call.idempotency_key else {
        return Ok(call.reply(created(target, call)?));
    };
    if !is_uuid(key) {
        return Err(refused("constraint.validation", "The header Idempotency-Key has to be a UUID"));
    }
    let place = (call.writer.client_id.clone(), call.param("conversationId").to_owned(), key.to_lowercase());
    if let Some(first) = target.platform.evaluations.get(&place) {
        return Ok(call.reply(first.clone()));
    }
    let answer = created(target, call)?;
    target.platform.evaluations.insert(place, answer.clone());
    Ok(call.reply(answer))
}

/// Five groups of hexadecimal digits.
fn is_uuid(text: &str) -> bool {
    let lengths = text.split('-').map(|group| group.chars().filter(char::is_ascii_hexdigit).count());
    text.len() == 36 && lengths.eq([8, 4, 4, 4, 12])
}

/// The id of a reference in the body.
pub(super) fn referred<'b>(body: &'b Map<String, Value>, name: &str) -> Option<&'b str> {
    body.get(name)?.get("id")?.as_str()
}

fn created(target: &mut Target, call: &Call) -> Checked<Value> {
    let (body, conversation) = (call.object()?, call.param("conversationId"));
    let agent = referred(body, "agent")
        .ok_or_else(|| refused("qm.evaluation.create.error.no.agent", "The evaluation names no agent"))?;
    let evaluator = referred(body, "evaluator")
        .ok_or_else(|| refused("qm.evaluation.create.error.no.evaluator", "The evaluation names no evaluator"))?;
    let email = target.agents.email(agent).map(str::to_owned);
    let email =
        email.ok_or_else(|| refused("quality.evaluation.agent.doesnt.exist", "There is no agent with this id"))?;
    check_evaluator(target, call, evaluator)?;
    let form = referred(body, "evaluationForm").and_then(|id| forms::name_of(target, id));
    let form = form
        .ok_or_else(|| refused("quality.evaluation.form.doesnt.exist", "There is no evaluation form with this id"))?;
    let zone = BusinessUnit::of(target, &target.home_units().0).time_zone;
    let mut fields = Map::new();
    let mut put = |name: &str, value: Value| drop(fields.insert(name.to_owned(), value));
    put("agent_id", json!(agent));
    put("agent_email", json!(email));
    put("evaluation_form", json!(form));
    put("correlation_id", json!(conversation));
    put("score", Value::Null);
    put("comments", json!(""));
    put("reviewed_at", json!(format_instant(call.now)));
    put("review_date", json!(local_date(call.now, &zone)));
    put("time_zone", json!(zone));
    let mut more = Map::new();
    more.insert("evaluator".to_owned(), json!(evaluator));
    more.insert("createdDate".to_owned(), json!(format_instant(call.now)));
    answers(body, &mut fields, &mut more)?;
    let status = body.get("status").and_then(Value::as_str);
    if status == Some("FINISHED") && fields["score"].is_null() {
        return Err(refused("quality.evaluation.no.answers.for.finished.state", "What is finished has answers"));
    }
    let default = if fields["score"].is_null() { "PENDING" } else { "FINISHED" };
    more.entry("status").or_insert_with(|| json!(default));
    let again = |score: &Flat| {
        show::conversation_of(score) == conversation
            && score.text("agent_id") == agent
            && score.text("evaluation_form") == form
    };
    if target.scores.values().any(|history| again(history.current())) {
        return Err(refused("quality.evaluation.already.exists", "The agent is evaluated already, by this form"));
    }
    let id = target.platform_id();
    fields.insert("id".to_owned(), json!(id));
    target.check_constraints(&call.as_shared(), &Kind::Score.path(&id))?;
    target.silence_flat(&call.as_shared(), Kind::Score, &id, &mut fields);
    target.commit_whole_flat(call.now, Kind::Score, &id, (fields, more), &call.writer);
    target.tell_evaluation(call.now, &id, "Created");
    let score = target.flat(Kind::Score, &id).ok_or_else(|| errors::not_found("evaluation", &id))?;
    Ok(show::evaluation(target, &score, "Evaluation"))
}

/// An evaluator is a user: an agent, or who calls.
pub(super) fn check_evaluator(target: &Target, call: &Call, id: &str) -> Checked<()> {
    let known = target.agents.email(id).is_some() || call.writer.id == id || call.user.as_deref() == Some(id);
    match known {
        true => Ok(()),
        false => Err(refused("quality.evaluation.evaluator.doesnt.exist", "There is no evaluator with this id")),
    }
}
