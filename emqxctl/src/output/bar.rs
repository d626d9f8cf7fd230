//! Bars of block characters.

const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

/// A bar that is `ratio` (0 to 1) of `width` columns long; only the filled part.
pub fn filled(ratio: f64, width: usize, ascii: bool) -> String {
    let ratio = if ratio.is_finite() {
        ratio.clamp(0.0, 1.0)
    } else {
        0.0
    };
    if ascii {
        return "#".repeat((ratio * width as f64).floor() as usize);
    }
    let eighths = (ratio * width as f64 * 8.0).floor() as usize;
    format!("{}{}", "█".repeat(eighths / 8), EIGHTHS[eighths % 8])
}

/// The same with the empty part, always exactly `width` columns.
pub fn gauge(ratio: f64, width: usize, ascii: bool) -> String {
    let bar = filled(ratio, width, ascii);
    let empty = width.saturating_sub(bar.chars().count());
    let dot = if ascii { "." } else { "·" };
    format!("{bar}{}", dot.repeat(empty))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn eighths_fill_the_last_column() {
        assert_eq!(gauge(0.63, 10, false), "██████▎···");
        assert_eq!(gauge(0.63, 10, true), "######....");
        assert_eq!(gauge(1.0, 4, false), "████");
        assert_eq!(gauge(f64::NAN, 4, false), "····");
    }

    proptest! {
        #[test]
        fn a_gauge_never_leaves_its_place(ratio in any::<f64>(), width in 0usize..200, ascii: bool) {
            prop_assert_eq!(gauge(ratio, width, ascii).chars().count(), width);
            prop_assert!(filled(ratio, width, ascii).chars().count() <= width);
        }
    }
}
