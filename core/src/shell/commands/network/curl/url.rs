//! URLs as curl reads them: without a scheme it guesses HTTP.

use crate::net::IpAddr;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Url {
    pub scheme: String,
    pub host: String,
    pub port: u16,
    /// With query, beginning with `/`.
    pub path: String,
}

/// curl's exit status and message.
pub type UrlError = (i32, String);

impl Url {
    pub fn parse(text: &str) -> Result<Self, UrlError> {
        let rejected = |why: &str| (3, format!("URL rejected: {why}"));
        let (scheme, rest) = text.split_once("://").unwrap_or(("http", text));
        let scheme = scheme.to_ascii_lowercase();
        if !matches!(scheme.as_str(), "http" | "https") {
            return Err((1, format!("Protocol \"{scheme}\" not supported")));
        }
        let without_fragment = rest.split('#').next().unwrap_or_default();
        let end = without_fragment.find(['/', '?']).unwrap_or(without_fragment.len());
        let (authority, path) = without_fragment.split_at(end);
        let authority = authority.rsplit('@').next().unwrap_or_default();
        let (host, port) = split_port(authority).ok_or_else(|| rejected("Bad IPv6 address"))?;
        if host.is_empty() {
            return Err(rejected("No host part in the URL"));
        }
        if host.contains(|character: char| character.is_whitespace() || "<>\"{}|\\^`".contains(character)) {
            return Err(rejected("Malformed input to a URL function"));
        }
        let default = if scheme == "https" { 443 } else { 80 };
        let port = match port {
            None | Some("") => default,
            Some(digits) => digits.parse().map_err(|_| rejected("Port number was not a decimal number between 0 and 65535"))?,
        };
        let path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
        Ok(Self { scheme, host: host.to_owned(), port, path })
    }

    /// The URL that a `Location` header means, seen from this one.
    pub fn join(&self, location: &str) -> Result<Self, UrlError> {
        if location.contains("://") {
            return Url::parse(location);
        }
        let path = if location.starts_with('/') {
            location.to_owned()
        } else {
            let directory = self.path.split('?').next().and_then(|path| path.rsplit_once('/')).map_or("", |(before, _)| before);
            format!("{directory}/{location}")
        };
        Ok(Self { path, ..self.clone() })
    }

    pub fn is_default_port(&self) -> bool {
        self.port == if self.scheme == "https" { 443 } else { 80 }
    }

    /// What the `Host` header says.
    pub fn host_header(&self) -> String {
        let host = self.bracketed();
        if self.is_default_port() { host } else { format!("{host}:{}", self.port) }
    }

    fn bracketed(&self) -> String {
        if self.host.parse::<IpAddr>().is_ok_and(|ip| ip.is_ipv6()) { format!("[{}]", self.host) } else { self.host.clone() }
    }
}

impl core::fmt::Display for Url {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{}://{}{}", self.scheme, self.host_header(), self.path)
    }
}

fn split_port(authority: &str) -> Option<(&str, Option<&str>)> {
    if let Some(rest) = authority.strip_prefix('[') {
        let (host, after) = rest.split_once(']')?;
        host.parse::<std::net::Ipv6Addr>().ok()?;
        return Some((host, after.strip_prefix(':')));
    }
    Some(authority.split_once(':').map_or((authority, None), |(host, port)| (host, Some(port))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_says_where_to_connect_and_what_to_ask() {
        let cases = [
            ("http://frontend", ("frontend", 80, "/", "frontend")),
            ("10.244.0.15:8080", ("10.244.0.15", 8080, "/", "10.244.0.15:8080")),
            ("http://web.shop:80/a?b=c#d", ("web.shop", 80, "/a?b=c", "web.shop")),
            ("http://[fd00::1]:8080", ("fd00::1", 8080, "/", "[fd00::1]:8080")),
            ("web?x", ("web", 80, "/?x", "web")),
        ];
        for (text, (host, port, path, header)) in cases {
            let url = Url::parse(text).expect("the table holds good URLs");
            assert_eq!((url.host.as_str(), url.port, url.path.as_str(), url.host_header().as_str()), (host, port, path, header));
        }
    }

    #[test]
    fn a_bad_url_has_curls_status() {
        // lib/url.c and lib/urlapi.c of curl 8.7.
        for (text, status) in [("http://", 3), ("ftp://x", 1), ("http://web:99999", 3), ("http://[zz]", 3), ("http://a b", 3)] {
            assert_eq!(Url::parse(text).map_err(|(status, _)| status), Err(status), "{text}");
        }
    }

    #[test]
    fn a_location_is_read_against_the_page_it_came_from() {
        let page = Url::parse("http://web:8080/a/b?c").expect("good URL");
        let to = |location| page.join(location).expect("good location").to_string();
        assert_eq!(to("/x"), "http://web:8080/x");
        assert_eq!(to("x"), "http://web:8080/a/x");
        assert_eq!(to("http://other/"), "http://other/");
    }
}
