//! What plots are drawn on: sizes, colours, texts, and the SVG that comes of it.
//!
//! The colours are told apart by people who see few of them (Okabe and Ito's set), and each line and
//! bar has its name beside it, so that nothing rests on colour alone.

use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{FontFamily, FontStyle};

/// Why a plot could not be drawn.
pub(super) type DrawError = String;

pub(super) const INK: RGBColor = RGBColor(0x1B, 0x1F, 0x24);
pub(super) const SOFT: RGBColor = RGBColor(0x5C, 0x63, 0x6B);
pub(super) const GRID: RGBColor = RGBColor(0xD8, 0xDC, 0xE0);
/// What lies behind everything.
pub(super) const PAGE: RGBColor = RGBColor(0xFF, 0xFF, 0xFF);
const OURS: RGBColor = RGBColor(0x00, 0x72, 0xB2);
const NAIVE: RGBColor = RGBColor(0xD5, 0x5E, 0x00);
const KUBERNETES: RGBColor = RGBColor(0x00, 0x9E, 0x73);
const OTHER: RGBColor = RGBColor(0x9A, 0xA1, 0xA9);

/// The colours, and the names by which the page sets them for a dark scheme.
pub(super) const NAMED: &[(RGBColor, &str)] = &[
    (PAGE, "page"),
    (INK, "ink"),
    (SOFT, "soft"),
    (GRID, "grid"),
    (OURS, "ours"),
    (NAIVE, "naive"),
    (KUBERNETES, "kubernetes"),
    (OTHER, "other"),
];

/// For which page a plot is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Width {
    /// A desk or a projector.
    Wide,
    /// A phone.
    Narrow,
}

impl Width {
    pub(super) fn pixels(self) -> i32 {
        match self {
            Self::Wide => 960,
            Self::Narrow => 380,
        }
    }

    /// The size of ordinary text.
    pub(super) fn text(self) -> f64 {
        match self {
            Self::Wide => 18.0,
            Self::Narrow => 14.0,
        }
    }
}

/// The colour of a strategy.
pub(super) fn colour(strategy: &str) -> RGBColor {
    match strategy {
        "ifmatch" => OURS,
        "naive-refresh" => NAIVE,
        "kubernetes" => KUBERNETES,
        _ => OTHER,
    }
}

/// A drawing under way.
pub(super) struct Canvas<'a> {
    area: DrawingArea<SVGBackend<'a>, Shift>,
    pub(super) width: Width,
}

/// Where a text is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Held {
    Left,
    Middle,
    Right,
}

/// A finished drawing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Drawing {
    /// The SVG.
    pub(super) svg: String,
    /// Width and height in pixels.
    pub(super) size: (u32, u32),
}

/// Draws with a canvas of a height, title at the top.
pub(super) fn draw(
    width: Width,
    height: i32,
    title: &str,
    paint: &dyn Fn(&Canvas<'_>, i32) -> Result<(), DrawError>,
) -> Result<Drawing, DrawError> {
    let mut svg = String::new();
    let lines = wrapped(title, width);
    let head = i32::try_from(lines.len()).unwrap_or(1) * line_height(width) + 14;
    let size = (width.pixels().unsigned_abs(), (height + head).unsigned_abs());
    {
        let area = SVGBackend::with_string(&mut svg, size).into_drawing_area();
        let canvas = Canvas { area, width };
        for (number, line) in lines.iter().enumerate() {
            let y = i32::try_from(number).unwrap_or(0) * line_height(width) + line_height(width) / 2 + 2;
            canvas.words(line, (0, y), width.text() * 1.3, INK, Held::Left, FontStyle::Bold)?;
        }
        paint(&canvas, head)?;
        canvas.area.present().map_err(|error| error.to_string())?;
    }
    Ok(Drawing { svg, size })
}

fn line_height(width: Width) -> i32 {
    match width {
        Width::Wide => 32,
        Width::Narrow => 25,
    }
}

/// A title in lines that fit.
fn wrapped(title: &str, width: Width) -> Vec<String> {
    let most = (f64::from(width.pixels()) / (width.text() * 1.3 * 0.56)) as usize;
    let mut lines: Vec<String> = Vec::new();
    for word in title.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= most => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

impl Canvas<'_> {
    /// A text of ordinary size, its middle at a height.
    pub(super) fn text(&self, text: &str, at: (i32, i32), colour: RGBColor, held: Held) -> Result<(), DrawError> {
        self.words(text, at, self.width.text(), colour, held, FontStyle::Normal)
    }

    /// The same in bold.
    pub(super) fn bold(&self, text: &str, at: (i32, i32), colour: RGBColor, held: Held) -> Result<(), DrawError> {
        self.words(text, at, self.width.text(), colour, held, FontStyle::Bold)
    }

    /// A smaller text: ticks and units.
    pub(super) fn small(&self, text: &str, at: (i32, i32), colour: RGBColor, held: Held) -> Result<(), DrawError> {
        self.words(text, at, self.width.text() * 0.85, colour, held, FontStyle::Normal)
    }

    fn words(
        &self,
        text: &str,
        at: (i32, i32),
        size: f64,
        colour: RGBColor,
        held: Held,
        style: FontStyle,
    ) -> Result<(), DrawError> {
        let side = match held {
            Held::Left => HPos::Left,
            Held::Middle => HPos::Center,
            Held::Right => HPos::Right,
        };
        let font = FontDesc::new(FontFamily::SansSerif, size, style);
        let style = TextStyle::from(font).color(&colour).pos(Pos::new(side, VPos::Center));
        self.area.draw(&Text::new(text.to_owned(), at, style)).map_err(|error| error.to_string())
    }

    pub(super) fn block(&self, from: (i32, i32), to: (i32, i32), colour: RGBColor) -> Result<(), DrawError> {
        let style = ShapeStyle { color: colour.to_rgba(), filled: true, stroke_width: 0 };
        self.area.draw(&Rectangle::new([from, to], style)).map_err(|error| error.to_string())
    }

    pub(super) fn line(&self, points: Vec<(i32, i32)>, colour: RGBColor, stroke: u32) -> Result<(), DrawError> {
        let style = ShapeStyle { color: colour.to_rgba(), filled: false, stroke_width: stroke };
        self.area.draw(&PathElement::new(points, style)).map_err(|error| error.to_string())
    }
}

/// The margin around a plot that is a file of its own, in pixels.
const MARGIN: u32 = 24;

/// The SVG as a file of its own: on white, with a margin.
pub(super) fn standalone(svg: &str, (wide, high): (u32, u32)) -> String {
    let (outer_wide, outer_high) = (wide + 2 * MARGIN, high + 2 * MARGIN);
    let own = format!("<svg width=\"{wide}\" height=\"{high}\" viewBox=\"0 0 {wide} {high}\"");
    let outer = format!(
        "<svg width=\"{outer_wide}\" height=\"{outer_high}\" viewBox=\"-{MARGIN} -{MARGIN} {outer_wide} {outer_high}\""
    );
    let white = format!(
        "><rect x=\"-{MARGIN}\" y=\"-{MARGIN}\" width=\"{outer_wide}\" height=\"{outer_high}\" fill=\"#FFFFFF\"/>"
    );
    svg.replacen(&own, &outer, 1).replacen('>', &white, 1)
}

/// The SVG as part of a page: as wide as there is room, read aloud by its title.
pub(super) fn inline(svg: &str, title: &str) -> String {
    let label = title.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;");
    svg.replacen("<svg ", &format!("<svg role=\"img\" aria-label=\"{label}\" "), 1)
}
