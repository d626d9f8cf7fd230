//! Everything that the operator sees: data on standard output, talk on standard error.
//!
//! [`printer::Printer`] owns both. The rest are pure functions from `model` types to text, so that
//! they can be tested without a terminal. Called by `command`; `human`, `bar` and `style` also by the
//! full-screen interface.

pub mod bar;
pub mod client_table;
pub mod cluster_table;
pub mod control_table;
pub mod diagnostic;
pub mod format;
pub mod gc_table;
pub mod human;
pub mod json;
pub mod listener_table;
pub mod operation_table;
pub mod printer;
pub mod progress;
pub mod session_table;
pub mod style;
pub mod summary;
pub mod table;

pub use diagnostic::Diagnostic;
pub use format::Format;
pub use printer::Printer;
pub use style::Style;
