//! Compiles the contracts with protox, so that no protoc has to be installed.

use std::error::Error;

const FILES: [&str; 11] = [
    "emqx/admin/v1/client.proto",
    "emqx/admin/v1/cluster.proto",
    "emqx/admin/v1/data.proto",
    "emqx/admin/v1/event.proto",
    "emqx/admin/v1/listener.proto",
    "emqx/admin/v1/node.proto",
    "emqx/admin/v1/operation.proto",
    "emqx/admin/v1/session.proto",
    "emqx/peer/v1/membership.proto",
    "emqx/peer/v1/route.proto",
    "emqx/peer/v1/session_transfer.proto",
];

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=emqx");
    let descriptors = protox::compile(FILES, ["."])?;
    tonic_prost_build::configure()
        .bytes(".emqx.peer.v1")
        .bytes(".emqx.admin.v1.SessionMessage")
        .bytes(".emqx.admin.v1.RetainedMessage")
        .compile_fds(descriptors)?;
    Ok(())
}
