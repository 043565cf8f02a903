//! Generates the stubs of the gRPC service and notes which compiler builds this.

use std::process::Command;

use tonic_build::manual::{Builder, Method, Service};

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let compiler = Command::new(std::env::var("RUSTC").expect("cargo sets it"))
        .arg("--version")
        .output()
        .expect("the compiler runs");
    let compiler = String::from_utf8_lossy(&compiler.stdout);
    println!("cargo::rustc-env=PEERS_RUSTC={}", compiler.trim());
    compile_service();
}

/// Writes what `tonic-build` would make of a `.proto` file; without one, no `protoc` is needed.
fn compile_service() {
    let method = |name: &str, route: &str, input: &str, output: &str| {
        Method::builder()
            .name(name)
            .route_name(route)
            .input_type(format!("crate::peer::tonic::{input}"))
            .output_type(format!("crate::peer::tonic::{output}"))
            .codec_path("tonic_prost::ProstCodec")
    };
    let service = Service::builder()
        .name("Bench")
        .package("peers")
        .method(method("echo", "Echo", "Number", "Number").build())
        .method(method("bytes", "Bytes", "Payload", "Number").build())
        .method(method("rows", "Rows", "Table", "Number").build())
        .method(
            method("numbers", "Numbers", "Number", "Number")
                .server_streaming()
                .build(),
        )
        .method(
            method("items", "Items", "Number", "Payload")
                .server_streaming()
                .build(),
        )
        .build();
    Builder::new().compile(&[service]);
}
