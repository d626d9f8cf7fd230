//! What nodes have given back of their memory.

use std::time::Duration;

use super::cluster_table::Look;
use super::human::{UNKNOWN, bytes, count, duration};
use super::table::{Cell, Table};
use crate::model::GcReport;

/// One row a node.
pub fn list(reports: &[GcReport], look: Look) -> String {
    let mut titles = vec![
        "NODE",
        ">BEFORE",
        ">AFTER",
        ">GIVEN BACK",
        ">SESSIONS",
        ">MESSAGES",
        ">RETAINED",
        ">BUFFERS",
        ">TABLES",
        ">TOOK",
    ];
    if look.wide {
        titles.extend([">REMOVALS", ">TIMERS", ">SLICES", ">LONGEST"]);
    }
    let mut table = Table::new(&titles);
    let maybe_bytes = |number: Option<u64>| number.map_or_else(|| UNKNOWN.to_owned(), bytes);
    for report in reports {
        let mut cells = vec![
            Cell::from(&report.node),
            Cell::from(maybe_bytes(report.memory_resident_before_bytes)),
            Cell::from(maybe_bytes(report.memory_resident_after_bytes)),
            Cell::from(signed_bytes(report.memory_given_back_bytes)),
            Cell::from(count(report.expired_sessions)),
            Cell::from(count(report.expired_messages)),
            Cell::from(count(report.expired_retained_messages)),
            Cell::from(count(report.shrunk_buffers)),
            Cell::from(count(report.shrunk_tables)),
            Cell::from(duration(Duration::from_micros(report.duration_us))),
        ];
        if look.wide {
            cells.extend([
                Cell::from(count(report.forgotten_removals)),
                Cell::from(count(report.stale_timers)),
                Cell::from(count(report.slices)),
                Cell::from(micros(report.longest_slice_us)),
            ]);
        }
        table.row(cells);
    }
    table.render(look.with_header, look.style)
}

fn signed_bytes(number: Option<i64>) -> String {
    match number {
        None => UNKNOWN.to_owned(),
        Some(number) if number < 0 => format!("-{}", bytes(number.unsigned_abs())),
        Some(number) => bytes(number.unsigned_abs()),
    }
}

/// Slices take less than the millisecond that [`duration`] begins with.
fn micros(us: u64) -> String {
    if us < 1_000 {
        format!("{us}µs")
    } else {
        duration(Duration::from_micros(us))
    }
}
