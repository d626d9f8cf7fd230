//! One listener of the node: what it is, and the socket that it has opened.

use std::io;
use std::sync::Arc;

use super::error::ListenerError;
use crate::config::listener::{
    Bind, ListenerChange, ListenerConfig, ListenerKind, ListenerOrigin, ListenerSettings,
};
use crate::net::bind::Acceptor;
use crate::net::listener::{Accepting, Figures, Listener, Live};
use crate::net::tls_config::{self, TlsContext};

/// A listener as operators see it.
#[derive(Debug, Clone)]
pub struct ListenerStatus {
    /// Unique on the node.
    pub name: Arc<str>,
    /// What is spoken.
    pub kind: ListenerKind,
    /// Who asked for it.
    pub origin: ListenerOrigin,
    /// All settings.
    pub settings: ListenerSettings,
    /// Bound; `None` when it accepts nothing.
    pub address: Option<Bind>,
    /// Why it accepts nothing although it is enabled.
    pub problem: Option<String>,
    /// Its figures.
    pub figures: Figures,
    /// When the first of its certificates expires, seconds since the Unix epoch.
    pub certificate_expires_unix_s: Option<u64>,
}

/// A listener with what it has opened.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) listener: Arc<Listener>,
    pub(super) origin: ListenerOrigin,
    /// Bound.
    pub(super) address: Option<Bind>,
    /// Why it accepts nothing although it is enabled.
    pub(super) problem: Option<String>,
    pub(super) open: Option<Open>,
}

/// Its socket.
#[derive(Debug)]
pub(super) enum Open {
    /// Bound, before the node serves.
    Waiting(Acceptor),
    Accepting(Accepting),
}

impl Open {
    /// Closes it, and returns when the address is free.
    pub(super) async fn close(self) {
        if let Self::Accepting(accepting) = self {
            accepting.stop().await;
        }
    }
}

/// Closes what is open, and returns when the address is free.
pub(super) async fn close(open: Option<Open>) {
    if let Some(open) = open {
        open.close().await;
    }
}

impl Entry {
    /// Reads certificates and binds.
    pub(super) fn open(
        config: &ListenerConfig,
        settings: ListenerSettings,
    ) -> Result<Self, ListenerError> {
        let tls = load_tls(&config.name, config.kind, &settings)?;
        let acceptor = if settings.enabled {
            let bound = Acceptor::bind(&settings.bind).and_then(with_address);
            Some(bound.map_err(ListenerError::Bind)?)
        } else {
            None
        };
        let (acceptor, address) = acceptor.unzip();
        Ok(Self {
            listener: Arc::new(Listener::new(
                &config.name,
                config.kind,
                Live { settings, tls },
            )),
            origin: config.origin,
            address,
            problem: None,
            open: acceptor.map(Open::Waiting),
        })
    }

    /// The same with a change over the settings; what fails is noted as the listener's problem.
    pub(super) fn open_or_note(config: &ListenerConfig, change: &ListenerChange) -> Self {
        let opened = match change.problems(config.kind).into_iter().next() {
            Some(problem) => Err(ListenerError::Invalid(problem)),
            None => config
                .settings
                .clone()
                .with(change, config.kind)
                .map_err(ListenerError::Invalid),
        };
        let (settings, problem) = match opened {
            Ok(settings) => match Self::open(config, settings.clone()) {
                Ok(entry) => return entry,
                Err(problem) => (settings, problem),
            },
            Err(problem) => (config.settings.clone(), problem),
        };
        Self {
            listener: Arc::new(Listener::new(
                &config.name,
                config.kind,
                Live {
                    settings,
                    tls: None,
                },
            )),
            origin: config.origin,
            address: None,
            problem: Some(problem.to_string()),
            open: None,
        }
    }

    /// As operators see it.
    pub(super) fn status(&self) -> ListenerStatus {
        let live = self.listener.live();
        ListenerStatus {
            name: Arc::clone(&self.listener.name),
            kind: self.listener.kind,
            origin: self.origin,
            settings: live.settings.clone(),
            address: self.address.clone(),
            problem: self.problem.clone(),
            figures: self.listener.figures(),
            certificate_expires_unix_s: live.tls.as_ref().and_then(|tls| tls.expires_unix_s),
        }
    }
}

/// With the address that it got.
pub(super) fn with_address(acceptor: Acceptor) -> io::Result<(Acceptor, Bind)> {
    let address = acceptor.address()?;
    Ok((acceptor, address))
}

/// What handshakes use; nothing for a listener without TLS.
pub(super) fn load_tls(
    name: &str,
    kind: ListenerKind,
    settings: &ListenerSettings,
) -> Result<Option<TlsContext>, ListenerError> {
    if !kind.has_tls() {
        return Ok(None);
    }
    tls_config::load(settings)
        .map(Some)
        .map_err(|error| ListenerError::Certificate {
            listener: name.to_owned(),
            error,
        })
}
