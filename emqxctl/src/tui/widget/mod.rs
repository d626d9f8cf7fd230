//! Drawn pieces that know nothing of a screen.

pub mod balance_bar;
pub mod chart;
pub mod phase_rail;
pub mod spark;
