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

#[cfg(test)]
mod tests {
    use super::super::fake::{FakeNode, Step, dead_endpoint, finished_operation, sample_operation};
    use super::*;

    const INTERVAL: Duration = Duration::from_millis(100);

    fn client(endpoints: Vec<Endpoint>) -> AdminClient {
        AdminClient::new(endpoints, Duration::from_secs(5))
    }

    fn dying() -> FakeNode {
        FakeNode::start_with(|script| {
            let mut op = sample_operation();
            op.revision = 9;
            script
                .streams
                .push_back(vec![Step::Send(Box::new(op)), Step::Die]);
        })
    }

    #[tokio::test]
    async fn gives_up_when_nobody_answers_for_too_long() {
        let node = dying();
        let mut watch = client(vec![node.endpoint(), dead_endpoint()])
            .watch_operation("op-7f3a", 0, INTERVAL)
            .give_up_after(Duration::from_millis(700));
        assert!(matches!(
            watch.next().await,
            Some(Ok(WatchEvent::Update(op))) if op.revision == 9
        ));
        assert!(matches!(
            watch.next().await,
            Some(Ok(WatchEvent::Lost { endpoint, .. })) if endpoint == node.endpoint()
        ));
        let began = Instant::now();
        assert!(matches!(
            watch.next().await,
            Some(Err(AdminError::Unreachable { tried })) if tried.len() == 2
        ));
        assert!(began.elapsed() >= Duration::from_millis(600));
        assert!(watch.next().await.is_none());
    }

    #[tokio::test]
    async fn the_first_try_does_not_wait() {
        let mut watch = client(vec![dead_endpoint()]).watch_cluster(INTERVAL);
        assert!(matches!(
            watch.next().await,
            Some(Err(AdminError::Unreachable { .. }))
        ));
    }

    #[tokio::test]
    async fn ends_when_the_operation_is_settled() {
        let node = FakeNode::start_with(|script| script.operations = vec![finished_operation()]);
        let mut watch = client(vec![node.endpoint()]).watch_operation("op-7f3a", 0, INTERVAL);
        assert!(matches!(watch.next().await, Some(Ok(WatchEvent::Update(op))) if op.is_settled()));
        assert!(watch.next().await.is_none());
        assert!(watch.next().await.is_none());
    }

    #[tokio::test]
    async fn what_is_older_than_what_was_seen_is_no_news() {
        let node = FakeNode::start_with(|script| {
            let steps = [7, 6, 7, 8].map(|revision| {
                let mut op = sample_operation();
                op.revision = revision;
                Step::Send(Box::new(op))
            });
            script.streams.push_back(steps.into());
            let end = Step::Send(Box::new(finished_operation()));
            script.streams.push_back(vec![end]);
        });
        let mut watch = client(vec![node.endpoint()]).watch_operation("op-7f3a", 6, INTERVAL);
        let mut revisions = Vec::new();
        while let Some(event) = watch.next().await {
            if let WatchEvent::Update(op) = event.unwrap() {
                revisions.push(op.revision);
            }
        }
        assert_eq!(revisions, [7, 8, finished_operation().revision]);
    }

    #[tokio::test]
    async fn the_cluster_is_watched_on_another_node_when_one_dies() {
        let first = FakeNode::start_with(|script| script.status.answered_by = "n1".to_owned());
        let second = FakeNode::start();
        let mut watch = client(vec![first.endpoint(), second.endpoint()]).watch_cluster(INTERVAL);
        for _ in 0..2 {
            assert!(matches!(
                watch.next().await,
                Some(Ok(WatchEvent::Update(status))) if status.answered_by == "n1"
            ));
        }
        let gone = first.endpoint();
        drop(first);
        let mut has_lost = false;
        loop {
            match watch.next().await.unwrap().unwrap() {
                WatchEvent::Update(status) if status.answered_by == "n2" => break,
                WatchEvent::Update(_) => assert!(!has_lost, "n1 is gone"),
                WatchEvent::Lost { endpoint, .. } => {
                    assert_eq!(endpoint, gone);
                    has_lost = true;
                }
                WatchEvent::Attached { endpoint } => assert_eq!(endpoint, second.endpoint()),
            }
        }
        assert!(has_lost);
    }
}
