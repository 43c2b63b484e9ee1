//! The picture: how long first tokens take, against what it costs that they do not take longer.

use std::fmt::Write;
use std::time::Duration;

use super::figures::Figures;
use super::settings::PATIENCE;
use super::table::QUANTILES;

const SIZE: [f64; 2] = [860.0, 600.0];
const LEFT: f64 = 70.0;
const RIGHT: f64 = 120.0;
const TOP: f64 = 150.0;
const BOTTOM: f64 = 60.0;

/// What the axes go from and to, in per cent and in seconds. Both are logarithmic.
const COSTS: [f64; 2] = [0.5, 100.0];
const SECONDS: [f64; 2] = [0.25, 75.0];

/// From the lightest to the darkest, as the quantiles are.
const COLOURS: [&str; 4] = ["#7fb3d5", "#2e86c1", "#ca6f1e", "#a93226"];

/// Draws the rows of a table.
pub(crate) fn svg(rows: &[Figures]) -> String {
    let mut rows: Vec<_> = rows.iter().collect();
    rows.sort_by(|one, other| one.cost().total_cmp(&other.cost()));
    let mut svg = Svg::new();
    svg.axes();
    for (nth, row) in rows.iter().enumerate() {
        svg.name(nth, x(100.0 * row.cost()), row.name);
    }
    for ((share, name), colour) in QUANTILES.into_iter().zip(COLOURS) {
        let points: Vec<_> = rows
            .iter()
            .map(|row| (x(100.0 * row.cost()), y(row.quantile(share))))
            .collect();
        svg.series(name, colour, &points);
    }
    svg.finish()
}

struct Svg(String);

impl Svg {
    fn new() -> Self {
        let [width, height] = SIZE;
        let mut svg = Self(String::new());
        svg.line(format_args!(
            r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="12">"#
        ));
        svg.line(format_args!(
            r#"<rect width="{width}" height="{height}" fill="white"/>"#
        ));
        svg.text(
            LEFT,
            28.0,
            "start",
            16,
            "The first token, and what it costs that it is not later",
        );
        svg
    }

    // Writing to a String cannot fail.
    fn line(&mut self, line: std::fmt::Arguments<'_>) {
        _ = writeln!(self.0, "{line}");
    }

    fn text(&mut self, x: f64, y: f64, anchor: &str, size: u8, text: &str) {
        self.line(format_args!(
            r##"<text x="{x:.1}" y="{y:.1}" text-anchor="{anchor}" font-size="{size}" fill="#333">{text}</text>"##
        ));
    }

    fn axes(&mut self) {
        let (right, bottom) = (SIZE[0] - RIGHT, SIZE[1] - BOTTOM);
        for seconds in [0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 60.0] {
            let at = y(Some(Duration::from_secs_f64(seconds)));
            self.line(format_args!(
                r##"<line x1="{LEFT}" y1="{at:.1}" x2="{right}" y2="{at:.1}" stroke="#ddd"/>"##
            ));
            let is_none = seconds >= PATIENCE.as_secs_f64();
            let label = if is_none {
                "none".to_owned()
            } else {
                format!("{seconds} s")
            };
            self.text(LEFT - 8.0, at + 4.0, "end", 12, &label);
        }
        for percent in [0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0] {
            let at = x(percent);
            self.line(format_args!(
                r##"<line x1="{at:.1}" y1="{TOP}" x2="{at:.1}" y2="{bottom}" stroke="#eee"/>"##
            ));
            self.text(at, bottom + 18.0, "middle", 12, &format!("{percent} %"));
        }
        let about =
            "extra cost: the prompts of the attempts that lost, input being half of the price";
        self.text(
            f64::midpoint(LEFT, right),
            bottom + 38.0,
            "middle",
            12,
            about,
        );
    }

    fn series(&mut self, name: &str, colour: &str, points: &[(f64, f64)]) {
        for (x, y) in points {
            self.line(format_args!(
                r#"<circle cx="{x:.1}" cy="{y:.1}" r="4" fill="{colour}"/>"#
            ));
        }
        if let Some((x, y)) = points.last() {
            self.text(x + 10.0, y + 4.0, "start", 13, name);
        }
    }

    /// The name of a row, above its points, each a little lower than the one before, so that none covers another.
    fn name(&mut self, nth: usize, x: f64, name: &str) {
        let bottom = SIZE[1] - BOTTOM;
        let at = 50.0 + 13.0 * f64::from(u8::try_from(nth % 8).unwrap_or(0));
        self.line(format_args!(
            r##"<line x1="{x:.1}" y1="{at:.1}" x2="{x:.1}" y2="{bottom}" stroke="#999" stroke-dasharray="2 3"/>"##
        ));
        self.text(x + 4.0, at, "start", 11, name);
    }

    fn finish(mut self) -> String {
        self.0.push_str("</svg>\n");
        self.0
    }
}

fn x(percent: f64) -> f64 {
    LEFT + (SIZE[0] - LEFT - RIGHT) * part(percent, COSTS)
}

fn y(took: Option<Duration>) -> f64 {
    let seconds = took.unwrap_or(PATIENCE).as_secs_f64();
    let bottom = SIZE[1] - BOTTOM;
    bottom - (bottom - TOP) * part(seconds, SECONDS)
}

/// Where a value is on a logarithmic axis, from zero to one.
fn part(value: f64, [from, to]: [f64; 2]) -> f64 {
    (value.clamp(from, to) / from).ln() / (to / from).ln()
}
