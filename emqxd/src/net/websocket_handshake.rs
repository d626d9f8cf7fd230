//! The HTTP request that opens a WebSocket, and its answer (RFC 6455, 4.2). The decision is pure ([`answer`]).

use std::fmt;
use std::io::{self, Read as _, Write as _};

use bytes::{Bytes, BytesMut};
use tokio::io::Interest;
use tungstenite::handshake::derive_accept_key;

use super::transport::Channel;

/// Largest request that is read, bytes.
pub const REQUEST_BYTES_MAX: usize = 8 << 10;

/// Most header fields of a request.
const FIELDS_MAX: usize = 64;

/// What a request comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// It is not whole yet.
    Incomplete,
    /// It is accepted.
    Upgrade {
        /// Bytes of the request; what follows are frames.
        length: usize,
        /// To be sent.
        response: String,
    },
    /// It is refused.
    Refuse(Refusal),
}

/// A request that opens no WebSocket for MQTT.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refusal {
    /// With its phrase.
    status: &'static str,
    /// A further field of the response, with its line end.
    field: &'static str,
    /// What is wrong.
    why: &'static str,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.status, self.why)
    }
}

impl Refusal {
    const fn new(status: &'static str, why: &'static str) -> Self {
        Self {
            status,
            field: "",
            why,
        }
    }

    /// To be sent.
    fn response(&self) -> String {
        let Self { status, field, why } = self;
        format!(
            "HTTP/1.1 {status}\r\nConnection: close\r\nContent-Type: text/plain; charset=utf-8\r\n{field}\
             Content-Length: {}\r\n\r\n{why}\n",
            why.len() + 1
        )
    }
}

/// Why there is no WebSocket.
#[derive(Debug, thiserror::Error)]
pub enum HandshakeError {
    /// The client was told.
    #[error("answered by {0}")]
    Refused(Refusal),
    /// The stream below failed.
    #[error("{0}")]
    Io(#[from] io::Error),
}

/// Decides over the first bytes of a connection, for a WebSocket at `path`.
pub fn answer(bytes: &[u8], path: &str) -> Answer {
    let mut fields = [httparse::EMPTY_HEADER; FIELDS_MAX];
    let mut request = httparse::Request::new(&mut fields);
    let length = match request.parse(bytes) {
        Ok(httparse::Status::Complete(length)) if length <= REQUEST_BYTES_MAX => length,
        Ok(httparse::Status::Partial) if bytes.len() < REQUEST_BYTES_MAX => {
            return Answer::Incomplete;
        }
        Ok(_) | Err(httparse::Error::TooManyHeaders) => {
            return Answer::Refuse(Refusal::new(
                "431 Request Header Fields Too Large",
                "the request is too large",
            ));
        }
        Err(_) => {
            return Answer::Refuse(Refusal::new("400 Bad Request", "this is no HTTP request"));
        }
    };
    match accept(&request, path) {
        Ok(response) => Answer::Upgrade { length, response },
        Err(refusal) => Answer::Refuse(refusal),
    }
}

fn accept(request: &httparse::Request<'_, '_>, path: &str) -> Result<String, Refusal> {
    if request.version != Some(1) {
        return Err(Refusal::new(
            "505 HTTP Version Not Supported",
            "WebSocket needs HTTP/1.1",
        ));
    }
    if request.method != Some("GET") {
        return Err(Refusal {
            field: "Allow: GET\r\n",
            ..Refusal::new("405 Method Not Allowed", "a WebSocket is opened by GET")
        });
    }
    let asked = request.path.unwrap_or_default();
    if asked.split(['?', '#']).next() != Some(path) {
        return Err(Refusal::new("404 Not Found", "MQTT is not at this path"));
    }
    if !has_word(request, "upgrade", "websocket") || !has_word(request, "connection", "upgrade") {
        return Err(Refusal {
            field: "Upgrade: websocket\r\n",
            ..Refusal::new("426 Upgrade Required", "here is MQTT over WebSocket only")
        });
    }
    if !has_word(request, "sec-websocket-version", "13") {
        return Err(Refusal {
            field: "Sec-WebSocket-Version: 13\r\n",
            ..Refusal::new("426 Upgrade Required", "the WebSocket version is not 13")
        });
    }
    let mut keys = values(request, "sec-websocket-key");
    let key = match (keys.next(), keys.next()) {
        (Some(key), None) if is_key(key) => key,
        _ => {
            return Err(Refusal::new(
                "400 Bad Request",
                "Sec-WebSocket-Key is missing or malformed",
            ));
        }
    };
    // [MQTT-6.0.0-4]; the second is how some clients of 3.1 call it.
    let Some(protocol) = ["mqtt", "mqttv3.1"]
        .into_iter()
        .find(|name| has_exact_word(request, "sec-websocket-protocol", name))
    else {
        return Err(Refusal::new(
            "400 Bad Request",
            "Sec-WebSocket-Protocol does not offer mqtt",
        ));
    };
    Ok(format!(
        "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Accept: {}\r\nSec-WebSocket-Protocol: {protocol}\r\n\r\n",
        derive_accept_key(key.as_bytes())
    ))
}

/// Sixteen bytes in base64.
fn is_key(key: &str) -> bool {
    let is_digit = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/');
    key.len() == 24 && key.ends_with("==") && key.as_bytes()[..22].iter().all(is_digit)
}

fn values<'a>(
    request: &'a httparse::Request<'_, '_>,
    name: &'a str,
) -> impl Iterator<Item = &'a str> {
    request
        .headers
        .iter()
        .filter(move |field| field.name.eq_ignore_ascii_case(name))
        .filter_map(|field| std::str::from_utf8(field.value).ok())
        .map(str::trim)
}

fn words<'a>(
    request: &'a httparse::Request<'_, '_>,
    name: &'a str,
) -> impl Iterator<Item = &'a str> {
    values(request, name)
        .flat_map(|value| value.split(','))
        .map(str::trim)
}

fn has_word(request: &httparse::Request<'_, '_>, name: &str, word: &str) -> bool {
    words(request, name).any(|found| found.eq_ignore_ascii_case(word))
}

fn has_exact_word(request: &httparse::Request<'_, '_>, name: &str, word: &str) -> bool {
    words(request, name).any(|found| found == word)
}

/// Reads the request and answers it; however long the client takes. Returns what came behind the request.
///
/// # Errors
/// When it was refused, or the stream failed.
pub async fn accept_upgrade(channel: &mut Channel, path: &str) -> Result<Bytes, HandshakeError> {
    let mut request = BytesMut::new();
    let mut chunk = [0; 2_048];
    loop {
        channel.ready(Interest::READABLE).await?;
        match channel.read(&mut chunk) {
            Ok(0) => return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into()),
            Ok(count) => request.extend_from_slice(&chunk[..count]),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => continue,
            Err(error) => return Err(error.into()),
        }
        match answer(&request, path) {
            Answer::Incomplete => {}
            Answer::Upgrade { length, response } => {
                send(channel, response.as_bytes()).await?;
                return Ok(request.split_off(length).freeze());
            }
            Answer::Refuse(refusal) => {
                send(channel, refusal.response().as_bytes()).await?;
                return Err(HandshakeError::Refused(refusal));
            }
        }
    }
}

async fn send(channel: &mut Channel, bytes: &[u8]) -> io::Result<()> {
    let mut sent = 0;
    loop {
        let step = if sent < bytes.len() {
            channel.write(&bytes[sent..]).map(|count| sent += count)
        } else {
            match channel.flush() {
                Ok(()) => return Ok(()),
                blocked => blocked,
            }
        };
        match step {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                channel.ready(Interest::WRITABLE).await?;
            }
            step => step?,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const FIELDS: [(&str, &str); 5] = [
        ("Upgrade", "websocket"),
        ("Connection", "keep-alive, Upgrade"),
        ("Sec-WebSocket-Version", "13"),
        ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
        ("Sec-WebSocket-Protocol", "other, mqtt"),
    ];

    fn request(line: &str, fields: &[(&str, &str)]) -> String {
        let fields: String = fields
            .iter()
            .map(|(name, value)| format!("{name}: {value}\r\n"))
            .collect();
        format!("{line}\r\nHost: here\r\n{fields}\r\n")
    }

    fn refused(text: &str) -> String {
        match answer(text.as_bytes(), "/mqtt") {
            Answer::Refuse(refusal) => refusal.response(),
            other => panic!("{other:?}"),
        }
    }

    /// The request with one field changed; empty = left out.
    fn with(name: &str, value: &str) -> String {
        let fields: Vec<_> = FIELDS
            .iter()
            .map(|field| {
                if field.0 == name {
                    (name, value)
                } else {
                    *field
                }
            })
            .filter(|(_, value)| !value.is_empty())
            .collect();
        request("GET /mqtt HTTP/1.1", &fields)
    }

    #[test]
    fn the_answer_selects_the_sub_protocol_and_proves_the_key() {
        let text = request("GET /mqtt?token=1 HTTP/1.1", &FIELDS);
        let Answer::Upgrade { length, response } = answer(text.as_bytes(), "/mqtt") else {
            panic!()
        };
        assert_eq!(length, text.len());
        assert!(response.starts_with("HTTP/1.1 101 "));
        for line in [
            "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n",
            "Sec-WebSocket-Protocol: mqtt\r\n",
        ] {
            assert!(response.contains(line), "{response}");
        }
        let old = with("Sec-WebSocket-Protocol", "mqttv3.1");
        let Answer::Upgrade { response, .. } = answer(old.as_bytes(), "/mqtt") else {
            panic!()
        };
        assert!(response.contains("Sec-WebSocket-Protocol: mqttv3.1\r\n"));
    }

    #[test]
    fn every_beginning_of_a_request_is_incomplete() {
        let text = request("GET /mqtt HTTP/1.1", &FIELDS);
        for end in 0..text.len() {
            assert_eq!(answer(&text.as_bytes()[..end], "/mqtt"), Answer::Incomplete);
        }
    }

    #[test]
    fn each_refusal_says_what_is_wrong() {
        for (text, status) in [
            (request("GET /other HTTP/1.1", &FIELDS), "404 "),
            (request("POST /mqtt HTTP/1.1", &FIELDS), "405 "),
            (request("GET /mqtt HTTP/1.0", &FIELDS), "505 "),
            (request("GET /mqtt HTTP/1.1", &[]), "426 "),
            (with("Upgrade", ""), "426 "),
            (with("Sec-WebSocket-Version", "8"), "426 "),
            (with("Sec-WebSocket-Key", ""), "400 "),
            (with("Sec-WebSocket-Key", "short"), "400 "),
            (with("Sec-WebSocket-Protocol", ""), "400 "),
            (with("Sec-WebSocket-Protocol", "MQTT, amqp"), "400 "),
            ("\x10\x0C\0\x04MQTT".to_owned(), "400 "),
        ] {
            let response = refused(&text);
            assert!(
                response.starts_with(&format!("HTTP/1.1 {status}")),
                "{text}: {response}"
            );
            assert!(response.contains("Connection: close\r\n"), "{response}");
        }
    }

    #[test]
    fn a_request_is_bounded_in_bytes_and_fields() {
        let endless = format!("GET /{}", "a".repeat(REQUEST_BYTES_MAX));
        assert!(refused(&endless).starts_with("HTTP/1.1 431 "));
        let many = vec![("A", "b"); FIELDS_MAX + 1];
        assert!(refused(&request("GET /mqtt HTTP/1.1", &many)).starts_with("HTTP/1.1 431 "));
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200), key in ".{0,30}") {
            let _ = answer(&bytes, "/mqtt");
            let _ = answer(with("Sec-WebSocket-Key", &key).as_bytes(), "/mqtt");
        }
    }
}
