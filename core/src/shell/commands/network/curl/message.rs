//! HTTP messages as curl composes and shows them.

use super::VERSION;
use super::options::Options;
use super::url::Url;
use crate::net::{HttpRequest, HttpResponse};

/// The request with curl's own headers and those of `-H`.
pub fn request(options: &Options, url: &Url, method: &str, data: Option<&str>) -> HttpRequest {
    let mut headers = vec![
        ("Host".to_owned(), url.host_header()),
        ("User-Agent".to_owned(), options.user_agent.clone().unwrap_or_else(|| format!("curl/{VERSION}"))),
        ("Accept".to_owned(), "*/*".to_owned()),
    ];
    if let Some(data) = data {
        headers.push(("Content-Length".to_owned(), data.len().to_string()));
        headers.push(("Content-Type".to_owned(), "application/x-www-form-urlencoded".to_owned()));
    }
    for line in &options.headers {
        let (name, value) = line.split_once(':').unwrap_or((line.trim_end_matches(';'), ""));
        let place = headers.iter().position(|(present, _)| present.eq_ignore_ascii_case(name));
        match (place, value.trim()) {
            // `-H 'Accept:'` takes a header out.
            (Some(at), "") => drop(headers.remove(at)),
            (None, "") if !line.ends_with(';') => {}
            (Some(at), value) => headers[at].1 = value.to_owned(),
            (None, value) => headers.push((name.to_owned(), value.to_owned())),
        }
    }
    let host = headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("host")).map(|(_, value)| value.clone());
    HttpRequest {
        method: method.to_owned(),
        path: url.path.clone(),
        host: host.unwrap_or_default(),
        headers,
        body: data.unwrap_or_default().to_owned(),
    }
}

/// Where a redirect leads.
pub fn redirect(response: &HttpResponse) -> Option<String> {
    matches!(response.status, 301 | 302 | 303 | 307 | 308).then(|| header(response, "location").map(str::to_owned)).flatten()
}

/// The value of a response's header, whatever its case.
pub fn header<'a>(response: &'a HttpResponse, name: &str) -> Option<&'a str> {
    response.headers.iter().find(|(present, _)| present.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
}

/// The head of a request as it goes over the wire.
pub fn request_text(request: &HttpRequest) -> String {
    let headers: String = request.headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    format!("{} {} HTTP/1.1\r\n{headers}\r\n", request.method, request.path)
}

/// The head of a response as it came over the wire.
pub fn header_text(response: &HttpResponse) -> String {
    let headers: String = response.headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let version = if header(response, "server").is_some_and(|server| server.starts_with("SimpleHTTP")) { "1.0" } else { "1.1" };
    format!("HTTP/{version} {} {}\r\n{headers}\r\n", response.status, response.reason)
}
