//! A node's disk: takes its time for each batch, and has either all of one or nothing when the node crashes.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use tokio::time::sleep;

use crate::chance;
use crate::storage::{EachRecord, Store, Table};
use crate::watch;

type Records = BTreeMap<(&'static str, Vec<u8>), (Table, Vec<u8>)>;

/// Outlives the node.
pub(super) struct Disk {
    records: Mutex<Records>,
    is_writing: AtomicBool,
    /// Now and then it takes nothing.
    fails: bool,
}

impl Disk {
    pub(super) fn new(fails: bool) -> Self {
        Self {
            records: Mutex::default(),
            is_writing: AtomicBool::new(false),
            fails,
        }
    }

    /// Whether something is under way that a crash may lose.
    pub(super) fn is_writing(&self) -> bool {
        self.is_writing.load(Ordering::Relaxed)
    }

    /// All that was on it is lost. The node must have stopped.
    pub(super) fn lose_all(&self) {
        self.records.lock().clear();
    }

    /// Gives all records.
    pub(super) fn read(&self, each: EachRecord<'_>) {
        for ((_, key), (table, value)) in &*self.records.lock() {
            each(*table, key, value);
        }
    }

    /// Stores what comes until the node stops.
    pub(super) async fn serve(self: Arc<Self>, store: Store, mut stop: watch::Receiver<bool>) {
        let mut random = StdRng::seed_from_u64(chance::random());
        self.is_writing.store(false, Ordering::Relaxed);
        loop {
            let batch = tokio::select! {
                biased;
                _ = stop.wait_for(|stop| *stop) => return,
                batch = store.next_batch() => batch,
            };
            self.is_writing.store(true, Ordering::Relaxed);
            if self.fails && random.random_bool(0.01) {
                store.batch_failed();
                let lasts = Duration::from_millis(random.random_range(500..8_000));
                tokio::select! {
                    biased;
                    _ = stop.wait_for(|stop| *stop) => return,
                    () = sleep(lasts) => {}
                }
            }
            let micros = match random.random_range(0..100) {
                0..2 => random.random_range(100_000..2_000_000),
                2..8 => random.random_range(10_000..100_000),
                _ => random.random_range(200..4_000),
            };
            tokio::select! {
                biased;
                _ = stop.wait_for(|stop| *stop) => {
                    // It may have arrived all the same.
                    if random.random() {
                        self.write(batch.changes());
                    }
                    return;
                }
                () = sleep(Duration::from_micros(micros)) => self.write(batch.changes()),
            }
            self.is_writing.store(false, Ordering::Relaxed);
            store.batch_stored(&batch);
        }
    }

    fn write(&self, changes: &[crate::storage::Change]) {
        let mut records = self.records.lock();
        for change in changes {
            let key = (change.table.name(), change.key.clone());
            match &change.value {
                Some(value) => records.insert(key, (change.table, value.clone())),
                None => records.remove(&key),
            };
        }
    }
}
