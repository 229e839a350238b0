//! The report's folder: JSON, the plots, and one page that has everything in it.

mod bars;
mod canvas;
mod captions;
mod columns;
mod findings;
mod lines;
mod page;

use super::shown::Shown;
use super::{bug, unwritten};
use crate::error::Failure;
use canvas::{Drawing, Width};
use findings::Findings;
use ifmatch_sim::lab::Comparison;
use serde_json::Value;
use std::path::Path;

/// One plot: its file's name, what it says, what it shows, and the drawing for a wide and a narrow page.
struct Plot {
    name: &'static str,
    title: String,
    caption: String,
    wide: Drawing,
    narrow: Drawing,
}

/// Makes the folder, so that one that cannot be made is noticed before anything runs.
pub(super) fn prepare(folder: &Path) -> Result<(), Failure> {
    std::fs::create_dir_all(folder).map_err(|error| unwritten(folder, error))
}

/// Writes the report into its folder.
pub(super) fn write(folder: &Path, shown: &Shown, value: &Value) -> Result<(), Failure> {
    let put = |name: &str, text: &str| {
        let path = folder.join(name);
        std::fs::write(&path, text).map_err(|error| unwritten(&path, error))
    };
    let plots = plots(&shown.compared).map_err(bug)?;
    put("report.json", &serde_json::to_string_pretty(value).map_err(bug)?)?;
    for plot in &plots {
        put(&format!("{}.svg", plot.name), &canvas::standalone(&plot.wide.svg, plot.wide.size))?;
    }
    put("index.html", &page::page(shown, &plots).into_string())
}

fn plots(compared: &Comparison) -> Result<Vec<Plot>, canvas::DrawError> {
    let findings = Findings::of(compared);
    let plot = |name,
                title: &str,
                caption: String,
                draw: &dyn Fn(Width, &str) -> Result<Drawing, canvas::DrawError>|
     -> Result<Plot, canvas::DrawError> {
        let title = title.to_owned();
        let (wide, narrow) = (draw(Width::Wide, &title)?, draw(Width::Narrow, &title)?);
        Ok(Plot { name, title, caption, wide, narrow })
    };
    let (lost, landed, requests) = (captions::lost(compared), captions::landed(compared), captions::requests(compared));
    Ok(vec![
        plot("lost-edits", &findings.lost, lost, &|width, title| bars::lost_edits(compared, width, title))?,
        plot("landed", &findings.landed, landed, &|width, title| lines::landed(compared, width, title))?,
        plot("requests", &findings.requests, requests, &|width, title| bars::requests(compared, width, title))?,
    ])
}

#[cfg(test)]
mod tests;
