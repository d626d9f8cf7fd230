//! Every connection is an open file, and the usual limit is too low for thousands.

use anyhow::ensure;
use rustix::process::{Resource, getrlimit, setrlimit};

/// Files that are open besides the clients' connections: libraries, listeners, logs, links between nodes.
const OTHER_FILES: u64 = 128;

/// Raises this process's limit, and so that of the processes it starts, as far as it may. Fails when that
/// is too low for so many clients.
pub fn allow(clients: u64) -> anyhow::Result<()> {
    let mut limit = getrlimit(Resource::Nofile);
    if limit.current != limit.maximum {
        limit.current = limit.maximum;
        setrlimit(Resource::Nofile, limit)?;
    }
    let needed = clients + OTHER_FILES;
    ensure!(
        limit.maximum.is_none_or(|most| most >= needed),
        "{clients} clients need {needed} open files, but only {} are allowed; \
         raise the limit (ulimit -Hn) or ask for fewer clients",
        limit.maximum.unwrap_or_default()
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn too_many_clients_are_refused_with_what_would_work() {
        assert!(allow(1).is_ok());
        if getrlimit(Resource::Nofile).maximum.is_some() {
            let error = allow(u64::MAX - OTHER_FILES).unwrap_err().to_string();
            assert!(error.contains("fewer clients"), "{error}");
        }
    }
}
