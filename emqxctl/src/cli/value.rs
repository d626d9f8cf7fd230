//! Values as they are typed, read once. Messages say what would be accepted.

use std::time::Duration;

use crate::admin::Endpoint;

/// The longest time that can be asked for.
const DURATION_MAX: Duration = Duration::from_secs(7 * 86_400);

/// The highest pace that can be asked for.
pub const RATE_MAX: u32 = 1_000_000;

/// One or more endpoints.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoints(pub Vec<Endpoint>);

impl Endpoints {
    /// Reads `HOST:PORT,…`.
    ///
    /// # Errors
    /// A sentence that names the part that is no endpoint.
    pub fn parse(text: &str) -> Result<Self, String> {
        Endpoint::parse_list(text).map(Self)
    }
}

/// Names with commas or spaces between.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Names(pub Vec<String>);

impl Names {
    /// Reads `A,B` or `A B`; a name given twice counts once.
    ///
    /// # Errors
    /// A sentence when there is no name in it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut names = Vec::new();
        for name in text.split([',', ' ']).filter(|name| !name.is_empty()) {
            if !names.iter().any(|known| known == name) {
                names.push(name.to_owned());
            }
        }
        if names.is_empty() {
            return Err("no node is named; write A,B or \"A B\"".to_owned());
        }
        Ok(Self(names))
    }
}

/// Reads `60`, `60s`, `5m`, `1m30s`, `500ms` or `0`.
///
/// # Errors
/// A sentence that says what would be accepted.
pub fn duration(text: &str) -> Result<Duration, String> {
    let valid = "a time is 0 to 7d, such as 60, 60s, 500ms or 1m30s (a bare number is seconds)";
    let time = if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        text.parse()
            .map(Duration::from_secs)
            .map_err(|_| valid.to_owned())?
    } else {
        humantime::parse_duration(text).map_err(|_| valid.to_owned())?
    };
    if time > DURATION_MAX {
        return Err(valid.to_owned());
    }
    Ok(time)
}

/// Reads a pace per second.
///
/// # Errors
/// A sentence that says what would be accepted.
pub fn rate(text: &str) -> Result<u32, String> {
    let valid = "a rate is a whole number from 1 to 1,000,000 per second";
    text.parse()
        .ok()
        .filter(|rate| (1..=RATE_MAX).contains(rate))
        .ok_or_else(|| {
            if text.trim_start_matches(['0', '.']).is_empty() && !text.is_empty() {
                format!("nothing would ever move; {valid}")
            } else {
                valid.to_owned()
            }
        })
}

/// Reads a text that must not be empty.
///
/// # Errors
/// A sentence when it is.
pub fn filled(text: &str) -> Result<String, String> {
    if text.trim().is_empty() {
        return Err("it must not be empty".to_owned());
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_as_people_write_them() {
        for (text, ms) in [
            ("0", 0),
            ("60", 60_000),
            ("60s", 60_000),
            ("5m", 300_000),
            ("1m30s", 90_000),
            ("500ms", 500),
            ("0s", 0),
            ("7d", 604_800_000),
        ] {
            assert_eq!(duration(text), Ok(Duration::from_millis(ms)), "{text}");
        }
        for text in ["", "-1", "1.5", "ten", "8d", "99999999999999999999"] {
            assert!(duration(text).unwrap_err().contains("0 to 7d"), "{text}");
        }
    }

    #[test]
    fn rates_are_positive() {
        assert_eq!(rate("1"), Ok(1));
        assert_eq!(rate("1000000"), Ok(RATE_MAX));
        for text in ["0", "-5", "1000001", "fast", "", "1.5"] {
            let error = rate(text).unwrap_err();
            assert!(error.contains("1 to 1,000,000"), "{text}: {error}");
        }
    }

    #[test]
    fn names_take_commas_and_spaces() {
        assert_eq!(
            Names::parse("n2, n3 n2").unwrap().0,
            ["n2".to_owned(), "n3".to_owned()]
        );
        assert!(Names::parse(" ,").unwrap_err().contains("A,B"));
    }
}
