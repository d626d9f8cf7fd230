//! The configuration file: TOML to settings, each with its line.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::listener_table::{self, ListenerTable, Sni};
use super::value::{Raw, Setting};
use super::{ConfigError, Problem, Source, key};

/// The settings of a file, and what in it is not one.
#[derive(Debug, Default)]
pub(super) struct Read {
    pub(super) settings: BTreeMap<&'static str, Setting>,
    /// The tables `[listeners.NAME]`.
    pub(super) listeners: BTreeMap<String, ListenerTable>,
    pub(super) problems: Vec<Problem>,
}

/// Reads and parses a file.
///
/// # Errors
/// When it cannot be read or is no TOML.
pub(super) fn read(path: &Path) -> Result<Read, ConfigError> {
    let text = std::fs::read_to_string(path).map_err(|error| ConfigError::Read {
        path: path.to_owned(),
        error,
    })?;
    parse(path, &text)
}

/// Parses the text of a file.
///
/// # Errors
/// When it is no TOML.
pub(super) fn parse(path: &Path, text: &str) -> Result<Read, ConfigError> {
    let table = DeTable::parse(text).map_err(|error| {
        let (line, column) = position(text, error.span());
        let message = error.message().to_owned();
        ConfigError::Syntax {
            path: path.to_owned(),
            line,
            column,
            message,
        }
    })?;
    let mut walk = Walk {
        path,
        text,
        read: Read::default(),
    };
    walk.table("", table.get_ref());
    // The parser gives a table in the order of its names.
    walk.read
        .problems
        .sort_by_key(|problem| match problem.source {
            Source::File { line, .. } => line,
            _ => 0,
        });
    Ok(walk.read)
}

struct Walk<'a> {
    path: &'a Path,
    text: &'a str,
    read: Read,
}

impl Walk<'_> {
    fn table(&mut self, prefix: &str, table: &DeTable<'_>) {
        for (name, value) in table {
            let path = format!("{prefix}{}", name.get_ref());
            let source = self.source(name.span());
            if let Some(key) = key::find(&path) {
                let raw = raw(value);
                self.read.settings.insert(key, Setting { source, raw });
                continue;
            }
            match value.get_ref() {
                DeValue::Table(inner) if path == "listeners" => self.listeners(inner),
                DeValue::Table(inner) if prefix.is_empty() && key::is_table(&path) => {
                    self.table(&format!("{path}."), inner);
                }
                _ => self.unknown(source, path, value),
            }
        }
    }

    fn listeners(&mut self, tables: &DeTable<'_>) {
        for (name, value) in tables {
            let source = self.source(name.span());
            let path = format!("listeners.{}", name.get_ref());
            let DeValue::Table(fields) = value.get_ref() else {
                self.problem(
                    source,
                    path,
                    value,
                    "this is no table",
                    "[listeners.NAME] on a line of its own".to_owned(),
                );
                continue;
            };
            let mut table = ListenerTable::new(source);
            for (field, value) in fields {
                match value.get_ref() {
                    DeValue::Array(items) if field.get_ref() == "sni" => {
                        for item in items {
                            let source = self.source(item.span());
                            let DeValue::Table(fields) = item.get_ref() else {
                                self.problem(
                                    source,
                                    format!("{path}.sni"),
                                    item,
                                    "this is no table",
                                    "{ server_name = …, certfile = …, keyfile = … }".to_owned(),
                                );
                                continue;
                            };
                            let mut sni = Sni::new(source);
                            let path = format!("{path}.sni");
                            for (field, value) in fields {
                                self.field(
                                    &path,
                                    &listener_table::SNI_FIELDS,
                                    (field, value),
                                    &mut sni.settings,
                                );
                            }
                            table.sni.push(sni);
                        }
                    }
                    _ => self.field(
                        &path,
                        &listener_table::FIELDS,
                        (field, value),
                        &mut table.settings,
                    ),
                }
            }
            let name = name.get_ref().clone().into_owned();
            self.read.listeners.insert(name, table);
        }
    }

    /// Puts a field among those of its table, if it is one.
    fn field(
        &mut self,
        path: &str,
        known: &'static [&'static str],
        (name, value): (&Spanned<Cow<'_, str>>, &Spanned<DeValue<'_>>),
        settings: &mut BTreeMap<&'static str, Setting>,
    ) {
        let source = self.source(name.span());
        let name = name.get_ref();
        if let Some(field) = known.iter().find(|field| *field == name) {
            let raw = raw(value);
            settings.insert(field, Setting { source, raw });
            return;
        }
        let near = key::most_alike(name, known.iter().copied());
        let valid = near.map_or_else(|| known.join(", "), str::to_owned);
        self.problem(
            source,
            format!("{path}.{name}"),
            value,
            "there is no such setting",
            valid,
        );
    }

    fn problem(
        &mut self,
        source: Source,
        key: String,
        value: &Spanned<DeValue<'_>>,
        why: &str,
        valid: String,
    ) {
        let value = match value.get_ref() {
            DeValue::Table(_) => String::new(),
            _ => self.text[value.span()].chars().take(80).collect(),
        };
        self.read.problems.push(Problem {
            source,
            key,
            value,
            why: why.to_owned(),
            valid,
        });
    }

    fn unknown(&mut self, source: Source, path: String, value: &Spanned<DeValue<'_>>) {
        let (why, valid) = if key::is_table(&path) {
            (
                "this is a table of settings",
                format!("[{path}] on a line of its own"),
            )
        } else {
            let near = match value.get_ref() {
                DeValue::Table(_) => key::nearest_table(&path).map(|table| format!("[{table}]")),
                _ => key::nearest(&path).map(str::to_owned),
            };
            let all = || "see emqxd.example.toml for all settings".to_owned();
            ("there is no such setting", near.unwrap_or_else(all))
        };
        self.problem(source, path, value, why, valid);
    }

    fn source(&self, span: Range<usize>) -> Source {
        let (line, _) = position(self.text, Some(span));
        Source::File {
            path: self.path.to_owned(),
            line,
        }
    }
}

fn raw(value: &Spanned<DeValue<'_>>) -> Raw {
    match value.get_ref() {
        DeValue::String(text) => Raw::String(text.clone().into_owned()),
        DeValue::Integer(number) => {
            let digits = number.as_str();
            // TOML's own checks leave only what is too large for 64 bits.
            i64::from_str_radix(digits, number.radix())
                .map_or(Raw::Other("a number beyond all bounds"), Raw::Integer)
        }
        DeValue::Boolean(yes) => Raw::Boolean(*yes),
        DeValue::Array(items) => {
            let texts = items
                .iter()
                .map(|item| item.get_ref().as_str().map(str::to_owned));
            texts.collect::<Option<Vec<_>>>().map_or(
                Raw::Other("a list of other things than texts"),
                Raw::Strings,
            )
        }
        DeValue::Float(_) => Raw::Other("a fraction"),
        DeValue::Datetime(_) => Raw::Other("a date"),
        DeValue::Table(_) => Raw::Other("a table"),
    }
}

/// Line and column, counted from 1; the end of the text when there is no span.
fn position(text: &str, span: Option<Range<usize>>) -> (usize, usize) {
    let at = span.map_or(text.len(), |span| span.start.min(text.len()));
    let before = &text.as_bytes()[..at];
    let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
    let start = before
        .iter()
        .rposition(|byte| *byte == b'\n')
        .map_or(0, |newline| newline + 1);
    let column = String::from_utf8_lossy(&before[start..]).chars().count() + 1;
    (line, column)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parse_text(text: &str) -> Result<Read, ConfigError> {
        parse(Path::new("e.toml"), text)
    }

    fn problems(text: &str) -> Vec<String> {
        parse_text(text)
            .unwrap()
            .problems
            .iter()
            .map(ToString::to_string)
            .collect()
    }

    #[test]
    fn settings_have_their_lines() {
        let read =
            parse_text("# hello\nnode_name = \"n1\"\n\n[session]\ninflight_max = 5\n").unwrap();
        assert_eq!(read.problems, []);
        let setting = &read.settings["session.inflight_max"];
        assert_eq!(setting.raw, Raw::Integer(5));
        assert_eq!(
            setting.source,
            Source::File {
                path: "e.toml".into(),
                line: 5
            }
        );
    }

    #[test]
    fn what_is_no_setting_is_named_with_its_line_and_the_nearest_one() {
        assert_eq!(
            problems("\nnodename = \"n1\"\nmqt = [\"127.0.0.1:1\"]\n"),
            [
                "e.toml:2: nodename = \"n1\": there is no such setting; valid: node_name",
                "e.toml:3: mqt = [\"127.0.0.1:1\"]: there is no such setting; valid: mqtt",
            ]
        );
        assert_eq!(
            problems("[sesion]\nx = 1\n[session]\ninflght_max = 1\n"),
            [
                "e.toml:1: sesion: there is no such setting; valid: [session]",
                "e.toml:4: session.inflght_max = 1: there is no such setting; valid: session.inflight_max",
            ]
        );
        assert_eq!(
            problems("limits = 5"),
            [
                "e.toml:1: limits = 5: this is a table of settings; valid: [limits] on a line of its own"
            ]
        );
    }

    #[test]
    fn listeners_are_tables_with_known_fields() {
        let read = parse_text(
            "[listeners.tls-2]\ntype = \"tls\"\nsni = [{ server_name = \"a\", certfile = \"b\", keyfile = \"c\" }]\n",
        )
        .unwrap();
        assert_eq!(read.problems, []);
        let table = &read.listeners["tls-2"];
        assert_eq!(table.settings["type"].raw, Raw::String("tls".to_owned()));
        assert_eq!(table.sni[0].settings.len(), 3);
        assert_eq!(
            problems(
                "[listeners]\na = 1\n[listeners.b]\nmax_conections = 5\nsni = [{ name = \"x\" }, 7]\n[listener.c]\n"
            ),
            [
                "e.toml:2: listeners.a = 1: this is no table; valid: [listeners.NAME] on a line of its own",
                "e.toml:4: listeners.b.max_conections = 5: there is no such setting; valid: max_connections",
                "e.toml:5: listeners.b.sni.name = \"x\": there is no such setting; valid: server_name, certfile, keyfile",
                "e.toml:5: listeners.b.sni = 7: this is no table; valid: { server_name = …, certfile = …, keyfile = … }",
                "e.toml:6: listener: there is no such setting; valid: [listeners.NAME]",
            ]
        );
    }

    #[test]
    fn what_is_no_toml_is_shown_with_its_place() {
        let error = parse_text("node_name = \"n1\"\nmqtt = = 3\n")
            .unwrap_err()
            .to_string();
        assert!(error.starts_with("e.toml:2:"), "{error}");
        let twice = parse_text("http = \"a\"\nhttp = \"b\"\n")
            .unwrap_err()
            .to_string();
        assert!(
            twice.starts_with("e.toml:2:") && twice.contains("duplicate"),
            "{twice}"
        );
    }

    proptest! {
        #[test]
        fn no_file_makes_it_panic(text in "[a-z_\\[\\]\\.=\"{},0-9\\n é]{0,60}") {
            let _ = parse_text(&text);
        }
    }
}
