//! Writes and reads the item `forward` of the data stream by hand: it is nearly every item, and the generated code makes a
//! text, a list or a buffer of each of its fields. What is written is what `route.proto` says.

use std::sync::Arc;
use std::time::Duration;

use bytes::{BufMut, Bytes, BytesMut};
use bytestring::ByteString;
use emqx_proto::peer::v1::SharedTarget;
use prost::Message as _;
use prost::encoding::{decode_varint, encode_varint, encoded_len_varint};

use super::convert::{self, InvalidFromPeer};
use crate::message::{Message, MessageId};
use crate::packet::{ClientId, encode_pass_on_properties};
use crate::time::Timestamp;
use crate::topic::TopicName;

/// Tags: the field's number, then how its value is written (0 = varint, 2 = behind its length). All are one byte.
mod tag {
    /// Of `DataItem`.
    pub(super) const FORWARD: u8 = 1 << 3 | 2;
    /// Of `Forward`.
    pub(super) const MESSAGE: u8 = 1 << 3 | 2;
    pub(super) const SHARED: u8 = 2 << 3 | 2;
    pub(super) const ORDINARY: u8 = 3 << 3;
    pub(super) const HOPS: u8 = 4 << 3;
    /// Of `Message`.
    pub(super) const ORIGIN: u8 = 1 << 3;
    pub(super) const NUMBER: u8 = 2 << 3;
    pub(super) const TOPIC: u8 = 3 << 3 | 2;
    pub(super) const PAYLOAD: u8 = 4 << 3 | 2;
    pub(super) const QOS: u8 = 5 << 3;
    pub(super) const RETAIN: u8 = 6 << 3;
    pub(super) const PUBLISHER: u8 = 7 << 3 | 2;
    pub(super) const EXPIRES: u8 = 8 << 3;
    pub(super) const PROPERTIES: u8 = 9 << 3 | 2;
}

/// An Application Message that is about to be forwarded, perhaps to several peers.
#[derive(Debug)]
pub struct Outgoing<'a> {
    message: &'a Message,
    expires_in_ms: Option<u64>,
    properties: Bytes,
    /// Of the encoded message.
    len: usize,
}

impl<'a> Outgoing<'a> {
    /// As of `now`.
    pub fn new(message: &'a Message, now: Timestamp) -> Self {
        let mut outgoing = Self {
            message,
            expires_in_ms: message.expires_at.map(|at| convert::millis(at.since(now))),
            properties: message
                .properties
                .as_deref()
                .map(encode_pass_on_properties)
                .unwrap_or_default(),
            len: 0,
        };
        outgoing.len = outgoing.message_len();
        outgoing
    }

    fn publisher(&self) -> &'a str {
        self.message.publisher.as_ref().map_or("", ClientId::as_str)
    }

    fn message_len(&self) -> usize {
        let message = self.message;
        varint_len(message.id.origin)
            + varint_len(message.id.number)
            + bytes_len(message.topic.as_str().len())
            + bytes_len(message.payload.len())
            + varint_len(message.qos as u64)
            + varint_len(message.retain.into())
            + bytes_len(self.publisher().len())
            // Unlike the others, 0 and absent are not the same.
            + self.expires_in_ms.map_or(0, |ms| 1 + encoded_len_varint(ms))
            + bytes_len(self.properties.len())
    }

    fn write(&self, out: &mut impl BufMut) {
        let message = self.message;
        put_numbers(out, |out| {
            put_varint(tag::ORIGIN, message.id.origin, out);
            put_varint(tag::NUMBER, message.id.number, out);
        });
        put_bytes(tag::TOPIC, message.topic.as_str().as_bytes(), out);
        put_bytes(tag::PAYLOAD, &message.payload, out);
        put_numbers(out, |out| {
            put_varint(tag::QOS, message.qos as u64, out);
            put_varint(tag::RETAIN, message.retain.into(), out);
        });
        put_bytes(tag::PUBLISHER, self.publisher().as_bytes(), out);
        if let Some(ms) = self.expires_in_ms {
            out.put_u8(tag::EXPIRES);
            encode_varint(ms, out);
        }
        put_bytes(tag::PROPERTIES, &self.properties, out);
    }
}

/// The item for one peer.
#[derive(Debug)]
pub struct ForwardItem<'a> {
    /// What is forwarded.
    pub message: &'a Outgoing<'a>,
    /// Groups of which the peer must pick a member.
    pub shared: &'a [SharedTarget],
    /// Whether every ordinary subscriber of the peer gets it.
    pub ordinary: bool,
    /// How often it went on.
    pub hops: u32,
}

impl ForwardItem<'_> {
    fn forward_len(&self) -> usize {
        let shared = self.shared.iter();
        let shared: usize = shared
            .map(|target| {
                let len = target.encoded_len();
                1 + encoded_len_varint(len as u64) + len
            })
            .sum();
        1 + encoded_len_varint(self.message.len as u64)
            + self.message.len
            + shared
            + varint_len(self.ordinary.into())
            + varint_len(self.hops.into())
    }

    /// Bytes of the encoded item.
    pub(super) fn encoded_len(&self) -> usize {
        let len = self.forward_len();
        1 + encoded_len_varint(len as u64) + len
    }

    /// Writes so many bytes.
    pub(super) fn write(&self, out: &mut impl BufMut) {
        put_numbers(out, |out| {
            out.put_u8(tag::FORWARD);
            encode_varint(self.forward_len() as u64, out);
            out.put_u8(tag::MESSAGE);
            encode_varint(self.message.len as u64, out);
        });
        self.message.write(out);
        for target in self.shared {
            // In a list an empty one counts too.
            let target = target.encode_to_vec();
            out.put_u8(tag::SHARED);
            encode_varint(target.len() as u64, out);
            out.put_slice(&target);
        }
        put_numbers(out, |out| {
            put_varint(tag::ORDINARY, self.ordinary.into(), out);
            put_varint(tag::HOPS, self.hops.into(), out);
        });
    }
}

/// Bytes of a number with its tag; 0 is left out.
fn varint_len(value: u64) -> usize {
    match value {
        0 => 0,
        _ => 1 + encoded_len_varint(value),
    }
}

/// Bytes of a text or a buffer with its tag; an empty one is left out.
fn bytes_len(len: usize) -> usize {
    match len {
        0 => 0,
        _ => 1 + encoded_len_varint(len as u64) + len,
    }
}

fn put_varint(tag: u8, value: u64, out: &mut impl BufMut) {
    if value != 0 {
        out.put_u8(tag);
        encode_varint(value, out);
    }
}

fn put_bytes(tag: u8, bytes: &[u8], out: &mut impl BufMut) {
    if !bytes.is_empty() {
        put_numbers(out, |out| {
            out.put_u8(tag);
            encode_varint(bytes.len() as u64, out);
        });
        out.put_slice(bytes);
    }
}

/// Room for two numbers with their tags.
const NUMBERS_BYTES: usize = 2 * (1 + 10);

/// Puts some tags and no more than two numbers together, where that costs less than byte by byte into a buffer that may have
/// to grow.
fn put_numbers(out: &mut impl BufMut, write: impl FnOnce(&mut &mut [u8])) {
    let mut bytes = [0; NUMBERS_BYTES];
    let mut room = &mut bytes[..];
    write(&mut room);
    let left = room.len();
    out.put_slice(&bytes[..NUMBERS_BYTES - left]);
}

/// A message that a peer has forwarded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Forwarded {
    /// What was forwarded.
    pub message: Arc<Message>,
    /// Groups of which this node must pick a member.
    pub shared: Vec<SharedTarget>,
    /// Whether every ordinary subscriber here gets it.
    pub ordinary: bool,
    /// How often it went on.
    pub hops: u32,
}

/// Whether an encoded item is a `forward`.
pub fn is_forward(item: &[u8]) -> bool {
    item.first() == Some(&tag::FORWARD)
}

/// Buffers are shared by messages up to this size, so that one that waits keeps little else.
const BLOCK_BYTES: usize = 4 << 10;

/// What is as large as this gets a buffer of its own.
const OWN_BYTES: usize = 256;

/// Reads the `forward` items of one frame.
#[derive(Debug)]
pub struct Reader {
    now: Timestamp,
    /// Bytes of the frame that have not been read: no more room is needed.
    left: usize,
    block: BytesMut,
    /// Of the latest message: many in a row have the same.
    topic: Option<TopicName>,
    publisher: Option<ClientId>,
}

impl Reader {
    /// For a frame of so many bytes that has come `now`.
    pub fn new(frame_bytes: usize, now: Timestamp) -> Self {
        Self {
            now,
            left: frame_bytes,
            block: BytesMut::new(),
            topic: None,
            publisher: None,
        }
    }

    /// Reads an encoded item that [`is_forward`].
    ///
    /// # Errors
    /// When it is none, or a field is out of its range.
    pub fn read(&mut self, item: &[u8]) -> Result<Forwarded, InvalidFromPeer> {
        self.left = self.left.saturating_sub(item.len());
        let room = self.left + item.len();
        let mut forward = None;
        for_each_field(item, |field| {
            if let Field::Bytes(tag::FORWARD, bytes) = field {
                forward = Some(bytes);
            }
            Ok(())
        })?;
        let forward = forward.ok_or(InvalidFromPeer("item"))?;
        let mut message = None;
        let mut shared = Vec::new();
        let mut ordinary = false;
        let mut hops = 0;
        for_each_field(forward, |field| {
            match field {
                Field::Bytes(tag::MESSAGE, bytes) => message = Some(bytes),
                Field::Bytes(tag::SHARED, bytes) => {
                    let target = SharedTarget::decode(bytes);
                    shared.push(target.map_err(|_| InvalidFromPeer("Shared Subscription"))?);
                }
                Field::Varint(tag::ORDINARY, value) => ordinary = value != 0,
                Field::Varint(tag::HOPS, value) => hops = narrow(value, "number of hops")?,
                Field::Varint(..) | Field::Bytes(..) => {}
            }
            Ok(())
        })?;
        let message = message.ok_or(InvalidFromPeer("item: it has no message"))?;
        Ok(Forwarded {
            message: Arc::new(self.message(message, room)?),
            shared,
            ordinary,
            hops,
        })
    }

    fn message(&mut self, bytes: &[u8], room: usize) -> Result<Message, InvalidFromPeer> {
        let mut id = MessageId {
            origin: 0,
            number: 0,
        };
        let (mut topic, mut payload, mut publisher, mut properties) =
            (&[][..], &[][..], &[][..], &[][..]);
        let (mut qos, mut retain, mut expires_in_ms) = (0, false, None);
        for_each_field(bytes, |field| {
            match field {
                Field::Varint(tag::ORIGIN, value) => id.origin = value,
                Field::Varint(tag::NUMBER, value) => id.number = value,
                Field::Bytes(tag::TOPIC, bytes) => topic = bytes,
                Field::Bytes(tag::PAYLOAD, bytes) => payload = bytes,
                Field::Varint(tag::QOS, value) => qos = narrow(value, "QoS")?,
                Field::Varint(tag::RETAIN, value) => retain = value != 0,
                Field::Bytes(tag::PUBLISHER, bytes) => publisher = bytes,
                Field::Varint(tag::EXPIRES, value) => expires_in_ms = Some(value),
                Field::Bytes(tag::PROPERTIES, bytes) => properties = bytes,
                Field::Varint(..) | Field::Bytes(..) => {}
            }
            Ok(())
        })?;
        Ok(Message {
            id,
            topic: self.topic(topic, room)?,
            payload: self.copy(payload, room),
            qos: convert::qos(qos)?,
            retain,
            publisher: self.publisher(publisher)?,
            received_at: self.now,
            expires_at: expires_in_ms.map(|ms| self.now + Duration::from_millis(ms)),
            properties: match properties {
                [] => None,
                properties => Some(convert::properties(self.copy(properties, room))?),
            },
        })
    }

    fn topic(&mut self, bytes: &[u8], room: usize) -> Result<TopicName, InvalidFromPeer> {
        if let Some(topic) = &self.topic
            && topic.as_str().as_bytes() == bytes
        {
            return Ok(topic.clone());
        }
        let text = ByteString::try_from(self.copy(bytes, room));
        let topic = convert::topic_name(text.map_err(|_| InvalidFromPeer("Topic Name"))?)?;
        self.topic = Some(topic.clone());
        Ok(topic)
    }

    fn publisher(&mut self, bytes: &[u8]) -> Result<Option<ClientId>, InvalidFromPeer> {
        if let Some(publisher) = &self.publisher
            && publisher.as_str().as_bytes() == bytes
        {
            return Ok(Some(publisher.clone()));
        }
        let text = str::from_utf8(bytes).map_err(|_| InvalidFromPeer("Client Identifier"))?;
        self.publisher = ClientId::new(text);
        Ok(self.publisher.clone())
    }

    /// A copy in a buffer that is shared with few others. `room`: more than that will not be asked for.
    fn copy(&mut self, bytes: &[u8], room: usize) -> Bytes {
        if bytes.len() >= OWN_BYTES {
            return Bytes::copy_from_slice(bytes);
        }
        if self.block.capacity() < bytes.len() {
            self.block = BytesMut::with_capacity(BLOCK_BYTES.min(room).max(bytes.len()));
        }
        self.block.extend_from_slice(bytes);
        self.block.split().freeze()
    }
}

enum Field<'a> {
    Varint(u8, u64),
    Bytes(u8, &'a [u8]),
}

/// Goes through the fields that this version may know; others are passed over.
fn for_each_field<'a>(
    mut rest: &'a [u8],
    mut each: impl FnMut(Field<'a>) -> Result<(), InvalidFromPeer>,
) -> Result<(), InvalidFromPeer> {
    const INVALID: InvalidFromPeer = InvalidFromPeer("item");
    while !rest.is_empty() {
        let key = decode_varint(&mut rest).map_err(|_| INVALID)?;
        // Fields with higher numbers have no tag of one byte, so none of them is known.
        let tag = u8::try_from(key).unwrap_or((key & 7) as u8);
        match key & 7 {
            0 => {
                let value = decode_varint(&mut rest).map_err(|_| INVALID)?;
                each(Field::Varint(tag, value))?;
            }
            2 => {
                let len = decode_varint(&mut rest).map_err(|_| INVALID)?;
                let (bytes, behind) = usize::try_from(len)
                    .ok()
                    .and_then(|len| rest.split_at_checked(len))
                    .ok_or(INVALID)?;
                rest = behind;
                each(Field::Bytes(tag, bytes))?;
            }
            1 => rest = rest.get(8..).ok_or(INVALID)?,
            5 => rest = rest.get(4..).ok_or(INVALID)?,
            _ => return Err(INVALID),
        }
    }
    Ok(())
}

fn narrow(value: u64, what: &'static str) -> Result<u32, InvalidFromPeer> {
    u32::try_from(value).map_err(|_| InvalidFromPeer(what))
}

#[cfg(test)]
mod tests {
    use emqx_proto::peer::v1::{DataItem, Forward, data_item::Item};
    use proptest::prelude::*;

    use super::*;
    use crate::packet::{PublishProperties, QoS};

    fn messages() -> impl Strategy<Value = Message> {
        let names = ("[a-c/]{1,40}", "[a-z]{0,9}");
        let payload = prop_oneof![
            prop::collection::vec(any::<u8>(), 0..100),
            prop::collection::vec(any::<u8>(), 2_000..6_000)
        ];
        (
            any::<(u64, u64, bool)>(),
            names,
            payload,
            0..3_u8,
            prop::option::of(0..100_000_u64),
            prop::option::of("[a-z]{1,20}"),
        )
            .prop_map(
                |((origin, number, retain), (topic, publisher), payload, qos, expires, content)| {
                    Message {
                        id: MessageId { origin, number },
                        topic: TopicName::new(topic).unwrap(),
                        payload: payload.into(),
                        qos: QoS::from_bits(qos).unwrap(),
                        retain,
                        publisher: ClientId::new(&publisher),
                        received_at: now(),
                        expires_at: expires.map(|ms| now() + Duration::from_millis(ms)),
                        properties: content.map(|content| {
                            Box::new(PublishProperties {
                                content_type: Some(content.into()),
                                ..PublishProperties::default()
                            })
                        }),
                    }
                },
            )
    }

    fn targets() -> impl Strategy<Value = Vec<SharedTarget>> {
        let target =
            ("[a-z]{0,5}", "[a-z]{0,200}").prop_map(|(share_name, topic_filter)| SharedTarget {
                share_name,
                topic_filter,
            });
        prop::collection::vec(target, 0..3)
    }

    fn now() -> Timestamp {
        Timestamp::from_millis(1_000_000)
    }

    fn written(item: &ForwardItem<'_>) -> Vec<u8> {
        let mut out = Vec::new();
        item.write(&mut out);
        assert_eq!(out.len(), item.encoded_len());
        out
    }

    proptest! {
        /// What is written is what the generated code writes, and is read back; so is a frame of many.
        #[test]
        fn it_is_as_the_contract_says(
            all in prop::collection::vec((messages(), targets(), any::<bool>(), any::<u32>()), 1..8),
        ) {
            let mut reader = Reader::new(usize::MAX, now());
            for (message, shared, ordinary, hops) in all {
                let outgoing = Outgoing::new(&message, now());
                let item = ForwardItem { message: &outgoing, shared: &shared, ordinary, hops };
                let generated = DataItem {
                    item: Some(Item::Forward(Forward {
                        message: Some(convert::message_to(&message, now())),
                        shared: shared.clone(),
                        ordinary,
                        hops,
                    })),
                };
                let bytes = written(&item);
                prop_assert_eq!(&bytes, &generated.encode_to_vec());
                prop_assert!(is_forward(&bytes));
                let read = reader.read(&bytes).unwrap();
                let forwarded = Forwarded { message: Arc::new(message), shared, ordinary, hops };
                prop_assert_eq!(read, forwarded);
            }
        }

        /// Whatever comes, it is refused or read as the generated code reads it.
        #[test]
        fn damaged_items_do_no_harm(
            message in messages(),
            damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        ) {
            let outgoing = Outgoing::new(&message, now());
            let item = ForwardItem { message: &outgoing, shared: &[], ordinary: true, hops: 1 };
            let mut bytes = written(&item);
            for (place, byte) in damage {
                let place = place.index(bytes.len());
                bytes[place] = byte;
            }
            let read = Reader::new(bytes.len(), now()).read(&bytes);
            if let (Ok(read), Ok(DataItem { item: Some(Item::Forward(forward)) })) = (read, DataItem::decode(&bytes[..]))
                && let Some(message) = forward.message
            {
                prop_assert_eq!(&read.message.payload, &message.payload);
                prop_assert_eq!(read.message.topic.as_str().as_bytes(), &message.topic[..]);
            }
        }
    }

    #[test]
    fn small_messages_share_buffers_and_large_ones_have_their_own() {
        let mut reader = Reader::new(1 << 20, now());
        let small = [
            reader.copy(&[1; 60], 1 << 20),
            reader.copy(&[2; 60], 1 << 20),
        ];
        assert_eq!(small[0].as_ptr().addr() + 60, small[1].as_ptr().addr());
        let large = reader.copy(&[3; OWN_BYTES], 1 << 20);
        let next = reader.copy(&[4; 60], 1 << 20);
        assert_eq!(small[1].as_ptr().addr() + 60, next.as_ptr().addr());
        assert_eq!((large.len(), &next[..]), (OWN_BYTES, &[4; 60][..]));
    }
}
