//! A store without a disk and without a thread: a simulation says when a batch is stored.

use super::*;

/// Changes that are to be stored together.
pub(crate) struct OutBatch(Batch);

impl OutBatch {
    /// Oldest first.
    pub(crate) fn changes(&self) -> &[Change] {
        &self.0.changes
    }
}

impl Store {
    /// One that stores nothing by itself, and takes so many bytes that wait; `None`: as many as any other.
    pub(crate) fn by_hand(
        metrics: Arc<Metrics>,
        events: Arc<EventLog>,
        bytes_max: Option<usize>,
    ) -> Self {
        let bytes_max = bytes_max.unwrap_or(QUEUE_BYTES_MAX);
        let shared = Shared::new(metrics, events, bytes_max);
        Self(Some(Arc::new(shared)))
    }

    /// The disk does not take a batch.
    pub(crate) fn batch_failed(&self) {
        if let Some(shared) = &self.0 {
            shared.fails(&CommitError {
                what: "simulated".to_owned(),
                is_full: false,
            });
        }
    }

    /// Waits for something to store. The batch before must be stored.
    pub(crate) async fn next_batch(&self) -> OutBatch {
        let Some(shared) = &self.0 else {
            return std::future::pending().await;
        };
        loop {
            let work = shared.work_by_hand.notified();
            let batch = shared.queue.lock().take();
            if let Some(mut batch) = batch {
                batch.keep_latest();
                return OutBatch(batch);
            }
            work.await;
        }
    }

    /// A batch is stored.
    pub(crate) fn batch_stored(&self, batch: &OutBatch) {
        if let Some(shared) = &self.0 {
            shared.works();
            let _ = shared.stored(batch.0.commit, batch.0.changes.len());
        }
    }
}
