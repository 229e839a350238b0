//! The only place that prints: data on standard output, talk on standard error.

mod text;

use crate::error::Failure;
use comfy_table::{Table, presets};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Value, json};
use std::io::{IsTerminal as _, Write as _};

pub(crate) use text::{field, one_line, resource};

/// In which form data is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// For people.
    Text,
    /// For programs: one JSON value per line.
    Json,
}

/// Prints for one command.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Output {
    form: Form,
}

impl Output {
    /// Prints in a form.
    pub(crate) fn new(form: Form) -> Self {
        Self { form }
    }

    /// Prints data: the value as one line of JSON, or the text for people.
    pub(crate) fn data(self, value: &Value, text: impl FnOnce() -> String) {
        match self.form {
            Form::Json => self.json(value),
            Form::Text => out(text().trim_end_matches('\n')),
        }
    }

    /// Whether data is for programs.
    pub(crate) fn is_json(self) -> bool {
        self.form == Form::Json
    }

    /// Prints a text for people, whatever the form.
    pub(crate) fn text(self, text: &str) {
        out(text);
    }

    /// Prints a value as one line of JSON, whatever the form.
    pub(crate) fn json(self, value: &Value) {
        out(&value.to_string());
    }

    /// Says something on standard error.
    pub(crate) fn talk(self, text: &str) {
        err(text);
    }

    /// Prints why a command failed: message, causes, hint.
    pub(crate) fn failure(self, failure: &Failure) {
        let Failure { kind, error, hint } = failure;
        let causes = failure.causes();
        if self.form == Form::Json {
            let error = json!({"kind": kind.as_str(), "message": error.to_string(), "causes": causes, "hint": hint});
            return err(&json!({ "error": error }).to_string());
        }
        err(&format!("error: {error}"));
        for cause in causes {
            err(&format!("  caused by: {cause}"));
        }
        if let Some(hint) = hint {
            err(&format!("hint: {hint}"));
        }
    }

    /// A progress bar on a terminal; nothing elsewhere and for programs.
    pub(crate) fn progress(self, total: usize, what: &'static str) -> ProgressBar {
        if self.form == Form::Json || !std::io::stderr().is_terminal() {
            return ProgressBar::hidden();
        }
        let bar = ProgressBar::new(u64::try_from(total).unwrap_or(u64::MAX));
        let style = ProgressStyle::with_template("{msg} {bar:30} {pos}/{len} {eta}");
        bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar())).with_message(what)
    }
}

/// Prints the help, or what is wrong with the command line, where it belongs.
pub(crate) fn usage(error: &clap::Error) {
    // A closed pipe is no reason to fail.
    drop(error.print());
}

/// Rows under headings, in columns.
pub(crate) fn table(headings: &[&str], rows: Vec<Vec<String>>) -> String {
    let mut table = Table::new();
    table.load_preset(presets::NOTHING).set_header(headings.to_vec()).add_rows(rows);
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    table.lines().map(|line| line.trim_end().to_owned()).collect::<Vec<_>>().join("\n")
}

fn out(text: &str) {
    let mut stdout = std::io::stdout().lock();
    // A closed pipe (`ifmatch … | head`) is no reason to fail.
    drop(writeln!(stdout, "{text}").and_then(|()| stdout.flush()));
}

fn err(text: &str) {
    drop(writeln!(std::io::stderr().lock(), "{text}"));
}

#[cfg(test)]
mod tests;
