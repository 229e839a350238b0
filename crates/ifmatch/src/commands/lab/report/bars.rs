//! Bars: lost edits, and requests per landed change.

use super::canvas::{Canvas, DrawError, Drawing, GRID, Held, INK, PAGE, SOFT, Width, colour, draw};
use super::findings::short;
use ifmatch_sim::lab::{Comparison, Figures};

/// One bar.
struct Bar<'a> {
    name: &'a str,
    value: Option<f64>,
    label: String,
}

/// A value that all bars are held against.
struct Mark {
    value: f64,
    label: String,
}

/// Lost edits of each strategy.
pub(super) fn lost_edits(compared: &Comparison, width: Width, title: &str) -> Result<Drawing, DrawError> {
    let bars = compared.strategies.iter().map(|figures| Bar {
        name: &figures.name,
        value: Some(figures.lost_edits as f64),
        label: lost(figures),
    });
    bars_of(width, title, &bars.collect::<Vec<_>>(), None, "edits of others, overwritten unseen")
}

fn lost(figures: &Figures) -> String {
    let duplicates =
        if figures.duplicates > 0 { format!(", {} duplicates", figures.duplicates) } else { String::new() };
    format!("{}{duplicates}", figures.lost_edits)
}

/// Requests per landed change of each strategy, and what the formulas expect.
pub(super) fn requests(compared: &Comparison, width: Width, title: &str) -> Result<Drawing, DrawError> {
    let bars = compared.strategies.iter().map(|figures| Bar {
        name: &figures.name,
        value: figures.requests_per_landed(),
        label: figures.requests_per_landed().map_or_else(|| "nothing landed".to_owned(), short),
    });
    let bound = compared.strategies.first().map(|figures| figures.bound.per_change()).filter(|bound| *bound > 0.0);
    let mark = bound.map(|value| Mark { value, label: format!("expected {}", short(value)) });
    bars_of(width, title, &bars.collect::<Vec<_>>(), mark.as_ref(), "HTTP requests per landed change")
}

/// The places of a chart of bars.
struct Layout {
    left: i32,
    right: i32,
    step: i32,
    thick: i32,
    /// Where the name stands above the middle of its bar; beside it when 0.
    above: i32,
}

impl Layout {
    fn of(width: Width) -> Self {
        match width {
            Width::Wide => Self { left: 190, right: 160, step: 36, thick: 22, above: 0 },
            Width::Narrow => Self { left: 0, right: 110, step: 42, thick: 14, above: 17 },
        }
    }
}

fn bars_of(width: Width, title: &str, bars: &[Bar<'_>], mark: Option<&Mark>, unit: &str) -> Result<Drawing, DrawError> {
    let layout = Layout::of(width);
    let rows = i32::try_from(bars.len()).unwrap_or(0);
    let height = rows * layout.step + 44 + layout.above;
    let most = scale(bars, mark);
    draw(width, height, title, &|canvas, top| {
        let top = top + layout.above + 24;
        let room = width.pixels() - layout.left - layout.right;
        let x = |value: f64| layout.left + (f64::from(room) * (value / most).min(1.0)) as i32;
        canvas.small(unit, (layout.left, top - layout.above - 10), SOFT, Held::Left)?;
        let bottom = top + rows * layout.step;
        canvas.line(vec![(layout.left, top), (layout.left, bottom)], GRID, 1)?;
        let marked = mark.map(|mark| x(mark.value));
        for (place, bar) in (0..).zip(bars) {
            let middle = top + place * layout.step + layout.step / 2;
            block(canvas, &layout, bar, middle, &x, most)?;
        }
        if let (Some(mark), Some(at)) = (mark, marked) {
            canvas.line(vec![(at, top - 2), (at, bottom)], INK, 2)?;
            canvas.small(&mark.label, (at, bottom + 10), INK, if at < 90 { Held::Left } else { Held::Middle })?;
        }
        for (place, bar) in (0..).zip(bars) {
            let middle = top + place * layout.step + layout.step / 2;
            words(canvas, &layout, bar, middle, end(&layout, bar, &x), (most, marked))?;
        }
        Ok(())
    })
}

/// Where a bar ends.
fn end(layout: &Layout, bar: &Bar<'_>, x: &dyn Fn(f64) -> i32) -> i32 {
    let value = bar.value.unwrap_or(0.0);
    x(value).max(layout.left + if value > 0.0 { 2 } else { 0 })
}

fn block(
    canvas: &Canvas<'_>,
    layout: &Layout,
    bar: &Bar<'_>,
    middle: i32,
    x: &dyn Fn(f64) -> i32,
    most: f64,
) -> Result<(), DrawError> {
    let (end, half) = (end(layout, bar, x), layout.thick / 2);
    canvas.block((layout.left, middle - half), (end, middle + half), colour(bar.name))?;
    if bar.value.is_some_and(|value| value > most) {
        // A bar that is cut short shows where.
        for at in [end - 26, end - 18] {
            canvas.line(vec![(at - 4, middle + half + 2), (at + 4, middle - half - 2)], PAGE, 4)?;
        }
    }
    Ok(())
}

/// The name before a bar and the value behind it.
fn words(
    canvas: &Canvas<'_>,
    layout: &Layout,
    bar: &Bar<'_>,
    middle: i32,
    end: i32,
    (most, marked): (f64, Option<i32>),
) -> Result<(), DrawError> {
    let is_cut = bar.value.is_some_and(|value| value > most);
    let label = if is_cut { format!("{}, bar cut short", bar.label) } else { bar.label.clone() };
    let wide = (label.chars().count() as f64 * canvas.width.text() * 0.62) as i32;
    match marked.filter(|mark| (end..=end + 8 + wide).contains(mark)) {
        // The mark would strike it through: inside of the bar where it has room, else behind the mark.
        Some(_) if end - layout.left > wide + 16 => canvas.bold(&label, (end - 8, middle), PAGE, Held::Right)?,
        Some(mark) => canvas.bold(&label, (mark + 8, middle), INK, Held::Left)?,
        None => canvas.bold(&label, (end + 8, middle), INK, Held::Left)?,
    }
    let name = if layout.above == 0 { (layout.left - 12, middle) } else { (0, middle - layout.above) };
    let held = if layout.above == 0 { Held::Right } else { Held::Left };
    if bar.name == "ifmatch" { canvas.bold(bar.name, name, INK, held) } else { canvas.text(bar.name, name, INK, held) }
}

/// The largest value that the bars have room for: a few very long ones do not flatten all others.
fn scale(bars: &[Bar<'_>], mark: Option<&Mark>) -> f64 {
    let mut values: Vec<f64> = bars.iter().filter_map(|bar| bar.value).filter(|value| *value > 0.0).collect();
    values.sort_by(f64::total_cmp);
    let most = values.last().copied().unwrap_or(1.0);
    let middle = values.get(values.len() / 2).copied().unwrap_or(1.0);
    most.min(8.0 * middle).max(mark.map_or(0.0, |mark| mark.value))
}
