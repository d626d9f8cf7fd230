//! The help of every command.

use clap::Command;

use crate::cli;

fn visit(command: &Command, path: &str, pages: &mut Vec<(String, String)>) {
    let mut page = command.clone();
    pages.push((path.to_owned(), page.render_long_help().to_string()));
    for subcommand in command.get_subcommands() {
        if subcommand.get_name() != "help" {
            let path = format!("{path} {}", subcommand.get_name());
            visit(subcommand, &path, pages);
        }
    }
}

fn pages() -> Vec<(String, String)> {
    let mut command = cli::command().term_width(100);
    command.build();
    let mut pages = Vec::new();
    visit(&command, "emqxctl", &mut pages);
    pages
}

#[test]
fn the_tree_is_sound() {
    cli::command().debug_assert();
}

#[test]
fn help_of_every_command() {
    for (path, page) in pages() {
        insta::assert_snapshot!(path.replace(' ', "_"), page);
    }
}

#[test]
fn help_opens_with_two_examples_that_parse() {
    for (path, page) in pages() {
        let is_group = page.contains("\nCommands:\n") && path != "emqxctl";
        if is_group || path.ends_with("exit-codes") {
            continue;
        }
        let examples: Vec<&str> = page
            .lines()
            .skip_while(|line| *line != "Examples:")
            .skip(1)
            .take_while(|line| !line.is_empty())
            .map(str::trim)
            .collect();
        assert_eq!(examples.len(), 2, "{path}");
        for example in examples.iter().filter(|line| line.starts_with("emqxctl")) {
            let typed = example.split(" > ").next().unwrap();
            let words = split(typed);
            let parsed = cli::command().try_get_matches_from(&words);
            assert!(parsed.is_ok(), "{example}: {}", parsed.unwrap_err());
        }
    }
}

/// Words as a shell would split them; double quotes are enough for the examples.
fn split(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    for (index, part) in line.split('"').enumerate() {
        if index % 2 == 1 {
            words.push(part.to_owned());
        } else {
            words.extend(part.split_whitespace().map(str::to_owned));
        }
    }
    words
}
