//! What may stand in few places only: SQL, clocks, the environment.

use super::finding::Finding;
use super::rust::{Rust, line_of};
use super::tree::{File, Tree};

/// Words that are allowed in some files only.
struct Rule {
    words: &'static [&'static str],
    /// Where the words are looked for.
    within: Within,
    /// Paths, or beginnings of paths, where they are allowed.
    allowed: &'static [&'static str],
    /// Whether tests and benches may have them.
    tests: bool,
    what: &'static str,
    fix: &'static str,
}

#[derive(PartialEq)]
enum Within {
    Code,
    Literals,
}

const RULES: &[Rule] = &[
    Rule {
        words: &["SELECT ", "INSERT INTO", "CREATE TABLE"],
        within: Within::Literals,
        allowed: &["crates/ifmatch-sqlite/", "xtask/"],
        tests: false,
        what: "SQL outside the drivers",
        fix: "ask for it through the trait of ifmatch-store",
    },
    Rule {
        words: &["SystemTime::now", "Instant::now", "Timestamp::now", "Zoned::now"],
        within: Within::Code,
        allowed: &[
            "crates/ifmatch-server/src/clock.rs",
            "crates/ifmatch-server/src/clock/",
            "crates/ifmatch/",
            "xtask/",
        ],
        tests: true,
        what: "a clock read",
        fix: "take the time as a parameter, or from the clock of crates/ifmatch-server/src/clock.rs",
    },
    Rule {
        words: &["std::env", "env::var", "env::args", "env::temp_dir", "env::current_dir"],
        within: Within::Code,
        allowed: &[
            "crates/ifmatch-server/src/config.rs",
            "crates/ifmatch-server/src/config/",
            "crates/ifmatch/",
            "xtask/",
        ],
        tests: true,
        what: "a read of the environment",
        fix: "read it in the configuration and pass it as a parameter",
    },
];

/// Every rule over every Rust source.
pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    tree.rust().flat_map(|(file, rust)| RULES.iter().flat_map(move |rule| rule.check(file, rust))).collect()
}

impl Rule {
    fn check(&self, file: &File, rust: &Rust) -> Vec<Finding> {
        let allowed = self.allowed.iter().any(|place| file.path.starts_with(place));
        if allowed || (self.tests && file.test) {
            return Vec::new();
        }
        let test_lines = if self.tests { rust.test_lines() } else { Vec::new() };
        let outside_tests = |line: &usize| !test_lines.iter().any(|(from, to)| (from..=to).contains(&line));
        let mut lines: Vec<usize> = self.lines(rust).into_iter().filter(outside_tests).collect();
        lines.sort_unstable();
        lines.dedup();
        lines.into_iter().map(|line| Finding::new(&file.path, line, self.what, self.fix)).collect()
    }

    fn lines(&self, rust: &Rust) -> Vec<usize> {
        if self.within == Within::Code {
            let hits = self.words.iter().flat_map(|word| rust.code.match_indices(word));
            return hits.map(|(at, _)| line_of(&rust.code, at)).collect();
        }
        let has = |text: &str| self.words.iter().any(|word| text.contains(word));
        rust.literals.iter().filter(|literal| has(&literal.text)).map(|literal| literal.line).collect()
    }
}

#[cfg(test)]
mod tests;
