//! The course of an incident as a table that people read: when, who, what.

mod table;

use crate::world::World;
use serde_json::Value;
use std::collections::BTreeMap;
use table::Row;

/// What happened and what was decided, one line each. Reads and tokens are left out; what repeats is told once.
pub(super) fn of(world: &World, names: &BTreeMap<String, String>) -> String {
    let mut course =
        Course { names: names.clone(), numbers: BTreeMap::new(), writes: BTreeMap::new(), rows: Vec::new() };
    for line in &world.log.lines {
        course.read(line);
    }
    table::text(&course.rows)
}

struct Course {
    names: BTreeMap<String, String>,
    /// The intents by their number.
    numbers: BTreeMap<String, usize>,
    /// What is on the wire: the method and the path, by attempt.
    writes: BTreeMap<String, String>,
    rows: Vec<Row>,
}

impl Course {
    fn read(&mut self, line: &str) {
        let mut words = line.split_whitespace();
        let (Some(at), Some(who)) = (words.next().and_then(|at| at.parse().ok()), words.next()) else { return };
        let rest: Vec<&str> = words.collect();
        match who {
            "submit" => self.submitted(at, &rest),
            "edit" => {
                let (text, outcome) = split_outcome(&rest.join(" "));
                let name_end = text.find(" /").unwrap_or(0);
                let (by, what) = text.split_at(name_end);
                self.row(at, by, &format!("edits{what}{}", if outcome { "" } else { " (refused)" }));
            }
            "lock" => {
                let (text, _) = split_outcome(&rest.join(" "));
                self.row(at, "target", &format!("locks {text}"));
            }
            "send" => self.sent(&rest),
            "answer" => self.answered(at, &rest),
            "target" if rest.first().is_none_or(|actor| *actor != "Integration") => {
                self.row(at, "target", &rest.join(" "));
            }
            "state" => self.stated(at, &rest),
            "refuse" => self.row(at, "ifmatch", &format!("refuses at the door: {}", rest[1..].join(" "))),
            "alarm" => self.row(at, "ifmatch", &format!("alarm {}", rest.join(" "))),
            "world" if rest.first().is_some_and(|word| *word == "crash") => {
                self.row(at, "ifmatch", "ends and starts again")
            }
            "decide" if rest.len() == 2 && rest[0].starts_with("int_") => {
                let number = self.number(rest[0]);
                self.row(at, "person", &format!("decides #{number}: {}", rest[1]));
            }
            _ => {}
        }
    }

    fn submitted(&mut self, at: i64, rest: &[&str]) {
        let [id, source, _, record, what @ ..] = rest else { return };
        let number = self.number(id);
        self.line(at, source, Some(number), Some(record), &what.join(" "));
    }

    fn sent(&mut self, rest: &[&str]) {
        let [attempt, method, path, ..] = rest else { return };
        if *method != "GET" {
            self.writes.insert((*attempt).to_owned(), format!("{method} {path}"));
        }
    }

    fn answered(&mut self, at: i64, rest: &[&str]) {
        let [attempt, outcome @ ..] = rest else { return };
        let Some(write) = self.writes.remove(*attempt) else { return };
        let outcome = outcome.join(" ");
        let (status, body) = outcome.split_once(' ').unwrap_or((&outcome, ""));
        let said = match status.parse::<u16>() {
            Ok(200..=202) => status.to_owned(),
            Ok(_) => format!("{status} {}", refusal(body)),
            Err(_) => outcome.clone(),
        };
        self.row(at, "ifmatch", &format!("{write} → {said}"));
    }

    fn stated(&mut self, at: i64, rest: &[&str]) {
        let [id, state, why @ ..] = rest else { return };
        // What is on its way is told by the write itself.
        if *state == "sent" {
            return;
        }
        let number = self.number(id);
        let why = why.join(" ");
        let why = why.strip_prefix(&format!("{state}/")).unwrap_or(&why);
        self.line(at, "ifmatch", Some(number), None, &format!("{state}: {why}"));
    }

    fn number(&mut self, id: &str) -> usize {
        let next = self.numbers.len() + 1;
        *self.numbers.entry(id.to_owned()).or_insert(next)
    }

    fn row(&mut self, at_ms: i64, who: &str, what: &str) {
        self.line(at_ms, who, None, None, what);
    }

    fn line(&mut self, at_ms: i64, who: &str, number: Option<usize>, record: Option<&str>, what: &str) {
        let (what, record) = (self.readable(what), record.map(|record| self.readable(record)));
        table::add(&mut self.rows, Row::new(at_ms, who, number, record, what));
    }

    /// A text with names in the place of ids.
    fn readable(&self, text: &str) -> String {
        let mut what = text.to_owned();
        for (id, name) in &self.names {
            what = what.replace(id.as_str(), name);
        }
        for (id, number) in &self.numbers {
            what = what.replace(id.as_str(), &format!("#{number}"));
        }
        for prefix in [
            "/api/v2/wfm/v2/quality/scores/",
            "/api/v2/wfm/scheduling/shifts/",
            "/api/v2/wfm/scheduling/schedules/",
            "/api/v2/wfm/schedules/week-1/agents/",
            "/api/v2/wfm/schedules/agents/",
            "/api/v2/wfm/schedules/",
        ] {
            what = what.replace(prefix, "");
        }
        what.replace("week-1/agent-", "agent-")
    }
}

/// A refusal's code and words, in whichever of the ten shapes it comes; the body as it is where it has none.
fn refusal(body: &str) -> String {
    let Ok(told) = serde_json::from_str::<Value>(body) else { return body.to_owned() };
    let at = |places: &[&str]| {
        let found = places.iter().find_map(|place| told.pointer(place)).filter(|found| !found.is_null());
        found.map(|found| found.as_str().map_or_else(|| found.to_string(), str::to_owned))
    };
    let code = at(&["/code", "/errorCode", "/error_code", "/error", "/errors/0/code", "/errors/0/type"]);
    let words = at(&["/message", "/detail", "/errors/0/message"]);
    match (code, words) {
        (Some(code), Some(words)) => format!("{code} \"{words}\""),
        _ => body.to_owned(),
    }
}

/// The text before the outcome of something that people did, and whether it was taken.
fn split_outcome(text: &str) -> (String, bool) {
    match text.rsplit_once(": Ok") {
        Some((text, _)) => (text.to_owned(), true),
        None => (text.split(": Err").next().unwrap_or(text).to_owned(), false),
    }
}
