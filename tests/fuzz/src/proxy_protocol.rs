//! The header of the PROXY protocol: any bytes, as they come one by one.

use std::net::{IpAddr, SocketAddr};

use emqxd::net::proxy_protocol::{HEADER_BYTES_MAX, Parsed, parse};

/// The first bytes of a connection.
pub fn proxy_protocol(input: &[u8]) {
    let mut decided = None;
    for length in 0..=input.len() {
        let now = parse(&input[..length]);
        if decided.is_none() && now != Ok(Parsed::Incomplete) {
            decided = Some(now);
            if let Ok(Parsed::Header {
                length: header,
                source,
            }) = now
            {
                assert!(header <= length, "a header longer than what has come");
                assert!(header <= HEADER_BYTES_MAX);
                if input.starts_with(b"PROXY ") {
                    assert_eq!(source, by_the_words(&input[..header]));
                }
            }
        }
        if let Some(before) = decided {
            assert_eq!(now, before, "after {length} bytes");
        } else {
            assert!(length < HEADER_BYTES_MAX, "it waits for ever");
        }
    }
}

/// Version 1: `PROXY TCP4 SOURCE DESTINATION SOURCE-PORT DESTINATION-PORT`.
fn by_the_words(header: &[u8]) -> Option<SocketAddr> {
    let text = std::str::from_utf8(header).expect("text");
    let words: Vec<&str> = text.trim_end().split(' ').collect();
    if words[1] == "UNKNOWN" {
        return None;
    }
    let address: IpAddr = words[2].parse().expect("an address");
    assert_eq!(words[1] == "TCP4", address.is_ipv4());
    Some(SocketAddr::new(address, words[4].parse().expect("a port")))
}
