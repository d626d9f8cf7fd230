//! emqxctl: the operator's terminal tool for emqxd clusters.

pub mod demo;
