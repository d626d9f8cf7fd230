//! The command line.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args as _, CommandFactory, FromArgMatches, Parser};

use super::value::{Raw, Setting};
use super::{ConfigError, Source, key};

/// A clustered MQTT broker whose nodes can be taken out of service under live traffic.
#[derive(Debug, Parser)]
#[command(name = "emqxd", version, after_long_help = AFTER_HELP, long_about = LONG_ABOUT)]
pub(super) struct Args {
    /// Configuration file (TOML); emqxd.example.toml shows all settings [env: EMQXD_CONFIG].
    #[arg(long, value_name = "FILE")]
    pub(super) config: Option<PathBuf>,

    /// Check the configuration, say so, and exit.
    ///
    /// Nothing is opened or bound.
    #[arg(long)]
    pub(super) check_config: bool,

    #[command(flatten)]
    settings: Settings,
}

/// Each is a setting of the file too, under its name with `_`.
#[derive(Debug, clap::Args)]
struct Settings {
    /// Name of this node: unique in the cluster, the same at every start [default: the host name].
    #[arg(long, value_name = "NAME")]
    node_name: Option<String>,

    /// Name of the cluster; nodes of another one are not spoken to [default: emqxd].
    #[arg(long, value_name = "NAME")]
    cluster_name: Option<String>,

    /// Directory for everything that the node keeps, and for ready.json [default: emqxd-data].
    #[arg(long, value_name = "DIR")]
    data_dir: Option<String>,

    /// When what must survive counts as stored: none, os or disk [default: disk].
    ///
    /// It concerns Sessions that outlive their connections, with their messages of QoS 1 and 2, and Retained Messages; PUBACK and
    /// PUBREC wait for it. disk: when the disk has it, also after a
    /// power cut. os: when the system has it, so that a power cut or a crash of the system loses the last seconds, and
    /// the end of the process nothing. none: nothing is stored, and all is gone with the process.
    #[arg(long, value_name = "WHEN")]
    durability: Option<String>,

    /// Where MQTT is served, over TCP [default: 127.0.0.1:1883].
    ///
    /// Port 0 picks a free one, which ready.json then tells. An address that other hosts reach needs
    /// --allow-anonymous to be said.
    #[arg(long, value_name = "ADDR")]
    mqtt: Option<String>,

    /// Where MQTT is served over TLS; needs tls.certfile and tls.keyfile [default: nowhere].
    #[arg(long, value_name = "ADDR")]
    mqtts: Option<String>,

    /// Where MQTT is served over WebSocket, at the path /mqtt [default: nowhere].
    #[arg(long, value_name = "ADDR")]
    ws: Option<String>,

    /// Where MQTT is served over WebSocket over TLS, at the path /mqtt [default: nowhere].
    #[arg(long, value_name = "ADDR")]
    wss: Option<String>,

    /// HOST:PORT that clients are told to connect to when they are sent to this node [default: as bound].
    ///
    /// It goes into the Server Reference of MQTT 5.0. When a listener is bound to all addresses, the default is the
    /// host name with its port.
    #[arg(long, value_name = "HOST:PORT")]
    advertise_mqtt: Option<String>,

    /// Let clients in that give no User Name.
    ///
    /// The default while all listeners are on this host only.
    #[arg(long, value_name = "BOOL", num_args = 0..=1, default_missing_value = "true")]
    allow_anonymous: Option<String>,

    /// Where availability, status and metrics are served, over HTTP [default: 127.0.0.1:18083].
    #[arg(long, value_name = "ADDR")]
    http: Option<String>,

    /// Where operators (emqxctl) are served, over gRPC [default: 127.0.0.1:7883].
    ///
    /// An address that other hosts reach needs --insecure-admin.
    #[arg(long, value_name = "ADDR")]
    admin: Option<String>,

    /// Serve operators on an address that other hosts reach, although without encryption and login.
    #[arg(long, value_name = "BOOL", num_args = 0..=1, default_missing_value = "true")]
    insecure_admin: Option<String>,

    /// Where other nodes reach this one: gossip (UDP) and peer links (TCP) [default: 127.0.0.1:4370].
    ///
    /// An address that other hosts reach needs --insecure-cluster.
    #[arg(long, value_name = "ADDR")]
    cluster: Option<String>,

    /// Address of --cluster as other nodes know it [default: as bound].
    ///
    /// Needed when --cluster is bound to all addresses. Port 0 stands for the bound port.
    #[arg(long, value_name = "ADDR")]
    advertise_cluster: Option<String>,

    /// Speak to other nodes on an address that other hosts reach, although without encryption and login.
    #[arg(long, value_name = "BOOL", num_args = 0..=1, default_missing_value = "true")]
    insecure_cluster: Option<String>,

    /// Cluster addresses of some nodes to join, separated by commas [default: none, the node starts alone].
    #[arg(long, value_name = "HOST:PORT[,HOST:PORT]")]
    join: Vec<String>,

    /// How the log is written to standard error: text or json [default: text].
    #[arg(long, value_name = "FORMAT")]
    log_format: Option<String>,

    /// Least severe records that are logged: error, warn, info, debug or trace [default: info].
    ///
    /// Also by module, as in "warn,emqxd::net=debug". EMQXD_LOG, when set, takes its place.
    #[arg(long, value_name = "LEVEL")]
    log_level: Option<String>,
}

const LONG_ABOUT: &str = "\
A clustered MQTT broker whose nodes can be taken out of service under live traffic.

Started without anything, it serves MQTT 3.1, 3.1.1 and 5.0 on this host only, keeps its data in ./emqxd-data, and is \
a cluster of one node.";

const AFTER_HELP: &str = "\
Settings:
  Each flag but --config and --check-config is also a key of the file (node_name) and a variable (EMQXD_NODE_NAME). A \
flag counts before a variable, a variable before the file, the file before the default. The file has more keys; a \
key in a table has a variable too (session.inflight_max: EMQXD_SESSION_INFLIGHT_MAX). An empty variable counts as not \
set.

  Further listeners, each with its own limits and certificates, are tables [listeners.NAME] of the file, or added at run \
time by emqxctl listeners. What was changed at run time is kept in the data directory (listeners.json) and counts before \
flags and file.

Examples:
  Three nodes on this host:
    emqxd --node-name n1 --data-dir n1
    emqxd --node-name n2 --data-dir n2 --mqtt 127.0.0.1:1884 --admin 127.0.0.1:7884 \\
          --http 127.0.0.1:18084 --cluster 127.0.0.1:4371 --join 127.0.0.1:4370
    emqxd --node-name n3 --data-dir n3 --mqtt 127.0.0.1:0 --admin 127.0.0.1:0 \\
          --http 127.0.0.1:0 --cluster 127.0.0.1:0 --join 127.0.0.1:4370

  MQTT over TLS and over WebSocket too:
    EMQXD_TLS_CERTFILE=server.crt EMQXD_TLS_KEYFILE=server.key \\
    emqxd --mqtts 127.0.0.1:8883 --ws 127.0.0.1:8083 --wss 127.0.0.1:8084

  A node for clients of other hosts:
    emqxd --config /etc/emqxd/emqxd.toml --mqtt 0.0.0.0:1883 --allow-anonymous \\
          --advertise-mqtt broker-1.example.org:1883

Signals:
  SIGTERM or SIGINT ends it in good order, after it has evacuated itself when shutdown.evacuate says so; a second one \
ends it at once. SIGHUP makes it read its certificates again.

Exit codes:
  0  it ended in good order, or the configuration is valid
  1  it could not start (address in use, data directory locked, node name taken) or it failed
  2  bad flags or bad configuration; nothing was opened";

/// The command line as a clap command: for help and completion.
pub fn command() -> clap::Command {
    Settings::augment_args(clap::Command::new("settings"))
        .get_arguments()
        .map(|arg| arg.get_id().to_string())
        .fold(Args::command(), |command, id| {
            let variable = key::variable(&id);
            command.mut_arg(id, |arg| {
                let short = arg
                    .get_help()
                    .map(|help| format!("{help} [env: {variable}]"));
                let long = arg
                    .get_long_help()
                    .map(|help| format!("{help}\n\n[env: {variable}]"));
                let arg = match short {
                    Some(short) => arg.help(short),
                    None => arg,
                };
                match long {
                    Some(long) => arg.long_help(long),
                    None => arg,
                }
            })
        })
}

/// Parses a command line, the program's name first.
pub(super) fn parse<I>(args: I) -> Result<Args, ConfigError>
where
    I: IntoIterator<Item: Into<OsString> + Clone>,
{
    let matches = command()
        .try_get_matches_from(args)
        .map_err(ConfigError::CommandLine)?;
    Args::from_arg_matches(&matches).map_err(ConfigError::CommandLine)
}

impl Args {
    /// The settings that were given.
    pub(super) fn settings(&self) -> BTreeMap<&'static str, Setting> {
        let given = &self.settings;
        let list = |texts: &[String]| (!texts.is_empty()).then(|| texts.join(","));
        let texts = [
            ("node_name", given.node_name.clone()),
            ("cluster_name", given.cluster_name.clone()),
            ("data_dir", given.data_dir.clone()),
            ("durability", given.durability.clone()),
            ("mqtt", given.mqtt.clone()),
            ("mqtts", given.mqtts.clone()),
            ("ws", given.ws.clone()),
            ("wss", given.wss.clone()),
            ("advertise_mqtt", given.advertise_mqtt.clone()),
            ("allow_anonymous", given.allow_anonymous.clone()),
            ("http", given.http.clone()),
            ("admin", given.admin.clone()),
            ("insecure_admin", given.insecure_admin.clone()),
            ("cluster", given.cluster.clone()),
            ("advertise_cluster", given.advertise_cluster.clone()),
            ("insecure_cluster", given.insecure_cluster.clone()),
            ("join", list(&given.join)),
            ("log_format", given.log_format.clone()),
            ("log_level", given.log_level.clone()),
        ];
        texts
            .into_iter()
            .filter_map(|(key, text)| {
                let source = Source::Flag(key::flag(key));
                Some((
                    key,
                    Setting {
                        source,
                        raw: Raw::Text(text?),
                    },
                ))
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::KEYS;

    #[test]
    fn the_command_line_is_sound_and_has_every_setting_without_a_table() {
        let command = command();
        command.clone().debug_assert();
        for key in KEYS.iter().filter(|key| !key.contains('.')) {
            let arg = command.get_arguments().find(|arg| arg.get_id() == *key);
            let arg = arg.unwrap_or_else(|| panic!("{key} has no flag"));
            assert_eq!(
                arg.get_long().map(|long| format!("--{long}")),
                Some(key::flag(key))
            );
            let help = arg.get_help().unwrap().to_string();
            assert!(
                help.contains(&format!("[env: {}]", key::variable(key))),
                "{help}"
            );
        }
        let given = [
            "emqxd",
            "--node-name=a",
            "--cluster-name=a",
            "--data-dir=a",
            "--mqtt=a",
            "--mqtts=a",
            "--ws=a",
            "--wss=a",
            "--advertise-mqtt=a",
            "--allow-anonymous",
            "--http=a",
            "--admin=a",
            "--durability=a",
            "--insecure-admin",
            "--cluster=a",
            "--advertise-cluster=a",
            "--insecure-cluster",
            "--join=a",
            "--log-format=a",
            "--log-level=a",
        ];
        let flags = KEYS.iter().filter(|key| !key.contains('.')).count();
        assert_eq!(parse(given).unwrap().settings().len(), flags);
    }

    #[test]
    fn help_shows_examples_and_exit_codes() {
        let help = command().render_long_help().to_string();
        for part in [
            "Examples:",
            "Exit codes:",
            "--advertise-mqtt",
            "EMQXD_JOIN",
            "--check-config",
        ] {
            assert!(help.contains(part), "{part} is not in\n{help}");
        }
    }

    #[test]
    fn lists_may_be_repeated_and_truths_need_no_value() {
        let args = parse([
            "emqxd",
            "--join",
            "a:1,b:2",
            "--join",
            "c:3",
            "--allow-anonymous",
            "--mqtt",
            "x",
        ]);
        let settings = args.unwrap().settings();
        assert_eq!(settings["join"].raw, Raw::Text("a:1,b:2,c:3".to_owned()));
        assert_eq!(
            settings["allow_anonymous"].raw,
            Raw::Text("true".to_owned())
        );
        assert_eq!(settings["mqtt"].source, Source::Flag("--mqtt".to_owned()));
        for said in [
            &["--allow-anonymous=false"][..],
            &["--allow-anonymous", "false"],
        ] {
            let args = parse(["emqxd"].iter().chain(said)).unwrap();
            let raw = &args.settings()["allow_anonymous"].raw;
            assert_eq!(*raw, Raw::Text("false".to_owned()));
        }
    }

    #[test]
    fn an_unknown_flag_is_an_error_with_a_hint() {
        let error = parse(["emqxd", "--node-nam", "n1"])
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("--node-nam") && error.contains("--node-name"),
            "{error}"
        );
    }
}
