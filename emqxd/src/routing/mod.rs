//! Who gets a message: Subscriptions of this node, interest of the other nodes, Retained Messages.
//!
//! Pure: no task, no socket, no clock. The types are shared by threads; their locks are held for single steps
//! and never while something is awaited. `node` and `cluster` call them; they know `topic`, `packet`, `message`.

mod filter_shards;
pub mod interest;
pub mod interest_digest;
pub mod receivers;
pub mod retained;
mod retained_cursor;
pub mod retained_digest;
pub mod router;
pub mod shared_subscription;
mod sticks;
mod subscribers;

pub use interest::{InterestChange, OwnInterest, RemoteGroup, RemoteInterest, RemoteMatches};
pub use interest_digest::InterestDigest;
pub use receivers::Receivers;
pub use retained::{RetainedLimits, RetainedOutcome, RetainedStamp, RetainedStore};
pub use retained_digest::{DifferingParts, RetainedDigest};
pub use router::{Match, Matches, Router, SharedMatch};
pub use shared_subscription::{Choice, ShareContext, ShareKey, SharedGroup, SharedMember};
