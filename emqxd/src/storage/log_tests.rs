//! Segments that are written, turned over, and written over.

use super::super::change::Table;
use super::*;

fn change(key: u32, bytes: usize) -> Change {
    Change {
        table: Table::Sessions,
        key: key.to_be_bytes().to_vec(),
        value: Some(vec![7; bytes]),
        is_fresh: false,
    }
}

fn numbers(found: &[Found]) -> Vec<Vec<u64>> {
    let numbers = |segment: &Found| {
        let batches = segment.scanned.batches.iter();
        batches.map(|batch| batch.number).collect()
    };
    found.iter().map(numbers).collect()
}

fn begun() -> (tempfile::TempDir, Log) {
    let dir = tempfile::tempdir().unwrap();
    let log = Log::resume(dir.path(), &[]).unwrap();
    (dir, log)
}

#[test]
fn it_goes_on_behind_what_was_read() {
    let (dir, mut log) = begun();
    log.append(&[change(1, 10)], true).unwrap();
    log.append(&[change(2, 10)], false).unwrap();
    drop(log);
    let found = read(dir.path()).unwrap();
    let mut log = Log::resume(dir.path(), &found).unwrap();
    log.append(&[change(3, 10)], false).unwrap();
    assert_eq!(numbers(&read(dir.path()).unwrap()), [[1, 2, 3]]);
}

#[test]
fn segments_are_kept_until_they_are_given_back_and_then_written_over() {
    let (dir, mut log) = begun();
    let mut key = 0..;
    let mut fill = |log: &mut Log| {
        while !log.is_full() {
            log.append(&[change(key.next().unwrap(), 1 << 20)], false)
                .unwrap();
        }
    };
    fill(&mut log);
    let first = log.turn_over().unwrap();
    fill(&mut log);
    let second = log.turn_over().unwrap();
    log.append(&[change(0, 1)], false).unwrap();
    let found = read(dir.path()).unwrap();
    assert_eq!(found.len(), 3);
    let all: Vec<u64> = numbers(&found).concat();
    assert_eq!(all, (1..=all.len() as u64).collect::<Vec<_>>());

    // The last one is used again. The number of the next batch is known by the one before.
    discard(dir.path(), &first).unwrap();
    discard(dir.path(), &second).unwrap();
    let last = log.turn_over().unwrap();
    let found = read(dir.path()).unwrap();
    assert_eq!(numbers(&found), [vec![all.len() as u64], vec![]]);
    assert!(found[1].bytes.len() as u64 >= SEGMENT_BYTES);
    assert_eq!(found[1].scanned.unfinished, 0);
    log.append(&[change(1, 1)], false).unwrap();
    discard(dir.path(), &last).unwrap();
    let found = read(dir.path()).unwrap();
    assert_eq!(numbers(&found), [[all.len() as u64 + 1]]);
    assert!(found[0].scanned.damaged.is_empty());
    let log = Log::resume(dir.path(), &found).unwrap();
    assert_eq!(log.next, all.len() as u64 + 2);
}

#[test]
fn one_that_is_too_long_is_not_kept() {
    let (dir, mut log) = begun();
    let value = usize::try_from(SPARE_BYTES_MAX).unwrap();
    log.append(&[change(1, value)], false).unwrap();
    let full = log.turn_over().unwrap();
    discard(dir.path(), &full).unwrap();
    let left: Vec<_> = fs::read_dir(dir.path()).unwrap().collect();
    assert_eq!(left.len(), 1);
}
