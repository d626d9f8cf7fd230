//! What a node had stored, read at its start.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::membership::NodeName;
use crate::message::Message;
use crate::node::restore::{Restored, RestoredSessions};
use crate::routing::RetainedStamp;
use crate::session::{Session, SessionConfig};
use crate::storage::{
    Damage, DamagedPart, EachRecord, Store, Table, away_record, retained_record, session_record,
};
use crate::time::Timestamp;

/// All of it.
pub(crate) struct StoredState {
    pub(crate) retained: Vec<(Arc<Message>, RetainedStamp)>,
    pub(crate) sessions: RestoredSessions,
    /// Messages for nodes that were away, oldest first, each with its number.
    pub(crate) away: BTreeMap<NodeName, Vec<(u64, Vec<u8>)>>,
}

impl StoredState {
    /// Makes sense of the records that `open` gives. What makes none is told as damage.
    ///
    /// # Errors
    /// Those of `open`.
    pub(crate) fn read<E>(
        session_config: &Arc<SessionConfig>,
        now: Timestamp,
        open: impl FnOnce(EachRecord<'_>) -> Result<Store, E>,
    ) -> Result<(Store, Self), E> {
        let mut retained = Vec::new();
        let mut not_understood = 0;
        let mut away = BTreeMap::new();
        let mut away_not_understood = 0;
        let mut last_number = 0;
        let mut sessions = Vec::new();
        let mut reader = session_record::Reader::new(|row| {
            sessions.push(Restored {
                row: row.row,
                epoch: row.epoch,
                was_connected: row.session.head.disconnected_at.is_none(),
                session: Session::restore(row.session, Arc::clone(session_config), now),
            });
        });
        let store = open(&mut |table, key, value| match table {
            Table::Retained => match retained_record::read(key, value) {
                Some(record) => retained.push(record),
                None => not_understood += 1,
            },
            Table::Sessions => reader.read(key, value),
            Table::Away => match away_record::read_key(key) {
                Some((node, number)) => {
                    last_number = last_number.max(number);
                    let kept: &mut Vec<_> = away.entry(node).or_default();
                    kept.push((number, value.to_vec()));
                }
                None => away_not_understood += 1,
            },
        })?;
        let left_over = reader.end();
        store.see_number(left_over.last_row.max(last_number));
        for (table, count) in [
            (Table::Retained, not_understood),
            (Table::Sessions, left_over.not_understood),
            (Table::Away, away_not_understood),
        ] {
            if count > 0 {
                store.tell_damage(&[Damage {
                    what: DamagedPart::Record {
                        table: table.name(),
                        count,
                    },
                    kept_as: None,
                }]);
            }
        }
        let sessions = RestoredSessions {
            sessions,
            left_over,
        };
        let state = Self {
            retained,
            sessions,
            away,
        };
        Ok((store, state))
    }
}
