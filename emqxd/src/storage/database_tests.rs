//! What is in the database after it was closed, cut, or damaged.

use std::collections::BTreeMap;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::ops::Range;

use proptest::prelude::*;

use super::*;

type Records = BTreeMap<Vec<u8>, Vec<u8>>;

fn open(dir: &Path) -> Result<(Database, Records, Vec<Damage>), OpenError> {
    let mut records = Records::new();
    let (database, damage) = Database::open(dir, Durability::Os, &mut |table, key, value| {
        assert_eq!(table, Table::Retained);
        assert!(
            records.insert(key.to_vec(), value.to_vec()).is_none(),
            "each record comes once"
        );
    })?;
    Ok((database, records, damage))
}

fn change(key: u32, value: Option<u8>) -> Change {
    Change {
        table: Table::Retained,
        key: format!("a/{key:06}").into_bytes(),
        value: value.map(|value| vec![value; usize::from(value)]),
        is_fresh: false,
    }
}

fn apply(records: &mut Records, changes: &[Change]) {
    for change in changes {
        match &change.value {
            Some(value) => records.insert(change.key.clone(), value.clone()),
            None => records.remove(&change.key),
        };
    }
}

/// Commits, and what there is after each, beginning with nothing.
fn states(commits: &[Vec<Change>]) -> Vec<Records> {
    let mut states = vec![Records::new()];
    for changes in commits {
        let mut next = states.last().unwrap().clone();
        apply(&mut next, changes);
        states.push(next);
    }
    states
}

fn commits() -> impl Strategy<Value = Vec<Vec<Change>>> {
    let change = (0_u32..20, prop::option::of(1_u8..200));
    let changes = prop::collection::btree_map(0_u32..20, change, 1..8).prop_map(|changes| {
        changes
            .into_iter()
            .map(|(key, (_, value))| change_of(key, value))
    });
    prop::collection::vec(changes.prop_map(Iterator::collect), 1..12)
}

fn change_of(key: u32, value: Option<u8>) -> Change {
    change(key, value)
}

/// Where commits are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Where {
    Log,
    /// That of the sorted records.
    Journal,
}

fn place() -> impl Strategy<Value = Where> {
    prop::sample::select(vec![Where::Log, Where::Journal])
}

/// A closed store with these commits, and the file that has them.
fn stored(commits: &[Vec<Change>], place: Where) -> (tempfile::TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let (mut database, records, damage) = open(dir.path()).unwrap();
    assert_eq!((records, damage), (Records::new(), vec![]));
    for changes in commits {
        match place {
            Where::Log => database.commit(&mut changes.clone()).unwrap(),
            Where::Journal => database
                .open
                .as_ref()
                .unwrap()
                .tables
                .commit(changes)
                .unwrap(),
        }
    }
    drop(database);
    let file = match place {
        Where::Journal => journals(&dir.path().join(DATABASE)).unwrap().unwrap().pop(),
        Where::Log => log::read(&dir.path().join(LOG))
            .unwrap()
            .pop()
            .map(|segment| segment.path),
    };
    (dir, file.unwrap())
}

/// Where in the file the last commits are, so many of them.
fn ranges(file: &Path, place: Where, count: usize) -> Vec<Range<usize>> {
    let bytes = fs::read(file).unwrap();
    let mut whole = match place {
        Where::Journal => journal::check(&bytes).whole,
        Where::Log => {
            let batches = log_format::scan(&bytes, 0).batches;
            let ends = batches.iter().map(|batch| batch.payload.end);
            let starts = std::iter::once(0).chain(ends.clone());
            starts.zip(ends).map(|(start, end)| start..end).collect()
        }
    };
    // The database has some of its own before those.
    whole.split_off(whole.len() - count)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn a_file_cut_anywhere_gives_a_prefix_of_the_commits_and_takes_more(
        commits in commits(),
        place in place(),
        cut in any::<prop::sample::Index>(),
    ) {
        let (dir, file) = stored(&commits, place);
        let states = states(&commits);
        prop_assert_eq!(&open(dir.path()).unwrap().1, states.last().unwrap());
        let cut = cut.index(ranges(&file, place, 1)[0].end);
        File::options().write(true).open(&file).unwrap().set_len(cut as u64).unwrap();
        let (mut database, records, damage) = open(dir.path()).unwrap();
        prop_assert!(!damage.iter().any(Damage::is_certain), "{:?}", damage);
        prop_assert!(states.contains(&records), "{:?} is no state of {:?}", records, states);
        let mut next = records;
        let more = [change(7, Some(9)), change(8, None)];
        database.commit(&mut more.to_vec()).unwrap();
        apply(&mut next, &more);
        drop(database);
        prop_assert_eq!(open(dir.path()).unwrap().1, next);
    }

    #[test]
    fn a_damaged_commit_is_left_out_and_told_and_the_others_are_there(
        commits in commits(),
        place in place(),
        at in any::<prop::sample::Index>(),
        bit in 0_u8..8,
    ) {
        let (dir, file) = stored(&commits, place);
        let mut bytes = fs::read(&file).unwrap();
        let hit = at.index(commits.len());
        let range = ranges(&file, place, commits.len())[hit].clone();
        let at = at.index(range.len());
        // The sequence number of a batch has no checksum in a journal.
        prop_assume!(place == Where::Log || !(5..13).contains(&at));
        bytes[range.start + at] ^= 1 << bit;
        fs::write(&file, &bytes).unwrap();
        let mut others = commits.clone();
        others.remove(hit);
        let (database, records, damage) = open(dir.path()).unwrap();
        let expected = states(&others).pop().unwrap();
        prop_assert_eq!(&records, &expected);
        if hit + 1 == commits.len() {
            let [Damage { what: DamagedPart::End { bytes, .. }, .. }] = &damage[..] else {
                panic!("{damage:?}")
            };
            prop_assert!((1..=range.len()).contains(bytes));
        } else {
            let [Damage { what: DamagedPart::Journal { bytes: lost, .. }, kept_as: Some(kept) }] = &damage[..] else {
                panic!("{damage:?}")
            };
            prop_assert_eq!(*lost, range.len());
            prop_assert_eq!(fs::read(kept).unwrap(), bytes);
        }
        // It is told once.
        drop(database);
        let (_, again, damage) = open(dir.path()).unwrap();
        prop_assert_eq!((again, damage), (records, vec![]));
    }

    #[test]
    fn whatever_is_folded_in_and_repeated_it_reads_as_what_was_committed(
        steps in prop::collection::vec((0_u8..6, 0_u32..6, any::<bool>()), 1..30),
    ) {
        let dir = tempfile::tempdir().unwrap();
        let (mut database, mut records, _) = open(dir.path()).unwrap();
        // Each number is put once and removed once, as those of messages are.
        let mut fresh = 100_u32..;
        let mut present = Vec::new();
        for (what, key, is_put) in steps {
            let change = match what {
                0 => Change { is_fresh: true, ..change(fresh.next().unwrap(), Some(3)) },
                1 if !present.is_empty() => change(present.swap_remove(0), None),
                2 => {
                    database.fold_all().unwrap();
                    continue;
                }
                3 => {
                    drop(database);
                    let (again, read, damage) = open(dir.path()).unwrap();
                    prop_assert_eq!((&read, damage), (&records, vec![]));
                    database = again;
                    continue;
                }
                _ => change(key, is_put.then_some(5)),
            };
            if what == 4 || (what == 0 && is_put) {
                // It failed after all of it was in the log.
                database.commit(&mut vec![change.clone()]).unwrap();
                database.reopen().unwrap();
            }
            database.commit(&mut vec![change.clone()]).unwrap();
            apply(&mut records, std::slice::from_ref(&change));
            if what == 0 {
                present.push(fresh.start - 1);
            }
        }
        drop(database);
        prop_assert_eq!(open(dir.path()).unwrap().1, records);
    }
}

#[test]
fn a_store_of_the_format_before_is_taken_over() {
    let (dir, _) = stored(&[vec![change(1, Some(1))]], Where::Journal);
    fs::write(dir.path().join(FORMAT_FILE), "{\"format\": 1}").unwrap();
    fs::remove_dir_all(dir.path().join(LOG)).unwrap();
    assert_eq!(open(dir.path()).unwrap().1.len(), 1);
    let format = fs::read_to_string(dir.path().join(FORMAT_FILE)).unwrap();
    assert!(format.contains('2'), "{format}");
}

#[test]
fn a_later_format_is_refused_and_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    drop(open(dir.path()).unwrap());
    let file = dir.path().join(FORMAT_FILE);
    for (text, part) in [("{\"format\": 3}", "format 3"), ("x", "damaged")] {
        fs::write(&file, text).unwrap();
        let error = open(dir.path()).err().unwrap().to_string();
        assert!(error.contains(part), "{error}");
        assert!(error.contains(&dir.path().display().to_string()), "{error}");
        assert_eq!(fs::read_to_string(&file).unwrap(), text);
    }
}

const RECORDS: u32 = 20_000;

/// A closed store whose records are sorted in, and the file that holds them.
fn sorted() -> (tempfile::TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let (mut database, ..) = open(dir.path()).unwrap();
    let mut changes: Vec<Change> = (0..RECORDS).map(|key| change(key, Some(100))).collect();
    database.commit(&mut changes).unwrap();
    database.fold_all().unwrap();
    let open = database.open.as_ref().unwrap();
    let tables = open.tables.table(Table::Retained).path().join("tables");
    drop(database);
    let file = fs::read_dir(tables)
        .unwrap()
        .next()
        .unwrap()
        .unwrap()
        .path();
    (dir, file)
}

fn damage_at(file: &Path, at: u64) {
    let mut file = File::options().read(true).write(true).open(file).unwrap();
    let mut byte = [0];
    file.seek(SeekFrom::Start(at)).unwrap();
    file.read_exact(&mut byte).unwrap();
    file.seek(SeekFrom::Start(at)).unwrap();
    file.write_all(&[byte[0] ^ 0x10]).unwrap();
}

#[test]
fn damaged_blocks_of_sorted_records_cost_what_is_in_them() {
    let (dir, file) = sorted();
    let len = fs::metadata(&file).unwrap().len();
    for part in [1, 3, 4] {
        damage_at(&file, len * part / 8);
    }
    let (mut database, records, damage) = open(dir.path()).unwrap();
    let [
        Damage {
            what: DamagedPart::Table { name, read },
            kept_as: Some(kept),
        },
    ] = &damage[..]
    else {
        panic!("{damage:?}")
    };
    assert_eq!((*name, *read), ("retained", records.len()));
    assert!(kept.join("keyspaces").is_dir());
    // Three blocks of some 4 KiB.
    let lost = RECORDS as usize - records.len();
    assert!((3..300).contains(&lost), "{lost}");
    database
        .commit(&mut vec![change(RECORDS, Some(1))])
        .unwrap();
    drop(database);
    let (_, again, damage) = open(dir.path()).unwrap();
    assert_eq!((again.len(), damage), (records.len() + 1, vec![]));
}

#[test]
fn what_cannot_be_served_at_all_is_told_with_what_to_do() {
    let (dir, file) = sorted();
    fs::write(&file, "").unwrap();
    let error = open(dir.path()).err().unwrap();
    assert!(matches!(error, OpenError::Damaged { .. }), "{error}");
    assert!(error.to_string().contains("move it away"), "{error}");
}

#[test]
fn a_copy_that_was_not_finished_is_dropped_and_a_finished_one_takes_its_place() {
    let (dir, _) = stored(&[vec![change(1, Some(1))]], Where::Journal);
    let (database, copy) = (dir.path().join(DATABASE), dir.path().join(COPY));
    fs::create_dir(&copy).unwrap();
    assert_eq!(open(dir.path()).unwrap().1.len(), 1);
    assert!(!copy.exists());
    fs::rename(&database, &copy).unwrap();
    assert_eq!(open(dir.path()).unwrap().1.len(), 1);
}

#[test]
fn after_an_error_it_is_opened_again_with_what_was_committed() {
    let dir = tempfile::tempdir().unwrap();
    let (mut database, ..) = open(dir.path()).unwrap();
    database.commit(&mut vec![change(1, Some(1))]).unwrap();
    database.open = None;
    let mut changes = vec![change(2, Some(2))];
    assert!(database.commit(&mut changes).is_err());
    assert_eq!(changes.len(), 1);
    assert_eq!(database.reopen(), Ok(vec![]));
    database.commit(&mut changes).unwrap();
    assert_eq!(changes, []);
    drop(database);
    assert_eq!(open(dir.path()).unwrap().1.len(), 2);
}

#[test]
fn segments_that_are_full_become_sorted_records_and_are_used_again() {
    let dir = tempfile::tempdir().unwrap();
    let (mut database, ..) = open(dir.path()).unwrap();
    let mut expected = Records::new();
    for round in 0..160_u32 {
        let changes: Vec<Change> = (0..1_000)
            .map(|key| change(round * 500 + key, Some(250)))
            .chain((0..200).map(|key| change(round * 500 + key, None)))
            .collect();
        apply(&mut expected, &changes);
        database.commit(&mut changes.clone()).unwrap();
    }
    drop(database);
    let segments = log::read(&dir.path().join(LOG)).unwrap();
    assert!(segments.len() <= 3, "{}", segments.len());
    assert_eq!(open(dir.path()).unwrap().1, expected);
}
