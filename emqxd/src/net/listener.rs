//! One listener: its settings as they are now, its figures, and the loop that accepts.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use arc_swap::ArcSwap;
use futures_util::FutureExt as _;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::arrival;
use super::bind::Acceptor;
use super::log_limit::LogLimit;
use super::tls_config::TlsContext;
use crate::config::listener::{ListenerKind, ListenerSettings};
use crate::node::broker::Broker;
use crate::watch;

/// Pause when no socket can be had (file limit), so that the loop does not spin.
const EXHAUSTED_PAUSE: Duration = Duration::from_millis(50);

/// Connections over `max_connections` that are told so at once; further ones are just closed.
const REFUSING_MAX: u64 = 128;

/// Connections that wait when a listener moves to another address are still taken, up to this many.
const LEFT_WAITING_MAX: usize = 4_096;

/// What may change while a listener is there.
#[derive(Debug, Clone)]
pub struct Live {
    /// Its settings.
    pub settings: ListenerSettings,
    /// With TLS, once its certificates could be read.
    pub tls: Option<TlsContext>,
}

/// A listener, shared by all its connections.
#[derive(Debug)]
pub struct Listener {
    /// Unique on the node.
    pub name: Arc<str>,
    /// What is spoken.
    pub kind: ListenerKind,
    live: ArcSwap<Live>,
    connections: AtomicU64,
    refusing: AtomicU64,
    accepted: AtomicU64,
    refused: AtomicU64,
    handshake_failures: AtomicU64,
    log: LogLimit,
    /// Turns true when connections that are not served yet are to be given up.
    given_up: watch::Sender<bool>,
}

/// The figures of a listener.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Figures {
    /// Connections now, also those before their CONNECT.
    pub connections: u64,
    /// Connections accepted.
    pub accepted: u64,
    /// Connections over `max_connections`.
    pub refused: u64,
    /// Handshakes of TLS, WebSocket and PROXY that failed.
    pub handshake_failures: u64,
}

/// A connection's place among those of its listener; given back when it is dropped.
#[derive(Debug)]
pub struct Place {
    listener: Arc<Listener>,
    is_over: bool,
}

impl Place {
    /// The listener.
    pub const fn listener(&self) -> &Arc<Listener> {
        &self.listener
    }

    /// Whether there are too many: the client is to be told, and no more.
    pub const fn is_over(&self) -> bool {
        self.is_over
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let count = if self.is_over {
            &self.listener.refusing
        } else {
            &self.listener.connections
        };
        count.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Listener {
    /// One that accepts nothing yet.
    pub fn new(name: &str, kind: ListenerKind, live: Live) -> Self {
        Self {
            name: name.into(),
            kind,
            live: ArcSwap::from_pointee(live),
            connections: AtomicU64::new(0),
            refusing: AtomicU64::new(0),
            accepted: AtomicU64::new(0),
            refused: AtomicU64::new(0),
            handshake_failures: AtomicU64::new(0),
            log: LogLimit::default(),
            given_up: watch::Sender::new(false),
        }
    }

    /// What holds for connections that begin now.
    pub fn live(&self) -> Arc<Live> {
        self.live.load_full()
    }

    /// Changes that; connections that are served keep to what held when they began.
    pub fn set_live(&self, live: Live) {
        self.live.store(Arc::new(live));
    }

    /// Gives up connections that are not served yet.
    pub fn give_up(&self) {
        self.given_up.send_replace(true);
    }

    /// Completes when they are given up.
    pub async fn is_given_up(&self) {
        // The sender lives as long as `self`.
        let _ = self.given_up.subscribe().wait_for(|is| *is).await;
    }

    /// The figures now.
    pub fn figures(&self) -> Figures {
        Figures {
            connections: self.connections.load(Ordering::Relaxed),
            accepted: self.accepted.load(Ordering::Relaxed),
            refused: self.refused.load(Ordering::Relaxed),
            handshake_failures: self.handshake_failures.load(Ordering::Relaxed),
        }
    }

    /// Whether a line about a stranger may be logged; with the number of those held back.
    pub fn may_log(&self) -> Option<u64> {
        self.log.allow()
    }

    /// A handshake of TLS, WebSocket or PROXY has failed.
    pub fn note_handshake_failure(&self) {
        self.handshake_failures.fetch_add(1, Ordering::Relaxed);
    }

    /// A place for a connection that was accepted. `None`: there are too many, and it is to be closed at once.
    fn enter(self: &Arc<Self>) -> Option<Place> {
        self.accepted.fetch_add(1, Ordering::Relaxed);
        let max = self.live.load().settings.max_connections;
        let before = self.connections.fetch_add(1, Ordering::Relaxed);
        if max == 0 || before < max {
            return Some(Place {
                listener: Arc::clone(self),
                is_over: false,
            });
        }
        self.connections.fetch_sub(1, Ordering::Relaxed);
        self.refused.fetch_add(1, Ordering::Relaxed);
        // A handshake costs more than the answer is worth.
        if self.kind.has_tls() || self.refusing.load(Ordering::Relaxed) >= REFUSING_MAX {
            return None;
        }
        self.refusing.fetch_add(1, Ordering::Relaxed);
        Some(Place {
            listener: Arc::clone(self),
            is_over: true,
        })
    }
}

/// The loop that accepts for a listener. It ends when this is dropped or [stopped](Self::stop).
#[derive(Debug)]
pub struct Accepting {
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl Accepting {
    /// Begins to accept.
    pub fn start(acceptor: Acceptor, listener: Arc<Listener>, broker: Arc<Broker>) -> Self {
        let (stop, stopped) = oneshot::channel();
        Self {
            stop,
            task: tokio::spawn(accept(acceptor, listener, broker, stopped)),
        }
    }

    /// Stops, and returns when the address is free. Connections that wait to be accepted are taken before.
    pub async fn stop(self) {
        let _ = self.stop.send(());
        // It ends by itself; that it has panicked was reported then.
        let _ = self.task.await;
    }
}

async fn accept(
    acceptor: Acceptor,
    listener: Arc<Listener>,
    broker: Arc<Broker>,
    mut stopped: oneshot::Receiver<()>,
) {
    loop {
        let accepted = tokio::select! {
            accepted = acceptor.accept() => accepted,
            stop = &mut stopped => {
                if stop.is_ok() {
                    take_waiting(&acceptor, &listener, &broker);
                }
                return;
            }
        };
        match accepted {
            Ok((socket, peer)) => begin(socket, peer, &listener, &broker),
            Err(error) => {
                if let Some(held_back) = listener.may_log() {
                    tracing::warn!(listener = %listener.name, %error, held_back, "cannot accept a connection");
                }
                tokio::time::sleep(EXHAUSTED_PAUSE).await;
            }
        }
    }
}

fn take_waiting(acceptor: &Acceptor, listener: &Arc<Listener>, broker: &Arc<Broker>) {
    for _ in 0..LEFT_WAITING_MAX {
        match acceptor.accept().now_or_never() {
            Some(Ok((socket, peer))) => begin(socket, peer, listener, broker),
            _ => return,
        }
    }
}

pub(crate) fn begin(
    socket: super::socket::Socket,
    peer: super::socket::Peer,
    listener: &Arc<Listener>,
    broker: &Arc<Broker>,
) {
    match listener.enter() {
        Some(place) => {
            tokio::spawn(arrival::serve(socket, peer, place, Arc::clone(broker)));
        }
        None => {
            if let Some(held_back) = listener.may_log() {
                tracing::info!(listener = %listener.name, %peer, held_back,
                    "closed: as many connections as the listener may have");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::listener::{Bind, TlsDefaults};

    fn listener(kind: ListenerKind, max_connections: u64) -> Arc<Listener> {
        let bind = Bind::parse("127.0.0.1:0").unwrap();
        let settings = ListenerSettings {
            max_connections,
            ..ListenerSettings::new(bind, &TlsDefaults::default())
        };
        Arc::new(Listener::new(
            "test",
            kind,
            Live {
                settings,
                tls: None,
            },
        ))
    }

    #[test]
    fn places_are_bounded_and_given_back() {
        let listener = listener(ListenerKind::Tcp, 2);
        let first = listener.enter().unwrap();
        let second = listener.enter().unwrap();
        assert!(!second.is_over());
        let third = listener.enter().unwrap();
        assert!(third.is_over());
        drop((first, third));
        assert!(!listener.enter().unwrap().is_over());
        assert_eq!(
            listener.figures(),
            Figures {
                connections: 1,
                accepted: 4,
                refused: 1,
                handshake_failures: 0,
            }
        );
    }

    #[test]
    fn one_too_many_for_tls_is_closed_at_once() {
        let listener = listener(ListenerKind::Wss, 1);
        let _first = listener.enter().unwrap();
        assert!(listener.enter().is_none());
        assert_eq!(listener.figures().refused, 1);
    }
}
