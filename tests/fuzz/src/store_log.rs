//! The log of the store as a disk gives it back: whole commits are read, anything else is left out, and what they change is
//! understood or refused.

use emqxd::storage::{Change, Table, away_record, log_format, retained_record, session_record};

/// A segment of the log, and the changes of one commit.
pub fn store_log(input: &[u8]) {
    let scanned = log_format::scan(input, 0);
    for batch in &scanned.batches {
        let _ = log_format::decode(&input[batch.payload.clone()]);
    }
    let Some(changes) = log_format::decode(input) else {
        return;
    };
    let mut segment = Vec::new();
    let len = log_format::encode(7, &changes, &mut segment);
    let scanned = log_format::scan(&segment, 7);
    assert_eq!((scanned.end, scanned.unfinished), (len, 0));
    let again = log_format::decode(&segment[scanned.batches[0].payload.clone()]);
    assert_eq!(
        again.as_deref(),
        Some(&changes[..]),
        "it changes on its way"
    );
    restore(&changes);
}

fn restore(changes: &[Change]) {
    let mut sessions = session_record::Reader::new(|_| {});
    for change in changes {
        let Some(value) = &change.value else {
            continue;
        };
        match change.table {
            Table::Sessions => sessions.read(&change.key, value),
            Table::Retained => drop(retained_record::read(&change.key, value)),
            Table::Away => drop(away_record::read_key(&change.key)),
        }
    }
    sessions.end();
}
