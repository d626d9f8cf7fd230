//! Where a device connects next, and when. Pure.

use std::ops::Range;
use std::time::Duration;

/// A device waits that long before it tries again, chosen at random so that many do not come at once.
const RETRY_DELAY_MS: Range<u64> = 10..100;
/// However often it failed, it does not wait longer.
const RETRY_DELAY_MAX: Duration = Duration::from_secs(2);

/// The addresses that a device knows, and the one it uses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    addresses: Vec<String>,
    position: usize,
    /// Given by the Server and not among the known ones.
    redirected: Option<String>,
    failures: u32,
}

impl Route {
    /// Begins with the first address. `addresses` must not be empty.
    pub fn new(addresses: Vec<String>) -> Self {
        assert!(!addresses.is_empty(), "a device needs an address");
        Self {
            addresses,
            position: 0,
            redirected: None,
            failures: 0,
        }
    }

    /// Where to connect now.
    pub fn address(&self) -> &str {
        self.redirected
            .as_deref()
            .unwrap_or(&self.addresses[self.position])
    }

    /// Takes the next address of the list.
    pub fn advance(&mut self) {
        self.redirected = None;
        self.position = (self.position + 1) % self.addresses.len();
    }

    /// A connection that had been accepted has ended. A Server Reference is followed at once; otherwise
    /// the next address is tried after a short random wait. `random` is any number.
    pub fn closed(&mut self, server_reference: Option<&str>, random: u64) -> Duration {
        self.failures = 0;
        match server_reference.and_then(first_server) {
            Some(server) => {
                self.redirect(server);
                Duration::ZERO
            }
            None => {
                self.advance();
                jitter(random)
            }
        }
    }

    /// A CONNECT was refused or nobody answered: the next address, after a wait that doubles each time
    /// the whole list has failed.
    pub fn failed(&mut self, random: u64) -> Duration {
        self.advance();
        let rounds = self.failures / self.addresses.len() as u32;
        self.failures = self.failures.saturating_add(1);
        (jitter(random) * (1 << rounds.min(8))).min(RETRY_DELAY_MAX)
    }

    /// A CONNECT was accepted.
    pub fn accepted(&mut self) {
        self.failures = 0;
    }

    fn redirect(&mut self, server: String) {
        match self.addresses.iter().position(|known| *known == server) {
            Some(position) => {
                self.position = position;
                self.redirected = None;
            }
            None => self.redirected = Some(server),
        }
    }
}

fn jitter(random: u64) -> Duration {
    let span = RETRY_DELAY_MS.end - RETRY_DELAY_MS.start;
    Duration::from_millis(RETRY_DELAY_MS.start + random % span)
}

/// The first of the space separated `host[:port]` of a Server Reference [MQTT-4.13]; the port is 1883
/// when it is left out.
fn first_server(reference: &str) -> Option<String> {
    let first = reference.split_whitespace().next()?;
    let has_port = match first.rsplit_once(':') {
        Some((host, port)) => !host.is_empty() && !port.ends_with(']') && is_port(port),
        None => false,
    };
    Some(if has_port {
        first.to_owned()
    } else {
        format!("{first}:1883")
    })
}

fn is_port(text: &str) -> bool {
    text.parse::<u16>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn route() -> Route {
        Route::new(["a:1", "b:2", "c:3"].map(str::to_owned).to_vec())
    }

    #[test]
    fn a_server_reference_is_followed_at_once() {
        let mut route = route();
        assert_eq!(route.closed(Some("c:3"), 7), Duration::ZERO);
        assert_eq!(route.address(), "c:3");
        route.advance();
        assert_eq!(route.address(), "a:1");
    }

    #[test]
    fn an_unknown_server_is_followed_and_left_when_it_fails() {
        let mut route = route();
        route.closed(Some("x:9 y:9"), 0);
        assert_eq!(route.address(), "x:9");
        route.failed(0);
        assert_eq!(route.address(), "b:2");
    }

    #[test]
    fn a_plain_close_leads_to_the_next_address() {
        let mut route = route();
        let delays: Vec<Duration> = (0..200).map(|random| route.closed(None, random)).collect();
        assert!(
            delays
                .iter()
                .all(|delay| (10..100).contains(&delay.as_millis()))
        );
        assert_eq!(route.address(), "c:3");
    }

    #[test]
    fn waits_grow_and_stay_bounded_until_a_connect_is_accepted() {
        let mut route = route();
        let delays: Vec<Duration> = (0..60).map(|_| route.failed(0)).collect();
        assert_eq!(delays[..4], [10, 10, 10, 20].map(Duration::from_millis));
        assert!(delays.is_sorted());
        assert_eq!(delays[59], RETRY_DELAY_MAX);
        route.accepted();
        assert_eq!(route.failed(0), Duration::from_millis(10));
    }

    #[test]
    fn a_server_without_a_port_gets_the_usual_one() {
        assert_eq!(first_server("host").as_deref(), Some("host:1883"));
        assert_eq!(first_server("[::1]").as_deref(), Some("[::1]:1883"));
        assert_eq!(first_server("[::1]:5").as_deref(), Some("[::1]:5"));
        assert_eq!(first_server("  "), None);
    }
}
