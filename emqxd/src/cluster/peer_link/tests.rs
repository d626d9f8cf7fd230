//! Links between nodes in one process, over loopback, through a proxy that can cut them.

use std::sync::atomic::AtomicUsize;

use emqx_proto::peer::v1::{
    Done, Forward, InterestDelta, InterestSnapshot, LookupRequest, LookupResponse, Message,
    data_item,
};
use futures_util::future::BoxFuture;
use rand::Rng as _;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::task::JoinHandle;

use super::*;
use crate::cluster::dialer::Tcp;
use crate::cluster::{Items, PeerLinks, PeerServer, Refusal};
use crate::membership::{PeerInfo, View};
use crate::storage::{Store, Stored};

const BOUND: Duration = Duration::from_secs(60);
const LOOPBACK: ([u8; 4], u16) = ([127, 0, 0, 1], 0);

fn node_name(name: &str) -> NodeName {
    NodeName::new(name).unwrap()
}

fn numbered(number: u64) -> DataItem {
    DataItem {
        item: Some(data_item::Item::Forward(Forward {
            message: Some(Message {
                number,
                ..Message::default()
            }),
            ..Forward::default()
        })),
    }
}

fn added(filter: &str) -> DataItem {
    DataItem {
        item: Some(data_item::Item::Interest(InterestDelta {
            add: vec![filter.into()],
            ..InterestDelta::default()
        })),
    }
}

/// What a node got, in order, as short texts.
#[derive(Default)]
struct Recorder {
    got: Mutex<Vec<String>>,
    changed: Notify,
    interest: Mutex<Vec<String>>,
    served: AtomicUsize,
}

impl Recorder {
    fn note(&self, text: String) {
        self.got.lock().push(text);
        self.changed.notify_waiters();
    }

    async fn until<T>(&self, what: &str, find: impl Fn(&[String]) -> Option<T>) -> T {
        let waiting = async {
            loop {
                let changed = self.changed.notified();
                tokio::pin!(changed);
                changed.as_mut().enable();
                if let Some(found) = find(&self.got.lock()) {
                    return found;
                }
                changed.await;
            }
        };
        match tokio::time::timeout(BOUND, waiting).await {
            Ok(found) => found,
            Err(_) => panic!("{what} did not come; got {:?}", self.got.lock().last()),
        }
    }

    async fn until_has(&self, text: &str) {
        self.until(text, |got| got.iter().any(|g| g == text).then_some(()))
            .await;
    }

    fn got(&self) -> Vec<String> {
        self.got.lock().clone()
    }
}

impl PeerHandler for Recorder {
    fn on_data(&self, _from: &NodeName, items: Items<'_>) -> Stored {
        let mut got = self.got.lock();
        for item in items.decode() {
            got.push(match item.item {
                Some(data_item::Item::Forward(f)) => f.message.unwrap().number.to_string(),
                Some(data_item::Item::Interest(d)) => format!("+{}", d.add.concat()),
                Some(data_item::Item::InterestSnapshot(s)) => {
                    format!("snapshot {}", s.filters.join(" "))
                }
                other => panic!("unexpected {other:?}"),
            });
        }
        drop(got);
        self.changed.notify_waiters();
        Stored::default()
    }

    fn store(&self) -> &Store {
        const { &Store::none() }
    }

    fn has_copies(&self) -> bool {
        false
    }

    fn on_control(
        self: Arc<Self>,
        from: NodeName,
        request: control_request::Request,
    ) -> BoxFuture<'static, Result<control_response::Response, Refusal>> {
        Box::pin(async move {
            match request {
                control_request::Request::Lookup(lookup) if lookup.client_id == "never" => {
                    self.served.fetch_add(1, Ordering::SeqCst);
                    self.changed.notify_waiters();
                    std::future::pending().await
                }
                control_request::Request::Lookup(lookup) => {
                    Ok(control_response::Response::Lookup(LookupResponse {
                        owner: format!("{from} asked for {}", lookup.client_id),
                        epoch: 1,
                    }))
                }
                control_request::Request::Release(_) => {
                    Err(("not_owner".into(), "somebody else owns it".into()))
                }
                _ => Ok(control_response::Response::Done(Done {})),
            }
        })
    }

    fn snapshot(&self, _to: &NodeName) -> Vec<DataItem> {
        let filters = self.interest.lock().clone();
        vec![DataItem {
            item: Some(data_item::Item::InterestSnapshot(InterestSnapshot {
                filters,
                first: true,
                last: true,
                ..InterestSnapshot::default()
            })),
        }]
    }

    fn peer_gone(&self, peer: &NodeName, incarnation: u64) {
        self.note(format!("gone {peer} {incarnation}"));
    }

    fn undelivered(&self, peer: &NodeName, items: Vec<DataItem>) {
        self.note(format!("undelivered {peer} {}", items.len()));
    }
}

/// A node with its own idea of the member set.
struct Node {
    local: LocalNode,
    recorder: Arc<Recorder>,
    links: Arc<PeerLinks>,
    server: PeerServer,
    view: watch::Sender<Arc<View>>,
    addr: SocketAddr,
    serving: Option<(oneshot::Sender<()>, JoinHandle<()>)>,
}

fn info(name: &NodeName, incarnation: u64, cluster: SocketAddr) -> PeerInfo {
    PeerInfo {
        cluster,
        ..PeerInfo::bare(name.as_str(), incarnation)
    }
}

impl Node {
    async fn start(name: &str, incarnation: u64) -> Self {
        Self::start_in("test", name, incarnation).await
    }

    async fn start_in(cluster: &str, name: &str, incarnation: u64) -> Self {
        let local = LocalNode {
            cluster_name: cluster.into(),
            name: node_name(name),
            incarnation,
        };
        let listener = TcpListener::bind(SocketAddr::from(LOOPBACK)).await.unwrap();
        let addr = listener.local_addr().unwrap();
        let alone = View::new(info(&local.name, incarnation, addr), []);
        let (view, views) = watch::channel(Arc::new(alone));
        let recorder = Arc::new(Recorder::default());
        let limits = LinkLimits::default();
        let server = PeerServer::new(
            local.clone(),
            recorder.clone(),
            limits.clone(),
            views.clone(),
        );
        let links = PeerLinks::new(local.clone(), recorder.clone(), limits);
        links.follow(views);
        let mut node = Self {
            local,
            recorder,
            links,
            server,
            view,
            addr,
            serving: None,
        };
        node.serve(listener);
        node
    }

    fn serve(&mut self, listener: TcpListener) {
        let (stop, stopped) = oneshot::channel();
        let server = self.server.clone();
        let task = tokio::spawn(async move {
            let stopped = async {
                let _ = stopped.await;
            };
            server.serve(listener, stopped).await.unwrap();
        });
        self.serving = Some((stop, task));
    }

    async fn stop_serving(&mut self) {
        let (stop, task) = self.serving.take().unwrap();
        let _ = stop.send(());
        task.await.unwrap();
    }

    /// From now on the node sees these others at these addresses.
    fn sees(&self, others: &[(&Self, SocketAddr)]) {
        let this = info(&self.local.name, self.local.incarnation, self.addr);
        let others = others
            .iter()
            .map(|(other, addr)| info(&other.local.name, other.local.incarnation, *addr));
        self.view.send_replace(Arc::new(View::new(this, others)));
    }

    async fn link(&self, to: &str) -> Arc<PeerLink> {
        let name = node_name(to);
        let waiting = async {
            loop {
                match self.links.get(&name) {
                    Some(link) => return link,
                    None => tokio::task::yield_now().await,
                }
            }
        };
        tokio::time::timeout(BOUND, waiting).await.unwrap()
    }
}

/// Two nodes that see each other; `a` reaches `b` through the proxy.
async fn pair() -> (Node, Node, Proxy, Arc<PeerLink>) {
    let (a, b) = (Node::start("a", 1).await, Node::start("b", 1).await);
    let proxy = Proxy::start(b.addr).await;
    b.sees(&[(&a, a.addr)]);
    a.sees(&[(&b, proxy.addr)]);
    let link = a.link("b").await;
    (a, b, proxy, link)
}

/// Passes bytes on until it is told to cut.
struct Proxy {
    addr: SocketAddr,
    /// Where to; nowhere when `None`.
    backend: Arc<Mutex<Option<SocketAddr>>>,
    cuts: watch::Sender<u64>,
    task: JoinHandle<()>,
}

impl Proxy {
    async fn start(backend: SocketAddr) -> Self {
        let listener = TcpListener::bind(SocketAddr::from(LOOPBACK)).await.unwrap();
        let addr = listener.local_addr().unwrap();
        let backend = Arc::new(Mutex::new(Some(backend)));
        let (cuts, _) = watch::channel(0);
        let (to, cut) = (backend.clone(), cuts.clone());
        let task = tokio::spawn(async move {
            while let Ok((mut client, _)) = listener.accept().await {
                let Some(to) = *to.lock() else { continue };
                let mut cut = cut.subscribe();
                tokio::spawn(async move {
                    if let Ok(mut server) = TcpStream::connect(to).await {
                        tokio::select! {
                            _ = tokio::io::copy_bidirectional(&mut client, &mut server) => {}
                            _ = cut.changed() => {}
                        }
                    }
                });
            }
        });
        Self {
            addr,
            backend,
            cuts,
            task,
        }
    }

    fn cut(&self) {
        self.cuts.send_modify(|count| *count += 1);
    }

    fn redirect(&self, to: Option<SocketAddr>) {
        *self.backend.lock() = to;
        self.cut();
    }

    /// Lets nothing through any more; waits until the link has noticed.
    async fn cut_off(&self, link: &PeerLink) {
        self.redirect(None);
        let noticed = async {
            while link.stats().is_connected {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(BOUND, noticed).await.unwrap();
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
        self.cut();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_item_arrives_once_and_in_order_while_the_link_breaks_again_and_again() {
    const ITEMS: u64 = 100_000;
    let (_a, mut b, proxy, link) = pair().await;
    let sender = {
        let link = link.clone();
        tokio::spawn(async move {
            for number in 0..ITEMS {
                assert_eq!(
                    link.send(numbered(number), Class::Reliable),
                    Some(number + 1)
                );
                if number % 500 == 0 {
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
            }
        })
    };
    let mut cuts = 0;
    while !sender.is_finished() {
        let pause = rand::rng().random_range(1..60);
        tokio::time::sleep(Duration::from_millis(pause)).await;
        cuts += 1;
        if cuts % 8 == 0 {
            // The listener goes away and another comes.
            b.stop_serving().await;
            let listener = TcpListener::bind(SocketAddr::from(LOOPBACK)).await.unwrap();
            proxy.redirect(Some(listener.local_addr().unwrap()));
            b.serve(listener);
        } else {
            proxy.cut();
        }
    }
    sender.await.unwrap();
    let acked = tokio::time::timeout(BOUND, link.wait_acked(ITEMS)).await;
    assert_eq!(acked, Ok(Acked::Yes));
    assert!(cuts > 5, "{cuts}");
    let got: Vec<String> = b.recorder.got();
    let numbers: Vec<u64> = got.iter().filter_map(|g| g.parse().ok()).collect();
    assert_eq!(numbers.len() as u64, ITEMS);
    assert!(numbers.iter().copied().eq(0..ITEMS));
    // One snapshot, at the beginning: the peer remembers across breaks.
    assert_eq!(got.len() as u64, ITEMS + 1);
    assert_eq!(got[0], "snapshot ");
    assert_eq!((link.acked(), link.last_sent()), (ITEMS, ITEMS));
    assert_eq!(link.stats().queued_bytes, 0);
}

#[derive(Default)]
struct Told(Notify);

impl AckNotify for Told {
    fn acked(&self) {
        self.0.notify_one();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn acknowledgements_are_told_and_the_end_of_a_peer_as_well() {
    let (a, b, proxy, link) = pair().await;
    let seq = link.send(numbered(7), Class::Reliable).unwrap();
    let told = Arc::new(Told::default());
    let _ = link.notify_acked(seq, told.clone());
    tokio::time::timeout(BOUND, told.0.notified())
        .await
        .unwrap();
    assert_eq!(link.outcome(seq), Some(Acked::Yes));
    // Afterwards it is told at once.
    assert!(link.notify_acked(seq, told.clone()));
    tokio::time::timeout(BOUND, told.0.notified())
        .await
        .unwrap();
    assert_eq!(b.recorder.got(), ["snapshot ", "7"]);
    assert_eq!(b.server.applied(&node_name("a")), seq);

    proxy.cut_off(&link).await;
    let lost = link.send(numbered(8), Class::Reliable).unwrap();
    let waiting = tokio::spawn({
        let link = link.clone();
        async move { link.wait_acked(lost).await }
    });
    let call = tokio::spawn({
        let link = link.clone();
        let lookup = control_request::Request::Lookup(LookupRequest::default());
        async move { link.call(lookup, BOUND).await }
    });
    tokio::task::yield_now().await;
    a.sees(&[]);
    assert_eq!(
        tokio::time::timeout(BOUND, waiting).await.unwrap().unwrap(),
        Acked::PeerGone
    );
    assert_eq!(
        tokio::time::timeout(BOUND, call).await.unwrap().unwrap(),
        Err(CallError::Unreachable)
    );
    assert!(a.links.get(&node_name("b")).is_none());
    assert_eq!(link.send(numbered(9), Class::Reliable), None);
    b.sees(&[]);
    b.recorder.until_has("gone a 1").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_peer_that_was_only_cut_off_gets_the_rest_after_a_new_snapshot() {
    let (a, b, proxy, link) = pair().await;
    a.recorder.interest.lock().push("x".into());
    let seq = link.send(added("x"), Class::Reliable).unwrap();
    assert_eq!(link.wait_acked(seq).await, Acked::Yes);
    proxy.cut_off(&link).await;
    link.send(numbered(1), Class::Reliable).unwrap();
    link.send(numbered(2), Class::Droppable).unwrap();
    a.recorder.interest.lock().push("y".into());
    link.send(added("y"), Class::Reliable).unwrap();
    a.sees(&[]);
    b.sees(&[]);
    b.recorder.until_has("gone a 1").await;
    let parked = async {
        while a.links.get(&node_name("b")).is_some() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(BOUND, parked).await.unwrap();
    proxy.redirect(Some(b.addr));
    b.sees(&[(&a, a.addr)]);
    a.sees(&[(&b, proxy.addr)]);
    let link = a.link("b").await;
    let seq = link.send(numbered(3), Class::Reliable).unwrap();
    assert_eq!(link.wait_acked(seq).await, Acked::Yes);
    let got = b.recorder.got();
    let after = got.iter().position(|g| g == "gone a 1").unwrap() + 1;
    // The message for QoS 0 was given up, and "+y" is in the snapshot.
    assert_eq!(got[after..], ["snapshot x y", "1", "3"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_incarnation_begins_with_a_snapshot_and_gets_nothing_meant_for_the_former() {
    let (a, mut b, proxy, link) = pair().await;
    a.recorder.interest.lock().push("x".into());
    let seq = link.send(numbered(1), Class::Reliable).unwrap();
    assert_eq!(link.wait_acked(seq).await, Acked::Yes);
    proxy.cut_off(&link).await;
    let lost = link.send(numbered(2), Class::Reliable).unwrap();
    b.stop_serving().await;
    let b2 = Node::start("b", 2).await;
    b2.sees(&[(&a, a.addr)]);
    a.sees(&[(&b2, proxy.addr)]);
    a.recorder.until_has("undelivered b 1").await;
    assert_eq!(link.wait_acked(lost).await, Acked::PeerGone);
    // Sent before the new incarnation is connected, yet meant for it.
    let kept = link.send(numbered(3), Class::Reliable).unwrap();
    proxy.redirect(Some(b2.addr));
    assert_eq!(link.wait_acked(kept).await, Acked::Yes);
    assert_eq!(b2.recorder.got(), ["snapshot x", "3"]);
    assert_eq!(b2.server.applied(&node_name("a")), kept);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_is_also_noticed_by_the_link_before_the_view_shows_it() {
    let (a, mut b, proxy, link) = pair().await;
    let seq = link.send(numbered(1), Class::Reliable).unwrap();
    assert_eq!(link.wait_acked(seq).await, Acked::Yes);
    b.stop_serving().await;
    let b2 = Node::start("b", 2).await;
    b2.sees(&[(&a, a.addr)]);
    proxy.redirect(Some(b2.addr));
    b2.recorder.until_has("snapshot ").await;
    let seq = link.send(numbered(2), Class::Reliable).unwrap();
    assert_eq!(link.wait_acked(seq).await, Acked::Yes);
    // The view catching up changes nothing any more.
    a.sees(&[(&b2, proxy.addr)]);
    let seq = link.send(numbered(3), Class::Reliable).unwrap();
    assert_eq!(link.wait_acked(seq).await, Acked::Yes);
    let numbers: Vec<_> = b2.recorder.got();
    assert_eq!(
        numbers.iter().filter(|g| g.parse::<u64>().is_ok()).count(),
        2
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dialler_that_was_restarted_is_a_new_origin() {
    let (a, b, _proxy, link) = pair().await;
    let seq = link.send(numbered(1), Class::Reliable).unwrap();
    assert_eq!(link.wait_acked(seq).await, Acked::Yes);
    a.links.shutdown();
    let a2 = Node::start("a", 2).await;
    b.sees(&[(&a2, a2.addr)]);
    a2.sees(&[(&b, b.addr)]);
    let link = a2.link("b").await;
    let seq = link.send(numbered(2), Class::Reliable).unwrap();
    assert_eq!(link.wait_acked(seq).await, Acked::Yes);
    assert_eq!(seq, 1);
    assert_eq!(
        b.recorder.got(),
        ["snapshot ", "1", "gone a 1", "snapshot ", "2"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_are_answered_refused_and_time_out() {
    let (_a, b, proxy, link) = pair().await;
    let lookup = |id: String| control_request::Request::Lookup(LookupRequest { client_id: id });
    let calls = (0..2_000).map(|i| link.call(lookup(i.to_string()), BOUND));
    let answers = futures_util::future::join_all(calls).await;
    for (i, answer) in answers.into_iter().enumerate() {
        let expected = LookupResponse {
            owner: format!("a asked for {i}"),
            epoch: 1,
        };
        assert_eq!(answer, Ok(control_response::Response::Lookup(expected)));
    }
    let release = control_request::Request::Release(Default::default());
    assert_eq!(
        link.call(release, BOUND).await,
        Err(CallError::Refused {
            code: "not_owner".into(),
            message: "somebody else owns it".into()
        })
    );
    let never = || lookup("never".into());
    assert_eq!(
        link.call(never(), Duration::from_millis(100)).await,
        Err(CallError::Timeout)
    );
    // The link breaks while the peer serves the request.
    let hanging = tokio::spawn({
        let link = link.clone();
        let never = never();
        async move { link.call(never, BOUND).await }
    });
    b.recorder
        .until("the request", |_| {
            (b.recorder.served.load(Ordering::SeqCst) == 2).then_some(())
        })
        .await;
    proxy.redirect(None);
    assert_eq!(hanging.await.unwrap(), Err(CallError::Unreachable));
    // Never sent, so the peer has surely not served it.
    assert_eq!(
        link.call(never(), Duration::from_millis(100)).await,
        Err(CallError::Unreachable)
    );
    assert_eq!(b.recorder.served.load(Ordering::SeqCst), 2);
    // A call waits for the link to come back.
    let waiting = link.call(lookup("late".into()), BOUND);
    let (answer, ()) = tokio::join!(waiting, async { proxy.redirect(Some(b.addr)) });
    assert!(answer.is_ok(), "{answer:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_barrier_waits_for_what_was_applied() {
    let (a, b, proxy, link) = pair().await;
    let from = node_name("a");
    let waiting = tokio::spawn({
        let (server, from) = (b.server.clone(), from.clone());
        async move { server.wait_applied(&from, 2).await }
    });
    let first = link.send(numbered(1), Class::Reliable).unwrap();
    assert_eq!(link.wait_acked(first).await, Acked::Yes);
    assert!(!waiting.is_finished());
    link.send(numbered(2), Class::Reliable).unwrap();
    assert_eq!(
        tokio::time::timeout(BOUND, waiting).await.unwrap().unwrap(),
        Acked::Yes
    );
    assert_eq!(b.server.wait_applied(&from, 1).await, Acked::Yes);
    proxy.redirect(None);
    let waiting = tokio::spawn({
        let (server, from) = (b.server.clone(), from.clone());
        async move { server.wait_applied(&from, 3).await }
    });
    tokio::task::yield_now().await;
    b.sees(&[]);
    assert_eq!(
        tokio::time::timeout(BOUND, waiting).await.unwrap().unwrap(),
        Acked::PeerGone
    );
    assert_eq!(b.server.wait_applied(&from, 1).await, Acked::PeerGone);
    drop(a);
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_are_refused() {
    let a = Node::start_in("other", "a", 1).await;
    let b = Node::start("b", 1).await;
    b.sees(&[(&a, a.addr)]);
    a.sees(&[(&b, b.addr)]);
    let link = a.link("b").await;
    let target = Target {
        incarnation: 1,
        addr: b.addr,
    };
    let mut backoff = BACKOFF_MIN;
    let refused = link
        .run_data(target, &mut backoff)
        .await
        .unwrap_err()
        .to_string();
    assert!(
        refused.ends_with("node 'b' belongs to cluster 'test', not to 'other'"),
        "{refused}"
    );
    // Of the right cluster, but no member.
    let c = Node::start("c", 1).await;
    c.sees(&[(&b, b.addr)]);
    let link = c.link("b").await;
    let refused = link
        .run_control(target, &mut backoff)
        .await
        .unwrap_err()
        .to_string();
    assert!(
        refused.ends_with("node 'c' (incarnation 1) is not a live member for node 'b'"),
        "{refused}"
    );
    assert_eq!(b.recorder.got(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_mesh_comes_up_and_shows_in_the_list_of_peers() {
    let nodes = [
        Node::start("a", 1).await,
        Node::start("b", 1).await,
        Node::start("c", 1).await,
    ];
    for node in &nodes {
        let all: Vec<_> = nodes.iter().map(|other| (other, other.addr)).collect();
        node.sees(&all);
    }
    for (i, node) in nodes.iter().enumerate() {
        for (j, other) in nodes.iter().enumerate().filter(|(j, _)| *j != i) {
            let link = node.link(other.local.name.as_str()).await;
            let seq = link.send(numbered(j as u64), Class::Reliable).unwrap();
            assert_eq!(link.wait_acked(seq).await, Acked::Yes);
        }
        let peers = node.links.peers();
        let names: Vec<_> = peers.iter().map(|link| link.name().as_str()).collect();
        let expected: Vec<_> = ["a", "b", "c"]
            .into_iter()
            .filter(|name| *name != node.local.name.as_str())
            .collect();
        assert_eq!(names, expected);
    }
}

#[tokio::test]
async fn sessions_that_are_on_their_way_at_once_are_bounded() {
    let handler: Arc<dyn PeerHandler> = Arc::new(Recorder::default());
    let local = LocalNode {
        cluster_name: "c".to_owned(),
        name: node_name("a"),
        incarnation: 1,
    };
    let link = PeerLink::new(
        node_name("b"),
        local.into(),
        handler,
        Arc::default(),
        Arc::new(Tcp),
    );
    let mut under_way = Vec::new();
    for _ in 0..TRANSFERS_MAX {
        under_way.push(link.begin_transfer(BOUND).await.unwrap());
    }
    let refused = link.begin_transfer(Duration::ZERO).await.unwrap_err();
    assert!(
        matches!(&refused, CallError::Refused { code, .. } if code == BUSY),
        "{refused}"
    );
    let (next, ()) = tokio::join!(link.begin_transfer(BOUND), async {
        under_way.pop();
    });
    assert!(next.is_ok());
}
