//! Which of two owners brings a message when a Session moves.
//!
//! While a Session moves, most messages reach both owners, over links of different speed. Comparing what both hold
//! is not enough: a message that the old owner has sent to the client long ago may come to the new one only now. So
//! every node that routes messages says at which of its messages it knew the new owner for sure: earlier ones are
//! the old owner's to bring, that one and later ones the new owner's.

use std::collections::HashMap;

use crate::message::{Delivery, MessageId};

/// Who brings a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Bringer {
    OldOwner,
    NewOwner,
    /// The node that accepted it has died before it could say.
    Unknown,
}

/// For each node the first message that the new owner brings.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SwitchPoints(HashMap<u64, u64, ahash::RandomState>);

impl SwitchPoints {
    /// Adds a node's switch: the number of the first message that it was sure to route to the new owner.
    pub fn insert(&mut self, first: MessageId) {
        self.0.insert(first.origin, first.number);
    }

    pub(super) fn bringer(&self, delivery: &Delivery) -> Bringer {
        let id = delivery.message.id;
        match self.0.get(&id.origin) {
            Some(first) if id.number < *first => Bringer::OldOwner,
            Some(_) => Bringer::NewOwner,
            None => Bringer::Unknown,
        }
    }
}
