//! Puts flags, variables and the file together.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;

use super::value::{Raw, Setting};
use super::{Config, ConfigError, KEYS, Problem, Source, args, check, file, key};

/// The log filter in full; takes the place of the level.
const LOG_FILTER_VARIABLE: &str = "EMQXD_LOG";

impl Config {
    /// [`load`](Self::load) from these arguments (the program's name first) and this environment.
    ///
    /// # Errors
    /// As `load`.
    pub fn load_from<I>(
        args: I,
        environment: impl Fn(&str) -> Option<OsString>,
    ) -> Result<Self, ConfigError>
    where
        I: IntoIterator<Item: Into<OsString> + Clone>,
    {
        let args = args::parse(args)?;
        let mut problems = Vec::new();
        let variables = variables(&environment, &mut problems);
        let from_environment = || environment(CONFIG_VARIABLE).filter(|path| !path.is_empty());
        let path = args
            .config
            .clone()
            .or_else(|| from_environment().map(PathBuf::from));
        let mut settings: BTreeMap<&'static str, Setting> = BTreeMap::new();
        let mut listeners = BTreeMap::new();
        if let Some(path) = path {
            let read = file::read(&path)?;
            problems.extend(read.problems);
            settings.extend(read.settings);
            listeners = read.listeners;
        }
        settings.extend(variables);
        settings.extend(args.settings());
        let log_filter = variable(
            &environment,
            LOG_FILTER_VARIABLE,
            "log_level",
            &mut problems,
        );
        let mut config = check::config(&settings, &listeners, log_filter.as_ref(), problems)?;
        config.check_config = args.check_config;
        Ok(config)
    }
}

const CONFIG_VARIABLE: &str = "EMQXD_CONFIG";

fn variables(
    environment: &impl Fn(&str) -> Option<OsString>,
    problems: &mut Vec<Problem>,
) -> BTreeMap<&'static str, Setting> {
    KEYS.into_iter()
        .filter_map(|key| {
            Some((
                key,
                variable(environment, &key::variable(key), key, problems)?,
            ))
        })
        .collect()
}

fn variable(
    environment: &impl Fn(&str) -> Option<OsString>,
    name: &str,
    key: &str,
    problems: &mut Vec<Problem>,
) -> Option<Setting> {
    let value = environment(name).filter(|value| !value.is_empty())?;
    let source = Source::Variable(name.to_owned());
    match value.into_string() {
        Ok(text) => Some(Setting {
            source,
            raw: Raw::Text(text),
        }),
        Err(value) => {
            problems.push(Problem {
                source,
                key: key.to_owned(),
                value: value.to_string_lossy().into_owned(),
                why: "this is no UTF-8 text".to_owned(),
                valid: "UTF-8".to_owned(),
            });
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::config::LogFormat;

    fn load(args: &[&str], variables: &[(&str, &str)]) -> Result<Config, ConfigError> {
        let args = std::iter::once("emqxd").chain(args.iter().copied());
        Config::load_from(args, |name| {
            let found = variables.iter().find(|(variable, _)| *variable == name);
            found.map(|(_, value)| OsString::from(value))
        })
    }

    fn file(dir: &tempfile::TempDir, text: &str) -> String {
        let path = dir.path().join("e.toml");
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    }

    #[test]
    fn nothing_said_gives_the_defaults() {
        assert_eq!(load(&[], &[]).unwrap(), Config::default());
        assert_eq!(load(&[], &[("EMQXD_MQTT", "")]).unwrap(), Config::default());
    }

    #[test]
    fn a_flag_counts_before_a_variable_before_the_file_before_the_default() {
        let dir = tempfile::tempdir().unwrap();
        let path = file(
            &dir,
            "node_name = \"file\"\ncluster_name = \"file\"\ndata_dir = \"file\"\n[session]\ninflight_max = 7\n",
        );
        let variables = [
            ("EMQXD_NODE_NAME", "variable"),
            ("EMQXD_CLUSTER_NAME", "variable"),
            ("EMQXD_SESSION_INFLIGHT_MAX", "9"),
        ];
        let config = load(&["--config", &path, "--node-name", "flag"], &variables).unwrap();
        assert_eq!(config.node_name.as_str(), "flag");
        assert_eq!(config.cluster_name, "variable");
        assert_eq!(config.data_dir, Path::new("file"));
        assert_eq!(config.session.inflight_max, 9);
        assert_eq!(config.http, Config::default().http);
    }

    #[test]
    fn the_file_may_be_named_by_a_variable() {
        let dir = tempfile::tempdir().unwrap();
        let path = file(&dir, "log_format = \"json\"\n");
        let config = load(&["--check-config"], &[("EMQXD_CONFIG", &path)]).unwrap();
        assert_eq!(config.log_format, LogFormat::Json);
        assert!(config.check_config);
        let error = load(&["--config", "/nowhere/e.toml"], &[])
            .unwrap_err()
            .to_string();
        assert!(error.contains("/nowhere/e.toml"), "{error}");
    }

    #[test]
    fn everything_that_is_wrong_is_told_at_once_with_where_it_was_said() {
        let dir = tempfile::tempdir().unwrap();
        let path = file(&dir, "[limits]\nmax_connections = \"many\"\nwhat = 1\n");
        let error = load(
            &["--config", &path, "--mqtt", "1883"],
            &[
                ("EMQXD_SESSION_INFLIGHT_MAX", "0"),
                ("EMQXD_LOG", "emqxd=loud"),
            ],
        )
        .unwrap_err();
        let ConfigError::Invalid(problems) = &error else {
            panic!("{error}")
        };
        assert_eq!(problems.len(), 5, "{error}");
        let text = error.to_string();
        for part in [
            "--mqtt 1883: '1883' is not an IP address with a port; valid: ",
            "EMQXD_SESSION_INFLIGHT_MAX=0: this is too small; valid: a whole number from 1 to 65535",
            "EMQXD_LOG=emqxd=loud: ",
            ":2: limits.max_connections = \"many\": this is a text; leave the quotes out",
            ":3: limits.what = 1: there is no such setting",
        ] {
            assert!(text.contains(part), "{part} is not in\n{text}");
        }
    }

    #[test]
    fn help_and_version_are_told_apart_from_errors() {
        for (flag, is_error) in [
            ("--help", false),
            ("--version", false),
            ("--nonsense", true),
        ] {
            let Err(ConfigError::CommandLine(error)) = load(&[flag], &[]) else {
                panic!("{flag}")
            };
            assert_eq!(error.use_stderr(), is_error, "{flag}");
        }
    }
}
