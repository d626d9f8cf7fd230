//! A figure over time on one line.

use crate::tui::theme::Theme;

/// One column for each sample, scaled to the largest; unknown ones are blank.
pub fn spark(samples: &[Option<f64>], theme: Theme) -> String {
    let levels: [&str; 8] = if theme.ascii {
        ["_", ".", ":", "-", "=", "+", "*", "#"]
    } else {
        ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"]
    };
    let max = samples.iter().flatten().copied().fold(0.0, f64::max);
    samples
        .iter()
        .map(|sample| match sample {
            None => " ",
            Some(value) if max > 0.0 => {
                let level = (value / max).clamp(0.0, 1.0) * 7.0;
                levels[level.round() as usize]
            }
            Some(_) => levels[0],
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_sample_is_full_height() {
        let theme = Theme {
            color: false,
            ascii: false,
        };
        assert_eq!(
            spark(&[None, Some(0.0), Some(5.0), Some(10.0)], theme),
            " ▁▅█"
        );
        assert_eq!(spark(&[Some(0.0)], theme), "▁");
    }
}
