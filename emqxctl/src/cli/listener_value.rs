//! Values of `emqxctl listeners …` as they are typed. What only the node can tell, it tells.

use crate::model::ServerCertificate;

/// The largest MQTT packet is a little smaller.
const PACKET_SIZE_MAX: u64 = 256 << 20;

/// Reads the name of a new listener.
///
/// # Errors
/// A sentence that says what would be accepted.
pub fn name(text: &str) -> Result<String, String> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    if (1..=64).contains(&text.len()) && text.bytes().all(allowed) {
        return Ok(text.to_owned());
    }
    Err("a name is 1 to 64 of the characters A-Z a-z 0-9 . _ -".to_owned())
}

/// Reads `HOST:PORT`, `[IPV6]:PORT` or `unix:PATH`.
///
/// # Errors
/// A sentence that says what would be accepted.
pub fn bind(text: &str) -> Result<String, String> {
    let valid = "an address is HOST:PORT, such as 0.0.0.0:1883 or [::]:1883, or unix:/PATH";
    if let Some(path) = text.strip_prefix("unix:") {
        return node_path(path).map(|_| text.to_owned());
    }
    let (host, port) = text.rsplit_once(':').ok_or(valid)?;
    let is_bracketed = host.starts_with('[') && host.ends_with(']');
    let is_host = !host.is_empty()
        && !host.contains(char::is_whitespace)
        && (is_bracketed || !host.contains([':', '[', ']', '/']));
    if !is_host || port.parse::<u16>().is_err() {
        return Err(valid.to_owned());
    }
    Ok(text.to_owned())
}

/// Reads the absolute path of a file on the node.
///
/// # Errors
/// A sentence that says why a relative path will not do.
pub fn node_path(text: &str) -> Result<String, String> {
    if text.is_empty() {
        return Err("it must not be empty".to_owned());
    }
    if !text.starts_with('/') {
        return Err(format!(
            "`{text}` is a relative path, and the file is one of the node, not of this machine; write \
             its whole path there, such as /etc/emqxd/{}",
            text.trim_start_matches("./")
        ));
    }
    Ok(text.to_owned())
}

/// Reads `NAME=CERT,KEY`.
///
/// # Errors
/// A sentence that says what would be accepted.
pub fn server_certificate(text: &str) -> Result<ServerCertificate, String> {
    let valid = "write HOSTNAME=CERTFILE,KEYFILE, such as \
                 mqtt.example.com=/etc/emqxd/mqtt.pem,/etc/emqxd/mqtt.key";
    let (name, files) = text.split_once('=').ok_or(valid)?;
    let (certfile, keyfile) = files.split_once(',').ok_or(valid)?;
    let host = name.strip_prefix("*.").unwrap_or(name);
    let allowed = |c: char| c.is_ascii_alphanumeric() || ".-_".contains(c);
    if host.is_empty() || !host.chars().all(allowed) {
        return Err(format!(
            "`{name}` is no host name (it may begin with `*.`); {valid}"
        ));
    }
    Ok(ServerCertificate {
        server_name: Some(name.to_owned()),
        certfile: node_path(certfile)?,
        keyfile: node_path(keyfile)?,
    })
}

/// Reads the path of a WebSocket handshake.
///
/// # Errors
/// A sentence that says what would be accepted.
pub fn web_socket_path(text: &str) -> Result<String, String> {
    let is_path = text.starts_with('/')
        && text.bytes().all(|byte| byte.is_ascii_graphic())
        && !text.contains(['?', '#']);
    if !is_path {
        return Err("a path begins with / and has no spaces, ? or #, such as /mqtt".to_owned());
    }
    Ok(text.to_owned())
}

/// Reads a limit, 0 for none.
///
/// # Errors
/// A sentence that says what would be accepted.
pub fn limit(text: &str) -> Result<u64, String> {
    text.parse()
        .map_err(|_| "a limit is a whole number, 0 for none but that of the node".to_owned())
}

/// Reads `1048576`, `64KiB`, `1MiB` or `0`.
///
/// # Errors
/// A sentence that says what would be accepted.
pub fn size(text: &str) -> Result<u32, String> {
    let units = [("KiB", 1 << 10), ("MiB", 1 << 20)];
    let (number, unit) = units
        .iter()
        .find_map(|(name, unit)| Some((text.strip_suffix(name)?, *unit)))
        .unwrap_or((text, 1));
    number
        .trim_end()
        .parse::<u64>()
        .ok()
        .and_then(|number| number.checked_mul(unit))
        .filter(|bytes| *bytes <= PACKET_SIZE_MAX)
        .and_then(|bytes| u32::try_from(bytes).ok())
        .ok_or_else(|| {
            "a size is 0 to 256MiB, such as 64KiB, 1MiB or 1048576 (a bare number is bytes)"
                .to_owned()
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_short_and_plain() {
        for text in ["a", "tls-8883", "A.b_c", &"x".repeat(64)] {
            assert_eq!(name(text).as_deref(), Ok(text));
        }
        for text in ["", "a b", "tls:default", "ä", &"x".repeat(65)] {
            assert!(name(text).unwrap_err().contains("1 to 64"), "{text}");
        }
    }

    #[test]
    fn addresses_have_a_host_and_a_port_or_a_path() {
        for text in [
            "0.0.0.0:1883",
            "[::]:8883",
            "localhost:0",
            "n1.example.com:65535",
            "unix:/run/emqxd.sock",
        ] {
            assert_eq!(bind(text).as_deref(), Ok(text));
        }
        for text in [
            "",
            "1883",
            ":1883",
            "n1",
            "n1:",
            "n1:65536",
            "::1:1883",
            "tcp://n1:1883",
            "a b:1",
        ] {
            assert!(bind(text).unwrap_err().contains("HOST:PORT"), "{text}");
        }
        for text in ["unix:emqxd.sock", "unix:"] {
            assert!(bind(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_relative_path_gets_a_hint() {
        assert_eq!(node_path("/etc/a.pem").as_deref(), Ok("/etc/a.pem"));
        let error = node_path("./certs/a.pem").unwrap_err();
        assert!(error.contains("relative"), "{error}");
        assert!(error.contains("/etc/emqxd/certs/a.pem"), "{error}");
    }

    #[test]
    fn server_certificates_have_three_parts() {
        let read = server_certificate("*.example.com=/a.pem,/a.key").unwrap();
        assert_eq!(read.server_name.as_deref(), Some("*.example.com"));
        assert_eq!(
            (read.certfile.as_str(), read.keyfile.as_str()),
            ("/a.pem", "/a.key")
        );
        for (text, word) in [
            ("/a.pem,/a.key", "HOSTNAME=CERTFILE,KEYFILE"),
            ("a.example=/a.pem", "HOSTNAME=CERTFILE,KEYFILE"),
            ("=/a.pem,/a.key", "no host name"),
            ("*.=/a.pem,/a.key", "no host name"),
            ("a b=/a.pem,/a.key", "no host name"),
            ("a.example=a.pem,/a.key", "relative"),
            ("a.example=/a.pem,a.key", "relative"),
            ("a.example=/a.pem,", "empty"),
        ] {
            let error = server_certificate(text).unwrap_err();
            assert!(error.contains(word), "{text}: {error}");
        }
    }

    #[test]
    fn paths_of_web_sockets() {
        assert_eq!(web_socket_path("/mqtt").as_deref(), Ok("/mqtt"));
        for text in ["", "mqtt", "/a b", "/a?b", "/a#b", "/ä"] {
            assert!(web_socket_path(text).is_err(), "{text}");
        }
    }

    #[test]
    fn limits_are_whole_numbers() {
        assert_eq!(limit("0"), Ok(0));
        assert_eq!(limit("20000"), Ok(20_000));
        for text in ["", "-1", "1.5", "many", "99999999999999999999"] {
            assert!(limit(text).unwrap_err().contains("whole number"), "{text}");
        }
    }

    #[test]
    fn sizes_with_and_without_a_unit() {
        for (text, bytes) in [
            ("0", 0),
            ("1048576", 1 << 20),
            ("64KiB", 64 << 10),
            ("1 MiB", 1 << 20),
            ("256MiB", 256 << 20),
        ] {
            assert_eq!(size(text), Ok(bytes), "{text}");
        }
        for text in [
            "",
            "-1",
            "1MB",
            "1.5MiB",
            "257MiB",
            "99999999999999999999MiB",
        ] {
            assert!(size(text).unwrap_err().contains("0 to 256MiB"), "{text}");
        }
    }
}
