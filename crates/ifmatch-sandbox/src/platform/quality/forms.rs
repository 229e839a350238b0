//! Evaluation forms: each name that a score has is a form, published once.

use serde_json::{Value, json};

use crate::{
    api::Reply,
    platform::call::{Call, Share, listing},
    refusal::{Checked, Refusal},
    rng::uuid_of,
    target::Target,
    world::FORMS,
};

pub(crate) const SHARE: Share = &[
    ("getQualityForms", list),
    ("getQualityFormsEvaluations", list),
    ("getQualityPublishedforms", list),
    ("getQualityPublishedformsEvaluations", list),
    ("getQualityForm", read),
    ("getQualityFormsEvaluation", read),
    ("getQualityPublishedform", read),
    ("getQualityPublishedformsEvaluation", read),
];

/// The names of all forms.
fn names(target: &Target) -> Vec<String> {
    let used = target.scores.values().map(|history| history.current().text("evaluation_form").to_owned());
    let mut names: Vec<String> = FORMS.iter().map(|name| (*name).to_owned()).chain(used).collect();
    names.sort();
    names.dedup();
    names
}

/// The id of a form.
pub(crate) fn id_of(name: &str) -> String {
    uuid_of(&format!("evaluation-form/{name}"))
}

/// What all versions of a form share.
pub(crate) fn context_of(name: &str) -> String {
    uuid_of(&format!("evaluation-form-context/{name}"))
}

/// The name of the form with this id.
pub(crate) fn name_of(target: &Target, id: &str) -> Option<String> {
    names(target).into_iter().find(|name| id_of(name) == id)
}

/// A form. It has no questions: a score is a number.
pub(crate) fn show(name: &str) -> Value {
    let id = id_of(name);
    json!({
        "id": id, "name": name, "published": true, "contextId": context_of(name), "questionGroups": [],
        "latestVersionFormName": name,
        "selfUri": format!("/api/v2/quality/publishedforms/evaluations/{id}"),
    })
}

fn list(target: &mut Target, call: &Call) -> Checked<Reply> {
    let wanted = call.query("name").map(str::to_lowercase);
    let named = names(target).into_iter();
    let named = named.filter(|name| wanted.as_ref().is_none_or(|wanted| name.to_lowercase().contains(wanted)));
    let forms = named.map(|name| show(&name)).collect();
    Ok(call.reply(listing(call, forms)?))
}

fn read(target: &mut Target, call: &Call) -> Checked<Reply> {
    let found = name_of(target, call.param("formId"));
    let name = found.ok_or_else(|| Refusal::new(404, "not.found", "There is no evaluation form with this id"))?;
    Ok(call.reply(show(&name)))
}
