//! A measured rate over time, with a line at the wanted one.

use crate::output::human::rate;
use crate::tui::text;
use crate::tui::theme::Theme;

/// Columns of the scale on the left.
pub const SCALE_COLUMNS: usize = 8;

/// `height` rows of exactly `width` columns: the samples end at the right edge.
pub fn chart(
    samples: &[Option<f64>],
    wanted: f64,
    width: usize,
    height: usize,
    theme: Theme,
) -> Vec<String> {
    let columns = width.saturating_sub(SCALE_COLUMNS);
    let peak = samples.iter().flatten().copied().fold(wanted, f64::max);
    let top = if peak > 0.0 { peak * 1.2 } else { 1.0 };
    let eighths = if theme.ascii {
        [" ", ".", ".", ":", ":", "+", "+", "#", "#"]
    } else {
        [" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"]
    };
    let row_of = |value: f64| (value / top * height as f64).floor() as usize;
    (0..height)
        .rev()
        .map(|row| {
            let is_wanted = row == row_of(wanted) && wanted > 0.0;
            let label = if is_wanted {
                rate(wanted)
            } else if row == 0 {
                "0".to_owned()
            } else {
                String::new()
            };
            let mut line = text::right(&label, SCALE_COLUMNS.min(width).saturating_sub(2), theme);
            if width >= SCALE_COLUMNS {
                line.push_str(theme.glyph(" ┤", " |"));
            }
            let missing = columns.saturating_sub(samples.len());
            let skip = samples.len().saturating_sub(columns);
            let blank = if is_wanted {
                theme.glyph("┄", "-")
            } else {
                " "
            };
            line.extend(std::iter::repeat_n(blank, missing));
            for sample in samples.iter().skip(skip) {
                let filled = sample.unwrap_or(0.0) / top * height as f64 - row as f64;
                let level = (filled * 8.0).round().clamp(0.0, 8.0) as usize;
                line.push_str(if level == 0 { blank } else { eighths[level] });
            }
            line
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const THEME: Theme = Theme {
        color: false,
        ascii: true,
    };

    #[test]
    fn the_wanted_rate_is_a_line() {
        let samples = [None, Some(500.0), Some(250.0)];
        insta::assert_snapshot!(chart(&samples, 500.0, 20, 4, THEME).join("\n"));
    }

    proptest! {
        #[test]
        fn rows_have_the_asked_size(
            samples in prop::collection::vec(prop::option::of(0.0f64..1e7), 0..80),
            wanted in 0.0f64..1e7,
            width in 0usize..100,
            height in 0usize..20,
        ) {
            let rows = chart(&samples, wanted, width, height, THEME);
            prop_assert_eq!(rows.len(), height);
            for row in rows {
                prop_assert!(text::width(&row) <= width, "{row:?}");
            }
        }
    }
}
