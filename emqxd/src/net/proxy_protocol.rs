//! The PROXY protocol, versions 1 and 2: a balancer says in front of a connection whom it carries. Pure.
//!
//! Specification: haproxy.org/download/3.2/doc/proxy-protocol.txt

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// Longest header of version 1, CRLF included.
const V1_BYTES_MAX: usize = 107;

/// Longest header of version 2 that is accepted: addresses and any reasonable TLVs, certificates included.
pub const HEADER_BYTES_MAX: usize = 16 + 4_096;

const V1_BEGIN: &[u8] = b"PROXY ";
const V2_BEGIN: &[u8] = b"\r\n\r\n\0\r\nQUIT\n";

/// What the first bytes of a connection are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Parsed {
    /// The beginning of a header; more is needed.
    Incomplete,
    /// A header of that many bytes. The client's address is absent when the balancer speaks for itself (LOCAL) or
    /// does not know it (UNKNOWN, a Unix socket).
    Header {
        /// Bytes of the header; what follows is the client's.
        length: usize,
        /// Of the client.
        source: Option<SocketAddr>,
    },
}

/// Why the bytes are no PROXY header.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Invalid {
    /// Neither version begins like that.
    #[error("the connection does not begin with a PROXY header")]
    NoHeader,
    /// Not as version 1 has to be.
    #[error("the PROXY header of version 1 is malformed")]
    V1,
    /// Not as version 2 has to be.
    #[error("the PROXY header of version 2 is malformed")]
    V2,
    /// More than [`HEADER_BYTES_MAX`].
    #[error("the PROXY header is longer than {HEADER_BYTES_MAX} bytes")]
    TooLong,
}

/// Looks at the first bytes of a connection.
///
/// # Errors
/// When they are not, and cannot become, a header.
pub fn parse(bytes: &[u8]) -> Result<Parsed, Invalid> {
    if begins(bytes, V2_BEGIN) {
        if bytes.len() < V2_BEGIN.len() {
            return Ok(Parsed::Incomplete);
        }
        return parse_v2(bytes);
    }
    if begins(bytes, V1_BEGIN) {
        return parse_v1(bytes);
    }
    Err(Invalid::NoHeader)
}

/// Whether one is a beginning of the other.
fn begins(bytes: &[u8], with: &[u8]) -> bool {
    let common = bytes.len().min(with.len());
    bytes[..common] == with[..common]
}

fn parse_v1(bytes: &[u8]) -> Result<Parsed, Invalid> {
    let Some(end) = bytes
        .iter()
        .take(V1_BYTES_MAX)
        .position(|byte| *byte == b'\n')
    else {
        return if bytes.len() < V1_BYTES_MAX {
            Ok(Parsed::Incomplete)
        } else {
            Err(Invalid::V1)
        };
    };
    let line = bytes[..end].strip_suffix(b"\r").ok_or(Invalid::V1)?;
    let line = std::str::from_utf8(line).map_err(|_| Invalid::V1)?;
    let mut words = line.split(' ').skip(1);
    let source = match words.next() {
        // Whatever follows is to be ignored.
        Some("UNKNOWN") => None,
        Some("TCP4") => Some(v1_addresses::<Ipv4Addr>(&mut words)?),
        Some("TCP6") => Some(v1_addresses::<Ipv6Addr>(&mut words)?),
        _ => return Err(Invalid::V1),
    };
    Ok(Parsed::Header {
        length: end + 1,
        source,
    })
}

/// Source address, destination address, source port, destination port, and no more.
fn v1_addresses<'a, A>(words: &mut impl Iterator<Item = &'a str>) -> Result<SocketAddr, Invalid>
where
    A: std::str::FromStr + Into<IpAddr>,
{
    let mut next = || words.next().ok_or(Invalid::V1);
    let source: A = next()?.parse().map_err(|_| Invalid::V1)?;
    let _: A = next()?.parse().map_err(|_| Invalid::V1)?;
    let port: u16 = next()?.parse().map_err(|_| Invalid::V1)?;
    let _: u16 = next()?.parse().map_err(|_| Invalid::V1)?;
    if words.next().is_some() {
        return Err(Invalid::V1);
    }
    Ok(SocketAddr::new(source.into(), port))
}

fn parse_v2(bytes: &[u8]) -> Result<Parsed, Invalid> {
    let Some((head, rest)) = bytes.split_first_chunk::<16>() else {
        return Ok(Parsed::Incomplete);
    };
    let (version, command) = (head[12] >> 4, head[12] & 0xF);
    if version != 2 || command > 1 {
        return Err(Invalid::V2);
    }
    let rest_length = usize::from(u16::from_be_bytes([head[14], head[15]]));
    let length = 16 + rest_length;
    if length > HEADER_BYTES_MAX {
        return Err(Invalid::TooLong);
    }
    let Some(body) = rest.get(..rest_length) else {
        return Ok(Parsed::Incomplete);
    };
    let is_proxied = command == 1;
    // What follows the addresses are TLVs, which say nothing that is needed here.
    let source = match head[13] {
        0x11 | 0x12 => {
            let addresses = body.first_chunk::<12>().ok_or(Invalid::V2)?;
            let [a, b, c, d, ..] = *addresses;
            let port = u16::from_be_bytes([addresses[8], addresses[9]]);
            Some(SocketAddr::new(Ipv4Addr::new(a, b, c, d).into(), port))
        }
        0x21 | 0x22 => {
            let addresses = body.first_chunk::<36>().ok_or(Invalid::V2)?;
            let mut octets = [0; 16];
            octets.copy_from_slice(&addresses[..16]);
            let port = u16::from_be_bytes([addresses[32], addresses[33]]);
            Some(SocketAddr::new(Ipv6Addr::from(octets).into(), port))
        }
        // No address, or Unix sockets.
        0x00 | 0x31 | 0x32 => None,
        // A receiver of LOCAL ignores the protocol block altogether.
        _ if !is_proxied => None,
        _ => return Err(Invalid::V2),
    };
    Ok(Parsed::Header {
        length,
        source: source.filter(|_| is_proxied),
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn header(length: usize, source: Option<&str>) -> Parsed {
        Parsed::Header {
            length,
            source: source.map(|address| address.parse().unwrap()),
        }
    }

    fn v2(command: u8, family: u8, body: &[u8]) -> Vec<u8> {
        let mut bytes = V2_BEGIN.to_vec();
        bytes.extend([0x20 | command, family]);
        bytes.extend((body.len() as u16).to_be_bytes());
        bytes.extend(body);
        bytes
    }

    const IPV4: [u8; 12] = [10, 0, 0, 1, 10, 0, 0, 2, 0x30, 0x39, 0x07, 0x5B];

    #[test]
    fn version_1_names_the_client() {
        let line = b"PROXY TCP4 10.0.0.1 10.0.0.2 12345 1883\r\n";
        assert_eq!(parse(line), Ok(header(line.len(), Some("10.0.0.1:12345"))));
        let six = b"PROXY TCP6 fe80::1 ::1 5 1883\r\n\x10\x0C";
        assert_eq!(parse(six), Ok(header(six.len() - 2, Some("[fe80::1]:5"))));
        assert_eq!(parse(b"PROXY UNKNOWN\r\n"), Ok(header(15, None)));
        let more = b"PROXY UNKNOWN ffff::1 ffff::2 65535 65535\r\n";
        assert_eq!(parse(more), Ok(header(more.len(), None)));
    }

    #[test]
    fn every_beginning_of_a_header_is_incomplete() {
        let with_tlv = v2(1, 0x11, &[&IPV4[..], &[4, 0, 1, 0]].concat());
        for whole in [
            b"PROXY TCP4 10.0.0.1 10.0.0.2 12345 1883\r\n".to_vec(),
            with_tlv,
        ] {
            for end in 0..whole.len() {
                assert_eq!(parse(&whole[..end]), Ok(Parsed::Incomplete), "{end}");
            }
            assert!(matches!(parse(&whole), Ok(Parsed::Header { .. })));
        }
    }

    #[test]
    fn version_2_names_the_client_and_its_tlvs_are_skipped() {
        let bytes = v2(1, 0x11, &IPV4);
        assert_eq!(parse(&bytes), Ok(header(28, Some("10.0.0.1:12345"))));
        let with_tlv = v2(1, 0x11, &[&IPV4[..], &[4, 0, 2, 7, 7]].concat());
        assert_eq!(parse(&with_tlv), Ok(header(33, Some("10.0.0.1:12345"))));
        let mut six = [0; 36];
        six[15] = 1;
        six[33] = 9;
        assert_eq!(parse(&v2(1, 0x21, &six)), Ok(header(52, Some("[::1]:9"))));
    }

    #[test]
    fn version_2_may_leave_the_client_unnamed() {
        assert_eq!(parse(&v2(0, 0, &[])), Ok(header(16, None)));
        assert_eq!(parse(&v2(0, 0x11, &IPV4)), Ok(header(28, None)));
        assert_eq!(parse(&v2(0, 0x77, &[1, 2])), Ok(header(18, None)));
        assert_eq!(parse(&v2(1, 0, &[])), Ok(header(16, None)));
        assert_eq!(parse(&v2(1, 0x31, &[0; 216])), Ok(header(232, None)));
    }

    #[test]
    fn what_is_no_header_is_refused_at_once() {
        assert_eq!(parse(&[0x10, 0x0C]), Err(Invalid::NoHeader));
        assert_eq!(parse(b"GET / HTTP/1.1\r\n"), Err(Invalid::NoHeader));
        for wrong in [
            "PROXY TCP4 10.0.0.1 10.0.0.2 12345\r\n",
            "PROXY TCP4 10.0.0.1 10.0.0.2 12345 1883 5\r\n",
            "PROXY TCP4 ::1 ::1 12345 1883\r\n",
            "PROXY TCP4 10.0.0.1 10.0.0.2 70000 1883\r\n",
            "PROXY UDP4 10.0.0.1 10.0.0.2 5 1883\r\n",
            "PROXY UNKNOWN\n",
        ] {
            assert_eq!(parse(wrong.as_bytes()), Err(Invalid::V1), "{wrong}");
        }
        let endless = [b"PROXY ".to_vec(), vec![b'1'; 101]].concat();
        assert_eq!(parse(&endless), Err(Invalid::V1));
        assert_eq!(parse(&v2(2, 0, &[])), Err(Invalid::V2));
        assert_eq!(parse(&v2(1, 0x11, &[0; 11])), Err(Invalid::V2));
        assert_eq!(parse(&v2(1, 0x41, &[0; 11])), Err(Invalid::V2));
        assert_eq!(parse(&v2(1, 0x11, &[0; 4_097])), Err(Invalid::TooLong));
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic_and_a_header_lies_within_them(
            begin in prop::sample::select(vec![&b""[..], V1_BEGIN, V2_BEGIN]),
            rest in prop::collection::vec(any::<u8>(), 0..300),
        ) {
            let bytes = [begin, &rest].concat();
            if let Ok(Parsed::Header { length, .. }) = parse(&bytes) {
                prop_assert!(length <= bytes.len() && length <= HEADER_BYTES_MAX);
            }
        }
    }
}
