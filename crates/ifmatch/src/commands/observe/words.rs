//! The report in words.

use crate::output::{self, field, one_line};
use serde_json::Value;
use std::fmt::Write as _;

/// The sheets of a report.
pub(super) fn sheets(report: &Value) -> &[Value] {
    report["sheets"].as_array().map_or(&[], Vec::as_slice)
}

/// A sum of a sheet, or of one client in it.
pub(super) fn sum(of: &Value, name: &str) -> u64 {
    of["sums"][name].as_u64().unwrap_or_default()
}

/// What a source did, in one sentence.
pub(super) fn headline(report: &Value, sheet: &Value) -> String {
    let week = field(sheet, "/week");
    let when = if report["week"] == week.as_str() { "This week".to_owned() } else { format!("In week {week}") };
    let source = field(sheet, "/source");
    match sum(sheet, "lost_edits") {
        0 => format!("{when} {source} erased no edit of anybody else."),
        1 => format!("{when} {source} erased 1 edit of somebody else; here it is."),
        many => format!("{when} {source} erased {many} edits of other people; here they are."),
    }
}

/// What else is to be said of a source, a sentence each.
pub(super) fn sentences(sheet: &Value) -> Vec<String> {
    let of = |name: &str| sum(sheet, name);
    let mut all = vec![format!(
        "{} were forwarded: {}, {}, of which {} took effect.",
        count(of("requests"), "request"),
        count(of("reads"), "read"),
        count(of("writes"), "write"),
        of("taken") + of("landed_unseen")
    )];
    if of("not_seen") > 0 {
        let many = count(of("not_seen"), "accepted write");
        all.push(format!(
            "{many} may have erased something: what stood there before did not go by. Not counted above."
        ));
    }
    let conflicts = of("conflicts");
    if conflicts > 0 {
        let (merge, person) = (of("conflicts_merge"), of("conflicts_person"));
        let unknown = conflicts.saturating_sub(merge + person);
        let many = count(conflicts, "write");
        let of_the_rest = if unknown > 0 { format!(", of {unknown} it is not known") } else { String::new() };
        all.push(format!(
            "{many} met a conflict: {merge} would have merged without loss, {person} needed a person{of_the_rest}."
        ));
    }
    let repeats = [
        ("repeats_blind", "although the target had taken it"),
        ("repeats_after_silence", "after no answer"),
        ("repeats_after_conflict", "after a conflict"),
        ("repeats_after_refusal", "after another refusal"),
    ];
    let repeats: Vec<String> = repeats
        .into_iter()
        .filter(|(name, _)| of(name) > 0)
        .map(|(name, when)| format!("{} {when}", of(name)))
        .collect();
    if !repeats.is_empty() {
        all.push(format!("Sent again: {}.", repeats.join(", ")));
    }
    if of("loop_requests") > 0 {
        let (requests, throttled) = (count(of("loop_requests"), "request"), of("loop_throttled"));
        all.push(format!("Its loops cost {requests} beyond the first sending; {throttled} of them were answered 429."));
    }
    if of("throttled") > 0 {
        all.push(format!("{} were answered 429.", count(of("throttled"), "request")));
    }
    if of("unread") + of("unknown") > 0 {
        all.push(format!(
            "Not understood, and forwarded: {} with a body that is too large or unreadable, {} to routes without a known meaning.",
            count(of("unread"), "exchange"),
            count(of("unknown"), "write")
        ));
    }
    match sheet["fallen"].as_u64().unwrap_or_default() {
        0 => {}
        fallen => all.push(format!("{} are not listed: only the newest are kept.", count(fallen, "older finding"))),
    }
    all
}

fn count(number: u64, what: &str) -> String {
    if number == 1 { format!("1 {what}") } else { format!("{number} {what}s") }
}

/// The findings of a sheet that are sure, or those that are not.
pub(super) fn findings<'v>(sheet: &'v Value, known: &'v str) -> impl Iterator<Item = &'v Value> {
    sheet["findings"].as_array().into_iter().flatten().filter(move |finding| finding["known"] == known)
}

pub(super) const HEADINGS: [&str; 7] =
    ["when", "record", "path", "erased", "written by the client", "whose", "versions"];

/// A finding in the columns of [`HEADINGS`].
pub(super) fn cells(finding: &Value) -> [String; 7] {
    let value = |name: &str| finding.get(name).map_or_else(|| "nothing".to_owned(), Value::to_string);
    let whose = Some(field(finding, "/by")).filter(|by| !by.is_empty()).unwrap_or_else(|| "somebody else".to_owned());
    [
        field(finding, "/at"),
        format!("{} {}", field(finding, "/kind"), field(finding, "/record")),
        field(finding, "/path"),
        value("before"),
        value("written"),
        whose,
        format!("{} → {}", field(finding, "/over"), field(finding, "/version")),
    ]
}

/// The whole report.
pub(super) fn text(report: &Value, week: &str) -> String {
    if sheets(report).is_empty() {
        return format!("Nothing was observed in week {week}.");
    }
    let mut text = String::new();
    for sheet in sheets(report) {
        writeln!(text, "{}", headline(report, sheet)).expect("a text takes text");
        for sentence in sentences(sheet) {
            writeln!(text, "  {sentence}").expect("a text takes text");
        }
        for client in sheet["clients"].as_array().into_iter().flatten().filter(|client| client["client"].is_string()) {
            let (name, lost, requests) = (field(client, "/client"), sum(client, "lost_edits"), sum(client, "requests"));
            writeln!(text, "  client {name}: {lost} erased, {}", count(requests, "request"))
                .expect("a text takes text");
        }
        let rows: Vec<Vec<String>> =
            findings(sheet, "lost").map(|finding| cells(finding).map(|cell| one_line(&cell, 60)).to_vec()).collect();
        if !rows.is_empty() {
            writeln!(text, "\n{}", output::table(&HEADINGS, rows)).expect("a text takes text");
        }
        text.push('\n');
    }
    text
}
