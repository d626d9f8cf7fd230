//! View models: what a cluster, an operation, a client, a session, a listener and a run of gc look like to an operator.
//!
//! Tables, JSON and the full-screen interface all read these types, so that every surface shows the
//! same numbers. The serde names are the machine-readable contract (`emqxctl/v1`): snake_case, units
//! last in names, times in RFC 3339 UTC, `null` means unknown. They change only by addition.
//!
//! Only `admin` builds them from the wire. Nothing in here does input or output.

pub mod client;
pub mod cluster;
pub mod control;
pub mod data;
pub mod document;
pub mod event;
pub mod gc;
pub mod listener;
pub mod operation;
pub mod session;
pub mod time;

pub use client::{Client, ClientPage, Subscription};
pub use cluster::{
    ClusterStatus, Finding, Health, Interest, ListenerAddress, Node, NodeState, Totals,
};
pub use control::{ControlGroup, ControlMember, MemberRole};
pub use data::{DataPage, ImportReport, RetainedMessage, Setting};
pub use document::{API_VERSION, Document};
pub use event::{Event, Severity};
pub use gc::GcReport;
pub use listener::{
    ClientCertificate, Listener, ListenerKind, ListenerList, ListenerState, ServerCertificate,
};
pub use operation::{
    Amount, Operation, OperationKind, OperationList, Outcome, Phase, PhaseName, PhaseState, Rate,
    Recipient, Trouble,
};
pub use session::{AwaitingPubrel, Session, SessionMessage, SessionPage, SessionWill};
pub use time::UtcTime;
