//! A Session moves while several nodes route messages to it over links of random speed.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use proptest::prelude::*;

use super::fixture::*;
use super::*;
use crate::message::{Delivery, Message, MessageId};

const NODES: usize = 3;

/// Of the node that accepts messages.
#[derive(Default)]
struct Accepting {
    next: u64,
    /// Knows that the new owner wants messages for this Session.
    switched: Option<u64>,
    /// Accepted and not yet there: for the old owner, for the new owner.
    links: [VecDeque<Delivery>; 2],
    /// Messages under way to each at the switch.
    under_way: [u64; 2],
    arrived: [u64; 2],
    sent: [u64; 2],
}

struct World {
    nodes: [Accepting; NODES],
    /// The new owner gets every message anyway, as other Sessions of it want them too.
    new_owner_gets_all: bool,
    old: Session,
    new: Option<Session>,
    /// What the client has received and acknowledged from the old owner.
    client: Vec<MessageId>,
    /// Messages of a publisher that goes from node to node, and waits before each until all have the last one.
    wanderer: Vec<MessageId>,
    is_frozen: bool,
    is_merged: bool,
    side_log_taken: bool,
}

impl World {
    fn new(new_owner_gets_all: bool) -> Self {
        Self {
            nodes: std::array::from_fn(|_| Accepting {
                next: 1,
                ..Accepting::default()
            }),
            new_owner_gets_all,
            old: session_with(SessionConfig::default()),
            new: None,
            client: Vec::new(),
            wanderer: Vec::new(),
            is_frozen: false,
            is_merged: false,
            side_log_taken: false,
        }
    }

    fn wander(&mut self, index: usize) {
        let is_last = |each: &Delivery| self.wanderer.last() == Some(&each.message.id);
        let mut links = self.nodes.iter().flat_map(|node| &node.links);
        if !links.any(|link| link.iter().any(is_last)) {
            let id = self.publish(index);
            self.wanderer.push(id);
        }
    }

    fn publish(&mut self, index: usize) -> MessageId {
        let node = &mut self.nodes[index];
        let delivery = delivery_of(Message {
            id: MessageId {
                origin: index as u64,
                number: node.next,
            },
            ..message(node.next, 1)
        });
        node.next += 1;
        let to_new = self.new_owner_gets_all || node.switched.is_some();
        for (to, wanted) in [(0, !self.is_merged), (1, to_new)] {
            if wanted {
                node.links[to].push_back(delivery.clone());
                node.sent[to] += 1;
            }
        }
        delivery.message.id
    }

    fn arrive(&mut self, index: usize, to: usize) {
        let Some(delivery) = self.nodes[index].links[to].pop_front() else {
            return;
        };
        self.nodes[index].arrived[to] += 1;
        match (to, &mut self.new) {
            // Connected to the old owner, the client takes everything at once.
            (0, _) if !self.is_frozen => self.client.push(delivery.message.id),
            (0, _) if !self.is_merged => {
                self.old.deliver(delivery, at(0));
            }
            (1, Some(new)) => {
                new.deliver(delivery, at(0));
            }
            // Before the import it is for other Sessions, after the commit nobody waits for it.
            _ => {}
        }
    }

    fn freeze_and_import(&mut self) {
        if self.is_frozen {
            return;
        }
        self.is_frozen = true;
        self.old.mark();
        let mut new = Session::import(self.old.export(at(0)), Arc::default(), at(0));
        new.await_side_log();
        self.new = Some(new);
    }

    fn switch(&mut self, index: usize) {
        let node = &mut self.nodes[index];
        if self.new.is_some() && node.switched.is_none() {
            node.switched = Some(node.next);
            node.under_way = node.sent;
        }
    }

    /// The barrier is passed when everything that was under way has arrived, at both owners.
    fn merge(&mut self) {
        let passed = self.nodes.iter().all(|node| {
            node.switched.is_some()
                && node.arrived[0] >= node.under_way[0]
                && node.arrived[1] >= node.under_way[1]
        });
        let Some(new) = self.new.as_mut().filter(|_| passed && !self.side_log_taken) else {
            return;
        };
        self.side_log_taken = true;
        self.is_merged = true;
        let mut switches = SwitchPoints::default();
        for (index, node) in self.nodes.iter().enumerate() {
            switches.insert(MessageId {
                origin: index as u64,
                number: node.switched.unwrap_or(u64::MAX),
            });
        }
        new.merge_side_log(self.old.take_since_mark(), &switches, at(0));
    }

    fn step(&mut self, action: u8, index: usize) {
        match action {
            0..=1 => {
                self.publish(index);
            }
            2..=3 => self.wander(index),
            4..=6 => self.arrive(index, 0),
            7..=9 => self.arrive(index, 1),
            10 => self.freeze_and_import(),
            11 => self.switch(index),
            _ => self.merge(),
        }
    }

    /// Goes on until the Session has moved and nothing is under way.
    fn finish(&mut self) {
        self.freeze_and_import();
        for index in 0..NODES {
            self.switch(index);
        }
        while !self.is_merged || self.nodes.iter().any(|node| !node.links[1].is_empty()) {
            for index in 0..NODES {
                self.arrive(index, 0);
                self.arrive(index, 1);
            }
            self.merge();
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn each_message_comes_once_and_in_order_whatever_the_links_do(
        new_owner_gets_all in any::<bool>(),
        steps in prop::collection::vec((0u8..14, 0..NODES), 0..120),
    ) {
        let mut world = World::new(new_owner_gets_all);
        for (action, index) in steps {
            world.step(action, index);
        }
        world.finish();
        let queued = world.new.expect("it has moved").export(at(0)).queue;
        let mut got: BTreeMap<u64, Vec<u64>> = BTreeMap::new();
        let queued = queued.iter().map(|delivery| delivery.message.id);
        let ids: Vec<_> = world.client.iter().copied().chain(queued).collect();
        let wandered: Vec<_> = ids.iter().filter(|id| world.wanderer.contains(id)).collect();
        prop_assert_eq!(wandered, world.wanderer.iter().collect::<Vec<_>>());
        for id in ids {
            got.entry(id.origin).or_default().push(id.number);
        }
        for (index, node) in world.nodes.iter().enumerate() {
            let expected: Vec<u64> = (1..node.next).collect();
            prop_assert_eq!(got.remove(&(index as u64)).unwrap_or_default(), expected);
        }
    }
}

fn from(origin: u64, number: u64, shared: bool) -> Delivery {
    Delivery {
        shared: shared.then(|| TopicFilter::new("$share/g/t").expect("valid")),
        ..delivery_of(Message {
            id: MessageId { origin, number },
            ..message(number, 1)
        })
    }
}

#[test]
fn the_one_copy_of_a_shared_subscription_is_never_taken_for_a_repeat() {
    let mut session = Session::import(
        session_with(SessionConfig::default()).export(at(0)),
        Arc::default(),
        at(0),
    );
    session.await_side_log();
    let mut switches = SwitchPoints::default();
    switches.insert(MessageId {
        origin: 7,
        number: 10,
    });
    session.deliver(from(7, 9, true), at(0));
    session.deliver(from(7, 9, false), at(0));
    session.deliver(from(7, 10, false), at(0));
    let side_log = vec![from(7, 8, false), from(7, 10, false), from(7, 11, true)];
    session.merge_side_log(side_log, &switches, at(0));
    assert_eq!(numbers(&session.export(at(0)).queue), [8, 10, 11, 9]);
}

#[test]
fn what_a_client_publishes_that_goes_to_a_node_that_changes_over_later_stays_in_order() {
    let mut session = session_with(SessionConfig::default());
    session.await_side_log();
    let mut switches = SwitchPoints::default();
    for (origin, number) in [(7, 20), (8, 40)] {
        switches.insert(MessageId { origin, number });
    }
    // All have come to both owners, but the last ones.
    let of_both = || {
        let each = [(7, 20), (7, 21), (8, 30), (8, 31)].into_iter();
        each.map(|(origin, number)| from(origin, number, false))
    };
    let mut side_log: Vec<_> = of_both().collect();
    for each in of_both() {
        session.deliver(each, at(0));
    }
    side_log.push(from(8, 41, false));
    session.deliver(from(8, 40, false), at(0));
    session.merge_side_log(side_log, &switches, at(0));
    let queued = numbers(&session.export(at(0)).queue);
    assert_eq!(queued, [20, 21, 30, 31, 40]);
}

#[test]
fn copies_do_not_push_out_what_came_along() {
    let config = Arc::new(SessionConfig {
        queue_messages_max: 3,
        ..SessionConfig::default()
    });
    let mut former = session_with(SessionConfig::default());
    former.deliver(from(7, 1, false), at(0));
    former.deliver(from(7, 2, false), at(0));
    former.mark();
    let mut session = Session::import(former.export(at(0)), config, at(0));
    session.await_side_log();
    // All on their way to both owners since before the switch.
    for number in 1..=3 {
        session.deliver(from(7, number, false), at(0));
    }
    former.deliver(from(7, 3, false), at(0));
    let mut switches = SwitchPoints::default();
    switches.insert(MessageId {
        origin: 7,
        number: 4,
    });
    session.merge_side_log(former.take_since_mark(), &switches, at(0));
    assert_eq!(numbers(&session.export(at(0)).queue), [1, 2, 3]);
    assert_eq!(session.stats().dropped, 0);
}
