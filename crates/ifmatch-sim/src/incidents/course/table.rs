//! The lines of a course as people read them: what is alike is one line, a cycle that repeats is told once.

use std::collections::BTreeSet;

/// The longest cycle that is looked for, in lines.
const CYCLE_MAX: usize = 24;

/// The longest pause between wishes that are one line, in milliseconds.
const BURST_MS: i64 = 1_000;

/// The longest line, in letters.
const LINE_MAX: usize = 150;

/// One line of the table.
pub(super) struct Row {
    at_ms: i64,
    /// When the last of those that it stands for was.
    last_ms: i64,
    who: String,
    /// The intents that it is about, by their numbers.
    numbers: Vec<usize>,
    /// What they are for, where it says so.
    records: Vec<String>,
    what: String,
    /// The same without what differs between lines that are alike.
    shape: String,
    /// Whether it stands for lines that are alike and not the same.
    alike: bool,
}

impl Row {
    pub(super) fn new(at_ms: i64, who: &str, number: Option<usize>, record: Option<String>, what: String) -> Self {
        let shape = shape(&what);
        let (numbers, records) = (number.into_iter().collect(), record.into_iter().collect());
        Self { at_ms, last_ms: at_ms, who: who.to_owned(), numbers, records, what: short(what), shape, alike: false }
    }

    /// Whether it says the same of another intent, or of another time.
    fn is_like(&self, other: &Self) -> bool {
        self.who == other.who
            && self.shape == other.shape
            && self.numbers.is_empty() == other.numbers.is_empty()
            && self.records.is_empty() == other.records.is_empty()
    }

    /// The line without its time.
    fn said(&self) -> String {
        let numbers = match ranges(&self.numbers) {
            numbers if numbers.is_empty() => numbers,
            numbers => format!("{numbers} "),
        };
        let records = match self.records.as_slice() {
            [] => String::new(),
            [one] => format!("{one} "),
            [first, .., last] => format!("{first} to {last} "),
        };
        let alike = if self.alike { "; the others alike" } else { "" };
        let until =
            if self.last_ms > self.at_ms { format!(" (until {})", seconds(self.last_ms)) } else { String::new() };
        format!("{numbers}{records}{}{alike}{until}", self.what)
    }
}

/// Adds a line. One that says the same of another intent at the same moment, or right after, is part of the one before; so is
/// a wish of the same burst, whatever came between.
pub(super) fn add(rows: &mut Vec<Row>, row: Row) {
    let last = rows.len().saturating_sub(1);
    let from = row.at_ms - if row.records.is_empty() { 0 } else { BURST_MS };
    let near = |(place, known): &(usize, &mut Row)| *place == last || known.last_ms >= from;
    let mut before = rows.iter_mut().enumerate().rev().take_while(near);
    let found = before.find(|(_, known)| !row.numbers.is_empty() && known.is_like(&row));
    match found {
        Some((_, known)) => {
            known.alike |= known.what != row.what;
            known.numbers.extend(row.numbers);
            known.records.extend(row.records);
            known.last_ms = row.last_ms;
        }
        None => rows.push(row),
    }
}

/// The table.
pub(super) fn text(rows: &[Row]) -> String {
    let width = rows.iter().map(|row| row.who.chars().count()).max().unwrap_or(0);
    let line =
        |row: &Row, more: &str| format!("{:>10}  {:<width$}  {}{more}\n", seconds(row.at_ms), row.who, row.said());
    let mut text = String::new();
    let mut at = 0;
    while at < rows.len() {
        let (length, times) = cycle(&rows[at..]);
        let (first, again) = rows[at..at + length * times].split_at(length);
        match (first, again) {
            ([row], [.., last]) => {
                let same = again.iter().all(|other| other.said() == row.said());
                let word = if same { "times" } else { "alike" };
                text.push_str(&line(row, &format!(" ({times} {word} until {})", seconds(last.last_ms))));
            }
            (_, [.., last]) => {
                first.iter().for_each(|row| text.push_str(&line(row, "")));
                let told: BTreeSet<usize> = first.iter().flat_map(|row| row.numbers.iter().copied()).collect();
                let new: BTreeSet<usize> = again.iter().flat_map(|row| row.numbers.iter().copied()).collect();
                let new: Vec<usize> = new.difference(&told).copied().collect();
                let of = if new.is_empty() { String::new() } else { format!(", of {} too", ranges(&new)) };
                let more = if times == 2 { "once more".to_owned() } else { format!("{} times more", times - 1) };
                let until = seconds(last.last_ms);
                let told = format!("these {length} lines {more}{of}, until {until}");
                text.push_str(&format!("{:>10}  {:<width$}  {told}\n", "", "…"));
            }
            (_, []) => first.iter().for_each(|row| text.push_str(&line(row, ""))),
        }
        at += length * times;
    }
    text
}

/// The cycle that begins here: how many lines it has and how often it comes, once where nothing repeats.
fn cycle(rows: &[Row]) -> (usize, usize) {
    let repeats = |length: usize| {
        let alike = |part: &&[Row]| part.len() == length && part.iter().zip(rows).all(|(a, b)| a.is_like(b));
        rows.chunks(length).take_while(alike).count()
    };
    let saved = |(length, times): &(usize, usize)| length * (times - 1);
    let cycles = (1..=CYCLE_MAX.min(rows.len())).map(|length| (length, repeats(length)));
    // The line that tells of the repetition is one more where the cycle has several.
    let worth = cycles.filter(|(length, times)| *times > 1 && (*length == 1 || length * (times - 1) > 1));
    // The shortest of those that save as much.
    worth.reduce(|best, next| if saved(&next) > saved(&best) { next } else { best }).unwrap_or((1, 1))
}

/// A text without its numbers: lines that differ in those alone are alike.
fn shape(what: &str) -> String {
    let mut shape = String::with_capacity(what.len());
    for letter in what.chars() {
        match letter {
            '0'..='9' if shape.ends_with('0') => {}
            '0'..='9' => shape.push('0'),
            other => shape.push(other),
        }
    }
    shape
}

/// Numbers as people write them: `#1, #3–#5`.
fn ranges(numbers: &[usize]) -> String {
    let mut parts: Vec<(usize, usize)> = Vec::new();
    for number in numbers.iter().collect::<BTreeSet<_>>() {
        match parts.last_mut() {
            Some((_, last)) if *last + 1 == *number => *last = *number,
            _ => parts.push((*number, *number)),
        }
    }
    let part = |(first, last): &(usize, usize)| match first == last {
        true => format!("#{first}"),
        false => format!("#{first}–#{last}"),
    };
    parts.iter().map(part).collect::<Vec<_>>().join(", ")
}

fn seconds(ms: i64) -> String {
    format!("{}.{:03} s", ms / 1_000, ms % 1_000)
}

fn short(mut text: String) -> String {
    if let Some((cut, _)) = text.char_indices().nth(LINE_MAX - 1).filter(|_| text.chars().count() > LINE_MAX) {
        text.truncate(cut);
        text.push('…');
    }
    text
}
