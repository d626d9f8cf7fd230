//! From the listeners' settings as they were written to [`ListenerConfig`]s.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use super::check::Check;
use super::listener::{
    Bind, ClientCertificate, ListenerChange, ListenerConfig, ListenerKind, ListenerOrigin,
    ListenerSettings, ServerCertificate, TlsDefaults,
};
use super::value::{self, Invalid, Raw, Setting, invalid};
use super::{Config, Problem, Source};
use crate::membership::NodeName;

/// Fields of a table `[listeners.NAME]`, besides `sni`.
pub(super) const FIELDS: [&str; 14] = [
    "type",
    "bind",
    "enabled",
    "max_connections",
    "maximum_packet_size",
    "connect_timeout",
    "proxy_protocol",
    "proxy_protocol_timeout",
    "path",
    "certfile",
    "keyfile",
    "cacertfile",
    "client_certificate",
    "handshake_timeout",
];

/// Fields of an entry of `sni`.
pub(super) const SNI_FIELDS: [&str; 3] = ["server_name", "certfile", "keyfile"];

/// A table `[listeners.NAME]`.
#[derive(Debug)]
pub(super) struct ListenerTable {
    source: Source,
    pub(super) settings: BTreeMap<&'static str, Setting>,
    pub(super) sni: Vec<Sni>,
}

/// A further certificate.
#[derive(Debug)]
pub(super) struct Sni {
    source: Source,
    pub(super) settings: BTreeMap<&'static str, Setting>,
}

impl ListenerTable {
    pub(super) const fn new(source: Source) -> Self {
        Self {
            source,
            settings: BTreeMap::new(),
            sni: Vec::new(),
        }
    }
}

impl Sni {
    pub(super) const fn new(source: Source) -> Self {
        Self {
            source,
            settings: BTreeMap::new(),
        }
    }
}

impl Check<'_> {
    /// The table `[tls]`.
    pub(super) fn tls(&mut self) -> TlsDefaults {
        let default = TlsDefaults::default();
        let tls = TlsDefaults {
            certfile: self.of("tls.certfile", None, |raw| file(raw).map(Some)),
            keyfile: self.of("tls.keyfile", None, |raw| file(raw).map(Some)),
            cacertfile: self.of("tls.cacertfile", None, |raw| file(raw).map(Some)),
            client_certificate: self.of(
                "tls.client_certificate",
                default.client_certificate,
                |raw| value::word(raw, &ClientCertificate::ALL),
            ),
            handshake_timeout: self.of("tls.handshake_timeout", default.handshake_timeout, |raw| {
                value::duration(raw, Duration::from_millis(100), Duration::from_secs(600))
            }),
        };
        let alone = match (&tls.certfile, &tls.keyfile) {
            (Some(_), None) => Some(("tls.certfile", "the key is missing", "tls.keyfile too")),
            (None, Some(_)) => Some((
                "tls.keyfile",
                "the certificate is missing",
                "tls.certfile too",
            )),
            _ => None,
        };
        if let Some((key, why, valid)) = alone {
            self.note(key, "", why.to_owned(), valid.to_owned());
        }
        tls
    }

    /// The listeners of flags and file together.
    pub(super) fn listeners(
        &mut self,
        config: &Config,
        tables: &BTreeMap<String, ListenerTable>,
    ) -> Vec<ListenerConfig> {
        let own = [
            ("mqtt", ListenerKind::Tcp),
            ("mqtts", ListenerKind::Tls),
            ("ws", ListenerKind::Ws),
            ("wss", ListenerKind::Wss),
        ];
        let mut listeners = Vec::new();
        for (name, kind) in own {
            let bind = if name == "mqtt" {
                Some(config.mqtt)
            } else {
                self.of(name, None, |raw| value::address(raw).map(Some))
            };
            match (bind, tables.get(name)) {
                (Some(bind), table) => {
                    let base = ListenerSettings::new(Bind::Tcp(bind), &config.tls);
                    listeners.extend(self.listener(name, kind, ListenerOrigin::Flag, base, table));
                }
                (None, Some(table)) if !self.settings.contains_key(name) => {
                    self.note_table(
                        name,
                        table,
                        "this table is for the listener of that setting, which is not set"
                            .to_owned(),
                        format!("{name} = \"IP:PORT\" beside it, or a table of another name"),
                    );
                }
                (None, _) => {}
            }
        }
        let further = tables
            .iter()
            .filter(|(name, _)| !own.iter().any(|(own, _)| own == name));
        for (name, table) in further {
            listeners.extend(self.further(name, table, &config.tls));
        }
        listeners.sort_by(|a, b| a.name.cmp(&b.name));
        listeners
    }

    fn further(
        &mut self,
        name: &str,
        table: &ListenerTable,
        tls: &TlsDefaults,
    ) -> Option<ListenerConfig> {
        if NodeName::new(name).is_err() {
            self.note_table(
                name,
                table,
                format!("'{name}' cannot be a name"),
                "1 to 64 characters out of A-Z a-z 0-9 . _ -".to_owned(),
            );
            return None;
        }
        let kind = match table.settings.get("type") {
            Some(_) => self.field(name, &table.settings, "type", |raw| {
                value::word(raw, &ListenerKind::ALL)
            }),
            None => {
                let valid = "type = \"tcp\", \"tls\", \"ws\" or \"wss\"".to_owned();
                self.note_table(name, table, "its type is missing".to_owned(), valid);
                None
            }
        };
        let bind = match table.settings.get("bind") {
            Some(_) => self.field(name, &table.settings, "bind", bind),
            None => {
                let valid = format!("bind = \"{}\"", Bind::VALID);
                self.note_table(name, table, "its address is missing".to_owned(), valid);
                None
            }
        };
        let base = ListenerSettings::new(bind?, tls);
        self.listener(name, kind?, ListenerOrigin::File, base, Some(table))
    }

    fn listener(
        &mut self,
        name: &str,
        kind: ListenerKind,
        origin: ListenerOrigin,
        base: ListenerSettings,
        table: Option<&ListenerTable>,
    ) -> Option<ListenerConfig> {
        let noted = self.problems.len();
        let change = match table {
            Some(table) => self.change(name, origin, table),
            None => ListenerChange::default(),
        };
        if self.problems.len() > noted {
            return None;
        }
        let mut problems = change.problems(kind);
        let settings = base.with(&change, kind);
        let settings = match settings {
            Ok(settings) => Some(settings),
            Err(problem) => {
                problems.push(problem);
                None
            }
        };
        for problem in problems {
            let setting = table.and_then(|table| table.settings.get(problem.field));
            match (setting, table) {
                (Some(setting), _) => self.note_setting(
                    &format!("listeners.{name}.{}", problem.field),
                    setting,
                    problem.why,
                    problem.valid,
                ),
                (None, Some(table)) => self.note_table(name, table, problem.why, problem.valid),
                (None, None) => self.note(name, "", problem.why, problem.valid),
            }
        }
        Some(ListenerConfig {
            name: name.to_owned(),
            kind,
            origin,
            settings: settings?,
        })
    }

    /// What a table says.
    fn change(
        &mut self,
        name: &str,
        origin: ListenerOrigin,
        table: &ListenerTable,
    ) -> ListenerChange {
        let settings = &table.settings;
        if origin == ListenerOrigin::Flag {
            for field in ["type", "bind"] {
                if let Some(setting) = settings.get(field) {
                    let key = format!("listeners.{name}.{field}");
                    let why = format!("the setting {name} says this already");
                    let valid = format!("{name} = \"IP:PORT\" outside the tables");
                    self.note_setting(&key, setting, why, valid);
                }
            }
        }
        let ms = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        let duration =
            |raw: &Raw| value::duration(raw, Duration::ZERO, Duration::from_secs(86_400)).map(ms);
        ListenerChange {
            bind: None,
            enabled: self.field(name, settings, "enabled", value::boolean),
            max_connections: self.field(name, settings, "max_connections", |raw| {
                value::integer(raw, 0, u64::MAX >> 1)
            }),
            maximum_packet_size: self.field(name, settings, "maximum_packet_size", |raw| {
                let bytes = value::bytes(raw, 0, 60 << 20)?;
                Ok(u32::try_from(bytes).unwrap_or(u32::MAX))
            }),
            connect_timeout_ms: self.field(name, settings, "connect_timeout", duration),
            proxy_protocol: self.field(name, settings, "proxy_protocol", value::boolean),
            proxy_protocol_timeout_ms: self.field(
                name,
                settings,
                "proxy_protocol_timeout",
                duration,
            ),
            path: self.field(name, settings, "path", |raw| {
                value::text(raw, "a path that begins with /, such as /mqtt")
            }),
            certificates: self.certificates(name, table),
            cacertfile: self.field(name, settings, "cacertfile", file),
            client_certificate: self.field(name, settings, "client_certificate", |raw| {
                value::word(raw, &ClientCertificate::ALL)
            }),
            handshake_timeout_ms: self.field(name, settings, "handshake_timeout", duration),
        }
    }

    fn certificates(
        &mut self,
        name: &str,
        table: &ListenerTable,
    ) -> Option<Vec<ServerCertificate>> {
        let mut certificates = Vec::new();
        let certfile = self.field(name, &table.settings, "certfile", file);
        let keyfile = self.field(name, &table.settings, "keyfile", file);
        match (certfile, keyfile) {
            (Some(certfile), Some(keyfile)) => certificates.push(ServerCertificate {
                certfile,
                keyfile,
                server_name: String::new(),
            }),
            (None, None) => {}
            _ => self.note_table(
                name,
                table,
                "a certificate and its key go together".to_owned(),
                "certfile and keyfile".to_owned(),
            ),
        }
        for sni in &table.sni {
            let inner = format!("{name}.sni");
            let server_name =
                self.field(
                    &inner,
                    &sni.settings,
                    "server_name",
                    |raw| match value::text(raw, "a host name") {
                        Ok(name) if name.is_empty() => invalid("this is empty", "a host name"),
                        named => named,
                    },
                );
            let certfile = self.field(&inner, &sni.settings, "certfile", file);
            let keyfile = self.field(&inner, &sni.settings, "keyfile", file);
            match (server_name, certfile, keyfile) {
                (Some(server_name), Some(certfile), Some(keyfile)) => {
                    certificates.push(ServerCertificate {
                        certfile,
                        keyfile,
                        server_name,
                    });
                }
                _ => self.problems.push(Problem {
                    source: sni.source.clone(),
                    key: format!("listeners.{inner}"),
                    value: String::new(),
                    why: "an entry needs all three fields".to_owned(),
                    valid: SNI_FIELDS.join(", "),
                }),
            }
        }
        (!certificates.is_empty()).then_some(certificates)
    }

    /// A field's value; `None` when it is not said, or not valid, which is noted.
    fn field<T>(
        &mut self,
        name: &str,
        settings: &BTreeMap<&'static str, Setting>,
        field: &str,
        parse: impl FnOnce(&Raw) -> Result<T, Invalid>,
    ) -> Option<T> {
        let setting = settings.get(field)?;
        match parse(&setting.raw) {
            Ok(value) => Some(value),
            Err(Invalid { why, valid }) => {
                self.note_setting(&format!("listeners.{name}.{field}"), setting, why, valid);
                None
            }
        }
    }

    fn note_setting(&mut self, key: &str, setting: &Setting, why: String, valid: String) {
        self.problems.push(Problem {
            source: setting.source.clone(),
            key: key.to_owned(),
            value: setting.raw.to_string(),
            why,
            valid,
        });
    }

    fn note_table(&mut self, name: &str, table: &ListenerTable, why: String, valid: String) {
        self.problems.push(Problem {
            source: table.source.clone(),
            key: format!("listeners.{name}"),
            value: String::new(),
            why,
            valid,
        });
    }

    /// Something is wrong with a listener's address.
    pub(super) fn note_bind(
        &mut self,
        listener: &ListenerConfig,
        tables: &BTreeMap<String, ListenerTable>,
        why: String,
        valid: &str,
    ) {
        let name = &listener.name;
        let table = tables.get(name);
        match table.and_then(|table| table.settings.get("bind")) {
            Some(setting) => {
                let key = format!("listeners.{name}.bind");
                self.note_setting(&key, setting, why, valid.to_owned());
            }
            None => {
                let shown = listener.settings.bind.to_string();
                self.note(name, &shown, why, valid.to_owned());
            }
        }
    }
}

fn bind(raw: &Raw) -> Result<Bind, Invalid> {
    let text = value::text(raw, Bind::VALID)?;
    Bind::parse(&text).or_else(|why| invalid(why, Bind::VALID))
}

fn file(raw: &Raw) -> Result<PathBuf, Invalid> {
    const VALID: &str = "the path of a PEM file";
    let text = value::text(raw, VALID)?;
    if text.is_empty() {
        invalid("this is empty", VALID)
    } else {
        Ok(PathBuf::from(text))
    }
}
