//! The hot paths of a node as pieces of work that can be repeated: `hot_path` times them, `instructions` counts what they
//! execute. Between the bytes of one client and the bytes for another they run what `net::connection` runs, without
//! sockets and tasks.

mod client;
mod codec;
mod index;
mod traffic;

/// A piece of work.
pub struct Piece {
    /// Unique.
    pub name: &'static str,
    /// How many operations one call does.
    pub operations: u64,
    /// Everything that is not to be counted, up to the first call.
    pub set_up: fn() -> Box<dyn FnMut()>,
}

/// All there are.
pub fn all() -> Vec<Piece> {
    let of_modules = [codec::pieces(), traffic::pieces(), index::pieces()];
    of_modules.into_iter().flatten().collect()
}
