//! A Session that is stored: what has changed of it goes to the store whenever its lock is let go, so that no way to change
//! it can be forgotten.

use std::ops::{Deref, DerefMut};

use parking_lot::MutexGuard;

use super::session_cell::{CellPhase, CellState, SessionCell};
use crate::session::{Session, SessionChange};
use crate::storage::{Change, Commit, Mirror, QueueFull, Standby, Store, Stored, session_record};

/// Where and how far a Session is stored.
pub struct Kept {
    store: Store,
    /// Its number in the store; `None` before it is stored.
    row: Option<u64>,
    /// As stored.
    epoch: u64,
    /// The commit of the last change.
    last: Commit,
    /// A change was not taken: all of it is to be stored anew.
    is_behind: bool,
    /// Which node has a copy.
    standby: Option<Standby>,
}

impl Kept {
    /// One that is to be stored, all of it.
    pub(super) fn new(store: &Store, session: &mut Session) -> Box<Self> {
        session.start_journal();
        Box::new(Self {
            store: store.clone(),
            row: None,
            epoch: 0,
            last: Commit::NONE,
            is_behind: false,
            standby: None,
        })
    }

    /// One that is as it was stored, with the epoch of its head; 0 when the head is to be stored anew.
    pub(super) fn restored(
        store: &Store,
        row: u64,
        epoch: u64,
        session: &mut Session,
    ) -> Box<Self> {
        session.start_journal();
        Box::new(Self {
            store: store.clone(),
            row: Some(row),
            epoch,
            last: Commit::NONE,
            is_behind: false,
            standby: None,
        })
    }

    fn store(&mut self, session: &mut Session, key: u64, epoch: u64) -> Stored {
        let changes = session.take_changes();
        let standby = self
            .store
            .mirror()
            .and_then(|mirror| mirror.standby(key, self.standby));
        let is_copied = standby == self.standby;
        let appended = match self.row.filter(|_| !self.is_behind) {
            None => {
                let row = self.store.fresh_number();
                let all = session_record::changes(row, epoch, session, session.parts());
                let former = self.row.map(session_record::forget_head);
                let changes = former.into_iter().chain(all.iter().cloned()).collect();
                let copied = || {
                    let former = self.row.map(session_record::forget_row);
                    former.into_iter().chain(all).collect()
                };
                let appended = append(&self.store, changes, standby, |_| copied());
                if appended.is_ok() {
                    self.row = Some(row);
                }
                appended
            }
            Some(row) => {
                let is_new_epoch = self.epoch != epoch;
                if changes.is_empty() && !is_new_epoch && is_copied {
                    return Stored::default();
                }
                let head = is_new_epoch.then_some(SessionChange::Head);
                let changes = changes.into_iter().chain(head);
                let changes = session_record::changes(row, epoch, session, changes);
                append(&self.store, changes, standby, |changes| {
                    if is_copied {
                        changes.to_vec()
                    } else {
                        session_record::changes(row, epoch, session, session.parts())
                    }
                })
            }
        };
        self.is_behind = appended.is_err();
        let stored = Stored::from(appended);
        if !stored.is_missed {
            self.epoch = epoch;
            self.last = self.last.max(stored.commit);
            self.standby = standby;
        }
        stored
    }

    fn forget(&mut self, session: &mut Session) {
        let parts = session.parts().into_iter().chain(session.take_changes());
        let removals = self.row.map(|row| session_record::removals(row, parts));
        session.stop_journal();
        let removed = self.store.append_all(removals.into_iter().flatten());
        if let (Some(row), Err(_)) = (self.row, removed) {
            // Without a head the rest is left over, and goes at the next start.
            let _ = self.store.append(session_record::forget_head(row));
        }
        if let (Some(row), Some(to), Some(mirror)) = (self.row, self.standby, self.store.mirror()) {
            mirror.send(to, vec![session_record::forget_row(row)], Commit::NONE);
        }
    }
}

/// Hands changes to the store, and what `copy` makes of them to the standby: they are stored when both have them.
fn append(
    store: &Store,
    changes: Vec<Change>,
    standby: Option<Standby>,
    copy: impl FnOnce(&[Change]) -> Vec<Change>,
) -> Result<Commit, QueueFull> {
    let mirror: Option<(&dyn Mirror, Standby)> = store
        .mirror()
        .zip(standby)
        .map(|(mirror, standby)| (&**mirror, standby));
    let Some((mirror, standby)) = mirror else {
        return store.append_all(changes);
    };
    let copied = copy(&changes);
    let commit = store.append_held(changes)?;
    mirror.send(standby, copied, commit);
    Ok(commit)
}

impl std::fmt::Debug for Kept {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Kept")
            .field("row", &self.row)
            .field("is_behind", &self.is_behind)
            .finish_non_exhaustive()
    }
}

/// The lock of a Session is held.
pub struct CellGuard<'a> {
    cell: &'a SessionCell,
    state: MutexGuard<'a, CellState>,
}

impl<'a> CellGuard<'a> {
    pub(super) const fn new(cell: &'a SessionCell, state: MutexGuard<'a, CellState>) -> Self {
        Self { cell, state }
    }

    /// Hands what has changed to the store. As when the lock is let go, with what became of it.
    #[inline]
    pub fn keep(&mut self) -> Stored {
        if self.state.kept.is_none() {
            return Stored::default();
        }
        self.keep_changes()
    }

    /// Out of the way of the many Sessions that are not stored.
    #[cold]
    #[inline(never)]
    fn keep_changes(&mut self) -> Stored {
        let state = &mut *self.state;
        let Some(kept) = &mut state.kept else {
            return Stored::default();
        };
        if self.cell.phase() == CellPhase::Gone {
            kept.forget(&mut state.session);
            state.kept = None;
            self.cell.set_kept(false);
            return Stored::default();
        }
        kept.store(&mut state.session, self.cell.share_key(), state.epoch)
    }

    /// Whether something of the Session is not stored that should be, and what commit to wait for.
    pub fn uncommitted(&self) -> Option<Commit> {
        let kept = self.state.kept.as_ref()?;
        let last = kept.last;
        (!kept.store.is_committed(last)).then_some(last)
    }

    /// From now on the Session is stored; all of it, when the lock is let go. Nothing happens when it is already, or when
    /// the node stores nothing.
    pub(super) fn begin_to_keep(&mut self, store: &Store) {
        let state = &mut *self.state;
        if state.kept.is_none() && store.is_on() {
            state.kept = Some(Kept::new(store, &mut state.session));
            self.cell.set_kept(true);
        }
    }

    /// It is not stored any more.
    pub(super) fn cease_to_keep(&mut self) {
        let state = &mut *self.state;
        if let Some(mut kept) = state.kept.take() {
            kept.forget(&mut state.session);
            self.cell.set_kept(false);
        }
    }

    /// It is as it was stored under that number. Whether its client was connected then: it is not any more, and that counts
    /// from now on, also after the next restart.
    pub(super) fn is_kept_as(&mut self, store: &Store, row: u64, was_connected: bool) {
        let state = &mut *self.state;
        let epoch = if was_connected { 0 } else { state.epoch };
        state.kept = Some(Kept::restored(store, row, epoch, &mut state.session));
        self.cell.set_kept(true);
    }
}

impl Deref for CellGuard<'_> {
    type Target = CellState;

    fn deref(&self) -> &CellState {
        &self.state
    }
}

impl DerefMut for CellGuard<'_> {
    fn deref_mut(&mut self) -> &mut CellState {
        &mut self.state
    }
}

impl Drop for CellGuard<'_> {
    #[inline]
    fn drop(&mut self) {
        self.keep();
    }
}
