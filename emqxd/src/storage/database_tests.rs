//! What is in the database after it was closed, cut, or damaged.

use std::collections::BTreeMap;
use std::io::{Read as _, Seek as _, SeekFrom};

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

/// A closed store with these commits, and its journal.
fn stored(commits: &[Vec<Change>]) -> (tempfile::TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let (mut database, records, damage) = open(dir.path()).unwrap();
    assert_eq!((records, damage), (Records::new(), vec![]));
    for changes in commits {
        database.commit(changes).unwrap();
    }
    drop(database);
    let journals = journals(&dir.path().join(DATABASE)).unwrap().unwrap();
    (dir, journals.last().unwrap().clone())
}

/// Where the content of a journal ends, and zeros begin.
fn content_end(journal: &Path) -> usize {
    let checked = journal::check(&fs::read(journal).unwrap());
    checked.whole.last().unwrap().end
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn a_journal_cut_anywhere_gives_a_prefix_of_the_commits_and_takes_more(
        commits in commits(),
        cut in any::<prop::sample::Index>(),
    ) {
        let (dir, journal) = stored(&commits);
        let states = states(&commits);
        prop_assert_eq!(&open(dir.path()).unwrap().1, states.last().unwrap());
        let cut = cut.index(content_end(&journal));
        File::options().write(true).open(&journal).unwrap().set_len(cut as u64).unwrap();
        let (mut database, records, damage) = open(dir.path()).unwrap();
        prop_assert!(!damage.iter().any(Damage::is_certain), "{:?}", damage);
        prop_assert!(states.contains(&records), "{:?} is no state of {:?}", records, states);
        let mut next = records;
        let more = [change(7, Some(9)), change(8, None)];
        database.commit(&more).unwrap();
        apply(&mut next, &more);
        drop(database);
        prop_assert_eq!(open(dir.path()).unwrap().1, next);
    }

    #[test]
    fn a_damaged_commit_is_left_out_and_told_and_the_others_are_there(
        commits in commits(),
        at in any::<prop::sample::Index>(),
        bit in 0_u8..8,
    ) {
        let (dir, journal) = stored(&commits);
        let mut bytes = fs::read(&journal).unwrap();
        // The database has some of its own before those.
        let whole = journal::check(&bytes).whole;
        let (_, ours) = whole.split_at(whole.len() - commits.len());
        let hit = at.index(commits.len());
        let range = ours[hit].clone();
        // The sequence number of a batch has no checksum.
        let at = at.index(range.len());
        prop_assume!(!(5..13).contains(&at));
        bytes[range.start + at] ^= 1 << bit;
        fs::write(&journal, &bytes).unwrap();
        let mut others = commits.clone();
        others.remove(hit);
        let (database, records, damage) = open(dir.path()).unwrap();
        let expected = states(&others).pop().unwrap();
        prop_assert_eq!(&records, &expected);
        if hit + 1 == commits.len() {
            let [Damage { what: DamagedPart::End { bytes, .. }, .. }] = &damage[..] else {
                panic!("{damage:?}")
            };
            prop_assert_eq!(*bytes, range.len());
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
}

#[test]
fn a_later_format_is_refused_and_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    drop(open(dir.path()).unwrap());
    let file = dir.path().join(FORMAT_FILE);
    for (text, part) in [("{\"format\": 2}", "format 2"), ("x", "damaged")] {
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
    let changes: Vec<Change> = (0..RECORDS).map(|key| change(key, Some(100))).collect();
    database.commit(&changes).unwrap();
    let table = database
        .open
        .as_ref()
        .unwrap()
        .table(Table::Retained)
        .clone();
    table.rotate_memtable_and_wait().unwrap();
    let tables = table.path().join("tables");
    drop((table, database));
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
    database.commit(&[change(RECORDS, Some(1))]).unwrap();
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
    let (dir, _) = stored(&[vec![change(1, Some(1))]]);
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
    database.commit(&[change(1, Some(1))]).unwrap();
    database.open = None;
    assert!(database.commit(&[change(2, Some(2))]).is_err());
    assert_eq!(database.reopen(), Ok(vec![]));
    database.commit(&[change(2, Some(2))]).unwrap();
    drop(database);
    assert_eq!(open(dir.path()).unwrap().1.len(), 2);
}
