//! Commits changes in groups: who has something to store hands it over and goes on; one thread writes all that has gathered
//! meanwhile as one batch, and then tells whoever waits for it.

use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};
use tokio::sync::Notify;

use super::backend::{Backend, CommitError};
use super::change::{Change, EachRecord};
use super::commit_queue::{Batch, Commit, CommitQueue, QueueFull};
use super::damage::Damage;
use super::database::{Database, OpenError};
use super::durability::Durability;
use super::gathering::Gathering;
use super::mirror::Mirror;
use crate::cluster::AckNotify;
use crate::event_log::{EventLog, Severity};
use crate::metrics::Metrics;
#[cfg(test)]
use crate::simulation::fault::{self, Fault};

/// So many bytes wait for the disk, at most. From half of that on messages are refused, so that there is room for what was
/// taken before: one that goes to 100,000 Sessions takes some 20 MiB, and a connection is told to wait only between bursts.
const QUEUE_BYTES_MAX: usize = 512 << 20;

/// From so many on a connection that has something to store is read more slowly.
const CROWDED_BYTES: usize = 16 << 20;

/// A commit that failed is tried again after this, and then after twice as long each time, up to the other.
const RETRY_MIN: Duration = Duration::from_millis(500);
const RETRY_MAX: Duration = Duration::from_secs(8);

/// The store is given so long to write what waits when the node stops.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(10);

/// Keeps records on disk; cheap to clone.
#[derive(Clone)]
pub struct Store(Option<Arc<Shared>>);

struct Shared {
    queue: Mutex<CommitQueue>,
    /// See [`Store::is_full`].
    full_bytes: usize,
    /// There is something to do for the committer.
    work: Condvar,
    /// As in the queue, so that nobody needs its lock to look.
    committed: AtomicU64,
    bytes: AtomicUsize,
    is_failing: AtomicBool,
    /// A change was not taken.
    has_missed: AtomicBool,
    is_closing: AtomicBool,
    next_number: AtomicU64,
    /// Where Sessions are copied to, once that is known.
    mirror: OnceLock<Arc<dyn Mirror>>,
    /// Something was committed.
    room: Notify,
    /// As `work`, for a simulation.
    #[cfg(test)]
    work_by_hand: Notify,
    committer: Mutex<Option<JoinHandle<()>>>,
    metrics: Arc<Metrics>,
    events: Arc<EventLog>,
}

impl Store {
    /// One that keeps nothing: nothing is written, and nothing has to be waited for.
    pub const fn none() -> Self {
        Self(None)
    }

    /// Opens the store in a directory, unless nothing is to be stored, gives all its records to `each`, and begins to
    /// commit. What is damaged of it is told to operators. Blocks while it reads.
    ///
    /// # Errors
    /// When it cannot be served.
    pub fn open(
        dir: &Path,
        durability: Durability,
        metrics: Arc<Metrics>,
        events: Arc<EventLog>,
        each: EachRecord<'_>,
    ) -> Result<Self, OpenError> {
        if durability == Durability::None {
            return Ok(Self::none());
        }
        let (database, damage) = Database::open(dir, durability, each)?;
        let store = Self::start(database, metrics, events);
        store.tell_damage(&damage);
        Ok(store)
    }

    fn start(backend: impl Backend, metrics: Arc<Metrics>, events: Arc<EventLog>) -> Self {
        let shared = Arc::new(Shared::new(metrics, events, QUEUE_BYTES_MAX));
        let committer = std::thread::Builder::new().name("store".to_owned()).spawn({
            let shared = Arc::clone(&shared);
            move || shared.run(backend)
        });
        match committer {
            Ok(thread) => *shared.committer.lock() = Some(thread),
            Err(error) => shared.fails(&CommitError {
                what: format!("no thread can be had: {error}"),
                is_full: false,
            }),
        }
        Self(Some(shared))
    }

    /// Whether anything is stored.
    pub const fn is_on(&self) -> bool {
        self.0.is_some()
    }

    /// Whether the disk does not take what is to be stored. It is tried again until it does.
    pub fn is_failing(&self) -> bool {
        let shared = self.0.as_ref();
        shared.is_some_and(|shared| shared.is_failing.load(Ordering::Relaxed))
    }

    /// Whether so much waits that whoever has more should wait for [`room`](Self::room) first.
    pub fn is_crowded(&self) -> bool {
        self.waiting_bytes()
            .max(self.mirror().map_or(0, |mirror| mirror.waiting_bytes()))
            >= CROWDED_BYTES
    }

    /// Whether so much waits that nothing new may be begun. The rest of the room is for what follows from what was begun
    /// before: else a message could be in the queues of some Sessions when it is refused for another one.
    pub fn is_full(&self) -> bool {
        let shared = self.0.as_ref();
        shared.is_some_and(|shared| shared.bytes.load(Ordering::Relaxed) >= shared.full_bytes)
    }

    /// Bytes of what waits for the disk.
    pub fn waiting_bytes(&self) -> usize {
        let shared = self.0.as_ref();
        shared.map_or(0, |shared| shared.bytes.load(Ordering::Relaxed))
    }

    /// Hands a change over; it is in the commit that is returned. Never waits. Changes of one record are stored in the
    /// order of these calls.
    ///
    /// # Errors
    /// When 512 MiB wait already. The change is not taken; [`take_missed`](Self::take_missed) tells.
    pub fn append(&self, change: Change) -> Result<Commit, QueueFull> {
        self.append_all([change])
    }

    /// As [`append`](Self::append), with changes of which all or none are to survive.
    ///
    /// # Errors
    /// As `append`.
    pub fn append_all(
        &self,
        changes: impl IntoIterator<Item = Change>,
    ) -> Result<Commit, QueueFull> {
        if self.0.is_none() {
            return Ok(Commit::NONE);
        }
        self.append_with(changes.into_iter().collect(), CommitQueue::append)
    }

    fn append_with(
        &self,
        changes: Vec<Change>,
        append: impl FnOnce(&mut CommitQueue, Vec<Change>) -> Result<Commit, QueueFull>,
    ) -> Result<Commit, QueueFull> {
        let Some(shared) = self.0.as_ref().filter(|_| !changes.is_empty()) else {
            return Ok(Commit::NONE);
        };
        let mut queue = shared.queue.lock();
        let was_empty = queue.is_empty();
        let appended = append(&mut queue, changes);
        shared.bytes.store(queue.bytes(), Ordering::Relaxed);
        drop(queue);
        match appended {
            Ok(_) => {
                if was_empty {
                    shared.work.notify_one();
                }
                #[cfg(test)]
                shared.work_by_hand.notify_one();
            }
            Err(QueueFull) => {
                shared.metrics.store_refused.inc();
                shared.has_missed.store(true, Ordering::Relaxed);
            }
        }
        appended
    }

    /// As [`append_all`](Self::append_all), and the commit does not count as stored before it is [released](Self::release),
    /// once for each such call.
    ///
    /// # Errors
    /// As `append`; then there is nothing to release.
    pub fn append_held(&self, changes: Vec<Change>) -> Result<Commit, QueueFull> {
        self.append_with(changes, CommitQueue::append_held)
    }

    /// Somebody else has what was handed over with [`append_held`](Self::append_held).
    pub fn release(&self, commits: impl IntoIterator<Item = Commit>) {
        let Some(shared) = &self.0 else {
            return;
        };
        let mut due = Vec::new();
        let mut queue = shared.queue.lock();
        for commit in commits.into_iter().filter(|commit| !commit.is_none()) {
            due.extend(queue.release(commit));
        }
        shared.committed.store(queue.stored().0, Ordering::Release);
        drop(queue);
        for notify in due {
            notify.acked();
        }
        shared.room.notify_waiters();
    }

    /// From now on Sessions are copied there; once.
    pub fn set_mirror(&self, mirror: Arc<dyn Mirror>) {
        if let Some(shared) = &self.0 {
            let _ = shared.mirror.set(mirror);
        }
    }

    /// Where Sessions are copied to, when they are.
    pub fn mirror(&self) -> Option<&Arc<dyn Mirror>> {
        self.0.as_ref()?.mirror.get()
    }

    /// A number that this has not returned since the start.
    pub fn fresh_number(&self) -> u64 {
        let shared = self.0.as_ref();
        shared.map_or(0, |shared| {
            shared.next_number.fetch_add(1, Ordering::Relaxed)
        })
    }

    /// Numbers up to this are in use.
    pub fn see_number(&self, number: u64) {
        if let Some(shared) = &self.0 {
            shared
                .next_number
                .fetch_max(number.saturating_add(1), Ordering::Relaxed);
        }
    }

    /// Whether a change was not taken since the last call, so that what is stored is not what is in memory.
    pub fn take_missed(&self) -> bool {
        let shared = self.0.as_ref();
        shared.is_some_and(|shared| shared.has_missed.swap(false, Ordering::Relaxed))
    }

    /// The commit that all changes so far are in, or an earlier one.
    pub fn last_commit(&self) -> Commit {
        let shared = self.0.as_ref();
        shared.map_or(Commit::NONE, |shared| shared.queue.lock().last())
    }

    /// Whether that commit is stored.
    pub fn is_committed(&self, commit: Commit) -> bool {
        #[cfg(test)]
        if fault::is_on(Fault::AcknowledgedBeforeDisk) {
            return true;
        }
        let committed = self.0.as_ref().map(|shared| &shared.committed);
        committed.is_none_or(|committed| committed.load(Ordering::Acquire) >= commit.0)
    }

    /// Has `notify` told when that commit is stored; at once when it is.
    pub fn notify(&self, commit: Commit, notify: Arc<dyn AckNotify>) {
        let due = match &self.0 {
            Some(shared) => shared.notify(commit, notify),
            None => Some(notify),
        };
        if let Some(notify) = due {
            notify.acked();
        }
    }

    /// Waits until that commit is stored: for ever while the disk takes nothing.
    pub async fn wait(&self, commit: Commit) {
        struct Told(Notify);
        impl AckNotify for Told {
            fn acked(&self) {
                self.0.notify_one();
            }
        }
        if self.is_committed(commit) {
            return;
        }
        let told = Arc::new(Told(Notify::new()));
        self.notify(commit, Arc::clone(&told) as Arc<dyn AckNotify>);
        told.0.notified().await;
    }

    /// Waits while it [is crowded](Self::is_crowded), and for no longer than `time_max`.
    pub async fn room(&self, time_max: Duration) {
        let Some(shared) = &self.0 else {
            return;
        };
        let room = async {
            loop {
                let committed = shared.room.notified();
                if !self.is_crowded() {
                    return;
                }
                committed.await;
            }
        };
        let _ = tokio::time::timeout(time_max, room).await;
    }

    /// Writes what waits and closes. What the disk does not take within ten seconds is lost, and told.
    pub async fn close(&self) {
        let Some(shared) = self.0.clone() else {
            return;
        };
        let Some(committer) = shared.committer.lock().take() else {
            return;
        };
        // Under the lock, or the committer might just be about to sleep.
        let queue = shared.queue.lock();
        shared.is_closing.store(true, Ordering::Relaxed);
        drop(queue);
        shared.work.notify_one();
        let closed = tokio::task::spawn_blocking(move || committer.join());
        let in_time = tokio::time::timeout(CLOSE_TIMEOUT, closed).await.is_ok();
        let lost = self.waiting_bytes();
        if !in_time || lost > 0 {
            tracing::error!(
                bytes = lost,
                "the disk did not take what was to be stored at the end"
            );
        }
    }

    /// Tells operators what is damaged.
    pub fn tell_damage(&self, damage: &[Damage]) {
        if let Some(shared) = &self.0 {
            shared.tell_damage(damage);
        }
    }
}

impl Shared {
    fn new(metrics: Arc<Metrics>, events: Arc<EventLog>, queue_bytes_max: usize) -> Self {
        Self {
            queue: Mutex::new(CommitQueue::new(queue_bytes_max)),
            full_bytes: queue_bytes_max / 2,
            work: Condvar::new(),
            committed: AtomicU64::new(0),
            bytes: AtomicUsize::new(0),
            is_failing: AtomicBool::new(false),
            has_missed: AtomicBool::new(false),
            is_closing: AtomicBool::new(false),
            next_number: AtomicU64::new(1),
            mirror: OnceLock::new(),
            room: Notify::new(),
            #[cfg(test)]
            work_by_hand: Notify::new(),
            committer: Mutex::default(),
            metrics,
            events,
        }
    }

    fn notify(&self, commit: Commit, notify: Arc<dyn AckNotify>) -> Option<Arc<dyn AckNotify>> {
        let mut queue = self.queue.lock();
        let was_complete = queue.is_complete();
        let due = queue.notify(commit, notify);
        if !was_complete && queue.is_complete() {
            self.work.notify_one();
        }
        due
    }

    /// Until it is told to close, and nothing waits.
    fn run(&self, mut backend: impl Backend) {
        let mut gathering = Gathering::default();
        while let Some(mut batch) = self.next_batch(&mut gathering) {
            batch.keep_latest();
            let (began, count) = (Instant::now(), batch.changes.len());
            if !self.commit(&mut backend, &mut batch.changes) {
                return;
            }
            let took = began.elapsed();
            let (told, waiting) = self.stored(batch.commit, count);
            gathering.committed(took, told, waiting);
            let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
            self.metrics.store_commit_micros.add(micros);
        }
    }

    /// A batch of so many changes is stored: whoever waits for it is told. How many these are, and how many wait for the
    /// next one.
    fn stored(&self, commit: Commit, changes: usize) -> (usize, usize) {
        self.metrics.store_commits.inc();
        self.metrics.store_changes.add(changes as u64);
        let mut queue = self.queue.lock();
        let due = queue.committed(commit);
        self.bytes.store(queue.bytes(), Ordering::Relaxed);
        self.committed.store(queue.stored().0, Ordering::Release);
        let counts = (due.len(), queue.waiting());
        drop(queue);
        for notify in due {
            notify.acked();
        }
        self.room.notify_waiters();
        counts
    }

    fn next_batch(&self, gathering: &mut Gathering) -> Option<Batch> {
        let mut queue = self.queue.lock();
        while queue.is_empty() {
            if self.is_closing.load(Ordering::Relaxed) {
                return None;
            }
            self.work.wait(&mut queue);
        }
        if let Some((wanted, pause)) = gathering.next() {
            queue.want(wanted);
            let until = Instant::now() + pause;
            while !queue.is_complete() && !self.is_closing.load(Ordering::Relaxed) {
                if self.work.wait_until(&mut queue, until).timed_out() {
                    gathering.missed();
                    break;
                }
            }
            queue.want(0);
        }
        queue.take()
    }

    /// Tries until it is written. False when it is not, and the store closes.
    fn commit(&self, backend: &mut impl Backend, changes: &mut Vec<Change>) -> bool {
        let mut result = backend.commit(changes);
        let mut pause = RETRY_MIN;
        while let Err(error) = &result {
            self.fails(error);
            if !self.pause(pause) {
                return false;
            }
            pause = (pause * 2).min(RETRY_MAX);
            result = backend.reopen().and_then(|damage| {
                self.tell_damage(&damage);
                backend.commit(changes)
            });
        }
        self.works();
        true
    }

    /// False when the store closes meanwhile.
    fn pause(&self, pause: Duration) -> bool {
        let until = Instant::now() + pause;
        let mut queue = self.queue.lock();
        while !self.is_closing.load(Ordering::Relaxed) {
            if self.work.wait_until(&mut queue, until).timed_out() {
                return true;
            }
        }
        false
    }

    fn fails(&self, error: &CommitError) {
        if self.is_failing.swap(true, Ordering::Relaxed) {
            tracing::debug!(%error, "the store is tried again");
            return;
        }
        let why = if error.is_full {
            "the disk is full"
        } else {
            "the disk does not take it"
        };
        let message = format!(
            "nothing can be stored: {why} ({error}). Retained Messages of QoS 1 and 2 are refused until it can; what \
             stored Sessions get is not acknowledged before"
        );
        tracing::error!("{message}");
        self.events
            .add(Severity::Error, "STORE_FAILING", &message, None);
    }

    fn works(&self) {
        if self.is_failing.swap(false, Ordering::Relaxed) {
            let message = "what waited is stored: the disk takes it again";
            tracing::info!("{message}");
            self.events
                .add(Severity::Info, "STORE_RECOVERED", message, None);
        }
    }

    fn tell_damage(&self, damage: &[Damage]) {
        for each in damage {
            let message = each.to_string();
            if each.is_certain() {
                self.metrics.store_damaged.inc();
                tracing::error!("{message}");
                self.events
                    .add(Severity::Error, "STORE_DAMAGED", &message, None);
            } else {
                tracing::warn!("{message}");
                self.events
                    .add(Severity::Warn, "STORE_UNFINISHED", &message, None);
            }
        }
    }
}

#[cfg(test)]
#[path = "store_by_hand.rs"]
mod by_hand;
#[cfg(test)]
#[path = "store_tests.rs"]
mod tests;
