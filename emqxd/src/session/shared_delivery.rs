//! What becomes of the messages of a Shared Subscription when this member leaves it [MQTT-4.8.2].

use super::session::Session;
use crate::message::Delivery;
use crate::topic::TopicFilter;

impl Session {
    /// Takes the messages of a Shared Subscription that has ended out of the queue: no sending has begun, so another
    /// member may have them. What has been sent stays, to be completed with this client [MQTT-3.10.4-3]. QoS 0 stays.
    pub fn take_shared(&mut self, filter: &TopicFilter) -> Vec<Delivery> {
        self.queue.take_shared(|shared| shared == filter)
    }

    /// Takes the messages of all Shared Subscriptions out of a Session that has ended, those that were sent first: of
    /// QoS 1 also what was sent and not acknowledged, which should go to another member. A QoS 2 message of which
    /// sending has begun must not [MQTT-4.8.2-5].
    pub fn take_all_shared(&mut self) -> Vec<Delivery> {
        let mut taken: Vec<_> = self.inflight.shared_at_least_once().cloned().collect();
        taken.extend(self.queue.take_shared(|_| true));
        taken
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::*;
    use super::super::*;
    use super::*;

    fn filter(text: &str) -> TopicFilter {
        TopicFilter::new(text).expect("valid")
    }

    fn shared(number: u64, qos_bits: u8, group: &str) -> Delivery {
        Delivery {
            shared: Some(filter(group)),
            ..delivery(number, qos_bits)
        }
    }

    const G: &str = "$share/g/t";
    const H: &str = "$share/h/t";

    /// 1 to 3 are sent, the rest waits.
    fn session() -> Session {
        let config = SessionConfig {
            inflight_max: 3,
            ..SessionConfig::default()
        };
        let mut session = connected_with(config, attach(V5));
        for each in [
            shared(1, 1, G),
            shared(2, 2, G),
            delivery(3, 1),
            shared(4, 1, G),
            shared(5, 0, G),
            delivery(6, 2),
            shared(7, 2, G),
            shared(8, 1, H),
        ] {
            session.deliver(each, at(0));
        }
        assert_eq!(transmit(&mut session, at(0)).len(), 3);
        session
    }

    #[test]
    fn an_unsubscribed_client_keeps_what_was_begun() {
        let mut session = session();
        assert_eq!(numbers(&session.take_shared(&filter(G))), [4, 7]);
        assert_eq!(session.take_shared(&filter(G)), []);
        for packet in [
            Packet::PubAck(ack(1)),
            Packet::PubRec(ack(2)),
            Packet::PubAck(ack(3)),
        ] {
            handle(&mut session, packet).expect("valid");
        }
        let sent: Vec<_> = transmit(&mut session, at(0))
            .into_iter()
            .filter_map(|sent| match sent {
                Sent::Publish { number, .. } => Some(number),
                Sent::Packet(_) => None,
            })
            .collect();
        assert_eq!(sent, [5, 6, 8]);
    }

    #[test]
    fn a_session_that_ends_leaves_all_but_qos_2_that_was_begun() {
        let mut session = session();
        session.end(at(0), &mut Vec::new());
        assert_eq!(numbers(&session.take_all_shared()), [1, 4, 7, 8]);
    }

    #[test]
    fn what_was_acknowledged_or_released_is_nobodys() {
        let mut session = session();
        handle(&mut session, Packet::PubAck(ack(1))).expect("valid");
        handle(&mut session, Packet::PubRec(ack(2))).expect("valid");
        session.end(at(0), &mut Vec::new());
        assert_eq!(numbers(&session.take_all_shared()), [4, 7, 8]);
    }
}
