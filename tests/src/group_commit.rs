//! What the disk allows at best: a file that is synced for groups of writes, and a server that does nothing else than
//! append each PUBLISH to it and acknowledge. What emqxd stores in the same time is held against it.

use std::collections::VecDeque;
use std::fs::{File, OpenOptions};
use std::io::{self, Seek as _, SeekFrom, Write as _};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use bytes::BytesMut;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::raw::{packet, puback, take_frame};

/// Room that is made on the disk in advance: a sync of a file that grows has more to write.
const FILE_BYTES: usize = 64 << 20;

/// A file of a constant length that is written over and over.
struct SyncedFile {
    file: File,
    at: usize,
}

impl SyncedFile {
    fn create(path: &Path) -> io::Result<Self> {
        let mut file = OpenOptions::new()
            .create(true)
            .write(true)
            .truncate(true)
            .open(path)?;
        file.write_all(&vec![0; FILE_BYTES])?;
        file.sync_all()?;
        file.seek(SeekFrom::Start(0))?;
        Ok(Self { file, at: 0 })
    }

    fn commit(&mut self, bytes: &[u8]) -> io::Result<()> {
        if self.at + bytes.len() > FILE_BYTES {
            self.file.seek(SeekFrom::Start(0))?;
            self.at = 0;
        }
        self.file.write_all(bytes)?;
        self.at += bytes.len();
        self.file.sync_data()
    }
}

/// How often a second the disk of that directory writes and syncs so many bytes.
///
/// # Errors
/// When it does not.
pub fn syncs_per_second(dir: &Path, bytes: usize, time: Duration) -> io::Result<f64> {
    let mut file = SyncedFile::create(&dir.join("probe"))?;
    let block = vec![b'x'; bytes.max(1)];
    let (begun, mut count) = (Instant::now(), 0);
    while begun.elapsed() < time {
        file.commit(&block)?;
        count += 1;
    }
    Ok(f64::from(count) / begun.elapsed().as_secs_f64())
}

/// What waits for the disk.
#[derive(Default)]
struct Gathered {
    bytes: Vec<u8>,
    /// The number that these bytes will have.
    next: u64,
    is_over: bool,
}

/// A server of MQTT 5.0 that takes CONNECT and PUBLISH of QoS 1, and acknowledges when the file has them.
pub struct GroupCommitServer {
    /// Where it listens.
    pub address: SocketAddr,
    gathered: Arc<(Mutex<Gathered>, Condvar)>,
    accepting: JoinHandle<()>,
}

impl Drop for GroupCommitServer {
    fn drop(&mut self) {
        self.accepting.abort();
        lock(&self.gathered.0).is_over = true;
        self.gathered.1.notify_one();
    }
}

fn lock(gathered: &Mutex<Gathered>) -> std::sync::MutexGuard<'_, Gathered> {
    gathered.lock().unwrap_or_else(PoisonError::into_inner)
}

impl GroupCommitServer {
    /// With its file in that directory.
    ///
    /// # Errors
    /// When the file or a port cannot be had.
    pub async fn start(dir: &Path) -> io::Result<Self> {
        let mut file = SyncedFile::create(&dir.join("group-commit"))?;
        let gathered = Arc::new((
            Mutex::new(Gathered {
                next: 1,
                ..Gathered::default()
            }),
            Condvar::new(),
        ));
        let (committed, watch) = watch::channel(0);
        std::thread::spawn({
            let gathered = Arc::clone(&gathered);
            move || {
                while let Some((bytes, number)) = next_group(&gathered) {
                    if file.commit(&bytes).is_err() {
                        return;
                    }
                    committed.send_replace(number);
                }
            }
        });
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let accepting = tokio::spawn({
            let gathered = Arc::clone(&gathered);
            async move {
                while let Ok((stream, _)) = listener.accept().await {
                    // It ends when its client goes.
                    tokio::spawn(serve(stream, Arc::clone(&gathered), watch.clone()));
                }
            }
        });
        Ok(Self {
            address,
            gathered,
            accepting,
        })
    }
}

fn next_group((gathered, work): &(Mutex<Gathered>, Condvar)) -> Option<(Vec<u8>, u64)> {
    let mut gathered = lock(gathered);
    while gathered.bytes.is_empty() {
        if gathered.is_over {
            return None;
        }
        gathered = work.wait(gathered).unwrap_or_else(PoisonError::into_inner);
    }
    let number = gathered.next;
    gathered.next += 1;
    Some((std::mem::take(&mut gathered.bytes), number))
}

async fn serve(
    stream: TcpStream,
    gathered: Arc<(Mutex<Gathered>, Condvar)>,
    mut committed: watch::Receiver<u64>,
) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let (mut stream, mut answers) = stream.into_split();
    let mut buffer = BytesMut::new();
    let mut owed: VecDeque<(u64, Vec<u8>)> = VecDeque::new();
    loop {
        tokio::select! {
            read = stream.read_buf(&mut buffer) => {
                if read? == 0 {
                    return Ok(());
                }
                let mut acknowledgements = Vec::new();
                let (mutex, work) = &*gathered;
                let mut group = lock(mutex);
                while let Some((kind, body)) = take_frame(&mut buffer)? {
                    if kind == 0x10 {
                        answers.try_write(&packet(0x20, &[0, 0, 0]))?;
                    } else if let Some(id) = publish_id(&body) {
                        group.bytes.extend(&body);
                        acknowledgements.extend(puback(id));
                    }
                }
                if !acknowledgements.is_empty() {
                    owed.push_back((group.next, acknowledgements));
                    work.notify_one();
                }
            }
            changed = committed.changed(), if !owed.is_empty() => {
                if changed.is_err() {
                    return Ok(());
                }
                let stored = *committed.borrow_and_update();
                let due = owed.partition_point(|(number, _)| *number <= stored);
                let due: Vec<u8> = owed.drain(..due).flat_map(|(_, bytes)| bytes).collect();
                answers.write_all(&due).await?;
            }
        }
    }
}

/// Packet Identifier of a PUBLISH of QoS 1.
fn publish_id(body: &[u8]) -> Option<u16> {
    let topic_len = usize::from(u16::from_be_bytes(*body.first_chunk()?));
    let id = body.get(2 + topic_len..)?.first_chunk()?;
    Some(u16::from_be_bytes(*id))
}
