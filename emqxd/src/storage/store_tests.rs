//! The committer, over a disk that fails when it is told to.

use std::sync::mpsc;

use super::super::change::Table;
use super::*;

/// Takes a commit only when it gets a word: whether it fails.
struct Fake {
    words: mpsc::Receiver<Result<(), CommitError>>,
    commits: mpsc::Sender<Vec<Change>>,
    is_open: bool,
}

struct Disk {
    words: mpsc::Sender<Result<(), CommitError>>,
    commits: mpsc::Receiver<Vec<Change>>,
}

const FULL: fn() -> CommitError = || CommitError {
    what: "no room".to_owned(),
    is_full: true,
};

impl Backend for Fake {
    fn commit(&mut self, changes: &mut Vec<Change>) -> Result<(), CommitError> {
        assert!(self.is_open, "it is opened again after an error");
        let word = self.words.recv().unwrap_or(Ok(()));
        self.is_open = word.is_ok();
        word?;
        // Nobody looks at the end of a test.
        let _ = self.commits.send(std::mem::take(changes));
        Ok(())
    }

    fn reopen(&mut self) -> Result<Vec<Damage>, CommitError> {
        self.is_open = true;
        Ok(Vec::new())
    }
}

fn store() -> (Store, Disk, Arc<EventLog>) {
    let (words, heard) = mpsc::channel();
    let (told, commits) = mpsc::channel();
    let fake = Fake {
        words: heard,
        commits: told,
        is_open: true,
    };
    let events = Arc::new(EventLog::new("n1"));
    let store = Store::start(fake, Arc::default(), Arc::clone(&events));
    (store, Disk { words, commits }, events)
}

fn change(key: u8, bytes: usize) -> Change {
    Change {
        table: Table::Retained,
        key: vec![key],
        value: Some(vec![0; bytes]),
        is_fresh: false,
    }
}

#[tokio::test]
async fn what_gathers_while_the_disk_is_busy_is_one_commit() {
    let (store, disk, _) = store();
    let first = store.append(change(1, 1)).unwrap();
    // Out, as soon as the committer has it; then all that follows gathers.
    while store.append(change(2, 1)).unwrap() == first {
        tokio::task::yield_now().await;
    }
    let last = store.append_all([change(3, 1), change(4, 1)]).unwrap();
    assert!(!store.is_committed(first));
    disk.words.send(Ok(())).unwrap();
    store.wait(first).await;
    assert!(!store.is_committed(last));
    disk.words.send(Ok(())).unwrap();
    store.wait(last).await;
    assert!(store.is_committed(first));
    let commits: Vec<_> = disk.commits.try_iter().collect();
    assert_eq!(commits.len(), 2);
    assert_eq!(commits[1], [change(2, 1), change(3, 1), change(4, 1)]);
    assert_eq!(store.waiting_bytes(), 0);
}

#[tokio::test]
async fn nothing_is_acknowledged_while_the_disk_fails_and_all_is_when_it_works_again() {
    let (store, disk, events) = store();
    let commit = store.append(change(1, 1)).unwrap();
    disk.words.send(Err(FULL())).unwrap();
    while !store.is_failing() {
        tokio::task::yield_now().await;
    }
    let later = store.append(change(2, 1)).unwrap();
    disk.words.send(Err(FULL())).unwrap();
    assert!(!store.is_committed(commit));
    disk.words.send(Ok(())).unwrap();
    store.wait(commit).await;
    assert!(!store.is_failing());
    disk.words.send(Ok(())).unwrap();
    store.wait(later).await;
    let commits: Vec<_> = disk.commits.try_iter().collect();
    assert_eq!(commits, [[change(1, 1)], [change(2, 1)]]);
    let kinds: Vec<_> = events
        .latest(9)
        .into_iter()
        .map(|event| event.r#type)
        .collect();
    assert_eq!(kinds, ["STORE_RECOVERED", "STORE_FAILING"]);
    assert!(
        events.latest(9)[1]
            .message
            .contains("the disk is full (no room)")
    );
}

#[tokio::test]
async fn a_full_queue_refuses_and_remembers_that_it_did() {
    let (store, disk, _) = store();
    store.append(change(1, QUEUE_BYTES_MAX)).unwrap();
    assert!(store.is_crowded() && store.is_full());
    assert!(!store.take_missed());
    assert_eq!(store.append(change(2, 1)), Err(QueueFull));
    assert!(store.take_missed());
    assert!(!store.take_missed());
    // It is not waited for longer than that.
    store.room(Duration::from_millis(1)).await;
    assert!(store.is_crowded());
    disk.words.send(Ok(())).unwrap();
    store.room(Duration::MAX).await;
    assert!(!store.is_crowded() && !store.is_full());
    store.append(change(2, 1)).unwrap();
}

#[tokio::test]
async fn closing_writes_what_waits() {
    let (store, disk, _) = store();
    store.append(change(1, 1)).unwrap();
    drop(disk.words);
    store.close().await;
    assert_eq!(disk.commits.iter().count(), 1);
    store.close().await;
}

#[tokio::test]
async fn closing_does_not_wait_for_a_disk_that_takes_nothing() {
    let (store, disk, _) = store();
    store.append(change(1, 1)).unwrap();
    disk.words.send(Err(FULL())).unwrap();
    while !store.is_failing() {
        tokio::task::yield_now().await;
    }
    store.close().await;
    assert!(store.waiting_bytes() > 0);
}

#[tokio::test]
async fn without_a_store_nothing_has_to_be_waited_for() {
    let store = Store::none();
    let commit = store.append(change(1, 1)).unwrap();
    assert!(commit.is_none() && store.is_committed(commit));
    store.wait(commit).await;
    store.close().await;
    assert!(!store.is_on() && !store.is_failing() && !store.is_crowded());
}
