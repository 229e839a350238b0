//! One line of the table: what was measured, against what, and whether that is enough.

use super::stats::Estimate;
use serde_json::{Value, json};

/// Which way is good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Better {
    /// The ratio must reach the limit.
    Higher,
    /// The ratio must stay within the limit.
    Lower,
}

/// One figure.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Row {
    /// Its stable name.
    pub(crate) id: &'static str,
    /// How it was measured, in one line.
    pub(crate) method: String,
    /// Unit of `measured` and `bound`.
    pub(crate) unit: &'static str,
    /// What was measured, with its interval.
    pub(crate) measured: Estimate,
    /// What it is compared with: a design figure, a formula's expectation, or a peer in this run.
    pub(crate) bound: f64,
    /// The ratio to reach or to keep.
    pub(crate) limit: f64,
    /// Which of both.
    pub(crate) better: Better,
    /// How many single measurements it rests on.
    pub(crate) n: usize,
}

impl Row {
    /// Measured ÷ bound.
    pub(crate) fn ratio(&self) -> f64 {
        self.measured.value / self.bound
    }

    /// The 95 % interval of the ratio, for a bound that is certain.
    pub(crate) fn ci95(&self) -> Option<[f64; 2]> {
        self.measured.ci95.map(|ends| ends.map(|end| end / self.bound))
    }

    /// Whether the ratio is within the limit. A ratio that is no number is not.
    pub(crate) fn is_ok(&self) -> bool {
        match self.better {
            Better::Higher => self.ratio() >= self.limit,
            Better::Lower => self.ratio() <= self.limit,
        }
    }

    /// Shape: `{"id": "merge-p99", "measured": 31.2, "bound": 50, "ratio": 0.624, "limit": 1, "n":
    /// 20000, "ci95": [0.61, 0.64], "ok": true, "unit": "µs", "better": "lower", "method": "…"}`;
    /// `ci95` is that of the ratio.
    pub(crate) fn to_json(&self) -> Value {
        json!({
            "id": self.id,
            "measured": rounded(self.measured.value),
            "bound": rounded(self.bound),
            "ratio": rounded(self.ratio()),
            "limit": self.limit,
            "n": self.n,
            "ci95": self.ci95().map(|ends| ends.map(rounded)),
            "ok": self.is_ok(),
            "unit": self.unit,
            "better": match self.better {
                Better::Higher => "higher",
                Better::Lower => "lower",
            },
            "method": self.method,
        })
    }

    /// The line of the table, under [`HEADINGS`].
    pub(crate) fn cells(&self) -> Vec<String> {
        let sign = match self.better {
            Better::Higher => "≥",
            Better::Lower => "≤",
        };
        vec![
            self.id.to_owned(),
            format!("{} {}", short(self.measured.value), self.unit),
            format!("{} {}", short(self.bound), self.unit),
            short(self.ratio()),
            self.ci95().map_or_else(String::new, |[low, high]| format!("{} … {}", short(low), short(high))),
            format!("{sign} {}", short(self.limit)),
            self.n.to_string(),
            (if self.is_ok() { "ok" } else { "short" }).to_owned(),
        ]
    }
}

/// The headings of the table.
pub(crate) const HEADINGS: [&str; 8] = ["row", "measured", "bound", "ratio", "95 %", "limit", "n", ""];

/// Six digits behind the point: more than any of these figures carries.
fn rounded(value: f64) -> f64 {
    (value * 1e6).round() / 1e6
}

/// Three digits that count.
fn short(value: f64) -> String {
    match value.abs() {
        size if size >= 100.0 => format!("{value:.0}"),
        size if size >= 10.0 => format!("{value:.1}"),
        size if size >= 1.0 => format!("{value:.2}"),
        _ => format!("{value:.3}"),
    }
}

#[cfg(test)]
mod tests;
