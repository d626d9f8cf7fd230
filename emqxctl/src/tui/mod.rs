//! `emqxctl top`: the cluster on a full screen, live.
//!
//! [`state`] is what is known and shown; [`update()`](update::update) changes it by an event and says what is to be done;
//! [`view`] draws it; all three are pure. [`run`] is the loop around them and [`terminal`] borrows the screen. Called
//! by `command::top` alone.

pub mod event;
pub mod history;
pub mod keymap;
pub mod run;
pub mod screen;
pub mod state;
pub mod terminal;
pub mod text;
pub mod theme;
pub mod update;
pub mod view;
pub mod widget;

#[cfg(test)]
mod tests;
