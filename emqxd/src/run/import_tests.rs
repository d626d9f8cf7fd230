//! Imports of Retained Messages that cannot be finished.

use super::transfer_tests::TestNode;
use crate::message::{Message, MessageId};
use crate::packet::QoS;
use crate::time::Timestamp;
use crate::topic::TopicName;

fn message(topic: &'static str, payload: &'static str) -> Message {
    Message {
        id: MessageId {
            origin: 0,
            number: 0,
        },
        topic: TopicName::new(topic).unwrap(),
        payload: payload.into(),
        qos: QoS::AtLeastOnce,
        retain: true,
        publisher: None,
        received_at: Timestamp::default(),
        expires_at: None,
        properties: None,
    }
}

#[tokio::test]
async fn an_import_that_fails_on_its_way_leaves_what_was_there() {
    let node = TestNode::start_with("n", None, |name| {
        (name == "EMQXD_RETAINER_MAX_RETAINED_MESSAGES").then(|| "3".into())
    })
    .await;
    let broker = node.broker();
    let retained = |topic: &'static str| {
        let found = broker.retained_of(&TopicName::new(topic).unwrap());
        found.map(|message| message.payload.clone())
    };
    let first = vec![message("a", "1"), message("b", "1")];
    broker.retain_imported(first).await.unwrap();
    let second = vec![message("a", "2"), message("c", "2"), message("d", "2")];
    let refused = broker.retain_imported(second).await.unwrap_err();
    assert_eq!(refused, "there is no room for 'd' any more");
    assert_eq!(retained("a").as_deref(), Some(b"1".as_slice()));
    assert_eq!(retained("b").as_deref(), Some(b"1".as_slice()));
    assert_eq!((retained("c"), retained("d")), (None, None));
    assert_eq!(broker.retained.len(), 2);
    let fits = vec![message("a", "2"), message("c", "2")];
    broker.retain_imported(fits).await.unwrap();
    assert_eq!(retained("a").as_deref(), Some(b"2".as_slice()));
    assert_eq!(retained("c").as_deref(), Some(b"2".as_slice()));
}
