//! From an accepted socket to a served Session, or to a refusal [MQTT-3.1.4].

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytestring::ByteString;
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::reader::{Read, Reader};
use super::writer::Writer;
use crate::metrics::RefusalReason;
use crate::node::broker::Broker;
use crate::node::open::{OpenError, Opened};
use crate::packet::{
    ConnAck, ConnAckProperties, Connect, DecodeError, Packet, ProtocolVersion, ReasonCode,
};
use crate::session::Transmit;
use crate::session::connect::{self, Accepted};

/// A refused client gets this long to take the CONNACK.
const REFUSAL_FLUSH_TIMEOUT: Duration = Duration::from_secs(2);

/// A Network Connection whose CONNECT was accepted.
#[derive(Debug)]
pub struct Established {
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
    stream: &TcpStream,
    peer: SocketAddr,
    reader: &mut Reader,
    broker: &Arc<Broker>,
) -> io::Result<Option<Established>> {
    let mut packets = Vec::new();
    let first = timeout(
        broker.config.limits.connect_timeout,
        first_packet(stream, reader, &mut packets),
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
                refuse(stream, version, fault.reason_code(), None).await?;
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
        refuse(stream, version, code, reference).await?;
        return Ok(None);
    }
    if broker.is_full() {
        broker.metrics.connects_refused.inc_by(RefusalReason::Full);
        refuse(stream, version, ReasonCode::QuotaExceeded, None).await?;
        return Ok(None);
    }
    if broker.is_out_of_memory_for(&connect.client_id) {
        broker
            .metrics
            .connects_refused
            .inc_by(RefusalReason::Memory);
        refuse(stream, version, ReasonCode::ServerBusy, None).await?;
        return Ok(None);
    }
    let accepted = match connect::decide(&connect, broker.connect_policy(), || {
        broker.fresh_client_id()
    }) {
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
            refuse(stream, version, refusal.code, None).await?;
            return Ok(None);
        }
    };
    open(stream, peer, &connect, accepted, packets, fault, broker).await
}

/// What a client has done wrong before it had a Session.
fn note(broker: &Broker, peer: SocketAddr, client_id: &str, code: &str, reason: &str) {
    let now = broker.clock.now();
    broker
        .client_log
        .note(now, &peer.to_string(), client_id, code, reason);
}

async fn open(
    stream: &TcpStream,
    peer: SocketAddr,
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
    let opened = match broker
        .open(client_id.clone(), attach, connect.keep_alive_s, peer)
        .await
    {
        Ok(opened) => opened,
        Err(OpenError { code, reason }) => {
            let why = match code {
                ReasonCode::UseAnotherServer => RefusalReason::OutOfService,
                _ => RefusalReason::SessionUnavailable,
            };
            broker.metrics.connects_refused.inc_by(why);
            tracing::info!(%peer, %client_id, reason, "CONNECT refused: the Session cannot be had now");
            let (code, reference) = match code {
                ReasonCode::UseAnotherServer => broker.redirection(),
                code => (code, None),
            };
            refuse(stream, connect.version, code, reference).await?;
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
        opened,
        writer,
        packets,
        fault,
        keep_alive,
    }))
}

/// Reads until the first packet is whole or known to be faulty.
async fn first_packet(
    stream: &TcpStream,
    reader: &mut Reader,
    packets: &mut Vec<Packet>,
) -> io::Result<Option<DecodeError>> {
    loop {
        stream.readable().await?;
        match reader.read(stream, packets)? {
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
    stream: &TcpStream,
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
        super::connection::drain(stream, &mut writer),
    )
    .await;
    Ok(())
}
