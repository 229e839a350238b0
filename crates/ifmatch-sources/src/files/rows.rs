//! The rows of a file, one after another: no more of it is in memory than one row.
//!
//! A row that cannot be read has a fault of its own and stops nobody. Rows count data lines from 1: blank lines and a heading have no
//! number.

use ifmatch_core::IntentError;
use serde::Deserialize;
use serde_json::{Map, Value};
use std::io::{BufRead, BufReader, Read};

/// How a file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// A JSON object a line.
    Ndjson,
    /// Columns under a heading; each row is an object of texts by the names of the columns.
    Csv,
    /// A scheduling engine's weeks, an agent a line: NDJSON that needs no map.
    SchedulerWeek,
    /// Its small changes, a verb a line: NDJSON that needs no map.
    SchedulerChanges,
}

impl Format {
    /// The name in configurations.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ndjson => "ndjson",
            Self::Csv => "csv",
            Self::SchedulerWeek => "scheduler-week",
            Self::SchedulerChanges => "scheduler-changes",
        }
    }
}

/// Bounds of what is read, and how columns are parted.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// The longest row, in bytes.
    pub row_bytes_max: usize,
    /// What stands between two columns of CSV.
    pub delimiter: u8,
}

/// One row.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Its place among the rows, from 1.
    pub number: u64,
    /// What it says: an object.
    pub value: Value,
}

/// A row that cannot be read.
#[derive(Debug, Clone, PartialEq)]
pub struct RowFault {
    /// Its place among the rows, from 1.
    pub number: u64,
    /// Why.
    pub error: IntentError,
}

/// How the rows ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RowsEnd {
    /// How many there were.
    pub rows: u64,
    /// Whether the last one breaks off: it cannot be read, and no line end stands behind it.
    pub cut: bool,
}

/// Why a file cannot be read at all.
#[derive(Debug, thiserror::Error)]
pub enum RowsError {
    /// Its heading is none.
    #[error("{0}")]
    Heading(String),
    /// The disk.
    #[error("the file cannot be read: {0}")]
    Io(#[from] std::io::Error),
}

/// Reads rows.
#[derive(Debug)]
pub struct Rows<R: Read> {
    source: Source<R>,
    bounds: Bounds,
    number: u64,
    cut: bool,
}

#[derive(Debug)]
enum Source<R: Read> {
    Lines(BufReader<Meter<R>>),
    Columns { reader: Box<csv::Reader<Meter<R>>>, names: Vec<String>, ended: bool },
}

/// What the CSV reader may take at once beyond a row.
const READ_AHEAD: usize = 64 * 1024;

/// Remembers the last byte, and lets no more through than a row may have.
#[derive(Debug)]
struct Meter<R> {
    inner: R,
    left: usize,
    last: u8,
    is_over: bool,
}

impl<R: Read> Read for Meter<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if self.left == 0 && !buffer.is_empty() {
            self.is_over = true;
            return Ok(0);
        }
        let room = buffer.len().min(self.left);
        let got = self.inner.read(&mut buffer[..room])?;
        self.left -= got;
        if let Some(last) = buffer[..got].last() {
            self.last = *last;
        }
        Ok(got)
    }
}

impl<R: Read> Rows<R> {
    /// Begins with a file whose bytes are known to be UTF-8. A byte order mark is taken.
    ///
    /// # Errors
    /// The heading of CSV is none.
    pub fn of(format: Format, bounds: Bounds, inner: R) -> Result<Self, RowsError> {
        let mut meter = Meter { inner, left: usize::MAX, last: b'\n', is_over: false };
        let source = match format {
            Format::Csv => {
                meter.left = bounds.row_bytes_max.saturating_add(READ_AHEAD);
                let mut builder = csv::ReaderBuilder::new();
                let reader = builder.delimiter(bounds.delimiter).flexible(true).from_reader(meter);
                let mut reader = Box::new(reader);
                let names = heading(&mut reader)?;
                Source::Columns { reader, names, ended: false }
            }
            Format::Ndjson | Format::SchedulerWeek | Format::SchedulerChanges => Source::Lines(BufReader::new(meter)),
        };
        Ok(Self { source, bounds, number: 0, cut: false })
    }

    /// The next row; `None` after the last.
    ///
    /// # Errors
    /// The disk.
    pub fn next_row(&mut self) -> Result<Option<Result<Row, RowFault>>, RowsError> {
        let read = match &mut self.source {
            Source::Lines(reader) => next_line(reader, self.bounds.row_bytes_max, self.number == 0)?,
            Source::Columns { reader, names, ended } => next_record(reader, names, ended, self.bounds.row_bytes_max)?,
        };
        let Some((value, cut)) = read else { return Ok(None) };
        self.number += 1;
        self.cut = cut;
        let number = self.number;
        Ok(Some(match value {
            Ok(value) => Ok(Row { number, value }),
            Err(error) => Err(RowFault { number, error }),
        }))
    }

    /// How the rows ended, once there are no more.
    #[must_use]
    pub fn end(&self) -> RowsEnd {
        let cut = match &self.source {
            Source::Lines(_) => self.cut,
            // All bytes were read by now: the last one says whether the last row has an end.
            Source::Columns { reader, ended, .. } => self.cut && (*ended || reader.get_ref().last != b'\n'),
        };
        RowsEnd { rows: self.number, cut }
    }
}

/// A row with whether it breaks off.
type Read1 = Option<(Result<Value, IntentError>, bool)>;

fn next_line<R: Read>(reader: &mut BufReader<Meter<R>>, max: usize, is_first: bool) -> Result<Read1, RowsError> {
    loop {
        let (line, whole, ended) = line(reader, max)?;
        let text = line.strip_prefix(b"\xef\xbb\xbf").filter(|_| is_first).unwrap_or(&line);
        if text.trim_ascii().is_empty() && whole {
            if !ended {
                return Ok(None);
            }
            continue;
        }
        if !whole {
            let reason = format!("a row may have {max} bytes");
            return Ok(Some((Err(IntentError::new("too_large", "", reason)), false)));
        }
        return Ok(Some(match serde_json::from_slice::<Value>(text) {
            Ok(value) if value.is_object() => (Ok(value), false),
            Ok(_) => (Err(IntentError::new("invalid_json", "", "a row is one JSON object")), false),
            Err(error) => (Err(IntentError::new("invalid_json", "", format!("no JSON: {error}"))), !ended),
        }));
    }
}

/// A line, whether all of it is there, and whether a line end stands behind it. What is too much of it is read and thrown away.
fn line<R: BufRead>(reader: &mut R, max: usize) -> std::io::Result<(Vec<u8>, bool, bool)> {
    let (mut line, mut whole) = (Vec::new(), true);
    loop {
        let buffer = reader.fill_buf()?;
        if buffer.is_empty() {
            return Ok((line, whole, false));
        }
        let end = buffer.iter().position(|byte| *byte == b'\n');
        let part = &buffer[..end.unwrap_or(buffer.len())];
        if line.len() + part.len() > max {
            whole = false;
        } else {
            line.extend_from_slice(part);
        }
        let used = part.len() + usize::from(end.is_some());
        reader.consume(used);
        if end.is_some() {
            return Ok((line, whole, true));
        }
    }
}

fn heading<R: Read>(reader: &mut csv::Reader<Meter<R>>) -> Result<Vec<String>, RowsError> {
    let wrong = |reason: String| Err(RowsError::Heading(reason));
    let record = match reader.byte_headers() {
        Ok(record) => record.clone(),
        Err(error) => return wrong(format!("the heading cannot be read: {error}")),
    };
    let names = record.iter().map(|name| String::from_utf8_lossy(name).trim().to_owned());
    let names: Vec<String> = names.collect();
    if names.iter().all(String::is_empty) && !names.is_empty() {
        return wrong("the first line names no columns".to_owned());
    }
    let twice = names.iter().enumerate().find(|(at, name)| !name.is_empty() && names[..*at].contains(*name));
    match twice {
        Some((_, name)) => wrong(format!("the heading has the column {name:?} twice")),
        None => Ok(names),
    }
}

fn next_record<R: Read>(
    reader: &mut csv::Reader<Meter<R>>,
    names: &[String],
    ended: &mut bool,
    max: usize,
) -> Result<Read1, RowsError> {
    if *ended {
        return Ok(None);
    }
    reader.get_mut().left = max.saturating_add(READ_AHEAD);
    let mut record = csv::ByteRecord::new();
    let more = reader.read_byte_record(&mut record);
    if reader.get_ref().is_over {
        // Mostly a quotation mark that nobody closes: what comes behind it belongs to nobody knows which column.
        *ended = true;
        let reason = format!("a row may have {max} bytes; is a quotation mark not closed?");
        return Ok(Some((Err(IntentError::new("too_large", "", reason)), true)));
    }
    match more {
        Ok(false) => return Ok(None),
        Ok(true) => {}
        Err(error) => return Err(RowsError::Io(std::io::Error::other(error.to_string()))),
    }
    if record.len() != names.len() {
        let reason = format!("the heading has {} columns, this row {}", names.len(), record.len());
        let may_be_cut = record.len() < names.len();
        return Ok(Some((Err(IntentError::new("malformed_row", "", reason)), may_be_cut)));
    }
    let named = names.iter().zip(record.iter()).filter(|(name, _)| !name.is_empty());
    let value = named.map(|(name, text)| (name.clone(), Value::from(String::from_utf8_lossy(text).into_owned())));
    Ok(Some((Ok(Value::Object(value.collect::<Map<String, Value>>())), false)))
}

#[cfg(test)]
mod tests;
