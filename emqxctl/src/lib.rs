//! emqxctl: the operator's terminal tool for emqxd clusters.

pub mod admin;
pub mod model;
pub mod output;
