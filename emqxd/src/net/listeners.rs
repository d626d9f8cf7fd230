//! All listeners of the node: opened at start, then added, changed and removed while it serves. No change touches a
//! connection that another listener, or the same one, has accepted.
//!
//! Changes are made one after the other: everything that can fail is done first (settings, certificates, address, then
//! the file that keeps the change), and only then anything is replaced.

mod entry;
mod error;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use parking_lot::Mutex;

use super::bind::Acceptor;
use super::listener::{Accepting, Listener, Live};
use super::listener_file::{Added, RuntimeChanges};
use crate::config::Config;
use crate::config::listener::{
    Bind, InvalidSetting, ListenerChange, ListenerConfig, ListenerKind, ListenerOrigin,
    ListenerSettings,
};
use crate::event_log::Severity;
use crate::membership::NodeName;
use crate::node::broker::Broker;
use crate::node::session_cell::Close;
use crate::packet::ReasonCode;
use crate::watch;

use entry::{Entry, Open, close, load_tls, with_address};

pub use entry::ListenerStatus;
pub use error::ListenerError;

/// All listeners of the node.
pub struct Listeners {
    config: Arc<Config>,
    data_dir: PathBuf,
    entries: Mutex<BTreeMap<String, Entry>>,
    /// Held through a whole change.
    changes: tokio::sync::Mutex<RuntimeChanges>,
    broker: OnceLock<Arc<Broker>>,
    /// Counts changes of addresses.
    moved: watch::Sender<u64>,
}

impl Listeners {
    /// Opens the listeners of flags and file with what was changed at run time over them. They accept when they
    /// [serve](Self::serve).
    ///
    /// # Errors
    /// When a listener of flags or file cannot be opened as they say. One that was added or changed at run time is
    /// shown with its problem instead: the node starts without it.
    pub fn open(config: Arc<Config>, data_dir: PathBuf) -> anyhow::Result<Self> {
        let changes = RuntimeChanges::read(&data_dir)?;
        let mut entries = BTreeMap::new();
        for base in &config.listeners {
            if changes.removed.contains(&base.name) || changes.added.contains_key(&base.name) {
                continue;
            }
            let entry = match changes.changed.get(&base.name) {
                None => Entry::open(base, base.settings.clone())
                    .map_err(|error| anyhow::anyhow!("listener {}: {error}", base.name))?,
                Some(change) => Entry::open_or_note(base, change),
            };
            entries.insert(base.name.clone(), entry);
        }
        for (name, added) in &changes.added {
            let base = ListenerConfig {
                name: name.clone(),
                kind: added.kind,
                origin: ListenerOrigin::Runtime,
                settings: ListenerSettings::new(
                    added.settings.bind.clone().unwrap_or_else(any_port),
                    &config.tls,
                ),
            };
            entries.insert(name.clone(), Entry::open_or_note(&base, &added.settings));
        }
        Ok(Self {
            config,
            data_dir,
            entries: Mutex::new(entries),
            changes: tokio::sync::Mutex::new(changes),
            broker: OnceLock::new(),
            moved: watch::Sender::new(0),
        })
    }

    /// Begins to accept; once.
    pub fn serve(&self, broker: &Arc<Broker>) {
        let _ = self.broker.set(Arc::clone(broker));
        for (name, entry) in self.entries.lock().iter_mut() {
            if let Some(problem) = &entry.problem {
                tracing::warn!(listener = name, problem, "a listener accepts nothing");
                let message = format!("listener {name} accepts nothing: {problem}");
                broker
                    .events
                    .add(Severity::Warn, "LISTENER_PROBLEM", &message, None);
            }
            entry.open = match entry.open.take() {
                Some(Open::Waiting(acceptor)) => Some(Open::Accepting(Accepting::start(
                    acceptor,
                    Arc::clone(&entry.listener),
                    Arc::clone(broker),
                ))),
                open => open,
            };
        }
    }

    /// Stops accepting, and gives up connections that are not served yet.
    pub async fn stop(&self) {
        let mut open = Vec::new();
        for entry in self.entries.lock().values_mut() {
            entry.listener.give_up();
            open.extend(entry.open.take());
        }
        for open in open {
            open.close().await;
        }
    }

    /// Where a listener is bound.
    pub fn address(&self, name: &str) -> Option<Bind> {
        self.entries.lock().get(name)?.address.clone()
    }

    /// Changes whenever an address may have changed.
    pub fn moved(&self) -> watch::Receiver<u64> {
        self.moved.subscribe()
    }

    /// All listeners, sorted by name.
    pub fn list(&self) -> Vec<ListenerStatus> {
        self.entries.lock().values().map(Entry::status).collect()
    }

    /// Opens a new listener.
    ///
    /// # Errors
    /// When it cannot be opened as asked.
    pub async fn add(
        &self,
        name: &str,
        kind: ListenerKind,
        change: ListenerChange,
    ) -> Result<ListenerStatus, ListenerError> {
        let mut changes = self.changes.lock().await;
        if NodeName::new(name).is_err() {
            return Err(ListenerError::Invalid(InvalidSetting {
                field: "name",
                why: format!("'{name}' cannot be a name"),
                valid: "1 to 64 characters out of A-Z a-z 0-9 . _ -".to_owned(),
            }));
        }
        if self.entries.lock().contains_key(name) {
            return Err(ListenerError::Exists(name.to_owned()));
        }
        let Some(bind) = change.bind.clone() else {
            return Err(ListenerError::Invalid(InvalidSetting {
                field: "bind",
                why: "the address is missing".to_owned(),
                valid: Bind::VALID.to_owned(),
            }));
        };
        let settings = self.checked(
            name,
            kind,
            ListenerSettings::new(bind, &self.config.tls),
            &change,
        )?;
        let config = ListenerConfig {
            name: name.to_owned(),
            kind,
            origin: ListenerOrigin::Runtime,
            settings: settings.clone(),
        };
        let mut entry = Entry::open(&config, settings)?;
        let mut new = changes.clone();
        new.added.insert(
            name.to_owned(),
            Added {
                kind,
                settings: change,
            },
        );
        self.keep(&mut changes, new)?;
        self.start(&mut entry);
        let status = entry.status();
        self.entries.lock().insert(name.to_owned(), entry);
        self.tell("LISTENER_ADDED", format!("added {}", describe(&status)));
        Ok(status)
    }

    /// Changes settings of a listener.
    ///
    /// # Errors
    /// When they cannot be changed as asked.
    pub async fn set(
        &self,
        name: &str,
        change: ListenerChange,
    ) -> Result<ListenerStatus, ListenerError> {
        let mut changes = self.changes.lock().await;
        let (listener, bound) = {
            let entries = self.entries.lock();
            let entry = entries.get(name).ok_or_else(|| unknown(name, &entries))?;
            (Arc::clone(&entry.listener), entry.address.clone())
        };
        let before = listener.live().settings.clone();
        let settings = self.checked(name, listener.kind, before.clone(), &change)?;
        let tls = load_tls(name, listener.kind, &settings)?;
        let moves = settings.enabled && (bound.is_none() || settings.bind != before.bind);
        let closes = bound.is_some() && (moves || !settings.enabled);
        let clashes = bound
            .as_ref()
            .is_some_and(|bound| bound.clashes_with(&settings.bind));
        let mut old = None;
        let acceptor = if moves {
            if clashes {
                // One port of all addresses and of one address cannot be had together: a moment without either.
                old = self.take_open(name);
                close(old.take()).await;
            }
            match Acceptor::bind(&settings.bind).and_then(with_address) {
                Ok(acceptor) => Some(acceptor),
                Err(error) => {
                    if clashes {
                        self.reopen(name, &listener, bound);
                    }
                    return Err(ListenerError::Bind(error));
                }
            }
        } else {
            None
        };
        let mut new = changes.clone();
        match new.added.get_mut(name) {
            Some(added) => added.settings.extend(change),
            None => new
                .changed
                .entry(name.to_owned())
                .or_default()
                .extend(change),
        }
        if let Err(error) = self.keep(&mut changes, new) {
            if clashes && moves {
                drop(acceptor);
                self.reopen(name, &listener, bound);
            }
            return Err(error);
        }
        listener.set_live(Live { settings, tls });
        if closes {
            old = old.or_else(|| self.take_open(name));
        }
        let status = {
            let mut entries = self.entries.lock();
            let entry = entries.get_mut(name);
            // Only a change takes entries away, and changes are made one after the other.
            let Some(entry) = entry else {
                return Err(ListenerError::Exists(name.to_owned()));
            };
            entry.problem = None;
            if closes {
                entry.address = None;
            }
            if let Some((acceptor, address)) = acceptor {
                entry.address = Some(address);
                entry.open = Some(Open::Waiting(acceptor));
                self.start(entry);
            }
            entry.status()
        };
        close(old).await;
        self.tell("LISTENER_CHANGED", format!("changed {}", describe(&status)));
        Ok(status)
    }

    /// Closes a listener for good; with its connections when `disconnect`.
    ///
    /// # Errors
    /// When there is none of that name, or the change cannot be kept.
    pub async fn remove(
        &self,
        name: &str,
        disconnect: bool,
    ) -> Result<ListenerStatus, ListenerError> {
        let mut changes = self.changes.lock().await;
        {
            let entries = self.entries.lock();
            if !entries.contains_key(name) {
                return Err(unknown(name, &entries));
            }
        }
        let mut new = changes.clone();
        new.added.remove(name);
        new.changed.remove(name);
        if self.config.listeners.iter().any(|base| base.name == name) {
            new.removed.insert(name.to_owned());
        }
        self.keep(&mut changes, new)?;
        let entry = self.entries.lock().remove(name);
        let Some(mut entry) = entry else {
            return Err(ListenerError::Exists(name.to_owned()));
        };
        close(entry.open.take()).await;
        entry.address = None;
        if disconnect {
            entry.listener.give_up();
            self.disconnect_clients(name);
        }
        let status = entry.status();
        let message = format!("removed listener {name} ({})", status.kind.as_str());
        self.tell("LISTENER_REMOVED", message);
        Ok(status)
    }

    /// Reads the certificates again: of one listener, or of all with TLS.
    ///
    /// # Errors
    /// When there is none of that name, it has no TLS, or a file cannot be used. Then none is replaced.
    pub async fn reload_certificates(
        &self,
        name: Option<&str>,
    ) -> Result<Vec<ListenerStatus>, ListenerError> {
        let _changes = self.changes.lock().await;
        let listeners: Vec<Arc<Listener>> = {
            let entries = self.entries.lock();
            match name {
                None => entries
                    .values()
                    .filter(|entry| entry.listener.kind.has_tls())
                    .map(|entry| Arc::clone(&entry.listener))
                    .collect(),
                Some(name) => {
                    let entry = entries.get(name).ok_or_else(|| unknown(name, &entries))?;
                    if !entry.listener.kind.has_tls() {
                        return Err(ListenerError::Invalid(InvalidSetting {
                            field: "name",
                            why: format!("listener '{name}' has no TLS"),
                            valid: "a listener of type tls or wss; empty for all".to_owned(),
                        }));
                    }
                    vec![Arc::clone(&entry.listener)]
                }
            }
        };
        let mut loaded = Vec::new();
        for listener in listeners {
            let settings = listener.live().settings.clone();
            let tls = load_tls(&listener.name, listener.kind, &settings)?;
            loaded.push((listener, Live { settings, tls }));
        }
        let mut names = Vec::new();
        for (listener, live) in loaded {
            listener.set_live(live);
            names.push(listener.name.to_string());
        }
        if !names.is_empty() {
            let message = format!("certificates were read again: {}", names.join(", "));
            self.tell("CERTIFICATES_RELOADED", message);
        }
        let statuses = self.list().into_iter();
        Ok(statuses
            .filter(|status| names.iter().any(|name| **name == *status.name))
            .collect())
    }

    /// The settings with the change over them, when the node may have such a listener.
    fn checked(
        &self,
        name: &str,
        kind: ListenerKind,
        base: ListenerSettings,
        change: &ListenerChange,
    ) -> Result<ListenerSettings, ListenerError> {
        if let Some(problem) = change.problems(kind).into_iter().next() {
            return Err(ListenerError::Invalid(problem));
        }
        let settings = base.with(change, kind).map_err(ListenerError::Invalid)?;
        let bind = &settings.bind;
        if !settings.enabled {
            return Ok(settings);
        }
        if !bind.is_local() && !self.config.allow_anonymous_said {
            return Err(ListenerError::Invalid(InvalidSetting {
                field: "bind",
                why: format!("{bind} is reachable from other hosts, and anybody could connect"),
                valid: "a loopback address; or start the node with --allow-anonymous said"
                    .to_owned(),
            }));
        }
        let clash = {
            let entries = self.entries.lock();
            let mut others = entries.iter().filter(|(other, _)| *other != name);
            others.find_map(|(other, entry)| {
                let clashes = entry.address.as_ref()?.clashes_with(bind);
                clashes.then(|| other.clone())
            })
        };
        if let Some(other) = clash {
            return Err(ListenerError::Invalid(InvalidSetting {
                field: "bind",
                why: format!("{bind} is in use by listener '{other}'"),
                valid: "an address that is used once".to_owned(),
            }));
        }
        Ok(settings)
    }

    fn keep(&self, kept: &mut RuntimeChanges, new: RuntimeChanges) -> Result<(), ListenerError> {
        new.write(&self.data_dir)
            .map_err(|error| ListenerError::Keep {
                file: self.data_dir.join(super::listener_file::LISTENER_FILE),
                error,
            })?;
        *kept = new;
        Ok(())
    }

    fn take_open(&self, name: &str) -> Option<Open> {
        self.entries.lock().get_mut(name)?.open.take()
    }

    /// Goes back to the address that a listener had to give up for another one.
    fn reopen(&self, name: &str, listener: &Arc<Listener>, bound: Option<Bind>) {
        let Some(bound) = bound else { return };
        let reopened = Acceptor::bind(&bound);
        let mut entries = self.entries.lock();
        let Some(entry) = entries.get_mut(name) else {
            return;
        };
        match reopened {
            Ok(acceptor) => {
                entry.open = Some(Open::Waiting(acceptor));
                self.start(entry);
            }
            Err(error) => {
                tracing::error!(listener = %listener.name, %error, "the address is lost");
                entry.address = None;
                entry.problem = Some(format!("cannot listen on {error}"));
            }
        }
    }

    fn start(&self, entry: &mut Entry) {
        let Some(broker) = self.broker.get() else {
            return;
        };
        if let Some(Open::Waiting(acceptor)) = entry.open.take() {
            let listener = Arc::clone(&entry.listener);
            let accepting = Accepting::start(acceptor, listener, Arc::clone(broker));
            entry.open = Some(Open::Accepting(accepting));
        }
    }

    fn disconnect_clients(&self, name: &str) {
        let Some(broker) = self.broker.get() else {
            return;
        };
        for session in broker.sessions.all() {
            let access = session.lock().access.clone();
            let is_its = access.is_some_and(|access| *access.listener == *name);
            if is_its {
                broker.ask_to_close(
                    &session,
                    Close {
                        code: ReasonCode::AdministrativeAction,
                        server_reference: None,
                    },
                );
            }
        }
    }

    fn tell(&self, kind: &str, message: String) {
        tracing::info!("{message}");
        if let Some(broker) = self.broker.get() {
            broker.events.add(Severity::Info, kind, &message, None);
        }
        self.moved.send_modify(|count| *count += 1);
    }
}

fn unknown(name: &str, entries: &BTreeMap<String, Entry>) -> ListenerError {
    ListenerError::Unknown {
        name: name.to_owned(),
        known: entries.keys().cloned().collect(),
    }
}

const fn any_port() -> Bind {
    Bind::Tcp(std::net::SocketAddr::new(
        std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST),
        0,
    ))
}

fn describe(status: &ListenerStatus) -> String {
    let place = match &status.address {
        Some(address) => address.to_string(),
        None => "disabled".to_owned(),
    };
    format!(
        "listener {} ({}, {place})",
        status.name,
        status.kind.as_str()
    )
}
