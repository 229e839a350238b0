//! The report for people: two lines per incident, losses where they are seen.

use super::figures::Figures;
use super::run::{Played, Report};
use super::wish::End;
use comfy_table::{Cell, CellAlignment, ContentArrangement, Table, presets};

const HEADINGS: [&str; 12] = [
    "incident",
    "strategy",
    "wishes",
    "landed",
    "settled",
    "review",
    "given up",
    "lost edits",
    "duplicates",
    "requests",
    "early",
    "time",
];

/// The table and a line per promise.
pub(crate) fn table(report: &Report) -> String {
    let mut table = Table::new();
    table
        .load_preset(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Disabled)
        .set_header(HEADINGS.map(Cell::new));
    for played in &report.incidents {
        for row in rows(played) {
            table.add_row(row);
        }
    }
    for (place, column) in table.column_iter_mut().enumerate() {
        column.set_padding((0, 2));
        if place > 1 {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    let mut lines: Vec<String> = table.lines().map(|line| line.trim_end().to_owned()).collect();
    lines.push(String::new());
    for played in report.incidents.iter().filter(|played| !played.doors.is_empty()) {
        let doors = played.doors.iter().map(|(door, count)| format!("{count} by {}", door.replace('_', " ")));
        lines.push(format!("{}: {}", played.incident.id(), doors.collect::<Vec<_>>().join(", ")));
    }
    for promise in &report.promises {
        let mark = if promise.broken.is_empty() { "held  " } else { "BROKEN" };
        lines.push(format!("{} {mark}  {}", promise.id, promise.text));
        lines.extend(promise.broken.iter().take(3).map(|case| format!("             {case}")));
        if promise.broken.len() > 3 {
            lines.push(format!("             and {} more", promise.broken.len() - 3));
        }
    }
    lines.push(String::new());
    lines.push(format!("seed {}, {:.0} s; time is that of the scenario", report.seed, report.took.as_secs_f64()));
    lines.join("\n")
}

fn rows(played: &Played) -> [Vec<String>; 2] {
    let head = played.incident.id().to_owned();
    [row(head, &played.naive), row(played.incident.title().to_owned(), &played.ours)]
}

fn row(head: String, figures: &Figures) -> Vec<String> {
    let settled = [End::Satisfied, End::Superseded, End::Rejected, End::Expired, End::Cancelled];
    let settled: usize = settled.into_iter().map(|end| figures.count(end)).sum();
    let given_up = figures.count(End::Discarded) + figures.count(End::Pending);
    vec![
        head,
        figures.name.to_owned(),
        figures.intents.to_string(),
        figures.count(End::Landed).to_string(),
        settled.to_string(),
        figures.count(End::Review).to_string(),
        given_up.to_string(),
        figures.lost_edits.to_string(),
        figures.duplicates.to_string(),
        figures.requests.to_string(),
        figures.early.to_string(),
        time(figures.seconds),
    ]
}

/// Minutes and seconds, hours where it takes them.
fn time(seconds: f64) -> String {
    let whole = seconds.round() as u64;
    match whole {
        3600.. => format!("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60),
        _ => format!("{}:{:02}", whole / 60, whole % 60),
    }
}
