//! What a seed lets happen.

use std::time::Duration;

use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};

/// One of so many seeds has copies of Sessions on other nodes.
const COPIES_EACH: u64 = 13;

/// All of it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Options {
    pub(super) nodes: usize,
    pub(super) clients: usize,
    pub(super) qos_max: u8,
    pub(super) shares: bool,
    pub(super) expires: bool,
    pub(super) cuts: bool,
    /// Cuts so long that nodes take each other for dead.
    pub(super) divides: bool,
    /// Nodes have disks.
    pub(super) durable: bool,
    /// Each stored Session has a copy on another node, and nodes that crash lose their disks.
    pub(super) copies: bool,
    pub(super) crashes: bool,
    pub(super) evacuates: bool,
    /// Clocks differ by up to so much.
    pub(super) skew: Duration,
    pub(super) lasts: Duration,
    pub(super) more: More,
}

/// What every third seed may let happen besides; the others go on as they did before there was this.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct More {
    /// Clients publish messages to be retained.
    pub(super) retains: bool,
    /// Disks do not take anything for a while.
    pub(super) disks_fail: bool,
    /// So many bytes wait for a disk, at most.
    pub(super) disk_queue_bytes: Option<usize>,
    /// Clients stay away for longer than it takes to notice that a node is away.
    pub(super) absences: bool,
}

impl More {
    fn choose(seed: u64) -> Self {
        if !seed.is_multiple_of(3) {
            return Self::default();
        }
        let mut random = StdRng::seed_from_u64(seed ^ u64::MAX);
        Self {
            retains: random.random_bool(0.6),
            disks_fail: random.random_bool(0.3),
            disk_queue_bytes: random
                .random_bool(0.3)
                .then(|| random.random_range(20_000..150_000)),
            absences: random.random_bool(0.6),
        }
    }

    /// Most of these seeds are about what is kept on disk for nodes that are away.
    fn turn(self, options: Options, seed: u64) -> Options {
        let mut random = StdRng::seed_from_u64(!seed ^ 1);
        if !seed.is_multiple_of(3) || random.random_bool(0.3) {
            return options;
        }
        let crashes = random.random_bool(0.6);
        Options {
            durable: true,
            skew: Duration::ZERO,
            cuts: options.cuts || !crashes,
            divides: options.divides || !crashes,
            crashes: options.crashes || crashes,
            ..options
        }
    }
}

impl Options {
    pub(super) fn choose(seed: u64, random: &mut StdRng) -> Self {
        let cuts = random.random_bool(0.7);
        let durable = random.random_bool(0.5);
        let more = More::choose(seed);
        let options = Self {
            nodes: random.random_range(2..=5),
            clients: random.random_range(2..=7),
            qos_max: random.random_range(1..=2),
            shares: random.random_bool(0.3),
            expires: random.random_bool(0.3),
            cuts,
            divides: cuts && random.random_bool(0.3),
            durable,
            copies: false,
            crashes: random.random_bool(if durable { 0.6 } else { 0.3 }),
            evacuates: random.random_bool(0.4),
            skew: Duration::from_millis(match random.random_range(0..3) {
                0 => 0,
                1 => 2_000,
                _ => 300_000,
            }),
            lasts: Duration::from_millis(random.random_range(5_000..20_000)),
            more,
        };
        more.turn(options, seed).with_copies(seed)
    }

    /// Some seeds are about copies of Sessions; the others go on as they did before there were any.
    fn with_copies(self, seed: u64) -> Self {
        let copies = seed % COPIES_EACH == COPIES_EACH - 1;
        Self {
            copies,
            durable: self.durable || copies,
            crashes: self.crashes || copies,
            ..self
        }
    }

    /// Whether the Retained Message that was acknowledged last is the one that stays.
    pub(super) fn retained_stay(&self) -> bool {
        self.skew.is_zero() && (self.durable || !self.crashes) && !self.copies
    }

    /// Whether what is acknowledged also reaches nodes that are away then. When clocks differ, the earlier of two copies of
    /// a Session may be the one that stays, so nobody can tell from outside what was subscribed to; nor when other nodes serve
    /// Sessions from copies meanwhile.
    pub(super) fn keeps(&self) -> bool {
        self.durable && self.skew.is_zero() && !self.copies
    }
}
