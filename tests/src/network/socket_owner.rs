//! Which node has a socket, as the system tells it. There is no other way to know who has dialled: all nodes have the same
//! address, and their ports are of the moment.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;

/// Of a socket.
#[derive(Debug, Clone, Copy)]
pub(super) enum Protocol {
    Tcp,
    Udp,
}

/// The index of the node, 0 for `n1`, with that socket of its own; `None` when it is none of those with data below `dir`.
pub(super) fn node(protocol: Protocol, local: SocketAddr, dir: &Path) -> Option<usize> {
    let table = match protocol {
        Protocol::Tcp => "/proc/net/tcp",
        Protocol::Udp => "/proc/net/udp",
    };
    let table = fs::read_to_string(table).ok()?;
    let inode = inode(&table, local)?;
    let wanted = format!("socket:[{inode}]");
    for process in fs::read_dir("/proc").ok()?.flatten() {
        let path = process.path();
        let Ok(command) = fs::read(path.join("cmdline")) else {
            continue;
        };
        let Some(node) = node_of(&command, dir) else {
            continue;
        };
        let Ok(files) = fs::read_dir(path.join("fd")) else {
            continue;
        };
        let mut targets = files
            .flatten()
            .filter_map(|file| fs::read_link(file.path()).ok());
        if targets.any(|target| *target == *wanted) {
            return Some(node);
        }
    }
    None
}

/// Of the line `N: LOCAL REMOTE STATE … INODE …` with this local address.
fn inode(table: &str, local: SocketAddr) -> Option<&str> {
    table.lines().skip(1).find_map(|line| {
        let mut fields = line.split_whitespace();
        let is_it = address(fields.nth(1)?)? == local;
        let inode = fields.nth(7)?;
        (is_it && inode != "0").then_some(inode)
    })
}

/// `0100007F:1112` is 127.0.0.1:4370.
fn address(text: &str) -> Option<SocketAddr> {
    let (ip, port) = text.split_once(':')?;
    let ip = Ipv4Addr::from(u32::from_str_radix(ip, 16).ok()?.to_le_bytes());
    Some((ip, u16::from_str_radix(port, 16).ok()?).into())
}

fn node_of(command: &[u8], dir: &Path) -> Option<usize> {
    let command = String::from_utf8_lossy(command);
    let mut arguments = command.split('\0');
    arguments.find(|argument| *argument == "--data-dir")?;
    let data_dir = Path::new(arguments.next()?);
    let name = data_dir.strip_prefix(dir).ok()?.to_str()?;
    let number: usize = name.strip_prefix('n')?.parse().ok()?;
    number.checked_sub(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1112 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4711 1 0000000000000000 100 0 0 10 0
   1: 0100007F:A001 0100007F:1112 06 00000000:00000000 00:00000000 00000000     0        0 0 1 0000000000000000 100 0 0 10 0
";

    #[test]
    fn the_table_of_the_system_is_read() {
        let at = |port| SocketAddr::from(([127, 0, 0, 1], port));
        assert_eq!(inode(TABLE, at(4370)), Some("4711"));
        // Closed already.
        assert_eq!(inode(TABLE, at(0xA001)), None);
        assert_eq!(inode(TABLE, at(1)), None);
    }

    #[test]
    fn a_node_is_known_by_its_data() {
        let command = b"emqxd\0--node-name\0n3\0--data-dir\0/t/x/n3\0--mqtt\0a\0";
        assert_eq!(node_of(command, Path::new("/t/x")), Some(2));
        assert_eq!(node_of(command, Path::new("/t/y")), None);
        assert_eq!(node_of(b"emqxd\0--data-dir\0/t/x", Path::new("/t/x")), None);
    }
}
