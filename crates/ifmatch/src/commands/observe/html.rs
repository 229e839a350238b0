//! The report as one HTML page that needs nothing else.

use super::words::{HEADINGS, cells, findings, headline, sentences, sheets, sum};
use crate::output::field;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use serde_json::Value;

const STYLE: &str = "
:root { color-scheme: light dark; --line: #8886; }
body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 76rem; padding: 0 1rem; }
h1 { font-size: 1.4rem; } h2 { font-size: 1.2rem; margin-top: 2.5rem; }
.table { overflow-x: auto; } table { border-collapse: collapse; width: 100%; font-size: .85rem; }
th, td { border-bottom: 1px solid var(--line); padding: .35rem .6rem; text-align: left; vertical-align: top; }
td { overflow-wrap: anywhere; }
";

/// The page of a week. What somebody wrote into a record is no markup.
pub(super) fn page(report: &Value, week: &str) -> String {
    let heading = format!("Observed in week {week}");
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (heading) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                main {
                    h1 { (heading) }
                    @if sheets(report).is_empty() { p { "Nothing was observed." } }
                    @for sheet in sheets(report) { (section(report, sheet)) }
                }
            }
        }
    };
    page.into_string()
}

fn section(report: &Value, sheet: &Value) -> Markup {
    let clients = sheet["clients"].as_array().into_iter().flatten().filter(|client| client["client"].is_string());
    let clients: Vec<Vec<String>> = clients
        .map(|client| {
            let sums = ["lost_edits", "not_seen", "conflicts", "loop_requests", "requests"];
            std::iter::once(field(client, "/client")).chain(sums.map(|name| sum(client, name).to_string())).collect()
        })
        .collect();
    let lost: Vec<Vec<String>> = findings(sheet, "lost").map(|finding| cells(finding).to_vec()).collect();
    let unseen = findings(sheet, "not_seen").map(|finding| {
        let [at, record, .., versions] = cells(finding);
        vec![at, record, versions]
    });
    let unseen: Vec<Vec<String>> = unseen.collect();
    html! {
        section {
            h2 { (headline(report, sheet)) }
            ul { @for sentence in sentences(sheet) { li { (sentence) } } }
            @if !clients.is_empty() {
                (table(&["client", "erased", "may have erased", "conflicts", "cost of loops", "requests"], &clients))
            }
            @if !lost.is_empty() { (table(&HEADINGS, &lost)) }
            @if !unseen.is_empty() {
                details {
                    summary { "Writes that may have erased something" }
                    (table(&["when", "record", "versions"], &unseen))
                }
            }
        }
    }
}

fn table(headings: &[&str], rows: &[Vec<String>]) -> Markup {
    html! {
        div.table tabindex="0" {
            table {
                thead { tr { @for heading in headings { th scope="col" { (heading) } } } }
                tbody { @for row in rows { tr { @for cell in row { td { (cell) } } } } }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    //! Behaviour of the page.

    use super::*;
    use serde_json::json;

    #[test]
    fn a_value_from_outside_is_no_markup() {
        let finding = json!({"known": "lost", "at": "2026-11-20T10:00:00Z", "kind": "quality-score", "record": "qs-1",
            "path": "/comments", "before": "<script>alert(1)</script>", "written": "\"x\"", "over": 3, "version": 4});
        let sheet = json!({"org": "acme", "source": "a<b", "week": "2026-W47", "sums": {"lost_edits": 1}, "clients": [],
            "findings": [finding], "fallen": 0});
        let page = page(&json!({"week": "2026-W47", "sheets": [sheet]}), "2026-W47");
        assert!(!page.contains("<script>") && page.contains("&lt;script&gt;") && page.contains("a&lt;b"), "{page}");
        assert!(page.contains("This week a&lt;b erased 1 edit of somebody else; here it is."), "{page}");
        assert!(!page.contains("src=") && !page.contains("href="), "the page needs nothing else");
    }
}
