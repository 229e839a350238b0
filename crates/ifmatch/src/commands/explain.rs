//! `ifmatch explain`: what an error code means and what to do.

use crate::cli::Context;
use crate::error::Failure;
use crate::exit::Exit;
use ifmatch_server::errors;
use serde_json::json;

/// Say what an error code means and what to do.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:
  $ ifmatch explain review/true_conflict")]
pub(crate) struct Args {
    /// The code, as in answers and problems. Without it, all codes are listed.
    code: Option<String>,
}

/// Runs the command.
pub(crate) fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    let Some(code) = &args.code else {
        for code in errors::codes() {
            context.out.data(&json!({ "code": code }), || code.clone());
        }
        return Ok(Exit::Done);
    };
    match errors::page(code) {
        Some(page) => {
            context.out.data(&json!({ "code": code, "page": page }), || page.to_owned());
            Ok(Exit::Done)
        }
        None => Err(unknown(code, &nearest(code, errors::codes()))),
    }
}

fn unknown(code: &str, nearest: &[String]) -> Failure {
    let failure = Failure::user(format!("no error has the code {code:?}"));
    match nearest {
        [] => failure.hint("`ifmatch explain` lists all codes"),
        nearest => failure.hint(format!("did you mean {}?", nearest.join(", "))),
    }
}

/// How many suggestions are made.
const SUGGESTIONS: usize = 3;

/// The codes that are a typing error away, in all or in the case behind the state, or that contain
/// the word; the nearest first.
fn nearest(wanted: &str, codes: impl IntoIterator<Item = String>) -> Vec<String> {
    let wanted = wanted.to_lowercase().replace('-', "_");
    let bound = (wanted.len() / 4).max(2);
    let case = |code: &str| code.rsplit('/').next().unwrap_or_default().to_owned();
    let away = |code: &str| {
        if wanted.len() >= 3 && code.contains(&wanted) {
            return 0;
        }
        // A state that was named and is another one counts as one more error.
        let elsewhere = usize::from(wanted.contains('/'));
        distance(&wanted, code).min(distance(&case(&wanted), &case(code)) + elsewhere)
    };
    let mut near: Vec<(usize, String)> =
        codes.into_iter().map(|code| (away(&code), code)).filter(|(away, _)| *away <= bound).collect();
    near.sort_unstable();
    near.into_iter().take(SUGGESTIONS).map(|(_, code)| code).collect()
}

/// The number of characters to insert, drop or change to get from one text to the other.
fn distance(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (at, left) in from.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = at + 1;
        for (column, right) in to.iter().enumerate() {
            let changed = diagonal + usize::from(left != *right);
            diagonal = row[column + 1];
            row[column + 1] = changed.min(row[column] + 1).min(diagonal + 1);
        }
    }
    row[to.len()]
}

#[cfg(test)]
mod tests;
