//! The tree is sound and every command shows how it is used.

use super::*;
use clap::CommandFactory as _;

#[test]
fn the_tree_is_sound() {
    Cli::command().debug_assert();
}

#[test]
fn every_command_has_an_example_that_parses() {
    let mut root = Cli::command();
    root.build();
    let mut examples = 0;
    check_examples(&root, &mut examples);
    assert!(examples > 10, "{examples}");
}

fn check_examples(command: &clap::Command, examples: &mut usize) {
    let below: Vec<&clap::Command> = command.get_subcommands().filter(|below| below.get_name() != "help").collect();
    for below in &below {
        check_examples(below, examples);
    }
    if !below.is_empty() {
        return;
    }
    let name = command.get_bin_name().unwrap_or_default();
    let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
    let shown: Vec<&str> = help.lines().filter_map(|line| line.trim().strip_prefix("$ ")).collect();
    assert!(shown.iter().any(|line| line.contains(name)), "{name} has no example: {help:?}");
    for line in shown {
        Cli::try_parse_from(words(line.split(" | ").last().unwrap_or(line)))
            .unwrap_or_else(|error| panic!("{line}\n{error}"));
        *examples += 1;
    }
}

/// The words of a line as a shell gives them to a command: what stands in double quotes is one.
fn words(line: &str) -> Vec<&str> {
    let parts = line.split('"').enumerate();
    let words = parts.flat_map(|(at, part)| if at % 2 == 1 { vec![part] } else { part.split_whitespace().collect() });
    words.map(|word| word.trim_matches('\'')).collect()
}
