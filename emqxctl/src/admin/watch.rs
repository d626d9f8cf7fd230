//! Following something that changes, across broken connections.

use std::future::Future;
use std::time::Duration;

use emqx_proto::admin::v1 as wire;
use tokio::sync::mpsc;
use tokio::task::AbortHandle;
use tokio::time::Instant;
use tonic::Streaming;

use super::client::AdminClient;
use super::endpoint::Endpoint;
use super::error::{AdminError, Refusal, is_transport, transport_reason};
use crate::model::{ClusterStatus, Operation};

/// After this long without an answer from any endpoint a watch gives up.
pub const GIVE_UP_AFTER: Duration = Duration::from_secs(30);

const BACKOFF_MIN: Duration = Duration::from_millis(200);
const BACKOFF_MAX: Duration = Duration::from_secs(2);

/// What a watch has to tell.
#[derive(Debug, Clone, PartialEq)]
pub enum WatchEvent<T> {
    /// A new state.
    Update(T),
    /// The stream broke; the watch looks for another way by itself.
    Lost {
        /// Where it came from.
        endpoint: Endpoint,
        /// What happened.
        why: String,
    },
    /// After a loss: it goes on here.
    Attached {
        /// Where it comes from now.
        endpoint: Endpoint,
    },
}

/// What can be watched.
pub trait Subject: Send + 'static {
    /// What the watch yields.
    type Item: Send + 'static;
    /// The same on the wire.
    type Wire: Into<Self::Item> + std::fmt::Debug + Send + 'static;

    /// Opens a stream that goes on after what was seen.
    fn open(
        &self,
        client: &AdminClient,
    ) -> impl Future<Output = Result<Streaming<Self::Wire>, AdminError>> + Send;

    /// Notes what was seen; false drops it because it is no news.
    fn note(&mut self, item: &Self::Item) -> bool;

    /// No further change will come.
    fn is_over(&self) -> bool;
}

/// A watch of the whole cluster. It never ends by itself.
pub type ClusterWatch = Watch<ClusterSubject>;

/// A watch of one operation. It ends (`None`) when the operation is settled.
pub type OperationWatch = Watch<OperationSubject>;

/// Follows a subject in a task of its own, which ends when this is dropped. Ask [`Watch::next`] again
/// and again.
#[derive(Debug)]
pub struct Watch<S: Subject> {
    stage: Stage<S>,
}

#[derive(Debug)]
enum Stage<S: Subject> {
    Idle(Box<Follower<S>>),
    Running {
        events: mpsc::Receiver<Told<S>>,
        task: AbortHandle,
    },
    Over,
}

type Told<S> = Result<WatchEvent<<S as Subject>::Item>, AdminError>;

/// Events that wait for a slow reader. When it is full the stream waits too, and the daemon
/// leaves states out.
const EVENTS_WAITING_MAX: usize = 8;

impl<S: Subject> Watch<S> {
    fn new(client: AdminClient, subject: S) -> Self {
        Self {
            stage: Stage::Idle(Box::new(Follower::new(client, subject))),
        }
    }

    /// Gives up after this long without an answer, instead of [`GIVE_UP_AFTER`]. Only before the first
    /// [`Watch::next`].
    #[must_use]
    pub fn give_up_after(mut self, time: Duration) -> Self {
        if let Stage::Idle(follower) = &mut self.stage {
            follower.give_up_after = time;
        }
        self
    }

    /// The next event; none when no further one will come. Safe to cancel: nothing is lost.
    ///
    /// # Errors
    /// [`AdminError::Unreachable`] when no endpoint answers for too long, or at once when the very first
    /// try fails; a node's refusal. The watch is over then.
    pub async fn next(&mut self) -> Option<Told<S>> {
        if matches!(self.stage, Stage::Idle(_))
            && let Stage::Idle(mut follower) = std::mem::replace(&mut self.stage, Stage::Over)
        {
            let (sender, events) = mpsc::channel(EVENTS_WAITING_MAX);
            let task = tokio::spawn(async move {
                while let Some(told) = follower.next().await {
                    let is_end = told.is_err();
                    if sender.send(told).await.is_err() || is_end {
                        break;
                    }
                }
            });
            self.stage = Stage::Running {
                events,
                task: task.abort_handle(),
            };
        }
        match &mut self.stage {
            Stage::Running { events, .. } => events.recv().await,
            Stage::Idle(_) | Stage::Over => None,
        }
    }
}

impl<S: Subject> Drop for Watch<S> {
    fn drop(&mut self) {
        if let Stage::Running { task, .. } = &self.stage {
            task.abort();
        }
    }
}

/// The part of a watch that talks to the cluster.
#[derive(Debug)]
struct Follower<S: Subject> {
    client: AdminClient,
    subject: S,
    stream: Option<Streaming<S::Wire>>,
    /// Since when nothing has answered; none once a state has come.
    lost_since: Option<Instant>,
    /// The return is told when the loss was told.
    told_lost: bool,
    backoff: Duration,
    give_up_after: Duration,
}

impl<S: Subject> Follower<S> {
    const fn new(client: AdminClient, subject: S) -> Self {
        Self {
            client,
            subject,
            stream: None,
            lost_since: None,
            told_lost: false,
            backoff: BACKOFF_MIN,
            give_up_after: GIVE_UP_AFTER,
        }
    }

    async fn next(&mut self) -> Option<Told<S>> {
        loop {
            let Some(stream) = &mut self.stream else {
                if self.subject.is_over() {
                    return None;
                }
                match self.attach().await {
                    Ok(Some(event)) => return Some(Ok(event)),
                    Ok(None) => continue,
                    Err(error) => return Some(Err(error)),
                }
            };
            match stream.message().await {
                Ok(Some(wire)) => {
                    self.lost_since = None;
                    self.backoff = BACKOFF_MIN;
                    let item = wire.into();
                    if self.subject.note(&item) {
                        return Some(Ok(WatchEvent::Update(item)));
                    }
                }
                Ok(None) if self.subject.is_over() => return None,
                Ok(None) => return Some(self.lose("the node ended the stream".to_owned()).await),
                Err(status) if is_transport(&status) => {
                    return Some(self.lose(transport_reason(&status)).await);
                }
                Err(status) => {
                    let error = AdminError::Refused(Refusal::from(&status));
                    if !error.is_passing() {
                        return Some(Err(error));
                    }
                    return Some(self.lose(error.to_string()).await);
                }
            }
        }
    }

    async fn lose(&mut self, why: String) -> Told<S> {
        let endpoint = self.client.current_endpoint();
        self.stream = None;
        self.told_lost = true;
        self.client.forget_connection();
        if self.lost_since.is_some() {
            // A node that takes the watch and drops it at once must not be asked without pause.
            self.pause(AdminError::Unreachable {
                tried: vec![(endpoint.clone(), why.clone())],
            })
            .await?;
        } else {
            self.lost_since = Some(Instant::now());
        }
        Ok(WatchEvent::Lost { endpoint, why })
    }

    async fn attach(&mut self) -> Result<Option<WatchEvent<S::Item>>, AdminError> {
        match self.subject.open(&self.client).await {
            Ok(stream) => {
                self.stream = Some(stream);
                let event = std::mem::take(&mut self.told_lost).then(|| WatchEvent::Attached {
                    endpoint: self.client.current_endpoint(),
                });
                Ok(event)
            }
            Err(error) if self.lost_since.is_some() && error.is_passing() => {
                self.client.forget_connection();
                self.pause(error).await?;
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// Waits before the next try, or returns `error` when it has taken too long.
    async fn pause(&mut self, error: AdminError) -> Result<(), AdminError> {
        let gone = self.lost_since.map_or(Duration::ZERO, |at| at.elapsed());
        let left = self.give_up_after.saturating_sub(gone);
        if left.is_zero() {
            return Err(error);
        }
        tokio::time::sleep(self.backoff.min(left)).await;
        self.backoff = (self.backoff * 2).min(BACKOFF_MAX);
        Ok(())
    }
}

/// The cluster as the subject of a watch.
#[derive(Debug)]
pub struct ClusterSubject {
    interval: Duration,
}

impl ClusterWatch {
    pub(super) fn cluster(client: AdminClient, interval: Duration) -> Self {
        Self::new(client, ClusterSubject { interval })
    }
}

impl Subject for ClusterSubject {
    type Item = ClusterStatus;
    type Wire = wire::ClusterStatus;

    async fn open(
        &self,
        client: &AdminClient,
    ) -> Result<Streaming<wire::ClusterStatus>, AdminError> {
        client.open_cluster_stream(self.interval).await
    }

    fn note(&mut self, _: &ClusterStatus) -> bool {
        true
    }

    fn is_over(&self) -> bool {
        false
    }
}

/// One operation as the subject of a watch.
#[derive(Debug)]
pub struct OperationSubject {
    id: String,
    revision: u64,
    interval: Duration,
    settled: bool,
}

impl OperationWatch {
    pub(super) fn operation(
        client: AdminClient,
        id: String,
        revision: u64,
        interval: Duration,
    ) -> Self {
        let subject = OperationSubject {
            id,
            revision,
            interval,
            settled: false,
        };
        Self::new(client, subject)
    }
}

impl Subject for OperationSubject {
    type Item = Operation;
    type Wire = wire::Operation;

    async fn open(&self, client: &AdminClient) -> Result<Streaming<wire::Operation>, AdminError> {
        client
            .open_operation_stream(&self.id, self.revision, self.interval)
            .await
    }

    fn note(&mut self, operation: &Operation) -> bool {
        self.settled = operation.is_settled();
        // Another endpoint may know less than the one before; time does not run backwards here.
        let is_news = operation.revision > self.revision || self.settled;
        self.revision = self.revision.max(operation.revision);
        is_news
    }

    fn is_over(&self) -> bool {
        self.settled
    }
}
