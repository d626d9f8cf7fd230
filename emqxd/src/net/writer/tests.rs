//! What is written fits what the client takes.

use std::num::NonZeroU16;
use std::sync::Arc;

use smallvec::smallvec;

use super::*;
use crate::message::{Delivery, Message, MessageId};
use crate::packet::{
    Acknowledgement, ConnAck, ConnAckProperties, Disconnect, DisconnectProperties, PacketId, QoS,
    ReasonCode, ReasonProperties, SubAck, UnsubAck,
};
use crate::time::Timestamp;
use crate::topic::TopicName;

const V5: ProtocolVersion = ProtocolVersion::V5;

/// Every packet that can tell a reason, with the properties that explain it.
fn packets_with(reason_string: Option<&'static str>, has_user_property: bool) -> Vec<Packet> {
    let packet_id: PacketId = NonZeroU16::MIN;
    let reason_string = reason_string.map(Into::into);
    let user_properties = if has_user_property {
        vec![("name".into(), "value".into())]
    } else {
        Vec::new()
    };
    let has_reason = reason_string.is_some() || has_user_property;
    let reason = has_reason.then(|| {
        Box::new(ReasonProperties {
            reason_string: reason_string.clone(),
            user_properties: user_properties.clone(),
        })
    });
    let ack = |reason_code| Acknowledgement {
        packet_id,
        reason_code,
        properties: reason.clone(),
    };
    vec![
        Packet::ConnAck(Box::new(ConnAck {
            session_present: false,
            reason_code: ReasonCode::Success,
            properties: ConnAckProperties {
                receive_maximum: Some(NonZeroU16::MIN),
                reason_string: reason_string.clone(),
                user_properties: user_properties.clone(),
                ..ConnAckProperties::default()
            },
        })),
        Packet::PubAck(ack(ReasonCode::QuotaExceeded)),
        Packet::PubRec(ack(ReasonCode::QuotaExceeded)),
        Packet::PubRel(ack(ReasonCode::PacketIdentifierNotFound)),
        Packet::PubComp(ack(ReasonCode::PacketIdentifierNotFound)),
        Packet::SubAck(SubAck {
            packet_id,
            reason_codes: vec![ReasonCode::TopicFilterInvalid, ReasonCode::Success],
            properties: reason.clone(),
        }),
        Packet::UnsubAck(UnsubAck {
            packet_id,
            reason_codes: vec![ReasonCode::NoSubscriptionExisted],
            properties: reason.clone(),
        }),
        Packet::Disconnect(Disconnect {
            reason_code: ReasonCode::ProtocolError,
            properties: has_reason.then(|| {
                Box::new(DisconnectProperties {
                    reason_string,
                    user_properties,
                    ..DisconnectProperties::default()
                })
            }),
        }),
    ]
}

fn written(packet: &Packet, maximum: usize) -> Option<BytesMut> {
    let mut writer = Writer::new(V5, u32::try_from(maximum).ok());
    writer.packet(packet);
    (!writer.is_stuck()).then_some(writer.buffer)
}

fn encoded(packet: &Packet) -> BytesMut {
    let mut out = BytesMut::new();
    encode(packet, V5, &mut out);
    out
}

#[test]
fn reasons_are_left_out_where_they_do_not_fit() {
    let bare = packets_with(None, false);
    for (reason_string, has_user_property) in [
        (Some("because of this and that"), false),
        (None, true),
        (Some("because of this and that"), true),
    ] {
        for (full, bare) in packets_with(reason_string, has_user_property)
            .iter()
            .zip(&bare)
        {
            let (full_bytes, bare_bytes) = (encoded(full), encoded(bare));
            assert!(full_bytes.len() > bare_bytes.len());
            for maximum in 1..=full_bytes.len() {
                let expected = if maximum == full_bytes.len() {
                    Some(&full_bytes)
                } else if maximum >= bare_bytes.len() {
                    Some(&bare_bytes)
                } else {
                    // Not even that: nothing goes out.
                    None
                };
                let bytes = written(full, maximum);
                assert_eq!(bytes.as_ref(), expected, "{full:?}, {maximum} bytes");
            }
        }
    }
}

fn delivery(number: u64, payload: usize) -> Delivery {
    let message = Message {
        id: MessageId { origin: 1, number },
        topic: TopicName::new("a/topic").unwrap(),
        payload: vec![b'x'; payload].into(),
        qos: QoS::AtMostOnce,
        retain: false,
        publisher: None,
        received_at: Timestamp::from_millis(1),
        expires_at: None,
        properties: None,
    };
    Delivery {
        message: Arc::new(message),
        qos: QoS::AtMostOnce,
        retain: number == 2,
        shared: None,
        subscription_identifiers: smallvec![7],
    }
}

#[test]
fn a_run_is_written_as_its_messages_are_and_only_as_far_as_there_is_room() {
    let sizes = [
        10,
        0,
        300,
        BUFFERED_BYTES_MAX / 2,
        BUFFERED_BYTES_MAX / 2,
        1,
    ];
    let deliveries: Vec<_> = (0..)
        .zip(sizes)
        .map(|(number, size)| delivery(number, size))
        .collect();
    let runs = DeliveryRun::divide(deliveries.clone());
    for version in [ProtocolVersion::V3_1_1, V5] {
        let mut together = Writer::new(version, None);
        assert_eq!(together.publish_run(&runs[0], 0), 4);
        assert!(together.buffer.len() <= BUFFERED_BYTES_MAX);
        assert_eq!(together.publish_run(&runs[0], 4), 1, "one in any case");
        assert_eq!(together.publish_run(&runs[0], 5), 1);
        let mut singly = Writer::new(version, None);
        for delivery in &deliveries {
            singly.publish(&OutgoingPublish::of(delivery));
        }
        assert_eq!(together.buffer, singly.buffer);
        assert_eq!(together.sent.messages, singly.sent.messages);
    }
    let mut narrow = Writer::new(V5, Some(100));
    assert_eq!(
        narrow.publish_run(&runs[0], 0),
        0,
        "one by one: [MQTT-3.1.2-24]"
    );
}
