//! How it is from one node to another.

use std::time::Duration;

use tokio::sync::watch;

/// One direction between two nodes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Way {
    /// Nothing gets through.
    pub(super) is_cut: bool,
    /// What is sent arrives that much later.
    pub(super) delay: Duration,
    /// Of one connection, at most.
    pub(super) bytes_per_sec: Option<u32>,
    /// How often its connections were broken.
    pub(super) resets: u64,
}

/// All of them.
pub(super) struct Table {
    nodes: usize,
    ways: Vec<Way>,
}

impl Table {
    fn way(&mut self, from: usize, to: usize) -> &mut Way {
        &mut self.ways[from * self.nodes + to]
    }

    /// Changes both directions between two nodes.
    pub(super) fn both(&mut self, a: usize, b: usize, change: impl Fn(&mut Way)) {
        change(self.way(a, b));
        change(self.way(b, a));
    }

    /// Everything passes as if nothing had been.
    pub(super) fn heal(&mut self) {
        for way in &mut self.ways {
            *way = Way {
                resets: way.resets,
                ..Way::default()
            };
        }
    }
}

/// The ways between all nodes, for whoever carries something along them.
pub(super) struct Ways {
    nodes: usize,
    table: watch::Sender<Table>,
}

impl Ways {
    pub(super) fn new(nodes: usize) -> Self {
        let ways = vec![Way::default(); nodes * nodes];
        Self {
            nodes,
            table: watch::Sender::new(Table { nodes, ways }),
        }
    }

    pub(super) fn change(&self, change: impl FnOnce(&mut Table)) {
        self.table.send_modify(change);
    }

    pub(super) fn now(&self, from: usize, to: usize) -> Way {
        self.table.borrow().ways[from * self.nodes + to]
    }

    pub(super) fn watch(&self, from: usize, to: usize) -> WayWatch {
        WayWatch {
            table: self.table.subscribe(),
            index: from * self.nodes + to,
        }
    }
}

/// Follows one way. When the network is gone, what waits for a change of it waits for ever.
#[derive(Clone)]
pub(super) struct WayWatch {
    table: watch::Receiver<Table>,
    index: usize,
}

impl WayWatch {
    pub(super) fn now(&self) -> Way {
        self.table.borrow().ways[self.index]
    }

    async fn becomes(&mut self, wanted: impl Fn(Way) -> bool) {
        let index = self.index;
        let found = self.table.wait_for(|table| wanted(table.ways[index]));
        let is_gone = found.await.is_err();
        if is_gone {
            std::future::pending::<()>().await;
        }
    }

    /// Waits until something gets through.
    pub(super) async fn open(&mut self) {
        self.becomes(|way| !way.is_cut).await;
    }

    /// Waits until nothing gets through.
    pub(super) async fn cut(&mut self) {
        self.becomes(|way| way.is_cut).await;
    }

    /// Waits until its connections have been broken more often.
    pub(super) async fn reset_after(&mut self, resets: u64) {
        self.becomes(|way| way.resets > resets).await;
    }
}
