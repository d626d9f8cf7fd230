//! The name of this host, and the node name made of it.

use crate::membership::NodeName;

/// Longest node name, bytes; host names may be longer.
const NODE_NAME_BYTES_MAX: usize = 64;

/// The name of this host; `localhost` when it has none.
pub fn host_name() -> String {
    let uname = rustix::system::uname();
    match uname.nodename().to_str() {
        Ok(name) if !name.is_empty() => name.to_owned(),
        _ => "localhost".to_owned(),
    }
}

/// The host name with every character replaced that a node name cannot have.
pub(super) fn default_node_name() -> NodeName {
    sanitised(&host_name())
}

fn sanitised(host_name: &str) -> NodeName {
    let text: String = host_name
        .chars()
        .map(|char| match char {
            'A'..='Z' | 'a'..='z' | '0'..='9' | '.' | '_' | '-' => char,
            _ => '-',
        })
        .take(NODE_NAME_BYTES_MAX)
        .collect();
    let text = if text.is_empty() { "emqxd" } else { &text };
    // Not empty, not too long, and only made of allowed characters: just above.
    #[allow(clippy::expect_used)]
    NodeName::new(text).expect("a sanitised host name is a node name")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_usual_host_name_stays_as_it_is() {
        assert_eq!(
            sanitised("broker-1.example.org").as_str(),
            "broker-1.example.org"
        );
        assert_eq!(sanitised("bröker 1").as_str(), "br-ker-1");
        assert_eq!(sanitised("").as_str(), "emqxd");
        assert!(!host_name().is_empty());
    }

    proptest! {
        #[test]
        fn every_host_name_gives_a_node_name(text in any::<String>()) {
            prop_assert!(sanitised(&text).as_str().len() <= NODE_NAME_BYTES_MAX);
        }
    }
}
