//! One connection between two nodes.

use std::io;
use std::time::Duration;

use socket2::SockRef;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::net::tcp::{ReadHalf, WriteHalf};
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::way::WayWatch;

/// Bytes that are carried as one.
const CHUNK_BYTES: usize = 16 * 1024;
/// Chunks under way in one direction; whoever sends more waits, as for a network's buffers.
const CHUNKS_MAX: usize = 64;

/// Carries what comes on `a` to `b`, and back, until both directions have ended, or the connection breaks.
pub(super) async fn run(mut a: TcpStream, mut b: TcpStream, there: WayWatch, back: WayWatch) {
    for socket in [&a, &b] {
        // It is only slower without.
        let _ = socket.set_nodelay(true);
    }
    let resets = there.now().resets;
    let mut breaks = there.clone();
    let (mut there_again, mut back_again) = (there.clone(), back.clone());
    let is_reset = {
        let ((from_a, to_a), (from_b, to_b)) = (a.split(), b.split());
        let both = async {
            let (there, back) = (carry(from_a, to_b, there), carry(from_b, to_a, back));
            let ended = tokio::try_join!(there, back);
            // A side that has gone is noticed when word of it gets through.
            there_again.open().await;
            back_again.open().await;
            ended.is_err()
        };
        tokio::select! {
            is_broken = both => is_broken,
            () = breaks.reset_after(resets) => true,
        }
    };
    if is_reset {
        for socket in [&a, &b] {
            // Without time to linger its end is a reset.
            let _ = SockRef::from(socket).set_linger(Some(Duration::ZERO));
        }
    }
}

async fn carry(from: ReadHalf<'_>, to: WriteHalf<'_>, way: WayWatch) -> io::Result<()> {
    let (sender, receiver) = mpsc::channel(CHUNKS_MAX);
    tokio::try_join!(read(from, way.clone(), sender), write(receiver, way, to))?;
    Ok(())
}

/// An empty chunk is the end.
type Chunk = (Instant, Vec<u8>);

async fn read(
    mut from: ReadHalf<'_>,
    mut way: WayWatch,
    sender: mpsc::Sender<Chunk>,
) -> io::Result<()> {
    let mut buffer = vec![0; CHUNK_BYTES];
    loop {
        way.open().await;
        let count = tokio::select! {
            biased;
            () = way.cut() => continue,
            count = from.read(&mut buffer) => count?,
        };
        let sent = sender.send((Instant::now(), buffer[..count].to_vec()));
        if sent.await.is_err() || count == 0 {
            return Ok(());
        }
    }
}

async fn write(
    mut receiver: mpsc::Receiver<Chunk>,
    mut way: WayWatch,
    mut to: WriteHalf<'_>,
) -> io::Result<()> {
    while let Some((sent_at, chunk)) = receiver.recv().await {
        let now = way.now();
        tokio::time::sleep_until(sent_at + now.delay).await;
        if let Some(bytes_per_sec) = now.bytes_per_sec {
            let takes = chunk.len() as f64 / f64::from(bytes_per_sec);
            tokio::time::sleep(Duration::from_secs_f64(takes)).await;
        }
        way.open().await;
        if chunk.is_empty() {
            return to.shutdown().await;
        }
        to.write_all(&chunk).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::super::way::Ways;
    use super::*;

    /// Long enough that what is let through would have come.
    const NOTHING: Duration = Duration::from_millis(100);
    const WAIT: Duration = Duration::from_secs(20);

    async fn pair() -> (TcpStream, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let dialled = TcpStream::connect(listener.local_addr().unwrap());
        let (dialled, accepted) = tokio::join!(dialled, listener.accept());
        (dialled.unwrap(), accepted.unwrap().0)
    }

    /// Two ends with a pipe between them.
    async fn ends(ways: &Ways) -> (TcpStream, TcpStream) {
        let ((one, a), (b, other)) = (pair().await, pair().await);
        tokio::spawn(run(a, b, ways.watch(0, 1), ways.watch(1, 0)));
        (one, other)
    }

    async fn arrives(socket: &mut TcpStream, expected: &[u8]) {
        let mut got = vec![0; expected.len()];
        let read = tokio::time::timeout(WAIT, socket.read_exact(&mut got));
        read.await.unwrap().unwrap();
        assert_eq!(got, expected);
    }

    async fn end(socket: &mut TcpStream) -> io::Result<usize> {
        let mut buffer = [0];
        let read = tokio::time::timeout(WAIT, socket.read(&mut buffer));
        read.await.unwrap()
    }

    #[tokio::test]
    async fn what_is_sent_during_a_cut_arrives_after_it_and_so_does_the_end() {
        let ways = Ways::new(2);
        let (mut one, mut other) = ends(&ways).await;
        one.write_all(b"before").await.unwrap();
        arrives(&mut other, b"before").await;
        ways.change(|ways| ways.both(0, 1, |way| way.is_cut = true));
        one.write_all(b"mean").await.unwrap();
        other.write_all(b"back").await.unwrap();
        drop(one);
        let mut buffer = [0];
        let read = tokio::time::timeout(NOTHING, other.read(&mut buffer)).await;
        assert!(read.is_err(), "{read:?}");
        ways.change(super::super::way::Table::heal);
        arrives(&mut other, b"mean").await;
        // The other side was closed with bytes unread, which is a reset.
        assert_ne!(end(&mut other).await.unwrap_or(0), 1);
    }

    #[tokio::test]
    async fn a_slow_way_keeps_order_and_loses_nothing() {
        let ways = Ways::new(2);
        let delay = Duration::from_millis(150);
        ways.change(|ways| {
            ways.both(0, 1, |way| {
                way.delay = delay;
                way.bytes_per_sec = Some(200_000);
            });
        });
        let (mut one, mut other) = ends(&ways).await;
        let bytes: Vec<u8> = (0..50_000_u32).map(|number| number as u8).collect();
        let begun = Instant::now();
        one.write_all(&bytes).await.unwrap();
        one.shutdown().await.unwrap();
        arrives(&mut other, &bytes).await;
        assert!(begun.elapsed() >= delay + Duration::from_millis(250));
        assert_eq!(end(&mut other).await.unwrap(), 0);
        other.write_all(b"still").await.unwrap();
        arrives(&mut one, b"still").await;
    }

    #[tokio::test]
    async fn a_reset_is_one_on_both_sides() {
        let ways = Ways::new(2);
        let (mut one, mut other) = ends(&ways).await;
        one.write_all(b"x").await.unwrap();
        arrives(&mut other, b"x").await;
        ways.change(|ways| ways.both(0, 1, |way| way.resets += 1));
        for socket in [&mut one, &mut other] {
            let error = end(socket).await.unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::ConnectionReset);
        }
    }
}
