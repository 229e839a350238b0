//! What a preset says where a description says nothing.

use super::description::{
    Description, PreconditionPlace, Preset, RateHeaders, Sent, Spelling, VersionPlace, WriteMethod,
};

/// A description with everything that its preset says filled in.
pub(super) fn filled(mut given: Description) -> Description {
    match given.preset {
        Some(Preset::ServicenowTable) => servicenow(&mut given),
        Some(Preset::ZendeskTicket) => zendesk(&mut given),
        Some(Preset::Etag) | None => {}
    }
    given
}

/// The Table API counts changes in `sys_mod_count` and looks at no version. It leaves out a part of a query that it does not
/// understand, so what a look-up finds is compared with the key again.
fn servicenow(given: &mut Description) {
    set(&mut given.id, "sys_id");
    set(&mut given.record, "/result");
    set(&mut given.query, "sysparm_exclude_reference_link=true");
    set(&mut given.modified_at, "/sys_updated_on");
    set(&mut given.modified_by, "/sys_updated_by");
    given.version.get_or_insert_with(|| VersionPlace::Count("/sys_mod_count".to_owned()));
    given.precondition.get_or_insert(PreconditionPlace::None);
    given.spelling.get_or_insert(Spelling::Text);
    let Some(table) = given.path.as_ref().and_then(|path| path.strip_suffix("/{id}")).map(str::to_owned) else {
        return;
    };
    if !given.key.is_empty() {
        let terms: Vec<String> = given.key.iter().map(|field| format!("{field}={{{field}}}")).collect();
        let query = format!("{table}?sysparm_query={}&sysparm_limit=10", terms.join("^"));
        given.lookup.get_or_insert(query);
        given.create.get_or_insert(table);
    }
}

/// A ticket takes a PUT of what changes, and refuses it where `updated_stamp` is not the time of its last update.
fn zendesk(given: &mut Description) {
    set(&mut given.path, "/api/v2/tickets/{id}.json");
    set(&mut given.wrap, "ticket");
    set(&mut given.record, "/ticket");
    set(&mut given.modified_at, "/updated_at");
    given.write.get_or_insert(WriteMethod::Put);
    given.sends.get_or_insert(Sent::Changes);
    given.version.get_or_insert_with(|| VersionPlace::Stamp("/updated_at".to_owned()));
    given.precondition.get_or_insert_with(|| PreconditionPlace::Body {
        at: "/ticket/updated_stamp".to_owned(),
        flag: Some("/ticket/safe_update".to_owned()),
    });
    given.rate.get_or_insert_with(|| RateHeaders {
        limit: "x-rate-limit".to_owned(),
        remaining: "x-rate-limit-remaining".to_owned(),
        reset: "ratelimit-reset".to_owned(),
        reset_is_instant: false,
    });
    if !given.key.is_empty() {
        let terms: Vec<String> = given.key.iter().map(|field| format!("{field}:{{{field}}}")).collect();
        set(&mut given.lookup, &format!("/api/v2/search.json?query=type:ticket {}", terms.join(" ")));
        set(&mut given.records, "/results");
        set(&mut given.create, "/api/v2/tickets.json");
    }
}

fn set(field: &mut Option<String>, value: &str) {
    field.get_or_insert_with(|| value.to_owned());
}
