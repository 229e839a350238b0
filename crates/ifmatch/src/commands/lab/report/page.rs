//! The page: one file, nothing from elsewhere, both colour schemes, readable on a phone.

use super::Plot;
use super::canvas::{NAMED, inline};
use super::findings::short;
use crate::commands::lab::summary::ratio;
use crate::commands::lab::table;
use ifmatch_sim::lab::{Comparison, Figures, entry};
use maud::{DOCTYPE, Markup, PreEscaped, html};

const STYLE: &str = include_str!("page.css");

pub(super) fn page(compared: &Comparison, plots: &[Plot]) -> Markup {
    let heading = format!("{}: {}", compared.scenario, compared.title);
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (heading) }
                style { (PreEscaped(format!("{STYLE}{}", paints()))) }
            }
            body {
                main {
                    h1 { (heading) }
                    p.lead { (numbers(compared)) }
                    @for plot in plots {
                        figure {
                            div.wide { (PreEscaped(inline(&plot.wide, &plot.title))) }
                            div.narrow { (PreEscaped(inline(&plot.narrow, &plot.title))) }
                        }
                    }
                    h2 { "All figures" }
                    div.scroll { (figures(compared)) }
                    (bound(compared))
                    h2 { "The strategies" }
                    (strategies(compared))
                    h2 { "How it was made" }
                    p {
                        "Every strategy met the same changes, the same edits of people and the same locks, in virtual time. Seeds "
                        (compared.first_seed) " to " (compared.first_seed + compared.seeds.saturating_sub(1))
                        "; the same seeds give the same figures. The curve over time shows the first seed."
                    }
                }
            }
        }
    }
}

fn numbers(compared: &Comparison) -> String {
    if compared.numbers.is_empty() { String::new() } else { format!("Stands for: {}.", compared.numbers) }
}

/// The plots' colours follow the page's scheme.
fn paints() -> String {
    let rules = NAMED.iter().map(|(colour, name)| {
        let hex = format!("#{:02X}{:02X}{:02X}", colour.0, colour.1, colour.2);
        format!("svg [fill=\"{hex}\"]{{fill:var(--{name})}}svg [stroke=\"{hex}\"]{{stroke:var(--{name})}}")
    });
    rules.collect()
}

fn figures(compared: &Comparison) -> Markup {
    html! {
        table {
            thead { tr {
                th { "strategy" } th { "intents" } th { "landed" } th { "lost edits" } th { "duplicates" }
                th { "visible to callers" } th { "first tries refused" } th { "requests" } th { "per landed" }
                th { "× bound" } th { "429" } th { "early" } th { "seconds" } th { "other ends" }
            } }
            tbody { @for one in &compared.strategies { (line(one)) } }
        }
    }
}

fn line(one: &Figures) -> Markup {
    html! {
        tr.ours[one.name == "ifmatch"] {
            th { (one.name) }
            td { (one.intents) } td { (one.landed) }
            td.bad[one.lost_edits > 0] { (one.lost_edits) }
            td.bad[one.duplicates > 0] { (one.duplicates) }
            td { (format!("{:.1} %", one.visible_percent())) }
            td { (format!("{:.1} %", one.conflict_percent())) }
            td { (one.requests) }
            td { (one.requests_per_landed().map_or_else(|| "–".to_owned(), short)) }
            td { (ratio(one).map_or_else(|| "–".to_owned(), short)) }
            td { (one.throttled) } td { (one.early) }
            td { (format!("{:.0}", one.seconds)) }
            td.text { (table::others(one)) }
        }
    }
}

fn bound(compared: &Comparison) -> Markup {
    html! {
        @if let Some(one) = compared.strategies.first() {
            p {
                "Bound: " (short(one.bound.per_change())) " requests per landed change under the scenario's guard, "
                (short(one.bound.least_per_change())) " where each record has a version of its own. People edit a guarded unit "
                (format!("{:.3}", one.bound.people_per_second)) " times a second; "
                (format!("{:.0}", one.bound.window_ms)) " ms pass between a read and the check of the write made from it."
            }
        }
        @if let Some(text) = table::inference(compared) { p { (text) } }
    }
}

fn strategies(compared: &Comparison) -> Markup {
    html! {
        dl {
            @for one in compared.strategies.iter().filter_map(|figures| entry(&figures.name)) {
                dt { (one.name) }
                dd { (one.does) " " span.soft { "(" (one.source) ")" } }
            }
        }
    }
}
