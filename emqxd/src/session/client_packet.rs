//! What the client sends: each packet but CONNECT and AUTH.

use super::inflight::{AckOutcome, PubRecOutcome};
use super::journal::SessionChange;
use super::session::{Presence, Session};
use super::transmit::Reply;
use super::{Action, Inbound, Refused, SessionExpiry, Violation};
use crate::message::{Message, MessageId};
use crate::packet::{
    Acknowledgement, Disconnect, Packet, PacketId, ProtocolVersion, Publish, PublishProperties,
    QoS, ReasonCode, ReasonProperties, SubAck, Subscribe, SubscriptionOptions, UnsubAck,
    Unsubscribe,
};
use crate::session::will::seconds;
use crate::time::Timestamp;
use crate::topic::{InvalidTopicFilter, TopicFilter, TopicName};

/// Answers that wait because the client does not read, at most. One read of the socket can bring thousands of
/// two-byte PINGREQs, so this is well above what one read brings.
const REPLIES_MAX: usize = 65_536;

const fn protocol_error(reason: &'static str) -> Violation {
    Violation {
        code: ReasonCode::ProtocolError,
        reason,
    }
}

const WRONG_ACKNOWLEDGEMENT: Violation = protocol_error(
    "an acknowledgement that does not belong to the QoS or the state of its message",
);

/// As with a Topic Name that is too long, and as mosquitto does.
const FILTER_TOO_LONG: Violation = Violation {
    code: ReasonCode::TopicFilterInvalid,
    reason: "a Topic Filter has more levels or bytes than the Server allows",
};

impl Session {
    /// A packet of the client other than CONNECT and AUTH. Actions are appended. After a DISCONNECT packets are
    /// ignored [MQTT-3.14.4-1].
    ///
    /// # Errors
    /// When the Network Connection must be closed: tell a 5.0 client the code by DISCONNECT, close, and call
    /// [`Session::detach`] with `Detach::Abnormal`. Actions that were appended before stay valid.
    pub fn handle_packet(
        &mut self,
        packet: Packet,
        now: Timestamp,
        actions: &mut Vec<Action>,
    ) -> Result<(), Violation> {
        let Presence::Connected(link) = &self.presence else {
            return Err(protocol_error("a packet without a Network Connection"));
        };
        if link.is_closing {
            return Ok(());
        }
        if link.replies.len() >= REPLIES_MAX {
            return Err(Violation {
                code: ReasonCode::QuotaExceeded,
                reason: "more than 65,536 answers wait for the client to read them",
            });
        }
        match packet {
            Packet::Publish(publish) => self.handle_publish(publish, now, actions),
            Packet::PubAck(puback) => {
                let outcome = self.inflight.puback(puback.packet_id);
                self.completed(outcome)
            }
            Packet::PubRec(pubrec) => self.handle_pubrec(&pubrec),
            Packet::PubRel(pubrel) => {
                self.handle_pubrel(&pubrel);
                Ok(())
            }
            Packet::PubComp(pubcomp) => {
                let outcome = self.inflight.pubcomp(pubcomp.packet_id);
                self.completed(outcome)
            }
            Packet::Subscribe(subscribe) => self.handle_subscribe(subscribe, actions),
            Packet::Unsubscribe(unsubscribe) => self.handle_unsubscribe(unsubscribe, actions),
            Packet::PingReq => {
                self.reply(Reply::PingResp);
                Ok(())
            }
            Packet::Disconnect(disconnect) => self.handle_disconnect(&disconnect, actions),
            // [MQTT-3.1.0-2]
            Packet::Connect(_) => Err(protocol_error("a second CONNECT on one Network Connection")),
            // [MQTT-4.12.0-6]: no Authentication Method was agreed on at CONNECT.
            Packet::Auth(_) => Err(protocol_error("AUTH without an Authentication Method")),
            Packet::ConnAck(_) | Packet::SubAck(_) | Packet::UnsubAck(_) | Packet::PingResp => {
                Err(protocol_error("a packet that only a Server sends"))
            }
        }
    }

    fn handle_publish(
        &mut self,
        publish: Publish,
        now: Timestamp,
        actions: &mut Vec<Action>,
    ) -> Result<(), Violation> {
        let Presence::Connected(link) = &mut self.presence else {
            return Ok(());
        };
        let (sent, properties) = publish
            .properties
            .map_or_else(Default::default, |properties| split(*properties));
        if sent.has_subscription_identifiers {
            // [MQTT-3.3.4-6]
            return Err(protocol_error(
                "PUBLISH of a client contains a Subscription Identifier",
            ));
        }
        let response_topic = properties
            .as_ref()
            .and_then(|kept| kept.response_topic.as_ref());
        if response_topic.is_some_and(|topic| TopicName::new(topic.clone()).is_err()) {
            // [MQTT-3.3.2-14]
            return Err(protocol_error("the Response Topic is no Topic Name"));
        }
        let topic = link
            .client_aliases
            .resolve(publish.topic, sent.topic_alias)?;
        if publish.qos > self.config.maximum_qos {
            // [MQTT-3.2.2-11]
            return Err(Violation {
                code: ReasonCode::QoSNotSupported,
                reason: "PUBLISH has a QoS above the Maximum QoS of the Server",
            });
        }
        if publish.retain && !self.config.capabilities.retain_available {
            // [MQTT-3.2.2-14]
            return Err(Violation {
                code: ReasonCode::RetainNotSupported,
                reason: "PUBLISH has RETAIN set, and retained messages are not available",
            });
        }
        if !self.config.capabilities.allows_topic(&topic) {
            return Err(Violation {
                code: ReasonCode::TopicNameInvalid,
                reason: "the Topic Name has more levels or bytes than the Server allows",
            });
        }
        let is_new = match (publish.qos, publish.packet_id) {
            (QoS::AtMostOnce, _) => true,
            (QoS::AtLeastOnce, Some(packet_id)) => {
                self.inbound.receive_qos1(packet_id)?;
                true
            }
            (QoS::ExactlyOnce, Some(packet_id)) => self.inbound.receive_qos2(packet_id, now)?,
            (_, None) => {
                return Err(protocol_error(
                    "PUBLISH with QoS 1 or 2 has no Packet Identifier",
                ));
            }
        };
        if is_new && is_reserved(&topic) {
            self.refuse_reserved_topic(publish.packet_id, now, actions);
        } else if is_new {
            actions.push(Action::Route(Inbound {
                message: Message {
                    id: MessageId {
                        origin: 0,
                        number: 0,
                    },
                    topic,
                    payload: publish.payload,
                    qos: publish.qos,
                    retain: publish.retain,
                    publisher: Some(self.client_id.clone()),
                    received_at: now,
                    expires_at: seconds(sent.message_expiry_interval_s).map(|after| now + after),
                    properties,
                },
                packet_id: publish.packet_id.filter(|_| publish.qos > QoS::AtMostOnce),
            }));
        }
        Ok(())
    }

    /// The Server should keep clients from exchanging messages on reserved topics (section 4.7.2). A 5.0 client is
    /// told; what a 3.x client has sent is acknowledged and goes nowhere, which is all that its protocol has.
    fn refuse_reserved_topic(
        &mut self,
        packet_id: Option<PacketId>,
        now: Timestamp,
        actions: &mut Vec<Action>,
    ) {
        if let Some(packet_id) = packet_id {
            let code = match self.version {
                ProtocolVersion::V5 => ReasonCode::NotAuthorized,
                ProtocolVersion::V3_1 | ProtocolVersion::V3_1_1 => ReasonCode::Success,
            };
            self.inbound.routed(packet_id, code, now);
        }
        self.refuse(Refused::ReservedTopic, actions);
    }

    fn refuse(&mut self, what: Refused, actions: &mut Vec<Action>) {
        if let Presence::Connected(link) = &mut self.presence {
            let is_first = link.refused.insert(what);
            actions.push(Action::Refused { what, is_first });
        }
    }

    /// The Reason String of 5.0, where the client wants to know.
    fn reason_of(&self, refused: Option<Refused>) -> Option<Box<ReasonProperties>> {
        let Presence::Connected(link) = &self.presence else {
            return None;
        };
        let refused = refused.filter(|_| link.tells_reasons)?;
        (self.version == ProtocolVersion::V5).then(|| {
            Box::new(ReasonProperties {
                reason_string: Some(refused.reason().into()),
                ..ReasonProperties::default()
            })
        })
    }

    /// An acknowledgement without a message may come late and is ignored; one that does not belong to the QoS or
    /// the state of its message cannot be the answer to anything that was sent [MQTT-4.3.2, MQTT-4.3.3].
    fn completed(&mut self, outcome: AckOutcome) -> Result<(), Violation> {
        match outcome {
            AckOutcome::Done(number) => {
                self.note(|| SessionChange::Done {
                    number,
                    was_sent: true,
                });
                Ok(())
            }
            AckOutcome::Unknown => {
                self.note_unexpected_acknowledgement();
                Ok(())
            }
            AckOutcome::WrongKind => Err(WRONG_ACKNOWLEDGEMENT),
        }
    }

    fn handle_pubrec(&mut self, pubrec: &Acknowledgement) -> Result<(), Violation> {
        let packet_id = pubrec.packet_id;
        match self
            .inflight
            .pubrec(packet_id, pubrec.reason_code.is_error())
        {
            PubRecOutcome::Release(number) => {
                self.note(|| SessionChange::Released { number, packet_id });
                self.reply(Reply::PubRel(packet_id));
            }
            PubRecOutcome::Refused(number) => self.note(|| SessionChange::Done {
                number,
                was_sent: true,
            }),
            PubRecOutcome::Unknown => {
                self.note_unexpected_acknowledgement();
                // The exchange is brought to its end as if it were known: the client may only have repeated itself.
                if !pubrec.reason_code.is_error() {
                    self.reply(Reply::PubRel(packet_id));
                }
            }
            PubRecOutcome::WrongKind => return Err(WRONG_ACKNOWLEDGEMENT),
        }
        Ok(())
    }

    fn handle_pubrel(&mut self, pubrel: &Acknowledgement) {
        let packet_id = pubrel.packet_id;
        // An unknown one is answered alike [MQTT-4.3.3-11]: a client that did not get its PUBCOMP asks again after
        // it has reconnected. 5.0 has 0x92 for it, "not an error during recovery" (table 3-7), but clients take any
        // code from 0x80 up for one, and recovery is when this happens.
        if self.inbound.release(packet_id) {
            self.note(|| SessionChange::Forgotten { packet_id });
        }
        self.reply(Reply::PubComp(packet_id));
    }

    fn handle_subscribe(
        &mut self,
        subscribe: Subscribe,
        actions: &mut Vec<Action>,
    ) -> Result<(), Violation> {
        if subscribe.filters.is_empty() {
            // [MQTT-3.8.3-2]
            return Err(protocol_error("SUBSCRIBE has no Topic Filter"));
        }
        let identifier = subscribe.subscription_identifier;
        // All are looked at before the first is subscribed to: the packet counts as a whole or not at all.
        let mut filters = Vec::with_capacity(subscribe.filters.len());
        for (text, options) in subscribe.filters {
            let filter = understood(&text)?;
            if let Ok(filter) = &filter {
                self.check_available(filter, options)?;
            }
            filters.push((filter, options));
        }
        let mut first_refused = None;
        let mut reason_codes = Vec::with_capacity(filters.len());
        for (index, (filter, options)) in filters.into_iter().enumerate() {
            let granted = if index < self.config.capabilities.max_filters_per_subscribe {
                filter.and_then(|filter| self.subscribe(filter, options, identifier, actions))
            } else {
                Err((Refused::TooManyFilters, ReasonCode::QuotaExceeded))
            };
            reason_codes.push(match granted {
                Ok(code) => code,
                Err((refused, code)) => {
                    first_refused.get_or_insert(refused);
                    self.refuse(refused, actions);
                    self.failure(code)
                }
            });
        }
        let properties = self.reason_of(first_refused);
        self.reply(Reply::Packet(Box::new(Packet::SubAck(SubAck {
            packet_id: subscribe.packet_id,
            reason_codes,
            properties,
        }))));
        Ok(())
    }

    /// What a 5.0 client was told in CONNACK that it must not ask for, and what nobody may.
    fn check_available(
        &self,
        filter: &TopicFilter,
        options: SubscriptionOptions,
    ) -> Result<(), Violation> {
        let capabilities = &self.config.capabilities;
        if !capabilities.allows_filter(filter) {
            return Err(FILTER_TOO_LONG);
        }
        if filter.is_shared() && options.no_local {
            // [MQTT-3.8.3-4]
            return Err(protocol_error("No Local is set on a Shared Subscription"));
        }
        if self.version != ProtocolVersion::V5 {
            return Ok(());
        }
        if filter.is_shared() && !capabilities.shared_subscription {
            // Section 3.2.2.3.13.
            return Err(Violation {
                code: ReasonCode::SharedSubscriptionsNotSupported,
                reason: Refused::SharedSubscription.reason(),
            });
        }
        if filter.has_wildcard() && !capabilities.wildcard_subscription {
            // Section 3.2.2.3.11.
            return Err(Violation {
                code: ReasonCode::WildcardSubscriptionsNotSupported,
                reason: Refused::Wildcard.reason(),
            });
        }
        Ok(())
    }

    fn subscribe(
        &mut self,
        filter: TopicFilter,
        mut options: SubscriptionOptions,
        identifier: Option<u32>,
        actions: &mut Vec<Action>,
    ) -> Result<ReasonCode, (Refused, ReasonCode)> {
        let capabilities = &self.config.capabilities;
        if filter.is_shared() && !capabilities.shared_subscription {
            let code = ReasonCode::SharedSubscriptionsNotSupported;
            return Err((Refused::SharedSubscription, code));
        }
        if filter.has_wildcard() && !capabilities.wildcard_subscription {
            let code = ReasonCode::WildcardSubscriptionsNotSupported;
            return Err((Refused::Wildcard, code));
        }
        if self.subscriptions.len() >= self.config.subscriptions_max
            && !self.subscriptions.contains(&filter)
        {
            return Err((Refused::TooManySubscriptions, ReasonCode::QuotaExceeded));
        }
        options.qos = options.qos.min(self.config.maximum_qos);
        let existed = self
            .subscriptions
            .insert(filter.clone(), options, identifier);
        self.note(|| SessionChange::Subscribed(filter.clone()));
        actions.push(Action::Subscribed {
            filter,
            options,
            identifier,
            existed,
        });
        Ok(match options.qos {
            QoS::AtMostOnce => ReasonCode::Success,
            QoS::AtLeastOnce => ReasonCode::GrantedQoS1,
            QoS::ExactlyOnce => ReasonCode::GrantedQoS2,
        })
    }

    fn handle_unsubscribe(
        &mut self,
        unsubscribe: Unsubscribe,
        actions: &mut Vec<Action>,
    ) -> Result<(), Violation> {
        if unsubscribe.filters.is_empty() {
            // [MQTT-3.10.3-2]
            return Err(protocol_error("UNSUBSCRIBE has no Topic Filter"));
        }
        let mut filters = Vec::with_capacity(unsubscribe.filters.len());
        for text in unsubscribe.filters {
            filters.push(understood(&text)?);
        }
        let mut first_refused = None;
        let mut reason_codes = Vec::with_capacity(filters.len());
        for filter in filters {
            reason_codes.push(match filter {
                Ok(filter) if self.subscriptions.remove(&filter) => {
                    self.forget_owed_retained(&filter);
                    self.note(|| SessionChange::Unsubscribed(filter.clone()));
                    actions.push(Action::Unsubscribed { filter });
                    ReasonCode::Success
                }
                Ok(_) => ReasonCode::NoSubscriptionExisted,
                Err((refused, code)) => {
                    first_refused.get_or_insert(refused);
                    self.refuse(refused, actions);
                    code
                }
            });
        }
        let properties = self.reason_of(first_refused);
        self.reply(Reply::Packet(Box::new(Packet::UnsubAck(UnsubAck {
            packet_id: unsubscribe.packet_id,
            reason_codes,
            properties,
        }))));
        Ok(())
    }

    /// A SUBACK of 3.1.1 knows one failure code only [MQTT-3.9.3-2 of 3.1.1], one of 3.1 knows none: there the answer
    /// is positive, and nothing is sent for the Topic Filter (section 3.8 of 3.1).
    const fn failure(&self, code: ReasonCode) -> ReasonCode {
        match self.version {
            ProtocolVersion::V5 => code,
            ProtocolVersion::V3_1_1 => ReasonCode::UnspecifiedError,
            ProtocolVersion::V3_1 => ReasonCode::Success,
        }
    }

    fn handle_disconnect(
        &mut self,
        disconnect: &Disconnect,
        actions: &mut Vec<Action>,
    ) -> Result<(), Violation> {
        let interval_s = disconnect
            .properties
            .as_ref()
            .and_then(|properties| properties.session_expiry_interval_s);
        if let Some(interval_s) = interval_s {
            if self.expiry == SessionExpiry::WITH_CONNECTION && interval_s > 0 {
                // [MQTT-3.14.2-2]
                return Err(protocol_error(
                    "DISCONNECT sets a Session Expiry Interval, which was 0 at CONNECT",
                ));
            }
            self.expiry = SessionExpiry::from_seconds(Some(interval_s))
                .at_most(self.config.expiry_interval_max);
            self.note_head();
        }
        let is_normal = disconnect.reason_code == ReasonCode::Success;
        if is_normal {
            self.will = None;
        }
        if let Presence::Connected(link) = &mut self.presence {
            link.is_closing = true;
            link.leaves_will = !is_normal;
        }
        actions.push(Action::CloseNormally);
        Ok(())
    }

    const fn note_unexpected_acknowledgement(&mut self) {
        self.unexpected_acknowledgements = self.unexpected_acknowledgements.saturating_add(1);
    }

    fn reply(&mut self, reply: Reply) {
        if let Presence::Connected(link) = &mut self.presence {
            link.replies.push_back(reply);
        }
    }
}

/// A Topic Name that clients may not publish to: the Server's own, and what no Topic Filter can ask for because it
/// would be a Shared Subscription. Left out is the topic where the bridges of mosquitto, which are clients to this
/// Server, tell whether they are connected.
pub(super) fn is_reserved(topic: &TopicName) -> bool {
    if !topic.starts_with_dollar() {
        return false;
    }
    let mut levels = topic.levels();
    match levels.next() {
        Some("$share") => true,
        Some("$SYS") => {
            let mut next = || levels.next();
            let is_bridge_state = next() == Some("broker")
                && next() == Some("connection")
                && next().is_some()
                && next() == Some("state")
                && next().is_none();
            !is_bridge_state
        }
        _ => false,
    }
}

/// A Topic Filter, or why this Server has no use for it although it is correctly formed.
type Understood = Result<TopicFilter, (Refused, ReasonCode)>;

/// The Topic Filter of a SUBSCRIBE or UNSUBSCRIBE.
///
/// # Errors
/// When it breaks a rule for all Topic Filters: 0x8F is for correctly formed ones only, so the connection ends.
fn understood(text: &str) -> Result<Understood, Violation> {
    let refuse = |refused| Ok(Err((refused, ReasonCode::TopicFilterInvalid)));
    let reason = match TopicFilter::new(text) {
        Ok(filter) => return Ok(Ok(filter)),
        Err(InvalidTopicFilter::Queue) => return refuse(Refused::QueueFilter),
        Err(InvalidTopicFilter::Empty) => "a Topic Filter is empty",
        Err(InvalidTopicFilter::Null) => "a Topic Filter contains the null character U+0000",
        Err(InvalidTopicFilter::TooLong) => "a Topic Filter is longer than 65,535 bytes",
        Err(InvalidTopicFilter::TooManyLevels) => return Err(FILTER_TOO_LONG),
        Err(InvalidTopicFilter::MultiLevelWildcard) => {
            "'#' is not the last level of a Topic Filter, or not alone in it"
        }
        Err(InvalidTopicFilter::SingleLevelWildcard) => {
            "'+' does not stand alone in its level of a Topic Filter"
        }
        Err(InvalidTopicFilter::ShareName) => "a Share Name is empty or contains '/', '+' or '#'",
        Err(InvalidTopicFilter::ShareWithoutFilter) => {
            "a Shared Subscription is not of the form $share/<Share Name>/<Topic Filter>"
        }
    };
    Err(protocol_error(reason))
}

/// Properties of a PUBLISH that end here.
#[derive(Debug, Default)]
struct Sent {
    topic_alias: Option<std::num::NonZeroU16>,
    message_expiry_interval_s: Option<u32>,
    has_subscription_identifiers: bool,
}

/// Splits the properties into those that end here and those that are passed on unaltered.
fn split(mut properties: PublishProperties) -> (Sent, Option<Box<PublishProperties>>) {
    let sent = Sent {
        topic_alias: properties.topic_alias.take(),
        message_expiry_interval_s: properties.message_expiry_interval_s.take(),
        has_subscription_identifiers: !properties.subscription_identifiers.is_empty(),
    };
    let passed_on = (properties != PublishProperties::default()).then(|| Box::new(properties));
    (sent, passed_on)
}
