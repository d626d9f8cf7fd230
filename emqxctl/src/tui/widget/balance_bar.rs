//! A bar on a scale that all rows share, with a mark at the mean.

use crate::tui::theme::Theme;

/// The bar, exactly `width` columns. `scale` is what a full bar stands for.
pub fn bar(value: f64, mean: Option<f64>, scale: f64, width: usize, theme: Theme) -> String {
    let columns = |value: f64| {
        if scale > 0.0 {
            ((value / scale).clamp(0.0, 1.0) * width as f64).round() as usize
        } else {
            0
        }
    };
    let filled = match columns(value) {
        // Something is not nothing.
        0 if value > 0.0 => 1.min(width),
        filled => filled,
    };
    let mark = mean.map(|mean| columns(mean).min(width.saturating_sub(1)));
    (0..width)
        .map(|column| {
            if mark == Some(column) {
                theme.glyph("┊", "|")
            } else if column < filled {
                theme.glyph("█", "#")
            } else {
                theme.glyph("·", ".")
            }
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
    fn a_bar_shows_value_and_mean() {
        assert_eq!(bar(50.0, Some(80.0), 100.0, 10, THEME), "#####...|.");
        assert_eq!(bar(1.0, None, 1_000.0, 4, THEME), "#...");
        assert_eq!(bar(0.0, None, 0.0, 4, THEME), "....");
    }

    proptest! {
        #[test]
        fn it_is_always_as_wide_as_asked(value in 0.0f64..1e9, mean in prop::option::of(0.0f64..1e9), scale in 0.0f64..1e9, width in 0usize..200) {
            prop_assert_eq!(bar(value, mean, scale, width, THEME).len(), width);
        }
    }
}
