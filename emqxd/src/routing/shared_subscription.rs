//! Shared Subscriptions: exactly one member of each gets a message, over all nodes together [MQTT-4.8.2].
//!
//! The node that accepts a message chooses: a member of its own, or another node, which then chooses among its
//! members (`choose_local`). Another node takes part with as many turns as it has members.

use parking_lot::Mutex;

use super::interest::{RemoteGroup, RemoteMatches, RemoteMembers};
use super::router::Matches;
use super::sticks::Sticks;
use crate::packet::SubscriptionOptions;
use crate::stable_hash;
use crate::topic::{
    ShareStrategies, ShareStrategy, Slot, TopicFilter, Usability, any_slot, by_hash, next_in_turn,
    node_score,
};

/// A member of a Shared Subscription on this node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SharedMember<S> {
    /// Who.
    pub subscriber: S,
    /// As granted to this member.
    pub options: SubscriptionOptions,
    /// Subscription Identifier of this member.
    pub identifier: Option<u32>,
}

/// The members of a Shared Subscription on this node, and whose turn it is.
#[derive(Debug)]
pub struct SharedGroup<S> {
    filter: TopicFilter,
    members: Mutex<Members<S>>,
}

#[derive(Debug)]
struct Members<S> {
    /// Sorted by subscriber.
    list: Vec<SharedMember<S>>,
    /// For messages accepted here, which go round over all nodes.
    turn: usize,
    /// For messages that another node has given to this one, which go round over `list`.
    forwarded_turn: usize,
    /// For the strategy `sticky`.
    sticks: Sticks,
}

/// Who gets the message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Choice<S, N> {
    /// A member on this node.
    Local(SharedMember<S>),
    /// A member on that node, chosen there.
    Remote(N),
}

impl<S: Clone + Ord> SharedGroup<S> {
    pub(super) fn new(filter: TopicFilter, first: SharedMember<S>) -> Self {
        Self {
            filter,
            members: Mutex::new(Members {
                list: vec![first],
                turn: 0,
                forwarded_turn: 0,
                sticks: Sticks::default(),
            }),
        }
    }

    /// With `$share/<Share Name>/`.
    pub const fn filter(&self) -> &TopicFilter {
        &self.filter
    }

    /// Members on this node.
    pub fn len(&self) -> usize {
        self.members.lock().list.len()
    }

    /// Whether the last member on this node has left meanwhile.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Calls `f` with each member on this node; `f` must not change this Shared Subscription.
    pub fn for_each(&self, f: impl FnMut(&SharedMember<S>)) {
        self.members.lock().list.iter().for_each(f);
    }

    /// Whether one was replaced.
    pub(super) fn insert(&self, member: SharedMember<S>) -> bool {
        let mut members = self.members.lock();
        match members.find(&member.subscriber) {
            Ok(at) => {
                members.list[at] = member;
                true
            }
            Err(at) => {
                members.list.insert(at, member);
                members.move_turns(at, 1);
                false
            }
        }
    }

    /// Whether there was one.
    pub(super) fn remove(&self, subscriber: &S) -> bool {
        let mut members = self.members.lock();
        let Ok(at) = members.find(subscriber) else {
            return false;
        };
        members.list.remove(at);
        members.move_turns(at, -1);
        true
    }
}

impl<S: Ord> Members<S> {
    fn find(&self, subscriber: &S) -> Result<usize, usize> {
        self.list
            .binary_search_by(|member| member.subscriber.cmp(subscriber))
    }

    /// Keeps the turns with those whose they are when somebody before them comes or goes.
    const fn move_turns(&mut self, at: usize, by: isize) {
        if self.turn > at {
            self.turn = self.turn.saturating_add_signed(by);
        }
        if self.forwarded_turn > at {
            self.forwarded_turn = self.forwarded_turn.saturating_add_signed(by);
        }
    }
}

/// Names a member or a node for the strategies that go by hash: the same on every node.
pub trait ShareKey {
    /// [`stable_hash`] of its Client Identifier or its name.
    fn share_key(&self) -> u64;
}

/// What a choice depends on besides the members.
pub struct ShareContext<'a> {
    /// As configured.
    pub strategies: &'a ShareStrategies,
    /// [`ShareKey`] of this node.
    pub node: u64,
    /// Client Identifier of the publisher; empty for the broker's own messages.
    pub publisher: &'a str,
    /// What the message is published to.
    pub topic: &'a str,
    /// Asked by the strategy `random` only; evenly spread.
    pub random: &'a mut dyn FnMut() -> u64,
}

/// Chooses who gets a message: one member of one Shared Subscription.
///
/// `local` are its members here, `remote` those elsewhere. Members that are connected come first, those on other
/// nodes count as connected; one that is offline gets the message only when there is nobody else. (With the strategies
/// that go by hash nodes agree on a node by the number of its members alone; if all of them are offline, one of them
/// keeps the message.) `None` when nobody is usable. `usable` is asked under the group's lock: it must not call into
/// the `Router`.
pub fn choose<S: Clone + Ord + ShareKey, N: Clone + Ord + ShareKey>(
    context: &mut ShareContext<'_>,
    local: Option<&SharedGroup<S>>,
    remote: Option<&RemoteGroup<N>>,
    usable: impl FnMut(&S) -> Usability,
) -> Option<Choice<S, N>> {
    let filter = match (local, remote) {
        (Some(local), _) => local.filter(),
        (None, Some(remote)) => remote.filter(),
        (None, None) => return None,
    };
    let strategy = strategy_of(context, filter);
    // Always in this order, so that two choosers cannot wait for each other.
    let mut local = local.map(|group| group.members.lock());
    let mut remote = remote.map(RemoteGroup::lock);
    match (&mut local, &mut remote) {
        (Some(local), remote) => {
            let Members {
                list, turn, sticks, ..
            } = &mut **local;
            let places = Places {
                members: list,
                nodes: remote.as_ref().map_or(&[], |remote| &remote.nodes),
            };
            places.choose(strategy, context, turn, sticks, usable)
        }
        (None, Some(remote)) => {
            let RemoteMembers {
                nodes,
                turn,
                sticks,
            } = &mut **remote;
            let places = Places {
                members: &[],
                nodes,
            };
            places.choose(strategy, context, turn, sticks, usable)
        }
        (None, None) => None,
    }
}

/// Chooses among the members on this node, for a message that another node has given to this one. Has a turn of
/// its own, so that both kinds of messages are spread evenly. `None` when nobody is usable here: the message
/// must then be given to `choose` with what other nodes have. `usable` as in `choose`.
pub fn choose_local<S: Clone + Ord + ShareKey>(
    context: &mut ShareContext<'_>,
    group: &SharedGroup<S>,
    usable: impl FnMut(&S) -> Usability,
) -> Option<SharedMember<S>> {
    let strategy = strategy_of(context, group.filter());
    let mut members = group.members.lock();
    let Members {
        list,
        forwarded_turn,
        sticks,
        ..
    } = &mut *members;
    let places: Places<'_, S, Nowhere> = Places {
        members: list,
        nodes: &[],
    };
    match places.choose(strategy, context, forwarded_turn, sticks, usable)? {
        Choice::Local(member) => Some(member),
        Choice::Remote(nowhere) => match nowhere {},
    }
}

fn strategy_of(context: &ShareContext<'_>, filter: &TopicFilter) -> ShareStrategy {
    context
        .strategies
        .of(filter.share_name().unwrap_or_default())
}

/// No other node takes part.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Nowhere {}

impl ShareKey for Nowhere {
    fn share_key(&self) -> u64 {
        match *self {}
    }
}

/// Who takes part in a choice.
struct Places<'a, S, N> {
    members: &'a [SharedMember<S>],
    /// With their numbers of members.
    nodes: &'a [(N, u32)],
}

impl<S: Clone + ShareKey, N: Clone + ShareKey> Places<'_, S, N> {
    fn choose(
        &self,
        strategy: ShareStrategy,
        context: &mut ShareContext<'_>,
        turn: &mut usize,
        sticks: &mut Sticks,
        mut usable: impl FnMut(&S) -> Usability,
    ) -> Option<Choice<S, N>> {
        let local = self.members.len();
        let remote = self.nodes.iter().map(|(_, count)| *count as usize).sum();
        let mut usability = |index: usize| usable(&self.members[index].subscriber);
        let slot = match strategy {
            ShareStrategy::RoundRobin | ShareStrategy::Local => {
                let local_first = strategy == ShareStrategy::Local;
                next_in_turn(local_first, turn, local, remote, usability)
            }
            ShareStrategy::Random => any_slot((context.random)(), local, remote, usability),
            ShareStrategy::Sticky => {
                let publisher = stable_hash::hash(context.publisher.as_bytes());
                let stuck = sticks.get(publisher).and_then(|key| self.slot_of(key));
                let stays = match stuck {
                    Some(Slot::Local(index)) => usability(index) == Usability::Connected,
                    Some(Slot::Remote(_)) => true,
                    None => false,
                };
                if stays {
                    stuck
                } else {
                    let next = next_in_turn(false, turn, local, remote, &mut usability)?;
                    let mut is_offline = |slot: Slot| match slot {
                        Slot::Local(index) => usability(index) == Usability::Offline,
                        Slot::Remote(_) => false,
                    };
                    // While nobody is connected, the messages wait where the last ones do.
                    let stuck = stuck.filter(|stuck| is_offline(next) && is_offline(*stuck));
                    let chosen = stuck.unwrap_or(next);
                    sticks.set(publisher, self.key_of(chosen)?);
                    Some(chosen)
                }
            }
            ShareStrategy::HashClientId => self.by_hash(context, context.publisher, usability),
            ShareStrategy::HashTopic => self.by_hash(context, context.topic, usability),
        };
        Some(match slot? {
            Slot::Local(index) => Choice::Local(self.members[index].clone()),
            Slot::Remote(index) => Choice::Remote(self.node_at(index)?.clone()),
        })
    }

    fn by_hash(
        &self,
        context: &ShareContext<'_>,
        text: &str,
        mut usability: impl FnMut(usize) -> Usability,
    ) -> Option<Slot> {
        let key = stable_hash::hash(text.as_bytes());
        let mut first = 0;
        let mut best_node = None;
        for (node, count) in self.nodes {
            let score = node_score(key, node.share_key(), *count as usize);
            best_node = best_node.max(score.map(|score| (score, first)));
            first += *count as usize;
        }
        let elsewhere = best_node.map(|(_, index)| Slot::Remote(index));
        let here = node_score(key, context.node, self.members.len());
        if best_node.is_some_and(|(score, _)| here.is_none_or(|here| score > here)) {
            return elsewhere;
        }
        let mut best = |wanted: Usability| {
            let fitting = (0..self.members.len()).filter(|index| usability(*index) == wanted);
            by_hash(
                key,
                fitting.map(|index| (index, self.members[index].subscriber.share_key())),
            )
        };
        best(Usability::Connected)
            .or_else(|| best(Usability::Offline))
            .map(Slot::Local)
            .or(elsewhere)
    }

    /// Members and nodes may have the same name: the keys of nodes are turned round.
    fn key_of(&self, slot: Slot) -> Option<u64> {
        Some(match slot {
            Slot::Local(index) => self.members.get(index)?.subscriber.share_key(),
            Slot::Remote(index) => !self.node_at(index)?.share_key(),
        })
    }

    fn slot_of(&self, key: u64) -> Option<Slot> {
        let is_it = |member: &SharedMember<S>| member.subscriber.share_key() == key;
        if let Some(index) = self.members.iter().position(is_it) {
            return Some(Slot::Local(index));
        }
        let mut first = 0;
        for (node, count) in self.nodes {
            if node.share_key() == !key {
                return Some(Slot::Remote(first));
            }
            first += *count as usize;
        }
        None
    }

    /// The node of the member with this index among those on other nodes.
    fn node_at(&self, index: usize) -> Option<&N> {
        let mut left = index;
        for (node, count) in self.nodes {
            let count = *count as usize;
            if left < count {
                return Some(node);
            }
            left -= count;
        }
        None
    }
}

/// Chooses a receiver for each Shared Subscription that matched a message, whether it has members here, elsewhere
/// or both, and calls `f` with the Topic Filter (with `$share/…/`) and the choice.
///
/// Returns how many Shared Subscriptions had nobody usable; `f` is not called for them. Both arguments as
/// `Router::matches` and `RemoteInterest::matches` left them. `usable` as in `choose`. Allocates nothing.
pub fn for_each_group<S: Clone + Ord + ShareKey, N: Clone + Ord + ShareKey>(
    context: &mut ShareContext<'_>,
    local: &Matches<S>,
    remote: &RemoteMatches<N>,
    mut usable: impl FnMut(&S) -> Usability,
    mut f: impl FnMut(&TopicFilter, Choice<S, N>),
) -> usize {
    let mut without = 0;
    let mut locals = local.shared.iter().peekable();
    let mut remotes = remote.shared.iter().peekable();
    loop {
        // Both are sorted by filter: walk them side by side.
        let filter = match (locals.peek(), remotes.peek()) {
            (Some(local), Some(remote)) => (&local.filter).min(&remote.filter),
            (Some(local), None) => &local.filter,
            (None, Some(remote)) => &remote.filter,
            (None, None) => return without,
        };
        let local = locals
            .next_if(|local| local.filter == *filter)
            .map(|local| &*local.group);
        let remote = remotes
            .next_if(|remote| remote.filter == *filter)
            .map(|remote| &*remote.group);
        match choose(context, local, remote, &mut usable) {
            Some(choice) => f(filter, choice),
            None => without += 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::routing::{InterestChange, RemoteInterest, Router};
    use crate::topic::TopicName;

    impl ShareKey for u32 {
        fn share_key(&self) -> u64 {
            stable_hash::hash(self.to_string().as_bytes())
        }
    }

    impl ShareKey for &'static str {
        fn share_key(&self) -> u64 {
            stable_hash::hash(self.as_bytes())
        }
    }

    fn filter(text: &str) -> TopicFilter {
        TopicFilter::new(text).unwrap()
    }

    type Chosen = Vec<(String, Choice<u32, &'static str>)>;

    struct World {
        name: &'static str,
        strategies: ShareStrategies,
        router: Router<u32>,
        remote: RemoteInterest<&'static str>,
    }

    impl World {
        fn new(local: &[(&str, u32)], remote: &[(&'static str, &str, u32)]) -> Self {
            let world = Self {
                name: "n1",
                strategies: ShareStrategies::default(),
                router: Router::new(),
                remote: RemoteInterest::new(),
            };
            for (text, subscriber) in local {
                world
                    .router
                    .subscribe(&filter(text), *subscriber, Default::default(), None);
            }
            for (node, text, members) in remote {
                let change = InterestChange::Shared {
                    filter: filter(text),
                    members: *members,
                };
                world.remote.apply(node, &change);
            }
            world
        }

        fn with(self, name: &'static str, strategy: ShareStrategy) -> Self {
            let strategies = ShareStrategies {
                default: strategy,
                ..ShareStrategies::default()
            };
            Self {
                name,
                strategies,
                ..self
            }
        }

        fn publish(&self, usable: impl FnMut(&u32) -> Usability) -> (Chosen, usize) {
            self.publish_as("p", usable)
        }

        fn publish_as(
            &self,
            publisher: &str,
            usable: impl FnMut(&u32) -> Usability,
        ) -> (Chosen, usize) {
            let topic = TopicName::new("t").unwrap();
            let mut context = ShareContext {
                strategies: &self.strategies,
                node: self.name.share_key(),
                publisher,
                topic: topic.as_str(),
                random: &mut || 1,
            };
            let mut local = Matches::new();
            let mut remote = RemoteMatches::new();
            self.router.matches(&topic, None, &mut local);
            self.remote.matches(&topic, &mut remote);
            let mut chosen = Vec::new();
            let without =
                for_each_group(&mut context, &local, &remote, usable, |filter, choice| {
                    chosen.push((filter.as_str().to_owned(), choice));
                });
            (chosen, without)
        }
    }

    impl World {
        fn forwarded(
            &self,
            publisher: &str,
            group: &SharedGroup<u32>,
            usability: Usability,
        ) -> Option<u32> {
            let mut context = ShareContext {
                strategies: &self.strategies,
                node: self.name.share_key(),
                publisher,
                topic: "t",
                random: &mut || 1,
            };
            choose_local(&mut context, group, |_| usability).map(|member| member.subscriber)
        }
    }

    fn name(choice: &Choice<u32, &'static str>) -> String {
        match choice {
            Choice::Local(member) => member.subscriber.to_string(),
            Choice::Remote(node) => (*node).to_owned(),
        }
    }

    #[test]
    fn each_group_gets_one_message_wherever_its_members_are() {
        let world = World::new(
            &[
                ("$share/both/t", 1),
                ("$share/here/t", 2),
                ("$share/here/+", 3),
            ],
            &[
                ("n2", "$share/both/t", 1),
                ("n3", "$share/there/#", 4),
                ("n3", "$share/other/u", 1),
            ],
        );
        let (chosen, without) = world.publish(|_| Usability::Connected);
        let groups: Vec<_> = chosen.iter().map(|(filter, _)| filter.as_str()).collect();
        assert_eq!(
            groups,
            [
                "$share/both/t",
                "$share/here/+",
                "$share/here/t",
                "$share/there/#"
            ]
        );
        assert_eq!(chosen[3].1, Choice::Remote("n3"));
        assert_eq!(without, 0);
    }

    #[test]
    fn members_have_equal_turns_over_all_nodes() {
        let world = World::new(
            &[("$share/g/t", 1), ("$share/g/t", 2)],
            &[("n2", "$share/g/t", 3), ("n3", "$share/g/t", 1)],
        );
        let mut counts: BTreeMap<String, u32> = BTreeMap::new();
        for _ in 0..60 {
            let (chosen, _) = world.publish(|_| Usability::Connected);
            assert_eq!(chosen.len(), 1);
            *counts.entry(name(&chosen[0].1)).or_default() += 1;
        }
        let expected = [("1", 10), ("2", 10), ("n2", 30), ("n3", 10)];
        assert_eq!(
            counts,
            expected
                .map(|(name, count)| (name.to_owned(), count))
                .into()
        );
    }

    #[test]
    fn an_offline_member_gets_the_message_only_when_nobody_is_connected() {
        let offline = |_: &u32| Usability::Offline;
        let world = World::new(
            &[("$share/g/t", 1), ("$share/g/t", 2)],
            &[("n2", "$share/g/t", 1)],
        );
        for _ in 0..5 {
            assert_eq!(world.publish(offline).0[0].1, Choice::Remote("n2"));
        }
        world.remote.forget(&"n2");
        let mut names: Vec<_> = (0..4)
            .map(|_| name(&world.publish(offline).0[0].1))
            .collect();
        names.sort();
        assert_eq!(names, ["1", "1", "2", "2"]);
        let only_two_connected = |member: &u32| match member {
            2 => Usability::Connected,
            _ => Usability::Offline,
        };
        for _ in 0..5 {
            assert_eq!(name(&world.publish(only_two_connected).0[0].1), "2");
        }
        assert_eq!(world.publish(|_| Usability::Unusable), (Vec::new(), 1));
    }

    #[test]
    fn nobody_is_passed_over_when_somebody_before_him_leaves() {
        let world = World::new(&[1, 2, 3, 4].map(|member| ("$share/g/t", member)), &[]);
        let next = || name(&world.publish(|_| Usability::Connected).0[0].1);
        assert_eq!([next(), next()], ["1", "2"]);
        world.router.unsubscribe(&filter("$share/g/t"), &1);
        assert_eq!(next(), "3");
        world
            .router
            .subscribe(&filter("$share/g/t"), 1, Default::default(), None);
        assert_eq!([next(), next(), next()], ["4", "1", "2"]);
    }

    #[test]
    fn forwarded_messages_go_round_on_their_own() {
        let world = World::new(&[1, 2].map(|member| ("$share/g/t", member)), &[]);
        let group = world.router.shared_group("g", "t").unwrap();
        let mut counts = [0; 2];
        for _ in 0..10 {
            world.publish(|_| Usability::Connected);
            let member = world.forwarded("p", &group, Usability::Connected).unwrap();
            counts[member as usize - 1] += 1;
        }
        assert_eq!(counts, [5, 5]);
        assert_eq!(world.forwarded("p", &group, Usability::Unusable), None);
    }

    #[test]
    fn a_publisher_sticks_to_a_member_until_it_is_gone_or_away() {
        let world = World::new(
            &[("$share/g/t", 1), ("$share/g/t", 2)],
            &[("n2", "$share/g/t", 1)],
        )
        .with("n1", ShareStrategy::Sticky);
        let of = |publisher: &str| {
            let (chosen, _) = world.publish_as(publisher, |_| Usability::Connected);
            name(&chosen[0].1)
        };
        let first: Vec<_> = ["p1", "p2", "p3"].map(of).into();
        assert_eq!(first, ["1", "2", "n2"], "new ones are spread");
        for _ in 0..3 {
            assert_eq!(["p1", "p2", "p3"].map(of), first[..]);
        }
        // Somebody new changes nothing, and neither does a stranger who leaves.
        let member = |number| (filter("$share/g/t"), number);
        let (group, five) = member(5);
        world
            .router
            .subscribe(&group, five, Default::default(), None);
        assert_eq!(["p1", "p2", "p3"].map(of), first[..]);
        world.router.unsubscribe(&group, &1);
        assert_ne!(of("p1"), "1");
        assert_eq!(["p2", "p3"].map(of), first[1..]);
        // The client of a member is away.
        let (chosen, _) = world.publish_as("p2", |member| match member {
            2 => Usability::Offline,
            _ => Usability::Connected,
        });
        let instead = name(&chosen[0].1);
        assert_ne!(instead, "2");
        assert_eq!(of("p2"), instead, "it stays with who took its place");
        world.remote.forget(&"n2");
        assert_ne!(of("p3"), "n2");
        // Nobody is there: what waits, waits in one place.
        let waiting: Vec<_> = (0..4)
            .map(|_| name(&world.publish_as("p9", |_| Usability::Offline).0[0].1))
            .collect();
        assert!(
            waiting.iter().all(|place| *place == waiting[0]),
            "{waiting:?}"
        );
    }

    #[test]
    fn by_hash_all_nodes_choose_the_same_member() {
        for strategy in [ShareStrategy::HashClientId, ShareStrategy::HashTopic] {
            let on = |name, mine: &[u32], others: &[(&'static str, u32)]| {
                let local: Vec<_> = mine.iter().map(|member| ("$share/g/t", *member)).collect();
                let remote: Vec<_> = others
                    .iter()
                    .map(|(node, members)| (*node, "$share/g/t", *members))
                    .collect();
                World::new(&local, &remote).with(name, strategy)
            };
            let n1 = on("n1", &[1, 2], &[("n2", 3)]);
            let n2 = on("n2", &[3, 4, 5], &[("n1", 2)]);
            let n3 = on("n3", &[], &[("n1", 2), ("n2", 3)]);
            let mut members = BTreeMap::<u32, u32>::new();
            for number in 0..200 {
                let publisher = number.to_string();
                let mut chosen = [&n1, &n2, &n3].map(|world| {
                    let (chosen, _) = world.publish_as(&publisher, |_| Usability::Connected);
                    match &chosen[0].1 {
                        Choice::Local(member) => member.subscriber,
                        Choice::Remote(node) => {
                            let there = if *node == "n1" { &n1 } else { &n2 };
                            let group = there.router.shared_group("g", "t").unwrap();
                            there
                                .forwarded(&publisher, &group, Usability::Connected)
                                .unwrap()
                        }
                    }
                });
                chosen.sort_unstable();
                assert_eq!(chosen[0], chosen[2], "{publisher}: {chosen:?}");
                *members.entry(chosen[0]).or_default() += 1;
            }
            let expected = if strategy == ShareStrategy::HashClientId {
                5
            } else {
                1
            };
            assert_eq!(members.len(), expected, "{members:?}");
        }
    }

    #[test]
    fn random_takes_the_member_of_that_number() {
        let world = World::new(&[("$share/g/t", 1), ("$share/g/t", 2)], &[])
            .with("n1", ShareStrategy::Random);
        let (chosen, _) = world.publish(|_| Usability::Connected);
        assert_eq!(name(&chosen[0].1), "2", "number 1 of 0 and 1");
    }
}
