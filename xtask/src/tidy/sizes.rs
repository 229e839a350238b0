//! What is long, and which files do not say what they are for. Printed, never a failure.

use super::rust::{Rust, item_end, line_of};
use super::tree::Tree;
use crate::say;

const SHOWN: usize = 10;

/// Prints the longest files, the longest functions, and the files without `//!`.
pub(crate) fn print(tree: &Tree) {
    list("longest files", &longest(files(tree)));
    list("longest functions", &longest(functions(tree)));
    list("files without `//!`", &without_purpose(tree));
}

fn list(title: &str, lines: &[String]) {
    if !lines.is_empty() {
        say::line(&format!("{title}:"));
    }
    for line in lines {
        say::line(&format!("  {line}"));
    }
}

fn longest(mut all: Vec<(usize, String)>) -> Vec<String> {
    all.sort_by(|a, b| b.cmp(a));
    all.into_iter().take(SHOWN).map(|(lines, name)| format!("{lines:>5}  {name}")).collect()
}

fn files(tree: &Tree) -> Vec<(usize, String)> {
    tree.rust().map(|(file, rust)| (rust.code.lines().count(), file.path.clone())).collect()
}

fn functions(tree: &Tree) -> Vec<(usize, String)> {
    tree.rust()
        .flat_map(|(file, rust)| {
            lengths(rust).into_iter().map(|(lines, line, name)| (lines, format!("{}:{line} {name}", file.path)))
        })
        .collect()
}

/// Length, first line and name of every function with a body.
fn lengths(rust: &Rust) -> Vec<(usize, usize, String)> {
    let code = &rust.code;
    let starts = code.match_indices("fn ").filter(|(at, _)| *at == 0 || code.as_bytes()[at - 1].is_ascii_whitespace());
    starts
        .filter_map(|(at, _)| {
            let end = item_end(code, at).filter(|end| code.as_bytes()[*end] == b'}')?;
            let name: String = code[at + 3..].chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            let (first, last) = (line_of(code, at), line_of(code, end));
            (!name.is_empty()).then_some((last - first + 1, first, name))
        })
        .collect()
}

fn without_purpose(tree: &Tree) -> Vec<String> {
    let silent = tree.rust().filter(|(file, _)| !file.lines().any(|(_, line)| line.starts_with("//!")));
    silent.map(|(file, _)| file.path.clone()).collect()
}

#[cfg(test)]
mod tests;
