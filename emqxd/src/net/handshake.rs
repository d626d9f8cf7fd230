//! From an accepted socket to a served Session, or to a refusal [MQTT-3.1.4].

use std::borrow::Cow;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use bytestring::ByteString;
use tokio::io::Interest;
use tokio::time::{Instant, timeout, timeout_at};

use super::listener::Place;
use super::reader::{READ_BYTES_MAX, Read, Reader};
use super::socket::Peer;
use super::transport::Transport;
use super::writer::Writer;
use crate::metrics::RefusalReason;
use crate::node::broker::Broker;
use crate::node::open::{OpenError, Opened};
use crate::node::session_cell::Access;
use crate::packet::{
    ConnAck, ConnAckProperties, Connect, DecodeError, Packet, ProtocolVersion, ReasonCode,
};
use crate::session::Transmit;
use crate::session::connect::{self, Accepted};

/// A refused client gets this long to take the CONNACK.
const REFUSAL_FLUSH_TIMEOUT: Duration = Duration::from_secs(2);

/// How a client has come in.
#[derive(Debug, Clone, Copy)]
pub struct Entrance<'a> {
    /// From where.
    pub peer: Peer,
    /// Through which listener.
    pub place: &'a Place,
    /// For its CONNECT.
    pub deadline: Instant,
    /// Of that listener, bytes.
    pub maximum_packet_size: u32,
}

/// A Network Connection whose CONNECT was accepted.
#[derive(Debug)]
pub struct Established {
    /// How it has come in.
    pub access: Arc<Access>,
    /// The Session and this connection's number in it.
    pub opened: Opened,
    /// With the CONNACK already encoded.
    pub writer: Writer,
    /// Packets that came behind the CONNECT.
    pub packets: Vec<Packet>,
    /// Its fault, when the bytes behind the CONNECT are no MQTT.
    pub fault: Option<DecodeError>,
    /// As asked; `None` = off.
    pub keep_alive: Option<Duration>,
}

/// Reads the CONNECT and answers it. `None` when the connection is to be closed without more.
///
/// # Errors
/// When the socket fails.
pub async fn establish(
    transport: &mut Transport,
    entrance: Entrance<'_>,
    reader: &mut Reader,
    broker: &Arc<Broker>,
) -> io::Result<Option<Established>> {
    let peer = entrance.peer;
    let mut packets = Vec::new();
    let first = timeout_at(
        entrance.deadline,
        first_packet(transport, reader, &mut packets),
    );
    let fault = match first.await {
        Ok(Ok(fault)) => fault,
        Ok(Err(error)) => return Err(error),
        Err(_) => {
            broker.metrics.connect_timeouts.inc();
            note(broker, peer, "", "", "no CONNECT within the time limit");
            return Ok(None);
        }
    };
    // Boxed: nothing of what it needs is moved about, or kept, while a client has not sent its CONNECT.
    Box::pin(answer(transport, entrance, reader, packets, fault, broker)).await
}

/// Answers the CONNECT, when what was read is one.
async fn answer(
    transport: &mut Transport,
    entrance: Entrance<'_>,
    reader: &Reader,
    mut packets: Vec<Packet>,
    fault: Option<DecodeError>,
    broker: &Arc<Broker>,
) -> io::Result<Option<Established>> {
    let peer = entrance.peer;
    if packets.is_empty() {
        if let Some(fault) = fault {
            broker.metrics.malformed_packets.inc();
            let code = fault.reason_code().name();
            note(broker, peer, "", code, &fault.to_string());
            let version = match fault {
                // A client that is ahead of us reads the CONNACK of 5.0, one that is behind that of 3.1.1
                // [MQTT-3.1.2-2].
                DecodeError::UnsupportedVersion(level) if level > 5 => Some(ProtocolVersion::V5),
                DecodeError::UnsupportedVersion(_) => Some(ProtocolVersion::V3_1_1),
                _ => reader.version(),
            };
            if let Some(version) = version {
                refuse(transport, version, fault.reason_code(), None).await?;
            }
        }
        return Ok(None);
    }
    let Packet::Connect(connect) = packets.remove(0) else {
        return Ok(None);
    };
    let version = connect.version;
    if !broker.lifecycle.accepts_connections() {
        broker
            .metrics
            .connects_refused
            .inc_by(RefusalReason::OutOfService);
        let (code, reference) = broker.redirection();
        refuse(transport, version, code, reference).await?;
        return Ok(None);
    }
    if broker.is_full() || entrance.place.is_over() {
        broker.metrics.connects_refused.inc_by(RefusalReason::Full);
        refuse(transport, version, ReasonCode::QuotaExceeded, None).await?;
        return Ok(None);
    }
    if broker.is_out_of_memory_for(&connect.client_id) {
        broker
            .metrics
            .connects_refused
            .inc_by(RefusalReason::Memory);
        refuse(transport, version, ReasonCode::ServerBusy, None).await?;
        return Ok(None);
    }
    let mut policy = Cow::Borrowed(broker.connect_policy());
    if policy.maximum_packet_size != entrance.maximum_packet_size {
        policy.to_mut().maximum_packet_size = entrance.maximum_packet_size;
    }
    let accepted = match connect::decide(&connect, &policy, || broker.fresh_client_id()) {
        Ok(accepted) => accepted,
        Err(refusal) => {
            let why = match refusal.code {
                ReasonCode::NotAuthorized | ReasonCode::BadAuthenticationMethod => {
                    RefusalReason::NotAuthorized
                }
                _ => RefusalReason::Invalid,
            };
            broker.metrics.connects_refused.inc_by(why);
            let code = refusal.code.name();
            note(broker, peer, &connect.client_id, code, refusal.reason);
            refuse(transport, version, refusal.code, None).await?;
            return Ok(None);
        }
    };
    open(
        transport, entrance, &connect, accepted, packets, fault, broker,
    )
    .await
}

/// What a client has done wrong before it had a Session.
fn note(broker: &Broker, peer: Peer, client_id: &str, code: &str, reason: &str) {
    let now = broker.clock.now();
    broker
        .client_log
        .note(now, &peer.to_string(), client_id, code, reason);
}

async fn open(
    transport: &mut Transport,
    entrance: Entrance<'_>,
    connect: &Connect,
    accepted: Accepted,
    packets: Vec<Packet>,
    fault: Option<DecodeError>,
    broker: &Arc<Broker>,
) -> io::Result<Option<Established>> {
    let Accepted {
        client_id,
        attach,
        keep_alive,
        connack,
        ..
    } = accepted;
    let peer = entrance.peer;
    let mut writer = Writer::new(connect.version, attach.maximum_packet_size);
    let mut connack = Packet::ConnAck(Box::new(ConnAck {
        session_present: false,
        reason_code: ReasonCode::Success,
        properties: connack,
    }));
    if !writer.takes(&connack) {
        // Before the Session is touched: it could not be served.
        broker
            .metrics
            .connects_refused
            .inc_by(RefusalReason::Invalid);
        tracing::debug!(%peer, %client_id, "closed: the Maximum Packet Size leaves no room for the CONNACK");
        return Ok(None);
    }
    let access = Arc::new(Access {
        address: peer.to_string().into(),
        listener: Arc::clone(&entrance.place.listener().name),
    });
    let opened = match broker
        .open(
            client_id.clone(),
            attach,
            connect.keep_alive_s,
            Arc::clone(&access),
        )
        .await
    {
        Ok(opened) => opened,
        Err(OpenError { code, reason }) => {
            let why = match code {
                ReasonCode::UseAnotherServer => RefusalReason::OutOfService,
                _ => RefusalReason::SessionUnavailable,
            };
            broker.metrics.connects_refused.inc_by(why);
            let reason = format!("the Session cannot be had now: {reason}");
            note(broker, peer, client_id.as_str(), code.name(), &reason);
            let (code, reference) = match code {
                ReasonCode::UseAnotherServer => broker.redirection(),
                code => (code, None),
            };
            refuse(transport, connect.version, code, reference).await?;
            return Ok(None);
        }
    };
    broker.metrics.connects_accepted.inc();
    tracing::debug!(%peer, %client_id, version = %connect.version,
        session_present = opened.session_present, "connected");
    if let Packet::ConnAck(connack) = &mut connack {
        connack.session_present = opened.session_present;
    }
    writer.packet(&connack);
    Ok(Some(Established {
        access,
        opened,
        writer,
        packets,
        fault,
        keep_alive,
    }))
}

/// Reads until the first packet is whole or known to be faulty.
async fn first_packet(
    transport: &mut Transport,
    reader: &mut Reader,
    packets: &mut Vec<Packet>,
) -> io::Result<Option<DecodeError>> {
    loop {
        // What the transport has to answer by itself, such as a Pong.
        let interest = if transport.flush()? {
            Interest::READABLE
        } else {
            Interest::READABLE | Interest::WRITABLE
        };
        let ready = transport.ready(interest).await?;
        if !ready.is_readable() && !ready.is_read_closed() {
            continue;
        }
        match reader.read(transport, READ_BYTES_MAX, packets)? {
            Read::Bytes(_) if packets.is_empty() => {}
            Read::Bytes(_) | Read::Closed => return Ok(None),
            Read::Nothing => {}
            Read::Fault(fault) => return Ok(Some(fault)),
        }
    }
}

/// Sends a CONNACK that refuses. A 3.x client whose CONNECT is no valid one gets none: the return codes of 3.x are for
/// valid ones only [MQTT-3.1.4-1 of 3.1.1].
async fn refuse(
    transport: &mut Transport,
    version: ProtocolVersion,
    reason_code: ReasonCode,
    server_reference: Option<ByteString>,
) -> io::Result<()> {
    let is_invalid = matches!(
        reason_code,
        ReasonCode::MalformedPacket | ReasonCode::ProtocolError | ReasonCode::PacketTooLarge
    );
    if is_invalid && version != ProtocolVersion::V5 {
        return Ok(());
    }
    let mut writer = Writer::new(version, None);
    writer.packet(&Packet::ConnAck(Box::new(ConnAck {
        session_present: false,
        reason_code,
        properties: ConnAckProperties {
            server_reference,
            ..ConnAckProperties::default()
        },
    })));
    let _ = timeout(
        REFUSAL_FLUSH_TIMEOUT,
        super::ending::drain(transport, &mut writer),
    )
    .await;
    Ok(())
}
