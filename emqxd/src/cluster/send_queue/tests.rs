//! Numbering, frames, what is sent again and what is given up.

use std::sync::atomic::{AtomicUsize, Ordering};

use emqx_proto::peer::v1::{Forward, InterestDelta, InterestSnapshot, data_item};
use futures_util::task::noop_waker;

use super::*;

fn forward() -> DataItem {
    DataItem {
        item: Some(data_item::Item::Forward(Forward {
            ordinary: true,
            ..Forward::default()
        })),
    }
}

fn interest(filter: &str) -> DataItem {
    DataItem {
        item: Some(data_item::Item::Interest(InterestDelta {
            add: vec![filter.into()],
            ..InterestDelta::default()
        })),
    }
}

fn snapshot(filter: &str) -> DataItem {
    DataItem {
        item: Some(data_item::Item::InterestSnapshot(InterestSnapshot {
            filters: vec![filter.into()],
            ..InterestSnapshot::default()
        })),
    }
}

fn limits() -> LinkLimits {
    LinkLimits {
        queue_items_max: 4,
        frame_bytes_min: 0,
        frame_items_max: 2,
        ..LinkLimits::default()
    }
}

fn queue() -> SendQueue {
    let mut queue = SendQueue::new();
    queue.open_to_items();
    queue
}

fn try_push(queue: &mut SendQueue, item: DataItem, class: Class) -> Result<u64, Refused> {
    let pushed = queue.push(item.encoded_len(), class, &limits(), |out| {
        item.encode(out).unwrap();
    });
    pushed.map(|(seq, _)| seq)
}

fn push(queue: &mut SendQueue, item: DataItem) -> u64 {
    try_push(queue, item, Class::Reliable).unwrap()
}

fn frames(queue: &mut SendQueue, number: u64) -> Vec<(u64, usize)> {
    let mut got = Vec::new();
    while let Next::Frame(frame) = queue.next_frame(number, &limits(), &noop_waker()) {
        got.push((frame.first_seq, frame.count as usize));
    }
    got
}

fn decoded(frame: &Frame) -> Vec<DataItem> {
    let items = items::iter(&frame.items);
    items.map(|item| DataItem::decode(item).unwrap()).collect()
}

fn connect(queue: &mut SendQueue) -> u64 {
    let (number, after) = queue.connect();
    after.run();
    queue.begin(number, None).unwrap().run();
    number
}

#[derive(Default)]
struct Count(AtomicUsize);

impl AckNotify for Count {
    fn acked(&self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

impl Count {
    fn get(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

#[test]
fn items_are_numbered_framed_and_sent_again_until_acknowledged() {
    let mut queue = queue();
    for seq in 1..=5 {
        assert_eq!(push(&mut queue, forward()), seq);
    }
    let number = connect(&mut queue);
    assert_eq!(frames(&mut queue, number), [(1, 2), (3, 2), (5, 1)]);
    queue.ack(2).run();
    assert_eq!((queue.completed_seq(), queue.len()), (2, 3));
    let second = connect(&mut queue);
    assert!(matches!(
        queue.next_frame(number, &limits(), &noop_waker()),
        Next::Ended
    ));
    assert_eq!(frames(&mut queue, second), [(3, 2), (5, 1)]);
    queue.ack(99).run();
    assert_eq!(
        (queue.completed_seq(), queue.len(), queue.bytes()),
        (5, 0, 0)
    );
    assert_eq!(push(&mut queue, forward()), 6);
    assert_eq!(frames(&mut queue, second), [(6, 1)]);
}

#[test]
fn droppable_items_are_refused_first() {
    let mut queue = queue();
    for _ in 0..4 {
        assert!(try_push(&mut queue, forward(), Class::Droppable).is_ok());
    }
    let refused = |queue: &mut SendQueue, class| try_push(queue, forward(), class).err();
    assert_eq!(refused(&mut queue, Class::Droppable), Some(Refused::Full));
    for _ in 4..40 {
        push(&mut queue, forward());
    }
    assert_eq!(refused(&mut queue, Class::Reliable), Some(Refused::Full));
    queue.ack(1).run();
    assert_eq!(refused(&mut queue, Class::Reliable), None);
}

#[test]
fn a_snapshot_goes_first_and_replaces_older_interest_only() {
    let mut queue = queue();
    push(&mut queue, interest("a"));
    push(&mut queue, forward());
    let (number, after) = queue.connect();
    after.run();
    let covers = queue.last_seq();
    push(&mut queue, interest("b"));
    queue
        .begin(number, Some((vec![snapshot("a")], covers)))
        .unwrap()
        .run();
    let mut sent = Vec::new();
    while let Next::Frame(frame) = queue.next_frame(number, &limits(), &noop_waker()) {
        sent.push((frame.first_seq, decoded(&frame)));
    }
    assert_eq!(sent[0], (0, vec![snapshot("a")]));
    assert_eq!(sent[1].0, 1);
    let rest: Vec<_> = sent[1..]
        .iter()
        .flat_map(|(_, items)| items.clone())
        .collect();
    assert_eq!(rest, [DataItem { item: None }, forward(), interest("b")]);
}

#[test]
fn an_empty_numbered_frame_ends_a_snapshot() {
    let mut queue = queue();
    let (number, after) = queue.connect();
    after.run();
    assert_eq!(frames(&mut queue, number), []);
    queue.begin(number, Some((vec![], 0))).unwrap().run();
    assert_eq!(frames(&mut queue, number), [(1, 0)]);
    assert_eq!(frames(&mut queue, number), []);
}

#[test]
fn waiting_is_over_with_the_acknowledgement_or_the_peer() {
    let mut queue = queue();
    let (first, second) = (Arc::new(Count::default()), Arc::new(Count::default()));
    push(&mut queue, forward());
    push(&mut queue, forward());
    // Registered out of order.
    assert!(queue.notify_acked(2, second.clone()).is_none());
    assert!(queue.notify_acked(1, first.clone()).is_none());
    queue.ack(1).run();
    assert_eq!((first.get(), second.get()), (1, 0));
    queue.park().run();
    assert_eq!((first.get(), second.get()), (1, 1));
    assert_eq!(
        (queue.outcome(1), queue.outcome(2)),
        (Acked::Yes, Acked::PeerGone)
    );
    assert!(queue.notify_acked(2, second).is_some());
    assert_eq!(
        try_push(&mut queue, forward(), Class::Reliable).err(),
        Some(Refused::Gone)
    );
}

#[test]
fn a_parked_queue_keeps_what_is_reliable_for_the_same_incarnation() {
    let mut queue = queue();
    push(&mut queue, forward());
    let _ = try_push(&mut queue, forward(), Class::Droppable);
    queue.park().run();
    queue.open_to_items();
    assert_eq!(push(&mut queue, forward()), 3);
    assert_eq!(queue.completed_seq(), 0, "it is on its way again");
    let number = connect(&mut queue);
    let Next::Frame(frame) = queue.next_frame(number, &limits(), &noop_waker()) else {
        panic!("nothing to send");
    };
    assert_eq!(decoded(&frame), [forward(), DataItem { item: None }]);
    queue.ack(2).run();
    assert_eq!((queue.completed_seq(), queue.outcome(2)), (2, Acked::Yes));
}

#[test]
fn a_restarted_peer_gets_only_what_comes_after() {
    let mut queue = queue();
    let waiting = Arc::new(Count::default());
    push(&mut queue, forward());
    let _ = queue.notify_acked(1, waiting.clone());
    let (items, after) = queue.restart();
    after.run();
    assert_eq!((items, waiting.get()), (vec![forward()], 1));
    assert_eq!(queue.outcome(1), Acked::PeerGone);
    assert_eq!(push(&mut queue, interest("x")), 2);
    let number = connect(&mut queue);
    assert_eq!(frames(&mut queue, number), [(2, 1)]);
    queue.ack(2).run();
    assert_eq!(queue.outcome(2), Acked::Yes);
}

#[test]
fn few_items_wait_while_others_are_under_way() {
    let limits = LinkLimits {
        frame_bytes_min: 100,
        ..LinkLimits::default()
    };
    let mut queue = queue();
    let number = connect(&mut queue);
    let push = |queue: &mut SendQueue| {
        let item = interest("a/filter/of/some/length");
        let write = |out: &mut BytesMut| item.encode(out).unwrap();
        let pushed = queue.push(item.encoded_len(), Class::Reliable, &limits, write);
        pushed.unwrap().1.is_some()
    };
    let next = |queue: &mut SendQueue| match queue.next_frame(number, &limits, &noop_waker()) {
        Next::Frame(frame) => frame.count,
        Next::Wait => 0,
        Next::Ended => panic!("it is the present one"),
    };
    assert_eq!(next(&mut queue), 0);
    assert!(push(&mut queue), "the first one goes at once");
    assert_eq!(next(&mut queue), 1);
    assert_eq!(next(&mut queue), 0);
    assert!(!push(&mut queue) && !push(&mut queue));
    assert_eq!(next(&mut queue), 0);
    queue.ack(1).run();
    assert_eq!(next(&mut queue), 2, "all that have gathered");
    assert_eq!(next(&mut queue), 0);
    let woken: Vec<bool> = (0..4).map(|_| push(&mut queue)).collect();
    assert_eq!(woken, [false, false, false, true], "enough have gathered");
    assert_eq!(next(&mut queue), 4);
}
