//! The file of `data export` and `data import`: JSON lines between a header and an end with number and checksum.
//!
//! Called by the two commands. A file that is cut off, changed or of a later version is refused as a whole.

use std::io::{self, BufRead, Read, Write};

use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::Xxh3;

use crate::model::{RetainedMessage, Setting, UtcTime};

/// Of the files that this version writes, and the latest that it reads.
pub const VERSION: u32 = 1;

/// Longest line that is read, bytes: the largest payload that a node takes, in base64, and what is around it.
const LINE_BYTES_MAX: u64 = 96 << 20;
/// Longest file that is read, bytes: a cluster takes no more at once.
const FILE_BYTES_MAX: usize = 512 << 20;

/// What a file says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// See [`VERSION`].
    pub version: u32,
    /// Name of the cluster that it is from.
    pub cluster_name: String,
    /// The node that was asked.
    pub node: String,
    /// When it was begun.
    pub exported_at: UtcTime,
}

/// Everything in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contents {
    /// What it says of itself.
    pub header: Header,
    /// Sorted by key.
    pub settings: Vec<Setting>,
    /// Sorted by topic.
    pub retained: Vec<RetainedMessage>,
}

/// Why a file is not read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreadable {
    /// From 1.
    pub line: usize,
    /// What is wrong with it.
    pub why: String,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Line {
    EmqxdData(Header),
    Setting(Setting),
    Retained(RetainedMessage),
    End(End),
}

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct End {
    settings: u64,
    retained: u64,
    /// Of all lines before, with their ends.
    xxh3_128: String,
}

/// Writes a file.
pub struct DataWriter<W> {
    out: W,
    hash: Xxh3,
    settings: u64,
    retained: u64,
}

impl<W: Write> DataWriter<W> {
    /// Begins it.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn new(out: W, header: Header) -> io::Result<Self> {
        let mut writer = Self {
            out,
            hash: Xxh3::new(),
            settings: 0,
            retained: 0,
        };
        writer.line(&Line::EmqxdData(header))?;
        Ok(writer)
    }

    /// Adds a setting.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn setting(&mut self, setting: Setting) -> io::Result<()> {
        self.settings += 1;
        self.line(&Line::Setting(setting))
    }

    /// Adds a Retained Message.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn retained(&mut self, message: RetainedMessage) -> io::Result<()> {
        self.retained += 1;
        self.line(&Line::Retained(message))
    }

    /// Ends it. Returns the numbers of settings and Retained Messages in it.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn finish(mut self) -> io::Result<(u64, u64)> {
        let end = End {
            settings: self.settings,
            retained: self.retained,
            xxh3_128: digest(&self.hash),
        };
        self.line(&Line::End(end))?;
        self.out.flush()?;
        Ok((self.settings, self.retained))
    }

    fn line(&mut self, line: &Line) -> io::Result<()> {
        let mut text = serde_json::to_vec(line).map_err(io::Error::other)?;
        text.push(b'\n');
        self.hash.update(&text);
        self.out.write_all(&text)
    }
}

fn digest(hash: &Xxh3) -> String {
    format!("{:032x}", hash.digest128())
}

/// Reads a whole file.
///
/// # Errors
/// The first line that is not as it should be.
pub fn read(mut from: impl BufRead) -> Result<Contents, Unreadable> {
    let mut hash = Xxh3::new();
    let mut bytes = 0;
    let mut header = None;
    let mut settings: Vec<Setting> = Vec::new();
    let mut retained: Vec<RetainedMessage> = Vec::new();
    for number in 1.. {
        let wrong = |why: String| Unreadable { line: number, why };
        let mut text = Vec::new();
        from.by_ref()
            .take(LINE_BYTES_MAX)
            .read_until(b'\n', &mut text)
            .map_err(|error| wrong(format!("it cannot be read: {error}")))?;
        if text.is_empty() {
            return Err(wrong("the end is missing: the file is cut off".to_owned()));
        }
        bytes += text.len();
        if bytes > FILE_BYTES_MAX {
            return Err(wrong(format!(
                "the file has more than {} MiB: take it in parts, with --retained",
                FILE_BYTES_MAX >> 20
            )));
        }
        let Some(header) = &header else {
            header = Some(first_line(&text).map_err(wrong)?);
            hash.update(&text);
            continue;
        };
        let line: Line = serde_json::from_slice(&text)
            .map_err(|error| wrong(format!("this is none of its lines: {error}")))?;
        match line {
            Line::EmqxdData(_) => return Err(wrong("a second file begins".to_owned())),
            Line::Setting(setting) => {
                let last = settings.last().map(|last| &last.key);
                if last.is_some_and(|last| *last >= setting.key) {
                    return Err(wrong(not_sorted(&setting.key)));
                }
                settings.push(setting);
            }
            Line::Retained(message) => {
                let last = retained.last().map(|last| &last.topic);
                if last.is_some_and(|last| *last >= message.topic) {
                    return Err(wrong(not_sorted(&message.topic)));
                }
                retained.push(message);
            }
            Line::End(end) => {
                let found = End {
                    settings: settings.len() as u64,
                    retained: retained.len() as u64,
                    xxh3_128: digest(&hash),
                };
                if end != found {
                    let why = "numbers and checksum are not those of the lines before: the file was changed";
                    return Err(wrong(why.to_owned()));
                }
                let follows = from.fill_buf().map_or(true, |rest| !rest.is_empty());
                if follows {
                    return Err(wrong("something follows the end".to_owned()));
                }
                return Ok(Contents {
                    header: header.clone(),
                    settings,
                    retained,
                });
            }
        }
        hash.update(&text);
    }
    Err(Unreadable {
        line: usize::MAX,
        why: "it does not end".to_owned(),
    })
}

/// The version comes first: what else a later one writes into its header is unknown here.
fn first_line(text: &[u8]) -> Result<Header, String> {
    #[derive(Deserialize)]
    struct Kind {
        kind: String,
        version: u32,
    }
    let kind: Option<Kind> = serde_json::from_slice(text).ok();
    match kind.filter(|found| found.kind == "emqxd_data") {
        None => Err("this is no file of `emqxctl data export`".to_owned()),
        Some(found) if found.version > VERSION => Err(format!(
            "the file is of version {}, and this emqxctl knows version {VERSION} only",
            found.version
        )),
        Some(_) => serde_json::from_slice(text)
            .map_err(|error| format!("the header cannot be read: {error}")),
    }
}

fn not_sorted(name: &str) -> String {
    format!("'{name}' is there twice, or not in its place")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contents() -> Contents {
        let message = |topic: &str, payload: &[u8]| RetainedMessage {
            topic: topic.to_owned(),
            payload: payload.to_vec(),
            qos: 1,
            publisher: None,
            expires_at: None,
            payload_format_indicator: None,
            content_type: None,
            response_topic: None,
            correlation_data: None,
            user_properties: Vec::new(),
        };
        Contents {
            header: Header {
                version: VERSION,
                cluster_name: "prod".to_owned(),
                node: "n1".to_owned(),
                exported_at: UtcTime::from_millis(1_000),
            },
            settings: vec![Setting {
                key: "control.voters_max".to_owned(),
                value: "3".to_owned(),
            }],
            retained: vec![
                message("a", &[0, 255]),
                RetainedMessage {
                    publisher: Some("p".to_owned()),
                    expires_at: Some(UtcTime::from_millis(5_000)),
                    payload_format_indicator: Some(true),
                    content_type: Some("text/plain".to_owned()),
                    response_topic: Some("r".to_owned()),
                    correlation_data: Some(vec![1]),
                    user_properties: vec![("n".to_owned(), "v".to_owned())],
                    ..message("b", b"on")
                },
            ],
        }
    }

    fn written(contents: Contents) -> String {
        let mut out = Vec::new();
        let mut writer = DataWriter::new(&mut out, contents.header).unwrap();
        for setting in contents.settings {
            writer.setting(setting).unwrap();
        }
        for message in contents.retained {
            writer.retained(message).unwrap();
        }
        writer.finish().unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_file_is_read_as_it_was_written() {
        let text = written(contents());
        insta::assert_snapshot!(text);
        assert_eq!(read(text.as_bytes()).unwrap(), contents());
    }

    #[test]
    fn a_file_that_is_not_whole_is_refused_with_the_line() {
        let text = written(contents());
        let lines: Vec<&str> = text.lines().collect();
        for (wrong, line, why) in [
            (String::new(), 1, "the end is missing"),
            ("{}".to_owned(), 1, "no file of `emqxctl data export`"),
            (lines[..3].join("\n"), 4, "the end is missing"),
            (
                text.replace("\"value\":\"3\"", "\"value\":\"5\""),
                5,
                "was changed",
            ),
            (
                text.replace("\"version\":1", "\"version\":2"),
                1,
                "of version 2",
            ),
            (
                text.replace("\"topic\":\"b\"", "\"topic\":\"a\""),
                4,
                "'a' is there twice",
            ),
            (text.replace("\"AP8=\"", "\"?\""), 3, "this is no base64"),
            (
                text.replace("\"kind\":\"setting\"", "\"kind\":\"user\""),
                2,
                "none of its lines",
            ),
            (format!("{}\n{text}", lines[0]), 2, "a second file begins"),
            (format!("{text}{text}"), 5, "something follows the end"),
        ] {
            let refused = read(wrong.as_bytes()).unwrap_err();
            assert_eq!(refused.line, line, "{refused:?}");
            assert!(refused.why.contains(why), "{refused:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_changed_byte_goes_unnoticed(at in 0_usize..10_000, to in proptest::prelude::any::<u8>()) {
            let mut bytes = written(contents()).into_bytes();
            let at = at % bytes.len();
            let is_changed = bytes[at] != to;
            bytes[at] = to;
            let read = read(bytes.as_slice());
            // The last line end is the only byte that nobody needs.
            if is_changed && at + 1 < bytes.len() {
                proptest::prop_assert!(read.is_err());
            }
        }

        #[test]
        fn nonsense_is_refused(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..200)) {
            proptest::prop_assert!(read(bytes.as_slice()).is_err());
        }
    }
}
