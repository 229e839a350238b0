//! Lines: what is done over time.

use super::canvas::{Canvas, DrawError, Drawing, GRID, Held, SOFT, Width, colour, draw};
use ifmatch_sim::lab::{Comparison, Figures};

/// Changes whose sender has what it wanted, over time, in the first world of the first seed.
pub(super) fn landed(compared: &Comparison, width: Width, title: &str) -> Result<Drawing, DrawError> {
    let (tall, right, left) = match width {
        Width::Wide => (380, 250, 56),
        Width::Narrow => (300, 138, 36),
    };
    let last = compared.strategies.iter().filter_map(|figures| figures.landed_at.last().copied()).fold(1.0, f64::max);
    let most = compared.strategies.iter().map(|figures| figures.landed_at.len()).max().unwrap_or(0).max(1);
    draw(width, tall + 70, title, &|canvas, top| {
        let (top, bottom) = (top + 30, top + 30 + tall);
        let room = width.pixels() - left - right;
        let x = |seconds: f64| left + (f64::from(room) * seconds / last) as i32;
        let y = |count: usize| bottom - (f64::from(tall) * count as f64 / most as f64) as i32;
        let unit = format!("changes done, seed {}", compared.first_seed);
        canvas.small(&unit, (0, top - 20), SOFT, Held::Left)?;
        for tick in ticks(most as f64) {
            let at = y(tick as usize);
            canvas.line(vec![(left, at), (left + room, at)], GRID, 1)?;
            canvas.small(&format!("{tick:.0}"), (left - 8, at), SOFT, Held::Right)?;
        }
        for tick in ticks(last / 60.0) {
            canvas.small(&format!("{tick}"), (x(tick * 60.0), bottom + 16), SOFT, Held::Middle)?;
        }
        canvas.small("minutes since the start", (left + room / 2, bottom + 34), SOFT, Held::Middle)?;
        // The one that matters is drawn last, above the others.
        for figures in compared.strategies.iter().filter(|figures| !is_ours(figures)) {
            course(canvas, figures, &x, &y, last)?;
        }
        for figures in compared.strategies.iter().filter(|figures| is_ours(figures)) {
            course(canvas, figures, &x, &y, last)?;
        }
        labels(canvas, compared, left + room + 10, (top, bottom), &y)
    })
}

fn is_ours(figures: &Figures) -> bool {
    figures.name == "ifmatch"
}

fn course(
    canvas: &Canvas<'_>,
    figures: &Figures,
    x: &dyn Fn(f64) -> i32,
    y: &dyn Fn(usize) -> i32,
    last: f64,
) -> Result<(), DrawError> {
    let mut points = vec![(x(0.0), y(0))];
    for (place, at) in figures.landed_at.iter().enumerate() {
        let here = (x(*at), y(place + 1));
        let before = points.last().copied().unwrap_or(here);
        // A step, unless it would be drawn on the same pixel.
        if here != before {
            points.extend([(here.0, before.1), here]);
        }
    }
    points.push((x(last), y(figures.landed_at.len())));
    canvas.line(points, colour(&figures.name), if is_ours(figures) { 4 } else { 2 })
}

/// The names at the ends of the lines, moved apart where they would lie on each other.
fn labels(
    canvas: &Canvas<'_>,
    compared: &Comparison,
    x: i32,
    (top, bottom): (i32, i32),
    y: &dyn Fn(usize) -> i32,
) -> Result<(), DrawError> {
    let step = (canvas.width.text() * 1.25) as i32;
    let mut ends: Vec<(i32, &Figures)> =
        compared.strategies.iter().map(|figures| (y(figures.landed_at.len()), figures)).collect();
    ends.sort_by_key(|(at, figures)| (*at, !is_ours(figures)));
    let mut next = top;
    let mut places: Vec<i32> = ends
        .iter()
        .map(|(at, _)| {
            let place = (*at).max(next);
            next = place + step;
            place
        })
        .collect();
    // What was pushed below the axis goes up again.
    let mut limit = bottom;
    for place in places.iter_mut().rev() {
        *place = (*place).min(limit);
        limit = *place - step;
    }
    for ((_, figures), place) in ends.iter().zip(places) {
        let label = format!("{} {}", figures.name, figures.landed_at.len());
        let paint = if colour(&figures.name) == colour("") { SOFT } else { colour(&figures.name) };
        if is_ours(figures) {
            canvas.bold(&label, (x, place), paint, Held::Left)?;
        } else {
            canvas.text(&label, (x, place), paint, Held::Left)?;
        }
    }
    Ok(())
}

/// Round figures up to a largest one, at most six.
fn ticks(most: f64) -> Vec<f64> {
    let rough = (most / 5.0).max(f64::MIN_POSITIVE);
    let power = 10_f64.powf(rough.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0].into_iter().map(|step| step * power).find(|step| *step >= rough);
    let step = step.unwrap_or(10.0 * power).max(1.0);
    (0_u32..).map(|place| f64::from(place) * step).take_while(|tick| *tick <= most + 1e-9).collect()
}
