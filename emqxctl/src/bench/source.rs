//! Addresses that clients connect from. One has room for some 28,000 connections to a Server, so many connections
//! need many; the whole of 127.0.0.0/8 is there on a Linux machine. Pure.

use std::net::{IpAddr, Ipv4Addr};

/// Addresses that clients take in turn.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SourceAddresses {
    ranges: Vec<Range>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Range {
    One(IpAddr),
    /// First and last.
    V4(u32, u32),
}

impl Range {
    const fn count(&self) -> u64 {
        match self {
            Self::One(_) => 1,
            Self::V4(first, last) => (*last - *first) as u64 + 1,
        }
    }
}

const VALID: &str =
    "addresses are written 10.0.0.1, 127.0.0.1-127.0.3.255 or 127.0.0.0/8, with commas between";

impl SourceAddresses {
    /// Reads a list of addresses and ranges. Of `127.0.0.0/8` the first and the last are left out, which name the
    /// network and everybody.
    ///
    /// # Errors
    /// A sentence that says what would be accepted.
    pub fn parse(text: &str) -> Result<Self, String> {
        let ranges = text.split(',').map(|part| {
            range(part.trim()).ok_or_else(|| format!("{part:?} is no address; {VALID}"))
        });
        ranges
            .collect::<Result<_, _>>()
            .map(|ranges| Self { ranges })
    }

    /// The address of a client; `None` when the system is to choose.
    pub fn of(&self, client: u64) -> Option<IpAddr> {
        let total: u64 = self.ranges.iter().map(Range::count).sum();
        let mut index = client.checked_rem(total)?;
        for range in &self.ranges {
            match range {
                _ if index >= range.count() => index -= range.count(),
                Range::One(address) => return Some(*address),
                Range::V4(first, _) => {
                    // Below the count of a range of 32 bits.
                    let bits = first + index as u32;
                    return Some(Ipv4Addr::from_bits(bits).into());
                }
            }
        }
        None
    }
}

fn range(text: &str) -> Option<Range> {
    if let Some((first, last)) = text.split_once('-') {
        let first = first.trim().parse::<Ipv4Addr>().ok()?.to_bits();
        let last = last.trim().parse::<Ipv4Addr>().ok()?.to_bits();
        return (first <= last).then_some(Range::V4(first, last));
    }
    if let Some((address, bits)) = text.split_once('/') {
        let address = address.parse::<Ipv4Addr>().ok()?.to_bits();
        let bits: u32 = bits.parse().ok().filter(|bits| (1..=32).contains(bits))?;
        let hosts = u32::MAX.checked_shr(bits).unwrap_or(0);
        let first = address & !hosts;
        return Some(match hosts {
            0 | 1 => Range::V4(first, first | hosts),
            _ => Range::V4(first + 1, (first | hosts) - 1),
        });
    }
    text.parse().ok().map(Range::One)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str, client: u64) -> String {
        let sources = SourceAddresses::parse(text).unwrap();
        sources.of(client).unwrap().to_string()
    }

    #[test]
    fn clients_take_turns() {
        let text = "127.0.0.5-127.0.0.6,::1";
        let turns: Vec<String> = (0..4).map(|client| of(text, client)).collect();
        assert_eq!(turns, ["127.0.0.5", "127.0.0.6", "::1", "127.0.0.5"]);
        assert_eq!(of("127.0.0.0/8", 0), "127.0.0.1");
        assert_eq!(of("127.0.0.0/8", 256), "127.0.1.1");
        assert_eq!(of("127.0.0.0/8", (1 << 24) - 3), "127.255.255.254");
        assert_eq!(of("127.0.0.0/8", (1 << 24) - 2), "127.0.0.1");
        assert_eq!(of("10.1.2.3/32", 9), "10.1.2.3");
        assert_eq!(SourceAddresses::default().of(3), None);
    }

    #[test]
    fn what_is_no_address_is_named() {
        for text in [
            "",
            "lo",
            "1.2.3.4/0",
            "1.2.3.4/33",
            "9.9.9.9-1.1.1.1",
            "1.1.1.1,x",
        ] {
            let error = SourceAddresses::parse(text).unwrap_err();
            assert!(error.contains("127.0.0.0/8"), "{error}");
        }
    }
}
