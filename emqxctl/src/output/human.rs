//! Numbers and times as people read them.

use std::borrow::Cow;
use std::time::Duration;

/// The sign for "unknown".
pub const UNKNOWN: &str = "–";

/// `26842` as `26,842`.
pub fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A count that may be unknown.
pub fn maybe_count(number: Option<u64>) -> String {
    number.map_or_else(|| UNKNOWN.to_owned(), count)
}

/// `18243.0` as `18.2k`, `488.2` as `488`, `3.25` as `3.3`.
pub fn rate(per_sec: f64) -> String {
    let value = if per_sec.is_finite() {
        per_sec.max(0.0)
    } else {
        0.0
    };
    if value >= 999_950.0 {
        format!("{:.1}M", value / 1_000_000.0)
    } else if value >= 9_999.5 {
        format!("{:.1}k", value / 1_000.0)
    } else if value >= 9.95 {
        // Between ten and ten thousand the whole number, with separators.
        count(value.round() as u64)
    } else if value == 0.0 {
        "0".to_owned()
    } else if value < 0.05 {
        "<0.1".to_owned()
    } else {
        format!("{value:.1}")
    }
}

/// The two largest units: `41d`, `2h11m`, `1m10s`, `12s`, `1.9s`, `250ms`.
pub fn duration(time: Duration) -> String {
    let seconds = time.as_secs();
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3_600 % 24, seconds / 60 % 60);
    if days >= 10 {
        format!("{days}d")
    } else if days > 0 {
        pair(days, "d", hours, "h")
    } else if hours > 0 {
        pair(hours, "h", minutes, "m")
    } else if minutes > 0 {
        pair(minutes, "m", seconds % 60, "s")
    } else if (1..10).contains(&seconds) && time.subsec_millis() >= 100 {
        format!("{seconds}.{}s", time.subsec_millis() / 100)
    } else if seconds > 0 || time.is_zero() {
        format!("{seconds}s")
    } else {
        format!("{}ms", time.as_millis().max(1))
    }
}

/// The same for milliseconds.
pub fn millis(ms: u64) -> String {
    duration(Duration::from_millis(ms))
}

/// The same for milliseconds that may be unknown.
pub fn maybe_millis(ms: Option<u64>) -> String {
    ms.map_or_else(|| UNKNOWN.to_owned(), millis)
}

/// `0.614` as `61%`; never `100%` before all is done.
pub fn percent(ratio: f64) -> String {
    format!("{}%", (ratio.clamp(0.0, 1.0) * 100.0).floor() as u64)
}

/// `0.012` as `+1%`.
pub fn signed_percent(ratio: f64) -> String {
    let percent = (ratio * 100.0).round() as i64;
    if percent == 0 {
        "0%".to_owned()
    } else {
        format!("{percent:+}%")
    }
}

/// `1536` as `1.5 KiB`.
pub fn bytes(number: u64) -> String {
    const UNITS: [&str; 4] = ["KiB", "MiB", "GiB", "TiB"];
    if number < 1_024 {
        return format!("{number} B");
    }
    let mut value = number as f64 / 1_024.0;
    let mut unit = 0;
    while value >= 1_023.95 && unit + 1 < UNITS.len() {
        value /= 1_024.0;
        unit += 1;
    }
    format!("{value:.1} {}", UNITS[unit])
}

/// `1 client`, `2 clients`.
pub fn plural(number: u64, one: &str, many: &str) -> String {
    format!("{} {}", count(number), if number == 1 { one } else { many })
}

/// Text from elsewhere without anything that a terminal would obey: control and bidirectional override
/// characters are written as escapes. Client Identifiers may hold them.
pub fn safe(text: &str) -> Cow<'_, str> {
    let obeyed =
        |c: char| c.is_control() || matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
    if !text.contains(obeyed) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        if obeyed(c) {
            safe.extend(c.escape_default());
        } else {
            safe.push(c);
        }
    }
    Cow::Owned(safe)
}

fn pair(large: u64, large_unit: &str, small: u64, small_unit: &str) -> String {
    if small == 0 {
        format!("{large}{large_unit}")
    } else {
        format!("{large}{large_unit}{small}{small_unit}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_have_separators() {
        let texts = [0, 999, 1_000, 26_842, 1_000_000].map(count);
        assert_eq!(texts, ["0", "999", "1,000", "26,842", "1,000,000"]);
    }

    #[test]
    fn rates_keep_three_digits_or_so() {
        let texts = [0.0, 0.04, 3.25, 9.96, 488.2, 9_999.4, 18_243.0, 2_000_000.0].map(rate);
        assert_eq!(
            texts,
            ["0", "<0.1", "3.2", "10", "488", "9,999", "18.2k", "2.0M"]
        );
        assert_eq!(rate(f64::NAN), "0");
    }

    #[test]
    fn durations_show_two_units() {
        let texts = [0, 250, 7_000, 70_000, 7_860_000, 180_000_000, 3_600_000_000].map(millis);
        assert_eq!(
            texts,
            ["0s", "250ms", "7s", "1m10s", "2h11m", "2d2h", "41d"]
        );
    }

    #[test]
    fn hundred_percent_means_all() {
        assert_eq!(
            [0.0, 0.614, 0.9999, 1.0].map(percent),
            ["0%", "61%", "99%", "100%"]
        );
        assert_eq!(
            [-0.012, 0.0, 0.25].map(signed_percent),
            ["-1%", "0%", "+25%"]
        );
    }

    #[test]
    fn terminals_are_not_commanded_by_data() {
        assert_eq!(safe("sensor-1 ü"), "sensor-1 ü");
        assert_eq!(safe("a\u{1b}[2J\nb\u{202e}"), "a\\u{1b}[2J\\nb\\u{202e}");
    }

    #[test]
    fn bytes_change_units() {
        let texts = [1, 1_536, 1_048_575, 5 * 1_073_741_824].map(bytes);
        assert_eq!(texts, ["1 B", "1.5 KiB", "1.0 MiB", "5.0 GiB"]);
    }
}
