//! What clients were promised, and whether it was kept.
//!
//! Events are counted, so that "before" has a meaning for all clients. A client knows by Subscription Identifier for which of
//! its Subscriptions a message came, so each Subscription has an identifier of its own.

use std::collections::{BTreeMap, BTreeSet};

use crate::packet::QoS;

/// Number of an event.
pub(super) type Event = u64;

/// Topics that messages are published to; `None` in a Subscription stands for all of them.
pub(super) const TOPICS: usize = 3;

/// A message.
#[derive(Debug)]
struct Published {
    publisher: usize,
    /// Where its Session began: what it had not finished with an earlier one may come late.
    generation: Event,
    topic: usize,
    qos: QoS,
    sent: Event,
    acked: Option<Event>,
    /// The connection that it was sent on; 0 = on several.
    connection: u64,
    /// The nodes that it was sent to.
    nodes: BTreeSet<usize>,
    /// How often it was sent to a Session of its publisher that could not know that an earlier one had taken it.
    begun_anew: u32,
    /// Whether it ends the Retained Message of its topic.
    is_removal: bool,
    /// Whether the nodes that it was sent to knew what those want that were away.
    is_kept: bool,
}

/// A Subscription; number + 1 is its identifier.
#[derive(Debug)]
struct Subscribed {
    client: usize,
    /// `None` = all.
    topic: Option<usize>,
    /// Of a Shared Subscription.
    is_shared: bool,
    qos: QoS,
    /// When SUBACK had come and all nodes knew of it.
    from: Option<Event>,
    /// When the client, or what befell its Session, began to end it.
    until: Option<Event>,
    /// Whether the client has ended it, or one that took its place, by UNSUBSCRIBE.
    has_ended: bool,
    /// Whether what matched before may be lost, too.
    is_void: bool,
    /// Messages that came for it, and how often.
    got: BTreeMap<usize, u32>,
}

/// Key of messages that must come in order: receiver, publisher and its Session, topic, QoS of the two.
type Stream = (usize, usize, Event, usize, u8, u8);

/// Whether it also came after a time in which a node was away: the key is as that of a stream, and the connection.
type KeptStream = (Stream, u64);

/// All that is known.
#[derive(Default)]
pub(super) struct Oracle {
    /// Whether messages are kept for nodes that are away.
    keeps: bool,
    /// Clients whose Session may have had a copy of its own on a node that was away.
    split: BTreeSet<usize>,
    events: Event,
    published: Vec<Published>,
    subscribed: Vec<Subscribed>,
    /// First and last event of the times in which not every node knew what every other one wanted.
    divisions: Vec<(Event, Option<Event>)>,
    /// Where a client's present Session began.
    generations: BTreeMap<usize, Event>,
    /// Messages of a stream, as they first came.
    last_of: BTreeMap<Stream, usize>,
    last_kept: BTreeMap<KeptStream, usize>,
    seen: BTreeSet<(usize, usize)>,
    /// The same, also with Sessions that have ended.
    ever_seen: BTreeSet<(usize, usize)>,
    problems: Vec<String>,
}

impl Oracle {
    pub(super) fn new(keeps: bool) -> Self {
        Self {
            keeps,
            ..Self::default()
        }
    }

    pub(super) fn event(&mut self) -> Event {
        self.events += 1;
        self.events
    }

    pub(super) fn problem(&mut self, problem: String) {
        self.problems.push(problem);
    }

    pub(super) fn problems(&self) -> &[String] {
        &self.problems
    }

    /// A client publishes. Returns the number of the message.
    pub(super) fn publish(&mut self, publisher: usize, topic: usize, qos: QoS) -> usize {
        let sent = self.event();
        let generation = self.generations.get(&publisher).copied().unwrap_or(0);
        self.published.push(Published {
            publisher,
            generation,
            topic,
            qos,
            sent,
            acked: None,
            connection: 0,
            nodes: BTreeSet::new(),
            begun_anew: 0,
            is_removal: false,
            is_kept: self.keeps,
        });
        self.published.len() - 1
    }

    /// It goes out on a connection to a node, perhaps again. `is_known`: whether the node knows what others want that are
    /// away.
    pub(super) fn goes_out(
        &mut self,
        number: usize,
        (node, connection): (usize, u64),
        is_again: bool,
        is_known: bool,
    ) {
        let published = &mut self.published[number];
        published.connection = if is_again { 0 } else { connection };
        published.nodes.insert(node);
        // The other copy of the Session may have taken it, on a node that this one does not see.
        published.begun_anew += u32::from(is_again && self.split.contains(&published.publisher));
        published.is_kept &= is_known;
    }

    /// A node has crashed. What it had passed on and not acknowledged yet it may not know any more.
    pub(super) fn crashed(&mut self, node: usize) {
        let published = self.published.iter_mut();
        for each in published.filter(|each| each.acked.is_none() && each.nodes.contains(&node)) {
            each.begun_anew += 1;
        }
    }

    /// A message is the removal of a Retained Message.
    pub(super) fn removes(&mut self, number: usize) {
        self.published[number].is_removal = true;
    }

    /// What is retained in the end for a topic, by the number of the message; `None` = nothing. Whatever was acknowledged
    /// before, and was not replaced since, is lost if this is older.
    pub(super) fn check_retained(&mut self, topic: usize, retained: Option<usize>) {
        let of_topic = || {
            self.published
                .iter()
                .filter(move |each| each.topic == topic)
        };
        // One that was published before the other was known to be taken may be the later one.
        let may_stay = |stays: &Published| {
            let done = stays.acked.unwrap_or(Event::MAX);
            !of_topic().any(|each| each.acked.is_some() && each.sent > done)
        };
        let holds = match retained {
            Some(number) => self.published.get(number).is_some_and(may_stay),
            None => {
                of_topic().all(|each| each.acked.is_none())
                    || of_topic().any(|each| each.is_removal && may_stay(each))
            }
        };
        if !holds {
            let problem = format!(
                "message {retained:?} is retained for topic {topic}, which is not the last one"
            );
            self.problem(problem);
        }
    }

    /// PUBACK or PUBREC came.
    pub(super) fn acked(&mut self, number: usize) {
        let event = self.event();
        self.published[number].acked.get_or_insert(event);
    }

    /// A client subscribes. Returns the Subscription Identifier.
    pub(super) fn subscribe(
        &mut self,
        client: usize,
        topic: Option<usize>,
        is_shared: bool,
        qos: QoS,
    ) -> u32 {
        self.stop(client, topic, is_shared);
        self.subscribed.push(Subscribed {
            client,
            topic,
            is_shared,
            qos,
            from: None,
            until: None,
            has_ended: false,
            is_void: false,
            got: BTreeMap::new(),
        });
        self.subscribed.len() as u32
    }

    /// SUBACK came, and all nodes know of the Subscription.
    pub(super) fn subscribed(&mut self, identifier: u32) {
        let event = self.event();
        self.subscribed[identifier as usize - 1].from = Some(event);
    }

    /// A client begins to end a Subscription.
    pub(super) fn unsubscribe(&mut self, client: usize, topic: Option<usize>, is_shared: bool) {
        self.stop(client, topic, is_shared);
        for each in self.of(client) {
            each.has_ended |= each.topic == topic && each.is_shared == is_shared;
        }
    }

    /// A client begins to end a Subscription, or to replace it.
    fn stop(&mut self, client: usize, topic: Option<usize>, is_shared: bool) {
        let event = self.event();
        for each in self.of(client) {
            if each.topic == topic && each.is_shared == is_shared {
                each.until.get_or_insert(event);
            }
        }
    }

    fn of(&mut self, client: usize) -> impl Iterator<Item = &mut Subscribed> {
        self.subscribed
            .iter_mut()
            .filter(move |each| each.client == client)
    }

    /// A client has another Session from now on. What its former one was promised up to `until` still holds.
    pub(super) fn begin_session(&mut self, client: usize, until: Event) {
        let event = self.event();
        self.generations.insert(client, event);
        for each in self.of(client) {
            each.until = Some(each.until.map_or(until, |before| before.min(until)));
        }
        self.last_of.retain(|stream, _| stream.0 != client);
        self.last_kept.retain(|(stream, _), _| stream.0 != client);
        self.seen.retain(|(receiver, _)| *receiver != client);
    }

    /// As [`begin_session`](Self::begin_session), when the former one may have a copy that gives its messages to this one later.
    pub(super) fn split_session(&mut self, client: usize, until: Event) {
        self.begin_session(client, until);
        self.split(client);
    }

    /// A copy of a client's Session may give it messages that it has had.
    pub(super) fn split(&mut self, client: usize) {
        self.split.insert(client);
    }

    /// Whether all nodes have seen each other since.
    pub(super) fn is_united_since(&self, event: Event) -> bool {
        let last = self.divisions.last();
        last.is_none_or(|(_, until)| until.is_some_and(|until| until < event))
    }

    /// What was promised to a client's Session does not hold any more: it may be lost.
    pub(super) fn void(&mut self, client: usize) {
        self.begin_session(client, 0);
        self.of(client).for_each(|each| each.is_void = true);
    }

    /// Not every node knows what every other one wants.
    pub(super) fn divide(&mut self) {
        let event = self.event();
        if self.divisions.last().is_none_or(|last| last.1.is_some()) {
            self.divisions.push((event, None));
        }
    }

    /// Every node knows it again.
    pub(super) fn unite(&mut self) {
        let event = self.event();
        if let Some((_, until)) = self.divisions.last_mut() {
            until.get_or_insert(event);
        }
    }

    pub(super) fn is_divided(&self) -> bool {
        self.divisions.last().is_some_and(|last| last.1.is_none())
    }

    /// Where the first division began that was not over at `since`.
    pub(super) fn divided_since(&self, since: Event) -> Option<Event> {
        let overlaps = |(_, until): &&(Event, Option<Event>)| until.is_none_or(|at| at >= since);
        self.divisions.iter().find(overlaps).map(|(from, _)| *from)
    }

    fn is_within_division(&self, from: Event, until: Event) -> bool {
        self.divisions
            .iter()
            .any(|(begun, ended)| *begun <= until && ended.is_none_or(|at| at >= from))
    }

    /// A message came, of which the client had not said that it has it.
    pub(super) fn received(
        &mut self,
        client: usize,
        number: usize,
        qos: QoS,
        identifiers: &[u32],
        is_shared: bool,
    ) {
        let event = self.event();
        let Some(published) = self.published.get(number) else {
            self.problem(format!("c{client} got message {number}, which nobody sent"));
            return;
        };
        let generation = self.generations.get(&client).copied().unwrap_or(0);
        let is_new = published.sent > generation;
        // Copies of a Session that become one again may both have got it.
        let is_divided = self.is_within_division(published.sent, event);
        let is_one = !is_divided || (self.keeps && !self.split.contains(&client));
        let exactly_once = published.qos == QoS::ExactlyOnce && qos == QoS::ExactlyOnce && is_one;
        let connection = published.connection;
        // Only the end of a node, or two Sessions of the publisher, can bring it more than once, and neither is without a
        // division.
        let times_max = 1 + if is_divided { published.begun_anew } else { 0 };
        let stream = (
            client,
            published.publisher,
            published.generation,
            published.topic,
            published.qos as u8,
            qos as u8,
        );
        if identifiers.is_empty() {
            let problem = format!("c{client} got message {number} for nothing");
            self.problems.push(problem);
        }
        // Before, it may have come and gone without this Subscription, and come again.
        let mut is_since = false;
        for identifier in identifiers {
            let Some(subscribed) = self.subscribed.get_mut(*identifier as usize - 1) else {
                continue;
            };
            let count = subscribed.got.entry(number).or_default();
            *count += 1;
            is_since |= subscribed.from.is_some_and(|from| from < published.sent);
            if exactly_once && *count > times_max && is_new {
                let problem = format!(
                    "event {event}: c{client} got message {number} of QoS 2 again for Subscription {identifier}"
                );
                self.problems.push(problem);
            }
        }
        // A Shared Subscription gets what other members left; copies of a Session that become one again have their messages
        // in no order.
        let is_first = self.seen.insert((client, number));
        self.ever_seen.insert((client, number));
        let is_ordered = !is_divided || (is_one && connection != 0);
        if qos != QoS::AtMostOnce && is_first && is_new && is_since && !is_shared && is_ordered {
            let last = if is_divided {
                // A node that keeps messages for another one is overtaken by one that reaches it.
                self.last_kept.entry((stream, connection)).or_insert(number)
            } else {
                self.last_of.entry(stream).or_insert(number)
            };
            if number < *last {
                let problem = format!(
                    "event {event}: c{client} got message {number} after {last}, of the same publisher and topic"
                );
                self.problems.push(problem);
            }
            *last = number.max(*last);
        }
    }

    /// Looks whether every promise was kept; to be called when nothing is under way any more.
    pub(super) fn check_deliveries(&mut self) {
        let mut problems = Vec::new();
        for (number, message) in self.published.iter().enumerate() {
            let Some(acked) = message.acked else { continue };
            let is_divided = self.is_within_division(message.sent, acked);
            if message.topic >= TOPICS || (is_divided && !message.is_kept) {
                continue;
            }
            let is_promised = |each: &&Subscribed| {
                each.qos != QoS::AtMostOnce
                    && !each.is_void
                    // What another node keeps comes to nobody when its Subscription has ended before.
                    && !(is_divided && each.has_ended)
                    && each.topic.is_none_or(|topic| topic == message.topic)
                    && each.from.is_some_and(|from| from < message.sent)
                    && each.until.is_none_or(|until| until > acked)
            };
            let owed = self.subscribed.iter().enumerate();
            for (place, each) in owed.filter(|(_, each)| !each.is_shared && is_promised(each)) {
                // A message that was kept may come when the Subscription was replaced meanwhile.
                let has_come = each.got.contains_key(&number)
                    || (is_divided && self.ever_seen.contains(&(each.client, number)));
                if !has_come {
                    problems.push(format!(
                        "c{} never got message {number} (QoS {} of c{} to topic {}, sent at event {}, acknowledged at \
                         {acked}) for Subscription {} (since {:?}, until {:?})",
                        each.client,
                        message.qos as u8,
                        message.publisher,
                        message.topic,
                        message.sent,
                        place + 1,
                        each.from,
                        each.until,
                    ));
                }
            }
            if !is_divided {
                self.check_shared(number, message, acked, &is_promised, &mut problems);
            }
        }
        self.problems.append(&mut problems);
    }

    /// One member at least got it when there was one all the while; of QoS 2 not two.
    fn check_shared(
        &self,
        number: usize,
        message: &Published,
        acked: Event,
        is_promised: &impl Fn(&&Subscribed) -> bool,
        problems: &mut Vec<String>,
    ) {
        let members = || self.subscribed.iter().filter(|each| each.is_shared);
        let got = |each: &Subscribed| each.got.get(&number).copied().unwrap_or(0);
        for topic in (0..TOPICS).map(Some).chain([None]) {
            let group = || members().filter(move |each| each.topic == topic);
            // Who has left may have taken it along.
            let is_stable = group().all(|each| !each.is_void && each.until.is_none());
            if !is_stable || !group().any(|each| is_promised(&each)) {
                continue;
            }
            let count: u32 = group().map(got).sum();
            if count == 0 {
                problems.push(format!(
                    "no member of the shared Subscription to {topic:?} got message {number}, sent at event {}, \
                     acknowledged at {acked}",
                    message.sent
                ));
            }
            let twice = message.qos == QoS::ExactlyOnce
                && group().all(|each| each.qos == QoS::ExactlyOnce)
                && count > 1;
            if twice {
                problems.push(format!(
                    "{count} times a member of the shared Subscription to {topic:?} got message {number} of QoS 2"
                ));
            }
        }
    }

    /// How much was promised and how much came.
    pub(super) fn figures(&self) -> (usize, usize) {
        let acked = self.published.iter().filter(|each| each.acked.is_some());
        let got = self.subscribed.iter().map(|each| each.got.len());
        (acked.count(), got.sum())
    }
}
