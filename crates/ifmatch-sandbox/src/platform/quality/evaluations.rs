//! Evaluations: read, written over, deleted, asked for.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::{
    create::{check_evaluator, referred},
    forms, show,
};
use crate::{
    api::Reply,
    platform::{
        call::{Call, Share, listing},
        errors,
        models::{Type, check, instant},
    },
    record::{Flat, Kind},
    refusal::{Checked, Refusal},
    target::Target,
};

pub(crate) const SHARE: Share = &[
    ("getQualityConversationEvaluation", read),
    ("putQualityConversationEvaluation", replace),
    ("deleteQualityConversationEvaluation", remove),
    ("getQualityEvaluationsQuery", query),
];

/// Fields that the shared record does not have, with their types.
const MORE: [(&str, Type); 4] =
    [("agentHasRead", Type::Flag), ("neverRelease", Type::Flag), ("rescore", Type::Flag), ("releaseDate", Type::Time)];

const STATUSES: [&str; 5] = ["PENDING", "INPROGRESS", "FINISHED", "INREVIEW", "RETRACTED"];

/// A 400 of quality.
pub(super) fn refused(code: &'static str, message: &str) -> Box<Refusal> {
    Refusal::new(400, code, message)
}

fn missing(id: &str) -> Box<Refusal> {
    let mut refusal = Refusal::new(404, "not.found", "There is no such evaluation of this conversation");
    refusal.entity = Some(id.to_owned());
    refusal
}

fn of_path(found: Option<Arc<Flat>>, call: &Call) -> Checked<Arc<Flat>> {
    let own = found.filter(|score| show::conversation_of(score) == call.param("conversationId"));
    own.ok_or_else(|| missing(call.param("evaluationId")))
}

fn present(target: &Target, call: &Call) -> Checked<Arc<Flat>> {
    of_path(target.flat(Kind::Score, call.param("evaluationId")), call)
}

fn read(target: &mut Target, call: &Call) -> Checked<Reply> {
    let seen = target.scores.get(call.param("evaluationId")).and_then(|history| history.at(call.read_at)).cloned();
    let score = of_path(seen, call)?;
    Ok(call.reply(show::evaluation(target, &score, "EvaluationResponse")))
}

/// Takes over what a body says about the answers and about the rest that can be written.
pub(super) fn answers(
    body: &Map<String, Value>,
    fields: &mut Map<String, Value>,
    more: &mut Map<String, Value>,
) -> Checked<()> {
    if let Some(given) = body.get("answers").filter(|given| !given.is_null()) {
        let checked = check(given, &Type::Model("EvaluationScoringSet".to_owned()), "answers")?;
        let mut set = checked.as_object().cloned().unwrap_or_default();
        if let Some(total) = set.remove("totalScore") {
            fields.insert("score".to_owned(), total_score(&total)?);
        }
        if let Some(comments) = set.remove("comments") {
            fields.insert("comments".to_owned(), comments);
        }
        let held = more.entry("answers").or_insert_with(|| json!({}));
        held.as_object_mut().into_iter().for_each(|held| held.extend(set.clone()));
        if held.as_object().is_some_and(Map::is_empty) {
            more.remove("answers");
        }
    }
    for (name, kind) in MORE {
        if let Some(given) = body.get(name).filter(|given| !given.is_null()) {
            more.insert(name.to_owned(), check(given, &kind, name)?);
        }
    }
    if let Some(assignee) = referred(body, "assignee") {
        more.insert("assignee".to_owned(), json!(assignee));
    }
    match body.get("status").filter(|status| !status.is_null()) {
        None => Ok(()),
        Some(status) if STATUSES.iter().any(|one| status == one) => {
            more.insert("status".to_owned(), status.clone());
            Ok(())
        }
        Some(_) => Err(errors::bad_request("status is none of an evaluation's")),
    }
}

/// A score from 0 to 100, a whole one as a whole number.
fn total_score(total: &Value) -> Checked<Value> {
    match total.as_f64() {
        Some(score) if score.fract() == 0.0 && (0.0..=100.0).contains(&score) => Ok(json!(score as i64)),
        Some(score) if (0.0..=100.0).contains(&score) => Ok(total.clone()),
        _ => Err(errors::bad_request("answers.totalScore is a number from 0 to 100")),
    }
}

/// PUT: whatever stands there, this is written over it.
fn replace(target: &mut Target, call: &Call) -> Checked<Reply> {
    let old = present(target, call)?;
    let (id, body) = (call.param("evaluationId"), call.object()?);
    let path = Kind::Score.path(id);
    target.check_lock(call, &path)?;
    let differs = |name: &str, own: &str| referred(body, name).is_some_and(|given| given != own);
    if body.get("id").and_then(Value::as_str).is_some_and(|given| given != id) {
        return Err(refused("quality.evaluation.cannot.change.evaluationid", "The id cannot be changed"));
    }
    if differs("evaluationForm", &forms::id_of(old.text("evaluation_form"))) {
        return Err(refused("quality.evaluation.cannot.change.evaluation.form", "The form cannot be changed"));
    }
    if differs("conversation", show::conversation_of(&old)) {
        return Err(refused("quality.evaluation.cannot.change.conversation", "The conversation cannot be changed"));
    }
    if differs("agent", old.text("agent_id")) {
        return Err(errors::bad_request("The agent cannot be changed"));
    }
    let (mut fields, mut more) = (old.fields.clone(), old.more.clone());
    answers(body, &mut fields, &mut more)?;
    if differs("evaluator", &show::evaluator_of(&old)) {
        let evaluator = referred(body, "evaluator").unwrap_or_default();
        check_evaluator(target, call, evaluator)?;
        more.insert("evaluator".to_owned(), json!(evaluator));
    }
    let status = more.get("status").and_then(Value::as_str).unwrap_or("FINISHED");
    if status == "PENDING" && show::status_of(&old) != "PENDING" {
        let code = "quality.evaluation.invalid.state.non.pending.to.pending";
        return Err(refused(code, "What has begun does not wait again"));
    }
    if status == "FINISHED" && fields["score"].is_null() {
        return Err(refused("quality.evaluation.no.answers.for.state", "What is finished has answers"));
    }
    target.check_constraints(&call.as_shared(), &path)?;
    target.silence_flat(&call.as_shared(), Kind::Score, id, &mut fields);
    if target.commit_changed_flat(call.now, Kind::Score, id, (fields, more), &call.writer) {
        target.tell_evaluation(call.now, id, "Updated");
    }
    let score = present(target, call)?;
    Ok(call.reply(show::evaluation(target, &score, "EvaluationResponse")))
}

fn remove(target: &mut Target, call: &Call) -> Checked<Reply> {
    let old = present(target, call)?;
    let id = call.param("evaluationId");
    target.check_lock(call, &Kind::Score.path(id))?;
    let shown = show::evaluation(target, &old, "EvaluationResponse");
    target.tell_evaluation(call.now, id, "Deleted");
    target.delete_score(call.now, id, &call.writer);
    Ok(call.reply(shown))
}

fn query(target: &mut Target, call: &Call) -> Checked<Reply> {
    let wanted = |name: &str, own: &str| call.query(name).is_none_or(|wanted| wanted == own);
    let one_of = ["conversationId", "agentUserId", "evaluatorUserId", "assigneeUserId", "agentTeamId"];
    if one_of.iter().all(|name| call.query(name).is_none()) {
        let code = "quality.query.spec.one.of.agent.or.evaluator.or.assignee.or.conversation.or.team";
        return Err(refused(code, "A query names a conversation, an agent, an evaluator, an assignee or a team"));
    }
    let bound = |name: &str| match call.query(name) {
        None => Ok(None),
        Some(text) => instant(text).map(Some).ok_or_else(|| errors::bad_query(name)),
    };
    let (from, until) = (bound("startTime")?, bound("endTime")?);
    let states = call.query_list("evaluationState");
    let seen = target.scores.values().filter_map(|history| history.at(call.read_at));
    let found = seen.filter(|score| {
        let at = instant(score.text("reviewed_at")).unwrap_or(score.meta.at);
        wanted("conversationId", show::conversation_of(score))
            && wanted("agentUserId", score.text("agent_id"))
            && wanted("evaluatorUserId", &show::evaluator_of(score))
            && wanted("assigneeUserId", show::more(score, "assignee").as_str().unwrap_or_default())
            && wanted("formContextId", &forms::context_of(score.text("evaluation_form")))
            && call.query("agentTeamId").is_none()
            && (states.is_empty() || states.iter().any(|state| state.eq_ignore_ascii_case(show::status_of(score))))
            && from.is_none_or(|from| at >= from)
            && until.is_none_or(|until| at <= until)
    });
    let mut found: Vec<&Arc<Flat>> = found.collect();
    found.sort_by(|a, b| (a.text("reviewed_at"), a.text("id")).cmp(&(b.text("reviewed_at"), b.text("id"))));
    if call.query("sortOrder").is_some_and(|order| order.to_lowercase().starts_with("desc")) {
        found.reverse();
    }
    let entities = found.into_iter().map(|score| show::evaluation(target, score, "Evaluation")).collect();
    Ok(call.reply(listing(call, entities)?))
}

impl Target {
    /// Puts out the notice of an evaluation as it stands.
    pub(super) fn tell_evaluation(&mut self, now: i64, id: &str, event: &str) {
        if let Some(score) = self.flat(Kind::Score, id) {
            let body = show::notice(self, &score, now, event);
            self.notify(now, "v2.quality.evaluations".to_owned(), body);
        }
    }
}
