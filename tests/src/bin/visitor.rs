//! Looks in at the abstract socket `visitor NAME`, and prints what it is greeted with.

#![forbid(unsafe_code)]

use std::io::Read;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixStream};

fn main() -> std::io::Result<()> {
    let name = std::env::args().nth(1).unwrap_or_default();
    let mut stream = UnixStream::connect_addr(&SocketAddr::from_abstract_name(name)?)?;
    let mut greeting = [0; 7];
    match stream.read_exact(&mut greeting) {
        Ok(()) => println!("greeted: {}", String::from_utf8_lossy(&greeting)),
        Err(error) => println!("refused: {:?}", error.kind()),
    }
    Ok(())
}
