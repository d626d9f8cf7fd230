//! The same as `tokio::sync::watch`, as far as this crate uses it, with an order among those who wait.

use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use parking_lot::{RwLock, RwLockReadGuard};
use tokio::sync::Notify;

struct Shared<T> {
    value: RwLock<T>,
    /// Changes under the lock of the value.
    version: AtomicU64,
    senders: AtomicUsize,
    changed: Notify,
}

/// Changes the value.
pub struct Sender<T>(Arc<Shared<T>>);

/// Sees the value change.
pub struct Receiver<T> {
    shared: Arc<Shared<T>>,
    seen: u64,
}

/// The value; it does not change while this is held.
#[derive(Debug)]
pub struct Ref<'a, T>(RwLockReadGuard<'a, T>);

/// No sender is left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("nobody can change it any more")]
pub struct Closed;

/// A sender and a receiver that has seen the value.
pub fn channel<T>(value: T) -> (Sender<T>, Receiver<T>) {
    let sender = Sender::new(value);
    let receiver = sender.subscribe();
    (sender, receiver)
}

impl<T> Sender<T> {
    /// Without a receiver.
    pub fn new(value: T) -> Self {
        Self(Arc::new(Shared {
            value: RwLock::new(value),
            version: AtomicU64::new(0),
            senders: AtomicUsize::new(1),
            changed: Notify::new(),
        }))
    }

    /// A receiver that has seen the present value.
    pub fn subscribe(&self) -> Receiver<T> {
        Receiver {
            shared: Arc::clone(&self.0),
            seen: self.0.version.load(Ordering::Acquire),
        }
    }

    /// The present value.
    pub fn borrow(&self) -> Ref<'_, T> {
        Ref(self.0.value.read_recursive())
    }

    /// Changes the value, and says whether it did.
    pub fn send_if_modified(&self, change: impl FnOnce(&mut T) -> bool) -> bool {
        let mut value = self.0.value.write();
        let is_changed = change(&mut value);
        if is_changed {
            self.0.version.fetch_add(1, Ordering::AcqRel);
        }
        drop(value);
        if is_changed {
            self.0.changed.notify_waiters();
        }
        is_changed
    }

    /// Changes the value.
    pub fn send_modify(&self, change: impl FnOnce(&mut T)) {
        self.send_if_modified(|value| {
            change(value);
            true
        });
    }

    /// Puts another value in its place.
    pub fn send_replace(&self, value: T) -> T {
        let mut value = value;
        self.send_modify(|present| std::mem::swap(present, &mut value));
        value
    }
}

impl<T> Drop for Sender<T> {
    fn drop(&mut self) {
        if self.0.senders.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.0.changed.notify_waiters();
        }
    }
}

impl<T> Clone for Sender<T> {
    fn clone(&self) -> Self {
        self.0.senders.fetch_add(1, Ordering::AcqRel);
        Self(Arc::clone(&self.0))
    }
}

impl<T> Clone for Receiver<T> {
    fn clone(&self) -> Self {
        Self {
            shared: Arc::clone(&self.shared),
            seen: self.seen,
        }
    }
}

impl<T> Receiver<T> {
    /// The present value, which may not have been seen yet.
    pub fn borrow(&self) -> Ref<'_, T> {
        Ref(self.shared.value.read_recursive())
    }

    /// The present value, seen.
    pub fn borrow_and_update(&mut self) -> Ref<'_, T> {
        let value = self.shared.value.read_recursive();
        self.seen = self.shared.version.load(Ordering::Acquire);
        Ref(value)
    }

    /// Waits for a value that was not seen, and sees it.
    ///
    /// # Errors
    /// When there will be none.
    pub async fn changed(&mut self) -> Result<(), Closed> {
        loop {
            let changed = self.shared.changed.notified();
            let version = self.shared.version.load(Ordering::Acquire);
            if version != self.seen {
                self.seen = version;
                return Ok(());
            }
            if self.shared.senders.load(Ordering::Acquire) == 0 {
                return Err(Closed);
            }
            changed.await;
        }
    }

    /// Waits for a value that is as wanted: the present one may be.
    ///
    /// # Errors
    /// When there will be none.
    pub async fn wait_for(
        &mut self,
        mut is_wanted: impl FnMut(&T) -> bool,
    ) -> Result<Ref<'_, T>, Closed> {
        loop {
            if is_wanted(&self.borrow_and_update()) {
                return Ok(self.borrow());
            }
            self.changed().await?;
        }
    }
}

impl<T> Deref for Ref<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: std::fmt::Debug> std::fmt::Debug for Sender<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Sender({:?})", *self.borrow())
    }
}

impl<T: std::fmt::Debug> std::fmt::Debug for Receiver<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Receiver({:?})", *self.borrow())
    }
}

#[tokio::test]
async fn whoever_waits_longest_wakes_first() {
    let (sender, receiver) = channel(0);
    let woken = Arc::new(parking_lot::Mutex::new(Vec::new()));
    let mut tasks = Vec::new();
    for number in 0..20 {
        let (mut receiver, woken) = (receiver.clone(), Arc::clone(&woken));
        tasks.push(tokio::spawn(async move {
            receiver.changed().await.unwrap();
            woken.lock().push(number);
            receiver.changed().await
        }));
    }
    tokio::task::yield_now().await;
    assert_eq!(sender.send_replace(7), 0);
    assert!(!sender.send_if_modified(|_| false));
    tokio::task::yield_now().await;
    assert_eq!(*woken.lock(), (0..20).collect::<Vec<_>>());
    drop(sender);
    for task in tasks {
        assert_eq!(task.await.unwrap(), Err(Closed));
    }
}
