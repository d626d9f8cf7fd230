//! One setting: from what was written to its type, or to why not and what would be valid.

use std::fmt;
use std::net::SocketAddr;
use std::time::Duration;

use super::Source;

/// A value as it was written.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Raw {
    /// From a flag or a variable: it may mean anything.
    Text(String),
    /// From the file.
    String(String),
    /// From the file.
    Integer(i64),
    /// From the file.
    Boolean(bool),
    /// From the file.
    Strings(Vec<String>),
    /// From the file, of a kind that no setting has: how it is called, such as `a table`.
    Other(&'static str),
}

/// As in the file; the text of a flag or variable as it is.
impl fmt::Display for Raw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::String(text) => write!(f, "{text:?}"),
            Self::Integer(number) => write!(f, "{number}"),
            Self::Boolean(yes) => write!(f, "{yes}"),
            Self::Strings(texts) => write!(f, "{texts:?}"),
            Self::Other(kind) => f.write_str(kind),
        }
    }
}

/// A value and where it was said.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Setting {
    pub(super) source: Source,
    pub(super) raw: Raw,
}

/// Why a value is not valid, and what would be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Invalid {
    pub(super) why: String,
    pub(super) valid: String,
}

pub(super) fn invalid<T>(why: impl Into<String>, valid: impl Into<String>) -> Result<T, Invalid> {
    Err(Invalid {
        why: why.into(),
        valid: valid.into(),
    })
}

/// A text.
pub(super) fn text(raw: &Raw, valid: &str) -> Result<String, Invalid> {
    match raw {
        Raw::Text(text) | Raw::String(text) => Ok(text.trim().to_owned()),
        Raw::Integer(_) | Raw::Boolean(_) => invalid("this is not a text in quotes", valid),
        Raw::Strings(_) => invalid("this is a list, not one text", valid),
        Raw::Other(kind) => invalid(format!("this is {kind}, not a text"), valid),
    }
}

/// A list: in the file of strings, elsewhere separated by commas. One string is a list too.
pub(super) fn list(raw: &Raw, valid: &str) -> Result<Vec<String>, Invalid> {
    let texts = match raw {
        Raw::Strings(texts) => texts.clone(),
        raw => text(raw, valid)?.split(',').map(str::to_owned).collect(),
    };
    let trimmed = texts.iter().map(|text| text.trim().to_owned());
    Ok(trimmed.filter(|text| !text.is_empty()).collect())
}

/// An address to listen on.
pub(super) fn address(raw: &Raw) -> Result<SocketAddr, Invalid> {
    const VALID: &str = "IP:PORT, such as 127.0.0.1:1883 or [::1]:1883; port 0 picks a free one";
    let text = text(raw, VALID)?;
    match text.parse() {
        Ok(address) => Ok(address),
        Err(_) => invalid(format!("'{text}' is not an IP address with a port"), VALID),
    }
}

/// `HOST:PORT`; the host is not looked up.
pub(super) fn host_port(raw: &Raw) -> Result<String, Invalid> {
    const VALID: &str = "HOST:PORT, such as broker-1.example.org:1883";
    one_host_port(text(raw, VALID)?, VALID)
}

/// Any number of `HOST:PORT`.
pub(super) fn hosts_ports(raw: &Raw) -> Result<Vec<String>, Invalid> {
    const VALID: &str = "HOST:PORT of other nodes' cluster listeners, such as 10.0.0.1:4370";
    list(raw, VALID)?
        .into_iter()
        .map(|text| one_host_port(text, VALID))
        .collect()
}

fn one_host_port(text: String, valid: &str) -> Result<String, Invalid> {
    let Some((host, port)) = text.rsplit_once(':') else {
        return invalid(format!("'{text}' has no port"), valid);
    };
    if !port.parse::<u16>().is_ok_and(|port| port > 0) {
        return invalid(format!("'{port}' is not a port out of 1 to 65535"), valid);
    }
    let bracketed = host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'));
    let sound = match bracketed {
        Some(host) => host.parse::<std::net::Ipv6Addr>().is_ok(),
        None => {
            !host.is_empty()
                && host
                    .chars()
                    .all(|char| char.is_ascii_alphanumeric() || ".-_".contains(char))
        }
    };
    if sound {
        Ok(text)
    } else {
        invalid(format!("'{host}' is not a host"), valid)
    }
}

/// True or false.
pub(super) fn boolean(raw: &Raw) -> Result<bool, Invalid> {
    const VALID: &str = "true or false";
    match raw {
        Raw::Boolean(yes) => Ok(*yes),
        Raw::Text(text) => match text.trim() {
            "true" => Ok(true),
            "false" => Ok(false),
            _ => invalid("this is neither true nor false", VALID),
        },
        Raw::String(_) => invalid("this is a text; leave the quotes out", VALID),
        _ => invalid("this is neither true nor false", VALID),
    }
}

/// A whole number within bounds.
pub(super) fn integer(raw: &Raw, min: u64, max: u64) -> Result<u64, Invalid> {
    let valid = format!("a whole number from {min} to {max}");
    let number = match raw {
        Raw::Integer(number) => Some(*number),
        Raw::Text(text) => text.trim().replace('_', "").parse::<i64>().ok(),
        Raw::String(_) => return invalid("this is a text; leave the quotes out", valid),
        _ => None,
    };
    match number {
        None => invalid("this is not a whole number", valid),
        Some(number) => match u64::try_from(number) {
            Ok(number) if number < min => invalid("this is too small", valid),
            Ok(number) if number > max => invalid("this is too large", valid),
            Ok(number) => Ok(number),
            Err(_) => invalid("this is negative", valid),
        },
    }
}

/// A number of bytes within bounds: a whole number, or one with KiB or MiB.
pub(super) fn bytes(raw: &Raw, min: u64, max: u64) -> Result<u64, Invalid> {
    let valid = format!(
        "bytes from {} to {}, such as \"64KiB\"",
        size(min),
        size(max)
    );
    let bytes = match raw {
        Raw::Integer(number) => u64::try_from(*number).ok(),
        Raw::Text(text) | Raw::String(text) => parse_size(text),
        _ => None,
    };
    match bytes {
        None => invalid("this is not a number of bytes", valid),
        Some(bytes) if bytes < min => invalid("this is too small", valid),
        Some(bytes) if bytes > max => invalid("this is too large", valid),
        Some(bytes) => Ok(bytes),
    }
}

fn parse_size(text: &str) -> Option<u64> {
    let text = text.trim();
    let units = [("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1_u64 << 30)];
    let (number, unit) = units
        .iter()
        .find_map(|(name, unit)| Some((text.strip_suffix(name)?, *unit)))
        .unwrap_or((text, 1));
    number
        .trim()
        .replace('_', "")
        .parse::<u64>()
        .ok()?
        .checked_mul(unit)
}

fn size(bytes: u64) -> String {
    match bytes {
        bytes if bytes > 0 && bytes % (1 << 20) == 0 => format!("{}MiB", bytes >> 20),
        bytes if bytes > 0 && bytes % (1 << 10) == 0 => format!("{}KiB", bytes >> 10),
        bytes => bytes.to_string(),
    }
}

/// A length of time within bounds, with its unit.
pub(super) fn duration(raw: &Raw, min: Duration, max: Duration) -> Result<Duration, Invalid> {
    let valid = format!(
        "a duration from {} to {} with its unit, such as \"10s\", \"500ms\" or \"1h 30m\"",
        humantime::format_duration(min),
        humantime::format_duration(max)
    );
    if matches!(raw, Raw::Integer(_)) {
        return invalid("the unit is missing", valid);
    }
    let text = text(raw, &valid)?;
    match humantime::parse_duration(&text) {
        Err(error) => invalid(format!("this is not a duration ({error})"), valid),
        Ok(duration) if duration < min => invalid("this is too short", valid),
        Ok(duration) if duration > max => invalid("this is too long", valid),
        Ok(duration) => Ok(duration),
    }
}

/// A length of time within bounds, or the word for no limit.
pub(super) fn optional_duration(
    raw: &Raw,
    unlimited: &str,
    min: Duration,
    max: Duration,
) -> Result<Option<Duration>, Invalid> {
    if matches!(raw, Raw::Text(text) | Raw::String(text) if text.trim() == unlimited) {
        return Ok(None);
    }
    match duration(raw, min, max) {
        Ok(duration) => Ok(Some(duration)),
        Err(Invalid { why, valid }) => invalid(why, format!("{valid}; or \"{unlimited}\"")),
    }
}

/// One of several words.
pub(super) fn word<T: Copy>(raw: &Raw, words: &[(&str, T)]) -> Result<T, Invalid> {
    let names: Vec<&str> = words.iter().map(|(name, _)| *name).collect();
    let valid = names.join(", ");
    let text = text(raw, &valid)?;
    match words.iter().find(|(name, _)| *name == text) {
        Some((_, value)) => Ok(*value),
        None => invalid("this word is not known", valid),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn said(text: &str) -> Raw {
        Raw::Text(text.to_owned())
    }

    fn written(text: &str) -> Raw {
        Raw::String(text.to_owned())
    }

    #[test]
    fn an_address_has_a_port_and_no_name() {
        assert_eq!(
            address(&said(" [::1]:0 ")).unwrap(),
            "[::1]:0".parse().unwrap()
        );
        for wrong in [
            "1883",
            "localhost:1883",
            "127.0.0.1",
            "127.0.0.1:70000",
            ":1883",
            "",
        ] {
            assert!(address(&said(wrong)).is_err(), "{wrong}");
        }
        assert_eq!(
            address(&Raw::Integer(1883)).unwrap_err().why,
            "this is not a text in quotes"
        );
    }

    #[test]
    fn a_host_with_a_port_is_needed() {
        for right in [
            "n1:4370",
            "10.0.0.1:1",
            "[::1]:4370",
            "a-b.example.org:65535",
            "emqxd_1:1",
        ] {
            assert_eq!(host_port(&said(right)).unwrap(), right);
        }
        for wrong in [
            "n1",
            "n1:",
            "n1:0",
            "n1:65536",
            ":1",
            "a b:1",
            "::1:1",
            "[x]:1",
            "http://a:1",
        ] {
            assert!(host_port(&said(wrong)).is_err(), "{wrong}");
        }
        assert_eq!(hosts_ports(&said("a:1,b:2,")).unwrap(), ["a:1", "b:2"]);
        assert_eq!(
            hosts_ports(&Raw::Strings(Vec::new())).unwrap(),
            Vec::<String>::new()
        );
    }

    #[test]
    fn numbers_keep_to_their_bounds_and_types() {
        assert_eq!(integer(&Raw::Integer(7), 1, 10).unwrap(), 7);
        assert_eq!(integer(&said("1_0"), 1, 10).unwrap(), 10);
        let why = |raw| integer(&raw, 1, 10).unwrap_err().why;
        assert_eq!(why(Raw::Integer(0)), "this is too small");
        assert_eq!(why(Raw::Integer(11)), "this is too large");
        assert_eq!(why(Raw::Integer(-1)), "this is negative");
        assert_eq!(why(written("7")), "this is a text; leave the quotes out");
        assert_eq!(why(said("seven")), "this is not a whole number");
    }

    #[test]
    fn sizes_have_binary_units() {
        assert_eq!(bytes(&written("64KiB"), 1, 1 << 20).unwrap(), 65_536);
        assert_eq!(bytes(&said("1 MiB"), 1, 1 << 20).unwrap(), 1 << 20);
        assert_eq!(bytes(&Raw::Integer(5), 1, 10).unwrap(), 5);
        for wrong in ["64KB", "-1", "99999999999GiB", "KiB", ""] {
            assert!(bytes(&said(wrong), 1, u64::MAX).is_err(), "{wrong}");
        }
        let valid = bytes(&said("0"), 1_024, 1 << 20).unwrap_err().valid;
        assert_eq!(valid, "bytes from 1KiB to 1MiB, such as \"64KiB\"");
    }

    #[test]
    fn durations_have_a_unit() {
        let (min, max) = (Duration::from_millis(100), Duration::from_secs(60));
        assert_eq!(
            duration(&written("10s"), min, max).unwrap(),
            Duration::from_secs(10)
        );
        assert_eq!(
            duration(&Raw::Integer(10), min, max).unwrap_err().why,
            "the unit is missing"
        );
        assert!(duration(&said("10"), min, max).is_err());
        assert_eq!(
            duration(&said("2m"), min, max).unwrap_err().why,
            "this is too long"
        );
        assert_eq!(
            duration(&said("1ms"), min, max).unwrap_err().why,
            "this is too short"
        );
        assert_eq!(
            optional_duration(&said("none"), "none", min, max).unwrap(),
            None
        );
        assert_eq!(
            optional_duration(&said("1s"), "none", min, max).unwrap(),
            Some(Duration::from_secs(1))
        );
    }

    #[test]
    fn words_and_truths_are_exact() {
        assert!(boolean(&said("true")).unwrap());
        assert!(!boolean(&Raw::Boolean(false)).unwrap());
        assert!(boolean(&written("true")).is_err());
        assert!(boolean(&said("yes")).is_err());
        assert_eq!(word(&said("b"), &[("a", 1), ("b", 2)]).unwrap(), 2);
        assert_eq!(
            word(&said("c"), &[("a", 1), ("b", 2)]).unwrap_err().valid,
            "a, b"
        );
    }

    proptest! {
        #[test]
        fn nothing_written_makes_a_parser_panic(text in ".{0,20}", number in any::<i64>()) {
            for raw in [said(&text), written(&text), Raw::Integer(number), Raw::Other("a table")] {
                let _ = address(&raw);
                let _ = hosts_ports(&raw);
                let _ = boolean(&raw);
                let _ = integer(&raw, 0, u64::MAX);
                let _ = bytes(&raw, 0, u64::MAX);
                let _ = optional_duration(&raw, "none", Duration::ZERO, Duration::MAX);
            }
        }
    }
}
