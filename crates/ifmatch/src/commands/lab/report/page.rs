//! The page: one file, nothing from elsewhere, both colour schemes, readable on a phone.

use super::Plot;
use super::canvas::{NAMED, inline};
use super::columns::COLUMNS;
use super::findings::short;
use crate::commands::lab::shown::Shown;
use crate::commands::lab::summary::ratio;
use crate::commands::lab::table;
use ifmatch_sim::lab::{Comparison, Figures, entry};
use maud::{DOCTYPE, Markup, PreEscaped, html};

const STYLE: &str = include_str!("page.css");

pub(super) fn page(shown: &Shown, plots: &[Plot]) -> Markup {
    let compared = &shown.compared;
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
                    @if let Some(claim) = claim(compared) { p.claim { (claim) } }
                    p.lead { (numbers(compared)) }
                    @for plot in plots { (figure(plot)) }
                    h2 { "All figures" }
                    div.scroll { (figures(compared)) }
                    @for (name, notes) in compared.strategies.iter().map(|one| (&one.name, table::notes(one))) {
                        @if !notes.is_empty() { p { strong { (name) ": " } (notes) "." } }
                    }
                    (formulas(compared))
                    h2 { "The columns" }
                    dl.columns { @for (name, meaning) in COLUMNS { div { dt { (name) } dd { (meaning) } } } }
                    h2 { "The strategies" }
                    (strategies(compared))
                    (foot(shown))
                }
            }
        }
    }
}

fn figure(plot: &Plot) -> Markup {
    html! {
        figure id=(plot.name) {
            div.wide { (PreEscaped(inline(&plot.wide.svg, &plot.title))) }
            div.narrow { (PreEscaped(inline(&plot.narrow.svg, &plot.title))) }
            figcaption { (plot.caption) }
        }
    }
}

/// What it comes to, in the two figures that the reports are about.
fn claim(compared: &Comparison) -> Option<String> {
    let find = |name: &str| compared.strategies.iter().find(|figures| figures.name == name);
    let (naive, ours) = (find("naive-refresh")?, find("ifmatch")?);
    let lost = if ours.lost_edits == 0 { "no edit is".to_owned() } else { format!("{} edits are", ours.lost_edits) };
    Some(format!(
        "Of {} changes, naive-refresh has {:.1} % refused at the first try and overwrites {} edits of others. \
         With ifmatch {:.1} % do not get through by themselves, and {lost} lost.",
        ours.intents,
        naive.conflict_percent(),
        naive.lost_edits,
        ours.visible_percent(),
    ))
}

fn foot(shown: &Shown) -> Markup {
    html! {
        footer {
            p {
                "Every strategy met the same changes, the same edits of people and the same locks, " (shown.time()) ", "
                (shown.seeds()) ". "
                @if shown.live_speed.is_some() { "Over HTTP the figures differ a little from run to run." }
                @else { "The same command gives the same figures." }
            }
            p { "ifmatch " (env!("CARGO_PKG_VERSION")) ": " code { (shown.command) } }
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
                th { "× expected" } th { "429" } th { "early" } th { "seconds" } th { "other ends" }
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
            td { (ratio(one).map_or_else(|| "–".to_owned(), |ratio| format!("{ratio:.2}"))) }
            td { (one.throttled) } td { (one.early) }
            td { (format!("{:.0}", one.seconds)) }
            td.text { (table::others(one)) }
        }
    }
}

fn formulas(compared: &Comparison) -> Markup {
    html! {
        @if let Some(text) = table::expectation(compared) { p { strong { "Expected: " } (text) "." } }
        @if let Some(text) = table::inference(compared) { p { strong { "Who collides: " } (text) } }
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
