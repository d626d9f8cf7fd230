//! Everything that the operator sees.

pub mod human;
