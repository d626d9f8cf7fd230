//! Inputs that are kept: one file for each target, one input a line, in hexadecimal digits. `tests/fuzz/run` reads and
//! writes the same.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The inputs of a target.
///
/// # Errors
/// When the file cannot be read, or a line is not made of pairs of hexadecimal digits.
pub fn read(target: &str) -> io::Result<Vec<Vec<u8>>> {
    let path = file(target);
    fs::read_to_string(&path)?
        .lines()
        .enumerate()
        .map(|(number, line)| {
            bytes(line).ok_or_else(|| {
                let place = format!("{}:{}", path.display(), number + 1);
                io::Error::other(format!("{place}: no pairs of hexadecimal digits"))
            })
        })
        .collect()
}

fn file(target: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("seeds");
    folder.join(format!("{target}.hex"))
}

fn bytes(line: &str) -> Option<Vec<u8>> {
    let digits = line.as_bytes();
    if !digits.len().is_multiple_of(2) || !line.is_ascii() {
        return None;
    }
    (0..line.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&line[at..at + 2], 16).ok())
        .collect()
}
