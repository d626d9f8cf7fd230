//! The contracts of the product, and nothing else.
//!
//! [`admin`] is what `emqxctl` (and anybody's scripts) speak to a node; it changes only by addition.
//! [`peer`] is what nodes speak among themselves; its version is compared when a link opens.

/// For operators: `emqx.admin.v1`.
pub mod admin {
    /// Version 1.
    #[allow(
        clippy::large_enum_variant,
        reason = "generated: a message is as large as it is"
    )]
    pub mod v1 {
        tonic::include_proto!("emqx.admin.v1");
    }
}

/// Between nodes: `emqx.peer.v1`.
pub mod peer {
    /// Version 1.
    #[allow(
        clippy::large_enum_variant,
        reason = "generated: a message is as large as it is"
    )]
    pub mod v1 {
        tonic::include_proto!("emqx.peer.v1");
    }
}
