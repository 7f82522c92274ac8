//! What servers inside containers answer: HTTP as nginx and the test images do. Input: the server, a request, and who asks whom.
//! The same request always gets the same answer, save for what it says of time. It knows no routes and no policies.

use crate::clock::{Calendar, Instant};
use crate::image::Server;
use crate::net::{HttpRequest, HttpResponse, SocketAddr};

/// What a server knows beside the request.
#[derive(Clone, Copy, Debug)]
pub struct Peer<'a> {
    /// The host name of the server's Pod.
    pub hostname: &'a str,
    /// Where the request seems to come from, after every rewrite on the way.
    pub client: SocketAddr,
    pub now: Instant,
}

/// The body that marks agnhost's `netexec`: its front page tells the time.
const NETEXEC: &str = "NOW: {now}";

/// The response of an HTTP server, or `None` when the listener does not speak HTTP.
pub fn respond(server: &Server, request: &HttpRequest, peer: &Peer<'_>) -> Option<HttpResponse> {
    let Server::Http { software, body } = server else { return None };
    let path = request.path.split('?').next().unwrap_or_default();
    let mut response = match software.as_str() {
        nginx if nginx.starts_with("nginx/") => self::nginx(nginx, body, request, path, peer),
        python if python.starts_with("SimpleHTTP") => self::python(python, path, peer),
        "" if body == NETEXEC => netexec(request, path, peer),
        software => plain(software, body, peer),
    };
    // Go writes it right after the date, nginx and Python after the type.
    let before = if software.is_empty() { "Date" } else { "Content-Type" };
    let place = response.headers.iter().position(|(name, _)| name.eq_ignore_ascii_case(before)).map_or(0, |at| at + 1);
    response.headers.insert(place, ("Content-Length".to_owned(), response.body.len().to_string()));
    if request.method == "HEAD" {
        response.body.clear();
    }
    Some(response)
}

fn response(status: u16, headers: &[(&str, String)], body: String) -> HttpResponse {
    let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
    HttpResponse { status, reason: reason(status).to_owned(), headers, body }
}

fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        400 => "Bad Request",
        404 => "Not Found",
        405 => "Not Allowed",
        500 => "Internal Server Error",
        503 => "Service Unavailable",
        _ => "",
    }
}

/// nginx serves one page; everything else is its own error page (`ngx_http_special_response.c`).
fn nginx(software: &str, page: &str, request: &HttpRequest, path: &str, peer: &Peer<'_>) -> HttpResponse {
    let is_page = matches!(path, "/" | "/index.html");
    let status = match request.method.as_str() {
        "GET" | "HEAD" if is_page => 200,
        "GET" | "HEAD" => 404,
        _ => 405,
    };
    let date = http_date(peer.now);
    let common = [("Server", software.to_owned()), ("Date", date), ("Content-Type", "text/html".to_owned())];
    if status == 200 {
        let mut found = response(status, &common, page.to_owned());
        // nginx 1.29.3, the catalogue's newest, was packaged then; the tag is the file's time and size in hexadecimal.
        let built = Instant::parse_rfc3339("2025-10-28T12:05:10Z").unwrap_or_default();
        let tag = format!("\"{:x}-{:x}\"", built.unix_seconds(), page.len());
        let more = [("Last-Modified", http_date(built)), ("Connection", "keep-alive".to_owned()), ("ETag", tag)];
        found.headers.extend(more.map(|(name, value)| (name.to_owned(), value)));
        found.headers.push(("Accept-Ranges".to_owned(), "bytes".to_owned()));
        return found;
    }
    let title = format!("{status} {}", reason(status));
    let body = format!(
        "<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n<center><h1>{title}</h1></center>\r\n<hr><center>{software}</center>\r\n</body>\r\n</html>\r\n"
    );
    let mut refused = response(status, &common, body);
    refused.headers.push(("Connection".to_owned(), "keep-alive".to_owned()));
    refused
}

/// `python -m http.server` in an empty directory.
fn python(software: &str, path: &str, peer: &Peer<'_>) -> HttpResponse {
    let common = [("Server", software.to_owned()), ("Date", http_date(peer.now))];
    let (status, title) = if path == "/" { (200, "Directory listing for /") } else { (404, "Error response") };
    let content = if status == 200 {
        "<hr>\n<ul>\n</ul>\n<hr>\n".to_owned()
    } else {
        "    <p>Error code: 404</p>\n    <p>Message: File not found.</p>\n    <p>Error code explanation: 404 - Nothing matches the given URI.</p>\n".to_owned()
    };
    let body = format!(
        "<!DOCTYPE HTML>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>{title}</title>\n</head>\n<body>\n<h1>{title}</h1>\n{content}</body>\n</html>\n"
    );
    let mut page = response(status, &common, body);
    if status == 404 {
        page.reason = "File not found".to_owned();
    }
    page.headers.push(("Content-type".to_owned(), "text/html; charset=utf-8".to_owned()));
    page
}

/// agnhost's `netexec` (kubernetes `test/images/agnhost/netexec/netexec.go`).
fn netexec(request: &HttpRequest, path: &str, peer: &Peer<'_>) -> HttpResponse {
    let query = request.path.split_once('?').map_or("", |(_, query)| query);
    let parameter = |name: &str| {
        query.split('&').find_map(|pair| pair.split_once('=').filter(|(key, _)| *key == name)).map(|(_, value)| value)
    };
    let body = match path {
        "/hostname" | "/hostName" => peer.hostname.to_owned(),
        "/clientip" => peer.client.to_string(),
        "/echo" => parameter("msg").unwrap_or_default().replace('+', " "),
        "/header" => parameter("key").and_then(|key| header(request, key)).unwrap_or_default().to_owned(),
        "/healthz" => return go(200, String::new(), peer),
        _ => format!("NOW: {}", go_time(peer.now)),
    };
    let status = parameter("code").filter(|_| path == "/echo").and_then(|code| code.parse().ok()).unwrap_or(200);
    go(status, body, peer)
}

fn header<'a>(request: &'a HttpRequest, name: &str) -> Option<&'a str> {
    request.headers.iter().find(|(present, _)| present.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
}

/// Go's `net/http` with its default headers.
fn go(status: u16, body: String, peer: &Peer<'_>) -> HttpResponse {
    let mut answer = response(status, &[("Date", http_date(peer.now))], body);
    if !answer.body.is_empty() {
        answer.headers.push(("Content-Type".to_owned(), "text/plain; charset=utf-8".to_owned()));
    }
    answer
}

fn plain(software: &str, body: &str, peer: &Peer<'_>) -> HttpResponse {
    let body = body.replace("{hostname}", peer.hostname).replace("{now}", &go_time(peer.now));
    let mut answer = go(200, body, peer);
    if !software.is_empty() {
        answer.headers.insert(0, ("Server".to_owned(), software.to_owned()));
    }
    answer
}

/// `Thu, 14 May 2026 10:00:00 GMT` (RFC 9110 §5.6.7).
fn http_date(at: Instant) -> String {
    let Calendar { weekday, day, month, year, time } = at.calendar();
    format!("{weekday}, {day:02} {month} {year} {time} GMT")
}

/// `2026-05-14 10:00:00.25 +0000 UTC`, as Go prints a time.
fn go_time(at: Instant) -> String {
    let text = at.to_string();
    let fraction = format!("{:06}", at.micros() % 1_000_000);
    let fraction = fraction.trim_end_matches('0');
    let dot = if fraction.is_empty() { "" } else { "." };
    format!("{} {}{dot}{fraction} +0000 UTC", text.get(..10).unwrap_or_default(), text.get(11..19).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(server: &Server, method: &str, path: &str) -> HttpResponse {
        let request = HttpRequest {
            method: method.to_owned(),
            path: path.to_owned(),
            host: "web".to_owned(),
            headers: Vec::new(),
            body: String::new(),
        };
        let now = Instant::parse_rfc3339("2026-05-14T10:00:00Z").expect("a good time");
        let peer = Peer { hostname: "web-0", client: SocketAddr::from(([10, 244, 1, 5], 41_522)), now };
        respond(server, &request, &peer).expect("an HTTP server")
    }

    fn http(software: &str, body: &str) -> Server {
        Server::Http { software: software.to_owned(), body: body.to_owned() }
    }

    #[test]
    fn nginx_serves_its_page_and_its_own_error_pages() {
        let nginx = http("nginx/1.29.0", "<h1>Welcome to nginx!</h1>\n");
        let page = ask(&nginx, "GET", "/");
        assert_eq!((page.status, page.headers[0].1.as_str()), (200, "nginx/1.29.0"));
        assert_eq!(page.headers[1].1, "Thu, 14 May 2026 10:00:00 GMT");
        let names: Vec<&str> = page.headers.iter().map(|(name, _)| name.as_str()).collect();
        // The order of a real nginx.
        let expected = "Server Date Content-Type Content-Length Last-Modified Connection ETag Accept-Ranges";
        assert_eq!(names.join(" "), expected);
        assert_eq!(page.headers[3].1, "27");
        // Recorded from nginx 1.29.3 images: `Last-Modified: Tue, 28 Oct 2025 12:05:10 GMT`, `ETag: "6900b176-267"` for 615 bytes.
        assert_eq!(
            (page.headers[4].1.as_str(), page.headers[6].1.as_str()),
            ("Tue, 28 Oct 2025 12:05:10 GMT", "\"6900b176-1b\"")
        );
        let missing = ask(&nginx, "GET", "/nothing");
        assert_eq!(missing.status, 404);
        assert!(missing.body.contains("<center><h1>404 Not Found</h1></center>"));
        assert_eq!(ask(&nginx, "POST", "/").status, 405);
        assert_eq!(ask(&nginx, "HEAD", "/").body, "");
    }

    #[test]
    fn netexec_says_who_and_from_where() {
        let netexec = http("", NETEXEC);
        let body = |path| ask(&netexec, "GET", path).body;
        assert_eq!(body("/hostname"), "web-0");
        assert_eq!(body("/clientip"), "10.244.1.5:41522");
        assert_eq!(body("/echo?msg=hello+there"), "hello there");
        assert_eq!(body("/"), "NOW: 2026-05-14 10:00:00 +0000 UTC");
        assert_eq!(ask(&netexec, "GET", "/echo?msg=x&code=503").status, 503);
    }

    #[test]
    fn a_silent_listener_speaks_no_http() {
        let now = Instant::default();
        let peer = Peer { hostname: "x", client: SocketAddr::from(([10, 0, 0, 1], 1)), now };
        let request = HttpRequest {
            method: "GET".to_owned(),
            path: "/".to_owned(),
            host: String::new(),
            headers: Vec::new(),
            body: String::new(),
        };
        assert_eq!(respond(&Server::Silent, &request, &peer), None);
    }
}
