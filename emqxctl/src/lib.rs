//! emqxctl: the operator's terminal tool for emqxd clusters.
