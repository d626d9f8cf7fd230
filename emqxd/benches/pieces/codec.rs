//! Packets from bytes and to bytes, and the answer to a CONNECT.

use std::hint::black_box;
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use emqxd::node::session_cell::{CellPhase, SessionHandle};
use emqxd::packet::{
    ClientId, ConnAck, Decoder, Packet, ProtocolVersion, PublishProperties, ReasonCode, Sender,
    encode,
};
use emqxd::session::connect::{ConnectPolicy, decide};
use emqxd::session::{Session, SessionConfig};

use super::Piece;
use super::client::{MAXIMUM_PACKET_SIZE, NOW, connect, publish};

pub fn pieces() -> Vec<Piece> {
    vec![
        Piece {
            name: "decode-connect",
            operations: 1,
            set_up: || {
                decode(
                    ProtocolVersion::V5,
                    &Packet::Connect(Box::new(connect("sensor-000001"))),
                )
            },
        },
        Piece {
            name: "decode-publish-64",
            operations: 1,
            set_up: || decode(ProtocolVersion::V3_1_1, &Packet::Publish(publish(1, 64))),
        },
        Piece {
            name: "decode-publish-properties",
            operations: 1,
            set_up: || decode(ProtocolVersion::V5, &with_properties()),
        },
        Piece {
            name: "encode-publish-64",
            operations: 1,
            set_up: || encode_again(ProtocolVersion::V3_1_1, Packet::Publish(publish(1, 64))),
        },
        Piece {
            name: "encode-publish-properties",
            operations: 1,
            set_up: || encode_again(ProtocolVersion::V5, with_properties()),
        },
        Piece {
            name: "connect",
            operations: 1,
            set_up: answered_connect,
        },
    ]
}

fn with_properties() -> Packet {
    let mut publish = publish(1, 64);
    publish.properties = Some(Box::new(PublishProperties {
        message_expiry_interval_s: Some(3_600),
        content_type: Some("application/json".into()),
        user_properties: vec![("unit".into(), "kelvin".into())],
        ..PublishProperties::default()
    }));
    Packet::Publish(publish)
}

fn decode(version: ProtocolVersion, packet: &Packet) -> Box<dyn FnMut()> {
    let mut bytes = BytesMut::new();
    encode(packet, version, &mut bytes);
    let bytes = bytes.freeze();
    let mut decoder = Decoder::new(Sender::Client, MAXIMUM_PACKET_SIZE);
    if !matches!(packet, Packet::Connect(_)) {
        decoder.set_version(version);
    }
    Box::new(move || {
        let mut decoder = decoder;
        let decoded = decoder.decode(&mut black_box(bytes.clone()));
        assert!(matches!(black_box(decoded), Ok(Some(_))));
    })
}

fn encode_again(version: ProtocolVersion, packet: Packet) -> Box<dyn FnMut()> {
    let mut out = BytesMut::with_capacity(4_096);
    Box::new(move || {
        out.clear();
        encode(black_box(&packet), version, &mut out);
        black_box(&out);
    })
}

/// From the bytes of a CONNECT to those of the CONNACK, and the Session in its place between them. The registrar, which
/// may be another node, is left out.
fn answered_connect() -> Box<dyn FnMut()> {
    let config = Arc::new(SessionConfig::default());
    let policy = ConnectPolicy {
        session: Arc::clone(&config),
        maximum_packet_size: MAXIMUM_PACKET_SIZE,
        keep_alive_max_s: None,
        allow_anonymous: true,
    };
    let mut bytes = BytesMut::new();
    let packet = Packet::Connect(Box::new(connect("sensor-000001")));
    encode(&packet, ProtocolVersion::V5, &mut bytes);
    let bytes: Bytes = bytes.freeze();
    let mut out = BytesMut::with_capacity(4_096);
    Box::new(move || {
        let mut decoder = Decoder::new(Sender::Client, MAXIMUM_PACKET_SIZE);
        let Ok(Some(Packet::Connect(connect))) = decoder.decode(&mut bytes.clone()) else {
            panic!("it is a CONNECT");
        };
        let fresh = || ClientId::new("fresh").expect("not empty");
        let accepted = decide(&connect, &policy, fresh).expect("nothing is wrong with it");
        let mut session = Session::new(accepted.client_id.clone(), Arc::clone(&config), NOW);
        session.attach(accepted.attach, NOW);
        black_box(SessionHandle::new(session, 1, CellPhase::Live));
        let connack = Packet::ConnAck(Box::new(ConnAck {
            session_present: false,
            reason_code: ReasonCode::Success,
            properties: accepted.connack,
        }));
        out.clear();
        encode(&connack, connect.version, &mut out);
        black_box(&out);
    })
}
