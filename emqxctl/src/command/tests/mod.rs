//! The commands against a scripted node.
