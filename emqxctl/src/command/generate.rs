//! `emqxctl generate …`: manual pages and completion scripts, all from the same clap tree.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;

use clap::{Command as ClapCommand, ValueEnum};
use clap_complete::{Generator, Shell};
use clap_mangen::Man;

use super::{CommandResult, Context};
use crate::cli::{self, GenerateCommand};
use crate::exit::{self, ExitStatus};
use crate::output::Diagnostic;
use crate::output::human::plural;

pub(super) fn run(context: &mut Context, command: &GenerateCommand) -> CommandResult {
    let (dir, files) = match command {
        GenerateCommand::Man(args) => (&args.dir, man_pages()?),
        GenerateCommand::Completions(args) => (&args.dir, completions()),
    };
    write_all(dir, &files).map_err(|(path, error)| {
        Diagnostic::new(ExitStatus::Failed, format!("cannot write {path}: {error}"))
            .hint("name a folder that you may write to")
    })?;
    let number = plural(files.len() as u64, "file", "files");
    context
        .printer
        .talk(&format!("{number} written to {}", dir.display()));
    Ok(ExitStatus::Ok)
}

fn write_all(dir: &Path, files: &BTreeMap<String, Vec<u8>>) -> Result<(), (String, io::Error)> {
    let at = |path: &Path, error| (path.display().to_string(), error);
    fs::create_dir_all(dir).map_err(|error| at(dir, error))?;
    for (name, content) in files {
        let path = dir.join(name);
        fs::write(&path, content).map_err(|error| at(&path, error))?;
    }
    Ok(())
}

/// The completion script of every shell, by file name.
pub fn completions() -> BTreeMap<String, Vec<u8>> {
    Shell::value_variants()
        .iter()
        .map(|shell| {
            let mut script = Vec::new();
            clap_complete::generate(*shell, &mut cli::command(), "emqxctl", &mut script);
            (shell.file_name("emqxctl"), script)
        })
        .collect()
}

/// The manual page of every command, by file name.
///
/// # Errors
/// None in practice: it writes into memory.
pub fn man_pages() -> io::Result<BTreeMap<String, Vec<u8>>> {
    let mut command = cli::command().disable_help_subcommand(true);
    command.build();
    let mut pages = BTreeMap::new();
    add_pages(&command, &mut pages)?;
    Ok(pages)
}

fn add_pages(command: &ClapCommand, pages: &mut BTreeMap<String, Vec<u8>>) -> io::Result<()> {
    let name = command
        .get_display_name()
        .unwrap_or_else(|| command.get_name())
        .to_owned();
    pages.insert(format!("{name}.1"), page(command, name)?);
    for subcommand in command.get_subcommands().filter(|c| !c.is_hide_set()) {
        add_pages(subcommand, pages)?;
    }
    Ok(())
}

fn page(command: &ClapCommand, name: String) -> io::Result<Vec<u8>> {
    // clap would say `emqxctl <COMMAND>` with spaces; a page is named with hyphens.
    let man = Man::new(command.clone().name(name))
        .manual("emqxctl manual")
        .date("");
    let mut page = Vec::new();
    man.render_title(&mut page)?;
    man.render_name_section(&mut page)?;
    man.render_synopsis_section(&mut page)?;
    man.render_description_section(&mut page)?;
    if let Some(examples) = command.get_before_help() {
        let examples = examples.to_string();
        verbatim(
            &mut page,
            "EXAMPLES",
            examples.strip_prefix("Examples:\n").unwrap_or(&examples),
        );
    }
    man.render_options_section(&mut page)?;
    if command.has_subcommands() {
        man.render_subcommands_section(&mut page)?;
    }
    verbatim(&mut page, "EXIT STATUS", &exit::describe());
    Ok(page)
}

/// A section of lines that stay as they are.
fn verbatim(page: &mut Vec<u8>, title: &str, text: &str) {
    let mut roff = format!(".SH \"{title}\"\n.nf\n");
    for line in text.lines() {
        // A leading dot or quote would be a request, a backslash an escape.
        let line = line.replace('\\', "\\e").replace('-', "\\-");
        if line.starts_with(['.', '\'']) {
            roff.push_str("\\&");
        }
        roff.push_str(&line);
        roff.push('\n');
    }
    roff.push_str(".fi\n");
    page.extend_from_slice(roff.as_bytes());
}
