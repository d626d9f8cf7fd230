//! A scripted node on a loopback port, for tests.
