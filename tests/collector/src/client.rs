//! As much of HTTP as it takes to reach a collector on the same machine; others bring half a minute of
//! compilation.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::pin::Pin;

use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};

/// Posts each request on a connection of its own. It blocks, on the thread of the exporter.
#[derive(Debug)]
pub(crate) struct Client;

impl HttpClient for Client {
    fn send_bytes<'s, 'f>(
        &'s self,
        request: Request<Bytes>,
    ) -> Pin<Box<dyn Future<Output = Result<Response<Bytes>, HttpError>> + Send + 'f>>
    where
        's: 'f,
        Self: 'f,
    {
        Box::pin(async move { Ok(post(&request)?) })
    }
}

fn post(request: &Request<Bytes>) -> io::Result<Response<Bytes>> {
    let uri = request.uri();
    let authority = uri.authority().map_or("", |authority| authority.as_str());
    let mut connection = TcpStream::connect(authority)?;
    write!(
        connection,
        "POST {} HTTP/1.1\r\nHost: {authority}\r\nConnection: close\r\nContent-Length: {}\r\n",
        uri.path(),
        request.body().len()
    )?;
    for (name, value) in request.headers() {
        write!(
            connection,
            "{name}: {}\r\n",
            value.to_str().map_err(io::Error::other)?
        )?;
    }
    connection.write_all(b"\r\n")?;
    connection.write_all(request.body())?;
    let mut answer = String::new();
    connection.read_to_string(&mut answer)?;
    let status = answer
        .split(' ')
        .nth(1)
        .and_then(|status| status.parse().ok());
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = status.ok_or_else(|| io::Error::other("the answer is none"))?;
    Ok(response)
}
