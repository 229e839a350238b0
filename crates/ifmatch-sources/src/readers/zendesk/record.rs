//! The rows of the export as they stand in the file.

use super::FileError;

/// The columns, in the order of [`Record::fields`].
pub(super) const COLUMNS: [&str; 13] = [
    "swap_request_id",
    "ticket_id",
    "status",
    "requested_at",
    "from_agent_email",
    "to_agent_email",
    "from_shift_id",
    "from_start",
    "from_end",
    "to_shift_id",
    "to_start",
    "to_end",
    "time_zone",
];

/// One row, its fields in the order of [`COLUMNS`] whatever their order in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Record {
    /// Its place among the data rows, from 1.
    pub(super) row: u64,
    fields: [String; COLUMNS.len()],
    /// Whether it has as many fields as the header.
    pub(super) whole: bool,
}

impl Record {
    /// A field by its column, surrounding blanks left out.
    pub(super) fn get(&self, column: &'static str) -> &str {
        let at = COLUMNS.iter().position(|known| *known == column);
        at.map_or("", |at| self.fields[at].trim())
    }

    /// Whether two rows say the same in every column.
    pub(super) fn says_the_same(&self, other: &Self) -> bool {
        COLUMNS.iter().all(|column| self.get(column) == other.get(column))
    }
}

/// Splits a file into its rows.
pub(super) fn records(text: &str) -> Result<Vec<Record>, FileError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
    let header = reader.headers().map_err(|error| FileError::Csv(error.to_string()))?.clone();
    let place = |column: &str| header.iter().position(|name| name.trim().eq_ignore_ascii_case(column));
    let places: Vec<Option<usize>> = COLUMNS.iter().map(|column| place(column)).collect();
    let missing = COLUMNS.iter().zip(&places).filter(|(_, place)| place.is_none());
    let missing: Vec<&str> = missing.map(|(column, _)| *column).collect();
    if !missing.is_empty() {
        return Err(FileError::Columns(missing.join(", ")));
    }
    let mut records = Vec::new();
    for (row, record) in (1..).zip(reader.records()) {
        let record = record.map_err(|error| FileError::Csv(error.to_string()))?;
        let field = |at: usize| places[at].and_then(|place| record.get(place)).unwrap_or_default().to_owned();
        let whole = record.len() == header.len();
        records.push(Record { row, fields: std::array::from_fn(field), whole });
    }
    Ok(records)
}
