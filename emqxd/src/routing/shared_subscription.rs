//! Shared Subscriptions: exactly one member of each gets a message, over all nodes together [MQTT-4.8.2].
//!
//! The node that accepts a message chooses: a member of its own, or another node, which then chooses among its
//! members (`choose_local`). Another node takes part with as many turns as it has members.

use parking_lot::Mutex;

use super::interest::{RemoteGroup, RemoteMatches};
use super::router::Matches;
use crate::packet::SubscriptionOptions;
use crate::topic::{ShareStrategy, Slot, TopicFilter, Usability};

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

/// Chooses who gets a message that was accepted on this node: one member of one Shared Subscription.
///
/// `local` are its members here, `remote` those elsewhere. Members that are connected come first, those on other
/// nodes count as connected; one that is offline gets the message only when there is nobody else. `None` when
/// nobody is usable. `usable` is asked under the group's lock: it must not call into the `Router`.
pub fn choose<S: Clone + Ord, N: Clone + Ord>(
    strategy: ShareStrategy,
    local: Option<&SharedGroup<S>>,
    remote: Option<&RemoteGroup<N>>,
    mut usable: impl FnMut(&S) -> Usability,
) -> Option<Choice<S, N>> {
    // Always in this order, so that two choosers cannot wait for each other.
    let mut local = local.map(|group| group.members.lock());
    let mut remote = remote.map(RemoteGroup::lock);
    let list = local.as_deref().map_or(&[][..], |members| &members.list);
    let remote_len = remote.as_deref().map_or(0, |members| members.len());
    let mut turn = match (&local, &remote) {
        (Some(members), _) => members.turn,
        (None, Some(members)) => members.turn,
        (None, None) => return None,
    };
    let slot = strategy.next(&mut turn, list.len(), remote_len, |index| {
        usable(&list[index].subscriber)
    });
    let choice = match slot? {
        Slot::Local(index) => Choice::Local(list[index].clone()),
        Slot::Remote(index) => Choice::Remote(remote.as_deref()?.node_at(index)?.clone()),
    };
    match (&mut local, &mut remote) {
        (Some(members), _) => members.turn = turn,
        (None, Some(members)) => members.turn = turn,
        (None, None) => {}
    }
    Some(choice)
}

/// Chooses among the members on this node, for a message that another node has given to this one. Has a turn of
/// its own, so that both kinds of messages are spread evenly. `None` when nobody is usable here: the message
/// must then be given to `choose` with what other nodes have. `usable` as in `choose`.
pub fn choose_local<S: Clone + Ord>(
    strategy: ShareStrategy,
    group: &SharedGroup<S>,
    mut usable: impl FnMut(&S) -> Usability,
) -> Option<SharedMember<S>> {
    let mut members = group.members.lock();
    let Members {
        list,
        forwarded_turn,
        ..
    } = &mut *members;
    let slot = strategy.next(forwarded_turn, list.len(), 0, |index| {
        usable(&list[index].subscriber)
    });
    match slot? {
        Slot::Local(index) => Some(list[index].clone()),
        Slot::Remote(_) => None,
    }
}

/// Chooses a receiver for each Shared Subscription that matched a message, whether it has members here, elsewhere
/// or both, and calls `f` with the Topic Filter (with `$share/…/`) and the choice.
///
/// Returns how many Shared Subscriptions had nobody usable; `f` is not called for them. Both arguments as
/// `Router::matches` and `RemoteInterest::matches` left them. `usable` as in `choose`. Allocates nothing.
pub fn for_each_group<S: Clone + Ord, N: Clone + Ord>(
    strategy: ShareStrategy,
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
        match choose(strategy, local, remote, &mut usable) {
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

    const STRATEGY: ShareStrategy = ShareStrategy::RoundRobin;

    fn filter(text: &str) -> TopicFilter {
        TopicFilter::new(text).unwrap()
    }

    type Chosen = Vec<(String, Choice<u32, &'static str>)>;

    struct World {
        router: Router<u32>,
        remote: RemoteInterest<&'static str>,
    }

    impl World {
        fn new(local: &[(&str, u32)], remote: &[(&'static str, &str, u32)]) -> Self {
            let world = Self {
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

        fn publish(&self, usable: impl FnMut(&u32) -> Usability) -> (Chosen, usize) {
            let topic = TopicName::new("t").unwrap();
            let mut local = Matches::new();
            let mut remote = RemoteMatches::new();
            self.router.matches(&topic, None, &mut local);
            self.remote.matches(&topic, &mut remote);
            let mut chosen = Vec::new();
            let without = for_each_group(STRATEGY, &local, &remote, usable, |filter, choice| {
                chosen.push((filter.as_str().to_owned(), choice));
            });
            (chosen, without)
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
            let member = choose_local(STRATEGY, &group, |_| Usability::Connected).unwrap();
            counts[member.subscriber as usize - 1] += 1;
        }
        assert_eq!(counts, [5, 5]);
        assert_eq!(
            choose_local(STRATEGY, &group, |_| Usability::Unusable),
            None
        );
    }
}
