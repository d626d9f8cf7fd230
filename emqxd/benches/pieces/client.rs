//! A client as the Server's connection to it sees it: bytes in, bytes out.

use std::num::NonZeroU16;

use bytes::{Bytes, BytesMut};
use emqxd::node::broker::Broker;
use emqxd::node::session_cell::{CellPhase, SessionHandle};
use emqxd::packet::{
    Acknowledgement, ClientId, Connect, ConnectProperties, Decoder, Packet, PacketId,
    ProtocolVersion, Publish, QoS, ReasonCode, Sender, encode,
};
use emqxd::session::delivery_run::DeliveryRun;
use emqxd::session::{Action, Attach, OutgoingPublish, Session, SessionExpiry, Transmit};
use emqxd::time::Timestamp;

pub const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);
pub const MAXIMUM_PACKET_SIZE: u32 = 1 << 20;
/// The version that most devices speak.
pub const VERSION: ProtocolVersion = ProtocolVersion::V3_1_1;

/// A connection of a client whose Session is in its place.
pub struct Client {
    pub session: SessionHandle,
    decoder: Decoder,
    actions: Vec<Action>,
    /// Messages that were routed.
    done: Vec<(PacketId, ReasonCode)>,
    out: Out,
}

/// What the Server has for the client.
#[derive(Default)]
struct Out {
    bytes: BytesMut,
    /// Packet Identifier of the last PUBLISH.
    published: Option<PacketId>,
}

impl Transmit for Out {
    fn has_room(&self) -> bool {
        true
    }

    fn packet(&mut self, packet: &Packet) {
        encode(packet, VERSION, &mut self.bytes);
    }

    fn publish(&mut self, publish: &OutgoingPublish<'_>) -> bool {
        self.published = publish.packet_id;
        publish.parts().encode_header(VERSION, &mut self.bytes);
        self.bytes.extend_from_slice(&publish.message.payload);
        true
    }

    fn publish_run(&mut self, run: &DeliveryRun, from: usize) -> usize {
        let Some(encoded) = run.encoded(VERSION) else {
            return 0;
        };
        let (bytes, count) = encoded.packets(from, usize::MAX);
        self.bytes.extend_from_slice(bytes);
        count
    }
}

impl Client {
    pub fn new(broker: &Broker, client_id: &str) -> Self {
        let client_id = ClientId::new(client_id).expect("not empty");
        let mut session = Session::new(client_id, broker.session_config(), NOW);
        session.attach(
            Attach {
                version: VERSION,
                clean_start: true,
                expiry: SessionExpiry::WITH_CONNECTION,
                receive_maximum: NonZeroU16::MAX,
                maximum_packet_size: None,
                topic_alias_maximum: 0,
                problem_information: true,
                will: None,
                username: None,
            },
            NOW,
        );
        let session = SessionHandle::new(session, 1, CellPhase::Live);
        session.lock().connection = 1;
        session.set_connected(true);
        let mut decoder = Decoder::new(Sender::Client, MAXIMUM_PACKET_SIZE);
        decoder.set_version(VERSION);
        Self {
            session,
            decoder,
            actions: Vec::new(),
            done: Vec::new(),
            out: Out::default(),
        }
    }

    /// The client sends this, all that is in one read; publishes are to one Topic Name.
    pub fn send(&mut self, broker: &Broker, bytes: &Bytes) {
        let mut bytes = bytes.clone();
        let mut state = self.session.lock();
        while let Ok(Some(packet)) = self.decoder.decode(&mut bytes) {
            let handled = state.session.handle_packet(packet, NOW, &mut self.actions);
            assert!(handled.is_ok());
        }
        drop(state);
        if self.actions.is_empty() {
            return;
        }
        let messages = self.actions.drain(..).filter_map(|action| match action {
            Action::Route(inbound) => Some((inbound.message, inbound.packet_id)),
            _ => None,
        });
        let done = &mut self.done;
        broker.publish_all(messages, Some(&self.session), |packet_id, routed| {
            done.extend(packet_id.map(|packet_id| (packet_id, routed.code)));
        });
        let mut state = self.session.lock();
        for (packet_id, code) in self.done.drain(..) {
            state.session.publish_done(packet_id, code, NOW);
        }
    }

    /// The Server sends what it has. Packet Identifier of the last PUBLISH.
    pub fn take(&mut self) -> Option<PacketId> {
        self.session.answer();
        self.out.bytes.clear();
        self.out.published = None;
        let mut state = self.session.lock();
        state.session.poll_transmit(NOW, &mut self.out);
        assert!(!self.out.bytes.is_empty(), "it has something");
        self.out.published
    }
}

pub fn connect(client_id: &str) -> Connect {
    Connect {
        version: ProtocolVersion::V5,
        clean_start: true,
        keep_alive_s: 60,
        client_id: client_id.into(),
        will: None,
        username: Some("fleet".into()),
        password: None,
        properties: ConnectProperties {
            session_expiry_interval_s: Some(3_600),
            receive_maximum: NonZeroU16::new(100),
            ..ConnectProperties::default()
        },
    }
}

/// To `fleet/7/sensor-000001/temperature`, with so many bytes.
pub fn publish(qos_bits: u8, payload_bytes: usize) -> Publish {
    let (qos, packet_id) = match qos_bits {
        0 => (QoS::AtMostOnce, None),
        1 => (QoS::AtLeastOnce, Some(PacketId::MIN)),
        _ => (QoS::ExactlyOnce, Some(PacketId::MIN)),
    };
    Publish {
        dup: false,
        qos,
        retain: false,
        topic: "fleet/7/sensor-000001/temperature".into(),
        packet_id,
        properties: None,
        payload: Bytes::from(vec![b'x'; payload_bytes]),
    }
}

/// As the client sends it.
pub fn bytes_of(packet: &Packet) -> Bytes {
    let mut bytes = BytesMut::new();
    encode(packet, VERSION, &mut bytes);
    bytes.freeze()
}

/// All that a client sends to acknowledge a message, each with this Packet Identifier.
pub fn acknowledgement(kind: fn(Acknowledgement) -> Packet, packet_id: PacketId) -> Bytes {
    bytes_of(&kind(Acknowledgement::success(packet_id)))
}
