//! The conformance tables: each normative statement of MQTT 3.1.1 and 5.0 that binds a Server has a test, or the reason
//! why it can have none. Prints the coverage, and fails when a statement loses its test.
#![allow(missing_docs, reason = "a test")]
#![allow(clippy::print_stdout, reason = "the table is what this is for")]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use libtest_mimic::{Arguments, Failed, Trial};
use serde::Deserialize;

/// The tables, below `tests/conformance`.
const TABLES: [&str; 2] = ["mqtt-3.1.1.toml", "mqtt-5.0.toml"];

/// A table: what it says about its standard, and the statements.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    /// Name of the standard.
    standard: String,
    /// How many statements its list of normative statements has.
    statements: usize,
    /// How many of them bind a Server.
    bind_a_server: usize,
    /// Statements of each chapter.
    chapters: BTreeMap<String, usize>,
    /// Numbers that the standard leaves out.
    not_assigned: BTreeSet<String>,
    /// In the order of their numbers.
    statement: Vec<Statement>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Statement {
    id: String,
    demands: String,
    binds: Binds,
    /// `FILE::NAME` for one in `tests/tests`, `emqxd::MODULE::NAME` for a unit test.
    #[serde(default)]
    tests: Vec<String>,
    /// Why it has no test.
    untestable: Option<String>,
}

#[derive(Deserialize, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
enum Binds {
    Server,
    Client,
    /// Whoever sends or receives; also what a client must do and the Server has to refuse otherwise.
    Both,
}

impl Statement {
    fn binds_a_server(&self) -> bool {
        self.binds != Binds::Client
    }
}

/// Section and number of `[MQTT-x.y.z-n]`, as numbers.
fn numbers(id: &str) -> Option<[u32; 4]> {
    let (section, number) = id.strip_prefix("MQTT-")?.split_once('-')?;
    let mut parts = section.split('.').chain([number]).map(|part| {
        let is_plain = !part.starts_with('0') || part == "0";
        let is_number = is_plain && part.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then(|| part.parse().ok()).flatten()
    });
    let numbers = [
        parts.next()??,
        parts.next()??,
        parts.next()??,
        parts.next()??,
    ];
    parts.next().is_none().then_some(numbers)
}

fn project() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn table(name: &str) -> Result<Table, String> {
    let path = project().join("tests/conformance").join(name);
    let text = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    toml::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))
}

/// Fails with all that was found.
fn none(found: Vec<String>) -> Result<(), Failed> {
    if found.is_empty() {
        Ok(())
    } else {
        Err(found.join("\n").into())
    }
}

/// Ids are well-formed, unique, in order, without a gap, and as many as the standard has.
fn is_complete(table: &Table) -> Result<(), Failed> {
    let mut found = Vec::new();
    let mut last = [0; 4];
    let mut chapters = BTreeMap::new();
    for Statement { id, demands, .. } in &table.statement {
        let Some(now) = numbers(id) else {
            found.push(format!("{id}: not of the form MQTT-x.y.z-n"));
            continue;
        };
        if now <= last {
            found.push(format!("{id}: twice, or not in order"));
        }
        let first = if now[..3] == last[..3] {
            last[3] + 1
        } else {
            1
        };
        for number in first..now[3] {
            let missing = format!("MQTT-{}.{}.{}-{number}", now[0], now[1], now[2]);
            if !table.not_assigned.contains(&missing) {
                found.push(format!("{missing}: missing"));
            }
        }
        if table.not_assigned.contains(id) {
            found.push(format!("{id}: is said to be left out by the standard"));
        }
        if demands.trim().is_empty() || demands.contains('\n') {
            found.push(format!("{id}: what it demands is to be said in one line"));
        }
        last = now;
        *chapters.entry(now[0].to_string()).or_insert(0) += 1;
    }
    let binding = table.statement.iter().filter(|one| one.binds_a_server());
    for (what, counted, said) in [
        ("statements", table.statement.len(), table.statements),
        (
            "statements that bind a Server",
            binding.count(),
            table.bind_a_server,
        ),
        (
            "statements of chapters",
            table.chapters.values().sum(),
            table.statements,
        ),
    ] {
        if counted != said {
            found.push(format!("{counted} {what}, and {said} are said to be there"));
        }
    }
    if chapters != table.chapters {
        found.push(format!(
            "{chapters:?} are not the chapters {:?}",
            table.chapters
        ));
    }
    none(found)
}

/// What binds the Server is tested, or it is said why not.
fn is_covered(table: &Table) -> Result<(), Failed> {
    let mut found = Vec::new();
    for one in &table.statement {
        let reason = one.untestable.as_deref().map(str::trim);
        if reason == Some("") {
            found.push(format!("{}: the reason is empty", one.id));
        }
        match (one.tests.is_empty(), reason) {
            (true, None) if one.binds_a_server() => {
                found.push(format!("{}: neither a test nor a reason", one.id));
            }
            (false, Some(_)) => found.push(format!("{}: both tests and a reason", one.id)),
            _ => {}
        }
        let distinct: BTreeSet<_> = one.tests.iter().collect();
        if distinct.len() < one.tests.len() {
            found.push(format!("{}: a test is named twice", one.id));
        }
    }
    none(found)
}

/// Every test that is named is there, and runs.
fn tests_exist(table: &Table) -> Result<(), Failed> {
    let mut sources = Sources::default();
    let mut found = Vec::new();
    for one in &table.statement {
        for test in &one.tests {
            if let Err(why) = sources.find(test) {
                found.push(format!("{}: {test}: {why}", one.id));
            }
        }
    }
    none(found)
}

/// The tests of files that were looked into: name, and whether it is ignored.
#[derive(Default)]
struct Sources {
    files: BTreeMap<PathBuf, Option<BTreeMap<String, bool>>>,
}

impl Sources {
    /// Looks a test up by the name that the tables give it.
    fn find(&mut self, test: &str) -> Result<(), &'static str> {
        let (module, name) = test.rsplit_once("::").ok_or("not FILE::NAME")?;
        let mut is_there = false;
        for file in files_of(module) {
            let tests = self.files.entry(file).or_insert_with_key(|file| {
                fs::read_to_string(file).ok().map(|text| tests_in(&text))
            });
            if let Some(tests) = tests {
                is_there = true;
                match tests.get(name) {
                    Some(false) => return Ok(()),
                    Some(true) => return Err("it is ignored"),
                    None => {}
                }
            }
        }
        Err(if is_there {
            "there is no such test"
        } else {
            "there is no such file"
        })
    }
}

/// Where the tests of a module can be.
fn files_of(module: &str) -> Vec<PathBuf> {
    let Some(module) = module.strip_prefix("emqxd::") else {
        return vec![project().join(format!("tests/tests/{module}.rs"))];
    };
    let path = |module: &str| project().join(format!("emqxd/src/{}.rs", module.replace("::", "/")));
    let mut files = vec![path(module), path(&format!("{module}::mod"))];
    // Most modules hold their tests within them.
    if let Some(outer) = module.strip_suffix("::tests") {
        files.extend([path(outer), path(&format!("{outer}::mod"))]);
    }
    files
}

/// The functions of a source file that have an attribute `#[test]` or `#[tokio::test]`, and whether they are ignored.
fn tests_in(text: &str) -> BTreeMap<String, bool> {
    let mut tests = BTreeMap::new();
    let (mut is_test, mut is_ignored) = (false, false);
    for line in text.lines().map(str::trim_start) {
        if line.starts_with("#[") {
            is_test |= line.starts_with("#[test]") || line.starts_with("#[tokio::test");
            is_ignored |= line.starts_with("#[ignore") || line.starts_with("#[cfg");
            continue;
        }
        if line.starts_with("//") || line.is_empty() {
            continue;
        }
        let line = line.strip_prefix("pub ").unwrap_or(line);
        let line = line.strip_prefix("async ").unwrap_or(line);
        if let Some(rest) = line.strip_prefix("fn ")
            && is_test
        {
            let name = rest.split(['(', '<']).next().unwrap_or_default();
            tests.insert(name.to_owned(), is_ignored);
        }
        (is_test, is_ignored) = (false, false);
    }
    tests
}

/// What people want to know: how much is covered, and what is not tested and why.
fn report(tables: &[Table]) -> String {
    let mut text = String::new();
    let _ = writeln!(
        text,
        "\n{:<32} {:>10} {:>13} {:>7} {:>12}",
        "normative statements", "statements", "bind a server", "tested", "with reason"
    );
    for table in tables {
        let binding = || table.statement.iter().filter(|one| one.binds_a_server());
        let tested = binding().filter(|one| !one.tests.is_empty()).count();
        let explained = binding().filter(|one| one.untestable.is_some()).count();
        let _ = writeln!(
            text,
            "{:<32} {:>10} {:>13} {tested:>7} {explained:>12}",
            table.standard,
            table.statement.len(),
            binding().count(),
        );
    }
    for table in tables {
        let _ = writeln!(text, "\nNot tested in {}:", table.standard);
        for one in table.statement.iter().filter(|one| one.binds_a_server()) {
            if let Some(reason) = &one.untestable {
                let _ = writeln!(text, "  {:<15} {reason}", one.id);
            }
        }
    }
    text
}

/// One look at a table.
type Check = fn(&Table) -> Result<(), Failed>;

fn trials(name: &'static str) -> Vec<Trial> {
    let version = name.trim_start_matches("mqtt-").trim_end_matches(".toml");
    let version = version.replace('.', "_");
    let checks: [(&str, Check); 3] = [
        ("is_complete_and_in_order", is_complete),
        ("has_a_test_or_a_reason_for_each_statement", is_covered),
        ("names_tests_that_exist", tests_exist),
    ];
    checks
        .into_iter()
        .map(|(what, check)| {
            Trial::test(format!("mqtt_{version}_{what}"), move || {
                check(&table(name)?)
            })
        })
        .collect()
}

/// The look into a source file finds what runs, and nothing else.
fn a_name_alone_is_no_test() -> Result<(), Failed> {
    let text = "
        #[test]
        // Why.
        fn plain() {}
        #[tokio::test(flavor = \"current_thread\")]
        async fn with_runtime() {
            fn inner() {}
        }
        #[test]
        #[ignore = \"slow\"]
        fn ignored() {}
        fn helper() {}
        // #[test]
        fn commented_out() {}
        #[allow(dead_code)]
        fn other_attribute() {}
    ";
    let expected = [("plain", false), ("with_runtime", false), ("ignored", true)];
    let expected = expected.map(|(name, is_ignored)| (name.to_owned(), is_ignored));
    if tests_in(text) == BTreeMap::from(expected) {
        Ok(())
    } else {
        Err(format!("{:?}", tests_in(text)).into())
    }
}

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    if !arguments.list {
        let tables: Result<Vec<_>, _> = TABLES.into_iter().map(table).collect();
        // A table that cannot be read shows in the tests.
        if let Ok(tables) = tables {
            print!("{}", report(&tables));
        }
    }
    let mut trials: Vec<_> = TABLES.into_iter().flat_map(trials).collect();
    trials.push(Trial::test(
        "a_name_alone_is_no_test",
        a_name_alone_is_no_test,
    ));
    libtest_mimic::run(&arguments, trials).exit_code()
}
