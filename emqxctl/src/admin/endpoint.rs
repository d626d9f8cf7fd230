//! Where a node's admin service listens.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use tonic::transport::Channel;

/// Port of the admin service when none is named.
pub const DEFAULT_PORT: u16 = 7883;

/// An endpoint that answers nothing for this long is as good as gone: the stream's HTTP/2 ping is
/// sent every interval and must come back within another one.
const KEEP_ALIVE: Duration = Duration::from_secs(5);

/// A `HOST:PORT`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Endpoint {
    host: String,
    port: u16,
}

impl Endpoint {
    /// Reads a list such as `n1:7883,n2`.
    ///
    /// # Errors
    /// A sentence that names the part that is no endpoint.
    pub fn parse_list(text: &str) -> Result<Vec<Self>, String> {
        let list: Vec<Self> = text
            .split([',', ' '])
            .filter(|part| !part.is_empty())
            .map(str::parse)
            .collect::<Result<_, _>>()?;
        if list.is_empty() {
            return Err(
                "no endpoint is given; write HOST:PORT, several with commas between".to_owned(),
            );
        }
        Ok(list)
    }

    /// Opens a connection.
    ///
    /// # Errors
    /// Why it could not be opened, in a few words.
    pub(super) async fn connect(&self, timeout: Duration) -> Result<Channel, String> {
        let endpoint = tonic::transport::Endpoint::from_shared(format!("http://{self}"))
            .map_err(|error| error.to_string())?
            .connect_timeout(timeout)
            .tcp_nodelay(true)
            .http2_keep_alive_interval(KEEP_ALIVE)
            .keep_alive_timeout(KEEP_ALIVE)
            .keep_alive_while_idle(true)
            .user_agent(concat!("emqxctl/", env!("CARGO_PKG_VERSION")))
            .map_err(|error| error.to_string())?;
        match tokio::time::timeout(timeout, endpoint.connect()).await {
            Ok(Ok(channel)) => Ok(channel),
            Ok(Err(error)) => Err(innermost(&error)),
            Err(_) => Err(format!(
                "no answer within {}",
                crate::output::human::duration(timeout)
            )),
        }
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            write!(f, "[{}]:{}", self.host, self.port)
        } else {
            write!(f, "{}:{}", self.host, self.port)
        }
    }
}

impl FromStr for Endpoint {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bad = || format!("`{text}` is no endpoint; write HOST:PORT, such as 127.0.0.1:7883");
        let (host, port) = if let Some(rest) = text.strip_prefix('[') {
            let (host, after) = rest.split_once(']').ok_or_else(bad)?;
            (host, after.strip_prefix(':'))
        } else {
            match text.split_once(':') {
                Some((host, port)) => (host, Some(port)),
                None => (text, None),
            }
        };
        let allowed = |c: char| c.is_ascii_alphanumeric() || ".-_:%".contains(c);
        if host.is_empty() || !host.chars().all(allowed) {
            return Err(bad());
        }
        let port = match port {
            None => DEFAULT_PORT,
            Some(port) => port
                .parse()
                .ok()
                .filter(|port| *port != 0)
                .ok_or_else(bad)?,
        };
        Ok(Self {
            host: host.to_owned(),
            port,
        })
    }
}

/// The last link of the chain says what is really in the way, such as "Connection refused".
fn innermost(error: &dyn std::error::Error) -> String {
    let mut error = error;
    while let Some(source) = error.source() {
        error = source;
    }
    let text = error.to_string();
    match text.find(" (os error") {
        Some(end) => text[..end].to_owned(),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_hosts_ports_and_lists() {
        let list = Endpoint::parse_list("n1,n2:7000, [::1]:9 [::1]").unwrap();
        let texts: Vec<String> = list.iter().map(ToString::to_string).collect();
        assert_eq!(texts, ["n1:7883", "n2:7000", "[::1]:9", "[::1]:7883"]);
    }

    #[test]
    fn names_what_is_wrong() {
        for text in [
            "n1:",
            "n1:0",
            "n1:70000",
            ":7883",
            "http://n1:1",
            "[::1",
            "a b:x",
        ] {
            let error = Endpoint::parse_list(text).unwrap_err();
            assert!(error.contains("HOST:PORT"), "{text}: {error}");
        }
        assert!(
            Endpoint::parse_list(" , ")
                .unwrap_err()
                .contains("no endpoint")
        );
    }
}
