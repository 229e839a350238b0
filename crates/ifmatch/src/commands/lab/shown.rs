//! What is shown of a run: the comparison, and how it was made.

use ifmatch_sim::lab::Comparison;

/// A comparison and how it was made.
pub(super) struct Shown {
    /// The figures.
    pub(super) compared: Comparison,
    /// The command that gives them again.
    pub(super) command: String,
    /// Seconds of scenario time per second of wall time, over HTTP; `None` in virtual time.
    pub(super) live_speed: Option<u32>,
}

impl Shown {
    /// `scenario` is the name or file as it was asked for.
    pub(super) fn new(compared: Comparison, scenario: &str, live_speed: Option<u32>) -> Self {
        let names: Vec<&str> = compared.strategies.iter().map(|figures| figures.name.as_str()).collect();
        let live = live_speed.map_or_else(String::new, |speed| format!(" --live --speed {speed}"));
        let Comparison { first_seed, seeds, .. } = &compared;
        let command = format!(
            "ifmatch lab run {scenario} --strategy {} --seeds {seeds} --first-seed {first_seed}{live}",
            names.join(",")
        );
        Self { compared, command, live_speed }
    }

    /// How time passed.
    pub(super) fn time(&self) -> String {
        match self.live_speed {
            Some(speed) => format!("over HTTP at {speed} times the wall clock"),
            None => "in virtual time".to_owned(),
        }
    }

    /// The seeds, as a reader would say them.
    pub(super) fn seeds(&self) -> String {
        let (first, count) = (self.compared.first_seed, self.compared.seeds);
        match count {
            1 => format!("seed {first}"),
            _ => format!("seeds {first} to {}", first.saturating_add(count - 1)),
        }
    }
}
